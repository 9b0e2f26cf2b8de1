"""What a model is told of the requests before the last turns: how many there were, and which a request is about."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from copilot.domain import About, Past, PastRequest, Repeated
from copilot.domain.classes import PRIVATE
from copilot.language_model.retrieval import stems
from copilot.language_model.shares import LINE
from copilot.text.bounding import bounded_ends, bounded_text
from copilot.text.listing import count

MOST_LINES, MOST_OTHERS = 6, 3
"""Of requests that are told; of them such as the request has nothing to do with, the last."""
MOST_REPEATED = 2
"""Of what was asked again and again and is about it."""
MOST_NAMED = 4
"""Of the kinds of requests there were, in the line that counts them."""
_FIRST = frozenset(stems("first start started beginning begin began originally initially earliest oldest"))
_COUNTS = frozenset(stems("many often times count total number"))
_WRONG = frozenset(stems("fail failed failure failing wrong error problem reason denied refused happened"))
_COUNTED = About(shows=PRIVATE[0], kind=None)


class Line(NamedTuple):
    """`place` is its place in time; `one` is whether it tells of one request."""

    text: str
    place: int
    about: About
    one: bool = True


class Summary(NamedTuple):
    """Of so many requests; `lines` are what is told of them, what fits best first."""

    requests: int = 0
    lines: Sequence[Line] = ()

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]

    @property
    def abouts(self) -> list[About]:
        return [line.about for line in self.lines]


NOTHING_BEFORE = Summary()


def summary_for(
    past: Past,
    text: str,
    shown: Collection[datetime],
    now: datetime,
    zone: str,
    lately: Collection[datetime] = frozenset(),
) -> Summary:
    """For a request in these words; `shown` is when the turns were said that are told whole in any case, and `lately`
    when those were that may be told.
    """
    there = {one.at: one for one in (*past.first, *past.last) if one.at not in shown}
    entries = [one for _, one in sorted(there.items())]
    before = past.requests - sum(one.at in shown for one in past.last)
    if not entries or before <= 0:
        return NOTHING_BEFORE
    at = _Times(now, ZoneInfo(zone))
    fitting = _Fitting(text, [*map(_words, entries), *map(_words, past.tallies)])
    first = {one.at: place for place, one in enumerate(past.first)}
    scored = [(fitting.of(one, first.get(one.at)), place, one) for place, one in enumerate(entries)]
    best = sorted((one for one in scored if one[0] >= fitting.least), key=lambda one: (-one[0], -one[1]))[:MOST_LINES]
    told = [Line(at.told(one), place, one.tells) for _, place, one in best]
    often = sorted(((fitting.of_many(one), one) for one in past.tallies), key=lambda one: -one[0])
    counted = [
        Line(at.counted(one), -1, _COUNTED, one=False) for score, one in often[:MOST_REPEATED] if score >= fitting.least
    ]
    rest = [one for one in reversed(scored) if one not in best and one[2].at not in lately]
    others = rest[: min(MOST_OTHERS, MOST_LINES - len(best))]
    in_brief = [(place, one.model_copy(update={"told": ""})) for _, place, one in others]
    last = [Line(at.told(one), place, one.tells) for place, one in in_brief]
    head = Line(at.head(past, before), -2, _COUNTED, one=False)
    if fitting.asks_how_often:
        return Summary(before, [head, *counted, *told, *last])
    return Summary(before, [*told[:1], head, *told[1:], *counted, *last])


class _Fitting:
    """How well an entry fits a request: by the words that they share, the rarer the more."""

    def __init__(self, text: str, entries: Sequence[Collection[str]]) -> None:
        self._said, self._words = text.casefold(), set(stems(text))
        found = Counter(word for words in entries for word in set(words))
        self._weight = {word: math.log(1 + len(entries) / found[word]) for word in self._words if word in found}
        self._most = math.log(1 + len(entries))

    @property
    def least(self) -> float:
        """What an entry has to score: a word that half of them have is none that a request is about."""
        return max(self._most / 2, 0.1)

    @property
    def asks_how_often(self) -> bool:
        return bool(self._words & _COUNTS)

    def of(self, one: PastRequest, first: int | None) -> float:
        """`first` is its place among the first of all."""
        score = self._shared(_words(one)) + self._named(one.things)
        if first is not None and self._words & _FIRST:
            score += self._most * (3 - first / 10)
        if one.is_bad and self._words & _WRONG:
            score += self._most
        return score

    def of_many(self, one: Repeated) -> float:
        return self._shared(_words(one)) + self._named(one.things)

    def _shared(self, words: Collection[str]) -> float:
        return math.fsum(self._weight.get(word, 0.0) for word in self._words & {*words})

    def _named(self, things: Sequence[str]) -> float:
        return 2 * self._most * any(one.casefold() in self._said for one in things)


def _words(one: PastRequest | Repeated) -> set[str]:
    texts = [one.did, one.outcome.replace("_", " "), *one.things]
    return set(stems(" ".join([*texts, one.said, one.told] if isinstance(one, PastRequest) else texts)))


def _says(one: PastRequest) -> bool:
    """Whether its own words say already what was done, and to what."""
    return one.did.partition(" ")[0] in one.said and all(thing in one.said for thing in one.things)


class _Times(NamedTuple):
    """Lines of what was, in words of code, with its time as the asker has it."""

    now: datetime
    zone: ZoneInfo

    def head(self, past: Past, before: int) -> str:
        kinds = Counter[str]()
        for one in past.tallies:
            kinds[one.did] += one.times
        for each in past.last:
            kinds[each.did] += 1
        most = ", ".join(f"{did} ({times:,})" for did, times in kinds.most_common(MOST_NAMED) if did)
        since = f" since {self.day(past.since)}" if past.since else ""
        told = f"{count(before, 'earlier request')}{since}"
        return told + (f"; of all {past.requests:,} until now most were: {most}" if most else "")

    def told(self, one: PastRequest) -> str:
        return bounded_ends("; ".join(self._parts(one)), LINE)

    def _parts(self, one: PastRequest) -> Iterator[str]:
        yield self.at(one.at)
        if one.said:
            yield f"asked: {one.said}"
        if one.did and not _says(one):
            some = one.things[:MOST_NAMED]
            named = ", ".join([*some, "…"] if one.done > len(some) else some)
            yield f"{one.did}: {named}" if one.things else one.did
        counted = [f"{one.done} done"] * (one.done > len(one.things)) + [f"{one.undone} not done"] * (one.undone > 0)
        yield one.outcome.replace("_", " ") + (f" ({', '.join(counted)})" if counted else "")
        if one.told:
            yield f"told: {one.told}"

    def counted(self, one: Repeated) -> str:
        things = f", at last of {', '.join(one.things[:MOST_NAMED])}" if one.things else ""
        when = f"{self.day(one.first)} to {self.day(one.last)}"
        did = one.did or "no tool"
        return bounded_text(f"{when}: {did}, {one.outcome.replace('_', ' ')}: {count(one.times, 'time')}{things}", LINE)

    def at(self, at: datetime) -> str:
        return f"{self.day(at)} {at.astimezone(self.zone):%H:%M}"

    def day(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        year = "" if local.year == self.now.astimezone(self.zone).year else f" {local.year}"
        return f"{local.day} {local:%b}{year}"
