"""`devops-copilot chat teams setup` and `check`: what is printed, checked, kept and posted, and what never is."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import fake_copilot as fake
import pytest
import yaml
from moto import mock_aws

from cli.laptop.teams import APP, TEAM, TENANT, Teams
from cli.main import main
from copilot.bootstrap.chats import teams_in
from copilot.config.chats import ChatSettings

REGION, ACCOUNT, URL = "eu-west-1", "111111111111", "https://abc123.execute-api.eu-west-1.amazonaws.com"
SECRET = "abc8Q~not-a-real-secret-of-anybody-at-all"
PARAMETER = f"/devops-copilot/teams-secret/{TENANT}"
ARN = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{PARAMETER}"
LINK = "https://teams.microsoft.com/l/team/19%3Ateam00laptop%40thread.tacv2/conversations?groupId=x&tenantId=y"


@pytest.fixture
def teams() -> Iterator[Teams]:
    with Teams(secret=SECRET) as one:
        yield one


@pytest.fixture
def ssm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("TEAMS_CLIENT_SECRET", f"{SECRET}\n")
    monkeypatch.chdir(tmp_path)
    fake.write_laptop_json(tmp_path, 1, {})
    with mock_aws():
        client = boto3.client("ssm", REGION)
        monkeypatch.setattr(
            "cli.commands.configuring.Clients", lambda endpoint: lambda service, account, region: client
        )
        yield client


def run(teams: Teams, verb: str, *more: str, tenant: str = TENANT, app: str = APP) -> int:
    named = ["--tenant", tenant, "--app", app, "--endpoint", teams.endpoint]
    return main(["chat", "teams", verb, *named, *(["--url", URL] if verb == "setup" else []), *more])


def said(capsys: pytest.CaptureFixture[str]) -> str:
    told = "".join(capsys.readouterr())
    assert SECRET not in told
    return " ".join(told.split()) if "{" not in told else told


def kept(ssm: Any) -> dict[str, str]:
    listed = ssm.describe_parameters()["Parameters"]
    return {
        one["Name"]: ssm.get_parameter(Name=one["Name"], WithDecryption=True)["Parameter"]["Value"] for one in listed
    }


def test_the_secret_is_proved_and_kept_and_what_is_left_to_do_is_printed(
    teams: Teams, ssm: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(teams, "setup", "--team", LINK, "--channel", "#dev", "--name", "Workshop") == 0
    told = said(capsys)
    assert kept(ssm) == {PARAMETER: SECRET}
    assert f"TeamsAppId={APP}\nTeamsTenants={TENANT}\nChatTokenArns={ARN}\n" in told.replace("  ", "")
    configured = yaml.safe_load(told[told.index("chat:") : told.index("Once it is deployed")])
    (workspace,) = ChatSettings.model_validate(configured["chat"]).workspaces
    assert (workspace.platform, workspace.id, workspace.app, workspace.team) == ("teams", TENANT, APP, TEAM)
    assert (workspace.token, workspace.name) == (ARN, "Workshop")
    assert f"{URL}/v1/chat/teams/messages" in told
    (message,) = teams.messages("#dev")
    assert message.text.startswith("DevOps Copilot is here")


def test_the_manifest_is_as_teams_takes_it_and_the_package_has_its_pictures(
    teams: Teams, ssm: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(teams, "setup", "--dry-run", "--package", "copilot.zip") == 0
    told = said(capsys)
    assert kept(ssm) == {} and not teams.called
    printed = json.loads(told[told.index("{") : told.rindex("}") + 1])
    with zipfile.ZipFile(io.BytesIO((tmp_path / "copilot.zip").read_bytes())) as package:
        assert json.loads(package.read("manifest.json")) == printed
        pictures = {name: package.read(name) for name in printed["icons"].values()}
    sizes = {name: (int.from_bytes(one[16:20]), int.from_bytes(one[20:24])) for name, one in pictures.items()}
    assert sizes == {"color.png": (192, 192), "outline.png": (32, 32)}
    assert all(one.startswith(b"\x89PNG\r\n\x1a\n") for one in pictures.values())
    (bot,) = printed["bots"]
    assert (bot["botId"], bot["scopes"], bot["supportsFiles"]) == (APP, ["personal", "team"], True)
    assert printed["id"] == APP and printed["developer"]["websiteUrl"] == URL
    assert len(printed["name"]["short"]) <= 30 and len(printed["description"]["short"]) <= 80
    assert all(
        len(command["title"]) <= 128 and len(command["description"]) <= 128
        for command in bot["commandLists"][0]["commands"]
    )


@pytest.mark.parametrize(
    ("more", "named", "words"),
    [
        ([], {"app": "no-id"}, "--app is an id like"),
        ([], {"tenant": "contoso.com"}, "--tenant is an id like"),
        (["--team", "Platform"], {}, "Get link to team"),
        ([], {"app": "22222222-0000-4000-8000-000000000009"}, "AADSTS700016"),
        (["--team", "19:another@thread.tacv2"], {}, "Teams does not have it"),
        (["--channel", "#dev"], {}, "The team has no channel #dev, or --team does not name it"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    teams: Teams, ssm: Any, capsys: pytest.CaptureFixture[str], more: list[str], named: dict[str, str], words: str
) -> None:
    assert run(teams, "setup", *more, **named) == 2
    assert words in " ".join(said(capsys).split()) and kept(ssm) == {}
    assert not teams.messages("#dev")


def test_what_fails_once_the_secret_is_proved_is_said_too(
    teams: Teams, ssm: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def away(*given: Any) -> Any:
        teams.fail(times=9)
        return teams_in(*given)

    monkeypatch.setattr("cli.commands.teams_setup.teams_in", away)
    assert run(teams, "setup", "--team", LINK, "--channel", "#dev") == 6
    assert "Teams has a fault of its own" in said(capsys) and kept(ssm) == {}


@pytest.mark.parametrize("endpoint", ["http://chat.example.com", "https://who:what@chat.example.com", "chat"])
@pytest.mark.parametrize("platform", ["teams --tenant T --app A", "discord --server 1290000000000000010", "slack"])
def test_no_secret_goes_where_others_read_it(
    ssm: Any, capsys: pytest.CaptureFixture[str], platform: str, endpoint: str
) -> None:
    verb, *named = platform.replace("T ", f"{TENANT} ").replace(" A", f" {APP}").split()
    assert main(["chat", verb, "setup", *named, "--url", URL, "--endpoint", endpoint]) == 2
    assert "--endpoint: " in said(capsys) and kept(ssm) == {}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "holds no client secret"),
        ("short", "is no client secret"),
        ("33333333-0000-4000-8000-000000000001", "is the id of a client secret, and not its value"),
    ],
)
def test_a_secret_that_is_none_is_refused(
    teams: Teams,
    ssm: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    value: str,
    words: str,
) -> None:
    monkeypatch.setenv("TEAMS_CLIENT_SECRET", value)
    for verb in ("setup", "check"):
        assert run(teams, verb) == 2
        assert words in " ".join("".join(capsys.readouterr()).split())
    assert kept(ssm) == {} and not teams.called


def test_check_says_what_is_so_thing_by_thing_and_writes_nothing(
    teams: Teams, ssm: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(teams, "check", "--team", TEAM) == 0
    told = said(capsys)
    assert f"good: Entra gives the app {APP} of the tenant {TENANT} a token" in told
    assert "whose channels are #dev, #general, #ops-room, #shared, #with-guests." in told
    assert "good: Who is in its channels can be seen." in told and "wrong" not in told
    assert kept(ssm) == {} and not [one for one in teams.called if one.method != "GET"]


def test_check_says_what_is_wrong_and_what_to_do(
    teams: Teams, ssm: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(teams, "check", app="22222222-0000-4000-8000-000000000009") == 1
    assert "wrong: Getting a token of Entra's: it was refused (AADSTS700016); there is no such app" in said(capsys)
    teams.fail(403, "BotDisabledByAdmin")
    assert run(teams, "check", "--team", TEAM) == 1
    assert "an administrator of the tenant has to allow the app" in said(capsys)
    monkeypatch.setenv("TEAMS_CLIENT_SECRET", "another8Q~not-a-real-secret-of-anybody")
    assert run(teams, "check") == 1
    assert "AADSTS7000215" in said(capsys)
    teams.close()
    assert run(teams, "check") == 6


@pytest.mark.parametrize(
    ("status", "exit", "words"), [(401, 0, "good: "), (404, 1, "has no door for Teams"), (200, 1, "answers with 200")]
)
def test_check_knocks_at_the_door(
    teams: Teams, ssm: Any, capsys: pytest.CaptureFixture[str], status: int, exit: int, words: str
) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        assert run(teams, "check", "--url", f"http://127.0.0.1:{server.server_port}") == exit
        server.shutdown()
    assert words in said(capsys)
