"""`devops-copilot chat discord setup`: the application in a server, its token kept, its commands, a first message."""

from __future__ import annotations

import argparse
import json
import re

from botocore.exceptions import BotoCoreError, ClientError

from cli.api.connection import connect
from cli.commands.chat_setup import NOTHING, check_endpoint, greet, secret_of, verbatim
from cli.commands.configuring import is_away, place_here
from cli.display.page import Page
from cli.exits import Exit, Refused, Unreachable
from cli.kept_secrets import arn_of, store_secret
from cli.wording import line
from copilot.bootstrap.chats import discord_app, discord_in, discord_link
from copilot.config.chats import ChatWorkspace
from copilot.domain import CHAT_IDS
from copilot.errors import CopilotError, NotFound, RetryableError

BOT_TOKEN = "DISCORD_BOT_TOKEN"
_FIRST = "DevOps Copilot is here. Use /copilot, and say what you want done."


def discord_setup(args: argparse.Namespace) -> Exit:
    page = Page()
    check_endpoint(args.endpoint)
    address = f"{(args.url or connect(None, None).url).rstrip('/')}/v1/chat/discord/interactions"
    if not re.fullmatch(CHAT_IDS["discord"], args.server):
        raise Refused(f"The id of a server is 15 to 20 digits: Copy Server ID, in developer mode. {NOTHING}")
    form = r"[\w-]{16,}\.[\w-]{4,}\.[\w-]{16,}"
    token = secret_of(BOT_TOKEN, "bot token", form, "three parts with a point between")
    try:
        return _set_up(page, args, token, address)
    except CopilotError as error:
        kind = Unreachable if isinstance(error, RetryableError) else Refused
        raise kind(f"{error}. {NOTHING}") from error


def _set_up(page: Page, args: argparse.Namespace, token: str, address: str) -> Exit:
    app = discord_app(token, args.endpoint)
    page.say(f"The token is of {app.name}, application {app.id}.")
    page.say("Whoever manages a server lets it in by this link, with these permissions:")
    link, permissions = discord_link(app.id)
    verbatim(page, link)
    page.rows(permissions.items())
    if args.dry_run:
        page.say(NOTHING)
        return Exit.SUCCEEDED
    try:
        server = app.server_named(args.server)
    except NotFound as error:
        raise Refused(f"The application is not in the server {args.server}: use the link above. {NOTHING}") from error
    try:
        place = place_here()
        account, region = place.account(), place.ssm.meta.region_name
    except (BotoCoreError, ClientError) as error:
        raise (Unreachable if is_away(error) else Refused)(f"{line(error)}. {NOTHING}") from error
    parameter = f"/devops-copilot/discord-token/{args.server}"
    arn = arn_of(parameter, region, account)
    workspace = ChatWorkspace(
        platform="discord", id=args.server, app=app.id, name=server[:80], token=arn, endpoint=args.endpoint
    )
    chat = discord_in(workspace, token)
    channel = chat.channel(args.server, args.channel) if args.channel else None
    if args.channel and channel is None:
        raise Refused(f"The server has no channel {args.channel}, or several. {NOTHING}")
    store_secret(place.ssm, parameter, token, "the bot token", "The bot token of DevOps Copilot's app in Discord")
    page.say(f"The bot token is kept, encrypted, as the SSM parameter {parameter} of {place.words}.")
    try:
        app.register()
    except CopilotError as error:
        page.say(f"Its commands are not registered, and nothing else was done: {error}. Run this again.")
        return Exit.FAILED
    page.say("Its commands are registered: /copilot, and Ask copilot on a message of one's own.")
    _say_rest(page, workspace, app.public_key, address)
    return greet(page, chat.post, channel, args.channel, _FIRST)


def _say_rest(page: Page, workspace: ChatWorkspace, public_key: str, address: str) -> None:
    page.say("Deploy the stack with these parameters, where it has others already with these added:")
    verbatim(
        page,
        f"DiscordPublicKey={public_key}\nDiscordServers={workspace.id}\nChatTokenArns={workspace.token}",
    )
    page.say("Add this to the configuration, and hand that over with `devops-copilot configure`:")
    lines = [
        "chat:",
        "  workspaces:",
        "    - platform: discord",
        f'      id: "{workspace.id}"',
        f'      app: "{workspace.app}"',
        f"      name: {json.dumps(workspace.name)}",
        f"      token: {workspace.token}",
        *([f"      endpoint: {workspace.endpoint}"] if workspace.endpoint else []),
    ]
    verbatim(page, "\n".join(lines))
    page.say("Once it is deployed, give the application this Interactions Endpoint URL, which Discord then tries:")
    verbatim(page, address)
    if not address.startswith("https://"):
        page.say(f"Discord reaches https:// alone, and {address} is on this machine: this is to look at.")
