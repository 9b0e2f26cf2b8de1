"""What is learned of a Run that is answered: its plan is kept for requests like it, or what it was learned from is not
any more. What cannot be kept is asked of a model the next time; what is to be dropped has to be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from copilot.domain import (
    EXCLUSION,
    FORGETS_LEARNED,
    FREEZE,
    MOST_LEARNED,
    LearnedFrom,
    LearnedPlan,
    LearnedShape,
    Outcome,
    Run,
)
from copilot.errors import Conflict, CopilotError, NotFound
from copilot.memory.leaving_behind import LATEST
from copilot.plans.taint import tainted_steps
from copilot.ports import Clock, Learned, RunRecord, Store
from copilot.tools.registry import Registry

TRIED = 4
RENEWED_AFTER = timedelta(days=1)
_CORRECTS = re.compile(
    r"\W*(?:(?:oh|hm+|sorry|wait|hey)\W+)?(?:no|nope|wrong|actually|not (?:that|what|the)|"
    r"i (?:meant|mean|did not|didn't|said|asked for)|that (?:is|was)(?: not|n't)|that's (?:not|wrong)|"
    r"this is (?:not|wrong)|undo|revert|stop that|cancel that)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Learn:
    learned: Callable[[], Learned]
    store: Store
    registry: Registry
    clock: Clock

    def __call__(self, record: RunRecord, outcome: Outcome) -> None:
        """Of a Run that comes to this. Called again, it changes nothing more."""
        self._corrected(record)
        first = record.revisions[0] if record.revisions else None
        if first is not None and FORGETS_LEARNED in first.slots:
            self._forget(record.run.trigger.person.id)
        if first is None or first.learned is None:
            return
        run, of = record.run, first.learned
        went_well = outcome == "succeeded" and self._is_as_planned(record)
        if not went_well and not self._was_kept_back(record) and of.run != run.run_id:
            self._drop(run.trigger.person.id, of)
        with suppress(CopilotError):
            if went_well and of.run != run.run_id:
                self._renew(run.trigger.person.id, of)
            elif went_well and self._is_all_done(record):
                self._keep(run, LearnedPlan(of=of, plan=first.plan))

    def _is_as_planned(self, record: RunRecord) -> bool:
        """Whether nothing was cancelled, left out, put right or planned otherwise on the way."""
        items = [item for step in record.steps.values() for item in step.items]
        whole = all(item.status == "done" and not item.mended and not item.repaired for item in items)
        return whole and len(record.revisions) == 1 and not record.run.cancelled_by

    def _was_kept_back(self, record: RunRecord) -> bool:
        """Whether nothing but a freeze, or what is off limits, kept it back: that says nothing of the plan."""
        items = [item for step in record.steps.values() for item in step.items]
        refused = [item for item in items if item.status in {"denied", "expired"}]
        by_these = all(item.decision and {FREEZE, EXCLUSION} & {*item.decision.policies} for item in refused)
        others = all(item.status == "done" and not item.mended for item in items if item not in refused)
        as_planned = len(record.revisions) == 1 and not record.run.cancelled_by
        return bool(refused) and by_these and others and as_planned

    def _is_all_done(self, record: RunRecord) -> bool:
        """Whether every step was done, so that all of it has shown itself; and nothing marked had a part in it."""
        plan, revision = record.plan, record.revisions[0]
        steps = [record.steps.get(planned.id) for planned in plan.steps] if plan else []
        if any(step is None or step.skipped or not step.items for step in steps):
            return False
        if plan is not None and any(step.accompanies for step in plan.steps):
            return False  # who is told is another matter the next time
        steered = tainted_steps(record.revisions, record.steps, self.registry)
        return not steered and not revision.read_untrusted and not revision.marked and not revision.by_facts

    def _keep(self, run: Run, plan: LearnedPlan) -> None:
        learned, person = self.learned(), run.trigger.person.id
        there = learned.of_shape(person, plan.of.shape)
        if there is None:
            self._make_room(person)
            there = LearnedShape(person=person, shape=plan.of.shape, plans=(plan,), used_at=self.clock.now())
            learned.put(there)
        elif all(one.of.run != plan.of.run for one in there.plans):
            learned.put(there.with_plan(plan))

    def _make_room(self, person: str) -> None:
        learned = self.learned()
        kept = sorted(learned.all(person), key=lambda one: one.used_at)
        for one in kept[: max(0, len(kept) - MOST_LEARNED + 1)]:
            learned.drop(person, one.shape)

    def _renew(self, person: str, of: LearnedFrom) -> None:
        learned, now = self.learned(), self.clock.now()
        there = learned.of_shape(person, of.shape)
        if there is not None and now - there.used_at >= RENEWED_AFTER:
            learned.put(there.used(now))

    def _drop(self, person: str, of: LearnedFrom) -> None:
        learned = self.learned()
        for _ in range(TRIED):
            there = learned.of_shape(person, of.shape)
            if there is None or all(one.of.run != of.run for one in there.plans):
                return
            with suppress(Conflict):
                learned.put(there.without(of.run))
                return
        learned.drop(person, of.shape)

    def _forget(self, person: str) -> None:
        learned = self.learned()
        for one in learned.all(person):
            learned.drop(person, one.shape)

    def _corrected(self, record: RunRecord) -> None:
        """What the last answer to this person came of, where they say that it was not what they meant."""
        run = record.run
        if not run.trigger.by_person or _CORRECTS.match(run.trigger.text) is None:
            return
        turns = self.store.turns(run.tenant, run.conversation, LATEST)
        own = [turn for turn in turns if turn.run_id != run.run_id and turn.author == run.trigger.person.id]
        with suppress(NotFound):
            before = self.store.load_run(run.tenant, own[-1].run_id) if own else None
            if before is not None and before.revisions and (of := before.revisions[0].learned) is not None:
                self._drop(run.trigger.person.id, of)
