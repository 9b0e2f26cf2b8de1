"""`devops-copilot link`: who somebody is in chats; be oneself in one, or not any more."""

from __future__ import annotations

import argparse

from cli.api.client import Client
from cli.api.connection import connect
from cli.api.documents import read
from cli.api.link_views import LinkingView, LinkList, LinkView
from cli.commands.staying import print_json
from cli.display.links import show_linking, show_links
from cli.display.page import Page
from cli.exits import Exit
from cli.wording import line


def links(args: argparse.Namespace) -> Exit:
    connection = connect(args.url, args.person)
    document = Client(connection).links()
    if args.json:
        print_json(document)
    else:
        show_links(Page(), read(LinkList, document), connection.options)
    return Exit.SUCCEEDED


def link(args: argparse.Namespace) -> Exit:
    connection = connect(args.url, args.person)
    document = Client(connection).link(args.platform, another=args.another)
    if args.json:
        print_json(document)
    else:
        show_linking(Page(), read(LinkingView, document), connection.options, args.platform)
    return Exit.SUCCEEDED


def unlink(args: argparse.Namespace) -> Exit:
    document = Client(connect(args.url, args.person)).unlink(args.user)
    if args.json:
        print_json(document)
    else:
        Page().say(f"{line(read(LinkView, document).user.address)} is you no more: nobody there does anything as you.")
    return Exit.SUCCEEDED
