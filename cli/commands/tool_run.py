"""`devops-copilot tool run`: one tool, in this process, with the person's own credentials and nobody in between."""

from __future__ import annotations

import argparse
import json
import secrets

from pydantic import BaseModel, ValidationError

from cli.api.connection import laptop_here
from cli.commands.own_clients import own_clients
from cli.commands.staying import print_json
from cli.commands.tools import find, registry
from cli.display.approval import show_preview
from cli.display.page import Page
from cli.exits import CommandError, Exit, Refused, Unclear
from cli.wording import problems
from copilot.errors import Ambiguous, CopilotError, ToolInputError
from copilot.tools.tool import AnyTool, ReadTool, WriteTool


def run(args: argparse.Namespace) -> Exit:
    tool = find(registry(args.tools), args.name)
    given = read_input(tool, args.arguments)
    clients = own_clients(secrets.token_hex(8), laptop_here(), args.configuration, may_write=args.yes)
    built = tool(clients)
    try:
        if isinstance(built, ReadTool):
            print_json(built.run(given).model_dump(mode="json"))
        else:
            _write(built, given, yes=args.yes)
    except Ambiguous as error:
        raise Unclear(f"{tool.name}: {error}") from error
    except ToolInputError as error:
        raise Refused(f"{tool.name}: {error}") from error
    except CopilotError as error:
        raise CommandError(f"{tool.name}: {error}") from error
    return Exit.SUCCEEDED


def read_input(tool: AnyTool, text: str) -> BaseModel:
    """Raises Refused, naming the place or the field that is wrong."""
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise Refused(f"The input is not JSON: {error.msg} at character {error.pos + 1} of {text}") from error
    try:
        return tool.Input.model_validate(given)
    except ValidationError as error:
        raise Refused(f"The input does not fit. {problems(error)}. See `tool show {tool.name}`.") from error


def _write(tool: WriteTool[BaseModel, BaseModel], given: BaseModel, *, yes: bool) -> None:
    preview = tool.preview(given)
    if yes:
        print_json(tool.run(given, preview).model_dump(mode="json"))
        return
    page = Page()
    page.say(f"{tool.name} would do this:", "bold")
    show_preview(page, preview)
    page.say("Nothing was done. With --yes it is, and no policy and no person is asked.")
