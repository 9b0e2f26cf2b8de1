"""`devops-copilot up` and `down`: the system on this machine."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from cli.api.client import Client
from cli.api.connection import on_the_laptop, state_folder
from cli.api.resuming import resume_lost
from cli.display.page import Page
from cli.exits import CommandError, Exit, Refused
from cli.laptop.clients import Clients
from cli.laptop.faults import LaptopError
from cli.laptop.system import down, up
from cli.laptop_file import LaptopFile
from cli.wording import command, duration

PROJECT = Path(__file__).parents[2]


def start(args: argparse.Namespace) -> Exit:
    page = Page()
    laptop = bring_up(page)
    page.say()
    page.commands(
        [
            ("ask", command("ask", "How is the production cluster?")),
            ("stop", command("down")),
            ("users", ", ".join(laptop.users)),
            ("its AWS", laptop.endpoint),
        ]
    )
    return Exit.SUCCEEDED


def stop(args: argparse.Namespace) -> Exit:
    page = Page()
    try:
        was_running = down(state_folder(PROJECT), timed(page))
    except LaptopError as error:
        raise CommandError(str(error)) from error
    page.say("Stopped. `up` starts it again with all it had." if was_running else "It was not running.")
    return Exit.SUCCEEDED


def bring_up(page: Page) -> LaptopFile:
    """The system, running, each part of the work told with the time it began at. Raises CommandError."""
    if not (PROJECT / "template.yaml").is_file():
        raise Refused("The laptop's system is deployed from a checkout of the project, and this is not one.")
    say = timed(page)
    try:
        laptop = up(PROJECT, state_folder(PROJECT), say, warm=True)
    except LaptopError as error:
        raise CommandError(str(error)) from error
    stepfunctions = Clients(laptop.endpoint)("stepfunctions", laptop.account, laptop.region)
    for run_id, approval_id in resume_lost(stepfunctions, laptop.outputs["MachineArn"], Client(on_the_laptop(laptop))):
        still = f"waits for approval {approval_id}, as before" if approval_id else "goes on"
        say(f"Run {run_id}, which the last stop cut short, {still}")
    say("Ready")
    return laptop


def timed(page: Page) -> Callable[[str], None]:
    """Prints what begins with the time since the first."""
    began = time.monotonic()
    return lambda what: page.rows([(duration(time.monotonic() - began).rjust(7), what)], indent=0)
