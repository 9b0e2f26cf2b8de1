"""How every command ends, as a table: the exit code for each way in which it can. README.md has what the codes mean."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any

import fake_copilot as fake
import pytest
from fake_copilot import FakeCopilot
from test_cli_asking import Command, command, copilot  # noqa: F401

from cli.api.client import Client
from cli.exits import EXPLAINED
from copilot.domain import Frozen
from copilot.errors import Ambiguous, FatalError, PermissionDenied
from copilot.tools.tool import ReadTool

RUNBOOK = Path(__file__).parents[2] / "samplefiles/runbooks/triage.yaml"
ALARM = Path(__file__).parents[2] / "events/reactions/alarm.json"
COMMANDS = {
    "ask hello": ("POST", "/v1/runs"),
    "gate cpu": ("POST", "/v1/runs"),
    "approve a7": ("POST", "/v1/approvals/a7"),
    "approve a7 --without blue --without off.2": ("POST", "/v1/approvals/a7"),
    "deny a7": ("POST", "/v1/approvals/a7"),
    "approvals": ("GET", "/v1/approvals"),
    "runs": ("GET", "/v1/runs"),
    "runs --all": ("GET", "/v1/runs?all=1"),
    "runs show r1": ("GET", "/v1/runs/r1?reasoning=1"),
    "runs show r1 --sent": ("GET", "/v1/runs/r1?sent=1"),
    "runs cancel r1": ("POST", "/v1/runs/r1/cancel"),
    "runs resume r1": ("POST", "/v1/runs/r1/resume"),
    "undo r1": ("GET", "/v1/runs/r1"),
    "retry r1": ("GET", "/v1/runs/r1"),
    "home": ("GET", "/v1/home"),
    "freezes": ("GET", "/v1/freezes"),
    "freeze all --reason x": ("POST", "/v1/freezes"),
    "thaw environment blue": ("POST", "/v1/freezes/thaw"),
    "runbooks": ("GET", "/v1/runbooks"),
    "runbooks list": ("GET", "/v1/runbooks"),
    "runbooks show morning": ("GET", "/v1/runbooks/morning"),
    f"runbooks add {RUNBOOK}": ("POST", "/v1/runbooks"),
    "runbooks run morning --set kind=staging": ("POST", "/v1/runbooks/morning/run"),
    "spend": ("GET", "/v1/spend?by=kind"),
    "spend --since 2026-03-01 --by person": ("GET", "/v1/spend?by=person&since=2026-03-01"),
    "facts": ("GET", "/v1/facts"),
    "facts list": ("GET", "/v1/facts"),
    "facts show checkout": ("GET", "/v1/facts"),
    "facts forget checkout": ("POST", "/v1/runs"),
    "facts forget --all": ("POST", "/v1/runs"),
    "export me": ("GET", "/v1/kept"),
    "export --conversation x": ("GET", "/v1/kept?conversation=x"),
    "delete me --yes": ("POST", "/v1/kept/delete"),
    "delete --person ben --yes": ("POST", "/v1/kept/delete"),
    "journal": ("GET", "/v1/journal?number=1"),
    "journal verify --from 2026-03-01": ("GET", "/v1/journal?number=1"),
    "reactions": ("POST", "/v1/runs"),
    "reactions list": ("POST", "/v1/runs"),
    f"reactions test {ALARM}": ("POST", "/v1/reactions/test"),
    "standing": ("GET", "/v1/standing"),
    "standing list": ("GET", "/v1/standing"),
    "standing grant s1 --most 2": ("POST", "/v1/standing"),
    "standing revoke g1": ("POST", "/v1/standing/g1/revoke"),
    "link": ("GET", "/v1/chat/links"),
    "link list": ("GET", "/v1/chat/links"),
    "link slack": ("POST", "/v1/chat/links"),
    "link slack --another": ("POST", "/v1/chat/links"),
    "link teams": ("POST", "/v1/chat/links"),
    "link discord": ("POST", "/v1/chat/links"),
    "link remove slack:T1/U1": ("POST", "/v1/chat/links/unlink"),
    "schedules": ("GET", "/v1/schedules"),
    "schedules list": ("GET", "/v1/schedules"),
    "schedules show s1": ("GET", "/v1/schedules/s1"),
    "schedules run-now s1": ("POST", "/v1/schedules/s1/run"),
    "schedules pause s1": ("GET", "/v1/schedules/s1"),
    "schedules resume s1": ("GET", "/v1/schedules/s1"),
    "schedules delete s1": ("GET", "/v1/schedules/s1"),
    "watches": ("POST", "/v1/runs"),
    "watches list": ("POST", "/v1/runs"),
    "watches stop w1": ("POST", "/v1/runs"),
}
"""Every command that speaks to a copilot, and what it asks of it first."""


def own(message: str, field: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "field": field}}


REFUSALS: list[tuple[int, object, int]] = [
    (400, own("too long", "text"), 2),
    (401, {"message": "Unauthorized"}, 2),
    (403, {"message": "Forbidden"}, 2),  # IAM, in front of the copilot
    (403, own("arn:x is not a person of this copilot's configuration", "caller"), 2),
    (404, own("no such thing"), 2),
    (404, {"message": "Not Found"}, 2),
    (409, own("approval a7 expired at 09:00 UTC; ask again"), 2),
    (409, own("approval a7 was denied by olga already"), 2),
    (409, own("run r1 has been answered; there is nothing to cancel"), 2),
    (413, b"<html>", 2),
    (418, [], 2),
    (429, {"message": "Too Many Requests"}, 6),
    (500, own("the database refused"), 6),
    (502, b"<html>", 6),
    (503, {"message": "Service Unavailable"}, 6),
    (200, b"<html>Welcome</html>", 6),
    (200, [], 6),
    (302, b"", 6),
]


@pytest.mark.parametrize(("status", "document", "code"), REFUSALS)
@pytest.mark.parametrize("words", COMMANDS)
def test_what_is_answered_instead(
    copilot: FakeCopilot,
    command: Command,
    words: str,
    status: int,
    document: object,
    code: int,
) -> None:
    copilot.says(*COMMANDS[words], document, status=status)
    ended = command(*words.split())
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.strip() and "Traceback" not in ended.err


@pytest.mark.parametrize("words", [words for words in COMMANDS if COMMANDS[words] != COMMANDS["ask hello"]])
def test_what_policy_does_not_let_who_asks_do_is_denied(
    copilot: FakeCopilot,
    command: Command,
    words: str,
) -> None:
    said = "Dana may not approve this: Dana (developer) may not approve on production Environment blue"
    copilot.says(*COMMANDS[words], own(said), status=403)
    ended = command(*words.split())
    assert (ended.code, ended.out, ended.err) == (3, "", f"{said}\n")


@pytest.mark.parametrize("words", COMMANDS)
def test_where_nobody_listens(
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cli.api.client.PAUSES", (0.0,))
    with socket.socket() as taken:  # bound, and nobody listens: refused for as long as the test lasts
        taken.bind(("127.0.0.1", 0))
        fake.write_laptop_json(tmp_path, taken.getsockname()[1])
        assert command(*words.split()).code == 6


@pytest.mark.parametrize("words", [*COMMANDS, "outbox"])
def test_where_there_is_no_copilot(
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEVOPS_COPILOT_URL", raising=False)
    assert command(*words.split()).code == 6


@pytest.mark.parametrize("words", COMMANDS)
def test_interrupted_while_it_asks(
    copilot: FakeCopilot,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "_once", interrupted)
    assert command(*words.split()).code == 130


@pytest.mark.parametrize("words", [*COMMANDS, "tool run x {}", "tool show", "configure", "run --in-process", "up"])
def test_bad_usage(copilot: FakeCopilot, command: Command, words: str) -> None:
    assert command(*words.split(), "--no-such-option").code == 2
    assert copilot.calls == []


FOLLOWED = {
    "ask hello": [("POST", "/v1/runs", fake.started())],
    "approve a7": [("POST", "/v1/approvals/a7", fake.approval("approved", decided_by="olga"))],
    "deny a7": [("POST", "/v1/approvals/a7", fake.approval("denied", decided_by="olga"))],
    "runs cancel r1": [("POST", "/v1/runs/r1/cancel", {"run_id": "r1", "status": "parked"})],
    "runs resume r1": [("POST", "/v1/runs/r1/resume", {"run_id": "r1", "status": "running"})],
    "undo r1": [("GET", "/v1/runs/r1", fake.run("answered")), ("POST", "/v1/runs", fake.started())],
    "retry r1": [("GET", "/v1/runs/r1", fake.run("answered")), ("POST", "/v1/runs", fake.started())],
    "schedules run-now s1": [("POST", "/v1/schedules/s1/run", fake.started())],
    "schedules pause s1": [("GET", "/v1/schedules/s1", {}), ("POST", "/v1/runs", fake.started())],
    "schedules resume s1": [("GET", "/v1/schedules/s1", {}), ("POST", "/v1/runs", fake.started())],
    "schedules delete s1": [("GET", "/v1/schedules/s1", {}), ("POST", "/v1/runs", fake.started())],
    "watches": [("POST", "/v1/runs", fake.started())],
    "watches list": [("POST", "/v1/runs", fake.started())],
    "watches stop w1": [("POST", "/v1/runs", fake.started())],
}
"""The commands that stay with a run, and what is answered before they do."""
OUTCOMES = {
    "succeeded": 0,
    "partial": 1,
    "failed": 1,
    "expired": 1,
    "aborted": 1,
    "cancelled": 1,
    "denied": 3,
    "not_understood": 5,
    "asked": 5,
    "declined": 5,
    "of a later version": 1,
}
WISHED = {"deny a7": {"denied": 0, "succeeded": 1}, "runs cancel r1": {"cancelled": 0, "succeeded": 1}}
"""What a command that wants a run to end otherwise calls well."""


def begin(copilot: FakeCopilot, words: str) -> None:
    for method, path, document in FOLLOWED[words]:
        copilot.says(method, path, document)


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("words", FOLLOWED)
def test_how_the_run_ended(copilot: FakeCopilot, command: Command, words: str, outcome: str) -> None:
    begin(copilot, words)
    copilot.says("GET", "/v1/runs/r1", fake.run("running"), fake.run(outcome=outcome))
    for more in ((), ("--json",)):
        assert command(*words.split(), *more).code == (OUTCOMES | WISHED.get(words, {}))[outcome]


@pytest.mark.parametrize("words", [words for words in FOLLOWED if words != "runs cancel r1"])
def test_a_run_that_waits_for_an_approval(copilot: FakeCopilot, command: Command, words: str) -> None:
    begin(copilot, words)
    copilot.says("GET", "/v1/runs/r1", fake.parked(approval=fake.approval("pending", id="a8")))
    assert command(*words.split()).code == 4


@pytest.mark.parametrize("words", FOLLOWED)
def test_a_run_nobody_stays_with(copilot: FakeCopilot, command: Command, words: str) -> None:
    begin(copilot, words)
    assert command(*words.split(), "--no-wait").code == 0


@pytest.mark.parametrize("words", FOLLOWED)
def test_a_copilot_that_is_lost_on_the_way(copilot: FakeCopilot, command: Command, words: str) -> None:
    begin(copilot, words)
    copilot.says("GET", "/v1/runs/r1", {}, status=503)
    ended = command(*words.split())
    assert ended.code == 6 and "runs show r1" in ended.err


@pytest.mark.parametrize("words", FOLLOWED)
def test_interrupted_while_it_stays(
    copilot: FakeCopilot,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    begin(copilot, words)
    monkeypatch.setattr("cli.commands.staying.follow", interrupted)
    ended = command(*words.split())
    assert ended.code == 130 and "runs show r1" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        *(
            "runs",
            "runs --all",
            "runs show r1",
            "runs show r1 --sent",
            "approvals",
            "home",
            "freezes",
            "standing",
            "standing list",
        ),
        *("schedules", "schedules list", "schedules show s1", "link", "link list"),
    ],
)
def test_a_look_ends_well_whatever_there_is_to_see(
    copilot: FakeCopilot,
    command: Command,
    words: str,
) -> None:
    seen = {
        "/v1/runs": {"runs": []},
        "/v1/runs?all=1": {"runs": []},
        "/v1/runs/r1?reasoning=1": fake.run(outcome="failed"),
        "/v1/runs/r1?sent=1": fake.run(outcome="failed"),
        "/v1/approvals": {"approvals": []},
        "/v1/home": {"person": "Ann", "at": "2026-03-02T09:00:00Z", "zone": "UTC"},
        "/v1/freezes": {"freezes": []},
        "/v1/standing": {"standing": []},
        "/v1/chat/links": {"links": []},
        "/v1/schedules": {"schedules": []},
        "/v1/schedules/s1": {"id": "s1", "title": "t", "owner": "o", "state": "active", "time_zone": "UTC"},
    }
    method, path = COMMANDS[words]
    copilot.says(method, path, seen[path])
    assert command(*words.split()).code == 0


# --- without a copilot ------------------------------------------------------------------------------


class Nothing(Frozen):
    pass


class Fails(ReadTool[Nothing, Nothing]):
    name, summary, Input, Output = "fails", "Fails.", Nothing, Nothing

    def run(self, input: Nothing) -> Nothing:
        raise FatalError("broken")


class Refused(Fails):
    name = "refused"

    def run(self, input: Nothing) -> Nothing:
        raise PermissionDenied("not yours")


class Unclear(Fails):
    name = "unclear"

    def run(self, input: Nothing) -> Nothing:
        raise Ambiguous("a or b?", ["a", "b"], ours=True)


class Works(Fails):
    name = "works"

    def run(self, input: Nothing) -> Nothing:
        return input


TOOLS = [Fails, Refused, Unclear, Works]


@pytest.mark.parametrize(("tool", "code"), [("works", 0), ("fails", 1), ("refused", 1), ("unclear", 5), ("nosuch", 2)])
def test_a_tool_alone_and_in_a_plan(
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
    code: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plan.yaml").write_text(f"goal: g\nsteps: [{{id: it, tool: {tool}}}]\nanswer: {{text: done}}\n")
    tools = ("--tools", f"{__name__}:TOOLS")
    assert command("tool", "run", tool, "{}", *tools).code == code
    assert command("run", "--in-process", "plan.yaml", *tools).code == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("tool list", 0),
        ("tool show list_environments", 0),
        ("tool show nosuch", 2),
        ("tool run list_environments {", 2),
        ("schema", 0),
        ("configure nosuch.yaml --check", 2),
        ("run --in-process nosuch.yaml", 2),
        ("down", 0),
        ("nosuch", 2),
        ("", 0),
    ],
)
def test_commands_that_need_nobody(
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    code: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command(*words.split()).code == code


def test_the_table_of_the_readme_is_the_one_of_the_help() -> None:
    """Word for word, but for what is code there."""
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", readme, re.MULTILINE)
    helped = re.findall(r"^ +(\d+)  (.*)$", EXPLAINED, re.MULTILINE)
    assert [code for code, _ in rows] == [code for code, _ in helped]
    assert [said.replace("`", "") for _, said in rows] == [said for _, said in helped]
