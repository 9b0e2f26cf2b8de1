"""take_chat, take_hook and deliver by their own events."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from test_functions import ANN, Deployed
from test_functions_linking import CHAT

from copilot.adapters.memory_chat import MemoryQueue
from copilot.config.configuration import Configuration
from copilot.domain import ChatEvent, Delivery, Hook, LedgerEntry, Preview, Said
from copilot.errors import CopilotError, NotFound, RetryableError


class Watched(Deployed):
    """What is taken and delivered, and what goes wrong with it by the run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch)
        self.taken: list[ChatEvent] = []
        self.hooks: list[Hook] = []
        self.shown: list[tuple[str, str, bool]] = []
        self.broken: dict[str, CopilotError] = {}
        self.paused: list[float] = []
        self.tried: list[bool] = []
        self.queue = MemoryQueue()
        self.more = {
            "take_chat": self.taken.append,
            "take_hook": self.take_hook,
            "deliver": self.deliver,
            "delivery_queue": self.queue,
            "pause": self.paused.append,
        }

    def take_hook(self, hook: Hook) -> str:
        self.hooks.append(hook)
        return "facts"

    def deliver(self, delivery: Delivery, *, last: bool = False) -> str:
        self.tried.append(last)
        broken = self.broken.get(delivery.run_id)
        if isinstance(broken, RetryableError):
            raise broken
        if broken is not None:
            return str(broken)
        self.shown.append((delivery.kind, delivery.run_id, last))
        return ""

    def records(self, *bodies: dict[str, Any], group: Any = lambda body: body["run_id"], count: int = 1) -> Any:
        (one,) = self.event("deliver")["Records"]
        records = [
            one
            | {"messageId": f"m{number}", "body": json.dumps(body)}
            | {"attributes": one["attributes"] | {"MessageGroupId": group(body), "ApproximateReceiveCount": str(count)}}
            for number, body in enumerate(bodies)
        ]
        return {"Records": records}


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


def of(run_id: str, kind: str = "answer", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "tenant": "main", "run_id": run_id} | more


def test_what_was_queued_is_taken_in_our_own_words(deployed: Watched) -> None:
    assert deployed.call("take_chat", "take_chat") is None
    (said,) = deployed.taken
    assert isinstance(said, Said) and said.addressed


