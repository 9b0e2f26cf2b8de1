"""`devops-copilot undo` and `retry`: take back what a run did, or do what it was to do and did not."""

from __future__ import annotations

import argparse
import secrets

from cli.api.client import Client
from cli.api.connection import connect
from cli.commands.staying import stay
from cli.exits import Exit


def undo(args: argparse.Namespace) -> Exit:
    return _asked("undo", args)


def retry(args: argparse.Namespace) -> Exit:
    return _asked("retry", args)


def _asked(what: str, args: argparse.Namespace) -> Exit:
    """A run like any other: previewed, decided by policy, written down, checked."""
    connection = connect(args.url, args.person)
    client = Client(connection)
    client.run(args.id)  # one that is not there is refused as such
    text = f"{what.capitalize()} run {args.id}"
    started = client.start({"text": text, "dedupe_key": secrets.token_hex(8), "conversation": what})
    return stay(client, connection, started.run_id, wait=not args.no_wait, as_json=args.json, begun=started)
