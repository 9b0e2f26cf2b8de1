"""Plan: from what a person wrote to a plan that may run."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.errors import Conflict, ToolInputError
from copilot.intents import Intents
from copilot.model import Focus, Plan, Run, Trigger
from copilot.plan_check import check_plan
from copilot.ports import Store
from copilot.tools.registry import Registry


@dataclass(frozen=True)
class MakePlan:
    store: Store
    registry: Registry
    intents: Intents

    def __call__(self, tenant: str, run_id: str) -> Run:
        """The Run with its plan kept. Called again, it changes nothing. Raises PlanError."""
        record = self.store.load_run(tenant, run_id)
        if record.plan is not None:
            return record.run
        plan = self._plan(record.run.trigger, self.store.focus(tenant, record.run.conversation))
        check_plan(plan, self.registry)
        try:
            return self.store.save_plan(record.run, plan)
        except Conflict:
            return self.store.run(tenant, run_id)

    def _plan(self, trigger: Trigger, focus: Focus) -> Plan:
        text = trigger.text
        try:
            match = self.intents.match(text, focus)
        except ToolInputError as question:
            return Plan(goal=text, say=str(question), understood=False)
        if match and match.wants_file and not trigger.attachments:
            return Plan(goal=text, say=match.wants_file, understood=False)
        return match.plan if match else Plan(goal=text, say=self._needs_model(), understood=False)

    def _needs_model(self) -> str:
        examples = "\n".join(f"- {example}" for example in self.intents.examples())
        return (
            "This request needs a model to plan it, and none is configured. Nothing was done. "
            f"Without a model I understand requests like these:\n{examples}"
        )
