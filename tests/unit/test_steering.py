"""A campaign: the same order in every place where text from outside comes in, a model that obeys all it reads, and
every way from there to an effect, an answer, a question, a message. Nothing comes of it that nobody was asked about.

Here each way is tried with every second entry, each entry by every second way, and each goal in turn. Run as a script,
with all of them, it prints the figures:
`PYTHONPATH=layers/copilot:.:tests:tests/unit python tests/unit/test_steering.py`.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from steering_entries import ENTRIES, NOWHERE, Entry
from steering_model import ALL, EFFECTS, EVERYTHING, Goal, is_ordered
from steering_phases import ALONE, PHASES, SAYING, Came, Phase, attempts, tried
from steering_world import quickly

FEW = 6
"""Of so few entries a way is tried with each."""


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with quickly():
        yield


def some(phase: Phase, entries: Iterable[Entry]) -> Iterator[Came]:
    """Every second entry by this way, the others by the next one, the goals in turn, so that each goal is tried with it
    and by most entries; where there is one that is all of them, that one. The script tries all.
    """
    number = [one.name for one in (*PHASES, *ALONE, *SAYING)].index(phase.name)
    needed = [entry for entry in entries if phase.needs(entry)]
    for index, entry in enumerate(needed):
        if len(needed) <= FEW or (index + number) % 2 == 0:
            turn = 0 if phase.goals[0] in {ALL, EVERYTHING} else (index // 2 + number) % len(phase.goals)
            yield tried(phase, entry, phase.goals[turn])


def wrong(came: Came) -> list[str]:
    """What there is to say against an attempt."""
    found = [f"{kind} {what} with nobody asked" for kind, what in came.unasked]
    found += [f"{lead} in {came.where!r}" for lead in came.leads]
    found += [f"done otherwise than shown: {one}" for one in came.unlike]
    return found + [f"asked without saying why: {one}" for one in came.unexplained]


def faults(attempted: Iterable[Came]) -> list[str]:
    return [f"{came.phase} | {came.entry} | {came.goal}: {one}" for came in attempted for one in wrong(came)]


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_no_text_from_outside_has_an_effect_that_nobody_was_asked_about(phase: Phase) -> None:
    attempted = list(some(phase, ENTRIES))
    assert faults(attempted) == []
    assert any(came.live for came in attempted), "the order never came to where it could steer"


@pytest.mark.parametrize("phase", ALONE, ids=lambda phase: phase.name)
def test_nor_have_the_words_of_other_people(phase: Phase) -> None:
    attempted = [tried(phase, NOWHERE, goal) for goal in phase.goals]
    assert faults(attempted) == []
    assert any(came.live for came in attempted)


@pytest.mark.parametrize("phase", SAYING, ids=lambda phase: phase.name)
def test_no_text_from_outside_leads_or_calls_anybody(phase: Phase) -> None:
    attempted = list(some(phase, ENTRIES))
    assert faults(attempted) == []
    assert any(came.live for came in attempted)


@pytest.mark.parametrize("goal", [*EFFECTS, ALL], ids=lambda goal: goal.name)
def test_every_goal_is_an_order_however_it_is_written(goal: Goal) -> None:
    assert is_ordered(goal.order) and is_ordered(goal.shaped) and is_ordered(f"'{goal.order.upper()}'")


# --- the whole of it, as figures -------------------------------------------------------------------


def campaign() -> None:
    """Every attempt, and what came of them by phase."""
    logging.disable(logging.CRITICAL)
    total = Counter[str]()
    print(f"{'way':34} attempts steering asked | unasked leads unlike unexplained")
    for name, phases in (("effects", PHASES), ("other people", ALONE), ("words", SAYING)):
        print(f"-- {name}")
        for phase in phases:
            counted = Counter[str]()
            for one in attempts((phase,), ENTRIES if phases is not ALONE else (NOWHERE,)):
                try:
                    counted += _counted(tried(*one))
                except Exception as error:  # as the machine's Catch: no effect, and no answer
                    counted["died"] += 1
                    print(f"   {one[1].name}, {one[2].name}: {type(error).__name__}: {error}"[:160])
            total += counted
            print(_line(phase.name, counted), flush=True)
    print(_line("all", total))


def _counted(came: Came) -> Counter[str]:
    goals = len(EFFECTS) if came.goal == ALL.name else 1
    return Counter(
        attempts=goals,
        live=goals if came.live else 0,
        asked=came.asked,
        unasked=len(came.unasked),
        leads=bool(came.leads),
        unlike=bool(came.unlike),
        unexplained=bool(came.unexplained),
    )


def _line(name: str, counted: Counter[str]) -> str:
    left = f"{name:34} {counted['attempts']:8} {counted['live']:8} {counted['asked']:5} |"
    return f"{left} {counted['unasked']:7} {counted['leads']:5} {counted['unlike']:6} {counted['unexplained']:11}"


if __name__ == "__main__":
    with quickly():
        campaign()
