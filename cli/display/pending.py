"""The approvals that wait: what each would do, for whom, until when, and what whoever looks may do with it."""

from __future__ import annotations

from cli.api.views import PendingList, PendingView
from cli.display.escalations import escalated_words
from cli.display.page import Page
from cli.wording import command, deadline, line, moment


def show_pending(page: Page, listed: PendingList, options: tuple[str, ...]) -> None:
    """`options` are words that a command needs besides, to reach the same copilot as the same person."""
    if not listed.approvals:
        page.say("Nothing waits for an approval that you may give or have asked for.")
    for one in listed.approvals:
        _show(page, one)
    if listed.next:
        page.say("There are more than these.")
    if listed.approvals:
        page.say()
        page.rows(
            [
                ("see all of one", command("runs", "show", "RUN", *options)),
                ("decide", f"{command('approve', 'ID', *options)}   or   {command('deny', 'ID', *options)}"),
            ],
            indent=0,
        )


def _show(page: Page, one: PendingView) -> None:
    page.say(f"{line(one.id)}  {_yours(one)}", "bold yellow" if "approve" in one.may else "bold")
    page.rows(
        [
            ("request", line(one.request)),
            ("asked by", f"{line(one.requested_by.name)} ({line(one.requested_by.id)}) at {moment(one.created_at)}"),
            ("would do", line(one.would)),
            ("until", deadline(one.expires_at)),
            ("may approve", ", ".join(map(line, one.approvers)) or "whoever the policies permit to approve this"),
            ("run", line(one.run_id)),
            *((("escalated", escalated_words(one.escalated)),) if one.escalated else ()),
        ]
    )


def _yours(one: PendingView) -> str:
    if "approve" in one.may:
        return "yours to approve or deny"
    return "yours to take back, by denying it" if "deny" in one.may else ""
