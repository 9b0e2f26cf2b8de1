"""`devops-copilot standing`: what schedules and reactions may do without anybody being asked; grant, take back."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from cli.api.client import Client
from cli.api.connection import connect
from cli.api.documents import read
from cli.api.standing_views import StandingList, StandingView
from cli.commands.staying import print_json
from cli.display.page import Page
from cli.display.standing import in_words, show_standing
from cli.exits import Exit
from cli.wording import moment


def standing(args: argparse.Namespace) -> Exit:
    connection = connect(args.url, args.person)
    document = Client(connection).standing()
    if args.json:
        print_json(document)
    else:
        show_standing(Page(), read(StandingList, document), connection.options)
    return Exit.SUCCEEDED


def grant(args: argparse.Namespace) -> Exit:
    document = Client(connect(args.url, args.person)).grant(args.schedule, args.most, args.days, args.reason)
    told = (
        "It lifts neither what text from outside may have steered, nor what cannot be taken back, nor production that "
        "the plan does not name or that code owns."
    )
    return _said(args, document, lambda one: f"granted until {moment(one.expires_at)} as {one.id}. {told}")


def revoke(args: argparse.Namespace) -> Exit:
    document = Client(connect(args.url, args.person)).revoke(args.id)
    return _said(
        args,
        document,
        lambda one: "taken back: from now on a firing waits for a person, and a reaction proposes.",
    )


def _said(args: argparse.Namespace, document: dict[str, Any], what: Callable[[StandingView], str]) -> Exit:
    if args.json:
        print_json(document)
    else:
        one = read(StandingView, document)
        Page().say(f"A standing approval for {in_words(one)} is {what(one)}")
    return Exit.SUCCEEDED
