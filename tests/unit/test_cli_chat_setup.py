"""`devops-copilot chat slack setup`: what is printed, checked, kept and posted, and what never is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import fake_copilot as fake
import pytest
import yaml
from fake_slack import Answer, FakeSlack, fake_slack
from moto import mock_aws

from cli.main import main
from copilot.adapters.slack.app import SCOPES
from copilot.config.chats import ChatSettings

REGION, ACCOUNT, URL = "eu-west-1", "111111111111", "https://abc123.execute-api.eu-west-1.amazonaws.com"
SECRET, TOKEN = "0123456789abcdef" * 2, "xoxb-1-not-a-real-token"
SIGNING, TOKENS = "/devops-copilot/slack-signing-secret", "/devops-copilot/slack-token/T024BE7LD"
ARN = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"
WHO = {"ok": True, "team_id": "T024BE7LD", "team": "Home", "user": "copilot", "user_id": "U0"}
GRANTED = {"x-oauth-scopes": ",".join(SCOPES)}


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    channels = {"ok": True, "channels": [{"id": "C1", "name": "ops"}]}
    answers = {"auth.test": Answer(WHO, headers=GRANTED), "users.conversations": channels}
    with fake_slack({**answers, "chat.postMessage": {"ok": True, "ts": "1.1"}}) as one:
        yield one


@pytest.fixture
def ssm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", f"{SECRET}\n")
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)
    fake.write_laptop_json(tmp_path, 1, {})
    with mock_aws():
        client = boto3.client("ssm", REGION)
        monkeypatch.setattr(
            "cli.commands.configuring.Clients", lambda endpoint: lambda service, account, region: client
        )
        yield client


def setup(slack: FakeSlack, *more: str) -> int:
    return main(["chat", "slack", "setup", "--url", URL, "--endpoint", slack.endpoint, *more])


def said(capsys: pytest.CaptureFixture[str]) -> str:
    told = "".join(capsys.readouterr())
    assert SECRET not in told and TOKEN not in told
    return told


def kept(ssm: Any) -> dict[str, tuple[str, str]]:
    names = [one["Name"] for one in ssm.describe_parameters()["Parameters"]]
    every = [ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"] for name in names]
    return {one["Name"]: (one["Type"], one["Value"]) for one in every}


def manifest_in(told: str) -> dict[str, Any]:
    found: dict[str, Any] = json.JSONDecoder().raw_decode(told[told.index("{") :])[0]
    return found


def test_the_manifest_has_this_installations_addresses_and_a_reason_for_each_scope(
    slack: FakeSlack, ssm: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup(slack, "--dry-run") == 0
    told = said(capsys)
    manifest = manifest_in(told)
    settings = manifest["settings"]
    assert settings["event_subscriptions"]["request_url"] == f"{URL}/v1/chat/slack/events"
    assert settings["interactivity"]["request_url"] == f"{URL}/v1/chat/slack/interactions"
    assert settings["org_deploy_enabled"] is True, "it can be installed in a whole organisation"
    (command,) = manifest["features"]["slash_commands"]
    assert (command["command"], command["url"]) == ("/copilot", f"{URL}/v1/chat/slack/commands")
    assert len(manifest["features"]["agent_view"]["agent_description"]) <= 300
    assert len(manifest["display_information"]["description"]) <= 140
    assert manifest["oauth_config"]["scopes"] == {"bot": list(SCOPES)}
    assert all(f"{scope}  " in told and why in told for scope, why in SCOPES.items())
    assert "Nothing was written." in told
    assert not slack.asked and not kept(ssm)


def test_secrets_are_checked_kept_encrypted_and_never_shown(
    slack: FakeSlack, ssm: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup(slack, "--channel", "#ops") == 0
    assert kept(ssm) == {SIGNING: ("SecureString", SECRET), TOKENS: ("SecureString", TOKEN)}
    told = said(capsys)
    assert f"SlackSigningSecretArn={ARN}{SIGNING}" in told
    assert f"ChatTokenArns={ARN}{TOKENS}\n" in told and "SlackWorkspaces=T024BE7LD\n" in told
    lines = told[told.index("chat:\n") : told.index("The signing secret is proved")]
    chat = ChatSettings.model_validate(yaml.safe_load(lines)["chat"])
    assert (chat.workspaces[0].id, chat.workspaces[0].token) == ("T024BE7LD", f"{ARN}{TOKENS}")
    assert slack.methods == ["auth.test", "users.conversations", "chat.postMessage"]
    assert slack.asked[-1].arguments["channel"] == "C1"


def test_a_second_workspace_has_a_token_beside_the_first_of_the_same_app(
    slack: FakeSlack, ssm: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert setup(slack) == 0
    slack.answers["auth.test"] = Answer(WHO | {"team_id": "T0BERLIN"}, headers=GRANTED)
    monkeypatch.setenv("SLACK_BOT_TOKEN", f"{TOKEN}-2")
    assert setup(slack) == 0
    assert "in place of another one" not in said(capsys)
    there = kept(ssm)
    assert there[TOKENS][1] == TOKEN and there["/devops-copilot/slack-token/T0BERLIN"][1] == f"{TOKEN}-2"
    assert there[SIGNING][1] == SECRET


def test_that_another_app_takes_the_place_of_the_first_is_said(
    slack: FakeSlack, ssm: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert setup(slack) == 0
    monkeypatch.setenv("SLACK_SIGNING_SECRET", SECRET[::-1])
    assert setup(slack) == 0
    told = " ".join(said(capsys).split())
    assert told.count("in place of another one") == 1 and SECRET[::-1] not in told


def test_of_an_organisations_installation_it_is_the_organisation(
    slack: FakeSlack, ssm: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    who = WHO | {"is_enterprise_install": True, "enterprise_id": "E1", "team_id": "T024BE7LD"}
    slack.answers["auth.test"] = Answer(who, headers=GRANTED)
    assert setup(slack) == 0
    assert "/devops-copilot/slack-token/E1" in kept(ssm)
    said(capsys)


@pytest.mark.parametrize(
    ("change", "words", "code"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN holds no bot token", 2),
        ({"SLACK_BOT_TOKEN": f"xoxp-{SECRET}"}, "is no bot token: that is xoxb- and more", 2),
        ({"SLACK_SIGNING_SECRET": TOKEN}, "is no signing secret: that is 32 of 0-9 and a-f", 2),
        ({"auth.test": {"ok": False, "error": "invalid_auth"}}, "its token is not valid", 2),
        ({"auth.test": Answer({"ok": False}, 503)}, "Slack has a fault of its own", 6),
        ({"auth.test": Answer(WHO, headers={"x-oauth-scopes": "chat:write"})}, "lacks app_mentions:read", 2),
        ({"auth.test": Answer(WHO | {"team_id": "../x"}, headers=GRANTED)}, "does not say which workspace", 2),
        ({"users.conversations": {"ok": True, "channels": []}}, "/invite @copilot", 2),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    slack: FakeSlack,
    ssm: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
    words: str,
    code: int,
) -> None:
    for name, value in change.items():
        if name.isupper():
            monkeypatch.setenv(name, value)
        else:
            slack.answers[name] = value
    assert setup(slack, "--channel", "#ops") == code
    told = " ".join(said(capsys).split())
    assert words in told and "Nothing was written." in told
    assert not kept(ssm) and "chat.postMessage" not in slack.methods


def test_a_first_message_that_fails_leaves_what_is_kept(
    slack: FakeSlack, ssm: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    slack.answers["chat.postMessage"] = {"ok": False, "error": "restricted_action"}
    assert setup(slack, "--channel", "#ops") == 1
    assert "All is kept as said, but #ops was told nothing" in said(capsys)
    assert len(kept(ssm)) == 2
