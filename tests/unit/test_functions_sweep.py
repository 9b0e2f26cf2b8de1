"""The function that sweeps, by its own events, and what has Places swept."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from fakes_platform import FakePlatform, database, service
from inventory_cases import changed_by
from some_clients import SomeClients
from test_functions import ANN, Deployed
from test_functions_linking import CHAT

from copilot.adapters.memory_chat import MemoryQueue
from copilot.adapters.memory_watches import MemoryWatches
from copilot.config.configuration import Account, Configuration
from copilot.domain import DAYS, NOTHING_KNOWN, Place, Plan, Schedule, Unreachable, Watch, Window, time_of
from copilot.tools.registry import Registry

HERE = Place(account="123456789012", region="eu-west-1")
ACCOUNT = Account(
    id=HERE.account, name="main", regions=(HERE.region,), read_role=f"arn:aws:iam::{HERE.account}:role/read"
)


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Deployed:
    made = Deployed(monkeypatch)
    made.config = Configuration(accounts=(ACCOUNT,), people=(ANN,))
    made.platform = FakePlatform([service("shop-1", "web", 1), database("shop-1", "orders")])
    return made


def test_a_message_of_a_place_has_it_swept(deployed: Deployed) -> None:
    assert deployed.call("sweep", "sweep_place") is None
    known = deployed.inventory.known()
    assert ([one.name for one in known.environments], known.services, known.resources) == (
        ["shop-1"],
        ("web",),
        ("orders",),
    )
    assert known.seen_at == deployed.clock.now()


def test_the_clocks_message_asks_for_what_is_due(deployed: Deployed) -> None:
    deployed.call("sweep", "sweep_due")
    assert deployed.sweeps.asked == [(HERE, 1, timedelta())]
    deployed.call("sweep", "sweep_place")
    deployed.call("sweep", "sweep_due")
    assert len(deployed.sweeps.asked) == 1


def test_what_was_swept_is_published_a_while_after_it_was_asked_for(deployed: Deployed) -> None:
    deployed.call("sweep", "sweep_due")
    assert deployed.sweeps.to_publish == [timedelta(minutes=5)]
    deployed.call("sweep", "sweep_place")
    deployed.call("sweep", "sweep_due")
    assert len(deployed.sweeps.to_publish) == 1, "nothing was due"
    swept = deployed.inventory.known()
    deployed.inventory.publish(lambda: NOTHING_KNOWN)
    deployed.call("sweep", "sweep_publish")
    assert deployed.inventory.known() == swept


def test_where_stops_come_soon_they_are_announced_and_what_there_is_is_swept_more_often(deployed: Deployed) -> None:
    deployed.config = Configuration(accounts=(ACCOUNT,), people=(ANN,), chat=CHAT)
    deployed.platform.opted_out = {"shop-1": "opted out by its tag"}
    queue = MemoryQueue()
    deployed.more = {"delivery_queue": queue}
    deployed.call("sweep", "sweep_place")
    assert [one.opted_out for one in deployed.inventory.known().environments] == ["opted out by its tag"]
    deployed.clock.sleep(20 * 60)
    deployed.call("sweep", "sweep_due")
    assert not deployed.sweeps.asked and not queue.waiting
    at = (deployed.clock.now() + timedelta(minutes=25)).replace(second=0, microsecond=0)
    times = Window(stop=f"{at:%H:%M}", days=DAYS, time_zone="UTC").times
    given: dict[str, Any] = {"title": "x", "owner": "ann", "kind": "development", "created_at": deployed.clock.now()}
    plan = Plan.model_validate({"steps": [], "answer": {"text": "x"}})
    deployed.schedules.put(Schedule(id="s000000001", times=times, runbooks={"stop": plan}, **given))
    deployed.call("sweep", "sweep_due")
    assert [one for one, *_ in deployed.sweeps.asked] == [HERE]
    ((delivery, after),) = queue.waiting
    assert time_of(delivery.run_id) == at and after == at - timedelta(minutes=15) - deployed.clock.now()


def test_a_message_that_comes_twice_has_it_swept_once(deployed: Deployed) -> None:
    for _ in range(2):
        deployed.call("sweep", "sweep_place")
    assert deployed.platform.surveys == [None]


def test_a_place_that_left_the_configuration_fails_nothing(deployed: Deployed) -> None:
    deployed.config = Configuration(accounts=(), people=(ANN,))
    deployed.call("sweep", "sweep_place")
    assert deployed.inventory.sweeps() == []


def test_what_is_too_busy_is_asked_for_again(deployed: Deployed) -> None:
    deployed.platform.unreachable = [Unreachable(account="main", region=HERE.region, reason="Throttling", passing=True)]
    deployed.call("sweep", "sweep_place")
    assert deployed.sweeps.asked == [(HERE, 2, timedelta(seconds=30))]


@pytest.mark.parametrize("event", ["ingest_event_execution_succeeded", "ingest_event_execution_aborted"])
def test_the_end_of_a_run_has_swept_what_it_changed(deployed: Deployed, event: str) -> None:
    run = deployed.started()
    changed_by(run, deployed.store, ("arn:aws:ecs:eu-west-1:123456789012:service/a/web", "stop"))
    ended = deployed.event(event)
    given = {"tenant": "main", "run_id": run.run_id, "conversation": run.conversation}
    ended["detail"] |= {"name": f"{run.run_id}-1", "input": json.dumps(given)}
    deployed.call("ingest_event", ended)
    assert deployed.sweeps.asked == [(HERE, 1, timedelta())]


def test_those_whose_turn_it_is_are_looked_at_by_a_message_each_and_told_of(deployed: Deployed) -> None:
    now = deployed.clock.now()
    more: dict[str, Any] = {"until": now + timedelta(hours=1), "made_at": now, "owner": ANN.id, "what": "nothing there"}
    call: dict[str, Any] = {"tool": "list_watches@1", "arguments": {}, "condition": "none == ''", "seen": "none"}
    kept = MemoryWatches(Watch(id="w0123abcde", **call, **more))
    given = SomeClients()
    given.watches, given.clock, given.person = kept, deployed.clock, ANN.person
    deployed.more |= {"watches": kept, "reading_for_watch": lambda person, watch: given, "registry": Registry()}
    deployed.call("sweep", "sweep_watches")
    assert deployed.sweeps.to_look_at == ["w0123abcde"]
    assert deployed.call("sweep", "sweep_watch") is None
    ((channel, text),) = [one[:2] for one in sent(deployed)]
    assert channel == f"person:{ANN.id}" and "nothing there" in text and "it is so" in text
    deployed.call("sweep", "sweep_watch")
    assert len(sent(deployed)) == 1


def sent(deployed: Deployed) -> list[Any]:
    return [*deployed.notifier.sent.values()]
