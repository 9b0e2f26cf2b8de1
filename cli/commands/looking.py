"""`devops-copilot runs`: look at runs, cancel one, have one go on."""

from __future__ import annotations

import argparse

from cli.api.client import Client
from cli.api.connection import connect
from cli.api.views import RunView, read
from cli.commands.staying import decide_options, print_json, stay
from cli.display.deliveries import show_sent
from cli.display.page import Page
from cli.display.run import show_run, show_runs
from cli.exits import Exit

NONE_HERE = (
    "There are no runs in this conversation. `runs --all` shows the last ones of everybody, in every conversation, to "
    "operators and approvers; --conversation NAME another one of yours."
)


def runs(args: argparse.Namespace) -> Exit:
    client = Client(connect(args.url, args.person))
    listed = client.all_runs() if args.all else client.runs(args.conversation)
    if args.json:
        print_json(listed.model_dump(mode="json"))
    elif listed.runs:
        show_runs(Page(), listed, whose=args.all)
    else:
        Page().say("There are no runs." if args.all else NONE_HERE)
    return Exit.SUCCEEDED


def show(args: argparse.Namespace) -> Exit:
    connection = connect(args.url, args.person)
    document = Client(connection).run(args.id, reasoning=args.json or not args.sent, sent=args.sent)
    if args.json:
        print_json(document)
        return Exit.SUCCEEDED
    run = read(RunView, document)
    if args.sent:
        show_sent(Page(), run)
    else:
        show_run(Page(), run, decide_options(connection, run))
    return Exit.SUCCEEDED


def cancel(args: argparse.Namespace) -> Exit:
    connection = connect(args.url, args.person)
    client = Client(connection)
    client.cancel(args.id)
    return stay(
        client,
        connection,
        args.id,
        wait=not args.no_wait,
        as_json=args.json,
        wished="cancelled",
        to_the_end=True,
    )


def resume(args: argparse.Namespace) -> Exit:
    connection = connect(args.url, args.person)
    client = Client(connection)
    client.resume(args.id)
    return stay(client, connection, args.id, wait=not args.no_wait, as_json=args.json)
