"""What is decided of the calls of a run, as things are: by policy, standing approvals, freezes, exclusions, limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from copilot.config.configuration import Configuration
from copilot.domain import FREEZE, Call, Decision, Item, Known, Person, Preview, StepState
from copilot.plans.about import about_link
from copilot.plans.kept import used_by
from copilot.plans.outputs import load_previews
from copilot.plans.taint import explained, tainted_steps
from copilot.policy.decisions import Policy
from copilot.ports import Store
from copilot.running.board import Board
from copilot.running.claiming import Claims
from copilot.running.excluding import ExclusionsFor, KeptFrom, can_be_excluded, kept_from, narrowed
from copilot.running.freezing import frozen_by
from copilot.running.granting import GRANTED, granted_by
from copilot.running.limiting import Judged, Limiting
from copilot.running.proposing import proposal, proposes
from copilot.running.recording import denied, looked_at, record_decision
from copilot.running.standing import beyond, with_standing
from copilot.running.telling import why_untold
from copilot.text.outside import OPEN
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, why_irreversible

ASK_ELSEWHERE = "nothing is changed by what is asked there: ask in the chat, or with the devops-copilot command"


@dataclass(frozen=True)
class Judging:
    """`known` is what environments there are, `exclusions_for` what a person, and everybody, is to leave alone."""

    store: Store
    registry: Registry
    policy: Policy
    config: Configuration
    known: Callable[[], Known]
    exclusions_for: ExclusionsFor

    def previews(self, board: Board) -> None:
        """Policy on every call whose preview has come back: on targets as they are in the cloud, never as planned."""
        previewed = [(step, item) for step, item in board.items("issued") if item.phase == "preview"]
        previews = load_previews(self.store, board.run, previewed)
        judged = list[Judged]()
        for step, item in previewed:
            preview = previews[step.step_id, item.index]
            if preview.is_idle:
                decision = Decision(outcome="allow", reason="nothing will change")
            else:
                decision = self._decided(board, step, item, preview)
            # After what is granted, so that nobody is asked for what another did in between.
            if done := self._done_by_another(board, item):
                board.put_item(step.step_id, item.settle("failed", done, board.now, reason_marked=OPEN in done))
                continue
            item = looked_at(item, preview)
            reason = beyond(board, judged, item, decision, step.step_id)
            if reason := reason or proposal(board, decision, preview, self._asked(board, step, item, preview)):
                board.put_item(step.step_id, item.settle("left_out", reason, board.now))
                board.note(step, item, decision)
            else:
                judged.append(Judged(step, item, decision))
        for step, item, decision in self._covered(board, self._limiting.limited(board, judged), previews):
            state_hash = previews[step.step_id, item.index].state_hash
            board.put_item(step.step_id, record_decision(item, state_hash, decision, board.now))
            board.note(step, item, decision)

    def reads(self, board: Board, step_id: str, tool: AnyTool) -> None:
        """A read is decided once for the step: its rule does not depend on what is read. What makes links puts
        behind them what it is given.
        """
        step = board.steps[step_id]
        decision = self.policy.decide(self._person(board), tool, ())
        if decision.outcome == "allow" and tool.links:
            about = about_link(board.plan, step_id, self.registry, used_by(board.revisions))
            decision = self.policy.may_show(self._person(board), about, "link")
        for item in step.items:
            if item.status == "open":
                allowed = decision.outcome == "allow"
                judged = (
                    item.model_copy(update={"decision": decision}) if allowed else denied(item, decision, board.now)
                )
                board.put_item(step_id, judged)
        if step.items:
            board.note(step, step.items[0], decision)

    def still_allow(self, board: Board, approved: Sequence[tuple[StepState, Item]]) -> None:
        """Of what was approved, what policy, the person's roles, a freeze, an exclusion or a limit keeps from it since
        is denied.
        """
        previews = load_previews(self.store, board.run, approved) if approved else {}
        judged = [
            Judged(step, item, self._decided(board, step, item, previews[step.step_id, item.index]))
            for step, item in approved
        ]
        for step, item, decision in self._limiting.limited(board, judged, approved=True):
            denies = decision.outcome == "deny"
            board.put_item(step.step_id, denied(item, decision, board.now) if denies else item)
            if denies:
                board.note(step, item, decision)

    def _done_by_another(self, board: Board, item: Item) -> str:
        """By which other Run what the call is to take back or to make was, in words; "" where by none."""
        if item.claim is None:
            return ""
        return Claims(self.store, board.run.tenant, board.run.run_id, [item.claim]).in_the_way(item.claim)

    def _covered(
        self, board: Board, judged: Sequence[Judged], previews: Mapping[tuple[str, int], Preview]
    ) -> list[Judged]:
        """The calls as they are decided where a standing approval covers what policy permits and a limit asks for."""
        covered, rest = list[Judged](), list[Judged]()
        for one in judged:
            step, item, decision = one
            preview = previews[one.place]
            standing = self._with_standing(board, step, item, preview) if one.is_asked_by_limit else None
            if standing is None:
                rest.append(one)
            elif reason := beyond(board, [*judged, *covered], item, standing, step.step_id):
                board.put_item(step.step_id, item.settle("left_out", reason, board.now))
                board.note(step, item, decision)
            else:
                covered.append(one._replace(decision=standing))
        return [*rest, *self._limiting.limited(board, covered)]

    def _decided(self, board: Board, step: StepState, item: Item, preview: Preview) -> Decision:
        """What policy says of a write that would change something; or that an Approval grants it, a standing one covers
        it, or a freeze or an exclusion keeps it back.
        """
        person, tool, why = self._person(board), self._tool(step), self._why_tainted(board, step)
        lost, untold = why_irreversible(tool, item.arguments, preview), self._why_untold(board, step, preview)
        decision = self._asked(board, step, item, preview)()
        if decision.outcome == "deny" and board.run.trigger.read_only:
            return decision.model_copy(update={"reason": ASK_ELSEWHERE})
        granted = ""
        # What policy allows, a limit or a freeze may still keep back.
        if decision.outcome != "deny" and not why and not lost and not untold:
            call = Call(tool=tool.name, arguments=item.arguments)
            granted = granted_by(self.store, self.registry, board, call, item.claim, person)
        if granted:
            reason = f"approval {granted} grants that it is taken back"
            decision = Decision(outcome="allow", policies=(*decision.policies, GRANTED), reason=reason)
        waits, allowed = decision.outcome == "ask" or proposes(decision), decision.outcome == "allow"
        excluded = self._excluded(board, preview, granted=bool(granted)) if waits or allowed else None
        # A standing approval lifts no exclusion.
        if waits and not why and excluded is None:
            decision = self._with_standing(board, step, item, preview) or decision
        if decision.outcome != "deny":
            if board.freezes is None:
                board.freezes = self.store.freezes(board.run.tenant)
            if frozen := frozen_by(board.freezes, person.id, preview, granted=bool(granted)):
                return Decision(outcome="deny", policies=(FREEZE,), reason=frozen)
        decision = narrowed(decision, excluded)
        for one in (lost and f"cannot be taken back: {lost}", untold, why):
            decision = explained(decision, one)
        return decision

    def _excluded(self, board: Board, preview: Preview, *, granted: bool) -> KeptFrom | None:
        if not can_be_excluded(preview):
            return None
        if board.exclusions is None:
            board.exclusions = self.exclusions_for(board.run.trigger.person.id)
        return kept_from(board.exclusions, preview, board.now, granted=granted)

    def _asked(self, board: Board, step: StepState, item: Item, preview: Preview) -> Callable[..., Decision]:
        """What policy is asked about a call, to be asked with a standing approval or without."""
        tool = self._tool(step)
        return partial(
            self.policy.decide,
            self._person(board),
            tool,
            preview.targets,
            tainted=bool(self._why_tainted(board, step)),
            private=bool(self._why_untold(board, step, preview)),
            irreversible=bool(why_irreversible(tool, item.arguments, preview)),
            owned=preview.is_owned,
            reaction=board.run.trigger.reaction is not None,
            read_only=board.run.trigger.read_only,
        )

    def _with_standing(self, board: Board, step: StepState, item: Item, preview: Preview) -> Decision | None:
        decide = self._asked(board, step, item, preview)
        return with_standing(self.store, self.config, self.policy, board, preview, decide)

    def _why_tainted(self, board: Board, step: StepState) -> str:
        """Why untrusted text may have steered the step; "" where none did. Worked out once for all its items."""
        if board.taints is None:
            board.taints = tainted_steps(board.revisions, board.steps, self.registry)
        return board.taints.get(step.step_id, "")

    def _why_untold(self, board: Board, step: StepState, preview: Preview) -> str:
        """Why a person is to look at what the step tells, in words; "" where it tells nothing but what it may."""
        return why_untold(self.store, self.registry, self.config, self.policy, board, step.step_id, preview)

    def _person(self, board: Board) -> Person:
        """Who asked, with the roles they have now."""
        return self.config.current(board.run.trigger.person)

    @property
    def _limiting(self) -> Limiting:
        return Limiting(self.store, self.registry, self.config, self.known)

    def _tool(self, step: StepState) -> AnyTool:
        return self.registry.find(step.tool)
