"""Where an output goes that was asked for in a place where people talk. Pure."""

from __future__ import annotations

from typing import Literal

from copilot.domain import About, ChatPlace, Person
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


def _may(policy: Policy, person: Person, about: About, destination: Literal["direct", "channel", "shared"]) -> bool:
    return policy.may_show(person, about, destination).outcome == "allow"
