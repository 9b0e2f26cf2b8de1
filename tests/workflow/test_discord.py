"""Linked, asked, followed, approved in part, answered and undone in Discord, on the laptop's AWS; and one approval that
is shown in Slack and Teams, too, and decided in one of them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import clouds
import pytest
from conftest import System

from cli.laptop.chat import (
    discord_workspace,
    in_chat,
    installed,
    keep_discord_token,
    keep_teams_secret,
    keep_tokens,
    teams_workspace,
)
from cli.laptop.discord import SERVER, Dialog, Discord, Message, Used, one_server
from cli.laptop.discord.discord import plain_of
from cli.laptop.discord.people import every
from cli.laptop.slack import Slack
from cli.laptop.teams import TENANT, Teams
from copilot.config.chats import ChatSettings

pytestmark = pytest.mark.laptop
AT_MOST = 90
"""Seconds that anything may take to be shown."""


@pytest.fixture(scope="module")
def slack(system: System) -> Iterator[Slack]:
    with Slack() as slack:
        laptop = system.laptop
        keep_tokens(laptop, slack, system.client("ssm"))
        tokens = {id: laptop.slack_token_of(id) for id in installed(slack)}
        base = f"{laptop.endpoint}/_aws/execute-api/{laptop.api_id}/v1/chat/slack"
        slack.connect(f"{base}/events", laptop.slack_secret, tokens)
        yield slack


@pytest.fixture(scope="module")
def teams(system: System) -> Iterator[Teams]:
    """Nothing is said in it here: it is where somebody is told, too."""
    with Teams(secret=system.laptop.teams_secret) as teams:
        keep_teams_secret(system.laptop, system.client("ssm"))
        yield teams


def olga_everywhere(discord: Discord, slack: Slack, teams: Teams) -> tuple[str, ...]:
    (home,) = installed(slack)
    return (
        f"discord:{SERVER}/{discord.world.user('olga').id}",
        f"slack:{home}/U0OLGA",
        f"teams:{TENANT}/{teams.world.people['olga'].id}",
    )


@pytest.fixture(scope="module")
def discord(system: System, slack: Slack, teams: Teams) -> Iterator[Discord]:
    """The copilot is in it before anything is asked: a function reads its configuration once a minute."""
    world = one_server("you", "dana", "olga", "noah")
    laptop = system.laptop
    with Discord(world, laptop.discord_seed, token=laptop.discord_token, patience=60) as discord:
        host = laptop.api_url.partition("//")[2]
        discord.connect(f"{laptop.endpoint}/v1/chat/discord/interactions", host)
        keep_discord_token(laptop, system.client("ssm"))
        config = clouds.configuration()
        users = {
            "dana": (f"discord:{SERVER}/{world.user('dana').id}",),
            "olga": olga_everywhere(discord, slack, teams),
        }
        people = tuple(one.model_copy(update={"chat": users.get(one.id, ())}) for one in config.people)
        in_slack = in_chat(config, slack, laptop).chat
        assert in_slack is not None
        workspaces = (discord_workspace(discord, laptop), *in_slack.workspaces, teams_workspace(teams, laptop))
        chat = ChatSettings(workspaces=workspaces)
        system.client("ssm").put_parameter(
            Name=laptop.outputs["ConfigurationParameter"],
            Value=config.model_copy(update={"chat": chat, "people": people}).model_dump_json(),
            Type="String",
            Tier="Intelligent-Tiering",
            Overwrite=True,
        )
        yield discord


def found(discord: Discord, channel: str, text: str, seen_by: str | None = None) -> Message:
    """The last message that has the text in it."""

    def look() -> Message | None:
        return next((one for one in reversed(discord.messages(channel, seen_by)) if text in plain_of(one)), None)

    try:
        message: Message = discord.wait_for(look, AT_MOST)
    except TimeoutError:
        there = [plain_of(one)[-300:] for one in discord.messages(channel, seen_by)]
        raise AssertionError(f"nothing with {text!r} in {channel}: {there}") from None
    return message


def changed(discord: Discord, message: Message, text: str) -> None:
    """The same message, once it shows that."""
    try:
        discord.wait_for(lambda: text in plain_of(message), AT_MOST)
    except TimeoutError:
        raise AssertionError(f"no {text!r} in {plain_of(message)}") from None


def labels(message: Message) -> set[str]:
    return {one["label"] for one in every(message.components) if one.get("type") == 2 and "custom_id" in one}


def submitted(discord: Discord, dialog: Used | Dialog, *values: str) -> Used:
    assert isinstance(dialog, Dialog)
    used = discord.submit(dialog, *values)
    assert used.answer == {"type": 6}
    return used


def runs(system: System) -> list[dict[str, str]]:
    return list(system.http("GET", "/v1/runs?all=1")[1]["runs"])


def test_its_address_is_taken_and_nothing_forged_is_let_in(system: System, discord: Discord) -> None:
    assert discord.register()
    with Discord(one_server("dana"), "17" * 32) as another:
        another.address = discord.address
        assert another.command("dana", "#dev", "which environments are there?").status == 401
    assert runs(system) == []


def test_somebody_becomes_themselves_by_a_code_in_a_direct_message(system: System, discord: Discord) -> None:
    discord.command("you", "#dev", "which environments are there?")
    found(discord, "#dev", "The copilot does not know who you are", seen_by="you")
    assert [plain_of(one) for one in discord.messages("#dev", "dana")] == [
        "I answered whoever asked this, and nobody else."
    ]
    status, made = system.http("POST", "/v1/chat/links", {"platform": "discord"}, "you")
    assert status == 200, made
    discord.command("you", "@you", made["code"])
    found(discord, "@you", "You are You here from now on")
    used = discord.command("you", "@you", "which environments are there?")
    answer = found(discord, "@you", "Environments (8)")
    assert clouds.of_kind(system.cloud, "development")[0].name in plain_of(answer)
    found(discord, "@you", "You asked: “which environments are there?”")
    assert discord.again(used) == 200  # and nothing more comes of it
    time.sleep(1)
    assert len(runs(system)) == 1


def test_it_is_asked_in_a_channel_approved_in_part_shown_to_all_and_undone(system: System, discord: Discord) -> None:
    first, second = (clouds.of_kind(system.cloud, kind)[0].name for kind in ("staging", "production"))
    before = {name: system.sizes(name) for name in (first, second)}
    discord.command("dana", "#dev", f"stop {first} and {second}")
    found(discord, "#dev", f"Dana asked: “stop {first} and {second}”")
    card, own = (found(discord, place, "Dana asks for an approval") for place in ("@olga", "@you"))
    assert first in plain_of(card) and second in plain_of(card)
    brief = found(discord, "#dev", "This needs an approval")
    assert first not in plain_of(brief) and labels(brief) == {"Show everything", "Deny"}
    submitted(discord, discord.press("noah", brief, "Deny"))
    found(discord, "#dev", "The copilot does not know who you are", seen_by="noah")
    discord.press("dana", brief, "Show everything")
    shown = found(discord, "@dana", "Dana asks for an approval")
    assert {name: system.sizes(name) for name in before} == before

    (select,) = [one for one in every(card.components) if one.get("type") == 3]
    (left,) = [one["value"] for one in select["options"] if second in one["label"]]
    pressed = submitted(discord, discord.choose("olga", card, left))
    for copy in (card, own, shown, brief):
        changed(discord, copy, "Approved by Olga")
        assert not labels(copy)
    answer = found(discord, "@dana", f"You asked: stop {first}")
    assert f"{first}: stopped" in plain_of(answer)
    found(discord, "#dev", "The answer is not for this channel: I sent it to you directly.")
    assert not any(system.sizes(first).values()) and system.sizes(second) == before[second]
    progress = found(discord, "#dev", "Done")
    assert progress.edited  # one message, that was changed
    assert discord.again(pressed) == 200

    submitted(discord, discord.press("dana", answer, "Undo"))
    found(discord, "@dana", f"{first}: started")
    assert system.sizes(first) == before[first]
    assert [one["outcome"] for one in runs(system) if one["person"] == "dana"] == ["succeeded", "succeeded"]


def test_one_approval_is_shown_on_three_platforms_and_decided_on_one(
    system: System, discord: Discord, slack: Slack, teams: Teams
) -> None:
    name = clouds.of_kind(system.cloud, "production")[-1].name
    was_on = any(system.sizes(name).values())
    discord.command("dana", "@dana", f"{'stop' if was_on else 'start'} {name}")

    def shown_everywhere() -> list[Any]:
        there = [
            next((one for one in discord.messages("@olga") if "Approve" in labels(one)), None),
            next((one for one in slack.messages("@olga") if "copilot.approve" in json.dumps(one.blocks)), None),
            next((one for one in teams.messages("@olga") if "copilot.approve" in one.actions()), None),
        ]
        return there if all(there) else []

    def waited(found: Callable[[], Any]) -> Any:
        until = time.monotonic() + AT_MOST
        while not (value := found()) and time.monotonic() < until:
            time.sleep(0.2)
        return value

    in_discord, in_slack, in_teams = waited(shown_everywhere)
    assert name in plain_of(in_discord) and name in json.dumps(in_slack.blocks) and name in in_teams.text
    slack.press("olga", in_slack, "copilot.approve")
    copies: list[Callable[[], str]] = [
        lambda: plain_of(in_discord),
        lambda: json.dumps(in_slack.blocks, ensure_ascii=False),
        lambda: in_teams.text,
    ]
    assert waited(lambda: all("Approved by Olga" in read() for read in copies)), [read() for read in copies]
    assert not labels(in_discord) and "copilot.approve" not in json.dumps(in_slack.blocks)
    assert "copilot.approve" not in in_teams.actions()
    found(discord, "@dana", f"{name}: {'stopped' if was_on else 'started'}")
    assert any(system.sizes(name).values()) != was_on


def test_nothing_that_was_sent_mentions_anybody_or_tells_a_token(system: System, discord: Discord) -> None:
    assert not any(one.pings for one in discord.world.messages)
    for run in runs(system):
        view = json.dumps(system.http("GET", f"/v1/runs/{run['run_id']}?sent=1")[1])
        assert discord.token not in view and not any(token in view for token in discord.world.interactions)
    assert all(one.authorization == "" for one in discord.calls("PATCH", "/webhooks/"))


def test_a_file_that_was_sent_along_is_read(system: System, discord: Discord) -> None:
    file = discord.keep("Dockerfile", b"FROM python:3.13\nRUN ls\n")
    discord.command("dana", "@dana", "improve this Dockerfile", file)
    found(discord, "@dana", "Done: improve this Dockerfile")
    assert runs(system)[0]["outcome"] == "succeeded"
