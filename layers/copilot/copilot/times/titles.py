"""What a Schedule is called: what it is for and when, in words of ours."""

from __future__ import annotations

from copilot.domain import Chosen, Schedule, Times
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.times.windows import describe


def title(chosen: Chosen, times: Times) -> str:
    """`Stop all development environments every day at 18:00 UTC`."""
    return f"Stop {which(chosen)} {describe(times)}"


def called(schedule: Schedule) -> str:
    """What we would call it; `«list idle environments» every weekday at 18:00 UTC`, in the words of whoever asked."""
    if schedule.window:
        return title(schedule, schedule.times)
    return f"{quoted(schedule.request)} {describe(schedule.times)}"


def how_often(schedule: Schedule) -> str:
    """The same with what nobody should overlook first: `Every day at 18:00 UTC: stop all development environments`."""
    when = describe(schedule.times)
    done = f"stop {which(schedule)}" if schedule.window else quoted(schedule.request)
    return f"{when[:1].upper()}{when[1:]}: {done}"


def title_of(schedule: Schedule) -> str:
    """The title it is kept with; quoted, where that is not what we would call it."""
    return schedule.title if schedule.title == called(schedule) else quoted(schedule.title)


def which(chosen: Chosen) -> str:
    """`all development environments`, `orders-dev and uat`, `uat and all preview environments but pr-482`."""
    every = f"all {' and '.join(chosen.kinds)} environments" if chosen.kinds else ""
    named, but = listed(list(map(quoted, chosen.environments))), listed(list(map(quoted, chosen.but)))
    # What is left out is said last, so that nothing that is named seems to be left out.
    parts = (named, f"{every} but {but}") if but else (every, named)
    return " and ".join(part for part in parts if part)
