"""`devops-copilot schedules`: what fires when, and what came of it; have one fire now, pause, resume or delete it."""

from __future__ import annotations

import argparse
import secrets

from cli.api.client import Client
from cli.api.connection import connect
from cli.api.schedule_views import ScheduleList, ScheduleView
from cli.api.views import read
from cli.commands.staying import print_json, stay
from cli.display.page import Page
from cli.display.schedules import show_schedule, show_schedules
from cli.exits import Exit, Unanswered
from cli.wording import command


def schedules(args: argparse.Namespace) -> Exit:
    document = Client(connect(args.url, args.person)).schedules()
    if args.json:
        print_json(document)
    else:
        show_schedules(Page(), read(ScheduleList, document))
    return Exit.SUCCEEDED


def show(args: argparse.Namespace) -> Exit:
    document = Client(connect(args.url, args.person)).schedule(args.id)
    if args.json:
        print_json(document)
    else:
        show_schedule(Page(), read(ScheduleView, document))
    return Exit.SUCCEEDED


def run_now(args: argparse.Namespace) -> Exit:
    """Under the rights of who asks, and not of the schedule's owner."""
    connection = connect(args.url, args.person)
    client = Client(connection)
    key = args.dedupe_key or secrets.token_hex(8)
    try:
        started = client.run_schedule(args.id, "start" if args.start else "stop", key)
    except Unanswered as error:
        action = ["--start"] if args.start else []
        again = command("schedules", "run-now", args.id, *action, "--dedupe-key", key, *connection.options)
        raise Unanswered(f"{error}\nIt may have been started. This can only give the same run: {again}") from error
    return stay(client, connection, started.run_id, wait=not args.no_wait, as_json=args.json, begun=started)


def pause(args: argparse.Namespace) -> Exit:
    return _change(args, "Pause")


def resume(args: argparse.Namespace) -> Exit:
    return _change(args, "Resume")


def delete(args: argparse.Namespace) -> Exit:
    return _change(args, "Delete")


def _change(args: argparse.Namespace, verb: str) -> Exit:
    """A change is a run like any other: previewed, decided by policy, written down, checked."""
    connection = connect(args.url, args.person)
    client = Client(connection)
    client.schedule(args.id)  # one that is not there is refused as such, not as a request nobody understands
    text = f"{verb} schedule {args.id}"
    started = client.start({"text": text, "dedupe_key": secrets.token_hex(8), "conversation": "schedules"})
    return stay(client, connection, started.run_id, wait=not args.no_wait, as_json=args.json, begun=started)
