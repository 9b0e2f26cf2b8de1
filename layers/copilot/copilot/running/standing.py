"""What a standing approval covers of a Run: of a schedule's firing, or a reaction, as far as it is what was granted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from copilot.config.configuration import Configuration
from copilot.domain import RUNBOOK, Decision, Item, Preview, is_named, of_reaction, shape_of, shape_of_reaction
from copilot.policy.decisions import Policy
from copilot.ports import Store
from copilot.running.board import Board
from copilot.running.limiting import STANDING, Judged


def with_standing(
    store: Store,
    config: Configuration,
    policy: Policy,
    board: Board,
    preview: Preview,
    decide: Callable[..., Decision],
) -> Decision | None:
    """What policy says of a call that needs an approval, with the standing approval there is; None where none lifts
    that. Who granted it must be one who may approve this now. `decide` asks policy about the call, given its `named`.
    """
    owner, asked = board.run.trigger.person.id, asked_of(config, board)
    if asked is None:
        return None
    if board.standings is None:
        board.standings = store.standings(board.run.tenant)
    for one in sorted(board.standings, key=lambda one: (-one.most, one.id)):
        if not one.covers(asked[0], owner, asked[1], board.now):
            continue
        if policy.may_approve(config.current(one.by), preview.targets).outcome != "allow":
            continue
        named = frozenset(target.name for target in preview.targets if is_named(target.name, one.names))
        decision = decide(named=named)
        if decision.outcome == "allow":
            reason = f"{one.by.name} granted it until {one.expires_at:%d %b %Y} (standing approval {one.id})"
            return decision.model_copy(update={"policies": (*decision.policies, STANDING, one.id), "reason": reason})
    return None


def asked_of(config: Configuration, board: Board) -> tuple[str, str] | None:
    """Which schedule or reaction it is, and the shape of what it does; None of what no standing approval is for: what
    a reaction asks for in words is planned anew each time.
    """
    trigger, plan = board.run.trigger, board.plan
    if trigger.schedule_id is not None:
        return trigger.schedule_id, shape_of(plan)
    reaction = config.reaction(trigger.reaction) if trigger.reaction else None
    first = board.revisions[0]
    version = first.slots.get("version")
    if reaction is None or first.intent != RUNBOOK or first.slots.get("runbook") != reaction.runbook:
        return None
    if not isinstance(version, int) or shape_of(first.plan) != shape_of(plan):
        return None
    return of_reaction(reaction.name), shape_of_reaction(reaction.binds, version)


def beyond(board: Board, judged: Sequence[Judged], item: Item, decision: Decision, step: str) -> str:
    """Why a call that was looked at, and that a standing approval covers, is left all the same: it covers no more
    targets than those of calls before it, those that were `judged` just now among them. "" else.
    """
    granted = _granted(decision)
    if not granted:
        return ""
    most = next(one.most for one in board.standings or () if one.id == granted)
    before = [
        other
        for each in board.steps.values()
        for other in each.items
        if (each.step_id, other.index) != (step, item.index) and other.status != "left_out"
    ]
    made = [other for other in before if other.decision is not None and _granted(other.decision) == granted]
    made += [one.item for one in judged if _granted(one.decision) == granted]
    taken = {target for other in made for target in other.targets}
    if len(taken | {*item.targets}) <= most:
        return ""
    targets = "1 target" if most == 1 else f"{most} targets"
    return f"left as it is: standing approval {granted} covers {targets} at most each time, and this is one more"


def _granted(decision: Decision) -> str:
    """The id of the standing approval that covers what was decided; "" where none does."""
    names = decision.policies
    return names[names.index(STANDING) + 1] if STANDING in names else ""
