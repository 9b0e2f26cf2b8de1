"""`devops-copilot chat slack setup`: the app of a workspace, its secrets kept, and a first message."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import re
import sys
from collections.abc import Callable
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import TypeAdapter, ValidationError

from cli.api.connection import connect
from cli.commands.configuring import Place, is_away, place_here
from cli.display.page import Page
from cli.exits import Exit, Refused, Unreachable
from cli.kept_secrets import arn_of, holds_another, store_secret
from cli.wording import line
from copilot.bootstrap.chats import slack_in, slack_installed, slack_manifest
from copilot.config.chats import ChatWorkspace
from copilot.config.places import Endpoint
from copilot.domain import AnswerTo, Shown, Words
from copilot.errors import CopilotError, RetryableError

SIGNING_SECRET, BOT_TOKEN = "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN"
NOTHING = "Nothing was written."
_FIRST = "DevOps Copilot is here. Mention it, or write to it directly, and say what you want done."

Post = Callable[[AnswerTo, Shown], object]


class Secrets(NamedTuple):
    signing: str
    token: str


def slack_setup(args: argparse.Namespace) -> Exit:
    page = Page()
    check_endpoint(args.endpoint)
    _say_manifest(page, args.url or connect(None, None).url)
    if args.dry_run:
        page.say(NOTHING)
        return Exit.SUCCEEDED
    secrets = Secrets(
        secret_of(SIGNING_SECRET, "signing secret", r"[0-9a-f]{32}", "32 of 0-9 and a-f"),
        secret_of(BOT_TOKEN, "bot token", r"xoxb-[\w-]{8,}", "xoxb- and more"),
    )
    try:
        return _set_up(page, args, secrets)
    except CopilotError as error:
        kind = Unreachable if isinstance(error, RetryableError) else Refused
        raise kind(f"{error}. {NOTHING}") from error


def _set_up(page: Page, args: argparse.Namespace, secrets: Secrets) -> Exit:
    there = slack_installed(secrets.token, args.endpoint)
    if there.lacks:
        raise Refused(
            f"The app in {there.name} lacks {', '.join(there.lacks)}: give it the manifest above, install it in the "
            f"workspace again, and take the token it has then. {NOTHING}"
        )
    if not re.fullmatch(r"[A-Z0-9]{2,40}", there.id):
        raise Refused(f"Slack does not say which workspace the token is of. {NOTHING}")
    page.say(f"The token is of {there.bot} in {there.name} ({there.id}), and has every scope.")
    try:
        place = place_here()
        account, region = place.account(), place.ssm.meta.region_name
    except (BotoCoreError, ClientError) as error:
        raise (Unreachable if is_away(error) else Refused)(f"{line(error)}. {NOTHING}") from error
    signing, token = "/devops-copilot/slack-signing-secret", f"/devops-copilot/slack-token/{there.id}"
    workspace = ChatWorkspace(
        id=there.id, name=there.name or there.id, token=arn_of(token, region, account), endpoint=args.endpoint
    )
    chat = slack_in(workspace, secrets.token)
    channel = chat.channel(there.id, args.channel) if args.channel else None
    if args.channel and channel is None:
        raise Refused(f"The copilot is not in {args.channel}: write /invite @{there.bot} there first. {NOTHING}")
    _store(page, place, {token: secrets.token, signing: secrets.signing})
    _say_rest(page, workspace, arn_of(signing, region, account), place)
    return greet(page, chat.post, channel, args.channel, _FIRST)


def _say_manifest(page: Page, address: str) -> None:
    manifest, scopes = slack_manifest(address)
    page.say("The app's manifest: at api.slack.com/apps, Create New App, From a manifest.")
    verbatim(page, json.dumps(manifest, indent=2))
    page.say("What each scope is for:")
    page.rows(scopes.items())
    if not address.startswith("https://"):
        page.say(f"Slack reaches https:// alone, and {address} is on this machine: this is to look at.")


def check_endpoint(given: str | None) -> None:
    """Before a secret goes there. Raises Refused."""
    try:
        TypeAdapter(Endpoint | None).validate_python(given)
    except ValidationError as error:
        (first, *_) = error.errors(include_url=False, include_input=False)
        why = first.get("ctx", {}).get("error", "that is no address, such as https://chat.example.com/api")
        raise Refused(f"--endpoint: {why}. {NOTHING}") from error


def verbatim(page: Page, text: str) -> None:
    for one in text.splitlines():
        page.verbatim(one)


def secret_of(variable: str, what: str, form: str, like: str) -> str:
    """From the environment, or asked for where somebody is there to answer. Raises Refused."""
    given = os.environ.get(variable, "").strip()
    if not given and sys.stdin.isatty():
        given = getpass.getpass(f"The {what} of the app (not shown): ").strip()
    if not given:
        raise Refused(f"The environment variable {variable} holds no {what}. {NOTHING}")
    if not re.fullmatch(form, given):
        raise Refused(f"What {variable} holds, or was typed, is no {what}: that is {like}. {NOTHING}")
    return given


def _store(page: Page, place: Place, secrets: dict[str, str]) -> None:
    for parameter, secret in secrets.items():
        what = "bot token" if secret.startswith("xoxb-") else "signing secret"
        is_another = what == "signing secret" and holds_another(place.ssm, parameter, secret)
        store_secret(place.ssm, parameter, secret, f"the {what}", f"The {what} of DevOps Copilot's app in Slack")
        page.say(f"The {what} is kept, encrypted, as the SSM parameter {parameter} of {place.words}.")
        if is_another:
            page.say(
                "It is in place of another one: nothing that is signed with that is heard any more. The copilot is one "
                "app in all its workspaces; where this is a second app, install the first one there too instead, and "
                "run this again with its secret."
            )


def _say_rest(page: Page, workspace: ChatWorkspace, signing: str, place: Place) -> None:
    page.say("Deploy the stack with these parameters, where it has others already with these added:")
    verbatim(page, f"SlackSigningSecretArn={signing}\nChatTokenArns={workspace.token}\nSlackWorkspaces={workspace.id}")
    page.say("Add this to the configuration, and hand that over with `devops-copilot configure`:")
    lines = [
        "chat:",
        "  workspaces:",
        f"    - id: {workspace.id}",
        f"      name: {json.dumps(workspace.name)}",
        f"      token: {workspace.token}",
        *([f"      endpoint: {workspace.endpoint}"] if workspace.endpoint else []),
    ]
    verbatim(page, "\n".join(lines))
    page.say("The signing secret is proved by the first thing Slack sends: Retry next to the events' Request URL.")


def greet(page: Page, post: Post, channel: AnswerTo | None, name: str | None, first: str) -> Exit:
    if channel is None:
        return Exit.SUCCEEDED
    try:
        post(channel, Shown(brief=first, parts=(Words(text=first),)))
    except CopilotError as error:
        page.say(f"All is kept as said, but {name} was told nothing: {error}")
        return Exit.FAILED
    page.say(f"{name} was told that the copilot is here.")
    return Exit.SUCCEEDED
