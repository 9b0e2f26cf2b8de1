"""Plan: from what a person wrote to a plan that may run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from copilot.errors import Conflict, ToolInputError
from copilot.intents import Intents, Present
from copilot.model import Focus, Plan, Revision, Run, Trigger
from copilot.plan_check import check_plan
from copilot.ports import Store
from copilot.tools.registry import Registry

REPEAT = (
    "The last request was for a change, and a change is not repeated on a hint. "
    "Nothing was done; please say it in full."
)


@dataclass(frozen=True)
class MakePlan:
    """`zone_of` gives the time zone in which a person, by id, names times."""

    store: Store
    registry: Registry
    intents: Intents
    zone_of: Callable[[str], str] = lambda person: "UTC"

    def __call__(self, tenant: str, run_id: str) -> Run:
        """The Run with its plan kept. Called again, it changes nothing. Raises PlanError."""
        record = self.store.load_run(tenant, run_id)
        if record.plan is not None:
            return record.run
        revision = self._first(record.run.trigger, self.store.focus(tenant, record.run.conversation))
        check_plan(revision.plan, self.registry)
        try:
            return self.store.save_revision(record.run, revision)
        except Conflict:
            return self.store.run(tenant, run_id)

    def _first(self, trigger: Trigger, focus: Focus) -> Revision:
        text = trigger.text
        try:
            match = self.intents.match(text, focus, Present(trigger.received_at, self.zone_of(trigger.person.id)))
        except ToolInputError as question:
            return _only_says(text, str(question))
        if match is None:
            return _only_says(text, self._needs_model())
        if match.wants_file and not trigger.attachments:
            return _only_says(text, match.wants_file)
        if match.is_follow_up and self._changes(match.plan):
            return _only_says(text, REPEAT)
        return Revision(plan=match.plan, intent=match.intent, slots=match.slots)

    def _changes(self, plan: Plan) -> bool:
        return any(self.registry.find(step.tool).effect != "read" for step in plan.steps)

    def _needs_model(self) -> str:
        examples = "\n".join(f"- {example}" for example in self.intents.examples())
        return (
            "This request needs a model to plan it, and none is configured. Nothing was done. "
            f"Without a model I understand requests like these:\n{examples}"
        )


def _only_says(goal: str, text: str) -> Revision:
    return Revision(plan=Plan(goal=goal, say=text), unplanned="not_understood")
