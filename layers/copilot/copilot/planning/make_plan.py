"""Plan: from what a person wrote to a plan that may run; and to a better one, where a call of it was wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from copilot.domain import Focus, Plan, Question, Replan, Revision, Run, Trigger
from copilot.errors import Conflict, ToolInputError
from copilot.intents import Intents, Present
from copilot.memory.remembering import as_seen_by
from copilot.planning.drafting import Draft
from copilot.plans.check import check_plan
from copilot.ports import RunRecord, Store
from copilot.tools.registry import Registry

REPEAT = (
    "The last request was for a change, and a change is not repeated on a hint. "
    "Nothing was done; please say it in full."
)


@dataclass(frozen=True)
class MakePlan:
    """`draft` plans with a model what no intent knows; None where there is no model. `zone_of` gives the time zone in
    which a person, by id, names times.
    """

    store: Store
    registry: Registry
    intents: Intents
    zone_of: Callable[[str], str] = lambda person: "UTC"
    draft: Draft | None = None

    def __call__(self, tenant: str, run_id: str) -> Run:
        """The Run with the plan kept that it is to go on with. Called again, it changes nothing. Raises PlanError."""
        record = self.store.load_run(tenant, run_id)
        asked = record.run.advanced.replan if record.run.advanced else None
        if record.revision is None:
            revision = self._first(record.run)
        elif asked is not None and asked.revision == record.run.revision:
            revision = self._better(record, asked)
        else:
            return record.run
        try:
            return self.store.save_revision(record.run, revision)
        except Conflict:
            return self.store.run(tenant, run_id)

    def _first(self, run: Run) -> Revision:
        if run.cancelled_by:
            said = f"Cancelled by {run.cancelled_by} before anything was planned. Nothing was done."
            return Revision(plan=Plan(goal=run.trigger.text, say=said))
        focus = as_seen_by(run.trigger.person.id, self.store.focus(run.tenant, run.conversation))
        revision = self._known(run.trigger, focus)
        if revision is None and self.draft is not None:
            return self.draft.first(run, focus)
        if revision is None:
            revision = _only_says(run.trigger.text, self._needs_model())
        check_plan(revision.plan, self.registry)
        return revision

    def _known(self, trigger: Trigger, focus: Focus) -> Revision | None:
        """The plan of a known intent, or what has to be asked first; None for a request that no intent knows."""
        text = trigger.text
        try:
            match = self.intents.match(text, focus, Present(trigger.received_at, self.zone_of(trigger.person.id)))
        except ToolInputError as unclear:
            question = Question(question=str(unclear), choices=unclear.nearest[:10])
            return Revision(plan=Plan(goal=text, ask=question), marked=_marked(focus, unclear.nearest))
        if match is None:
            return None
        if match.wants_file and not trigger.attachments:
            return Revision(plan=Plan(goal=text, ask=Question(question=match.wants_file)))
        if match.is_follow_up and self._changes(match.plan):
            return _only_says(text, REPEAT)
        marked = _marked(focus, match.remembered)
        return Revision(plan=match.plan, intent=match.intent, slots=match.slots, marked=marked)

    def _better(self, record: RunRecord, asked: Replan) -> Revision:
        if self.draft is not None and not record.run.cancelled_by:
            return self.draft.better(record, asked)
        assert record.plan is not None
        problem = "the run was cancelled" if record.run.cancelled_by else "there is no model to ask"
        return Revision(plan=record.plan, kind=asked.kind, reason=asked.reason, problem=problem)

    def _changes(self, plan: Plan) -> bool:
        return any(self.registry.find(step.tool).effect != "read" for step in plan.steps)

    def _needs_model(self) -> str:
        examples = "\n".join(f"- {example}" for example in self.intents.examples())
        return (
            "This request needs a model to plan it, and none is configured. Nothing was done. "
            f"Without a model I understand requests like these:\n{examples}"
        )


def _marked(focus: Focus, remembered: Sequence[str]) -> tuple[str, ...]:
    """Those that text which is not to be trusted had chosen."""
    return tuple(name for name in remembered if name in focus.marked)


def _only_says(goal: str, text: str) -> Revision:
    return Revision(plan=Plan(goal=goal, say=text), unplanned="not_understood")
