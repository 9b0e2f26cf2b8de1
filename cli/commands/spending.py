"""`devops-copilot spend`: what the copilot itself cost, and what is left of what it may."""

from __future__ import annotations

import argparse

from cli.api.client import Client
from cli.api.connection import connect
from cli.api.documents import read
from cli.api.spend_views import SpendView
from cli.commands.staying import print_json
from cli.display.page import Page
from cli.display.spending import show_spend
from cli.exits import Exit


def spend(args: argparse.Namespace) -> Exit:
    document = Client(connect(args.url, args.person)).spend(args.by, args.since.isoformat() if args.since else "")
    if args.json:
        print_json(document)
    else:
        show_spend(Page(), read(SpendView, document))
    return Exit.SUCCEEDED
