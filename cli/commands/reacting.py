"""`devops-copilot reactions`: which there are, and what an event would start."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from pathlib import Path

from cli.api.client import Client
from cli.api.connection import connect
from cli.api.documents import read
from cli.api.reaction_views import TestedView
from cli.commands.staying import print_json, stay
from cli.display.page import Page
from cli.display.reactions import show_tested
from cli.exits import Exit, Refused


def reactions(args: argparse.Namespace) -> Exit:
    connection = connect(args.url, args.person)
    client = Client(connection)
    asked = {"text": "Which reactions are there?", "dedupe_key": secrets.token_hex(8), "conversation": "reactions"}
    started = client.start(asked)
    return stay(client, connection, started.run_id, wait=not args.no_wait, as_json=args.json, begun=started)


def test(args: argparse.Namespace) -> Exit:
    try:
        text = sys.stdin.read() if args.file == "-" else Path(args.file).read_text()
        event = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise Refused(f"{args.file} cannot be read as an event in JSON: {error}") from None
    document = Client(connect(args.url, args.person)).test_reactions(event, own=args.own)
    if args.json:
        print_json(document)
    else:
        show_tested(Page(), read(TestedView, document))
    return Exit.SUCCEEDED
