"""Reactions: events that start a request or a runbook. What is kept of each: which causes are open, what was begun,
counted and held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from copilot.domain.frozen import Frozen
from copilot.domain.occurrences import EventKind, Occurrence
from copilot.domain.runbooks import MOST_NAME, NAME

ReactionName = Annotated[str, StringConstraints(pattern=NAME, max_length=MOST_NAME)]
HOUR = timedelta(hours=1)
LEFT, GIVEN_UP = timedelta(minutes=3), timedelta(minutes=30)
"""So long whoever counted a cause has to begin it, before its event comes again; and so long that goes on."""
FEW, CROWD = 3, timedelta(minutes=15)
"""So many causes of one reaction that come within that time are runs of their own; where more come, one run stands for
all of them. For how long the same cause is one run says nothing of others.
"""
MOST_OPEN, MOST_COUNTED, MOST_NAMED, MOST_PLACES, MOST_RECENT = 40, 1000, 10, 20, 1000


class Open(Frozen):
    """A cause within its window: a run stands for it, or what was said in place of one. `first` is the event it began
    with, `begun` whether what that is to start was started. `run_id` is "" where none was.
    """

    cause: str
    first: str
    kind: EventKind
    title: str
    account: str
    region: str
    since: datetime
    until: datetime
    count: int = 1
    begun: bool = False
    over: bool = False
    run_id: str = ""
    said: str = ""

    def key(self, reaction: str) -> str:
        """The dedupe key of what it begins, and of what is told in place of that."""
        return f"reaction/{reaction}/{self.cause}/{self.first}"

    def is_left(self, now: datetime, within: timedelta) -> bool:
        """Whether it was counted, and is still to be begun."""
        return not self.begun and not self.over and now - self.since < within


class Gathered(Frozen):
    """Causes that came in a crowd, shortly after each other: the run of `first` stands for all of them."""

    first: str
    since: datetime
    until: datetime
    events: int = 0
    causes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    places: dict[str, int] = {}

    def with_more(self, some: Iterable[Occurrence]) -> Gathered:
        causes, places, events = list(self.causes), dict(self.places), self.events
        names = dict.fromkeys(self.names)
        for one in some:
            names |= {} if len(names) >= MOST_NAMED else {one.title: None}
            events += 1
            short = one.cause[:8]
            if short not in causes and len(causes) < MOST_COUNTED:
                causes.append(short)
            place = f"{one.account}/{one.region}"
            place = place if place in places or len(places) < MOST_PLACES else "elsewhere"
            places[place] = places.get(place, 0) + 1
        counted = {"events": events, "causes": tuple(causes), "names": tuple(names), "places": places}
        return self.model_copy(update=counted)


class Held(Frozen):
    """What came in quiet hours or while something was maintained, and is told when that ends."""

    since: datetime
    kind: EventKind
    events: int = 0
    names: tuple[str, ...] = ()
    why: str = ""


class Begin(NamedTuple):
    """What is to be begun: the cause, and how many more there are of it, or with it, by now."""

    open: Open
    gathered: Gathered | None = None


class Reacted(Frozen):
    """What is kept of one reaction. `hour` is when the hour began in which `runs` were begun; `over` counts events that
    came beyond the most of an hour and were not told yet, `recent` are the last events, by which one that is delivered
    twice is known.
    """

    name: ReactionName
    revision: int = 0
    open: tuple[Open, ...] = ()
    gathered: Gathered | None = None
    passed: Gathered | None = Field(default=None, description="a crowd whose window is over, to be told of")
    hour: datetime | None = None
    runs: int = 0
    over: int = 0
    over_since: datetime | None = None
    held: Held | None = None
    recent: tuple[str, ...] = ()
    events: int = 0
    last_at: datetime | None = None
    last: tuple[Open, ...] = Field(default=(), description="what was begun last, the newest first")

    def took(
        self, some: Sequence[Occurrence], window: timedelta, most: int, now: datetime
    ) -> tuple[Reacted, list[Begin]]:
        """With these counted, and what is to be begun of them. What was to be begun before, and was not since whoever
        counted it came no further, is so again where its event comes again.
        """
        known = {*self.recent, *(one.first for one in self.open)}
        new = [one for one in _once(some) if one.event not in known]
        again, causes = {one.event for one in some} & known, {one.cause for one in some}
        opened = {one.cause: one for one in self.open if one.until > now or one.is_left(now, GIVEN_UP)}
        gathered = self.gathered if self.gathered is not None and self.gathered.until > now else None
        fresh: dict[str, list[Occurrence]] = {}
        crowd: list[Occurrence] = []
        for one in new:
            if (found := opened.get(one.cause)) is not None:
                opened[one.cause] = found.model_copy(update={"count": found.count + 1})
            elif gathered is not None:
                crowd.append(one)
            else:
                fresh.setdefault(one.cause, []).append(one)
        hour, runs = (self.hour, self.runs) if self.hour and now - self.hour < HOUR else (now, 0)
        lately = sum(now - one.since < CROWD for one in opened.values())
        many = bool(fresh) and len(fresh) + lately > FEW
        to_open = list(fresh.values())[: 1 if many else FEW]
        over = 0
        for same in to_open:
            too_many = runs >= most
            # What is beyond the most of this hour is not kept from the next.
            until = min(now + window, hour + HOUR) if too_many else now + window
            opened[same[0].cause] = _opened(same, until, now, over=too_many)
            over += len(same) if too_many else 0
            runs += not too_many
        if many:
            rest = [one for same in list(fresh.values())[1:] for one in same]
            first = opened[to_open[0][0].cause]
            gathered = Gathered(first=first.cause, since=now, until=min(first.until, now + CROWD)).with_more(rest)
        elif gathered is not None:
            gathered = gathered.with_more(crowd)
            whole = opened.get(gathered.first)
            over += len(crowd) if whole is not None and whole.over else 0
        kept = tuple(opened.values())[-MOST_OPEN:]
        to_begin = [
            one
            for one in kept
            if not one.begun
            and not one.over
            and (one.first in again or one.cause in fresh or (one.cause in causes and now - one.since >= LEFT))
        ]
        state = self.model_copy(
            update={
                "open": kept,
                "gathered": gathered,
                "passed": self.crowd_over(now) or self.passed,
                "hour": hour,
                "runs": runs,
                "over": self.over + over,
                "over_since": (self.over_since or now) if self.over + over else None,
                "recent": (*self.recent, *(one.event for one in new))[-MOST_RECENT:],
                "events": self.events + len(new),
                "last_at": now if new else self.last_at,
                "revision": self.revision + 1,
            }
        )
        return state, [Begin(one, gathered if gathered and gathered.first == one.cause else None) for one in to_begin]

    def crowd_over(self, now: datetime) -> Gathered | None:
        """The crowd, once its window is over; None where none came with the first."""
        one = self.gathered
        return one if one is not None and one.until <= now and one.events else None

    def holding(self, some: Sequence[Occurrence], why: str, now: datetime) -> Reacted:
        """With these held back, for that reason."""
        new = [one for one in _once(some) if one.event not in self.recent]
        held = self.held or Held(since=now, kind=some[0].kind, why=why)
        names = dict.fromkeys((*held.names, *(one.title for one in new)))
        held = held.model_copy(
            update={"events": held.events + len(new), "names": tuple(names)[:MOST_NAMED], "why": why}
        )
        more = {"recent": (*self.recent, *(one.event for one in new))[-MOST_RECENT:], "events": self.events + len(new)}
        at = {"last_at": now if new else self.last_at, "revision": self.revision + 1}
        return self.model_copy(update={"held": held if held.events else None, **more, **at})

    def was_begun(self, cause: str, run_id: str, said: str = "") -> Reacted:
        """With what became of a cause: its run, or what was said in place of one."""
        done = {"begun": True, "run_id": run_id, "said": said}
        found = [one.model_copy(update=done) if one.cause == cause else one for one in self.open]
        now = [one for one in found if one.cause == cause]
        last = (*now, *(one for one in self.last if (one.cause, one.since) not in {(o.cause, o.since) for o in now}))
        return self.model_copy(update={"open": tuple(found), "last": last[:MOST_NAMED], "revision": self.revision + 1})

    def without_crowd(self, some: Iterable[Occurrence]) -> Reacted:
        """As if these of the crowd had not come: what was to stand for it came to no run."""
        opened = {one.cause for one in self.open}
        gone = {one.event for one in some if one.cause not in opened} & {*self.recent}
        recent = tuple(one for one in self.recent if one not in gone)
        counted = {"recent": recent, "events": self.events - len(gone), "revision": self.revision + 1}
        return self.model_copy(update={"gathered": None, **counted})

    def told_of(self, *, held: bool = False, over: bool = False, crowd: Gathered | None = None) -> Reacted:
        """Without what was told."""
        gone: dict[str, object] = {"held": None} if held else {}
        gone |= {"over": 0, "over_since": None} if over else {}
        gone |= {"passed": None} if crowd is not None and self.passed == crowd else {}
        gone |= {"gathered": None} if crowd is not None and self.gathered == crowd else {}
        return self.model_copy(update={**gone, "revision": self.revision + 1})

    def of_key(self, key: str) -> Begin | None:
        """The cause for which the run of this key stands, and the crowd, as far as they are still known; whether that
        it was begun is noted yet or not.
        """
        one = next((one for one in (*self.open, *self.last) if one.key(self.name) == key), None)
        if one is None:
            return None
        crowd = self.gathered if self.gathered and self.gathered.first == one.cause else None
        return Begin(one, crowd if crowd and crowd.since == one.since else None)


class KnownReaction(Frozen):
    """A reaction as it is configured, in words, with what is kept of it. `does` is a request, or the name of the
    runbook that it `runs`.
    """

    name: ReactionName
    answers: str
    does: str
    runs: bool
    person: str
    tells: str
    kept: Reacted
    account_names: dict[str, str]


def _once(some: Sequence[Occurrence]) -> list[Occurrence]:
    return list({one.event: one for one in some}.values())


def _opened(same: Sequence[Occurrence], until: datetime, now: datetime, *, over: bool) -> Open:
    one = same[0]
    return Open(
        cause=one.cause,
        first=one.event,
        kind=one.kind,
        title=one.title,
        account=one.account,
        region=one.region,
        since=now,
        until=until,
        count=len(same),
        over=over,
    )
