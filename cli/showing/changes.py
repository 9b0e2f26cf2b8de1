"""What changed in the cloud between two looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from cli.display.page import Page
from cli.showing.readback import Cloud, Difference, Seen, totals

UNITS = {"service": "tasks", "instance": "instances", "database": "databases"}


def show_changes(page: Page, before: Cloud, after: Cloud, changed: Sequence[Difference]) -> None:
    page.say()
    if not changed:
        page.say(f"Read back from AWS: all {len(after)} resources are as they were", "bold")
    else:
        page.say(f"Read back from AWS: {len(changed)} of {len(after)} resources changed", "bold")
    for heading, group in groupby(changed, key=_place):
        page.say(heading, indent=2)
        page.rows(map(_row, group), indent=4)
    was, now = totals(before), totals(after)
    on = ", ".join(f"{_amount(was[kind], now[kind])} {unit}" for kind, unit in UNITS.items())
    page.say(f"in all, what is on: {on}", indent=2)


def _place(difference: Difference) -> str:
    seen = difference.resource
    return f"{seen.environment}, in {seen.account} {seen.region}"


def _row(difference: Difference) -> tuple[str, str, str]:
    change = f"{_state(difference.before)} -> {_state(difference.after)}"
    return difference.resource.kind, difference.resource.name, change


def _state(seen: Seen | None) -> str:
    if seen is None:
        return "not there"
    return f"{seen.state} ({seen.limits})" if seen.limits else seen.state


def _amount(was: int, now: int) -> str:
    return str(now) if was == now else f"{was} -> {now}"