def test_what_cannot_be_read_is_not_taken_again(deployed: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    event = deployed.event("take_chat")
    body = json.loads(event["Records"][0]["body"]) | {"body": "{ this is secret"}
    event["Records"][0]["body"] = json.dumps(body)
    deployed.call("take_chat", event)
    told = capsys.readouterr().out
    assert not deployed.taken and "ChatEventsUnreadable" in told and "secret" not in told


def test_what_code_hosts_told_is_taken(deployed: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    assert deployed.call("take_hook", "take_hook") is None
    (hook,) = deployed.hooks
    assert (hook.platform, hook.event) == ("github", "workflow_run") and "HookFacts" in capsys.readouterr().out


def test_a_hook_that_cannot_be_read_is_not_taken_again(deployed: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    event = deployed.event("take_hook")
    body = json.loads(event["Records"][0]["body"]) | {"body": "{ this is secret"}
    event["Records"][0]["body"] = json.dumps(body)
    deployed.call("take_hook", event)
    told = capsys.readouterr().out
    assert not deployed.hooks and "HooksUnreadable" in told and "secret" not in told


def test_what_is_to_be_shown_is(deployed: Watched) -> None:
    assert deployed.call("deliver", deployed.records(of("r1"))) is None
    assert deployed.shown == [("answer", "r1", False)]


def test_what_cannot_be_shown_is_left_with_the_dead_letters(deployed: Watched) -> None:
    deployed.broken["r1"] = NotFound("no such channel")
    assert deployed.call("deliver", deployed.records(of("r1"))) is None
    assert [one.run_id for one in deployed.queue.left] == ["r1"]
    assert deployed.call("deliver", deployed.records(of("r2"))) is None
    assert len(deployed.queue.left) == 1


def test_what_is_not_taken_now_is_tried_again_here_and_then_comes_again(deployed: Watched) -> None:
    deployed.broken["r1"] = RetryableError("asked too often", seconds=3)
    with pytest.raises(RetryableError):
        deployed.call("deliver", deployed.records(of("r1")))
    assert deployed.paused == [3]


@pytest.mark.parametrize(("count", "tried"), [(1, [False]), (10, [False, True])])
def test_what_wants_to_be_asked_much_later_is_not_asked_again_here(
    deployed: Watched, count: int, tried: list[bool]
) -> None:
    """But the last time, when there is no later: then it is noted."""
    deployed.broken["r1"] = RetryableError("asked too often", seconds=30)
    with pytest.raises(RetryableError):
        deployed.call("deliver", deployed.records(of("r1"), count=count))
    assert (deployed.tried, deployed.paused) == (tried, [10.0] * (len(tried) - 1))


@pytest.mark.parametrize(("count", "last"), [(1, False), (9, False), (10, True)])
def test_the_last_time_is_known_as_the_last(deployed: Watched, count: int, last: bool) -> None:
    deployed.broken["r1"] = RetryableError("away")
    with pytest.raises(RetryableError):
        deployed.call("deliver", deployed.records(of("r1"), count=count))
    assert deployed.tried[-1] is last


@pytest.mark.parametrize("hours", [-1, 2])
def test_what_is_due_later_is_put_back_until_then(deployed: Watched, hours: int) -> None:
    due = datetime.now(UTC) + timedelta(hours=hours)
    event = deployed.records(of("r1", "approval", approval_id="a1", stage=2, due=due.timestamp()))
    assert deployed.call("deliver", event) is None
    ((delivery, after),) = deployed.queue.waiting
    assert (delivery.stage, not deployed.shown) == (2, True)
    assert after == timedelta() if hours < 0 else timedelta(hours=1) < after <= timedelta(hours=2)


def end(deployed: Watched, function: str, state: str) -> list[str]:
    """What waits to be shown once a run that did this ended there; nobody asked for it in a chat."""
    run = deployed.started()
    at = deployed.clock.now()
    nothing = Preview(targets=(), changes=(), state=None)
    made = {"step": "off", "item": 0, "tool": "switch_off@1", "arguments_hash": "h", "state": state, "prior": nothing}
    entry = LedgerEntry.model_validate(made | {"owner": "w", "attempt": 1, "started_at": at, "dead_after": at})
    deployed.store.effects = lambda tenant, run_id: [entry]  # type: ignore[method-assign]
    given = {"tenant": "main", "run_id": run.run_id, "conversation": run.conversation}
    if function == "reply":
        deployed.call("reply", given | {"problem": "it broke"})
    else:
        ended = deployed.event("ingest_event_execution_aborted")
        ended["detail"] |= {"name": f"{run.run_id}-1", "input": json.dumps(given)}
        deployed.call("ingest_event", ended)
    return [one.kind for one, _ in deployed.queue.waiting if one.run_id == run.run_id]


@pytest.mark.parametrize("function", ["reply", "ingest_event"])
def test_owners_are_told_at_the_end_of_what_changed_something_where_there_is_a_chat(
    deployed: Watched, function: str
) -> None:
    assert end(deployed, function, "done") == []
    deployed.config = Configuration(accounts=(), people=(ANN,), chat=CHAT)
    assert end(deployed, function, "failed_clean") == []
    assert end(deployed, function, "done") == ["owners"]


@pytest.mark.parametrize(
    ("kind", "count", "last"),
    [("escalation", 2, False), ("escalation", 3, True), ("escalation", 9, True), ("resolution", 10, False)],
)
def test_what_is_told_outside_the_chats_is_tried_once_each_time(
    deployed: Watched, kind: str, count: int, last: bool
) -> None:
    told: list[bool] = []

    def escalate(delivery: Delivery, *, last: bool) -> str:
        told.append(last)
        if delivery.run_id == "away":
            raise RetryableError("away")
        return "refused" if delivery.run_id == "refused" else ""

    deployed.more["escalate"] = escalate
    deployed.call("deliver", deployed.records(of("r1", kind, approval_id="a1"), count=count))
    deployed.call("deliver", deployed.records(of("refused", kind, approval_id="a1"), count=count))
    with pytest.raises(RetryableError):
        deployed.call("deliver", deployed.records(of("away", kind, approval_id="a1"), count=count))
    assert told == [last] * 3 and deployed.paused == [] == deployed.tried
    assert [one.run_id for one in deployed.queue.left] == ["refused"]
