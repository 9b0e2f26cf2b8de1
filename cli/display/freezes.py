"""What is frozen: each scope, by whom, since when and why."""

from __future__ import annotations

from cli.api.freeze_views import FreezeList, FreezeView
from cli.display.page import Page
from cli.wording import command, line, moment


def show_freezes(page: Page, listed: FreezeList, options: tuple[str, ...]) -> None:
    """`options` are words that a command needs besides, to reach the same copilot as the same person."""
    if not listed.freezes:
        page.say("Nothing is frozen.")
    for one in listed.freezes:
        page.say(in_words(one), "bold yellow")
        page.rows(
            [
                ("frozen by", f"{line(one.by.name)} ({line(one.by.id)}) at {moment(one.at)}"),
                ("because", line(one.reason)),
                ("thaw it", command("thaw", one.scope.of, *([one.scope.name] if one.scope.name else []), *options)),
            ]
        )


def in_words(one: FreezeView) -> str:
    return "everything" if one.scope.of == "all" else f"{line(one.scope.of)} {line(one.scope.name)}"
