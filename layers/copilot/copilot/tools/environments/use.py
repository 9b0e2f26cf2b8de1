"""When a resource was last used, in words and as data. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from copilot.domain import Use

DAYS = 14
HOURS = DAYS * 24
CPU_BELOW = 5.0
"""Percent up to which nothing is going on, as for idle environments."""
JUST_NOW = timedelta(hours=2)
CONNECTIONS = "connections"
PERCENT = "%"


class Used(NamedTuple):
    """`ever`: whether it was used at all in these days, None where there are no figures. `connections`: the most it had
    in this hour and the last; None where it has none or there are no figures.
    """

    words: str
    ever: bool | None = None
    last: datetime | None = None
    connections: float | None = None


NOT_MEASURED = Used("")


def beginning(now: datetime) -> datetime:
    """The full hour from which on it is looked at: the last of these hours is not over."""
    return now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)


def used(uses: Sequence[Use], since: datetime, now: datetime) -> Used:
    """What is shown of it and told to other steps; the first of them that `shows_use` decides."""
    main = next((one for one in uses if one.shows_use), None)
    if main is None:
        return NOT_MEASURED
    connections = next((one.lately for one in uses if one.name == CONNECTIONS), None)
    if main.total is None:
        return Used(f"no figures for {DAYS} days", None, None, connections)
    others = [_counted(one, one.total) for one in uses if one is not main and one.total]
    return Used(", ".join([_words(main, since, now), *others]), main.last is not None, main.last, connections)


def _words(main: Use, since: datetime, now: datetime) -> str:
    whole = main.since is None or main.since <= since + JUST_NOW
    period = f"in {DAYS} days" if whole else f"since {_moment(main.since or since)}"
    if main.last is None:
        return (
            f"at most {main.total:.3g}{main.name} {period}"
            if main.name.startswith(PERCENT)
            else (f"no {main.name} {period}")
        )
    lately = now - main.last < JUST_NOW
    last = f"just now, in the hour from {_moment(main.last)}" if lately else _moment(main.last)
    if main.adds_up:
        return f"{_counted(main, main.total)} {period}, last {last}"
    if lately:
        return f"{_counted(main, main.lately)} lately, last used {last}"
    return f"last used {last}"


def _counted(use: Use, value: float | None) -> str:
    return f"{value:.3g}{use.name}" if use.name.startswith(PERCENT) else f"{value or 0:,.0f} {use.name}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
