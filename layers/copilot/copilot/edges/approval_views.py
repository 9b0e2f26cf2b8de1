"""The Approvals that wait, for those who may decide them and for who asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pydantic import JsonValue

from copilot.domain import PendingApproval, PendingCall, Person
from copilot.errors import NotFound
from copilot.policy.decisions import Policy
from copilot.ports import Store
from copilot.text.listing import count, listed
from copilot.text.outside import inert, quoted
from copilot.text.spoken import tool_spoken

ToldElsewhere = Callable[[str, str], list[JsonValue]]


def nobody_told(run_id: str, approval_id: str) -> list[JsonValue]:
    """Where approvals do not escalate."""
    return []


def view_approvals(
    store: Store,
    policy: Policy,
    tenant: str,
    person: Person,
    now: datetime,
    after: str = "",
    escalated: ToldElsewhere = nobody_told,
) -> dict[str, JsonValue]:
    """A page of those this Person may approve or has asked for, what expires soonest first.

    `may` says what they may do with each: approve and deny it; or, having asked for it, take it back. `next` is the
    `after` of the page behind this one, null at the end; a page may be empty and have one behind it. `escalated` gives
    whom one was told to since nobody answered, by the ids of its Run and its own.
    """
    page = store.pending_approvals(tenant, now, after)
    shown: list[JsonValue] = []
    for one in page.approvals:
        may = _may(policy, person, one)
        if may and _stands(store, one):
            told = escalated(one.run_id, one.id)
            shown.append(_view(one, may) | ({"escalated": told} if told else {}))
    return {"approvals": shown, "next": page.after}


def _may(policy: Policy, person: Person, one: PendingApproval) -> list[str]:
    """As Approve decides it."""
    targets = [target for call in one.calls for target in call.targets]
    own = one.requested_by.id == person.id
    if policy.may_approve(person, targets, own=own).outcome == "allow":
        return ["approve", "deny"]
    return ["deny"] if own else []


def _stands(store: Store, one: PendingApproval) -> bool:
    """Whether its Run waits for it still: one that was aborted, or went on otherwise, does not."""
    try:
        run = store.run(one.tenant, one.run_id)
    except NotFound:
        return False
    return run.status == "parked" and run.approval_id == one.id


def _view(one: PendingApproval, may: list[str]) -> dict[str, JsonValue]:
    return {
        "id": one.id,
        "run_id": one.run_id,
        "request": one.request,
        "requested_by": one.requested_by.model_dump(mode="json"),
        "would": _would(one.calls),
        "approvers": list(one.approvers),
        "created_at": one.created_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
        "may": list(may),
    }


def _would(calls: Sequence[PendingCall]) -> str:
    """What it would do, in a line: `stop environment: production environment blue (7 changes)`."""
    by_tool: dict[str, list[PendingCall]] = {}
    for call in calls:
        by_tool.setdefault(tool_spoken(call.tool), []).append(call)
    return "; ".join(f"{tool}: {_of(some)}" for tool, some in by_tool.items())


def _of(calls: Sequence[PendingCall]) -> str:
    targets = [target for call in calls for target in call.targets]
    names = [f"{target.kind or ''} {target.ref.type} {_name(target.name)}".strip() for target in targets]
    changes = count(sum(call.changes for call in calls), "change")
    return f"{inert(listed(list(dict.fromkeys(names))))} ({changes})"


def _name(name: str) -> str:
    """As others' names are quoted; a channel keeps its #."""
    return f"#{quoted(name[1:])}" if name.startswith("#") else quoted(name)
