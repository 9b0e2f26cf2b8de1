"""Execute: run one item of one step, at most once where it writes, and say what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, JsonValue, ValidationError

from copilot.domain import Item, ItemCall, ItemOutcome, Preview, Run, Runtime, StepResult, StepState, Verdict
from copilot.errors import CopilotError, FatalError, ToolInputError
from copilot.ports import Clients, Clock, ResultKey, Store
from copilot.running.effects import Effect, Writing, output_of_effect
from copilot.running.excluding import ExclusionsFor, nothing_excluded
from copilot.running.mending import mend_of
from copilot.running.verdicts import cancelled, marked_in, verdict_of_error, verdict_of_output
from copilot.text.masking import mask
from copilot.tools.owning import told_whose
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, ReadTool, WriteTool


@dataclass(frozen=True)
class Execute:
    """`reading` gives clients that can only read; `writing` clients that can do what the permissions name, and no more.

    Both are given the run and the id of the call. `runtime` is the one this function may run; None is any.
    `exclusions_for` is what a person, and everybody, is to leave alone.
    """

    store: Store
    registry: Registry
    clock: Clock
    reading: Callable[[Run, str], Clients]
    writing: Writing
    runtime: Runtime | None = None
    exclusions_for: ExclusionsFor = nothing_excluded

    def __call__(self, call: ItemCall, owner: str, dead_after: datetime) -> ItemOutcome:
        """What came of the call. `owner` names this worker, which cannot be alive any more after `dead_after`."""
        step = self.store.load_step(call.tenant, call.run_id, call.step)
        tool = self.registry.find(step.tool)
        run = self.store.run(call.tenant, call.run_id)
        wanted = tool.looks_in() if call.phase == "preview" else tool.runtime
        output: JsonValue = None
        if self.runtime not in {None, wanted}:
            verdict = Verdict(kind="abort", reason=f"{step.tool} does not belong on the {self.runtime} function")
        elif call.phase == "preview" or not issubclass(tool, WriteTool):
            verdict, output = self._read(call, step, tool, run)
        else:
            verdict = Effect(
                self.store,
                self.clock,
                self.writing,
                call,
                step,
                tool(self.reading(run, call.id)),
                run,
                owner,
                dead_after,
                self.exclusions_for,
            ).make()
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
            return cancelled(run), None
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


def _called(tool: AnyTool, clients: Clients, item: Item, *, preview: bool) -> JsonValue:
    made = tool(clients)
    given = tool.Input.model_validate(item.arguments)
    if isinstance(made, ReadTool):
        result: BaseModel = made.run(given)
    else:
        result = told_whose(made.preview(given), clients)
    expected = Preview if preview else tool.Output
    try:
        kept = mask(expected.model_validate(result.model_dump(mode="json")).model_dump(mode="json"), tool.links)
    except ValidationError as error:
        raise FatalError(f"{tool.name} gave an output that does not fit its own schema") from error
    return kept
