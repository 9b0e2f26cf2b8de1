"""`devops-copilot chat`: the laptop's Slack, on a page."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from threading import Event

from cli.api.connection import laptop_here, state_folder
from cli.display.page import Page
from cli.exits import CommandError, Exit, Refused, Unreachable
from cli.laptop.chat import connected
from cli.laptop.faults import LaptopError
from cli.laptop.slack import Slack

PORT = 8460
"""Where the page is unless something else is there, so that its address can be kept."""


def chat(args: argparse.Namespace) -> Exit:
    laptop = laptop_here()
    if laptop is None:
        raise Unreachable(
            "There is no laptop system here, and only it is in this chat. Start it with `devops-copilot up`."
        )
    page = Page()
    with _serving(args.port, state_folder() / "slack.json") as slack:
        try:
            with connected(laptop, slack):
                page.say(f"The laptop's Slack is at {slack.url}; the copilot listens there within a minute.")
                page.say("Ctrl-C ends it; what was said is there the next time.")
                _until_ended()
        except LaptopError as error:
            raise CommandError(str(error)) from error
    return Exit.SUCCEEDED


def _serving(port: int | None, kept_in: Path) -> Slack:
    try:
        return Slack(kept_in=kept_in, port=PORT if port is None else port)
    except OSError as error:
        if port is not None:
            raise Refused(f"Port {port} of this machine is taken: name another one. Nothing was done.") from error
        return Slack(kept_in=kept_in)


def _until_ended() -> None:
    """By Ctrl-C, or by whoever started it."""
    ended = Event()
    before = {one: signal.signal(one, lambda *_: ended.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    ended.wait()
    for one, handler in before.items():
        signal.signal(one, handler)
