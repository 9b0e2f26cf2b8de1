"""What is told of an Approval outside the chats. Pure.

Neither arguments nor targets by name: who asks, how much of which kind, until when, and how it is decided. What it is
for only where policy lets that destination have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from copilot.answering.chat import approvals
from copilot.domain import Approval, Escalation, escalation_key
from copilot.plans.counting import counted, in_kinds
from copilot.text.listing import count, listed, shortened
from copilot.text.outside import inert
from copilot.times.windows import moment

LONGEST_REQUEST, LONGEST_NAME = 300, 80
DECIDES_NOTHING = "Acknowledging, resolving or answering this where you read it decides nothing."
IN_CHAT = "Whoever may approve it, and is linked to the chat, has it there too, with buttons that decide it."


def unanswered(
    approval: Approval, now: datetime, zone: str, accounts: Mapping[str, str], *, whole: bool, in_chat: bool
) -> Escalation:
    """That it waits; `whole` with what it is for. `accounts` are names by id, `in_chat` is whether there is a chat."""
    asker = shortened(inert(approval.requested_by.name), LONGEST_NAME)
    much, until = in_kinds(approval.calls) or "no change", _at(approval.expires_at, zone)
    since = int((now - approval.created_at).total_seconds() // 60)
    approve = f"devops-copilot approve {approval.id}"
    lines = [f"{asker} asks for an approval: {much}."]
    if whole:
        lines.append(f"The request: {shortened(inert(approval.request), LONGEST_REQUEST)}")
        lines.append(f"In all: {shortened(counted(approval.calls, accounts), LONGEST_REQUEST)}")
        by = listed([shortened(inert(one), LONGEST_NAME) for one in approval.approvers])
        lines.append(f"Who may approve it: {by or 'whoever the policies permit to'}.")
    else:
        lines.append("What it is for is not told here.")
    lines += [
        f"Nobody has answered in {count(since, 'minute')}.",
        f"It can be decided until {until}. Then it ends, and nothing of it is done.",
        f"To see all of it: devops-copilot runs show {approval.run_id}",
        f"To decide: {approve}   or   devops-copilot deny {approval.id}",
        *([IN_CHAT] if in_chat else []),
        DECIDES_NOTHING,
    ]
    return Escalation(
        key=escalation_key(approval),
        summary=f"Approval {approval.id} waits until {until}: {asker} asks for {much}",
        text="\n".join(lines),
        details={"approval": approval.id, "asked by": asker, "for": much, "until": until, "to approve": approve},
    )


def decided(approval: Approval, now: datetime, by: str, zone: str) -> Escalation:
    """What became of it. `by` is what who decided is called."""
    brief = approvals.decided(approval, now, shortened(by, LONGEST_NAME), zone, {}, counts=False).brief
    return Escalation(
        key=escalation_key(approval),
        summary=f"Approval {approval.id}: {brief}",
        text=f"{brief}.\nApproval {approval.id} was told here since nobody had answered it. Nothing more is to do.",
        details={"approval": approval.id},
    )


def _at(at: datetime, zone: str) -> str:
    return moment(at.astimezone(ZoneInfo(zone)))
