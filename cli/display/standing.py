"""Standing approvals: what each covers, who granted it, until when."""

from __future__ import annotations

from cli.api.standing_views import StandingList, StandingView
from cli.display.page import Page
from cli.wording import command, line, moment


def show_standing(page: Page, listed: StandingList, options: tuple[str, ...]) -> None:
    """`options` are words that a command needs besides, to reach the same copilot as the same person."""
    if not listed.standing:
        page.say(
            "There are no standing approvals: what needs one waits for a person at each firing, and reactions propose."
        )
    for one in listed.standing:
        page.say(f"{line(one.id)}  {in_words(one)}", "bold")
        page.rows(
            [
                ("granted by", f"{line(one.by.name)} ({line(one.by.id)}) at {moment(one.at)}"),
                ("as" if one.reaction else "schedule of", line(one.owner)),
                ("until", moment(one.expires_at)),
                *([("because", line(one.reason))] if one.reason else []),
                ("take it back", command("standing", "revoke", one.id, *options)),
            ]
        )


def in_words(one: StandingView) -> str:
    targets = "1 target" if one.most == 1 else f"{one.most} targets"
    of = f"reaction {line(one.reaction)}" if one.reaction else f"schedule {line(one.schedule or '')}"
    return f"{of} ({line(one.title)}), {targets} at most each time"
