"""A job of a pipeline asks, with nothing installed but the command line: the steps of ci/ as they are written there."""

from __future__ import annotations

import argparse
import html
import itertools
import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import bare_cli
import ci_steps
import fake_copilot as fake
import pytest
from fake_copilot import FakeCopilot

from cli.api.client import Client
from cli.api.documents import StartedView
from cli.commands.in_a_job import ci
from cli.exits import Refused
from cli.pipeline.handing_on import hand_on
from cli.pipeline.job import OF_ANYBODY, job_of
from cli.pipeline.summary import Seen, summary, told
from cli.pipeline.uses import Uses
from copilot.domain import narrower

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_REPOSITORY_ID": "77",
    "GITHUB_RUN_ID": "9001",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_JOB": "deploy",
    "GITHUB_ACTION": "ask",
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_REF_NAME": "main",
    "GITHUB_EVENT_NAME": "push",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_SERVER_HOST": "gitlab.example",
    "CI_PROJECT_ID": "5",
    "CI_PROJECT_NAME": "shop",
    "CI_JOB_ID": "4711",
    "CI_JOB_NAME": "gate",
    "CI_COMMIT_BRANCH": "main",
    "CI_DEFAULT_BRANCH": "main",
    "CI_PIPELINE_SOURCE": "push",
}
REPOSITORY = {"full_name": "acme/shop", "default_branch": "main"}
Here = Callable[..., int]
GATE = "error rate of checkout under 1%"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a runner keeps what a job installs; its virtual environment has the command line alone."""
    folder = tmp_path_factory.mktemp("runner")
    bare_cli.install(folder)
    (folder / "venv").rename(folder / "devops-copilot")
    script = folder / "devops-copilot/bin/devops-copilot"
    script.write_text(script.read_text().replace(f"{folder}/venv/", f"{folder}/devops-copilot/"))
    return folder


@pytest.fixture
def copilot(tmp_path: Path) -> Iterator[FakeCopilot]:
    with fake.fake_copilot() as copilot:
        fake.write_laptop_json(tmp_path, copilot.port)
        yield copilot


def seen(**changes: Any) -> dict[str, Any]:
    return fake.run(**changes) | {"withheld": ""}


def scripted(copilot: FakeCopilot, *views: dict[str, Any], for_others: dict[str, Any] | None = None) -> None:
    copilot.says("POST", "/v1/runs", fake.started(), status=202)
    copilot.says("POST", "/v1/runs/r1/cancel", {"run_id": "r1", "status": "running"}, status=202)
    copilot.says("GET", "/v1/runs/r1", *views)
    copilot.says("GET", "/v1/runs/r1?job=1", views[-1] | {"for_others": for_others or seen()})


def on_github(installed: Path, folder: Path, inputs: Mapping[str, str], **more: str) -> tuple[str, dict[str, str]]:
    """The last step, and the environment it is run in; the one before it is run."""
    event = folder / "event.json"
    event.write_text(json.dumps({"repository": REPOSITORY}))
    given = bare_cli.bare(
        **GITHUB,
        RUNNER_TEMP=str(installed),
        GITHUB_OUTPUT=str(folder / "outputs"),
        GITHUB_STEP_SUMMARY=str(folder / "summary.md"),
        GITHUB_EVENT_PATH=str(event),
    )
    given |= {"GITHUB_RUN_ID": folder.name} | more
    (install, before), (ask, own) = ci_steps.github_steps(inputs)
    assert ci_steps.run(install, folder, given | before).returncode == 0
    return ask, given | own


# --- the steps as they are written ---------------------------------------------------------------


def test_the_action_asks_hands_on_what_came_of_it_and_writes_a_summary(
    installed: Path, copilot: FakeCopilot, tmp_path: Path
) -> None:
    steps = [{"id": "held_1", "tool": "gate@1", "status": "done", "items": [{"index": 0}], "reason": ""}]
    answer = "error rate of checkout over 10 min is 0.2 %\nmust be under 1 %"
    scripted(copilot, fake.run("running"), fake.run(answer=answer), for_others=seen(answer="told", steps=steps))
    step, environment = on_github(installed, tmp_path, {"gate": GATE})
    ended = ci_steps.run(step, tmp_path, environment)
    assert (ended.returncode, ended.stderr) == (0, "")
    (asked,) = copilot.asked("POST", "/v1/runs")
    assert asked["text"] == f"gate: {GATE}" and asked["kind"] == "ci" and asked["job"] == "main"
    handed = ci_steps.outputs(tmp_path / "outputs")
    assert handed == {
        "outcome": "succeeded",
        "run-id": "r1",
        "answer": answer,
        "link": f"http://{copilot.host}/v1/runs/r1",
    }
    assert set(handed) == set(ci_steps.ACTION["outputs"])
    page = (tmp_path / "summary.md").read_text()
    assert "| held&#95;1 | gate | 1 | done |  |" in page and "<pre>told</pre>" in page
    assert "told" in ended.stdout


@pytest.fixture
def here(copilot: FakeCopilot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    """The same in this process; what its environment is, is given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cli.api.following.EVERY", 0.001)
    files = {"RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "outputs")}

    def run(**more: str) -> int:
        return ci(argparse.Namespace(person=None, cancel=False), GITHUB | files | more)

    return run


@pytest.mark.parametrize(("outcome", "code"), [("failed", 1), ("denied", 3), ("not_understood", 5), ("cancelled", 1)])
def test_the_job_ends_as_the_run_did(here: Here, copilot: FakeCopilot, tmp_path: Path, outcome: str, code: int) -> None:
    scripted(copilot, fake.run(outcome=outcome))
    assert here(DEVOPS_COPILOT_REQUEST="How is staging?") == code
    assert ci_steps.outputs(tmp_path / "outputs")["outcome"] == outcome


def test_what_others_wrote_is_no_command_to_the_runner(
    here: Here, copilot: FakeCopilot, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = "alarm ##[set-output name=outcome;]succeeded rings\n::set-output name=outcome::succeeded"
    scripted(copilot, fake.run(), for_others=seen(answer=answer))
    here(DEVOPS_COPILOT_REQUEST="which alarms ring?")
    before, _, after = capsys.readouterr().out.partition("::stop-commands::")
    mark, _, rest = after.partition("\n")
    told, _, end = rest.partition(f"\n::{mark}::\n")
    assert len(mark) == 32 and "::set-output" in told
    assert "::" not in before + end and "##[" not in before + end


def test_a_run_that_waits_ends_the_job_with_4_and_is_the_same_run_when_asked_again(
    here: Here, copilot: FakeCopilot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted(copilot, fake.parked(), for_others=seen(answer=None))
    page = tmp_path / "summary.md"
    assert [here(DEVOPS_COPILOT_REQUEST="Stop staging", GITHUB_STEP_SUMMARY=str(page)) for _ in range(2)] == [4, 4]
    id = fake.parked()["approval"]["id"]
    told = capsys.readouterr().out
    assert f"`devops-copilot approve {id}`" in told and f"`devops-copilot deny {id}`" in told and "\n\n" not in told
    assert f"devops-copilot approve {id}" in html.unescape(page.read_text())
    first, again = copilot.asked("POST", "/v1/runs")
    assert first["dedupe_key"] == again["dedupe_key"]
    assert ci_steps.outputs(tmp_path / "outputs")["outcome"] == "waits_for_approval"


def test_asked_again_after_it_was_answered_it_is_another_run(here: Here, copilot: FakeCopilot) -> None:
    scripted(copilot, fake.run())
    assert [here(DEVOPS_COPILOT_GATE=GATE) for _ in range(2)] == [0, 0]
    first, again = copilot.asked("POST", "/v1/runs")
    assert first["dedupe_key"] != again["dedupe_key"]


def test_a_job_that_waits_for_the_approval_stays_until_it_is_decided(here: Here, copilot: FakeCopilot) -> None:
    scripted(copilot, fake.parked(), fake.parked(), fake.run(outcome="denied"))
    assert here(DEVOPS_COPILOT_REQUEST="Stop staging", DEVOPS_COPILOT_APPROVAL="wait") == 3


def test_cancelled_before_the_copilot_answered_it_cancels_what_may_have_been_started(
    here: Here, copilot: FakeCopilot, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(copilot, fake.run("running"))
    start, times = Client.start, iter([True])

    def cut(self: Client, body: dict[str, Any]) -> StartedView:
        started = start(self, body)
        if next(times, False):
            signal.raise_signal(signal.SIGTERM)
        return started

    monkeypatch.setattr(Client, "start", cut)
    assert here(DEVOPS_COPILOT_REQUEST="Stop staging") == 143
    first, again = copilot.asked("POST", "/v1/runs")
    assert first == again and copilot.asked("POST", "/v1/runs/r1/cancel") == [{}]


@pytest.mark.parametrize(
    ("given", "sent"), [({}, "main"), ({"DEVOPS_COPILOT_TRUST": "fork"}, "fork"), ({"GITHUB_REF_NAME": "x"}, "branch")]
)
def test_its_own_words_only_narrow(here: Here, copilot: FakeCopilot, given: dict[str, str], sent: str) -> None:
    scripted(copilot, fake.run())
    path = Path("event.json")
    path.write_text(json.dumps({"repository": REPOSITORY}))
    here(DEVOPS_COPILOT_REQUEST="x", GITHUB_EVENT_PATH=str(path), **given)
    assert copilot.asked("POST", "/v1/runs")[0]["job"] == sent


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"DEVOPS_COPILOT_REQUEST": "a", "DEVOPS_COPILOT_GATE": "b"},
        {"DEVOPS_COPILOT_GATE": "b", "DEVOPS_COPILOT_TRUST": "x"},
    ],
)
def test_what_is_not_said_or_said_twice_is_refused(here: Here, copilot: FakeCopilot, given: dict[str, str]) -> None:
    with pytest.raises(Refused):
        here(**given)
    assert not copilot.calls


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_cancelled_job_takes_its_run_with_it(
    installed: Path, copilot: FakeCopilot, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    scripted(copilot, fake.run("running"))
    step, environment = on_github(installed, tmp_path, {"request": "Stop the dev environments"})
    process = ci_steps.start(step, tmp_path, environment)
    assert process.stdout is not None and process.stdout.readline() == "Run r1\n"
    process.send_signal(number)
    time.sleep(0.05)
    process.send_signal(signal.SIGTERM)  # as GitHub does next: what is being done about the first goes on
    _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert "its run r1 with it" in err and "Traceback" not in err
    assert copilot.asked("POST", "/v1/runs/r1/cancel") == [{}]


def test_gitlab_runs_the_component_and_its_cancelled_job_cancels(
    installed: Path, copilot: FakeCopilot, tmp_path: Path
) -> None:
    scripted(copilot, fake.run(answer="a\nb"), for_others=seen(answer="c\nd"))
    inputs = {"gate": f"{GATE} and $SECRET", "url": "", "role": "", "package": "x"}
    script, after, variables = ci_steps.gitlab_job(inputs)
    project = tmp_path / "builds"
    Path(f"{project}.devops-copilot").symlink_to(installed / "devops-copilot")
    folders = {"CI_PROJECT_DIR": str(project), "TMPDIR": str(tmp_path)}
    given = bare_cli.bare(**GITLAB, **variables, **folders, SECRET="hunter2")
    ended = ci_steps.run(script, tmp_path, given)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert copilot.asked("POST", "/v1/runs")[0]["text"] == f"gate: {GATE} and $SECRET"
    handed = dict(one.split("=", 1) for one in (tmp_path / "devops-copilot.env").read_text().splitlines())
    assert handed["DEVOPS_COPILOT_OUTCOME"] == "succeeded" and handed["DEVOPS_COPILOT_ANSWER"] == "c d"
    assert "<pre>c\nd</pre>" in (tmp_path / "devops-copilot.md").read_text()
    Uses(job_of(GITLAB), {"RUNNER_TEMP": str(tmp_path)}).begin("r1")
    assert ci_steps.run(after, tmp_path, given | {"CI_JOB_STATUS": "success"}).stdout == ""
    assert "Run r1 was cancelled" in ci_steps.run(after, tmp_path, given | {"CI_JOB_STATUS": "canceled"}).stdout
    assert copilot.asked("POST", "/v1/runs/r1/cancel") == [{}]


def test_no_input_stands_in_a_script() -> None:
    """What stands in one is run: it comes by the environment alone."""
    for step in ci_steps.ACTION["runs"]["steps"]:
        assert "${{" not in step["run"] and step["shell"] == "bash"
    for line in (*ci_steps.JOB["before_script"], *ci_steps.JOB["script"], *ci_steps.JOB["after_script"]):
        assert "$[[" not in line


# --- the command line alone ----------------------------------------------------------------------


SPEAKS = (
    "in_a_job asking approving undoing freezing looking scheduling watching runbooks facts keeping standing linking "
    "spending home"
).split()


def test_nothing_is_imported_that_is_not_declared_and_nothing_of_the_laptop_is_there(
    installed: Path, tmp_path: Path
) -> None:
    script = f"""
import importlib, pkgutil, cli, cli.main, cli.parser
there = [one.name for one in pkgutil.walk_packages(cli.__path__, "cli.")]
assert not [one for one in there if one.startswith(("cli.laptop.", "cli.showing"))], there
for name in {SPEAKS}:
    importlib.import_module(f"cli.commands.{{name}}")
cli.parser.parser().format_help()
print([cli.main.main(words.split()) for words in ("up", "demo", "tool list", "configure x.yaml", "chat", "schema")])
"""
    python = installed / "devops-copilot/bin/python"
    ended = subprocess.run([python, "-c", script], cwd=tmp_path, env=bare_cli.bare(), capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "[2, 2, 2, 2, 2, 2]\n" and ended.stderr.count("needs a checkout") == 6


# --- which job it is -----------------------------------------------------------------------------


def test_each_job_attempt_and_step_has_a_key_of_its_own() -> None:
    others = [{name: "another"} for name in ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_JOB", "GITHUB_ACTION")]
    others += [{"DEVOPS_COPILOT_JOB_INDEX": "1"}, {"GITHUB_REPOSITORY_ID": "78"}]
    others += [{"DEVOPS_COPILOT_CHECK_RUN": "31"}]  # a workflow called twice: before it is deployed, and after
    keys = {job_of(GITHUB | more).key("ask", "", 0) for more in ({}, *others)}
    job = job_of(GITHUB)
    keys |= {job.key("ask", "", 1), job.key("another", "", 0), job.key("ask", "own", 0)}
    assert len(keys) == 11
    assert job.key("ask", "", 0) == job_of(GITHUB | {"GITHUB_SHA": "f00"}).key("ask", "", 0)
    assert job_of(GITLAB).key("ask", "", 0) != job_of(GITLAB | {"CI_JOB_ID": "4712"}).key("ask", "", 0)
    with pytest.raises(Refused, match="no job of GitHub or GitLab"):
        job_of({})


def pull(head: str) -> dict[str, Any]:
    return {"pull_request": {"head": {"repo": {"full_name": head}}}}


GONE: dict[str, Any] = {"pull_request": {"head": {"repo": None}}}


@pytest.mark.parametrize(
    ("kind", "event", "branch", "says"),
    [
        ("push", {}, "main", "main"),
        ("push", {}, "feature", "branch"),
        ("schedule", {}, "main", "main"),
        ("pull_request", pull("acme/shop"), "7/merge", "pull_request"),
        ("pull_request", pull("eve/shop"), "7/merge", "fork"),
        ("pull_request", GONE, "7/merge", "fork"),
        ("pull_request_target", pull("eve/shop"), "main", "fork"),
        ("workflow_run", {"workflow_run": {"head_repository": {"full_name": "eve/shop"}}}, "main", "fork"),
        *((one, {}, "main", "pull_request") for one in sorted(OF_ANYBODY)[:2]),
    ],
)
def test_what_a_job_of_github_says_that_it_is(
    tmp_path: Path, kind: str, event: dict[str, Any], branch: str, says: str
) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"repository": REPOSITORY} | event))
    of = {"GITHUB_EVENT_NAME": kind, "GITHUB_REF_NAME": branch, "GITHUB_EVENT_PATH": str(path)}
    assert job_of(GITHUB | of).says == says


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "main"),
        ({"CI_COMMIT_BRANCH": "feature"}, "branch"),
        ({"CI_COMMIT_BRANCH": "", "CI_COMMIT_TAG": "v1"}, "branch"),
        ({"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "5"}, "pull_request"),
        ({"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "6"}, "fork"),
        ({"CI_PIPELINE_SOURCE": "external_pull_request_event"}, "fork"),
    ],
)
def test_what_a_job_of_gitlab_says_that_it_is(more: dict[str, str], says: str) -> None:
    assert job_of(GITLAB | more).says == says


def test_of_two_the_one_that_is_trusted_less_holds() -> None:
    order: list[Any] = [None, "main", "branch", "pull_request", "fork"]
    for one, other in itertools.product(order, order):
        assert narrower(one, other) == order[max(order.index(one), order.index(other))]


# --- what is written -----------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["a\noutcome<<x\nsucceeded\nx", "end-\nrun-id=r2", "%0Aoutcome=x", ""])
def test_no_value_is_another_ones(tmp_path: Path, value: str) -> None:
    hand_on("github", tmp_path / "outputs", {"outcome": "failed", "answer": value})
    assert ci_steps.outputs(tmp_path / "outputs") == {"outcome": "failed", "answer": value}
    hand_on("gitlab", tmp_path / "variables", {"answer": value, "outcome": "failed"})
    assert len((tmp_path / "variables").read_text().splitlines()) == 2


HOSTILE = "</pre><script>x</script> | [a](http://b) ![i](http://c) `x` @team <img src=x>\n| row | www.d.example"


def test_a_summary_shows_text_and_nothing_else() -> None:
    step = {"id": "a", "tool": "b", "status": "failed", "reason": HOSTILE, "items": []}
    told = Seen.model_validate({"status": "answered", "request": HOSTILE, "answer": HOSTILE, "steps": [step]})
    page = summary(told, "failed", "r1", ())
    assert "<script" not in page and "<img" not in page and page.count("</pre>") == 1
    cells = page.replace(page[page.index("<pre>") : page.index("</pre>")], "")
    assert not any(sign in cells for sign in ("](", "![", "@team", "http://", "www.d"))
    (row,) = [one for one in page.splitlines() if one.startswith("| a |")]
    assert row.count("|") == 6


def test_where_a_copilot_does_not_say_what_may_stand_there_nothing_does() -> None:
    page = summary(None, "succeeded", "r1", ())
    assert "<code>devops-copilot runs show r1</code>" in page  # whatever the runner's own is called
    assert "does not say what may stand here" in page and "<pre>" not in page


def test_where_something_is_hidden_the_key_that_says_what_may_be_shown_is_named() -> None:
    hidden = Seen.model_validate({"status": "answered", "withheld": "Not shown here is what tells of logs."})
    assert told(hidden) == "Not shown here is what tells of logs. `job_summaries` of the configuration says what may."
    assert "job&#95;summaries" in summary(hidden, "succeeded", "r1", ())
