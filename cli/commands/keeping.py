"""`devops-copilot export`, `delete` and `journal verify`: what is kept, had or deleted; evidence, whole."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from cli.api.client import Client
from cli.api.connection import Connection, connect
from cli.api.documents import read
from cli.api.kept_views import ArchiveView, FoundView
from cli.commands.staying import print_json
from cli.display.page import Page
from cli.exits import CommandError, Exit, Refused
from cli.wording import command, line
from copilot.domain import missing

MOST_ROUNDS = 10_000


def export(args: argparse.Namespace) -> Exit:
    """One JSON document, to a file where one is named."""
    client = Client(connect(args.url, args.person))
    whole: dict[str, Any] = {}
    for page in _pages(client, _whose(args)):
        whole |= {name: value for name, value in page.items() if name not in {"runs", "conversations", "next", "notes"}}
        whole["conversations"] = {**whole.get("conversations", {}), **page["conversations"]}
        whole["runs"] = [*whole.get("runs", []), *page["runs"]]
    if args.file is None:
        print_json(whole)
        return Exit.SUCCEEDED
    try:
        Path(args.file).write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise Refused(f"{args.file} cannot be written: {error.strerror}. Nothing was exported.") from error
    Page().say(f"{line(str(whole['of']))}: {len(whole['runs'])} runs and what else is kept are in {args.file}.")
    return Exit.SUCCEEDED


def _pages(client: Client, whose: dict[str, str]) -> Iterator[dict[str, Any]]:
    after = ""
    while True:
        page = client.kept(whose, after)
        yield page
        if not (after := page.get("next") or ""):
            return


def delete(args: argparse.Namespace) -> Exit:
    """What goes and what stays is shown, and asked for; then it is deleted, and read again."""
    whose, page = _whose(args), Page(sys.stderr if args.json else None)
    connection = connect(args.url, args.person)
    client = Client(connection)
    found = read(FoundView, client.delete_kept(whose, confirmed=False))
    _show(page, found)
    if found.open:
        which = ", ".join(line(one) for one in found.open)
        raise Refused(
            f"Not all of it is over: {which}. `{command('runs', 'cancel', 'ID')}` ends one. Nothing was deleted."
        )
    if not found.is_nothing and not args.yes:
        _ask(connection, args)
    left, document = found, client.delete_kept(whose, confirmed=True) if not found.is_nothing else None
    for _ in range(MOST_ROUNDS):
        left = read(FoundView, document) if document is not None else left
        if left.is_nothing:
            break
        document = client.delete_kept(whose, confirmed=True)
    again = read(FoundView, client.delete_kept(whose, confirmed=False))
    if args.json:
        print_json(again.model_dump(mode="json"))
    if not again.is_nothing:
        raise CommandError(f"Read again, there is still of it: {again.in_words}. Ask again to have that deleted too.")
    page.say(f"Read again: nothing of {line(again.of)} is there, but what stays.")
    return Exit.SUCCEEDED


def _show(page: Page, found: FoundView) -> None:
    page.say(f"Of {line(found.of)} there is: {found.in_words}.", "bold")
    page.say("What stays:")
    for one in found.stays:
        page.say(f"- {line(one)}")


def _ask(connection: Connection, args: argparse.Namespace) -> None:
    """Raises Refused where nobody says yes."""
    if not sys.stdin.isatty():
        raise Refused("Nothing was deleted. It cannot be taken back: say --yes if it is meant.")
    print("Delete it? It cannot be taken back. [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().casefold() not in {"y", "yes"}:
        raise Refused("Nothing was deleted.")


def _whose(args: argparse.Namespace) -> dict[str, str]:
    """Raises Refused where it is not said of whom, or twice."""
    if args.who and (args.of_person or args.conversation):
        raise Refused("`me` is all that is yours; leave it out, or leave out --person and --conversation.")
    whose = {"person": args.of_person, "conversation": args.conversation}
    if not args.who and not any(whose.values()):
        raise Refused("Of whom? Say me, --person ID, or --conversation NAME.")
    return {name: value for name, value in whose.items() if value}


def verify(args: argparse.Namespace) -> Exit:
    """Whether the archive is whole, in order and chained, with an object for each day."""
    client, number = Client(connect(args.url, args.person)), 1
    looked: list[ArchiveView] = []
    while number:
        looked.append(read(ArchiveView, client.journal(number)))
        number = looked[-1].next or 0
    parts = [part for one in looked for part in one.parts]
    since = args.since or min((part.day for part in parts), default=None)
    until = args.until or max((part.reached for part in parts), default=None)
    gone = missing((part.day for part in parts), since, until) if since and until else []
    wrong = [line(fault) for one in looked for fault in one.faults]
    wrong += [f"of {_days(gone)} there is no object"] if gone else []
    wanted = [part for part in parts if (not since or part.day >= since) and (not until or part.day <= until)]
    waiting = {day: entries for one in looked for day, entries in one.waiting.items()}
    told = {
        "objects": len(wanted),
        "entries": sum(part.entries for part in wanted),
        "from": since.isoformat() if since else None,
        "to": until.isoformat() if until else None,
        "wrong": wrong,
        "waiting": {day.isoformat(): entries for day, entries in waiting.items()},
    }
    if args.json:
        print_json(told)
    else:
        _tell(Page(), told)
    if wrong:
        raise CommandError(
            "The archive of the journal is not whole. Nothing was changed; its versions are in the bucket."
        )
    return Exit.SUCCEEDED


def _tell(page: Page, told: dict[str, Any]) -> None:
    if not told["objects"]:
        page.say("Nothing of the journal is archived yet.")
    elif not told["wrong"]:
        page.say(
            f"The journal from {told['from']} to {told['to']} is whole, in order and chained: "
            f"{told['entries']} entries in {told['objects']} objects.",
            "bold",
        )
    for one in told["wrong"]:
        page.say(f"- {one}")
    for day, entries in told["waiting"].items():
        page.say(f"Not archived yet: {entries} of {day}.")


def _days(days: list[date]) -> str:
    shown = ", ".join(day.isoformat() for day in days[:10])
    return f"{shown} and {len(days) - 10} more days" if len(days) > 10 else shown
