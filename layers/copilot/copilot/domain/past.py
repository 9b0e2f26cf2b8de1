"""What was asked for in a Conversation and what came of it, as code sums it up: whole for some, in numbers for all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer

from copilot.domain.classes import NOT_KNOWN, PRIVATE, About
from copilot.domain.frozen import Frozen
from copilot.domain.outcomes import Outcome

MOST_BYTES = 10_000
"""Of a Past, as JSON."""
MOST_TALLIES, MOST_FIRST, LATEST = 20, 3, 10
"""Of the kinds of requests that are counted apart, of the first that are kept for good, of the last that are kept
whatever they were.
"""
MOST_THINGS = 6


class PastRequest(Frozen):
    """One that was answered. `did` is what was called for it, `things` the names of some that it was done to or shown,
    `done` and `undone` how many of a change's calls came out well and not. `said` are words of who asked, by id in
    `by`, and `told` some of the answer's. Nothing that neither the copilot nor its asker wrote is in it: where such
    text chose a thing, or stands in the answer, it is left out.
    """

    run_id: str
    at: datetime
    by: str
    outcome: Outcome
    did: str = ""
    things: tuple[str, ...] = ()
    changed: bool = False
    done: int = 0
    undone: int = 0
    said: str = ""
    told: str = ""
    about: About | None = None

    @model_serializer(mode="wrap")
    def _short(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Many of them are kept in one row."""
        return {name: value for name, value in handler(self).items() if value not in ("", None, 0, [], ())}

    @property
    def tells(self) -> About:
        """What is told by it: that something is or was done, or what the answer told too."""
        about = self.about or NOT_KNOWN
        return about if self.told else About(shows=PRIVATE[0], kind=about.kind)

    @property
    def matters(self) -> bool:
        """Whether it is to be remembered longer than what was only looked at."""
        return self.changed or self.outcome not in {"succeeded", "asked", "not_understood"}

    def seen_by(self, person: str) -> PastRequest:
        """What somebody else asked for is told in the words of code alone."""
        return self if self.by == person else self.model_copy(update={"said": "", "told": "", "things": ()})


class Repeated(Frozen):
    """How often the same came out the same for one person, and what for the last few times."""

    did: str
    outcome: Outcome
    by: str
    times: int
    first: datetime
    last: datetime
    things: tuple[str, ...] = ()

    def seen_by(self, person: str) -> Repeated:
        return self if self.by == person else self.model_copy(update={"things": ()})


class Past(Frozen):
    """Of `requests` requests since `since` the `first` that changed something, the last ones, the newest first, and in
    `tallies` all older ones in numbers; `others` are those of too many kinds to be counted apart.
    """

    requests: int = 0
    since: datetime | None = None
    first: tuple[PastRequest, ...] = ()
    last: tuple[PastRequest, ...] = ()
    tallies: tuple[Repeated, ...] = ()
    others: int = 0

    def after(self, one: PastRequest) -> Past:
        """With one more, and no more than MOST_BYTES in all: what only looked is counted sooner than what changed
        something or did not come out well.
        """
        begins = len(self.first) < MOST_FIRST and (one.changed or not self.requests)
        past = self.model_copy(
            update={
                "requests": self.requests + 1,
                "since": self.since or one.at,
                "first": (*self.first, one) if begins else self.first,
                "last": (one, *self.last),
            }
        )
        sizes = [len(each.model_dump_json()) + 1 for each in past.last]
        room = MOST_BYTES - len(past.model_copy(update={"last": ()}).model_dump_json())
        while sum(sizes) > room and len(past.last) > 1:
            place = next((n for n in reversed(range(LATEST, len(past.last))) if not past.last[n].matters), -1)
            sizes.pop(place)
            past = past._counting(place % len(past.last))
            room = MOST_BYTES - len(past.model_copy(update={"last": ()}).model_dump_json())
        return past

    def _counting(self, place: int) -> Past:
        one = self.last[place]
        tallies = {(each.did, each.outcome, each.by): each for each in self.tallies}
        key = (one.did, one.outcome, one.by)
        there = tallies.get(key)
        tallies[key] = Repeated(
            did=one.did,
            outcome=one.outcome,
            by=one.by,
            times=1 + (there.times if there else 0),
            first=min(one.at, there.first) if there else one.at,
            last=max(one.at, there.last) if there else one.at,
            things=_few([*one.things, *(there.things if there else ())]),
        )
        others = self.others
        if len(tallies) > MOST_TALLIES:
            rare = min((each for each in tallies if each != key), key=lambda each: (tallies[each].times, *each))
            others += tallies.pop(rare).times
        last = (*self.last[:place], *self.last[place + 1 :])
        return self.model_copy(update={"last": last, "tallies": tuple(tallies.values()), "others": others})

    def seen_by(self, person: str) -> Past:
        """For a person by id."""
        first, last = (tuple(one.seen_by(person) for one in some) for some in (self.first, self.last))
        tallies = tuple(one.seen_by(person) for one in self.tallies)
        return self.model_copy(update={"first": first, "last": last, "tallies": tallies})


def _few(things: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(things))[:MOST_THINGS]
