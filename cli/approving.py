"""`devops-copilot approve` and `deny`: decide, then stay with the run that waited for it."""

from __future__ import annotations

import argparse

from cli.client import Client
from cli.connection import connect
from cli.display.approval import show_decision
from cli.display.page import Page
from cli.exits import Exit, Unanswered
from cli.staying import stay
from cli.wording import command


def approve(args: argparse.Namespace) -> Exit:
    return _decide(args, "approve", wished="")


def deny(args: argparse.Namespace) -> Exit:
    return _decide(args, "deny", wished="denied")


def _decide(args: argparse.Namespace, decision: str, wished: str) -> Exit:
    connection = connect(args.url, args.person)
    client = Client(connection)
    try:
        approval = client.decide(args.id, decision, args.reason)
    except Unanswered as error:
        again = command(decision, args.id, *connection.options)
        raise Unanswered(f"{error}\nIt may have been recorded. Asking again does no harm: {again}") from error
    if not args.json:
        show_decision(Page(), approval)
    return stay(client, connection, approval.run_id, wait=not args.no_wait, as_json=args.json, wished=wished)
