"""`devops-copilot runbooks`: saved plans with parameters; show one, add one from a file, run one."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path
from typing import Any

from cli.api.client import Client
from cli.api.connection import connect
from cli.api.documents import read
from cli.api.runbook_views import RunbookList, WholeRunbookView
from cli.commands.staying import print_json, stay
from cli.display.page import Page
from cli.display.runbooks import show_runbook, show_runbooks
from cli.exits import Exit, Refused, Unanswered
from cli.wording import command

MOST = 32_768
"""Bytes of a file that are sent at all; how many a runbook may have the copilot says."""


def runbooks(args: argparse.Namespace) -> Exit:
    connection = connect(args.url, args.person)
    document = Client(connection).runbooks()
    if args.json:
        print_json(document)
    else:
        show_runbooks(Page(), read(RunbookList, document), connection.options)
    return Exit.SUCCEEDED


def show(args: argparse.Namespace) -> Exit:
    connection = connect(args.url, args.person)
    document = Client(connection).runbook(args.name, args.version)
    if args.json:
        print_json(document)
    else:
        show_runbook(Page(), read(WholeRunbookView, document), connection.options)
    return Exit.SUCCEEDED


def add(args: argparse.Namespace) -> Exit:
    document = _text(Path(args.file))
    connection = connect(args.url, args.person)
    client = Client(connection)
    key = args.dedupe_key or secrets.token_hex(8)
    try:
        started = client.add_runbook(document, key)
    except Unanswered as error:
        raise _again(error, command("runbooks", "add", args.file, "--dedupe-key", key, *connection.options)) from error
    return stay(client, connection, started.run_id, wait=not args.no_wait, as_json=args.json, begun=started)


def run(args: argparse.Namespace) -> Exit:
    key = args.dedupe_key or secrets.token_hex(8)
    body: dict[str, Any] = {"arguments": _arguments(args.set), "dedupe_key": key}
    words = [word for one in args.set for word in ("--set", one)]
    if args.version is not None:
        body["version"] = args.version
        words += ["--version", str(args.version)]
    if args.conversation:
        body["conversation"] = args.conversation
        words += ["--conversation", args.conversation]
    connection = connect(args.url, args.person)
    client = Client(connection)
    try:
        started = client.run_runbook(args.name, body)
    except Unanswered as error:
        again = command("runbooks", "run", args.name, *words, "--dedupe-key", key, *connection.options)
        raise _again(error, again) from error
    return stay(client, connection, started.run_id, wait=not args.no_wait, as_json=args.json, begun=started)


def _arguments(given: list[str]) -> dict[str, str]:
    """Raises Refused for what is no KEY=VALUE, or is said twice."""
    found: dict[str, str] = {}
    for one in given:
        name, is_set, value = one.partition("=")
        if not is_set or not name.strip():
            raise Refused(f"--set {one}: it is to be like --set hours=6.")
        if name.strip() in found:
            raise Refused(f"--set {name.strip()} was given twice.")
        found[name.strip()] = value
    return found


def _text(file: Path) -> str:
    """Raises Refused, naming the file, before anything is sent."""
    try:
        if file.stat().st_size > MOST:
            raise Refused(f"{file} has more than {MOST:,} bytes, and no runbook has.")
        return file.read_bytes().decode()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Refused(f"{file} is no text in UTF-8 (byte {error.start}).") from error


def _again(error: Unanswered, again: str) -> Unanswered:
    return Unanswered(f"{error}\nIt may have been started. This can only give the same run: {again}")
