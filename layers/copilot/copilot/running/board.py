"""The steps of a Run while one wave of it is decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from copilot.domain import About, Counting, Decision, Freeze, Item, Plan, Revision, Run, Standing, StepState
from copilot.running.excluding import Exclusions


@dataclass
class Board:
    """The run's steps while one wave is decided; `changed`, `evidence` and what is counted otherwise than it was seen
    are what must be kept of it. `counting` is by account and hour.
    """

    run: Run
    revisions: tuple[Revision, ...]
    steps: dict[str, StepState]
    now: datetime
    taints: dict[str, str] | None = None
    told: dict[str, About | None] = field(default_factory=dict)
    freezes: list[Freeze] | None = None
    exclusions: Exclusions | None = None
    counting: dict[tuple[str, str], Counting] = field(default_factory=dict)
    standings: list[Standing] | None = None
    changed: set[str] = field(default_factory=set)
    evidence: list[JsonValue] = field(default_factory=list)

    @property
    def revision(self) -> Revision:
        return self.revisions[-1]

    @property
    def plan(self) -> Plan:
        return self.revision.plan

    def items(self, status: str) -> list[tuple[StepState, Item]]:
        return [(step, item) for step in self.steps.values() for item in step.items if item.status == status]

    def put(self, step: StepState) -> None:
        self.steps[step.step_id] = step
        self.changed.add(step.step_id)

    def put_item(self, step_id: str, item: Item) -> None:
        step = self.steps[step_id]
        if step.items[item.index] != item:
            items = (*step.items[: item.index], item, *step.items[item.index + 1 :])
            self.put(step.model_copy(update={"items": items}))

    def note(self, step: StepState, item: Item, decision: Decision) -> None:
        """Evidence of what was decided of a call."""
        said = decision.model_dump(mode="json")
        self.evidence.append({"step": step.step_id, "item": item.index, "tool": step.tool, **said})
