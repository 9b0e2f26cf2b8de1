"""The question back to the person, where only they can say what is meant. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.domain import Plan, Question, StepState
from copilot.text.outside import inert


def question_of(plan: Plan | None, steps: Mapping[str, StepState]) -> Question | None:
    """What a plan asks instead of steps; or what the first call comes to that may mean any of several things."""
    if plan is None or plan.ask is not None:
        return plan.ask if plan else None
    for planned in plan.steps:
        for item in steps[planned.id].items if planned.id in steps else ():
            if item.status == "failed" and item.choices:
                return Question(question=inert(item.reason), choices=tuple(map(inert, item.choices)))
    return None
