"""What a Schedule is called: what it is for and when, in words of ours."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.domain import Schedule, Window
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.times.windows import describe


def title(kinds: Sequence[str], environments: Sequence[str], window: Window) -> str:
    """`Stop all development environments every day at 18:00 UTC`."""
    return f"Stop {_what(kinds, environments)} {describe(window)}"


def how_often(schedule: Schedule) -> str:
    """The same with what nobody should overlook first: `Every day at 18:00 UTC: stop all development environments`."""
    when = describe(schedule.window)
    return f"{when[:1].upper()}{when[1:]}: stop {_what(schedule.kinds, schedule.environments)}"


def title_of(schedule: Schedule) -> str:
    """The title it is kept with; quoted, where that is not what we would call it."""
    ours = title(schedule.kinds, schedule.environments, schedule.window)
    return schedule.title if schedule.title == ours else quoted(schedule.title)


def _what(kinds: Sequence[str], environments: Sequence[str]) -> str:
    every = f"all {' and '.join(kinds)} environments" if kinds else ""
    return " and ".join(part for part in (every, listed(list(map(quoted, environments)))) if part)
