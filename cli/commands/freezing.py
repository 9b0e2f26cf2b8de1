"""`devops-copilot freezes`, `freeze` and `thaw`: what begins no change; have it so, or not any more."""

from __future__ import annotations

import argparse
from typing import Any

from cli.api.client import Client
from cli.api.connection import connect
from cli.api.documents import read
from cli.api.freeze_views import FreezeList, FreezeView
from cli.commands.staying import print_json
from cli.display.freezes import in_words, show_freezes
from cli.display.page import Page
from cli.exits import Exit, Refused
from cli.wording import command


def freezes(args: argparse.Namespace) -> Exit:
    connection = connect(args.url, args.person)
    document = Client(connection).freezes()
    if args.json:
        print_json(document)
    else:
        show_freezes(Page(), read(FreezeList, document), connection.options)
    return Exit.SUCCEEDED


def freeze(args: argparse.Namespace) -> Exit:
    name = _name(args)
    connection = connect(args.url, args.person)
    document = Client(connection).freeze(args.scope, name, args.reason, unseen=args.unseen)
    thaw = command("thaw", args.scope, *([name] if name else []), *connection.options)
    return _said(
        args,
        document,
        "frozen: from ten seconds on no change begins there, whoever asks, schedules and runs under way included. What "
        f"has begun goes on to its end. An approver thaws it: {thaw}",
    )


def thaw(args: argparse.Namespace) -> Exit:
    document = Client(connect(args.url, args.person)).thaw(args.scope, _name(args))
    return _said(args, document, "thawed: what policy allows may begin again. What it kept back has to be asked anew.")


def _name(args: argparse.Namespace) -> str:
    """Raises Refused where a scope lacks its name, or all has one."""
    if args.scope == "all" and args.name:
        raise Refused("`all` is all there is; a name goes with account, environment or person.")
    if args.scope != "all" and not args.name:
        raise Refused(f"Which {args.scope}? Name it: {command(args.command_name, args.scope, 'NAME')}")
    return args.name or ""


def _said(args: argparse.Namespace, document: dict[str, Any], what: str) -> Exit:
    if args.json:
        print_json(document)
    else:
        shown = in_words(read(FreezeView, document))
        Page().say(f"{shown[:1].upper()}{shown[1:]} is {what}")
    return Exit.SUCCEEDED
