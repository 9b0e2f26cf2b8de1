"""What was asked for in a Conversation and what came of it, as code sums it up: whole for some, in numbers for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer

from copilot.domain.classes import PRIVATE, About, Kind, OutputClass
from copilot.domain.frozen import Frozen
from copilot.domain.outcomes import Outcome

MOST_BYTES = 16_000
"""Of a Past, as JSON; a fifth of that as it is kept."""
MOST_TALLIES, MOST_FIRST, LATEST = 20, 3, 10
"""Of the kinds of requests that are counted apart, of the first that are kept for good, of the last that are kept
whatever they were.
"""
MOST_THINGS = 6
WORTH = 3
"""How many looks are missed as little as one change."""


class PastRequest(Frozen):
    """One that was answered, `at` that time. `did` is what was called for it, `things` the names of some that it was
    done to or shown, `done` and `undone` how many of a change's calls came out well and not. `said` are words of who
    asked, by id in `by`, and `told` some of the answer's. Nothing that neither the copilot nor its asker wrote is in
    it: where such text chose a thing, or stands in the answer, it is left out. `shows` and `kind` are what that answer
    tells of.
    """

    at: datetime
    by: str
    outcome: Outcome = "succeeded"
    did: str = ""
    things: tuple[str, ...] = ()
    changed: bool = False
    done: int = 0
    undone: int = 0
    said: str = ""
    told: str = ""
    shows: OutputClass = PRIVATE[0]
    kind: Kind | None = None

    @model_serializer(mode="wrap")
    def _short(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Many of them are kept in one row."""
        fields = type(self).model_fields
        return {name: value for name, value in handler(self).items() if value not in (fields[name].default, [])}

    @property
    def tells(self) -> About:
        """What is told by it: that something is or was done, or what the answer told too."""
        return About(shows=self.shows if self.told else PRIVATE[0], kind=self.kind)

    @property
    def is_bad(self) -> bool:
        return self.outcome not in {"succeeded", "asked", "not_understood"}

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
        """With one more, and no more than MOST_BYTES in all."""
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
        while sum(sizes) > room and len(sizes) > 1:
            place = past._least_missed()
            sizes.pop(place)
            past = past._counting(place)
            room = MOST_BYTES - len(past.model_copy(update={"last": ()}).model_dump_json())
        return past

    def _least_missed(self) -> int:
        """The oldest that was asked again since, of the same and with the same end; else the oldest of those of which
        there are most of the kind: what only looked counts for more of them than what changed something or did not come
        out well.
        """
        since = set[tuple[object, ...]]()
        again = list[int]()
        for place, one in enumerate(self.last):
            same = (one.by, one.did, one.outcome, one.things or one.said)
            again += [place] if same in since and place >= LATEST else []
            since.add(same)
        if again:
            return again[-1]
        older = self.last[LATEST:] or self.last[-1:]
        many = Counter((one.did, one.outcome) for one in older)

        def common(place: int) -> tuple[float, int]:
            one = older[place]
            return many[one.did, one.outcome] / (WORTH if one.changed or one.is_bad else 1), place

        return len(self.last) - len(older) + max(range(len(older)), key=common)

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

    def since_then(self, at: datetime) -> Past:
        """Without what was asked before; of what was asked before and after as well only how often stays."""
        past = self._only(lambda one: (one.at if isinstance(one, PastRequest) else one.last) >= at)
        tallies = tuple(each if each.first >= at else each.model_copy(update={"things": ()}) for each in past.tallies)
        return past.model_copy(update={"tallies": tallies})

    def without(self, person: str) -> Past:
        """Without what a person, by id, asked for; how many of all that were theirs is not known of the `others`."""
        return self._only(lambda one: one.by != person)

    def _only(self, stays: Callable[[PastRequest | Repeated], bool]) -> Past:
        first, last = (tuple(one for one in some if stays(one)) for some in (self.first, self.last))
        tallies = tuple(each for each in self.tallies if stays(each))
        times = sum(each.times for each in tallies)
        others = self.others if last or tallies else 0
        since = min((*(one.at for one in last), *(each.first for each in tallies)), default=None)
        return Past(
            requests=len(last) + times + others,
            since=self.since if others else since,
            first=first,
            last=last,
            tallies=tallies,
            others=others,
        )

    def seen_by(self, person: str) -> Past:
        """For a person by id."""
        first, last = (tuple(one.seen_by(person) for one in some) for some in (self.first, self.last))
        tallies = tuple(one.seen_by(person) for one in self.tallies)
        return self.model_copy(update={"first": first, "last": last, "tallies": tallies})


def _few(things: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(things))[:MOST_THINGS]
