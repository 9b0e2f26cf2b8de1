"""`devops-copilot home`: what runs, what waits for who asks, what comes by itself, what they may do and say."""

from __future__ import annotations

import argparse

from cli.api.client import Client
from cli.api.connection import connect
from cli.api.documents import read
from cli.api.home_views import HomeView
from cli.commands.staying import print_json
from cli.display.home import show_home
from cli.display.page import Page
from cli.exits import Exit


def home(args: argparse.Namespace) -> Exit:
    connection = connect(args.url, args.person)
    document = Client(connection).home()
    if args.json:
        print_json(document)
    else:
        show_home(Page(), read(HomeView, document), connection.options)
    return Exit.SUCCEEDED
