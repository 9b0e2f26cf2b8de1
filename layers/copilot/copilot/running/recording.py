"""How an Item changes: by what a function made of it, by policy, by a person, by a budget. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from copilot.domain import STRICTER, Approval, Decision, Item, ItemOutcome, Mend, Phase, Preview, Verdict
from copilot.text.masking import mask_text
from copilot.text.outside import OPEN
from copilot.tools.tool import AnyTool

LONGEST_WAIT = 30
LEAST_ATTEMPTS = 3
"""So often what may pass by itself is tried, however long it takes; more often as long as the tool has time."""


def record_outcome(item: Item, outcome: ItemOutcome, tool: AnyTool, now: datetime, attempts: int) -> Item:
    """The item after one function was done with it. Outcomes of an earlier attempt change nothing."""
    verdict = outcome.verdict.model_copy(update={"reason": mask_text(outcome.verdict.reason)[:400]})
    if item.is_settled or outcome.attempt != item.attempt:
        return item
    marked = item.marked if outcome.marked is None else outcome.marked
    update = {"marked": marked, "reason": "", "reason_marked": verdict.marked, "choices": verdict.choices}
    item = item.model_copy(update=update)
    match verdict.kind:
        case "pass" if outcome.phase == "preview":
            return item  # policy speaks next
        case "pass":
            return item.settle("done", verdict.reason, now)
        case "no_data":
            return item.settle("no_data", verdict.reason, now)
        case "unknown":
            return item.settle(_end_of_unknown(outcome.phase, tool), verdict.reason, now)
        case "wait":
            return _wait(item, outcome.phase, verdict, tool, now)
        case "retry" | "preview":
            phase: Phase = "execute" if outcome.phase == "check" else outcome.phase
            return _retry(item, "preview" if verdict.kind == "preview" else phase, verdict, tool, now, attempts)
        case "repair":
            return _repair(item, verdict, tool, now)
        case "replan":
            return item.go_wrong("revise", verdict.reason)
        case _:
            return item.settle("failed", verdict.reason, now)


def ask_of_mend(item: Item, outcome: ItemOutcome, mend: Mend, now: datetime) -> Item:
    """The item of a read for which a name was nearly right, and on which a change rests: only who asked can say what
    was meant, and one word of theirs does.
    """
    if item.is_settled or outcome.attempt != item.attempt:
        return item
    reason = f"there is no {mend.said!r}, and the only name near it is {mend.meant}; is that meant?"
    asked = item.model_copy(update={"choices": (mend.meant,)})
    return asked.settle("failed", mask_text(reason)[:400], now, reason_marked=OPEN in reason)


def looked_at(item: Item, preview: Preview) -> Item:
    """The item once it is known what it would change, and in which accounts: "" is where its platform has none.

    A schedule, a channel or an exception is a target that is changed itself, not something in an account.
    """
    kinds = [target.kind for target in preview.targets if target.kind]
    themselves = {*(target.ref for target in preview.targets), *preview.apart}
    update = {
        "targets": preview.apart,
        "accounts": tuple(sorted({change.ref.account for change in preview.wanted if change.ref not in themselves})),
        "kind": max(kinds, key=STRICTER.index, default=None),
    }
    return item.model_copy(update=update)


def record_decision(item: Item, state_hash: str, decision: Decision, now: datetime) -> Item:
    """The item that was looked at, once policy has seen what it would change."""
    if decision.outcome == "deny":
        return denied(item, decision, now)
    return (item.ask if decision.outcome == "ask" else item.allow)(decision, state_hash)


def denied(item: Item, decision: Decision, now: datetime) -> Item:
    """The item where policy does not allow it."""
    kept = item.model_copy(update={"decision": decision})
    return kept.settle("denied", decision.reason, now, reason_marked=OPEN in decision.reason)


def record_approval(item: Item, approval: Approval, now: datetime, *, left_out: bool = False) -> Item:
    """The item once a person, or time, has decided."""
    state = approval.state_at(now)
    if item.status != "asking" or item.approval_id != approval.id or state == "pending":
        return item
    if left_out:
        return item.settle("left_out", f"left out by {approval.decided_by}, who approved the rest", now)
    if state == "approved":
        return item.approve(approval.decided_by or "")
    if state == "expired":
        return item.settle("expired", "nobody approved it in time", now)
    reason = f"denied by {approval.decided_by}" + (f": {approval.reason}" if approval.reason else "")
    return item.settle("denied", reason, now, reason_marked=bool(approval.reason))


def _end_of_unknown(phase: Phase, tool: AnyTool) -> Literal["unknown", "failed"]:
    """What reads gave up on changed nothing; only a write leaves a question open."""
    return "unknown" if tool.effect != "read" and phase != "preview" else "failed"


def _repair(item: Item, verdict: Verdict, tool: AnyTool, now: datetime) -> Item:
    if verdict.mend and item.mended is None and tool.effect == "read":
        return item.mend(verdict.mend, now)
    return item.go_wrong("repair", verdict.reason)


def _wait(item: Item, phase: Phase, verdict: Verdict, tool: AnyTool, now: datetime) -> Item:
    """What it waited for before it was begun takes nothing of the time that what was begun has."""
    deadline = (None if phase == "execute" else item.deadline) or now + timedelta(seconds=tool.timeout)
    if now >= deadline:
        return item.settle("failed", f"not as wanted after {tool.timeout} s: {verdict.reason}", now)
    seconds = verdict.seconds or min(2 ** (item.waits + 1), LONGEST_WAIT)
    return item.look(now + timedelta(seconds=seconds), verdict.reason, deadline)


def _retry(item: Item, phase: Phase, verdict: Verdict, tool: AnyTool, now: datetime, attempts: int) -> Item:
    if verdict.patient:
        return _try_until(item, phase, verdict, tool, now)
    # A call made anew by a plan begins to count anew.
    made = item.attempt - len(item.repaired) - item.unready
    again = now + timedelta(seconds=verdict.seconds or min(2**made, LONGEST_WAIT))
    until = (item.issued_at or now) + timedelta(seconds=tool.timeout)
    if made >= attempts or (made >= LEAST_ATTEMPTS and again > until):
        return item.settle("failed", f"gave up after {made} attempts: {verdict.reason}", now)
    return item.retry(phase, verdict.reason, again)


def _try_until(item: Item, phase: Phase, verdict: Verdict, tool: AnyTool, now: datetime) -> Item:
    """As often as it takes, until the deadline; what is between two states is no failed attempt."""
    deadline = item.deadline or now + timedelta(seconds=tool.timeout)
    if now >= deadline:
        return item.settle("failed", f"not ready after {tool.timeout} s: {verdict.reason}", now)
    again = item.retry(phase, verdict.reason, now + timedelta(seconds=verdict.seconds or LONGEST_WAIT), deadline)
    return again.model_copy(update={"unready": item.unready + 1})
