"""Advance, the one scheduler: records what came back, sees what that makes ready, says what the machine does next.

Ready work runs first; then, where a call was wrong, a better plan is asked for; then come waits, then approvals; and
once all is settled, a look at it, where the plan ends in one. Called again for a wave it has decided, it returns that
decision.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pydantic import JsonValue

from copilot.config.configuration import Configuration
from copilot.domain import (
    NOTHING_KNOWN,
    RETRY,
    TURN_LASTS,
    Advanced,
    Approval,
    Arguments,
    Item,
    ItemCall,
    ItemOutcome,
    JournalEntry,
    Known,
    Run,
    Step,
    StepState,
)
from copilot.errors import Conflict, NoData, RetryableError
from copilot.plans.afresh import fixed_arguments
from copilot.plans.arguments import TOLD_CHANNELS, dependencies, results_in
from copilot.plans.classes import classed_arguments
from copilot.plans.kept import used_by
from copilot.plans.outputs import load_outputs, spared_texts
from copilot.policy.decisions import Policy
from copilot.ports import Clock, Store
from copilot.running.accompanying import NOTHING_DONE, told_of
from copilot.running.asking import Asking
from copilot.running.beginning import blocked_by, held_back, not_twice
from copilot.running.board import Board
from copilot.running.claiming import taking_back
from copilot.running.excluding import (
    ExclusionsFor,
    nothing_excluded,
)
from copilot.running.expanding import expand, expand_again, skipped
from copilot.running.judging import Judging
from copilot.running.leasing import keep_leases
from copilot.running.limiting import Limiting, counted_otherwise
from copilot.running.pacing import HELD, halted, held, may_halt
from copilot.running.reaching import not_reached, record_look, told_by_name, with_channels
from copilot.running.recording import (
    ask_of_mend,
    record_approval,
    record_outcome,
)
from copilot.running.replanning import better_plan, next_look, reconsider, replanned, without_better_plan
from copilot.running.retrying import going_on
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, WriteTool

MEANWHILE = 3
WAVE_ITEMS = 100  # one wave's outcomes stay far below the 262,144 bytes a state may hold
INLINE_ITEMS = 400  # at about 12 events an item, more would pass a quarter of an execution's 25,000 events


@dataclass(frozen=True)
class Advance:
    """`functions` maps each runtime and "check" to the function that the machine invokes for it.

    `can_replan` is whether there is a model that can make a better plan, `known` what environments there are,
    `exclusions_for` what a person, and everybody, is to leave alone.
    """

    store: Store
    registry: Registry
    policy: Policy
    clock: Clock
    config: Configuration
    functions: Mapping[str, str]
    can_replan: bool = False
    known: Callable[[], Known] = lambda: NOTHING_KNOWN
    exclusions_for: ExclusionsFor = nothing_excluded

    def __call__(self, tenant: str, run_id: str, wave: int, outcomes: Sequence[ItemOutcome]) -> Advanced:
        """The decision that follows wave `wave` (0 at the start of an execution), given what its items came to."""
        for _ in range(MEANWHILE):
            record = self.store.load_run(tenant, run_id)
            if record.run.status == "answered" or record.revision is None:
                return Advanced(next="reply", wave=record.run.wave)
            board = Board(record.run, record.revisions, dict(record.steps), self.clock.now())
            if record.run.advanced is not None and wave < record.run.wave and not self._is_overdue(board):
                self._give_back(record.run, record.run.advanced)
                self._keep_leases(board, record.run.advanced)
                return record.run.advanced
            if (later := self._waits_for_its_turn(board)) is not None:
                return later
            try:
                return self._advance(board, outcomes)
            except Conflict:
                # The machine called twice and the other call was first, the run was cancelled meanwhile, or another run
                # was counted where this one is.
                continue
        raise RetryableError(f"run {run_id} changed {MEANWHILE} times while it was decided")

    def _advance(self, board: Board, outcomes: Sequence[ItemOutcome]) -> Advanced:
        for outcome in outcomes:
            self._record(board, outcome)
        stop = self._stopped_by(board)
        self._settle_approval(board, stopped=stop is not None)
        if stop is not None:
            # Before anything is looked up: of what was issued, results may never have come, or be kept no longer.
            self._stop_new_work(board, *stop)
            return self._decide(board, may_look=False)
        self._settle_replan(board)
        self._judging.previews(board)
        self._look_for_channels(board)
        self._halt(board)
        self._reconsider(board)
        while self._expand_one(board):
            self._reconsider(board)
        return self._decide(board)

    # what came back

    def _record(self, board: Board, outcome: ItemOutcome) -> None:
        step = board.steps[outcome.step]
        item = step.items[outcome.item]
        attempts = self.config.budgets.attempts
        if outcome.step == TOLD_CHANNELS:
            board.put_item(step.step_id, record_look(item, outcome, self._tool(step), board.now, attempts))
            return
        if outcome.verdict.mend is not None and self._feeds_a_change(board, step.step_id):
            board.put_item(step.step_id, ask_of_mend(item, outcome, outcome.verdict.mend, board.now))
            return
        board.put_item(step.step_id, record_outcome(item, outcome, self._tool(step), board.now, attempts))

    def _feeds_a_change(self, board: Board, step_id: str) -> bool:
        """Whether anything that is changed or sent waits for this step."""
        waiting = {step_id}
        for step in board.plan.steps:
            if dependencies(step) & waiting:
                waiting.add(step.id)
        return any(self.registry.find(one.tool).effect != "read" for one in board.plan.steps if one.id in waiting)

    def _settle_approval(self, board: Board, *, stopped: bool) -> None:
        if board.run.approval_id is None:
            return
        approval = self.store.approval(board.run.tenant, board.run.approval_id)
        begins = list[tuple[StepState, Item]]()
        for step, item in board.items("asking"):
            judged = record_approval(item, approval, board.now, left_out=approval.leaves_out(step.step_id, item.index))
            board.put_item(step.step_id, judged)
            if judged.status == "open" and not stopped:
                begins.append((step, judged))
        self._judging.still_allow(board, begins)

    def _settle_replan(self, board: Board) -> None:
        """What was wrong, once the Plan function was asked for a better plan."""
        asked = board.run.advanced.replan if board.run.advanced else None
        if asked is None or asked.kind == "look":
            return
        revision = board.revision
        answered = board.run.revision > asked.revision
        problem = revision.problem if answered else "no better plan was made"
        for step, item in board.items("wrong"):
            if problem and (asked.kind == "revise" or step.step_id == asked.step):
                board.put_item(step.step_id, without_better_plan(item, problem, board.now))
            elif not problem and revision.kind == "revise":
                board.put_item(step.step_id, replanned(item, board.now))
        if answered and not problem and revision.kind == "repair" and asked.step is not None:
            self._repair(board, asked.step)

    def _repair(self, board: Board, step_id: str) -> None:
        step = next(step for step in board.plan.steps if step.id == step_id)
        tool = self.registry.find(step.tool)
        outputs, spared = self._outputs(board, dependencies(step), results_in(step))
        fixed = self._fixed(board, step, tool)
        board.put(expand_again(step, tool, board.steps[step_id], outputs, board.now, spared, fixed))
        if not issubclass(tool, WriteTool):
            self._judging.reads(board, step_id, tool)

    def _reconsider(self, board: Board) -> None:
        for step, item in board.items("wrong"):
            budgets, able = self.config.budgets, self._can_replan(board)
            board.put_item(step.step_id, reconsider(item, board.revisions, budgets, able=able, now=board.now))

    def _halt(self, board: Board) -> None:
        """The rest of a step in which it went wrong twice is not begun."""
        for step in [step for step in board.steps.values() if may_halt(step)]:
            entries = self.store.effects(board.run.tenant, board.run.run_id)
            begun = {(entry.step, entry.item) for entry in entries if entry.state != "failed_clean"}
            for item in halted(step, begun, board.now).values():
                board.put_item(step.step_id, item)

    def _can_replan(self, board: Board) -> bool:
        """A Run that goes on with another one makes what is left of that one's plan, or says why not."""
        return self.can_replan and board.revisions[0].intent != RETRY

    # what is ready

    def _told(self, board: Board) -> list[str]:
        """Who is still to be told that may turn out not to be there; without a list of them every channel is there."""
        told = told_by_name(board.plan, board.steps, self.registry)
        lists = self.config.chat is not None or bool(self.config.channels)
        return [name for name in told if lists or not name.startswith("#")]

    def _look_for_channels(self, board: Board) -> None:
        if look := with_channels(board.plan, board.steps, self.registry, self._told(board)):
            board.put(look)

    def _expand_one(self, board: Board) -> bool:
        """Expand the next step whose dependencies are settled; False when there is none."""
        for step in board.plan.steps:
            needed = dependencies(step)
            if step.id in board.steps or not all(n in board.steps and board.steps[n].is_settled for n in needed):
                continue
            changes = self.registry.entry(step.tool).effect != "read"
            if changes and TOLD_CHANNELS in board.steps:
                if not board.steps[TOLD_CHANNELS].is_settled:
                    continue
                if not_told := not_reached(board.steps, self._told(board)):
                    board.put(skipped(step, not_told))
                    return True
            if not_run := blocked_by(board.plan, step, board.steps, self.registry):
                board.put(skipped(step, not_run.reason, as_planned=not_run.as_planned))
                return True
            try:
                self._begin(board, step, needed)
            except NoData as gone:
                board.put(skipped(step, str(gone)))
            return True
        return False

    def _begin(self, board: Board, step: Step, needed: Iterable[str]) -> None:
        """The step with its items, or why it is not run. Raises NoData where what it goes by is no longer kept."""
        outputs, spared = self._outputs(board, needed, results_in(step))
        tool = self.registry.find(step.tool)
        if not_run := held_back(board.plan, step, tool, board.steps, outputs):
            board.put(skipped(step, not_run.reason, as_planned=not_run.as_planned))
            return
        told: Arguments = {}
        if step.accompanies is not None:
            text = told_of(board, step, self.store.effects(board.run.tenant, board.run.run_id))
            if not text:
                board.put(skipped(step, NOTHING_DONE, as_planned=True))
                return
            told = {"text": text}
        left = self.config.budgets.items - sum(len(other.items) for other in board.steps.values())
        fixed = {**self._fixed(board, step, tool), **told}
        begun = expand(step, tool, outputs, board.now, left, spared, self._can_replan(board), fixed)
        if issubclass(tool, WriteTool):
            begun = going_on(self.store, self.registry, board, taking_back(board, begun))
        board.put(not_twice(begun, board.steps, self.registry, board.now) if len(board.revisions) > 1 else begun)
        if not issubclass(tool, WriteTool):
            self._judging.reads(board, step.id, tool)

    def _fixed(self, board: Board, step: Step, tool: AnyTool) -> Arguments:
        """The arguments of a step's calls that the plan has no say in."""
        classed = classed_arguments(tool, step, board.plan, self.registry, used_by(board.revisions))
        return {**fixed_arguments(tool, board.plan, self.registry), **classed}

    def _outputs(
        self, board: Board, needed: Iterable[str], again: Collection[str]
    ) -> tuple[dict[str, JsonValue], dict[str, str]]:
        """What these steps gave, and the results of earlier Turns by these names, and how the texts in it stand in a
        message that are spared: see spared_texts. Raises NoData.
        """
        kept = used_by(board.revisions)
        used = [kept[name] for name in again if name in kept]
        outputs = load_outputs(self.store, self.registry, board.run, board.steps, needed, used)
        return outputs, spared_texts(self.registry, board.steps, outputs, kept, sent=True)

    def _stopped_by(self, board: Board) -> tuple[Literal["cancelled", "failed"], str] | None:
        if board.run.cancelled_by:
            return "cancelled", f"cancelled by {board.run.cancelled_by}"
        if self._is_overdue(board):
            return "failed", f"the run's {self.config.budgets.wall_minutes} minutes are used up"
        return None

    def _stop_new_work(self, board: Board, status: Literal["cancelled", "failed"], reason: str) -> None:
        """Nothing new begins. Effects already made are still checked, so that the answer can say how they ended."""
        unsettled = ("open", "asking", "issued", "wrong")
        for step, item in [found for status in unsettled for found in board.items(status)]:
            if item.phase != "check":
                board.put_item(step.step_id, item.settle(status, reason, board.now))
            elif item.status == "issued":  # that check never came back
                board.put_item(step.step_id, item.look_at_once())
        for planned in board.plan.steps:
            if planned.id not in board.steps:
                board.put(skipped(planned, reason))

    def _is_overdue(self, board: Board) -> bool:
        wall = timedelta(minutes=self.config.budgets.wall_minutes)
        return board.now - board.run.trigger.received_at > wall

    # what is next

    def _decide(self, board: Board, *, may_look: bool = True) -> Advanced:
        wave = board.run.wave + 1
        waiting = self._in_turn(board)
        ready = [(step, item) for step, item in waiting if item.due is None or item.due <= board.now][:WAVE_ITEMS]
        asking = board.items("asking")
        approval: Approval | None = None
        if ready:
            advanced = self._issue(board, wave, ready)
        elif replan := better_plan(board.run, board.steps.values()):
            advanced = Advanced(next="plan", wave=wave, replan=replan)
        elif waiting:
            first = min(item.due for _, item in waiting if item.due is not None)
            seconds = max(1, math.ceil((first - board.now).total_seconds()))
            advanced = Advanced(next="wait", wave=wave, seconds=seconds)
        elif asking:
            ask = Asking(self.store, self.registry, self.policy, self.config)
            asked = ask.standing(board, asking)
            if asked is None:
                asked = approval = ask.anew(board, wave, asking)
            seconds = max(1, math.ceil((asked.expires_at - board.now).total_seconds()))
            advanced = Advanced(next="approve", wave=wave, approval_id=asked.id, seconds=seconds)
        elif may_look and self.can_replan and (look := next_look(board.run, board.revision, board.steps)):
            advanced = Advanced(next="plan", wave=wave, replan=look)
        else:
            advanced = Advanced(next="reply", wave=wave)
            self._limiting.give_back(board)
        return self._save(board, advanced, approval)

    def _in_turn(self, board: Board) -> list[tuple[StepState, Item]]:
        """What is to be issued, now or later, but for what waits for the first of its step."""
        holding = {step.step_id: held(step) for step in board.steps.values()}
        for step, item in board.items("open"):
            if item.index in holding[step.step_id]:
                board.put_item(step.step_id, item.hold(HELD))
        return [(step, item) for step, item in board.items("open") if item.index not in holding[step.step_id]]

    def _issue(self, board: Board, wave: int, ready: Sequence[tuple[StepState, Item]]) -> Advanced:
        calls = []
        for step, item in ready:
            board.put_item(step.step_id, item.issue(board.now))
            tool = self._tool(step)
            role = {"preview": tool.looks_in(), "check": "check", "execute": tool.runtime}[item.phase]
            calls.append(
                ItemCall(
                    function=self.functions[role],
                    tenant=board.run.tenant,
                    run_id=board.run.run_id,
                    conversation=board.run.conversation,
                    step=step.step_id,
                    item=item.index,
                    attempt=item.attempt,
                    phase=item.phase,
                )
            )
        many = board.run.items_run + len(calls) > INLINE_ITEMS
        return Advanced(next="items_distributed" if many else "items", wave=wave, items=tuple(calls))

    def _save(self, board: Board, advanced: Advanced, approval: Approval | None) -> Advanced:
        if board.run.approval_id not in {None, advanced.approval_id}:
            advanced = advanced.model_copy(update={"waited_for": board.run.approval_id})
        run = board.run.model_copy(
            update={
                "wave": advanced.wave,
                "advanced": advanced,
                "items_run": board.run.items_run + len(advanced.items),
                "approval_id": advanced.approval_id,
            }
        )
        if approval is not None:
            board.evidence.append(
                {"asked": approval.id, "hash": approval.hash, "until": approval.expires_at.isoformat()}
            )
        decided = (
            [JournalEntry.of(run, "decision", f"w{run.wave}", board.now, board.evidence)] if board.evidence else []
        )
        changed = [board.steps[step_id] for step_id in sorted(board.changed)]
        self.store.save_wave(run, changed, approval, decided, counted_otherwise(board))
        self._give_back(run, advanced)
        self._keep_leases(board, advanced)
        return advanced

    def _keep_leases(self, board: Board, advanced: Advanced) -> None:
        """What waits for a person holds nobody up; what is yet to be expanded may change what was changed before. But
        who waits for another Run has nothing for later: that one may wait for it. At the end Reply gives back what no
        worker is at any more.
        """
        if advanced.next == "reply":
            return
        waiting = [self.registry.entry(step.tool) for step in board.plan.steps if step.id not in board.steps]
        in_turn = not any(item.unready and item.phase == "execute" for _, item in board.items("open"))
        later = in_turn and any(entry.resource not in {None, "Channel"} for entry in waiting)
        keep_leases(self.store, board, parks=advanced.next == "approve", later=later)

    def _waits_for_its_turn(self, board: Board) -> Advanced | None:
        """What waited for a person let its Conversation go on, and goes on itself once it has that again: until then it
        is asked for again, and nothing is noted. Not for what only ends. None where it is its turn.
        """
        run = board.run
        if run.status != "parked" or self._stopped_by(board) is not None:
            return None
        if self.store.take_lock(run, board.now, board.now + TURN_LASTS):
            return None
        approval = self.store.approval(run.tenant, run.approval_id or "")
        waited = (board.now - (approval.decided_at or approval.expires_at)).total_seconds()
        return Advanced(next="wait", wave=run.wave, seconds=int(min(max(waited / 4, 2), 30)))

    def _give_back(self, run: Run, advanced: Advanced) -> None:
        """A run that waits for a person lets its Conversation go on."""
        if advanced.next == "approve":
            self.store.release_lock(run)

    @property
    def _judging(self) -> Judging:
        return Judging(self.store, self.registry, self.policy, self.config, self.known, self.exclusions_for)

    @property
    def _limiting(self) -> Limiting:
        return Limiting(self.store, self.registry, self.config, self.known)

    def _tool(self, step: StepState) -> AnyTool:
        return self.registry.find(step.tool)
