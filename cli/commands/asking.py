"""`devops-copilot ask` and `gate`: start a run and stay with it."""

from __future__ import annotations

import argparse
import secrets
from typing import Any

from cli.api.attaching import attachments
from cli.api.client import Client
from cli.api.connection import connect
from cli.exits import Exit, Unanswered
from cli.wording import command


def gate(args: argparse.Namespace) -> Exit:
    args.text, args.file = ["gate:", *args.text], []
    return ask(args)


def ask(args: argparse.Namespace) -> Exit:
    files, text = attachments(args.file), " ".join(args.text)
    connection = connect(args.url, args.person)
    client = Client(connection)
    key = args.dedupe_key or secrets.token_hex(8)
    body: dict[str, Any] = {"text": text, "dedupe_key": key, "kind": "ci" if args.ci else "api"}
    if files:
        body["attachments"] = files
    if args.conversation:
        body["conversation"] = args.conversation
    try:
        started = client.start(body)
    except Unanswered as error:
        attached = [word for path in args.file for word in ("--file", path)]
        again = command("ask", text, *attached, "--dedupe-key", key, *connection.options)
        raise Unanswered(f"{error}\nIt may have been started. This can only give the same run: {again}") from error
    # What shows the run takes its time to import; the run is on its way meanwhile.
    from cli.commands.staying import stay

    return stay(client, connection, started.run_id, wait=not args.no_wait, as_json=args.json, begun=started)
