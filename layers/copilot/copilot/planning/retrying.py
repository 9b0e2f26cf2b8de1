"""Trying again what a Run was to do and did not: its plan once more, in which what was done stays as it is.

The plan is as it was, and read afresh; what of each step is left is found in the ledger as the step begins: see
running/retrying.py. Here it is found whether anything is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from copilot.domain import RETRY, RUNBOOK, UNDO, Item, Plan, Revision, StepState, Trigger
from copilot.errors import NotFound, PlanError
from copilot.planning.earlier_runs import called, earlier_runs, named_in, run_called
from copilot.plans.arguments import ATTACHMENTS, in_words, referred_to, results_of
from copilot.plans.check import check_plan
from copilot.plans.left import Fate, rest_of, root_of, writes_of
from copilot.plans.taint import tainted_steps
from copilot.plans.telling import Telling
from copilot.ports import Clock, RunRecord, Store
from copilot.text.outside import inert
from copilot.text.spoken import tool_spoken
from copilot.tools.registry import Registry

NOTHING_LEFT = (
    "Nothing was lately left undone in this conversation. Nothing was done; name a run: “retry run r…”, or say in full "
    "what is to be done."
)
RETRIED_FOR = timedelta(days=7)
"""So long after it was asked for what is left of a Run may still be meant."""


@dataclass(frozen=True)
class Retry:
    """`undo` plans how a Run is taken back, where that was what is to be tried again."""

    store: Store
    registry: Registry
    clock: Clock
    undo: Callable[[Trigger], Revision]

    def __call__(self, trigger: Trigger) -> Revision:
        """A plan of what is left of the Run that is named in the request; else of the last one of its Conversation that
        anything may be left of.
        """
        named = named_in(trigger.text)
        record = run_called(self.store, trigger, named) if named else self._last(trigger)
        if record is None:
            return _said(trigger, f"There is no run {named}. Nothing was done." if named else NOTHING_LEFT)
        first = record.revisions[0] if record.revisions else None
        taken_back = first.slots.get("run") if first is not None and first.intent == UNDO else None
        if taken_back is not None and record.run.outcome not in {None, "succeeded"}:
            # What is left of it to be taken back is found out anew, in the ledger.
            return self.undo(trigger.model_copy(update={"text": f"undo run {taken_back}"}))
        if (why := self._why_not(record)) is not None:
            return _said(trigger, f"{_begun(called(record, trigger))} {why}")
        return self._plan(trigger, record)

    def _last(self, trigger: Trigger) -> RunRecord | None:
        """The last that was to do anything and came to its end otherwise, or that changed something; else the last that
        was to do anything at all.
        """
        looked: RunRecord | None = None
        for run_id in earlier_runs(self.store, trigger):
            record = run_called(self.store, trigger, run_id)
            if record is None or record.plan is None or not record.plan.steps:
                continue
            if record.run.outcome != "succeeded" or any(writes_of(record.plan, self.registry)):
                return record
            looked = looked or record
        return looked

    def _why_not(self, record: RunRecord) -> str | None:
        """Why nothing of it is tried again, whatever is left; None where something may be."""
        run, plan = record.run, record.plan
        if run.status != "answered":
            return "is not at its end yet. Nothing was done: wait for it, or cancel it first."
        if plan is None or not plan.steps:
            return "had no plan, so nothing is left of it. Nothing was done; say in full what is to be done."
        if run.outcome == "succeeded":
            return "did all that it was to do: nothing is left to be tried again."
        if self.clock.now() - run.trigger.received_at > RETRIED_FOR:
            return f"is more than {RETRIED_FOR.days} days old. Nothing was done; say in full what is to be done."
        if plan.then is not None:
            return (
                "was to go on by what it found, which a model looks at: that is not done again in its place. Nothing "
                "was done; say in full what is to be done."
            )
        if results_of(plan):
            return "goes by what was read before it. Nothing was done; ask for it again."
        if any(path[0] == ATTACHMENTS for step in plan.steps for path in referred_to(step)):
            return "is about a file that came with it. Nothing was done; ask again, with the file."
        try:
            check_plan(plan, self.registry)
        except (NotFound, PlanError):
            return "was planned for tools that are not there any more as they were. Nothing was done; say it in full."
        return None

    def _plan(self, trigger: Trigger, record: RunRecord) -> Revision:
        assert record.plan is not None
        rest = rest_of(self.store, record, self.registry)
        if not rest.names and any(writes_of(record.plan, self.registry)):
            lines = [
                *map(_line, rest.kept),
                *(f"- {one.id} ({tool_spoken(one.tool)}): it waits for {of}" for one, of in rest.waiting),
            ]
            kept = "\n".join(["", "", "Not tried again:", *lines]) if lines else ""
            said = _said(trigger, f"Nothing is left of {called(record, trigger)} to be tried again.{kept}")
            # Why not may be in the words of others.
            return said.model_copy(update={"read_untrusted": bool(lines)})
        steered = self._steered(record, rest.names)
        slots = {"run": record.run.run_id, "root": root_of(record), "by": _asked_by(record)}
        # Its messages and its answer are in words of then.
        read = Telling.of(record, self.store, self.registry).of_plan()
        return Revision(
            plan=record.plan,
            intent=RETRY,
            slots={**slots},
            read_untrusted=bool(steered),
            read=steered,
            read_about=read,
        )

    def _steered(self, record: RunRecord, names: set[str]) -> str:
        """Why what is left may have been chosen by text that nobody here wrote; "" where it was not."""
        tainted = tainted_steps(record.revisions, record.steps, self.registry)
        return "the run that is tried again" if names & tainted.keys() else ""


def _asked_by(record: RunRecord) -> str:
    """In whose words its plan is."""
    first = record.revisions[0]
    return str(first.slots.get("by")) if first.intent in {RETRY, RUNBOOK} else record.run.trigger.person.id


def _line(kept: tuple[StepState, Item, Fate]) -> str:
    step, item, fate = kept
    return f"- {tool_spoken(step.tool)} {inert(in_words(item.arguments))}".rstrip() + f": {inert(fate.why)}"


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _said(trigger: Trigger, text: str) -> Revision:
    return Revision(plan=Plan(goal=trigger.text, say=text), intent=RETRY, unplanned="failed")
