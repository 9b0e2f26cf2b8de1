"""Whom approvals were told to outside the chats, since nobody answered them."""

from __future__ import annotations

from collections.abc import Sequence

from cli.api.views import DeliveredView, EscalatedView, RunView
from cli.display.page import STYLES, Page
from cli.wording import line, moment

ELSEWHERE = ("escalation", "resolution")
"""How the key begins of what was told there: that nobody answered, and what became of it."""


def escalated_words(told: Sequence[EscalatedView]) -> str:
    """`to pagerduty:oncall at 03:12; not to mail:oncall: why`"""
    return "; ".join(_words(one.to, one, "to ") for one in told)


def show_escalated(page: Page, run: RunView) -> None:
    """A line for each destination that was told, or could not be, and for each that does not know the outcome."""
    for one in run.shown:
        kind, approval, _, to = [*one.key.split("/", 3), "", "", ""][:4]
        style = "" if one.state == "sent" else STYLES["failed"]
        if kind == "escalation":
            page.say(f"Approval {line(approval)}: {_words(to, one, 'escalated to ')}", style)
        elif kind == "resolution" and one.state == "sent":
            page.say(f"{line(to)} was told at {moment(one.at)} what became of approval {line(approval)}")
        elif kind == "resolution":
            page.say(f"{line(to)} does not know what became of approval {line(approval)}: {line(one.reason)}", style)


def _words(to: str, one: EscalatedView | DeliveredView, how: str) -> str:
    if one.state == "sent":
        return f"{how}{line(to)} at {moment(one.at)}"
    maybe = "perhaps " if one.state == "unknown" else "not "
    return f"{maybe}{how}{line(to)}: {line(one.reason) or 'why is not known'}"
