"""`devops-copilot demo`: the laptop's system does what it was made for; the cloud is read back after each request."""

from __future__ import annotations

import argparse
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx

from cli.api.client import Client
from cli.api.connection import Connection, connect
from cli.commands.configuring import read_configuration
from cli.commands.hosting import PROJECT, bring_up
from cli.commands.outbox import messages
from cli.display.page import Page
from cli.exits import Exit
from cli.laptop.chat import connected
from cli.laptop.clients import Clients
from cli.laptop.cloud import read_cloud
from cli.laptop.deployments import read_deployments
from cli.laptop.slack import Slack
from cli.laptop.system import look_around
from cli.laptop_file import LaptopFile
from cli.showing import scenes, scenes_chat, scenes_deployments, scenes_schedules, scenes_usage
from cli.showing.readback import Cloud, read_back
from cli.showing.restoring import restore
from cli.showing.scenes_dockerfiles import dockerfile
from cli.showing.stage import Stage
from cli.wording import command, duration

KNOWN_WITHIN = 61
"""Seconds after which every function has read that there is a chat: they read the configuration once a minute."""


def demo(args: argparse.Namespace) -> Exit:
    page, began = Page(), time.monotonic()
    laptop = bring_up(page)
    put_back(page, laptop)
    connection = connect(None, None)
    conversation = f"demo-{secrets.token_hex(3)}"
    stage = Stage(page, Client(connection), lambda: look(laptop), conversation, partial(speaking_as, connection))
    stage.scene("A question, and one that means something only after it: it reads, and changes nothing")
    scenes.questions(stage)
    stage.scene("A change to development: allowed, in parallel, each one checked")
    scenes.idle(stage, lambda: messages(laptop))
    with Slack() as slack, connected(laptop, slack):
        known = time.monotonic() + KNOWN_WITHIN
        schedules_production_and_reports(stage, laptop)
        stage.scene("In Slack: asked in a channel, approved and taken back by buttons")
        time.sleep(max(0.0, known - time.monotonic()))
        scenes_chat.approved_in_chat(stage, slack, *asker_and_approver())
    close(page, stage, time.monotonic() - began)
    return Exit.FAILED if stage.wrong else Exit.SUCCEEDED


def schedules_production_and_reports(stage: Stage, laptop: LaptopFile) -> None:
    stage.scene("A window: stopped every evening, started every morning, and what it stopped is started again exactly")
    scenes_schedules.window(stage)
    stage.scene("A change to production: it asks another person, and is denied")
    scenes.denied(stage)
    stage.scene("The same again, approved; then back to how it was")
    scenes.approved_and_back(stage)
    stage.scene("Deployments: what got slower, and since when")
    deployments = read_deployments(PROJECT / "samplefiles" / "deployments.yaml")
    scenes_deployments.slowdown(stage, deployments, datetime.now(UTC).date())
    stage.scene("A report: hours, idle time and what it cost, deployments, as links that expire")
    reported = scenes_deployments.reported(deployments, datetime.now(UTC).date())
    scenes_usage.usage(stage, scenes_usage.monitored(Clients(laptop.endpoint)), reported, opened)
    stage.scene("A file: linted, improved by rules that keep what it does, and linted again")
    dockerfile(stage, *sample("dockerfiles/python/Dockerfile", "dockerfiles/python/requirements.txt"))


def asker_and_approver() -> tuple[str, str]:
    """The first person of the sample configuration who may not approve, and the first who may."""
    people = read_configuration(PROJECT / "samplefiles" / "config.yaml").people
    asker = next(one.id for one in people if "approver" not in one.roles)
    return asker, next(one.id for one in people if "approver" in one.roles)


def speaking_as(connection: Connection, approvers: Sequence[str]) -> tuple[Client, tuple[str, ...]]:
    """One of those who may approve, and the words that make a command speak as them; else whoever speaks already."""
    options = connection.options_for(approvers)
    return Client(connect(None, options[1] if options else None)), options


def sample(*names: str) -> list[str]:
    """Paths of sample files, as short as they are from here."""
    paths = [PROJECT / "samplefiles" / name for name in names]
    return [str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path) for path in paths]


def put_back(page: Page, laptop: LaptopFile) -> None:
    """The sample cloud as it is at first, where an earlier demo or a person left it otherwise."""
    cloud = read_cloud(PROJECT / "samplefiles" / "cloud.yaml")
    clients = Clients(laptop.endpoint)
    if moved := restore(clients, cloud, datetime.now(UTC)):
        look_around(clients, laptop, sorted({(seen.account, seen.region) for seen in moved}))
        names = sorted({seen.environment for seen in moved})
        page.say(f"Put the sample cloud back to how it is at first: {len(moved)} resources of {', '.join(names)}.")


def look(laptop: LaptopFile) -> Cloud:
    """Everything in the accounts and regions of the sample configuration, as it is now."""
    configuration = read_configuration(PROJECT / "samplefiles" / "config.yaml")
    places = [(account.id, region) for account in configuration.accounts for region in account.regions]
    return read_back(Clients(laptop.endpoint), places, configuration.tags.environment)


def opened(link: str) -> bytes:
    """What a link gives, past any proxy of the person's."""
    with httpx.Client(trust_env=False, timeout=30) as client:
        return client.get(link, follow_redirects=True).raise_for_status().content


def close(page: Page, stage: Stage, seconds: float) -> None:
    page.say()
    if stage.wrong:
        page.say(f"The demo ended after {duration(seconds)}, and this was not as it should be:", "bold red")
        page.rows([("-", what) for what in stage.wrong])
    else:
        page.say(f"All of it was as it should be, in {duration(seconds)}. The system stays up:", "bold green")
    page.commands(
        [
            ("ask more", command("ask", "Which environments are idle?")),
            ("answer when it asks", command("approve", "ID") + "   or   " + command("deny", "ID")),
            ("its runs, with their ids", command("runs", "--all")),
            ("look at a run", command("runs", "show", "ID")),
            ("see what fires when", command("schedules")),
            ("read what it sent", command("outbox")),
            ("talk with it in a Slack", command("chat")),
            ("stop", command("down")),
        ]
    )
