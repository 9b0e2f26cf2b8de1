"""One write, at most once: looked up in the ledger, recorded as started, made, recorded as ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, JsonValue

from copilot.domain import (
    ApprovalCall,
    Item,
    ItemCall,
    JournalEntry,
    LedgerEntry,
    Permission,
    Preview,
    ResourceRef,
    Run,
    StepState,
    Verdict,
    Verification,
    digest,
    lasting,
)
from copilot.domain.journal import BEGUN
from copilot.errors import Conflict, CopilotError, HalfDone, NotAllowed, NotReady, RetryableError, Unfinished
from copilot.ports import Clients, Clock, Ledger, Store
from copilot.running.claiming import Claims
from copilot.running.excluding import ExclusionsFor, KeptFrom, can_be_excluded, kept_from, nothing_excluded
from copilot.running.freezing import frozen_by
from copilot.running.granting import GRANTED
from copilot.running.leasing import WAITING, Leasing
from copilot.running.verdicts import cancelled, verdict_of_error
from copilot.text.masking import mask, mask_text
from copilot.text.outside import OPEN, quoted
from copilot.tools.tool import WriteTool

Writing = Callable[[Run, str, Sequence[Permission]], Clients]
"""Clients for a Run and the id of a call that can do what the permissions name, and no more."""

UNSETTLED = Verdict(kind="pass", settled=False)
FRESH = timedelta(seconds=5)
"""An effect that begins rests on a look at what is frozen, and what is off limits, that is no older."""
THAWING = 30  # seconds between two looks of what is half done and frozen, or off limits


@dataclass(frozen=True)
class Effect:
    """`tool` has clients that read; `writing` gives those of the write itself, for what it was granted. `owner` names
    this worker, which cannot be alive any more after `dead_after`.
    """

    store: Store
    clock: Clock
    writing: Writing
    call: ItemCall
    step: StepState
    tool: WriteTool[Any, Any]
    run: Run
    owner: str
    dead_after: datetime
    exclusions_for: ExclusionsFor = nothing_excluded

    def make(self) -> Verdict:
        kept = self.store.effect(self.call.tenant, self.call.run_id, self.call.step, self.call.item)
        if kept is None or kept.state == "failed_clean":
            return self._first()
        if kept.state == "started":
            return self._found_started(kept)
        if kept.state == "unknown":
            return Verdict(kind="unknown", reason=kept.reason, marked=True)
        return self._made()

    def _first(self) -> Verdict:
        """Nothing was done yet: look again at what is there, then record the start, then do it."""
        if self.run.cancelled_by:
            return cancelled(self.run)
        item = self.step.items[self.call.item]
        claims = Claims(self.store, self.call.tenant, self.call.run_id, [item.claim] if item.claim else [])
        if item.claim and (done := claims.in_the_way(item.claim, once=self._is_granted)):
            return Verdict(kind="abort", reason=done[:400], marked=OPEN in done)
        # Before the look: whoever is at work between the two is seen when the leases are taken.
        leases = self._leases(item.targets)
        if holder := leases.held_by(self.clock.now()):
            return Verdict(kind="retry", reason=holder[:400], seconds=WAITING, patient=True, marked=OPEN in holder)
        try:
            preview = Preview.model_validate(mask(self.tool.preview(self._input).model_dump(mode="json")))
        except CopilotError as error:
            return verdict_of_error(error)
        if preview.state_hash != item.state_hash:
            return Verdict(kind="preview", reason=moved(item, preview), seconds=1, marked=True)
        if blocker := self._unfinished_on(preview):
            reason = f"{blocker} has another write of this run whose outcome is not known"
            return Verdict(kind="abort", reason=reason[:400], marked=OPEN in reason)
        return self._begin(item, preview, leases, claims)

    def _begin(self, item: Item, preview: Preview, leases: Leasing, claims: Claims) -> Verdict:
        now = self.clock.now()
        # What was to be taken back and is so already is not taken back by who finds it so.
        claim = item.claim if item.claim and not (item.claim.how == "undo" and preview.is_idle) else None
        taken = [*leases.taken(self._until(now)), *([claims.taken(claim, now)] if claim else [])]
        kept = self._kept_back(preview)
        if kept and (kept.denies or not item.approval_id):
            # What nobody approved and an exclusion has a person asked for since is decided anew.
            how: Literal["abort", "preview"] = "abort" if kept.denies else "preview"
            return Verdict(kind=how, reason=kept.reason[:400], seconds=1, marked=OPEN in kept.reason)
        entry = LedgerEntry(
            step=self.call.step,
            item=self.call.item,
            tool=self.step.tool,
            arguments_hash=digest(item.arguments),
            state="started",
            prior=preview,
            owner=self.owner,
            attempt=self.call.attempt,
            started_at=now,
            dead_after=self.dead_after,
            approval_id=item.approval_id,
            claim=claim,
        )
        approved = ApprovalCall(
            step=self.call.step, item=self.call.item, tool=self.step.tool, arguments=item.arguments, preview=preview
        )
        try:
            self.store.start_effect(
                self.call.tenant,
                self.call.run_id,
                entry,
                approved.hash if item.approval_id else None,
                self._evidence(entry, BEGUN, entry.started_at),
                taken,
            )
        except Conflict:
            return Verdict(kind="wait", reason="another worker has begun this write", settled=False)
        except NotAllowed as error:
            return Verdict(kind="abort", reason=str(error))
        except (RetryableError, NotReady) as error:
            # If it was recorded all the same, the next attempt finds it: as one that a worker began and did not end.
            return verdict_of_error(error)
        if self.clock.now() - now > FRESH and (denied := self._denied(preview)):
            self._end(entry, "failed_clean", reason=denied)
            return Verdict(kind="abort", reason=denied[:400], marked=OPEN in denied)
        return self._do(entry)

    def _found_started(self, kept: LedgerEntry) -> Verdict:
        """A worker began this write and did not say how it ended: it may be at work still, or have died anywhere."""
        now = self.clock.now()
        if now < kept.dead_after:
            seconds = int((kept.dead_after - now).total_seconds()) + 1
            return Verdict(kind="wait", reason="the worker that began this write may still be at it", seconds=seconds)
        if denied := self._denied(kept.prior):
            return _held_up(denied, THAWING)
        leases = self._leases(kept.prior.apart)
        if holder := leases.held_by(now):
            return _held_up(holder, WAITING)
        mine = kept.model_copy(
            update={"owner": self.owner, "dead_after": self.dead_after, "attempt": self.call.attempt, "reason": ""}
        )
        try:
            self.store.take_over_effect(
                self.call.tenant, self.call.run_id, mine, kept.owner, leases.taken(self._until(now))
            )
        except Conflict:
            return Verdict(kind="wait", reason="another worker has taken this write over", settled=False)
        except NotReady as error:
            return _held_up(str(error), WAITING)
        if self.tool.unverifiable:
            return self._end(mine, "unknown", reason="the worker died after it began; it may have been done, or not")
        if kept.paused:
            return self._again(mine)
        return self._read_back_first(mine)

    def _read_back_first(self, mine: LedgerEntry) -> Verdict:
        """What is done in the world is done; what can be made again without harm is, and the rest stays unknown."""
        try:
            found = read_back(self.tool, self._input, mine.prior)
        except CopilotError as error:
            if self.tool.idempotent:
                return self._again(mine)
            return self._end(mine, "unknown", reason=f"the worker died after it began, and then: {error}"[:400])
        if not found.tells:
            return self._end(mine, "unknown", reason="the worker died after it began; it may have been done, or not")
        if found.outcome == "true":
            return self._end(mine, "done", output=found.output)
        if found.outcome == "false" or self.tool.idempotent:
            return self._again(mine)
        return self._end(mine, "unknown", reason="the worker died after it began; it may have been done, or not")

    def _again(self, mine: LedgerEntry) -> Verdict:
        """Reading back may have taken long: it is looked again at what is frozen, and what is off limits."""
        if denied := self._denied(mine.prior):
            return self._given_up(mine, _held_up(denied, THAWING))
        return self._do(mine, again=True)

    def _given_up(self, entry: LedgerEntry, verdict: Verdict) -> Verdict:
        """By this worker, for the next attempt to take over: that one looks first, and keeps the prior state."""
        given_up = entry.model_copy(update={"dead_after": self.clock.now()})
        try:
            self.store.take_over_effect(self.call.tenant, self.call.run_id, given_up, self.owner)
        except Conflict:
            return Verdict(kind="wait", reason="another worker has taken this write over", settled=False)
        return verdict

    def _do(self, entry: LedgerEntry, *, again: bool = False) -> Verdict:
        """`again` where it was begun before: then a tool that raises may have changed something the first time."""
        try:
            permissions = self.tool.permissions(self._input, entry.prior)
            tool = type(self.tool)(self.writing(self.run, self.call.id, permissions))
            output = mask(tool.run(self._input, entry.prior).model_dump(mode="json"))
        except CopilotError as error:
            return self._failed(entry, error, again)
        return self._end(entry, "done", output=output)

    def _failed(self, entry: LedgerEntry, error: CopilotError, again: bool) -> Verdict:
        """A tool that raises has changed nothing, or says so: what may be half done is looked at, never assumed."""
        verdict = verdict_of_error(error)
        if isinstance(error, Unfinished) and self.tool.idempotent:
            return self._pause(entry, verdict.reason)
        if isinstance(error, RetryableError | NotReady) and self.tool.idempotent:
            return self._given_up(entry, verdict)  # it may have taken effect all the same
        if isinstance(error, RetryableError):
            return self._end(entry, "unknown", reason=f"{verdict.reason}; it may have been done, or not")
        if isinstance(error, HalfDone):
            return self._end(entry, "unknown", reason=verdict.reason)
        if again:
            return self._end(
                entry, "unknown", reason=f"{verdict.reason}; it had been begun before, and may be half done"
            )
        self._end(entry, "failed_clean", reason=verdict.reason)
        return verdict

    def _pause(self, entry: LedgerEntry, reason: str) -> Verdict:
        """Still the one effect, with the prior state and the approval it began with; nobody is at work on it now.

        Check waits while what is left cannot be done, and has this function go on with it once it can.
        """
        paused = entry.model_copy(update={"dead_after": self.clock.now(), "reason": reason})
        evidence = self._evidence(paused, "paused", paused.dead_after)
        try:
            self.store.finish_effect(self.call.tenant, self.call.run_id, paused, evidence)
        except Conflict:
            return Verdict(kind="wait", reason="another worker has taken this write over", settled=False)
        return Verdict(kind="wait", reason=reason, settled=False, marked=True)

    def _end(self, entry: LedgerEntry, state: str, output: JsonValue = None, reason: str = "") -> Verdict:
        now = self.clock.now()
        ended = entry.model_copy(update={"state": state, "finished_at": now, "output": output, "reason": reason})
        try:
            self.store.finish_effect(self.call.tenant, self.call.run_id, ended, self._evidence(ended, state, now))
        except Conflict:
            return Verdict(kind="wait", reason="another worker has taken this write over", settled=False)
        return Verdict(kind="unknown", reason=reason, marked=True) if state == "unknown" else self._made()

    def _made(self) -> Verdict:
        """Done, as far as the call goes; whether the world is as wanted is for Check, where that can be read back."""
        return Verdict(kind="pass") if self.tool.unverifiable else UNSETTLED

    def _leases(self, targets: Iterable[ResourceRef]) -> Leasing:
        return Leasing(self.store, self.call.tenant, self.call.run_id, targets)

    def _until(self, now: datetime) -> datetime:
        return max(self.dead_after, lasting(now))

    def _kept_back(self, preview: Preview) -> KeptFrom | None:
        """By a freeze of what it would change, or by an exclusion."""
        if preview.is_idle:
            return None
        there, person = self.store.freezes(self.call.tenant), self.run.trigger.person.id
        if frozen := frozen_by(there, person, preview, granted=self._is_granted):
            return KeptFrom(denies=True, reason=frozen)
        if not can_be_excluded(preview):
            return None
        return kept_from(self.exclusions_for(person), preview, self.clock.now(), granted=self._is_granted)

    def _denied(self, preview: Preview) -> str:
        """Why it may not go on now; "" where nothing keeps it from that."""
        kept = self._kept_back(preview)
        return kept.reason if kept and kept.denies else ""

    @property
    def _is_granted(self) -> bool:
        decision = self.step.items[self.call.item].decision
        return decision is not None and GRANTED in decision.policies

    def _unfinished_on(self, preview: Preview) -> str | None:
        """A target of the preview on which another write of the run was begun and did not end in a known way."""
        targets = {target.ref for target in preview.targets}
        for entry in self.store.effects(self.call.tenant, self.call.run_id):
            own = (entry.step, entry.item) == (self.call.step, self.call.item)
            if not own and entry.state in {"started", "unknown"}:
                for target in entry.prior.targets:
                    if target.ref in targets:
                        return quoted(target.name)
        return None

    @property
    def _input(self) -> BaseModel:
        return self.tool.Input.model_validate(self.step.items[self.call.item].arguments)

    def _evidence(self, entry: LedgerEntry, what: str, at: datetime) -> JournalEntry:
        data: JsonValue = {
            "step": entry.step,
            "item": entry.item,
            "tool": entry.tool,
            "state": entry.state,
            "approval": entry.approval_id,
            "targets": [target.ref.id for target in entry.prior.targets],
            "reason": entry.reason,
        }
        what = f"{entry.step}-{entry.item}-{entry.attempt}-{what}"
        return JournalEntry.of(self.run, "effect", what, at, data)


def _held_up(why: str, seconds: int) -> Verdict:
    """What was begun and is not gone on with yet: that is tried as long as its tool has time."""
    reason = f"it was begun, and {why}"
    return Verdict(kind="retry", reason=reason[:400], seconds=seconds, patient=True, marked=OPEN in reason)


def output_of_effect(store: Ledger, call: ItemCall) -> JsonValue:
    """What a write gave; None where it came to no output."""
    entry = store.effect(call.tenant, call.run_id, call.step, call.item)
    return entry.output if entry else None


def moved(item: Item, preview: Preview) -> str:
    """What a person who approved or waited is told when the world is not as it was previewed."""
    now = "; ".join(f"{c.name}: {c.before} -> {c.after}" for c in preview.wanted)
    since = "since it was approved" if item.approval_id else "since it was looked at"
    return f"the target has changed {since}; now it would be {now or 'nothing to do'}"[:400]


def read_back(tool: WriteTool[Any, Any], given: BaseModel, prior: Preview) -> Verification:
    """What a fresh read says of a write, without its secrets. Raises as verify does, the words without theirs."""
    try:
        found = tool.verify(given, prior)
    except CopilotError as error:
        # Here, where the words are whole: half a secret, where they are cut, does not look like one.
        error.args = (mask_text(str(error)),)
        raise
    return Verification.model_validate(mask(found.model_dump(mode="json")))
