"""`devops-copilot configure`: what is not known is refused, all of it at once, each with its place and the nearest."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from test_cli_model_key import configure, kept, ssm  # noqa: F401

from cli.main import main

ROOT = Path(__file__).parents[2]
SOUND = """\
tenant: main
accounts:
  - id: "111122223333"
    name: workshop
    regions: [eu-west-1]
    kind: production
    read_role: arn:aws:iam::111122223333:role/devops-copilot-read
people:
  - id: dana
    name: Dana
    principals: ["arn:aws:iam::111122223333:user/dana"]
    roles: [developer]
    time_zone: Europe/Paris
reports_to: "#platform"
"""


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)

    def check(text: str) -> tuple[int, list[str]]:
        """The exit code, and the lines that say what is wrong."""
        Path("c.yaml").write_text(text)
        code = main(["configure", "c.yaml", "--check"])
        first, *lines = "".join(capsys.readouterr()).splitlines()
        assert code == 0 or first == "c.yaml is not a configuration. Nothing was written."
        return code, [line.strip() for line in lines] if code else []

    return check


def test_what_is_known_is_taken(check: Any) -> None:
    assert check(SOUND) == (0, [])


WRONG = {
    # what stands there: what is written instead, and what is said
    "[developer]": {
        "[operater]": "line 12, people.0.roles.0: 'operater' is no role; nearest: operator",
        "[developer, revier]": "line 12, people.0.roles.1: 'revier' is no role; nearest: reader",
        "developer": "line 12, people.0.roles: it is to be a list, with a dash or [ ]",
        "\n      - Developer": "line 13, people.0.roles.0: 'Developer' is no role; nearest: developer",
    },
    "kind: production": {
        "kind: prod": "line 6, accounts.0.kind: 'prod' is no kind; nearest: production",
        "kind: stagin": "line 6, accounts.0.kind: 'stagin' is no kind; nearest: staging",
    },
    "Europe/Paris": {
        "Europe/Pariss": "line 13, people.0.time_zone: 'Europe/Pariss' is not the IANA name of a time zone; nearest: Eu"
    },
    '"#platform"': {
        "platform": "line 14, reports_to: 'platform' is no channel; nearest: #platform",
        "'#Platform Team'": "line 14, reports_to: '#Platform Team' is no channel; nearest: #platform-team",
    },
    "user/dana": {
        "role/ops/dana": "line 11, people.0.principals.0: 'arn:aws:iam::111122223333:role/ops/dana' is no principal "
        "that can call; nearest: arn:aws:sts::111122223333:assumed-role/dana/*",
        "user/da*": "line 11, people.0.principals.0: 'arn:aws:iam::111122223333:user/da*' is no principal that can",
    },
    "    name: Dana": {
        "    role: [reader]\n    name: D": "line 10, people.0.role: 'role' is no key here; nearest: roles",
    },
    "tenant: main": {
        "time_zone: Paris": "line 1, time_zone: 'Paris' is not the IANA name of a time zone; nearest: Europe/Paris",
        "read_onyl: true": "line 1, read_onyl: 'read_onyl' is no key here; nearest: read_only",
        "read_only: true\nread_only: false": "line 2, 'read_only' is written twice here",
        "tags: {enviroment: x}": "line 1, tags.enviroment: 'enviroment' is no key here; nearest: environment",
        "budgets: {tokens: many}": "line 1, budgets.tokens: Input should be a valid integer",
        "quiet_hours: [{but: [alrm]}]": "line 1, quiet_hours.0.but.0: 'alrm' is no kind of event; nearest: alarm",
        "model: {provider: antropic, name: x}": "line 1, model.provider: 'antropic' is no provider; nearest: anthropic",
    },
    'id: "111122223333"': {"id: 111122223333": "line 3, accounts.0.id: 111122223333 is no text; write it in quotes"},
    "[eu-west-1]": {
        "[eu-west1]": "line 5, accounts.0.regions.0: 'eu-west1' is no region; nearest: eu-west-1",
        "[]": "line 5, accounts.0.regions: there is to be at least one",
    },
    "    name: workshop\n": {"": "line 3, accounts.0.name: it is missing"},
    "111122223333:role/devops": {
        "111122223333:user/devops": "line 7, accounts.0.read_role: 'arn:aws:iam::111122223333:user/devops-",
        "999988887777:role/devops": "line 7, accounts.0.read_role: 'arn:aws:iam::999988887777:role/devops-",
    },
}


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [(was, becomes, said) for was, instead in WRONG.items() for becomes, said in instead.items()],
)
def test_what_is_not_known_is_refused_with_its_place_and_the_nearest(
    check: Any, was: str, becomes: str, said: str
) -> None:
    assert was in SOUND
    code, lines = check(SOUND.replace(was, becomes, 1))
    assert code == 2
    assert len(lines) == 1 and lines[0].startswith(said), lines


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_file(check: Any) -> None:
    text = SOUND.replace("kind: production", "kind: prod").replace("developer", "operater").replace("tenant:", "tenat:")
    code, lines = check(text.replace('"#platform"', "platform").replace("Europe/", "Europa/"))
    assert code == 2
    assert [one for line in lines for one in re.findall(r"^line (\d+), ([\w.]+)", line)] == [
        ("1", "tenat"),
        ("6", "accounts.0.kind"),
        ("12", "people.0.roles.0"),
        ("13", "people.0.time_zone"),
        ("14", "reports_to"),
    ]


@pytest.mark.parametrize("text", ["", "[]", "just words"])
def test_what_is_no_configuration_at_all_says_what_one_has(check: Any, text: str) -> None:
    code, (said,) = check(text)
    assert code == 2 and said.startswith("line 1, the whole: it is to have keys of its own (tenant, accounts, people")


def test_a_place_that_another_place_stands_for_is_said_by_what_is_nearest(check: Any) -> None:
    shared = SOUND.replace("    roles: [developer]\n", "    <<: {roles: [operater]}\n")
    assert check(shared) == (2, ["line 9, people.0.roles.0: 'operater' is no role; nearest: operator"])


def test_no_secret_is_shown(check: Any) -> None:
    secret = "sk-" + "9sYE7pWB3jQ6" * 4
    for wrong in (
        f"model: {{provider: anthropic, name: x, key: {secret}}}",
        f"model: {{provider: anthropic, name: x, api_key: {secret}}}",
        "model: {provider: anthropic, name: x, key: k, endpoint: 'http://u:hunter22@host/v1'}",
        f"model: {{provider: {secret}, name: x}}",
    ):
        code, lines = check(SOUND.replace("tenant: main", wrong))
        assert code == 2 and lines and not re.search(r"9sYE|hunter22", "".join(lines))


def test_what_the_documents_and_the_samples_show_is_taken(check: Any) -> None:
    assert check((ROOT / "samplefiles/config.yaml").read_text())[0] == 0
    (shown,) = re.findall(r"```yaml\n( *tenant: main.*?)```", (ROOT / "docs/deploying.md").read_text(), re.DOTALL)
    assert check(dedent(shown))[0] == 0


def test_what_is_refused_leaves_what_is_kept_as_it_was(ssm: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert configure(SOUND) == 0
    assert "Written as version 1 of the SSM parameter /laptop/config of " in capsys.readouterr().out
    before = kept(ssm, "/laptop/config")
    assert configure(SOUND.replace("developer", "operater")) == 2
    assert kept(ssm, "/laptop/config") == before


def refused(status: int, code: str) -> ClientError:
    answered: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answered, "Put")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), 6),
        (refused(500, "Failure"), 6),
        (refused(400, "Denied"), 2),
        (NoCredentialsError(), 2),
    ],
)
def test_what_aws_does_not_take_is_told_from_an_aws_that_is_away(
    ssm: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    code: int,
) -> None:
    def fail(**_: Any) -> None:
        raise error

    monkeypatch.setattr(ssm, "put_parameter", fail)
    assert configure(SOUND) == code
    assert "what was there stays" in capsys.readouterr().err


def test_a_reaction_whose_request_nobody_knows_is_warned_of(check: Any, capsys: pytest.CaptureFixture[str]) -> None:
    person = "people:\n  - {id: on-alarm, name: On alarm, roles: [reader], service: true}\n"
    reaction = '  - {name: %s, event: alarm, person: on-alarm, tells: "#a", request: "%s"}\n'
    asked = {
        "look": "is anything wrong with {environment}?",
        "bake": "please bake {detail.alarmName} a cake",
        "logs": "any errors in {detail.alarmName} today?",
    }
    text = SOUND.replace("people:\n", person) + "reactions:\n" + "".join(reaction % one for one in asked.items())
    Path("c.yaml").write_text(text)
    assert main(["configure", "c.yaml", "--check"]) == 0
    told = capsys.readouterr().out
    assert told.count("no known request") == 1
    assert "Reaction bake: no known request covers “please bake {detail.alarmName} a cake”; nobody plans it" in told
