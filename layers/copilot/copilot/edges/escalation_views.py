"""Whom an Approval was told to outside the chats, as the API shows it."""

from __future__ import annotations

from pydantic import JsonValue

from copilot.domain import opened_for
from copilot.ports import Deliveries


def view_escalated(deliveries: Deliveries, run_id: str, approval_id: str) -> list[JsonValue]:
    """Each destination, when that was, and whether it is known that it was told; the first first."""
    kept = sorted(deliveries.of_run(run_id), key=lambda one: (one.at, one.key))
    return [
        {"to": to, "at": one.at.isoformat(), "state": one.state, "reason": one.reason}
        for one in kept
        if (to := opened_for(one.key, approval_id)) is not None
    ]
