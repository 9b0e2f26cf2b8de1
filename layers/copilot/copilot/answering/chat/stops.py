"""What Schedules are about to stop, whose it is, and the message that tells them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from copilot.config.configuration import Configuration
from copilot.domain import (
    PRIVATE,
    About,
    Button,
    Buttons,
    ComingStop,
    Keep,
    KnownEnvironment,
    Part,
    Person,
    Schedule,
    Shown,
    Words,
    is_chosen,
    occasion_of,
)
from copilot.ports import Inventory, Schedules
from copilot.text.listing import listed
from copilot.text.outside import inert
from copilot.times.recurrence import next_times
from copilot.times.windows import moment

MOST_LINES = 10
KEPT = timedelta(hours=12)
"""How long what is not started again is kept past the time at which it would have been stopped."""


class Coming(NamedTuple):
    """An environment that is to be stopped, and by which Schedules; `starts` is when the first of them starts it again,
    None where none does.
    """

    environment: KnownEnvironment
    by: tuple[Schedule, ...]
    at: datetime
    starts: datetime | None

    @property
    def stop(self) -> ComingStop:
        return ComingStop(environment=self.environment.name, at=self.at, until=self.starts or self.at + KEPT)


@dataclass(frozen=True)
class ComingStops:
    """By what there is as the sweep saw it, and by Schedules and exceptions as they are now."""

    schedules: Schedules
    inventory: Inventory
    config: Configuration

    def __call__(self, at: datetime) -> list[Coming]:
        """What windows stop at that time. Raises RetryableError."""
        stopping = [one for one in self.schedules.schedules() if self._stops(one, at)]
        if not stopping:
            return []
        keeps = {keep.environment: keep for keep in self.schedules.keeps()}
        found = list[Coming]()
        for environment in self.inventory.known().environments:
            by = tuple(one for one in stopping if is_chosen(one, environment.name, environment.kind))
            if by and _is_to_be_stopped(environment, keeps.get(environment.name), at):
                found.append(Coming(environment, by, at, _starts(by, at)))
        return found

    def _stops(self, schedule: Schedule, at: datetime) -> bool:
        """Whether a firing of then is to stop anything: as Fire has it."""
        known = self.config.known(schedule.owner)
        if "stop" not in schedule.times or schedule.paused or known is None or not known.roles:
            return False
        return next_times(schedule.times["stop"], at - timedelta(seconds=1), 1) == [at]


def owned(coming: Sequence[Coming], config: Configuration) -> Iterator[tuple[Person, list[Coming]]]:
    """What is news to whom: what the tag says is theirs, and no Schedule of their own stops."""
    for known in config.people:
        names = {*config.owned_as(known.person)}
        theirs = [one for one in coming if names & {name.strip() for name in one.environment.owner.split(",")}]
        if news := [one for one in theirs if all(schedule.owner != known.id for schedule in one.by)]:
            yield known.person, news


def about(theirs: Sequence[Coming]) -> About:
    """What is told of it: that it is to be off."""
    return About.all_of(About(shows=PRIVATE[0], kind=one.environment.kind) for one in theirs)


def told(theirs: Sequence[Coming], config: Configuration, zone: str) -> Shown:
    """What is stopped, when, by whose Schedule and until when."""
    at = theirs[0].at
    brief = f"What is yours will be stopped at {_time(at, zone)}"
    lines = [_line(one, config, zone) for one in theirs[:MOST_LINES]]
    lines += [f"and {len(theirs) - MOST_LINES} more"] if len(theirs) > MOST_LINES else []
    until = max(one.stop.until for one in theirs)
    asks = f"For this once no schedule stops what is yours: it is kept, until {_time(until, zone)} at the latest."
    schedules = sorted({schedule.id for one in theirs for schedule in one.by})[:MOST_LINES]
    what = "it" if len(theirs) == 1 else "them"
    how = f"Keep spares {what} this once, until {_time(until, zone)} at the latest."
    more = f"More of the schedule{'' if len(schedules) == 1 else 's'}: devops-copilot schedules show"
    parts: list[Part] = [
        Words(text="\n".join([f"{brief}:", *lines])),
        Words(text=how, small=True),
        Words(text=f"{more} {listed(schedules)}", small=True),
        Buttons(buttons=(Button(action="keep", about=occasion_of(at), label="Keep", asks=asks),)),
    ]
    return Shown(brief=f"{brief}: {lines[0]}", parts=tuple(parts))


def kept(stops: Sequence[ComingStop], zone: str) -> Shown:
    """The same once it was kept."""
    names = [f"{inert(one.environment)} until {_time(one.until, zone)}" for one in stops[:MOST_LINES]]
    names += [f"{len(stops) - MOST_LINES} more"] if len(stops) > MOST_LINES else []
    text = f"Not stopped at {_time(stops[0].at, zone)}, for you kept {listed(names)}."
    return Shown(brief=text, parts=(Words(text=text),))


def _is_to_be_stopped(environment: KnownEnvironment, keep: Keep | None, at: datetime) -> bool:
    spared = environment.opted_out or (keep is not None and keep.until > at)
    is_off = environment.tallies is not None and not any(tally.up for tally in environment.tallies.values())
    return not spared and not is_off


def _starts(by: Sequence[Schedule], at: datetime) -> datetime | None:
    found = [time for one in by if "start" in one.times for time in next_times(one.times["start"], at, 1)]
    return min(found, key=datetime.timestamp, default=None)


def _line(one: Coming, config: Configuration, zone: str) -> str:
    known = {schedule.owner: config.known(schedule.owner) for schedule in one.by}
    whose = listed([inert(person.name if person else owner) for owner, person in known.items()])
    until = f"until {_time(one.starts, zone)}" if one.starts else "and not started again"
    return f"{inert(one.environment.name)}, by a schedule of {whose}, {until}"


def _time(at: datetime, zone: str) -> str:
    return moment(at.astimezone(ZoneInfo(zone)))
