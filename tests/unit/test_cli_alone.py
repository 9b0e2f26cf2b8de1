"""`tool run` and `run --in-process`: one tool or one plan, in this process, with nothing deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from pydantic import Field
from test_cli_cloud import OneAccount

from cli.laptop.cloud import Cloud
from cli.laptop.seeding import seed
from cli.main import main
from copilot.domain import Change, Frozen, NothingToUndo, Preview, ResourceRef, Target, Undo, Verification
from copilot.errors import FatalError
from copilot.tools.tool import ReadTool, WriteTool

HERE = f"{__name__}:TOOLS"
ACCOUNT, REGION = "123456789012", "eu-west-1"


class Cats(Frozen):
    number: int = Field(ge=0)


class Counted(Frozen):
    cats: int
    summary: str


class CountCats(ReadTool[Cats, Counted]):
    name = "count_cats"
    summary = "Count cats."
    Input = Cats
    Output = Counted

    def run(self, input: Cats) -> Counted:
        if input.number == 13:
            raise FatalError("that many cats cannot be counted")
        return Counted(cats=input.number, summary=f"{input.number} cats")


class Feed(WriteTool[Cats, Counted]):
    """Feeds cats in a file that a test looks into."""

    name = "feed_cats"
    summary = "Feed cats."
    Input = Cats
    Output = Counted
    resource = "Environment"
    idempotent = True
    fed = 0

    def preview(self, input: Cats) -> Preview:
        ref = ResourceRef(type="environment", id="home")
        change = Change(ref=ref, name="the cats", action="start", before="hungry", after=f"{input.number} fed")
        return Preview(targets=(Target(ref=ref, name="home", kind="production"),), changes=(change,), state=None)

    def permissions(self, input: Cats, preview: Preview) -> tuple[()]:
        return ()

    def run(self, input: Cats, preview: Preview) -> Counted:
        Feed.fed += input.number
        return Counted(cats=input.number, summary="fed")

    def verify(self, input: Cats, prior: Preview) -> Verification:
        return Verification(outcome="true")

    @classmethod
    def undo(cls, input: Cats, prior: Preview) -> Undo:
        return NothingToUndo(why="they are fed")


TOOLS = [CountCats, Feed]


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Feed, "fed", 0)


def tool(name: str, *words: str) -> int:
    return main(["tool", "run", name, "--tools", HERE, *words])


# --- tools -------------------------------------------------------------------------------------


def test_a_tool_that_reads_prints_its_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert tool("count_cats", '{"number": 3}') == 0
    assert json.loads(capsys.readouterr().out) == {"cats": 3, "summary": "3 cats"}


def test_a_tool_that_writes_only_shows_what_it_would_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert tool("feed_cats", '{"number": 3}') == 0
    text = capsys.readouterr().out
    assert "production environment home" in text and "hungry -> 3 fed" in text and "Nothing was done" in text
    assert Feed.fed == 0


def test_told_to_it_writes(capsys: pytest.CaptureFixture[str]) -> None:
    assert tool("feed_cats", '{"number": 3}', "--yes") == 0
    assert json.loads(capsys.readouterr().out)["summary"] == "fed"
    assert Feed.fed == 3


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ('{"number": 3', "at character 13"),
        ('{"number": "x"}', "number: Input should be a valid integer"),
        ("{}", "number: Field required"),
        ('{"number": 1, "kind": 2}', "kind: Extra inputs are not permitted"),
        ("[]", "the whole: Input should be"),
    ],
)
def test_a_wrong_input_is_refused_with_its_place(given: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert tool("count_cats", given) == 2
    captured = capsys.readouterr()
    assert why in captured.err and captured.out == ""


def test_a_tool_that_fails_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert tool("count_cats", '{"number": 13}') == 1
    assert "count_cats: that many cats cannot be counted" in capsys.readouterr().err


# --- tools over AWS ----------------------------------------------------------------------------


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An account with one environment, and a configuration that names a second account besides."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    accounts = "".join(
        f'\n  - {{id: "{id}", name: {name}, regions: [{REGION}], read_role: "arn:aws:iam::{id}:role/r"}}'
        for id, name in ((ACCOUNT, "ours"), ("999999999999", "theirs"))
    )
    (tmp_path / "c.yaml").write_text(f"accounts:{accounts}\npeople: []\n")
    place = {"account": ACCOUNT, "region": REGION, "instances": [{"name": "box"}]}
    environment = {"name": "blue", "tags": {"kind": "development"}, "places": [place]}
    with mock_aws():
        seed(OneAccount(), Cloud.model_validate({"environments": [environment]}), datetime.now(UTC), lambda what: None)
        yield


def test_a_tool_reads_with_the_persons_own_credentials(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tool", "run", "list_environments", "{}", "--configuration", "c.yaml"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [environment["id"] for environment in found["environments"]] == ["blue"]
    assert "not of 999999999999" in json.dumps(found["unreachable"])


def test_a_tool_writes_with_them_when_told_to(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    stop = ["tool", "run", "stop_environment", '{"environment_id": "blue"}', "--configuration", "c.yaml"]
    assert main(stop) == 0
    assert "running -> stopped" in capsys.readouterr().out

    def state() -> str:
        (instance,) = boto3.client("ec2").describe_instances()["Reservations"][0]["Instances"]
        return str(instance["State"]["Name"])

    assert state() == "running"
    assert main([*stop, "--yes"]) == 0
    assert state() == "stopped"


def test_without_a_configuration_it_says_where_one_may_come_from(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tool", "run", "list_environments", "{}"]) == 2
    err = capsys.readouterr().err
    assert "/devops-copilot/config" in err and "--configuration FILE.yaml" in err


@pytest.mark.parametrize(
    ("tool", "given", "why"),
    [
        ("deployment_statistics", "{}", "deployments are kept by a deployed copilot only"),
        ("list_schedules", "{}", "schedules are a copilot's own"),
        ("pause_schedule", '{"schedule_id": "s012345678"}', "schedules are a copilot's own"),
    ],
)
def test_what_a_copilot_keeps_is_not_there_and_it_says_so(
    aws: None, tool: str, given: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tool", "run", tool, given, "--configuration", "configuration.yaml"]) == 1
    assert why in capsys.readouterr().err


def test_a_dockerfile_is_linted_here(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    given = json.dumps({"files": [{"name": "Dockerfile", "text": "FROM python:3.13\nMAINTAINER me\n"}]})
    assert main(["tool", "run", "improve_dockerfile", given]) == 0
    assert "DL4000" in json.loads(capsys.readouterr().out)["report"]


def test_messages_are_not_sent_from_here(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    message = '{"channel": "#ops", "text": "hello"}'
    assert main(["tool", "run", "notify", message, "--yes", "--configuration", "c.yaml"]) == 1
    assert "nothing was sent" in capsys.readouterr().err


# --- plans -------------------------------------------------------------------------------------


def plan(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "plan.yaml").write_text(text)
    return ["run", "--in-process", "plan.yaml", "--tools", HERE]


COUNT = """
goal: Count cats
steps:
  - {id: count, tool: count_cats, arguments: {number: 3}}
