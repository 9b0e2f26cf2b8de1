"""`devops-copilot watches`: what is being watched, and that it is no more. Each is asked for as a request in words."""

from __future__ import annotations

import argparse
import secrets

from cli.api.client import Client
from cli.api.connection import connect
from cli.commands.staying import stay
from cli.exits import Exit


def watches(args: argparse.Namespace) -> Exit:
    return _asked(args, "What are you watching?")


def stop(args: argparse.Namespace) -> Exit:
    return _asked(args, f"Stop watching {args.id}")


def _asked(args: argparse.Namespace, text: str) -> Exit:
    connection = connect(args.url, args.person)
    client = Client(connection)
    started = client.start({"text": text, "dedupe_key": secrets.token_hex(8), "conversation": "watches"})
    return stay(client, connection, started.run_id, wait=not args.no_wait, as_json=args.json, begun=started)
