"""What a standing approval covers of a Run: that of a schedule's firing, as far as its plan is what was granted."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.config.configuration import Configuration
from copilot.domain import Decision, Item, Person, Preview, StepState, is_named
from copilot.policy.decisions import Policy
from copilot.ports import Store
from copilot.running.board import Board
from copilot.tools.tool import AnyTool

STANDING = "standing-approval"
"""What a Decision names besides policies where one covers the call, with its id."""


def covered_by(board: Board, item: Item) -> str:
    """The id of the standing approval by which a call is made; "" where none is."""
    decision = item.decision
    if decision is None or STANDING not in decision.policies:
        return ""
    return decision.policies[decision.policies.index(STANDING) + 1]


def with_standing(
    store: Store, config: Configuration, policy: Policy, board: Board, person: Person, tool: AnyTool, preview: Preview
) -> Decision | None:
    """What policy says of a call that needs an approval, with the standing approval there is; None where none lifts
    that. Who granted it must be one who may approve this now.
    """
    schedule = board.run.trigger.schedule_id
    if schedule is None:
        return None
    if board.standings is None:
        board.standings = store.standings(board.run.tenant)
    named = frozenset(target.name for target in preview.targets if is_named(target.name, board.plan))
    for one in sorted(board.standings, key=lambda one: (-one.most, one.id)):
        if not one.covers(schedule, person.id, board.plan, board.now):
            continue
        if policy.may_approve(config.current(one.by), preview.targets).outcome != "allow":
            continue
        decision = policy.decide(person, tool, preview.targets, named=named)
        if decision.outcome == "allow":
            reason = f"{one.by.name} granted it until {one.expires_at:%d %b %Y} (standing approval {one.id})"
            return decision.model_copy(update={"policies": (*decision.policies, STANDING, one.id), "reason": reason})
    return None


def beyond(board: Board, step: StepState, item: Item, decision: Decision, preview: Preview) -> str:
    """Why a call that a standing approval covers is left all the same: it covers no more targets. "" else."""
    if STANDING not in decision.policies:
        return ""
    granted = decision.policies[decision.policies.index(STANDING) + 1]
    most = next(one.most for one in board.standings or () if one.id == granted)
    taken = _targets_by(board, granted, but=(step.step_id, item.index))
    wanted = taken | {(target.ref.type, target.ref.id) for target in preview.targets}
    if len(wanted) <= most:
        return ""
    return f"left as it is: standing approval {granted} covers {most} targets at most, and this is one more"


def _targets_by(board: Board, granted: str, but: tuple[str, int]) -> set[tuple[str, str]]:
    items: Sequence[tuple[StepState, Item]] = [(step, item) for step in board.steps.values() for item in step.items]
    return {
        (target.type, target.id)
        for step, item in items
        if (step.step_id, item.index) != but and item.status != "left_out" and covered_by(board, item) == granted
        for target in item.targets
    }
