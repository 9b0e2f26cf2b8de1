"""`devops-copilot chat teams setup` and `check`: the app of a tenant, its secret kept, and whether all is as it has to
be.
"""

from __future__ import annotations

import argparse
import json
import re
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import unquote
from urllib.request import Request, urlopen

from botocore.exceptions import BotoCoreError, ClientError

from cli.api.connection import connect
from cli.commands.chat_setup import NOTHING, check_endpoint, greet, secret_of, verbatim
from cli.commands.configuring import is_away, place_here
from cli.display.page import Page
from cli.exits import CommandError, Exit, Refused, Unreachable
from cli.kept_secrets import arn_of, store_secret
from cli.wording import line
from copilot.bootstrap.chats import teams_checked, teams_in, teams_manifest, teams_package
from copilot.config.chats import ChatWorkspace
from copilot.domain import CHAT_IDS
from copilot.errors import CopilotError, FatalError, NotFound, RetryableError

CLIENT_SECRET = "TEAMS_CLIENT_SECRET"
_ROUTE = "/v1/chat/teams/messages"
_SECRETS = "/devops-copilot/teams-secret/"
_TEAM = re.compile(r"19:[\w.@-]{1,190}")
_FIRST = "DevOps Copilot is here. Mention it, or write to it in a chat of your own, and say what you want done."
_SECONDS = 10
_NOWHERE = "arn:aws:ssm:us-east-1:000000000000:parameter/nowhere"
"""Of what is only tried: its secret is kept nowhere yet."""


def teams_setup(args: argparse.Namespace) -> Exit:
    page = Page()
    address = (args.url or connect(None, None).url).rstrip("/")
    tried = _named(args, _NOWHERE)
    _say_manifest(page, str(tried.app), address, args.package)
    if args.dry_run:
        page.say(NOTHING)
        return Exit.SUCCEEDED
    secret = _secret()
    _prove(page, tried, secret)
    try:
        return _set_up(page, args, tried, secret, address)
    except CopilotError as error:
        raise _refused(error) from error


def _set_up(page: Page, args: argparse.Namespace, tried: ChatWorkspace, secret: str, address: str) -> Exit:
    try:
        place = place_here()
        account, region = place.account(), place.ssm.meta.region_name
    except (BotoCoreError, ClientError) as error:
        raise (Unreachable if is_away(error) else Refused)(f"{line(error)}. {NOTHING}") from error
    parameter = f"{_SECRETS}{tried.id}"
    workspace = tried.model_copy(update={"token": arn_of(parameter, region, account)})
    chat = teams_in(workspace, secret)
    channel = chat.channel(workspace.id, args.channel) if args.channel else None
    if args.channel and channel is None:
        raise Refused(f"The team has no channel {args.channel}, or --team does not name it. {NOTHING}")
    store_secret(
        place.ssm, parameter, secret, "the client secret", "The client secret of DevOps Copilot's bot in Teams"
    )
    page.say(f"The client secret is kept, encrypted, as the SSM parameter {parameter} of {place.words}.")
    _say_rest(page, workspace, address)
    return greet(page, chat.post, channel, args.channel, _FIRST)


def teams_check(args: argparse.Namespace) -> Exit:
    """Nothing is written anywhere."""
    page, workspace = Page(), _named(args, _NOWHERE)
    found = [*teams_checked(workspace, _secret()), *([_knocked(args.url.rstrip("/"))] if args.url else [])]
    for one in found:
        page.say(f"wrong: {_sentence(one)}" if isinstance(one, CopilotError) else f"good: {one}")
    wrong = [one for one in found if isinstance(one, CopilotError)]
    if any(isinstance(one, RetryableError) for one in wrong):
        return Exit.UNREACHABLE
    return Exit.FAILED if wrong else Exit.SUCCEEDED


def _knocked(address: str) -> str | CopilotError:
    """Whether there is a door for Teams at a copilot's address: what comes without a token is refused there."""
    body, typed = b"{}", {"Content-Type": "application/json"}
    try:
        with urlopen(Request(f"{address}{_ROUTE}", body, typed), timeout=_SECONDS) as reply:
            status = reply.status
    except HTTPError as error:
        status = error.code
    except (OSError, HTTPException, ValueError):
        return RetryableError(f"nothing answers at {address}: is it the address of the HTTP API?")
    if status == HTTPStatus.UNAUTHORIZED:
        return f"{address}{_ROUTE} answers, and refuses what is not Teams'."
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(f"{address} has no door for Teams: deploy the stack with TeamsAppId and TeamsTenants")
    return FatalError(f"{address}{_ROUTE} answers with {status}, and 401 was to be expected")


