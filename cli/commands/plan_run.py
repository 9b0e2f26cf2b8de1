"""`devops-copilot run --in-process`: a plan from a file, through the same use cases, nothing deployed or stored."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from cli.api.connection import laptop_here
from cli.api.views import RunView, read
from cli.commands.own_clients import own_clients
from cli.commands.staying import exit_of, print_json
from cli.commands.tools import registry
from cli.display.page import Page
from cli.display.run import show_run
from cli.exits import Exit, Refused
from cli.wording import line, problems
from copilot.bootstrap.clients import OwnClients
from copilot.bootstrap.in_process import InProcess
from copilot.domain import Permission, Plan, Run
from copilot.errors import NotFound, PlanError
from copilot.tools.registry import Registry


def run(args: argparse.Namespace) -> Exit:
    plan, laptop = read_plan(Path(args.plan)), laptop_here()
    tools = registry(args.tools)
    if not args.yes and (writes := [step.id for step in plan.steps if changes(tools, step.tool)]):
        raise Refused(
            f"{args.plan} changes something ({', '.join(writes)}), here and now and "
            f"with {'the credentials of the laptop cloud' if laptop else 'your own credentials'}. "
            "Nothing was done; add --yes to do it."
        )

    def clients(run: Run, call_id: str, permissions: Sequence[Permission] | None) -> OwnClients:
        may_write = permissions is not None
        return own_clients(call_id, laptop, args.configuration, may_write=may_write, person=run.trigger.person)

    runner = InProcess(clients, registry=tools)
    try:
        document = runner.run(plan)
    except PlanError as error:
        raise Refused("\n".join([f"{args.plan} cannot run. Nothing was done.", *error.problems])) from error
    view = read(RunView, document)
    if args.json:
        print_json(document)
    else:
        show_run(Page(), view, None)
    return exit_of(view)


def changes(tools: Registry, name: str) -> bool:
    """Whether a tool writes. One that does not exist is for the plan's own check to name."""
    try:
        return tools.find(name).effect != "read"
    except NotFound:
        return False


def read_plan(file: Path) -> Plan:
    """Raises Refused, naming every field that is wrong."""
    try:
        return Plan.model_validate(yaml.safe_load(file.read_text()))
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise Refused(f"{file} is not YAML: {line(error)}") from error
    except ValidationError as error:
        raise Refused(f"{file} is not a plan. {problems(error)}. Nothing was done.") from error