answer: {text: "There are {count.cats}."}
"""


def test_a_plan_runs_and_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(plan(tmp_path, COUNT)) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Plan: Count cats 1 count count_cats number=3" in text
    assert "There are 3." in text


def test_a_plan_as_json_is_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*plan(tmp_path, COUNT), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["answer"] == "There are 3."


def test_a_plan_that_fails_has_the_exit_code_of_a_run(tmp_path: Path) -> None:
    assert main(plan(tmp_path, COUNT.replace("number: 3", "number: 13"))) == 1


def test_a_plan_that_needs_an_approval_stops_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed = COUNT.replace("count_cats", "feed_cats")
    assert main(plan(tmp_path, feed)) == 2
    assert "add --yes" in capsys.readouterr().err
    assert main([*plan(tmp_path, feed), "--yes"]) == 4
    text = capsys.readouterr().out
    assert "hungry -> 3 fed" in text and "nobody can approve it" in text
    assert "devops-copilot approve" not in text
    assert Feed.fed == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (COUNT.replace("count_cats", "count_catz"), "step count: no tool count_catz; nearest: count_cats"),
        (COUNT.replace("number: 3", "nummer: 3"), "nummer"),
        ("goal: [", "is not YAML"),
        ("goal: x\nsteps: [{id: Count, tool: t}]", "steps.0.id"),
        (COUNT + "ansver: {}", "ansver: Extra inputs are not permitted"),
    ],
)
def test_a_plan_that_cannot_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    assert main(plan(tmp_path, text)) == 2
    captured = capsys.readouterr()
    assert why in captured.err and captured.out == ""


def test_a_plan_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--in-process", "nowhere.yaml"]) == 2
    assert "nowhere.yaml cannot be read" in capsys.readouterr().err
