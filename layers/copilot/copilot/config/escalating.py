"""Whom an Approval is told to that nobody answered, and when: what the configuration says of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from copilot.domain import ESCALATED_TO, Frozen
from copilot.text.nearness import there_are

MOST_LEVELS = 5
EscalateTo = Annotated[str, StringConstraints(pattern=f"^{ESCALATED_TO}$")]


class Level(Frozen):
    """Those who are told at the same time."""

    after: Annotated[int, Field(ge=1, le=24 * 60)] = Field(
        description="minutes without a decision: since the approval was asked for, or since the level before was due"
    )
    to: Annotated[tuple[EscalateTo, ...], Field(min_length=1, max_length=3)] = Field(
        description="some of `destinations`, as mail:NAME, sns:NAME, webhook:NAME, pagerduty:NAME or opsgenie:NAME"
    )


def due_after(levels: Sequence[Level]) -> list[int]:
    """For each the minutes since the approval was asked for."""
    return [sum(one.after for one in levels[: place + 1]) for place in range(len(levels))]


def escalation_faults(
    levels: Sequence[Level], there: Collection[str], approval_minutes: int
) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """What is wrong with them in a configuration with these destinations: the place of each, and what."""
    named = set[str]()
    for index, (level, minutes) in enumerate(zip(levels, due_after(levels), strict=True)):
        if minutes >= approval_minutes:
            said = (
                f"this level would be told {minutes} minutes after an approval was asked for, and that ends after "
                f"{approval_minutes} (`approval_minutes`): nobody would ever be told"
            )
            yield ("escalate_to", index, "after"), said
        for place, to in enumerate(level.to):
            if to not in there:
                yield ("escalate_to", index, "to", place), f"{to} is none of `destinations`{there_are(to, [*there])}"
            elif to in named:
                said = f"{to} is told at an earlier level, and once: whom it tells again, and when, is its own affair"
                yield ("escalate_to", index, "to", place), said
            named.add(to)
