"""A whole run over an environment of which one resource cannot be changed just now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes import FakeClock
from fakes_platform import FakeClients, FakePlatform, database, service

from copilot.bootstrap.in_process import InProcess
from copilot.domain import Change, Plan, Resource, Survey
from copilot.errors import NotReady, PermissionDenied

STOP = {
    "goal": "stop it",
    "steps": [
        {
            "id": "stop",
            "tool": "stop_environment",
            "arguments": {"environment_id": "dev"},
            "expect": "state == 'stopped'",
        }
    ],
    "answer": {"text": "{stop.summary}"},
}


@dataclass
class BusyPlatform(FakePlatform):
    """A database that is backing up until then."""

    clock: FakeClock = field(default_factory=FakeClock)
    until: datetime | None = None

    def survey(self, environment: str | None = None) -> Survey:
        survey = super().survey(environment)
        return survey.model_copy(update={"resources": tuple(map(self._seen, survey.resources))})

    def apply(self, change: Change, resource: Resource) -> None:
        if resource.name == "db" and self._busy:
            raise NotReady("database db is backing-up; it can be stopped once it is available")
        super().apply(change, resource)

    @property
    def _busy(self) -> bool:
        return self.until is not None and self.clock.now() < self.until

    def _seen(self, one: Resource) -> Resource:
        busy = one.name == "db" and one.size and self._busy
        return one.model_copy(update={"state": "other", "detail": "backing-up"}) if busy else one


def system(minutes: float, kinds: Mapping[str, Any] | None = None, **more: Any) -> tuple[BusyPlatform, InProcess]:
    clock = FakeClock()
    resources = [service("dev", "web", 2), service("dev", "worker", 1), database("dev", "db")]
    platform = BusyPlatform(resources, dict(kinds or {}), clock=clock, until=clock.at + timedelta(minutes=minutes))

    def clients(run: Any, call_id: str, permissions: Any = None) -> Any:
        return FakeClients(platform, clock=clock)

    return platform, InProcess(clients, clock=clock, sleep=clock.sleep, workers=2, **more)


@pytest.mark.parametrize("minutes", [0.01, 4, 13])
def test_what_is_busy_is_waited_for_and_the_rest_is_done_as_one_effect(minutes: float) -> None:
    asked: list[Any] = []

    def approve(approval: Any) -> str:
        asked.append(approval)
        return "approve"

    platform, process = system(minutes, {"dev": "production"}, decide=approve)
    view = process.run(Plan.model_validate(STOP))
    assert view["outcome"] == "succeeded", view["answer"]
    assert [call[1] for call in platform.applied if call[0] == "stop"].count("db") == 1
    assert {platform.now(name).saved for name in ("web", "worker", "db")} == {1, 2}
    assert len(asked) == 1, "what was approved goes on; it is not asked for twice"
    (effect,) = process.store.effects("main", view["run_id"])
    assert (effect.state, effect.approval_id) == ("done", asked[0].id)
    before = {row["id"].rpartition("/")[2]: row["state"] for row in effect.prior.state["resources"]}  # type: ignore
    assert before["web"] == "on", "what was there before the first attempt"
    assert "stopped web 2 -> 0, worker 1 -> 0, db" in view["answer"]


def test_what_is_busy_too_long_ends_with_what_was_done_and_what_was_not() -> None:
    platform, process = system(600)
    view = process.run(Plan.model_validate(STOP))
    assert view["outcome"] == "partial"
    assert (
        "not finished: dev: stopped web 2 -> 0, worker 1 -> 0; failed: db («database db is backing-up" in view["answer"]
    )
    assert "cannot be said" not in view["answer"] and "Nothing was changed" not in view["answer"]
    assert platform.now("web").state == "stopped"


def test_what_is_refused_beside_what_is_busy_is_still_refused_in_the_end() -> None:
    platform, process = system(2)
    platform.resources.append(database("dev", "other"))
    platform.failing = {"other": PermissionDenied("no right to other")}
    view = process.run(Plan.model_validate(STOP))
    assert view["outcome"] == "partial"
    assert platform.now("db").state == "stopped"
    assert "other is running" in view["answer"]
