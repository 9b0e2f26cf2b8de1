"""`devops-copilot facts`: what it remembers for you, what that was before, and to have it forgotten."""

from __future__ import annotations

import argparse
import secrets

from cli.api.client import Client
from cli.api.connection import connect
from cli.api.documents import read
from cli.api.fact_views import FactList
from cli.commands.staying import print_json, stay
from cli.display.facts import show_fact, show_facts
from cli.display.page import Page
from cli.exits import Exit, Refused, Unanswered
from cli.wording import command

FORGET_ME = "forget me"


def facts(args: argparse.Namespace) -> Exit:
    connection = connect(args.url, args.person)
    document = Client(connection).facts()
    if args.json:
        print_json(document)
    else:
        show_facts(Page(), read(FactList, document), connection.options)
    return Exit.SUCCEEDED


def show(args: argparse.Namespace) -> Exit:
    """Raises Refused where nothing is, or was, remembered of it."""
    document = Client(connect(args.url, args.person)).facts()
    about = " ".join(args.about).casefold()
    listed = read(FactList, document)
    own, shared = ([one for one in some if one.subject == about] for some in (listed.own, listed.shared))
    if not own and not shared:
        raise Refused(f"Nothing is remembered of {about}. `{command('facts', 'list')}` says what is.")
    if args.json:
        found = FactList(own=tuple(own), shared=tuple(shared))
        print_json(found.model_dump(mode="json"))
    else:
        for one in own:
            show_fact(Page(), one)
        for one in shared:
            show_fact(Page(), one, for_everybody=True)
    return Exit.SUCCEEDED


def forget(args: argparse.Namespace) -> Exit:
    """As asking for it does: a run, decided by policy, that can be undone. Raises Refused where it is not said what."""
    if args.all == bool(args.about):
        raise Refused("Say what is to be forgotten, or --all for all that are yours.")
    text = FORGET_ME if args.all else f"forget {' '.join(args.about)}"
    connection = connect(args.url, args.person)
    client, key = Client(connection), args.dedupe_key or secrets.token_hex(8)
    try:
        started = client.start({"text": text, "dedupe_key": key, "conversation": "facts"})
    except Unanswered as error:
        words = ["--all"] if args.all else args.about
        again = command("facts", "forget", *words, "--dedupe-key", key, *connection.options)
        raise Unanswered(f"{error}\nIt may have been started. This can only give the same run: {again}") from error
    return stay(client, connection, started.run_id, wait=not args.no_wait, as_json=args.json, begun=started)
