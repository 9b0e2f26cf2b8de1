"""Execute: run one item of one step, at most once where it writes, and say what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, JsonValue, ValidationError

from copilot.domain import (
    MOST_CHOICES,
    ApprovalCall,
    Item,
    ItemCall,
    ItemOutcome,
    JournalEntry,
    LedgerEntry,
    Permission,
    Preview,
    Run,
    Runtime,
    StepResult,
    StepState,
    Verdict,
    Verification,
    digest,
)
from copilot.errors import (
    Ambiguous,
    Conflict,
    CopilotError,
    FatalError,
    NoData,
    NotAllowed,
    NotReady,
    PermissionDenied,
    RetryableError,
    ToolInputError,
    Unfinished,
)
from copilot.plans import references
from copilot.plans.marks import marked_paths
from copilot.plans.tool_types import types_of
from copilot.ports import Clients, Clock, ResultKey, Store
from copilot.running.mending import mend_of
from copilot.text.masking import mask, mask_text
from copilot.text.outside import OPEN, looks_like_a_name, quoted
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, ReadTool, WriteTool

BETWEEN_STATES = 15  # seconds; what is between two states (a database that starts) takes minutes
MOST_PATHS = 20
UNSETTLED = Verdict(kind="pass", settled=False)


@dataclass(frozen=True)
class Execute:
    """`reading` gives clients that can only read; `writing` clients that can do what the permissions name, and no more.

    Both are given the run and the id of the call. `runtime` is the one this function may run; None is any.
    """

    store: Store
    registry: Registry
    clock: Clock
    reading: Callable[[Run, str], Clients]
    writing: Callable[[Run, str, Sequence[Permission]], Clients]
    runtime: Runtime | None = None

    def __call__(self, call: ItemCall, owner: str, dead_after: datetime) -> ItemOutcome:
        """What came of the call. `owner` names this worker, which cannot be alive any more after `dead_after`."""
        step = self.store.load_step(call.tenant, call.run_id, call.step)
        tool = self.registry.find(step.tool)
        run = self.store.run(call.tenant, call.run_id)
        wanted = "read" if call.phase == "preview" else tool.runtime
        output: JsonValue = None
        if self.runtime not in {None, wanted}:
            verdict = Verdict(kind="abort", reason=f"{step.tool} does not belong on the {self.runtime} function")
        elif call.phase == "preview" or not issubclass(tool, WriteTool):
            verdict, output = self._read(call, step, tool, run)
        else:
            verdict = _Effect(self, call, step, tool(self.reading(run, call.id)), run, owner, dead_after).make()
            if verdict.kind == "pass" and verdict.settled:
                output = output_of_effect(self.store, call)
        return ItemOutcome(
            step=call.step,
            item=call.item,
            attempt=call.attempt,
            phase=call.phase,
            verdict=verdict,
            marked=None if output is None or call.phase == "preview" else marked_in(tool, output),
        )

    def _read(self, call: ItemCall, step: StepState, tool: AnyTool, run: Run) -> tuple[Verdict, JsonValue]:
        """A read, or the preview of a write: run again without harm, and not run again once its result is kept."""
        key = ResultKey(call.step, call.item, preview=call.phase == "preview")
        kept = self.store.results(call.tenant, call.run_id, [key]).get(key)
        if kept is not None and kept.attempt >= call.attempt:
            return kept.verdict, kept.output
        if run.cancelled_by:
            return _cancelled(run), None
        started = self.clock.now()
        output: JsonValue = None
        problem: CopilotError | None = None
        try:
            output = _called(tool, self.reading(run, call.id), step.items[call.item], preview=key.preview)
        except CopilotError as error:
            problem = error
        verdict = verdict_of_error(problem) if problem else Verdict(kind="pass")
        if isinstance(problem, ToolInputError) and not key.preview:
            verdict = verdict.model_copy(update={"mend": mend_of(step.items[call.item].arguments, problem)})
        if problem is None and not key.preview:
            verdict = verdict_of_output(tool, step.expect, output, otherwise="replan")
        result = StepResult(
            status="error" if problem else "ok",
            output=output,
            error=verdict.reason if problem else None,
            verdict=verdict,
            attempt=call.attempt,
            started_at=started,
            ended_at=self.clock.now(),
        )
        self.store.put_result(call.tenant, call.run_id, key, result)
        return verdict, output


@dataclass(frozen=True)
class _Effect:
    """One write: looked up in the ledger, recorded as started, made, recorded as ended."""

    by: Execute
    call: ItemCall
    step: StepState
    tool: WriteTool[Any, Any]
    run: Run
    owner: str
    dead_after: datetime

    def make(self) -> Verdict:
        kept = self.by.store.effect(self.call.tenant, self.call.run_id, self.call.step, self.call.item)
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
            return _cancelled(self.run)
        item = self.step.items[self.call.item]
        try:
            preview = Preview.model_validate(mask(self.tool.preview(self._input).model_dump(mode="json")))
        except CopilotError as error:
            return verdict_of_error(error)
        if preview.state_hash != item.state_hash:
            return Verdict(kind="preview", reason=moved(item, preview), seconds=1, marked=True)
        if blocker := self._unfinished_on(preview):
            reason = f"{blocker} has another write of this run whose outcome is not known"
            return Verdict(kind="abort", reason=reason[:400], marked=OPEN in reason)
        now = self.by.clock.now()
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
        )
        approved = ApprovalCall(
            step=self.call.step, item=self.call.item, tool=self.step.tool, arguments=item.arguments, preview=preview
        )
        try:
            self.by.store.start_effect(
                self.call.tenant,
                self.call.run_id,
                entry,
                approved.hash if item.approval_id else None,
                self._evidence(entry, "started"),
            )
        except Conflict:
            return Verdict(kind="wait", reason="another worker has begun this write", settled=False)
        except NotAllowed as error:
            return Verdict(kind="abort", reason=str(error))
        return self._do(entry)

    def _found_started(self, kept: LedgerEntry) -> Verdict:
        """A worker began this write and did not say how it ended: it may be at work still, or have died anywhere."""
        now = self.by.clock.now()
        if now < kept.dead_after:
            seconds = int((kept.dead_after - now).total_seconds()) + 1
            return Verdict(kind="wait", reason="the worker that began this write may still be at it", seconds=seconds)
        mine = kept.model_copy(
            update={"owner": self.owner, "dead_after": self.dead_after, "attempt": self.call.attempt, "reason": ""}
        )
        try:
            self.by.store.take_over_effect(self.call.tenant, self.call.run_id, mine, kept.owner)
        except Conflict:
            return Verdict(kind="wait", reason="another worker has taken this write over", settled=False)
        if self.tool.unverifiable:
            return self._end(mine, "unknown", reason="the worker died after it began; it may have been done, or not")
        if kept.paused:
            return self._do(mine, again=True)
        return self._read_back_first(mine)

    def _read_back_first(self, mine: LedgerEntry) -> Verdict:
        """What is done in the world is done; what can be made again without harm is, and the rest stays unknown."""
        try:
            found = read_back(self.tool, self._input, mine.prior)
        except CopilotError as error:
            if self.tool.idempotent:
                return self._do(mine, again=True)
            return self._end(mine, "unknown", reason=f"the worker died after it began, and then: {error}"[:400])
        if found.outcome == "true":
            return self._end(mine, "done", output=found.output)
        if found.outcome == "false" or self.tool.idempotent:
            return self._do(mine, again=True)
        return self._end(mine, "unknown", reason="the worker died after it began; it may have been done, or not")

    def _do(self, entry: LedgerEntry, *, again: bool = False) -> Verdict:
        """`again` where it was begun before: then a tool that raises may have changed something the first time."""
        try:
            permissions = self.tool.permissions(self._input, entry.prior)
            tool = type(self.tool)(self.by.writing(self.run, self.call.id, permissions))
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
            # It may have taken effect all the same. Given up by this worker, it is taken over by the next attempt:
            # that one looks first, and keeps the prior state.
            given_up = entry.model_copy(update={"dead_after": self.by.clock.now()})
            try:
                self.by.store.take_over_effect(self.call.tenant, self.call.run_id, given_up, self.owner)
            except Conflict:
                return Verdict(kind="wait", reason="another worker has taken this write over", settled=False)
            return verdict
        if isinstance(error, RetryableError):
            return self._end(entry, "unknown", reason=f"{verdict.reason}; it may have been done, or not")
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
        paused = entry.model_copy(update={"dead_after": self.by.clock.now(), "reason": reason})
        evidence = self._evidence(paused, "paused")
        try:
            self.by.store.finish_effect(self.call.tenant, self.call.run_id, paused, evidence)
        except Conflict:
            return Verdict(kind="wait", reason="another worker has taken this write over", settled=False)
        return Verdict(kind="wait", reason=reason, settled=False, marked=True)

    def _end(self, entry: LedgerEntry, state: str, output: JsonValue = None, reason: str = "") -> Verdict:
        ended = entry.model_copy(
            update={"state": state, "finished_at": self.by.clock.now(), "output": output, "reason": reason}
        )
        try:
            self.by.store.finish_effect(self.call.tenant, self.call.run_id, ended, self._evidence(ended, state))
        except Conflict:
            return Verdict(kind="wait", reason="another worker has taken this write over", settled=False)
        return Verdict(kind="unknown", reason=reason, marked=True) if state == "unknown" else self._made()

    def _made(self) -> Verdict:
        """Done, as far as the call goes; whether the world is as wanted is for Check, where that can be read back."""
        return Verdict(kind="pass") if self.tool.unverifiable else UNSETTLED

    def _unfinished_on(self, preview: Preview) -> str | None:
        """A target of the preview on which another write of the run was begun and did not end in a known way."""
        targets = {target.ref for target in preview.targets}
        for entry in self.by.store.effects(self.call.tenant, self.call.run_id):
            own = (entry.step, entry.item) == (self.call.step, self.call.item)
            if not own and entry.state in {"started", "unknown"}:
                for target in entry.prior.targets:
                    if target.ref in targets:
                        return quoted(target.name)
        return None

    @property
    def _input(self) -> BaseModel:
        return self.tool.Input.model_validate(self.step.items[self.call.item].arguments)

    def _evidence(self, entry: LedgerEntry, what: str) -> JournalEntry:
        return JournalEntry(
            at=self.by.clock.now(),
            id=f"{self.call.run_id}-{entry.step}-{entry.item}-{entry.attempt}-{what}",
            kind="effect",
            run_id=self.call.run_id,
            person=self.run.trigger.person.id,
            data={
                "step": entry.step,
                "item": entry.item,
                "tool": entry.tool,
                "state": entry.state,
                "approval": entry.approval_id,
                "targets": [target.ref.id for target in entry.prior.targets],
                "reason": entry.reason,
            },
        )


def marked_in(tool: AnyTool, output: JsonValue) -> tuple[str, ...]:
    """The fields of the tool's output in which text is that neither our code nor the asker wrote; "", all of it, where
    they are many: what goes through the machine is small.
    """
    paths = marked_paths(output, types_of(tool).output)
    return paths if len(paths) <= MOST_PATHS else ("",)


def output_of_effect(store: Store, call: ItemCall) -> JsonValue:
    """What a write gave; None where it came to no output."""
    entry = store.effect(call.tenant, call.run_id, call.step, call.item)
    return entry.output if entry else None


def verdict_of_output(
    tool: AnyTool, expect: str | None, output: JsonValue, otherwise: Literal["replan", "abort"] = "abort"
) -> Verdict:
    """Whether the output is as the step expects; if not, `otherwise`, with what it says of itself."""
    try:
        as_expected = expect is None or references.evaluate(expect, output) is True
    except NoData as error:
        return Verdict(kind="no_data", reason=str(error)[:400])
    if as_expected:
        return Verdict(kind="pass")
    said = output.get("summary") if isinstance(output, dict) else None
    marked = said is not None and bool({"summary", ""} & set(marked_in(tool, output)))
    return Verdict(kind=otherwise, reason=f"{said or 'the output is'} (expected: {expect})"[:400], marked=marked)


def verdict_of_error(error: CopilotError) -> Verdict:
    """What is to be done about a tool's error: the error's class says it."""
    reason = mask_text(str(error))
    marked = is_marked(error)
    if isinstance(error, NotReady):
        return Verdict(kind="retry", reason=reason[:400], seconds=BETWEEN_STATES, patient=True, marked=marked)
    if isinstance(error, RetryableError):
        return Verdict(kind="retry", reason=reason[:400], marked=marked)
    if isinstance(error, Ambiguous):
        marked = marked or not all(map(looks_like_a_name, error.nearest))
        choices = tuple(mask_text(one) for one in error.nearest[:MOST_CHOICES])
        return Verdict(kind="abort", reason=reason[:400], marked=marked, choices=choices)
    if isinstance(error, ToolInputError):
        nearest = mask_text(", ".join(error.nearest))
        near = f" (nearest: {nearest})" if error.nearest and error.nearest[0] not in reason else ""
        return Verdict(kind="repair", reason=(reason + near)[:400], marked=marked)
    if isinstance(error, PermissionDenied):
        return Verdict(kind="abort", reason=f"the cloud refused it: {reason}"[:400], marked=marked)
    return Verdict(kind="abort", reason=reason[:400], marked=marked)


def is_marked(error: CopilotError) -> bool:
    """Whether words that are not the copilot's stand in what an error says."""
    near = error.nearest if isinstance(error, ToolInputError) else ()
    return not error.ours or OPEN in str(error) or not all(map(looks_like_a_name, near))


def _cancelled(run: Run) -> Verdict:
    return Verdict(kind="abort", reason=f"cancelled by {run.cancelled_by}")


def moved(item: Item, preview: Preview) -> str:
    """What a person who approved or waited is told when the world is not as it was previewed."""
    now = "; ".join(f"{c.name}: {c.before} -> {c.after}" for c in preview.changes if c.action != "skip")
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


def _called(tool: AnyTool, clients: Clients, item: Item, *, preview: bool) -> JsonValue:
    made = tool(clients)
    given = tool.Input.model_validate(item.arguments)
    if isinstance(made, ReadTool):
        result: BaseModel = made.run(given)
    else:
        result = made.preview(given)
    expected = Preview if preview else tool.Output
    try:
        kept = mask(expected.model_validate(result.model_dump(mode="json")).model_dump(mode="json"), tool.links)
    except ValidationError as error:
        raise FatalError(f"{tool.name} gave an output that does not fit its own schema") from error
    return kept
