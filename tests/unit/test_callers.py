"""Who may call the copilot over HTTP and with how much, and how long a worker may be alive."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from test_functions import ANN, ROOT, Context, Deployed, deployed

from copilot import api, bootstrap
from copilot.config import Configuration, KnownPerson
from copilot.model import ItemCall, ItemOutcome, Verdict

__all__ = ["deployed"]  # a fixture

ARN = "arn:aws:sts::123456789012:assumed-role/ops"


def people(*roles: str) -> Configuration:
    return Configuration(accounts=(), people=(ANN.model_copy(update={"roles": roles}),))


@pytest.mark.parametrize(
    ("function", "event"),
    [
        ("ingest_api", "ingest_api_start"),
        ("ingest_api", "ingest_api_list"),
        ("ingest_api", "ingest_api_show"),
        ("ingest_api", "ingest_api_schedules"),
        ("resolve_approval", "resolve_approval"),
    ],
)
def test_a_person_without_a_role_may_not_even_look(deployed: Deployed, function: str, event: str) -> None:
    deployed.config = people()
    status, said = deployed.call(function, event)
    assert (status, said["error"]["message"].partition(";")[0]) == (
        403,
        "Ann has no role in this copilot's configuration",
    )
    assert deployed.workflow.started == []


@pytest.mark.parametrize("roles", [("reader",), ("approver",), ("reader", "approver")])
@pytest.mark.parametrize("action", ["cancel", "resume"])
def test_who_may_change_nothing_may_neither_cancel_nor_resume(
    deployed: Deployed, action: str, roles: tuple[str, ...]
) -> None:
    run = deployed.started()
    deployed.workflow.running = False
    deployed.config = people(*roles)
    event = json.loads((ROOT / f"events/ingest_api_{action}.json").read_text())
    status, said = deployed.call("ingest_api", event | {"pathParameters": {"id": run.run_id}})
    assert status == 403 and said["error"]["message"].endswith("nothing was done")
    kept = deployed.store.run("main", run.run_id)
    assert (kept.cancelled_by, kept.execution, len(deployed.workflow.started)) == (None, 1, 1)


@pytest.mark.parametrize("action", ["cancel", "resume"])
def test_a_developer_may_cancel_and_resume(deployed: Deployed, action: str) -> None:
    run = deployed.started()
    deployed.workflow.running = False
    deployed.config = people("developer")
    event = json.loads((ROOT / f"events/ingest_api_{action}.json").read_text())
    assert deployed.call("ingest_api", event | {"pathParameters": {"id": run.run_id}})[0] == 202


def body(length: int, **content: str) -> str:
    """JSON of this many characters, spaces and all."""
    return json.dumps(content).ljust(length)


@pytest.mark.parametrize(
    ("function", "event", "content", "largest"),
    [
        ("ingest_api", "ingest_api_start", {"text": "How is production?"}, api.LARGEST_RUN_BODY),
        ("resolve_approval", "resolve_approval", {"decision": "deny"}, api.LARGEST_BODY),
    ],
)
def test_a_body_is_read_up_to_a_length(
    deployed: Deployed, function: str, event: str, content: dict[str, str], largest: int
) -> None:
    status, said = deployed.call(function, event, body=body(largest + 1, **content))
    assert (status, deployed.workflow.started) == (400, [])
    assert said["error"]["message"] == f"the body has {largest + 1} characters; at most {largest} are read"
    assert deployed.call(function, event, body=body(largest, **content))[0] in {202, 404}


@pytest.mark.parametrize(
    ("principal", "pattern", "is_known"),
    [
        (f"{ARN}/ann", f"{ARN}/ann", True),
        (f"{ARN}/ann", f"{ARN}/*", True),
        (f"{ARN}-evil/ann", f"{ARN}/*", False),
        (f"{ARN}-evil/ann", f"{ARN}*", False),
        (f"{ARN}/annabel", f"{ARN}/ann*", False),
        (f"{ARN}/annabel", f"{ARN}/ann", False),
        ("arn:aws:iam::123456789012:user/annabel", "arn:aws:iam::123456789012:user/ann*", False),
        ("arn:aws:iam::999999999999:user/eve", "*", False),
    ],
)
def test_a_pattern_of_principals_stands_for_the_sessions_of_one_role_alone(
    principal: str, pattern: str, is_known: bool
) -> None:
    known = KnownPerson(id="ann", name="Ann", principals=(pattern,), roles=("operator",))
    person = Configuration(accounts=(), people=(known,)).person(principal)
    assert (person is not None) == is_known


def test_a_worker_is_dead_only_when_its_own_time_and_a_margin_are_over(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one takes an effect over from then on: before that, two would be at it."""
    said: list[tuple[str, datetime]] = []

    def execute(call: ItemCall, owner: str, dead_after: datetime) -> ItemOutcome:
        said.append((owner, dead_after))
        verdict = Verdict(kind="pass")
        return ItemOutcome(step=call.step, item=call.item, attempt=call.attempt, phase=call.phase, verdict=verdict)

    monkeypatch.setattr(bootstrap, "execute", lambda: execute)
    left = timedelta(milliseconds=Context().get_remaining_time_in_millis())
    before = datetime.now(UTC)
    answer: dict[str, Any] = deployed.call("execute_step", "execute_step")
    ((owner, dead_after),) = said
    assert owner == Context.aws_request_id
    assert before + left + timedelta(seconds=1) < dead_after
    assert answer["verdict"]["kind"] == "pass"
