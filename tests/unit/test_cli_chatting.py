"""`devops-copilot chat`, and how the laptop's copilot gets into the laptop's Slack."""

from __future__ import annotations

import os
import signal
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from test_cli_asking import Command, command, copilot  # noqa: F401

from cli.laptop.chat import connected, in_chat
from cli.laptop.faults import LaptopError
from cli.laptop.slack import Slack
from cli.laptop.slack.sample import read_sample
from cli.laptop.slack.world import User
from cli.laptop.system import read_configuration
from cli.laptop_file import LaptopFile
from copilot.bootstrap.chats import slack_installed
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import Configuration
from copilot.domain import ChatUser

SAMPLE = Path(__file__).parents[2] / "samplefiles" / "config.yaml"
ARN = "arn:aws:ssm:eu-west-1:000000000000:parameter/devops-copilot/slack-token/"
LAPTOP = LaptopFile(
    port=1,
    region="eu-west-1",
    account="000000000000",
    stack="s",
    outputs={"ConfigurationParameter": "/config", "ApiId": "a1"},
    users={},
    slack_secret="the secret",
    slack_token="the token",
)


@pytest.fixture
def slack() -> Iterator[Slack]:
    with Slack() as running:
        yield running


def test_everybody_of_the_sample_is_who_has_their_name_there(slack: Slack) -> None:
    told = in_chat(read_configuration(SAMPLE), slack, LAPTOP)
    configuration = Configuration.model_validate_json(told.model_dump_json(exclude_defaults=True))
    assert configuration.chat
    (workspace,) = configuration.chat.workspaces
    assert (workspace.id, workspace.endpoint, workspace.token) == ("T0WORKSHOP", slack.api_url, f"{ARN}T0WORKSHOP")
    for user in slack.world.state.users.values():
        known = configuration.person_in_chat(ChatUser(platform="slack", workspace=user.team, user=user.id))
        expected = user.name if user.name in {"you", "olga", "dana"} else None
        assert (known.id if known else None) == expected


def test_without_the_laptop_s_system_there_is_nobody_to_talk_with(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = command("chat")
    assert (ended.code, ended.out) == (6, "")
    assert "devops-copilot up" in ended.err


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    from cli.commands.chatting import _serving
    from cli.exits import Refused

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Refused, match=f"Port {port} of this machine is taken"):
            _serving(port, tmp_path / "slack.json")


@pytest.fixture
def laptop(monkeypatch: pytest.MonkeyPatch) -> Iterator[LaptopFile]:
    """Its AWS is moto's."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("ssm", "eu-west-1")
        monkeypatch.setattr("cli.laptop.chat.Clients", lambda endpoint: lambda service, account, region: client)
        yield LAPTOP


def kept(configuration: Configuration | None = None) -> Configuration:
    ssm = boto3.client("ssm", "eu-west-1")
    if configuration:
        ssm.put_parameter(Name="/config", Value=configuration.model_dump_json(), Type="String", Overwrite=True)
    return Configuration.model_validate_json(ssm.get_parameter(Name="/config")["Parameter"]["Value"])


def test_the_copilot_is_in_it_meanwhile_and_what_else_was_configured_stays(laptop: LaptopFile, slack: Slack) -> None:
    before = kept(read_configuration(SAMPLE))
    with connected(laptop, slack):
        during = kept()
        assert during == in_chat(before, slack, laptop)
        assert slack.urls.events == "http://a1.execute-api.localhost:1/v1/chat/slack/events"
        assert (slack.sender.secret, slack.token()) == ("the secret", "the token-T0WORKSHOP")
        kept(during.model_copy(update={"read_only": True}))
    assert kept() == before.model_copy(update={"read_only": True})


def test_each_workspace_has_a_token_of_its_own_and_an_organisation_one_for_all(laptop: LaptopFile) -> None:
    state = read_sample()
    state.workspaces["T0SUPPLIER"].bot_user, state.workspaces["T0SUPPLIER"].bot_id = "U0OTHERBOT", "B0OTHER"
    state.workspaces["T0SUPPLIER"].enterprise, state.workspaces["T0SUPPLIER"].org_wide = "E0NORTHWIND", True
    bot = {"id": "U0OTHERBOT", "team": "T0SUPPLIER", "name": "copilot", "real_name": "Copilot", "is_bot": True}
    state.users["U0OTHERBOT"] = User.model_validate(bot)
    state.users["U0STRANGER"].name = "olga"
    kept(read_configuration(SAMPLE))
    with Slack(state=state) as slack, connected(laptop, slack):
        chat = kept().chat
        assert chat and [one.id for one in chat.workspaces] == ["T0WORKSHOP", "E0NORTHWIND"]
        for one in chat.workspaces:
            name = one.token.partition(":parameter")[2]
            said = boto3.client("ssm", "eu-west-1").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
            assert slack_installed(said, one.endpoint).id == one.id
        olga = kept().known("olga")
        assert olga and olga.chat == ("slack:T0WORKSHOP/U0OLGA", "slack:E0NORTHWIND/U0STRANGER")


def test_what_an_end_without_warning_left_is_replaced(laptop: LaptopFile, slack: Slack) -> None:
    plain = read_configuration(SAMPLE)
    with Slack() as another:
        kept(in_chat(plain, another, LAPTOP))
    with connected(laptop, slack):
        assert kept() == in_chat(plain, slack, laptop)
    assert kept() == plain


def test_who_is_in_the_real_slack_is_not_in_this_one(laptop: LaptopFile, slack: Slack) -> None:
    real = ChatSettings(workspaces=(ChatWorkspace(id="T1REAL", name="Real", token=ARN),))
    before = kept(read_configuration(SAMPLE).model_copy(update={"chat": real}))
    with pytest.raises(LaptopError, match="real Slack"), connected(laptop, slack):
        pass
    assert kept() == before


def test_where_nothing_is_configured_it_is_said(laptop: LaptopFile, slack: Slack) -> None:
    with pytest.raises(LaptopError, match="devops-copilot up"), connected(laptop, slack):
        pass


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_told_to_and_puts_back_what_it_changed(
    how: signal.Signals, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done: list[str] = []

    @contextmanager
    def connected(laptop: object, slack: Slack) -> Iterator[None]:
        with urllib.request.urlopen(f"{slack.url}/page/people") as reply:
            assert reply.status == 200
        threading.Timer(0.1, os.kill, (os.getpid(), how)).start()
        yield
        done.append("put back")

    monkeypatch.setattr("cli.commands.chatting.laptop_here", lambda: object())
    monkeypatch.setattr("cli.commands.chatting.connected", connected)
    monkeypatch.setattr("cli.commands.chatting.state_folder", lambda: tmp_path)
    before = signal.getsignal(how)
    ended = command("chat", "--port", "0")
    assert (ended.code, ended.err, done) == (0, "", ["put back"])
    assert "http://127.0.0.1:" in ended.out
    assert signal.getsignal(how) is before
