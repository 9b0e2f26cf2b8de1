"""From a Trigger to a Run at work: once for each dedupe key, one at a time in a Conversation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from copilot.domain import MOST_TEXT, TURN_LASTS, Approval, JournalEntry, Person, Plan, Revision, Run, Trigger
from copilot.errors import Conflict, RetryableError
from copilot.ports import Clock, Store, Workflow
from copilot.text.masking import mask_text


@dataclass(frozen=True)
class Ingest:
    """`at_once` does what does not wait for its turn, and gives what is to be told of it."""

    store: Store
    workflow: Workflow
    clock: Clock
    at_once: Callable[[Trigger], Revision | None] = lambda trigger: None

    def __call__(self, trigger: Trigger, plan: Plan | Revision | None = None) -> tuple[Run, bool]:
        """The Run for this Trigger, started unless another of the Conversation is at work, and whether it is new.

        A repeat gives the same Run, and issues a start again that may have been lost. `plan` is what the Run is to do
        where that need not be planned any more, checked before; as a Revision it says of which Runbook it is. Secrets
        in its text and its attachments are masked before they are kept.
        """
        trigger = _masked(trigger)
        first = Revision(plan=plan) if isinstance(plan, Plan) else plan
        run, new = self.store.record_trigger(trigger, first)
        if self._done_at_once(run):
            self._start_beside(run)
        elif run.status == "queued" and not self._start(run):
            self.start_next(run.tenant, run.conversation)  # the start of what is before it may have been cut short
        return self.store.run(run.tenant, run.run_id), new

    def start_next(self, tenant: str, conversation: str) -> Run | None:
        """Start the oldest Run that waits in the Conversation, if none is at work."""
        while (run := self.store.next_queued(tenant, conversation)) is not None:
            if run.status == "queued":
                return run if self._start(run) else None
            # It was started, and whoever did so came no further.
            self.store.mark_started(run, max(run.execution, 1))
        return None

    def resume(self, tenant: str, run_id: str) -> Run:
        """Start a Run that lost its execution again. Finished items are not run again. Raises Conflict."""
        run = self.store.run(tenant, run_id)
        if run.status == "answered":
            raise Conflict(f"run {run_id} has been answered; there is nothing to resume")
        if run.status == "queued":
            raise Conflict(f"run {run_id} has not been started; it waits for its turn")
        if run.execution and self.workflow.is_running(run):
            raise Conflict(f"run {run_id} is still at work")
        now = self.clock.now()
        if run.status != "parked" and not self.store.take_lock(run, now, now + TURN_LASTS):
            raise Conflict(f"another run of the conversation is at work; resume {run_id} when it is done")
        self.workflow.start(run, run.execution + 1)
        self.store.mark_started(run, run.execution + 1)
        return self.store.run(tenant, run_id)

    def cancel(self, tenant: str, run_id: str, person: Person) -> Run:
        """Let nothing new begin in the Run, and wake it if it waits for an approval. Raises Conflict."""
        run = self.store.run(tenant, run_id)
        if run.status == "answered":
            raise Conflict(f"run {run_id} has been answered; there is nothing to cancel")
        run = self.store.cancel_run(tenant, run_id, person.id)
        if run.status == "parked" and run.approval_id:
            approval = self.store.approval(tenant, run.approval_id)
            self._withdraw(approval, run, person)
            if token := self.store.token(tenant, approval.id):
                self.workflow.wake(token)
        return run

    def _done_at_once(self, run: Run) -> bool:
        """Whether all that is left of it is to be told. A repeat does it again where the first came no further."""
        asked = run.trigger.kind in {"chat", "api", "ci"} and run.status == "queued" and not run.revision
        told = self.at_once(run.trigger) if asked and not run.trigger.read_only else None
        if told is None:
            return False
        with suppress(Conflict):  # a repeat was first
            self.store.save_revision(run, told)
        return True

    def _start_beside(self, run: Run) -> None:
        """Whatever is at work in the Conversation."""
        self.workflow.start(run, run.execution + 1)
        self.store.mark_started(run, run.execution + 1)

    def _withdraw(self, approval: Approval, run: Run, person: Person) -> None:
        now = self.clock.now()
        denied = approval.model_copy(
            update={"state": "denied", "decided_by": person.id, "decided_at": now, "reason": "the run was cancelled"}
        )
        evidence = JournalEntry.of(run, "cancel", "cancel", now, {"approval": approval.id}, person)
        with suppress(Conflict):  # a person has decided already; the flag stops what they approved
            self.store.decide_approval(denied, evidence)

    def _start(self, run: Run) -> bool:
        now = self.clock.now()
        if not self.store.take_lock(run, now, now + TURN_LASTS):
            return False
        run = self.store.run(run.tenant, run.run_id)
        if run.status != "queued":  # a late repeat
            if run.status != "running":
                self.store.release_lock(run)
            return False
        try:
            self.workflow.start(run, run.execution + 1)
        except RetryableError:
            raise  # It may have been started all the same, and keeps its turn.
        except Exception:
            self.store.release_lock(run)
            raise
        # Noted after it was started, and in the queue until then: what was not noted is started again under the same
        # name, which is nothing where it was.
        self.store.mark_started(run, run.execution + 1)
        return True


def _masked(trigger: Trigger) -> Trigger:
    files = tuple(each.model_copy(update={"text": mask_text(each.text)}) for each in trigger.attachments)
    # Cut, since what is masked may have become longer than a Trigger's text may be.
    return trigger.model_copy(update={"text": mask_text(trigger.text)[:MOST_TEXT], "attachments": files})
