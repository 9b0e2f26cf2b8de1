"""How an Item changes: by what a function made of it, by policy, by a person, by a budget. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from copilot.domain import Approval, Decision, Item, ItemOutcome, Mend, Preview
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
            return settle(item, "done", verdict.reason, now)
        case "no_data":
            return settle(item, "no_data", verdict.reason, now)
        case "unknown":
            # What reads gave up on changed nothing; only a write leaves a question open.
            changes = tool.effect != "read" and outcome.phase != "preview"
            return settle(item, "unknown" if changes else "failed", verdict.reason, now)
        case "wait":
            return _wait(item, verdict.reason, verdict.seconds, tool, now)
        case "retry" | "preview":
            phase = "preview" if verdict.kind == "preview" else "execute" if outcome.phase == "check" else outcome.phase
            if verdict.patient:
                return _try_again(item, phase, verdict.reason, verdict.seconds or LONGEST_WAIT, tool, now)
            made = item.attempt - len(item.repaired)  # a call made anew by a plan begins to count anew
            again = now + timedelta(seconds=verdict.seconds or min(2**made, LONGEST_WAIT))
            until = (item.issued_at or now) + timedelta(seconds=tool.timeout)
            if made >= attempts or (made >= LEAST_ATTEMPTS and again > until):
                return settle(item, "failed", f"gave up after {made} attempts: {verdict.reason}", now)
            return _reopen(item, phase, verdict.reason, again)
        case "repair" if verdict.mend and item.mended is None and tool.effect == "read":
            return _mended(item, verdict.mend, now)
        case "repair" | "replan":
            wanted = "repair" if verdict.kind == "repair" else "revise"
            return item.model_copy(update={"status": "wrong", "wanted": wanted, "reason": verdict.reason, "due": None})
        case _:
            return settle(item, "failed", verdict.reason, now)


def record_decision(item: Item, preview: Preview, decision: Decision, now: datetime) -> Item:
    """The item once policy has seen what it would change."""
    if decision.outcome == "deny":
        update = {"decision": decision, "reason_marked": OPEN in decision.reason}
        return settle(item.model_copy(update=update), "denied", decision.reason, now)
    update = {"decision": decision, "state_hash": preview.state_hash, "phase": "execute", "due": None}
    return item.model_copy(update=update | {"status": "asking" if decision.outcome == "ask" else "open"})


def record_approval(item: Item, approval: Approval, now: datetime) -> Item:
    """The item once a person, or time, has decided."""
    state = approval.state_at(now)
    if item.status != "asking" or item.approval_id != approval.id or state == "pending":
        return item
    if state == "approved":
        return item.model_copy(update={"status": "open", "reason": f"approved by {approval.decided_by}"})
    if state == "expired":
        return settle(item, "expired", "nobody approved it in time", now)
    reason = f"denied by {approval.decided_by}" + (f": {approval.reason}" if approval.reason else "")
    return settle(item.model_copy(update={"reason_marked": bool(approval.reason)}), "denied", reason, now)


def settle(item: Item, status: str, reason: str, now: datetime) -> Item:
    return item.model_copy(update={"status": status, "reason": reason[:400], "due": None, "settled_at": now})


def _mended(item: Item, mend: Mend, now: datetime) -> Item:
    arguments = dict(item.arguments) | {mend.argument: mend.meant}
    again = _reopen(item, "execute", f"{mend.said!r} was read as {mend.meant}", now)
    return again.model_copy(update={"arguments": arguments, "mended": mend})


def _wait(item: Item, reason: str, seconds: int | None, tool: AnyTool, now: datetime) -> Item:
    deadline = item.deadline or now + timedelta(seconds=tool.timeout)
    if now >= deadline:
        return settle(item, "failed", f"not as wanted after {tool.timeout} s: {reason}", now)
    due = now + timedelta(seconds=seconds or min(2 ** (item.waits + 1), LONGEST_WAIT))
    update = {"status": "open", "phase": "check", "due": due, "waits": item.waits + 1, "deadline": deadline}
    return item.model_copy(update=update | {"reason": reason})


def _try_again(item: Item, phase: str, reason: str, seconds: int, tool: AnyTool, now: datetime) -> Item:
    """As often as it takes, until the deadline; what is between two states is no failed attempt."""
    deadline = item.deadline or now + timedelta(seconds=tool.timeout)
    if now >= deadline:
        return settle(item, "failed", f"not ready after {tool.timeout} s: {reason}", now)
    update = {"status": "open", "phase": phase, "due": now + timedelta(seconds=seconds), "reason": reason}
    return item.model_copy(update=update | {"attempt": item.attempt + 1, "deadline": deadline})


def _reopen(item: Item, phase: str, reason: str, due: datetime) -> Item:
    update = {"status": "open", "phase": phase, "due": due, "attempt": item.attempt + 1, "reason": reason}
    update |= {"deadline": None, "waits": 0}
    if phase == "preview":
        # What was approved is not what is there now: it has to be asked again.
        update |= {"approval_id": None, "decision": None, "state_hash": None}
    return item.model_copy(update=update)
