"""A Run as it goes: its items, what became of them, what is next, and the journal."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from copilot.domain.classes import About
from copilot.domain.frozen import Frozen
from copilot.domain.items import Item, Mend, Phase
from copilot.domain.outcomes import Outcome as Outcome
from copilot.domain.plans import MOST_CHOICES, StepId
from copilot.domain.requests import Trigger


class Verdict(Frozen):
    """What a Check says. `settled` False sends the item to check_step; `seconds` is the pause of a wait or retry.

    A `patient` retry is for what is on its way: as often as it takes, until the tool's deadline. `marked` says that
    words which are not the copilot's own stand in the reason. `mend` is what puts a wrong read right without a model.
    `choices` are what the person has to choose from, where the reason is a question to them.
    """

    kind: Literal["pass", "wait", "retry", "repair", "replan", "abort", "preview", "no_data", "unknown"]
    reason: Annotated[str, StringConstraints(max_length=400)] = ""
    settled: bool = True
    seconds: int | None = None
    patient: bool = False
    marked: bool = False
    mend: Mend | None = None
    choices: Annotated[tuple[str, ...], Field(max_length=MOST_CHOICES)] = ()


class StepResult(Frozen):
    """What a call gave: `output` for ok, else a line for a person in `error`. `verdict` is Execute's."""

    status: Literal["ok", "error"]
    output: JsonValue = None
    error: str | None = None
    verdict: Verdict
    attempt: int = 1
    started_at: datetime
    ended_at: datetime


class StepState(Frozen):
    """A step once expanded: its tool and expectation from the plan, its items. A skipped step says why in `reason`;
    `as_planned` is one of which the plan itself says that it is not to be run, as things are.
    """

    step_id: StepId
    tool: str
    expect: str | None = None
    items: tuple[Item, ...] = ()
    for_each: bool = False
    skipped: bool = False
    as_planned: bool = False
    reason: str = ""

    @property
    def is_settled(self) -> bool:
        return self.skipped or all(item.is_settled for item in self.items)


class ItemCall(Frozen):
    """What the machine hands to one function for one item: ids only."""

    function: str
    tenant: str
    run_id: str
    conversation: str
    step: StepId
    item: int
    attempt: int
    phase: Phase

    @property
    def id(self) -> str:
        """The same for the preview of a call, its every attempt and its check."""
        return f"{self.run_id}-{self.step}-{self.item}"


class ItemOutcome(Frozen):
    """What comes back from one item. `marked` are the fields of its output that hold marked text; None where none came
    back.
    """

    step: StepId
    item: int
    attempt: int
    phase: Phase
    verdict: Verdict
    marked: tuple[str, ...] | None = None


class Replan(Frozen):
    """That a better plan is wanted than revision `revision`: `step` failed, for `reason`; or, to look again, that it
    goes on, with why in `reason`.
    """

    kind: Literal["repair", "revise", "look"]
    revision: int
    step: StepId | None = None
    reason: str


class Advanced(Frozen):
    """Advance's decision: what the machine does next. `waited_for` is the Approval that it waited for before this, and
    does not any more: decided, over, or not asked any more.
    """

    next: Literal["items", "items_distributed", "wait", "approve", "plan", "reply"]
    wave: int
    items: tuple[ItemCall, ...] = ()
    seconds: int | None = None
    approval_id: str | None = None
    waited_for: str | None = None
    replan: Replan | None = None


class Run(Frozen):
    """The work for one Turn.

    `execution` counts the executions of the machine started for it, `revision` its plans, `wave` Advance's decisions,
    of which `advanced` is the last, for a replay. `about` is what its answer tells of; None until there is one.
    """

    run_id: str
    trigger: Trigger
    execution: int = 0
    revision: int = 0
    wave: int = 0
    advanced: Advanced | None = None
    items_run: int = 0
    approval_id: str | None = None
    cancelled_by: str | None = None
    answered_at: datetime | None = None
    outcome: Outcome | None = None
    answer: str | None = None
    about: About | None = None

    @property
    def tenant(self) -> str:
        return self.trigger.tenant

    @property
    def conversation(self) -> str:
        return self.trigger.conversation

    @property
    def status(self) -> Literal["queued", "running", "parked", "answered"]:
        if self.outcome is not None:
            return "answered"
        if self.advanced is not None and self.advanced.next == "approve":
            return "parked"
        return "running" if self.execution else "queued"
