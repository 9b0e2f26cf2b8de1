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

import pytest
from test_cli_asking import Command, command, copilot  # noqa: F401

from cli.laptop.chat import in_chat
from cli.laptop.slack import Slack
from cli.laptop.system import read_configuration
from copilot.config.configuration import Configuration
from copilot.domain import ChatUser

SAMPLE = Path(__file__).parents[2] / "samplefiles" / "config.yaml"
ARN = "arn:aws:ssm:eu-west-1:000000000000:parameter/devops-copilot/slack-token"


@pytest.fixture
def slack() -> Iterator[Slack]:
    with Slack() as running:
        yield running


def test_everybody_of_the_sample_is_who_has_their_name_there(slack: Slack) -> None:
    told = in_chat(read_configuration(SAMPLE), slack, ARN)
    configuration = Configuration.model_validate_json(told.model_dump_json(exclude_defaults=True))
    assert configuration.chat
    (workspace,) = configuration.chat.workspaces
    assert (workspace.id, workspace.endpoint, workspace.token) == ("T0WORKSHOP", slack.api_url, ARN)
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
