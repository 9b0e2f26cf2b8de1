"""`devops-copilot chat discord setup`: what is printed, checked, kept, registered and posted, and what never is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import fake_copilot as fake
import pytest
import yaml
from moto import mock_aws

from cli.laptop.discord import SERVER, Discord, one_server
from cli.laptop.discord.discord import text_of
from cli.main import main
from copilot.adapters.discord.app import COMMANDS, PERMISSIONS
from copilot.config.chats import ChatSettings
from copilot.edges.chat.discord.kinds import COMMANDS as HEARD

REGION, ACCOUNT, URL = "eu-west-1", "111111111111", "https://abc123.execute-api.eu-west-1.amazonaws.com"
TOKEN = "bm90LWEtcmVhbC10b2tlbg.bm90LXI.bm90LWEtcmVhbC10b2tlbi1hdC1hbGw"
KEPT = f"/devops-copilot/discord-token/{SERVER}"
ARN = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{KEPT}"


@pytest.fixture
def discord() -> Iterator[Discord]:
    with Discord(one_server("you"), token=TOKEN) as one:
        yield one


@pytest.fixture
def ssm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("DISCORD_BOT_TOKEN", f"{TOKEN}\n")
    monkeypatch.chdir(tmp_path)
    fake.write_laptop_json(tmp_path, 1, {})
    with mock_aws():
        client = boto3.client("ssm", REGION)
        monkeypatch.setattr(
            "cli.commands.configuring.Clients", lambda endpoint: lambda service, account, region: client
        )
        yield client


def setup(discord: Discord, *more: str, server: str = SERVER) -> int:
    return main(["chat", "discord", "setup", "--url", URL, "--endpoint", discord.api_url, "--server", server, *more])


def said(capsys: pytest.CaptureFixture[str]) -> str:
    told = "".join(capsys.readouterr())
    assert TOKEN not in told
    return told


def kept(ssm: Any) -> dict[str, str]:
    names = [one["Name"] for one in ssm.describe_parameters()["Parameters"]]
    return {name: ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] for name in names}


def test_the_token_is_proved_and_kept_and_the_commands_are_registered(
    discord: Discord, ssm: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup(discord, "--channel", "#dev") == 0
    told = said(capsys)
    assert kept(ssm) == {KEPT: TOKEN}
    assert f"DiscordPublicKey={discord.public_key}\nDiscordServers={SERVER}\nChatTokenArns={ARN}\n" in told
    assert f"{URL}/v1/chat/discord/interactions" in told and "scope=bot%20applications.commands" in told
    lines = told[told.index("chat:\n") : told.index("Once it is deployed")]
    (workspace,) = ChatSettings.model_validate(yaml.safe_load(lines)["chat"]).workspaces
    assert (workspace.platform, workspace.id, workspace.app, workspace.token) == ("discord", SERVER, discord.app, ARN)
    assert discord.world.commands == json.loads(json.dumps(COMMANDS))
    assert "DevOps Copilot is here" in text_of(discord.messages("#dev")[-1])


def test_the_commands_are_those_that_are_heard_and_reach_direct_messages() -> None:
    assert {one["type"]: one["name"] for one in COMMANDS} == dict(HEARD)
    assert all(one["contexts"] == [0, 1] and one["integration_types"] == [0] for one in COMMANDS)


def test_it_can_be_looked_at_first(discord: Discord, ssm: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert setup(discord, "--dry-run") == 0
    told = said(capsys)
    assert all(name in told and why in told for name, (_, why) in PERMISSIONS.items())
    assert "Nothing was written." in told and not kept(ssm) and discord.world.commands == []


@pytest.mark.parametrize(
    ("token", "server", "channel", "words", "code"),
    [
        ("", SERVER, "#dev", "DISCORD_BOT_TOKEN holds no bot token", 2),
        ("abc", SERVER, "#dev", "is no bot token: that is three parts", 2),
        (TOKEN[::-1], SERVER, "#dev", "its token is not valid", 2),
        (TOKEN, "12", "#dev", "15 to 20 digits", 2),
        (TOKEN, "1290000000000000099", "#dev", "not in the server 1290000000000000099", 2),
        (TOKEN, SERVER, "#nowhere", "no channel #nowhere", 2),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    discord: Discord,
    ssm: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    token: str,
    server: str,
    channel: str,
    words: str,
    code: int,
) -> None:
    monkeypatch.setenv("DISCORD_BOT_TOKEN", token)
    assert setup(discord, "--channel", channel, server=server) == code
    told = " ".join(said(capsys).split())
    assert words in told and "Nothing was written." in told
    assert not kept(ssm) and discord.world.commands == [] and discord.world.messages == []


def test_where_discord_is_away_that_is_said_and_what_is_kept(
    discord: Discord, ssm: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    discord.fail("GET", "/applications/@me", 503)
    assert setup(discord) == 6
    assert "Nothing was written." in said(capsys) and not kept(ssm)
    discord.fail("PUT", "/commands", 503)
    assert setup(discord) == 1
    assert "not registered" in " ".join(said(capsys).split()) and kept(ssm) == {KEPT: TOKEN}
