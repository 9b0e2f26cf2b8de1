"""`devops-copilot approvals`, `approve` and `deny`: what waits; decide, then stay with the run that waited for it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from cli.api.client import Client
from cli.api.connection import connect
from cli.api.views import PendingList, read
from cli.commands.staying import print_json, stay
from cli.display.approval import show_decision
from cli.display.page import Page
from cli.display.pending import show_pending
from cli.exits import Exit, Unanswered
from cli.wording import command

MOST_PAGES = 10


def approvals(args: argparse.Namespace) -> Exit:
    """Those that whoever asks may decide or has asked for, as many as there are pages for."""
    connection = connect(args.url, args.person)
    client = Client(connection)
    document = client.approvals()
    for _ in range(MOST_PAGES - 1):
        if not document.get("next"):
            break
        more = client.approvals(str(document["next"]))
        document = more | {"approvals": [*document.get("approvals", []), *more.get("approvals", [])]}
    listed = read(PendingList, document)
    if args.json:
        print_json(document)
    else:
        show_pending(Page(), listed, connection.options)
    return Exit.SUCCEEDED


def approve(args: argparse.Namespace) -> Exit:
    return _decide(args, "approve", wished="", without=args.without)


def deny(args: argparse.Namespace) -> Exit:
    return _decide(args, "deny", wished="denied")


def _decide(args: argparse.Namespace, decision: str, wished: str, without: Sequence[str] = ()) -> Exit:
    connection = connect(args.url, args.person)
    client = Client(connection)
    try:
        approval = client.decide(args.id, decision, args.reason, without)
    except Unanswered as error:
        given = [word for name in without for word in ("--without", name)]
        again = command(decision, args.id, *given, *connection.options)
        raise Unanswered(f"{error}\nIt may have been recorded. Asking again does no harm: {again}") from error
    if not args.json:
        show_decision(Page(), approval)
    return stay(client, connection, approval.run_id, wait=not args.no_wait, as_json=args.json, wished=wished)
