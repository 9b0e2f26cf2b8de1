"""Check: one Verdict on one item, from a fresh read by a role that cannot write. Stores nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import JsonValue

from copilot.domain import ItemCall, ItemOutcome, LedgerEntry, Run, StepState, Verdict, Verification
from copilot.errors import CopilotError, NotReady, RetryableError, ToolInputError
from copilot.ports import Clients, Clock, ResultKey, Store
from copilot.running.effects import output_of_effect, read_back
from copilot.running.verdicts import is_marked, marked_in, verdict_of_error, verdict_of_output
from copilot.text.outside import OPEN
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

LAG = timedelta(seconds=30)


@dataclass(frozen=True)
class Check:
    store: Store
    registry: Registry
    clock: Clock
    reading: Callable[[Run, str], Clients]

    def __call__(self, call: ItemCall) -> ItemOutcome:
        """The Verdict on a call that Execute could not settle, or that never came back from it."""
        step = self.store.load_step(call.tenant, call.run_id, call.step)
        tool = self.registry.find(step.tool)
        output: JsonValue = None
        if call.phase != "preview" and issubclass(tool, WriteTool):
            verdict = self._write(call, step, tool)
            output = output_of_effect(self.store, call)
        else:
            key = ResultKey(call.step, call.item, preview=call.phase == "preview")
            kept = self.store.results(call.tenant, call.run_id, [key]).get(key)
            ran = kept is not None and kept.attempt >= call.attempt
            verdict = kept.verdict if kept and ran else Verdict(kind="retry", reason="the call took too long")
            output = kept.output if kept and ran else None
        return ItemOutcome(
            step=call.step,
            item=call.item,
            attempt=call.attempt,
            phase=call.phase,
            verdict=verdict.model_copy(update={"settled": True}),
            marked=None if output is None or call.phase == "preview" else marked_in(tool, output),
        )

    def _write(self, call: ItemCall, step: StepState, tool: type[WriteTool[Any, Any]]) -> Verdict:
        entry = self.store.effect(call.tenant, call.run_id, call.step, call.item)
        if entry is None:
            return Verdict(kind="retry", reason="the write was not begun")
        if (verdict := self._of_ledger(entry)) is not None:
            return verdict
        if tool.unverifiable:
            return Verdict(kind="pass")
        found = self._read_back(call, step, tool, entry)
        if isinstance(found, Verdict):
            return found
        return self._of_world(found, entry) or verdict_of_output(tool, step.expect, found.output)

    def _of_ledger(self, entry: LedgerEntry) -> Verdict | None:
        """What the ledger alone says; None where the world is to be looked at."""
        if entry.state == "failed_clean":
            return Verdict(kind="retry", reason=entry.reason, marked=True)
        if entry.state == "unknown":
            return Verdict(kind="unknown", reason=entry.reason, marked=True)
        if entry.state != "started":
            return None
        left = (entry.dead_after - self.clock.now()).total_seconds()
        if left > 0:
            return Verdict(
                kind="wait", reason="the worker that began this write may still be at it", seconds=int(left) + 1
            )
        return None if entry.paused else Verdict(kind="retry", reason="the worker that began this write died")

    def _read_back(
        self, call: ItemCall, step: StepState, tool: type[WriteTool[Any, Any]], entry: LedgerEntry
    ) -> Verification | Verdict:
        """What a fresh read says of the write; where it cannot be read, what that comes to."""
        given = tool.Input.model_validate(step.items[call.item].arguments)
        try:
            clients = self.reading(self.store.run(call.tenant, call.run_id), call.id)
            return read_back(tool(clients), given, entry.prior)
        except (RetryableError, NotReady) as error:
            return Verdict(kind="wait", reason=str(error)[:400], marked=is_marked(error))
        except ToolInputError as error:
            # It was done with these arguments: others would put nothing right.
            reason = f"done, but it cannot be read back: {error}"
            return Verdict(kind="abort", reason=reason[:400], marked=is_marked(error))
        except CopilotError as error:
            return verdict_of_error(error)

    def _of_world(self, found: Verification, entry: LedgerEntry) -> Verdict | None:
        """What is not as wanted, or not yet; None where it is."""
        wait = Verdict(kind="wait", reason=found.reason[:400], marked=OPEN in found.reason)
        if found.outcome == "not yet":
            return wait
        if entry.paused:
            return Verdict(kind="retry", reason=entry.reason, marked=True)
        if found.outcome == "true":
            return None
        if self._is_fresh(entry):
            return wait
        done = "nothing had to be done" if entry.prior.is_idle else "done"
        reason = f"{done}, but a fresh read says otherwise: {found.reason}"
        return Verdict(kind="abort", reason=reason[:400], marked=OPEN in found.reason)

    def _is_fresh(self, entry: LedgerEntry) -> bool:
        """Reads of EC2 and RDS may lag behind a write for a while (AWS calls them eventually consistent)."""
        return entry.finished_at is not None and self.clock.now() - entry.finished_at < LAG
