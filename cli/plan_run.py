"""`devops-copilot run --in-process`: a plan from a file, through the same use cases, nothing deployed or stored."""

from __future__ import annotations

import argparse
from pathlib import Path

import yaml
from pydantic import ValidationError

from cli.connection import laptop_here
from cli.display.page import Page
from cli.display.run import show_run
from cli.exits import Exit, Refused
from cli.in_process import InProcess
from cli.own_clients import OwnClients
from cli.staying import exit_of, print_json
from cli.tools import registry
from cli.views import RunView, read
from cli.wording import line, problems
from copilot.errors import PlanError
from copilot.model import Plan


def run(args: argparse.Namespace) -> Exit:
    plan, laptop = read_plan(Path(args.plan)), laptop_here()
    runner = InProcess(
        lambda run, call_id, permissions: OwnClients(call_id, laptop, args.configuration, permissions is not None),
        registry=registry(args.tools),
    )
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
