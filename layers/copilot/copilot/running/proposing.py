"""What a reaction would do, and does not: it is shown, with what would let it."""

from __future__ import annotations

from collections.abc import Callable

from copilot.domain import Decision, Preview, of_reaction
from copilot.running.board import Board
from copilot.text.outside import quoted

PROPOSE = "reactions-propose"
"""The policy by which what an event began looks and proposes."""
SHOWN = 3


def proposes(decision: Decision) -> bool:
    """Whether this is what keeps a call from being made, so that a standing approval may let it."""
    return decision.outcome == "deny" and PROPOSE in decision.policies


def proposal(board: Board, decision: Decision, preview: Preview, decide: Callable[..., Decision]) -> str:
    """A call that is only proposed, in words; "" for any other. `decide` asks policy about it, given what a standing
    approval names.
    """
    reaction = board.run.trigger.reaction
    if reaction is None or not proposes(decision):
        return ""
    changes = [f"{one.action} {quoted(one.name)} ({one.before} -> {one.after})" for one in preview.wanted]
    more = f" and {len(changes) - SHOWN} more" if len(changes) > SHOWN else ""
    said = f"proposed, and not done: {', '.join(changes[:SHOWN])}{more}. Ask for it"
    if decide(named=frozenset(target.name for target in preview.targets)).outcome != "allow":
        return said
    return (
        f"{said}, or let the reaction do the like with devops-copilot standing grant {of_reaction(reaction)} --most N"
    )
