"""Who somebody is in chats: by which links, until when."""

from __future__ import annotations

from cli.api.link_views import LinkingView, LinkList, LinkView
from cli.display.page import Page
from cli.wording import command, deadline, line, moment


def show_links(page: Page, listed: LinkList, options: tuple[str, ...]) -> None:
    """`options` are words that a command needs besides, to reach the same copilot as the same person."""
    if not listed.links and not listed.configured:
        page.say("You are nobody in any chat. To be yourself in Slack, and in Microsoft Teams or Discord likewise:")
        page.say(command("link", "slack", *options))
    for address in listed.configured:
        page.say(f"{line(address)}  by the copilot's configuration", "bold")
    for one in listed.links:
        page.say(line(one.user.address), "bold")
        page.rows(
            [
                ("linked at", moment(one.made_at)),
                ("until", f"{moment(one.until)}; again from then on: {_again(one, options)}"),
                ("take it back", command("link", "remove", one.user.address, *options)),
            ]
        )


def show_linking(page: Page, made: LinkingView, options: tuple[str, ...], platform: str = "") -> None:
    """`platform` is where it is sent."""
    for one in made.links:
        page.say(f"{line(one.user.address)} is you until {moment(one.until)}: {_again(one, options)} again by then.")
    if made.links:
        another = command("link", made.links[0].user.platform, "--another", *options)
        page.say(f"For a code that links another user as well: {another}")
    if made.code is not None and made.until is not None:
        given_by = "/copilot request:" if platform == "discord" else ""  # where nothing but commands is heard
        page.say(f"{given_by}link {line(made.code)}", "bold")
        page.say(
            f"Send this line to the copilot in a direct message by {deadline(made.until)}. It is good once, and "
            "whoever sends it is you there from then on: give it to nobody."
        )


def _again(one: LinkView, options: tuple[str, ...]) -> str:
    return command("link", one.user.platform, *options)
