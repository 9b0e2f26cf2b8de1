"""What an event would start."""

from __future__ import annotations

from cli.api.reaction_views import TestedView
from cli.display.page import Page
from cli.wording import line


def show_tested(page: Page, tested: TestedView) -> None:
    if not tested.reactions:
        page.say(f"No reaction answers to this event, of kind {line(tested.kind)} from account {line(tested.account)}.")
    for one in tested.reactions:
        page.say(f"{line(one.name)}: {line(one.cause)}", "bold")
        page.rows(
            [
                ("would begin", line(one.begins) if one.begins else "nothing"),
                ("told", line(one.tells)),
                *([("others wrote", ", ".join(map(line, one.marked)))] if one.marked else []),
                *([("not now", line(one.why_not))] if one.why_not else []),
            ]
        )
    page.say("Nothing was begun.")
