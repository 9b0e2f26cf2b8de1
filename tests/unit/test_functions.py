"""Each function by its own event (events/), on stores and a workflow of the test's."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fakes import TOOLS, FakeClock
from fakes_platform import FakeNotifier, FakePlatform, FakeSweeps
from memory_schedules import MemorySchedules
from test_ingesting import FakeWorkflow
from test_viewing_approvals import parked

from copilot.adapters.in_memory import MemoryStore
from copilot.adapters.memory_chat import MemoryDeliveries
from copilot.adapters.memory_chat_links import MemoryChatLinks
from copilot.adapters.memory_facts import MemoryFacts
from copilot.adapters.memory_inventory import MemoryInventory
from copilot.adapters.memory_spending import MemorySpending
from copilot.adapters.memory_watches import MemoryWatches
from copilot.bootstrap import UseCases
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import Answer, Person, Plan, Run, Step, ThenDone, Watch
from copilot.edges import observing
from copilot.errors import Conflict
from copilot.tools.registry import Registry

ROOT = Path(__file__).parents[2]
ANN = KnownPerson(
    id="ann", name="Ann", principals=("arn:aws:iam::123456789012:user/ann",), roles=("developer", "approver")
)
Handler = Callable[[str], Any]


class Context:
    aws_request_id, function_name = "request-1", "copilot-test"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


class Deployed:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store, self.workflow, self.parked = MemoryStore(), FakeWorkflow(), list[str]()
        self.schedules, self.notifier, self.chat_links = MemorySchedules(), FakeNotifier(), MemoryChatLinks()
        self.inventory, self.sweeps, self.platform = MemoryInventory(), FakeSweeps(), FakePlatform([])
        self.deliveries, self.spending = MemoryDeliveries(), MemorySpending()
        self.config = Configuration(accounts=(), people=(ANN,), reports_to="#platform")
        self.clock, self.more = FakeClock(datetime.now(UTC)), dict[str, Any]()
        for name in ("POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"):
            monkeypatch.setenv(name, "test")
        for name in ("READ", "WRITE", "RENDER", "SEND"):
            monkeypatch.setenv(f"EXECUTE_{name}", name)
        monkeypatch.setenv("CHECK_STEP", "CHECK")

    def use_cases(self) -> UseCases:
        """Over what there is in this test, and `more` of its own."""
        given: dict[str, Any] = {
            "store": self.store,
            "workflow": self.workflow,
            "configuration": lambda: self.config,
            "registry": Registry(TOOLS),
            "clock": self.clock,
            "schedules": self.schedules,
            "chat_links": self.chat_links,
            "deliveries": self.deliveries,
            "notifier": self.notifier,
            "inventory": self.inventory,
            "facts": MemoryFacts(),
            "sweeps": self.sweeps,
            "spending": self.spending,
            "platform_of": lambda config: self.platform,
            "announce_parked": lambda tenant, conversation, run_id: self.parked.append(run_id),
        }
        return UseCases(**given | self.more)

    def call(self, function: str, event: str | dict[str, Any], **change: Any) -> Any:
        given = self.event(event) if isinstance(event, str) else event
        path = ROOT / f"functions/{function}/app.py"
        spec = importlib.util.spec_from_file_location(f"app_{function}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        answer = module.handler(given | change, Context(), self.use_cases())
        if isinstance(answer, dict) and "statusCode" in answer:
            return answer["statusCode"], json.loads(answer["body"])
        return answer

    def event(self, name: str) -> dict[str, Any]:
        return dict(json.loads((ROOT / f"events/{name}.json").read_text()))

    def started(self) -> Run:
        _, body = self.call("ingest_api", "ingest_api_start")
        return self.store.run("main", body["run_id"])


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Deployed:
    return Deployed(monkeypatch)


def test_a_request_becomes_a_run_and_its_repeat_the_same_run(deployed: Deployed) -> None:
    status, body = deployed.call("ingest_api", "ingest_api_start")
    assert (status, body["status"], body["repeated"]) == (202, "running", False)
    assert deployed.call("ingest_api", "ingest_api_start") == (202, body | {"repeated": True})
    run = deployed.store.run("main", body["run_id"])
    assert (run.trigger.person.id, run.trigger.kind, run.conversation) == ("ann", "ci", "ann/default")


def test_a_dedupe_key_used_for_another_request_is_a_conflict_that_shows_both(deployed: Deployed) -> None:
    files = [{"name": "Dockerfile", "text": "FROM scratch"}]
    body = {"text": "stop blue", "dedupe_key": "build-42", "kind": "ci", "attachments": files}
    run_id = deployed.call("ingest_api", "ingest_api_start", body=json.dumps(body))[1]["run_id"]
    another = body | {"text": "stop green", "conversation": "ops", "attachments": []}
    status, said = deployed.call("ingest_api", "ingest_api_start", body=json.dumps(another))
    assert (status, said["error"]["field"]) == (409, "dedupe_key")
    earlier, asked = said["error"]["earlier"], said["error"]["asked"]
    assert earlier.pop("at") and asked.pop("at")
    assert earlier == {
        "text": "stop blue",
        "conversation": "default",
        "kind": "ci",
        "files": [{"name": "Dockerfile", "bytes": 12, "sha256": hashlib.sha256(b"FROM scratch").hexdigest()}],
        "run_id": run_id,
        "status": "running",
        "outcome": None,
    }
    assert asked == {"text": "stop green", "conversation": "ops", "kind": "ci", "files": []}
    for told in ("'build-42'", "\u201cstop blue\u201d", run_id, "\u201cstop green\u201d", "Nothing was started"):
        assert told in said["error"]["message"]
    assert len(deployed.workflow.started) == 1
    status, again = deployed.call("ingest_api", "ingest_api_start", body=json.dumps(body))
    assert (status, again["run_id"], again["repeated"]) == (202, run_id, True)


def test_what_is_masked_of_a_request_tells_no_two_apart(deployed: Deployed) -> None:
    """A run is made of what is kept, and what it never sees is not compared, nor kept as a sum that could be tried."""
    for secret in ("hunter22", "hunter23"):
        body = {"text": f"deploy with password={secret}", "dedupe_key": "k"}
        assert deployed.call("ingest_api", "ingest_api_start", body=json.dumps(body))[0] == 202


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": "   "}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": 3}, "text"),
        ({"text": "hi", "conversation": "a b"}, "conversation"),
        ({"text": "hi", "dedupe_key": ""}, "dedupe_key"),
        ({"text": "hi", "kind": "chat"}, "kind"),
        ({"text": "hi", "person": "root"}, "person"),
        ([], None),
    ],
)
def test_bad_input_is_refused_naming_the_field(deployed: Deployed, body: Any, field: str | None) -> None:
    status, said = deployed.call("ingest_api", "ingest_api_start", body=json.dumps(body))
    assert (status, said["error"]["field"]) == (400, field)
    assert said["error"]["message"]


@pytest.mark.parametrize("body", ["", "{", "null", "x" * 20_000, '"\ud800"'])
def test_a_body_that_is_no_object_is_refused(deployed: Deployed, body: str) -> None:
    assert deployed.call("ingest_api", "ingest_api_start", body=body)[0] == 400


@pytest.mark.parametrize("event", ["ingest_api_start", "ingest_api_show", "resolve_approval"])
def test_people_who_are_not_in_the_configuration_may_do_nothing(deployed: Deployed, event: str) -> None:
    deployed.config = Configuration(accounts=(), people=())
    status, said = deployed.call("resolve_approval" if event == "resolve_approval" else "ingest_api", event)
    assert status == 403
    assert "arn:aws:iam::123456789012:user/ann" in said["error"]["message"]


@pytest.mark.parametrize("event", ["ingest_api_show", "ingest_api_cancel", "ingest_api_resume", "ingest_api_approval"])
def test_what_does_not_exist_is_not_found(deployed: Deployed, event: str) -> None:
    assert deployed.call("ingest_api", event)[0] == 404
    assert deployed.call("resolve_approval", "resolve_approval")[0] == 404


def test_a_run_is_shown_listed_and_cancelled(deployed: Deployed) -> None:
    run = deployed.started()
    show = json.loads((ROOT / "events/ingest_api_show.json").read_text()) | {"pathParameters": {"id": run.run_id}}
    status, view = deployed.call("ingest_api", show)
    assert (status, view["status"], view["request"]) == (200, "running", "How is the production cluster?")
    assert deployed.call("ingest_api", "ingest_api_list")[1]["runs"][0]["run_id"] == run.run_id
    cancel = json.loads((ROOT / "events/ingest_api_cancel.json").read_text()) | {"pathParameters": {"id": run.run_id}}
    assert deployed.call("ingest_api", cancel)[0] == 202
    assert deployed.store.run("main", run.run_id).cancelled_by == "ann"


def test_what_waits_is_listed_for_whoever_may_decide_it(deployed: Deployed) -> None:
    parked(deployed.store, "a1", minutes=60 * 24 * 365 * 100)
    status, listed = deployed.call("ingest_api", "ingest_api_approvals")
    assert (status, [one["id"] for one in listed["approvals"]], listed["next"]) == (200, ["a1"], None)
    behind = {"after": "9999-01-01T00:00:00.000Z"}
    assert deployed.call("ingest_api", "ingest_api_approvals", queryStringParameters=behind)[1]["approvals"] == []
    deployed.config = Configuration(accounts=(), people=(ANN.model_copy(update={"id": "zoe", "roles": ("reader",)}),))
    assert deployed.call("ingest_api", "ingest_api_approvals")[1]["approvals"] == []


def test_somebodys_page_says_what_waits_for_them_and_is_for_nobody_without_a_role(deployed: Deployed) -> None:
    years = 60 * 24 * 365 * 100
    parked(deployed.store, "a1", minutes=years)
    parked(deployed.store, "a2", by=Person(id="bob", name="Bob"), minutes=years)
    status, home = deployed.call("ingest_api", "ingest_api_home")
    assert (status, home["person"], [one["id"] for one in home["approvals"]]) == (200, "Ann", ["a2"])
    assert [(one["request"], one["waits_for"]) for one in home["runs"]] == [("do a1", ["bob"]), ("do a2", ["bob"])]
    deployed.config = Configuration(accounts=(), people=(ANN.model_copy(update={"roles": ()}),))
    assert deployed.call("ingest_api", "ingest_api_home")[0] == 403


def test_all_is_frozen_by_an_operator_and_thawed_by_an_approver(deployed: Deployed) -> None:
    assert deployed.call("ingest_api", "ingest_api_freezes") == (200, {"freezes": []})
    status, said = deployed.call("ingest_api", "ingest_api_freeze")
    assert (status, said["error"]["message"].endswith("nothing was changed")) == (403, True)
    deployed.config = Configuration(accounts=(), people=(ANN.model_copy(update={"roles": ("operator", "approver")}),))
    status, frozen = deployed.call("ingest_api", "ingest_api_freeze")
    assert (status, frozen["scope"], frozen["reason"]) == (200, {"of": "all", "name": ""}, "payments are down")
    assert deployed.call("ingest_api", "ingest_api_freezes")[1]["freezes"] == [frozen]
    assert deployed.call("ingest_api", "ingest_api_freeze")[0] == 409
    assert deployed.call("ingest_api", "ingest_api_thaw") == (200, frozen)
    assert deployed.call("ingest_api", "ingest_api_thaw")[0] == 409
    unnamed = json.dumps({"scope": "environment", "reason": " "})
    assert deployed.call("ingest_api", "ingest_api_freeze", body=unnamed)[0] == 400


def test_the_runs_of_everybody_are_listed_for_those_who_may(deployed: Deployed) -> None:
    run = deployed.started()
    parked(deployed.store, "a1", by=Person(id="bob", name="Bob"))
    status, listed = deployed.call("ingest_api", "ingest_api_list", queryStringParameters={"all": "1"})
    assert status == 200
    assert [(one["person"], one["conversation"], one["status"]) for one in listed["runs"]] == [
        ("ann", "default", "running"),
        ("bob", "x", "parked"),
    ]
    own = deployed.call("ingest_api", "ingest_api_list")[1]["runs"]
    assert [one["run_id"] for one in own] == [run.run_id]
    deployed.config = Configuration(accounts=(), people=(ANN.model_copy(update={"roles": ("developer",)}),))
    status, said = deployed.call("ingest_api", "ingest_api_list", queryStringParameters={"all": "1"})
    assert status == 403
    assert "the runs of everybody are not yours to list: policy lets no developer" in said["error"]["message"]


def test_plan_then_advance_then_reply(deployed: Deployed) -> None:
    run = deployed.started()
    given = {"tenant": "main", "run_id": run.run_id, "conversation": run.conversation}
    deployed.config = Configuration(accounts=(), people=(ANN,))
    # The request is one no intent of the test's tools can serve, so the plan only says something.
    _, body = deployed.call("ingest_api", "ingest_api_start", body=json.dumps({"text": "make me a sandwich"}))
    given["run_id"] = body["run_id"]
    assert deployed.call("plan", given) == {"revision": 1}
    assert deployed.call("plan", given) == {"revision": 1}
    assert deployed.call("advance", given | {"wave": 0, "outcomes": []})["next"] == "reply"
    assert deployed.call("reply", given) == {"outcome": "not_understood"}
    assert "needs a model" in (deployed.store.run("main", body["run_id"]).answer or "")


def test_an_end_that_nothing_caught_is_answered_once_and_the_next_turn_starts(deployed: Deployed) -> None:
    run = deployed.started()
    _, waiting = deployed.call("ingest_api", "ingest_api_start", body=json.dumps({"text": "next"}))
    assert waiting["status"] == "queued"
    aborted = json.loads((ROOT / "events/ingest_event_execution_aborted.json").read_text())
    aborted["detail"] |= {
        "name": f"{run.run_id}-1",
        "input": json.dumps({"tenant": "main", "run_id": run.run_id, "conversation": run.conversation}),
    }
    for _ in range(2):
        deployed.call("ingest_event", aborted)
    kept = deployed.store.run("main", run.run_id)
    assert (kept.outcome, deployed.store.run("main", waiting["run_id"]).status) == ("aborted", "running")
    assert "it was aborted" in (kept.answer or "")
    assert len(deployed.workflow.started) == 2


def test_an_execution_that_is_not_the_last_does_not_end_the_run(deployed: Deployed) -> None:
    run = deployed.started()
    deployed.store.mark_started(run, 2)
    failed = json.loads((ROOT / "events/ingest_event_execution_aborted.json").read_text())
    given = json.dumps({"tenant": "main", "run_id": run.run_id, "conversation": run.conversation})
    failed["detail"] |= {"name": f"{run.run_id}-1", "status": "FAILED", "input": given}
    deployed.call("ingest_event", failed)
    assert deployed.store.run("main", run.run_id).status == "running"


def test_what_a_watch_was_to_do_is_begun_once(deployed: Deployed) -> None:
    step = Step(id="all", tool="list_lights@1", arguments={})
    plan = Plan(goal="x", steps=(step,), answer=Answer(text="{all.lights[].name}"))
    now = deployed.clock.now()
    of: Any = {"id": "w0123abcde", "owner": "ann", "what": "x is ill", "tool": "x@1", "arguments": {}, "condition": "x"}
    then = ThenDone(request="list the lights", plan=plan)
    watch = Watch(**of, until=now, made_at=now, looked_at=now, once=True, ended="told", then=then)
    watches = MemoryWatches(watch)
    deployed.more = {"watches": watches}
    for _ in range(2):
        deployed.call("ingest_event", "ingest_event_watch_came_true")
    (run,) = [one for one in deployed.store.recent_runs("main") if one.trigger.kind == "event"]
    assert (run.trigger.text, run.status) == ("list the lights, once x is ill", "running")
    assert deployed.store.load_run("main", run.run_id).plan == plan
    assert watches.watches()[0].then is None


def test_a_token_that_comes_after_the_decision_is_refused(deployed: Deployed) -> None:
    from test_ingesting import Setting

    setting = Setting()
    run, _ = setting.send()
    setting.park(run)
    deployed.store = setting.store
    event = {"tenant": "main", "conversation": "ann/x", "run_id": run.run_id, "approval_id": "a1", "token": "t"}
    deployed.call("request_approval", event)
    assert deployed.parked == [run.run_id]
    setting.approve("main", "a1", Run.model_validate(run).trigger.person, "deny")
    with pytest.raises(Conflict):
        deployed.call("request_approval", event)


def test_a_secret_in_a_request_is_not_kept(deployed: Deployed) -> None:
    body = json.dumps({"text": "deploy with password=hunter22 please"})
    run = deployed.store.run("main", deployed.call("ingest_api", "ingest_api_start", body=body)[1]["run_id"])
    assert run.trigger.text == "deploy with password=[masked] please"


def test_no_secret_reaches_a_log_line(
    deployed: Deployed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A logger of its own name, made now, writes to the output that this test captures.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "masked")
    observing.logger.cache_clear()
    with pytest.raises(Exception, match="hunter22"):
        deployed.call(
            "reply", {"tenant": "main", "run_id": "password=hunter22", "conversation": "AKIAIOSFODNN7EXAMPLE"}
        )
    logged = capsys.readouterr().out
    assert "[masked]" in logged
    assert "hunter22" not in logged and "AKIAIOSFODNN7EXAMPLE" not in logged


def test_an_event_that_none_of_its_routes_is_for_is_not_taken_for_an_execution(deployed: Deployed) -> None:
    with pytest.raises(KeyError, match="Something else"):
        deployed.call("ingest_event", {"detail-type": "Something else", "detail": {}})


@pytest.mark.parametrize("what", ["cancel", "resume"])
def test_whom_policy_does_not_let_cancels_no_run_and_starts_none_again(deployed: Deployed, what: str) -> None:
    run = deployed.started()
    deployed.config = Configuration(accounts=(), people=(ANN.model_copy(update={"id": "zoe", "roles": ("reader",)}),))
    event = json.loads((ROOT / f"events/ingest_api_{what}.json").read_text()) | {"pathParameters": {"id": run.run_id}}
    status, said = deployed.call("ingest_api", event)
    assert (status, said["error"]["field"]) == (403, None)
    assert said["error"]["message"].endswith("nothing was done")
    assert deployed.store.run("main", run.run_id) == run


def test_whoever_asked_cancels_their_own_run_and_is_told_what_of_it_others_may_read(deployed: Deployed) -> None:
    run = deployed.started()
    deployed.config = Configuration(accounts=(), people=(ANN.model_copy(update={"roles": ("reader",)}),))
    of = {"pathParameters": {"id": run.run_id}}
    cancel, show = (json.loads((ROOT / f"events/ingest_api_{one}.json").read_text()) | of for one in ("cancel", "show"))
    assert deployed.call("ingest_api", cancel)[0] == 202
    assert deployed.store.run("main", run.run_id).cancelled_by == "ann"
    assert "for_others" not in deployed.call("ingest_api", show)[1]
    _, shown = deployed.call("ingest_api", show | {"queryStringParameters": {"job": "1"}})
    assert shown["for_others"]["run_id"] == run.run_id and "withheld" in shown["for_others"]
