"""How often `ask` looks at a run: seldom enough to cost nothing, often enough that its end is seen when it is there."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, cast

import fake_copilot as fake
import pytest
from botocore.credentials import Credentials
from fakes import TOOLS, FakeClock, World, clients_of

from cli.api.client import Client
from cli.api.connection import Connection
from cli.api.following import EVERY, LONGEST, follow
from copilot.adapters.in_memory import MemoryStore
from copilot.bootstrap.in_process import InProcess
from copilot.domain import Plan
from copilot.edges.run_views import view_run
from copilot.tools.registry import Registry


class Looks:
    """A client that gives these documents, one for each look."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        self.documents = list(documents)

    def run(self, run_id: str) -> dict[str, Any]:
        return self.documents.pop(0)


def pauses(*documents: dict[str, Any]) -> list[float]:
    slept: list[float] = []
    follow(cast(Client, Looks(*documents)), "r1", lambda view: None, sleep=slept.append)
    return slept


def test_a_run_that_may_end_at_any_moment_is_looked_at_as_often_however_long_it_takes() -> None:
    assert pauses(*[fake.run("running")] * 200, fake.run()) == [EVERY] * 200
    assert EVERY <= 0.25


def test_a_run_that_stands_still_is_left_alone_until_it_moves() -> None:
    still = [fake.run("running", still_for=seconds) for seconds in (12.5, 0.01, 3600)]
    assert pauses(*still, fake.run()) == [12.5, EVERY, LONGEST]


def test_an_older_copilot_that_does_not_say_so_is_looked_at_all_the_time() -> None:
    document = fake.run("running")
    document.pop("still_for", None)
    assert pauses(document, fake.run()) == [EVERY]


def test_a_run_says_how_long_it_stands_still_and_that_is_when_it_looks_again() -> None:
    """A light that takes its time is looked at after 2, 4 and 8 seconds, and between these nothing happens."""
    world, clock, store = World(lights={"a": True}, slow={"a": 3}), FakeClock(), MemoryStore()
    said: list[tuple[float, Any]] = []

    def sleep(seconds: float) -> None:
        (turn,) = store.turns("main", "me/in-process")
        said.append((seconds, view_run(store, "main", turn.run_id, clock.now())["still_for"]))
        clock.sleep(seconds)

    step = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "a"}}
    plan = Plan.model_validate({"goal": "off", "steps": [step], "answer": {"text": "off"}})
    runner = InProcess(clients_of(world, clock), registry=Registry(TOOLS), clock=clock, sleep=sleep, store=store)
    assert runner.run(plan)["still_for"] is None
    assert said == [(2, 2.0), (4, 4.0), (8, 8.0)]


def test_a_run_of_which_something_is_at_work_does_not_stand_still_though_something_waits() -> None:
    world, clock, store = World(lights={"a": True, "b": True}, slow={"a": 3}), FakeClock(), MemoryStore()
    said: list[Any] = []

    def switching(name: str) -> None:
        (turn,) = store.turns("main", "me/in-process")
        if name == "b":
            said.append(view_run(store, "main", turn.run_id, clock.now())["still_for"])

    world.before_switch = switching
    off = {"tool": "switch_off", "arguments": {"environment_id": "a"}}
    look = {"id": "look", "tool": "look", "arguments": {"environment_id": "b"}}
    then = {"id": "then", "tool": "switch_off", "arguments": {"environment_id": {"$ref": "look.name"}}}
    steps = [off | {"id": "off"}, look, then]
    plan = Plan.model_validate({"goal": "off", "steps": steps, "answer": {"text": "off"}})
    runner = InProcess(clients_of(world, clock), registry=Registry(TOOLS), clock=clock, sleep=clock.sleep, store=store)
    assert runner.run(plan)["outcome"] == "succeeded"
    assert said == [None]


def test_a_request_is_sent_before_what_shows_it_is_imported() -> None:
    late = ("rich", "botocore.session", "cli.display.page", "copilot.domain")
    code = f"import sys, cli.parser, cli.commands.asking; print([name for name in {late!r} if name in sys.modules])"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_paths())
    assert asked.stdout.strip() == "[]"


def test_only_the_laptop_is_spoken_to_without_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is reached at another address than the one that is signed; whoever is reached at their own is verified."""
    made: list[dict[str, Any]] = []
    monkeypatch.setattr("cli.api.client.httpx.Client", lambda **given: made.append(given))
    keys = Credentials("x", "y")
    for url, reach in (("https://api.example", "https://api.example"), ("http://a.localhost:1", "http://127.0.0.1:1")):
        Client(Connection(url=url, reach=reach, region="eu-west-1", credentials=keys, advice=""))
    assert [given["verify"] for given in made] == [given["trust_env"] for given in made] == [True, False]


def _paths() -> dict[str, str]:
    return {"PYTHONPATH": ":".join(path for path in sys.path if path)}
