"""Plan: from what a person wrote to a plan that may run; to a better one, where a call of it was wrong;
and on from what it came to.
"""

from __future__ import annotations

from dataclasses import dataclass

from copilot.domain import Focus, Plan, Replan, Revision, Run
from copilot.errors import Conflict
from copilot.memory.remembering import as_seen_by
from copilot.planning.drafting import Draft
from copilot.planning.hearing import Hear
from copilot.planning.using_again import UseAgain
from copilot.plans.check import check_plan
from copilot.plans.kept import kept_type
from copilot.ports import RunRecord, Store
from copilot.tools.registry import Registry


@dataclass(frozen=True)
class MakePlan:
    """`hear` plans what is known; `draft`, with a model, what is not, None where there is no model."""

    store: Store
    registry: Registry
    hear: Hear
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
        revision = self.hear(run.trigger, focus)
        if revision is None and self.draft is not None:
            return self._put_off(run, focus) or self.draft.first(run, focus, self.hear.hints(run.trigger, focus))
        if revision is None:
            revision = self.hear.not_understood(run.trigger, model_would_help=True)
        revision = self._use_again(revision, focus.results, run, self.hear.zone_of(run.trigger.person.id))
        check_plan(revision.plan, self.registry, memory=kept_type(revision.used, self.registry))
        return revision

    @property
    def _use_again(self) -> UseAgain:
        return UseAgain(self.store, self.registry)

    def _put_off(self, run: Run, focus: Focus) -> Revision | None:
        """What is to be done at its times: planned without them, and put on a schedule. None where it names none."""
        assert self.draft is not None
        present, of = self.hear.present(run.trigger), self.hear.apart(run.trigger)
        if of is None or of.may_have_been:
            return None
        if (unclear := self.hear.put_off(run.trigger.person).unclear(run.trigger.text, of)) is not None:
            return unclear
        trigger = run.trigger.model_copy(update={"text": of.request})
        inner = self.draft.first(run.model_copy(update={"trigger": trigger}), focus, self.hear.hints(trigger, focus))
        rights = self.hear.rights_of(run.trigger.person)
        revision = self.hear.put_off(run.trigger.person)(run.trigger.text, of, inner, rights, present)
        if revision is not None:
            check_plan(revision.plan, self.registry)
        return revision

    def _better(self, record: RunRecord, asked: Replan) -> Revision:
        if self.draft is not None and not record.run.cancelled_by:
            run = record.run
            focus = as_seen_by(run.trigger.person.id, self.store.focus(run.tenant, run.conversation))
            return self.draft.better(record, asked, focus, self.hear.hints(run.trigger, focus))
        assert record.plan is not None
        problem = "the run was cancelled" if record.run.cancelled_by else "there is no model to ask"
        return Revision(plan=record.plan, kind=asked.kind, reason=asked.reason, problem=problem)
