"""Other schedules that stop or start the same environments: which, when, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from copilot.domain import AGAIN_MINUTES, Chosen, Schedule, Survey, Times, is_chosen
from copilot.text.listing import listed
from copilot.text.outside import quoted, quoted_people
from copilot.times.windows import describe


class Overlap(NamedTuple):
    """Another schedule, and in words what both are for."""

    schedule: Schedule
    shared: str


def overlapping(chosen: Chosen, own: str, schedules: Iterable[Schedule], survey: Survey) -> list[Overlap]:
    """Whoever owns them and whenever they fire: schedules but `own` for what is chosen.

    What both are for may be environments that are there, or such as may come, of a kind or by a name.
    """
    ours = {one.name for one in survey.environments if is_chosen(chosen, one.name, one.kind)}
    found = []
    for other in schedules:
        theirs = {one.name for one in survey.environments if is_chosen(other, one.name, one.kind)}
        names = sorted(ours & theirs | {*chosen.environments} & {*other.environments})
        both = [kind for kind in chosen.kinds if kind in other.kinds]
        but = [quoted(name) for name in sorted({*chosen.but, *other.but} - {*names})]
        every = f"all {' and '.join(both)} environments{f' but {listed(but)}' if but else ''}"
        shared = every if both else listed([quoted(name) for name in names])
        if shared and other.id != own:
            found.append(Overlap(other, shared))
    return found


def overlap_words(times: Times, found: Sequence[Overlap]) -> list[str]:
    """A line for each, and one for what happens then; none where nothing overlaps."""
    if not found:
        return []
    lines = [
        f"{one.id} ({quoted_people(one.owner)}{', paused' if one.paused else ''}) stops {shared} {describe(one.times)}"
        for one, shared in found
    ]
    return [*lines, _then([times, *(one.times for one, _ in found)])]


def _then(several: Iterable[Times]) -> str:
    said = "Whichever comes first stops them, and each starts again only what it has stopped itself"
    if any("again" in times for times in several):
        said += f"; an enforced one stops within {AGAIN_MINUTES} minutes what another starts in its window"
    return said + "."
