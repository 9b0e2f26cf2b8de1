"""What `up` and `down` say of the laptop's system is so."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any, cast

import fake_copilot as fake
import pytest

from cli.api.client import Client
from cli.api.resuming import LOST, Resumed, resume_lost
from cli.commands import hosting
from cli.display.page import Page
from cli.exits import Refused
from cli.laptop import server
from cli.laptop.deploy import _is_another
from cli.laptop_file import LaptopFile, LaptopUser
from copilot.config.configuration import Configuration

# --- down ---------------------------------------------------------------------------------------

WORKERS = "import subprocess, sys; [subprocess.Popen(['sleep', '60']) for _ in range(3)]; print('up', flush=True)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"


def test_when_it_is_down_its_functions_have_ended_too() -> None:
    """A server that leaves three processes behind, as MiniStack does."""
    started = subprocess.Popen([sys.executable, "-c", WORKERS], stdout=subprocess.PIPE, start_new_session=True)
    assert started.stdout is not None and started.stdout.readline() == b"up\n"
    started.wait(10)
    os.killpg(started.pid, 0)  # they are there
    server._end_workers(started.pid)
    with pytest.raises(ProcessLookupError):
        os.killpg(started.pid, 0)
    started.stdout.close()


def test_what_will_not_end_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    started = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True)
    assert started.stdout is not None and started.stdout.readline() == b"up\n"
    monkeypatch.setattr(server, "WORKERS_SECONDS", 0.2)
    try:
        server._end_workers(started.pid)
    finally:
        started.kill()
        started.wait(10)
        started.stdout.close()


# --- up -----------------------------------------------------------------------------------------


class StepFunctions:
    """Executions that failed, with their errors."""

    def __init__(self, **errors: str) -> None:
        self.errors = {f"arn:{name.replace('_', '-')}": error for name, error in errors.items()}

    def get_paginator(self, name: str) -> Any:
        assert name == "list_executions"
        return self

    def paginate(self, **asked: Any) -> list[Any]:
        assert asked["statusFilter"] == "FAILED"
        return [{"executions": [{"executionArn": arn, "name": arn.removeprefix("arn:")} for arn in self.errors]}]

    def describe_execution(self, executionArn: str) -> dict[str, str]:
        return {"error": self.errors[executionArn]}


class Copilot:
    """Runs by id; those in `answered` cannot be resumed."""

    def __init__(self, runs: dict[str, dict[str, Any]], answered: tuple[str, ...] = ()) -> None:
        self.runs, self.answered, self.resumed = runs, answered, list[str]()

    def run(self, run_id: str) -> dict[str, Any]:
        return self.runs[run_id] | {"run_id": run_id}

    def resume(self, run_id: str) -> None:
        if run_id in self.answered:
            raise Refused("it is answered")
        self.resumed.append(run_id)


def test_what_lost_its_execution_is_taken_up_and_what_waits_for_a_person_waits_on() -> None:
    executions = StepFunctions(r1_1=LOST, r2_2=LOST, r3_1=LOST, r4_1="Unanswered", r2_1=LOST)
    copilot = Copilot({"r1": fake.run("running"), "r2": fake.parked(), "r3": fake.run("running")}, answered=("r3",))
    assert resume_lost(executions, "machine", cast(Client, copilot)) == [Resumed("r1"), Resumed("r2", "a7")]
    assert copilot.resumed == ["r1", "r2"]


def test_up_says_which_of_both_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    users = {"you": LaptopUser(access_key_id="x", secret_access_key="y")}
    outputs = {"ApiId": "api1", "MachineArn": "machine"}
    laptop = LaptopFile(port=1, region="eu-west-1", account="1" * 12, stack="s", outputs=outputs, users=users)
    monkeypatch.setattr(hosting, "up", lambda *_, **__: laptop)
    monkeypatch.setattr(hosting, "resume_lost", lambda *_: [Resumed("r1"), Resumed("r2", "a7")])
    hosting.bring_up(Page())
    said = [" ".join(line.split()[2:]) for line in capsys.readouterr().out.splitlines()]
    assert said == [
        "Run r1, which the last stop cut short, goes on",
        "Run r2, which the last stop cut short, waits for approval a7, as before",
        "Ready",
    ]


class Parameters:
    class exceptions:
        class ParameterNotFound(Exception): ...

    def __init__(self, value: str | None) -> None:
        self.value = value

    def get_parameter(self, Name: str) -> dict[str, Any]:
        if self.value is None:
            raise self.exceptions.ParameterNotFound
        return {"Parameter": {"Value": self.value}}


OURS = Configuration(accounts=(), people=())


@pytest.mark.parametrize(
    ("kept", "another"),
    [
        (None, False),
        (OURS.model_dump_json(), False),
        (OURS.model_dump_json(exclude_defaults=True), False),
        (OURS.model_copy(update={"read_only": True}).model_dump_json(), True),
        ('{"accounts": "of an older version"}', True),
    ],
    ids=["none", "the same", "the same as configure writes it", "another", "one that is none any more"],
)
def test_up_says_so_where_it_puts_its_configuration_in_place_of_another(kept: str | None, another: bool) -> None:
    assert _is_another(Parameters(kept), "/config", OURS) is another
