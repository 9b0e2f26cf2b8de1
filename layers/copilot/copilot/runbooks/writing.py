"""A runbook as a text, and the plan that has it kept."""

from __future__ import annotations

import json

from copilot.domain import Answer, Plan, Runbook, Step


def written(runbook: Runbook) -> str:
    """The text that is read as this Runbook."""
    return json.dumps(runbook.model_dump(mode="json", exclude_defaults=True) | {"version": runbook.version})


def plan_to_keep(runbook: Runbook, goal: str, beside: str = "") -> Plan:
    """The plan that saves it. `beside` is said in the answer, besides what was saved."""
    arguments = {"name": runbook.name, "document": written(runbook)}
    save = Step(id="save", tool="save_runbook", arguments={**arguments})
    said = f"{{save.summary}}.{beside and chr(10) + beside}"
    return Plan(goal=goal, steps=(save,), answer=Answer(text=said))
