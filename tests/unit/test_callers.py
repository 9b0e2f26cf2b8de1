"""Who may call the copilot over HTTP and with how much, and how long a worker may be alive."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from test_functions import ANN, ROOT, Context, Deployed, deployed

from copilot.bootstrap.installation import Installation
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import ItemCall, ItemOutcome, Run, Turn, Verdict
from copilot.edges import http

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
def test_who_may_change_nothing_may_neither_cancel_nor_resume_what_others_asked_for(
    deployed: Deployed, action: str, roles: tuple[str, ...]
) -> None:
    run = deployed.started()
    deployed.workflow.running = False
    another = ANN.model_copy(update={"id": "zoe", "roles": roles})
    deployed.config = Configuration(accounts=(), people=(another,))
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
        ("ingest_api", "ingest_api_start", {"text": "How is production?"}, http.LARGEST_RUN_BODY),
        ("resolve_approval", "resolve_approval", {"decision": "deny"}, http.LARGEST_BODY),
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


def test_a_worker_is_dead_only_when_its_own_time_and_a_margin_are_over(deployed: Deployed) -> None:
    """The next one takes an effect over from then on: before that, two would be at it."""
    said: list[tuple[str, datetime]] = []

    def execute(call: ItemCall, owner: str, dead_after: datetime) -> ItemOutcome:
        said.append((owner, dead_after))
        verdict = Verdict(kind="pass")
        return ItemOutcome(step=call.step, item=call.item, attempt=call.attempt, phase=call.phase, verdict=verdict)

    deployed.more["execute"] = execute
    left = timedelta(milliseconds=Context().get_remaining_time_in_millis())
    before = datetime.now(UTC)
    answer: dict[str, Any] = deployed.call("execute_step", "execute_step")
    ((owner, dead_after),) = said
    assert owner == Context.aws_request_id
    assert before + left + timedelta(seconds=1) < dead_after
    assert answer["verdict"]["kind"] == "pass"


# --- what ends, and what begins then --------------------------------------------------------------


def ended(run: Run, status: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events/ingest_event_execution_aborted.json").read_text())
    given = json.dumps({"tenant": "main", "run_id": run.run_id, "conversation": run.conversation})
    event["detail"] |= {"name": f"{run.run_id}-{run.execution}", "status": status, "input": given}
    return event


def queued_behind(deployed: Deployed) -> tuple[Run, str]:
    """A run at work, and the id of one of its conversation that waits for its turn."""
    first = deployed.started()
    _, second = deployed.call("ingest_api", "ingest_api_start", body=json.dumps({"text": "and staging?"}))
    assert second["status"] == "queued"
    return first, second["run_id"]


def test_an_execution_that_came_to_its_end_answers_nothing_and_the_next_turn_begins(deployed: Deployed) -> None:
    first, second = queued_behind(deployed)
    deployed.store.release_lock(first)
    deployed.call("ingest_event", ended(first, "SUCCEEDED"))
    assert deployed.store.run("main", first.run_id).answer is None
    assert deployed.store.run("main", second).status == "running"


def test_an_execution_that_fails_after_its_answer_takes_nothing_back(deployed: Deployed) -> None:
    first, second = queued_behind(deployed)
    done = first.model_copy(update={"answer": "done", "outcome": "succeeded", "answered_at": datetime.now(UTC)})
    turn = Turn(run_id=first.run_id, author="copilot", text="done", at=datetime.now(UTC))
    deployed.store.answer_run(done, turn, [])
    deployed.store.release_lock(first)
    deployed.call("ingest_event", ended(first, "FAILED"))
    kept = deployed.store.run("main", first.run_id)
    assert (kept.answer, kept.outcome, deployed.store.run("main", second).status) == ("done", "succeeded", "running")


def test_when_a_run_begins_to_wait_for_an_approval_the_next_turn_begins(deployed: Deployed) -> None:
    first, second = queued_behind(deployed)
    deployed.store.release_lock(first)
    event = json.loads((ROOT / "events/ingest_event_run_parked.json").read_text())
    event["detail"] |= {"tenant": "main", "run_id": first.run_id, "conversation": first.conversation}
    deployed.call("ingest_event", event)
    assert deployed.store.run("main", second).status == "running"


@pytest.mark.parametrize("runtime", ["read", "write", "render", "send"])
def test_a_function_runs_what_belongs_on_it_alone(deployed: Deployed, runtime: str) -> None:
    deployed.more["installation"] = Installation(told={"RUNTIME": runtime})
    assert deployed.use_cases().execute.runtime == runtime


def test_a_configuration_counts_for_a_minute_so_that_who_was_taken_out_of_it_is_out() -> None:
    people, now = [ANN], [1_000_000_000.0]

    class Parameters:
        def get_parameter(self, Name: str) -> dict[str, Any]:
            config = Configuration(accounts=(), people=tuple(people))
            read = {"Value": config.model_dump_json(), "Version": 1, "LastModifiedDate": datetime.now(UTC)}
            return {"Parameter": read}

    installation = Installation(
        told={"CONFIG_PARAMETER": "config"}, own_client=lambda service: Parameters(), seconds=lambda: now[0]
    )
    assert installation.configuration().known("ann") is not None
    people.clear()
    now[0] += 61
    assert installation.configuration().known("ann") is None


def test_an_owner_is_a_person_by_their_id_and_by_a_name_that_is_theirs_alone() -> None:
    def person(id: str, name: str) -> KnownPerson:
        return KnownPerson(id=id, name=name, principals=(), roles=("developer",))

    people = (person("ann", "Ann"), person("bo", "Bo K."), person("bo2", "Bo K."), person("cy", "Cy 'x' || true"))
    config = Configuration(accounts=(), people=people)
    named = {one.id: config.owned_as(one.person) for one in people}
    assert named == {"ann": ("ann", "Ann"), "bo": ("bo",), "bo2": ("bo2",), "cy": ("cy",)}
