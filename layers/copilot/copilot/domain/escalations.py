"""What leaves the chats where nobody answered an Approval: what is told, and under which keys it is kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from copilot.domain.approvals import Approval
from copilot.domain.frozen import Frozen, digest

ESCALATED_TO = r"(?:mail|sns|webhook|pagerduty|opsgenie):[a-z0-9][a-z0-9_-]{0,39}"
"""The form of whom an Approval may be told to, by the name that the configuration gives it."""
EscalationKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,120}$")]
_OPENED, _RESOLVED = "escalation", "resolution"


class Escalation(Frozen):
    """What a destination is told of an Approval, or of what became of it: a line, the same in more lines, and what is
    in it by name. Under one `key` it is one thing, however often it comes: a page is opened and resolved under it.
    """

    key: EscalationKey
    summary: Annotated[str, Field(min_length=1, max_length=2000)]
    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    details: dict[str, Annotated[str, Field(max_length=1000)]] = {}


def escalation_key(approval: Approval) -> str:
    """The same for all that is told of this Approval, and of no other in any installation."""
    return f"devops-copilot-{approval.id}-{digest([approval.tenant, approval.run_id, approval.id])[:16]}"


def opened_key(approval_id: str, level: int, to: str) -> str:
    """Under which it is kept that a destination was told, as `pagerduty:oncall`."""
    return f"{_OPENED}/{approval_id}/{level}/{to}"


def resolved_key(opened: str) -> str:
    """Under which it is kept that what was told under `opened` was told the outcome."""
    return f"{_RESOLVED}/{opened.partition('/')[2]}"


def opened_for(key: str, approval_id: str) -> str | None:
    """The destination that was told of this Approval, by the key of a Delivered; None for one of anything else."""
    kind, *rest = key.split("/", 3)
    return rest[2] if kind == _OPENED and len(rest) == 3 and rest[0] == approval_id else None
