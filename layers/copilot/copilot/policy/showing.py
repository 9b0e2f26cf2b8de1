"""Where an output goes that was asked for in a place where people talk, or is sent to one. Pure."""

from __future__ import annotations

from typing import Literal, Protocol

from copilot.domain import TO_PERSON, About, ChatPlace, Destination, Person
from copilot.policy.decisions import Policy

Place = Literal["here", "privately", "ask_directly", "nowhere"]
"""In the place itself; to who asked alone, there or in a direct message; nothing but that they are to ask directly;
nothing, since they may not have it at all.
"""


def where_to(policy: Policy, person: Person, about: About, place: ChatPlace) -> Place:
    """`person` is who asked, with their roles as they are now. What a place holds that is shared, or has guests in it,
    is not even said to be there for one of those who read it.
    """
    if place.direct:
        return "here" if _may(policy, person, about, "direct") else "nowhere"
    if place.shared or place.guests:
        return "here" if _may(policy, person, about, "shared") else "ask_directly"
    if _may(policy, person, about, "channel"):
        return "here"
    return "privately" if _may(policy, person, about, "direct") else "nowhere"


class Knows(Protocol):
    """What the configuration says of people, and of whom they tell something."""

    def current(self, person: Person) -> Person:
        """With the roles they have now."""

    def may_hold(self, channel: str) -> Literal["channel", "named", "shared"]:
        """As what kind of place it counts."""


def may_be_told(policy: Policy, knows: Knows, asker: Person, channel: str, about: About) -> bool:
    """Whether what tells of this may be sent there: to a person alone, what they would be answered; into a channel,
    what who asks may have told in one that was named for it; outside the chat, what is configured of the destination.
    """
    if channel.startswith(TO_PERSON):
        id = channel.removeprefix(TO_PERSON)
        return _may(policy, knows.current(Person(id=id, name=id)), about, "direct")
    return _may(policy, knows.current(asker), about, knows.may_hold(channel))


def _may(policy: Policy, person: Person, about: About, destination: Destination) -> bool:
    return policy.may_show(person, about, destination).outcome == "allow"