def _named(args: argparse.Namespace, token: str) -> ChatWorkspace:
    """The tenant as the arguments have it. Raises Refused."""
    check_endpoint(args.endpoint)
    for what, id in (("--tenant", args.tenant), ("--app", args.app)):
        if not re.fullmatch(CHAT_IDS["teams"], id.lower()):
            raise Refused(f"{what} is an id like 72f988bf-86f1-41af-91ab-2d7cd011db47, as Entra shows it. {NOTHING}")
    return ChatWorkspace(
        platform="teams",
        id=args.tenant.lower(),
        app=args.app.lower(),
        name=(getattr(args, "name", None) or "Microsoft Teams")[:80],
        token=token,
        team=_team(args.team) if args.team else None,
        endpoint=args.endpoint,
    )


def _team(given: str) -> str:
    """Its id, or that in its link. Raises Refused."""
    found = _TEAM.search(unquote(given))
    if found is None:
        raise Refused(
            "--team is the link to the team (in Teams: the team's ... menu, Get link to team), or the 19:... id in it. "
            f"{NOTHING}"
        )
    return found[0]


def _secret() -> str:
    secret = secret_of(CLIENT_SECRET, "client secret", r"[\w.~-]{16,200}", "its value, as Entra shows it once")
    if re.fullmatch(CHAT_IDS["teams"], secret.lower()):
        raise Refused(f"What {CLIENT_SECRET} holds is the id of a client secret, and not its value. {NOTHING}")
    return secret


def _prove(page: Page, workspace: ChatWorkspace, secret: str) -> None:
    """Raises Refused, Unreachable."""
    for one in teams_checked(workspace, secret):
        if isinstance(one, CopilotError):
            raise _refused(one) from one
        page.say(one)


def _refused(error: CopilotError) -> CommandError:
    return (Unreachable if isinstance(error, RetryableError) else Refused)(f"{_sentence(error)} {NOTHING}")


def _sentence(error: CopilotError) -> str:
    words = line(str(error))
    return f"{words[:1].upper()}{words[1:]}."


def _say_manifest(page: Page, app: str, address: str, file: str | None) -> None:
    made, permissions = teams_manifest(app, address)
    page.say("The manifest of the app in Teams:")
    verbatim(page, json.dumps(made, indent=2))
    page.say("What it may in a team to which it is added, and what for:")
    page.rows(permissions.items())
    if file:
        try:
            Path(file).write_bytes(teams_package(made))
        except OSError as error:
            raise Refused(f"{file} could not be written: {error.strerror}. {NOTHING}") from error
        page.say(f"{file} is that with its pictures, to be uploaded.")
    page.say("The bot's messaging endpoint, at Azure Bot, Configuration:")
    verbatim(page, f"{address}{_ROUTE}")
    if not address.startswith("https://"):
        page.say(f"Teams reaches https:// alone, and {address} is on this machine: this is to look at.")


def _say_rest(page: Page, workspace: ChatWorkspace, address: str) -> None:
    page.say("Deploy the stack with these parameters, where it has others already with these added:")
    verbatim(page, f"TeamsAppId={workspace.app}\nTeamsTenants={workspace.id}\nChatTokenArns={workspace.token}")
    page.say("Add this to the configuration, and hand that over with `devops-copilot configure`:")
    lines = [
        "chat:",
        "  workspaces:",
        "    - platform: teams",
        f"      id: {workspace.id}",
        f"      app: {workspace.app}",
        f"      name: {json.dumps(workspace.name)}",
        f"      token: {workspace.token}",
        *([f"      team: {json.dumps(workspace.team)}"] if workspace.team else []),
        *([f"      endpoint: {workspace.endpoint}"] if workspace.endpoint else []),
    ]
    verbatim(page, "\n".join(lines))
    page.say(f"Once it is deployed, whoever writes to it in Teams is heard: {address}{_ROUTE} is where Teams sends it.")
