"""What goes wrong in the middle: each ends in one effect, counted at the cloud, and one answer."""

from __future__ import annotations

import json
from random import Random

import clouds
import pytest
from conftest import System, eventually
from gateway import Seen, kill_caller


def test_a_worker_killed_between_effect_and_record_leaves_one_effect_and_one_answer(system: System) -> None:
    environment = next(e for e in clouds.of_kind(system.cloud, "development") if not clouds.is_idle(e))
    services = environment.places[0].clusters[0].services
    service = Random(1).choice(services)
    killed: list[int] = []
    # How long a worker may live is how long its death goes unnoticed.
    system.client("lambda").update_function_configuration(
        FunctionName=system.laptop.outputs["ExecuteWriteFunction"], Timeout=12
    )

    def strike(seen: Seen) -> None:
        if seen.operation == "UpdateService" and service.name in seen.body and not killed:
            killed.append(kill_caller(seen))

    system.gateway.after = strike
    try:
        view = system.until(
            system.start(f"stop {environment.name} environment", conversation="kill"), "answered", seconds=120
        )
    finally:
        system.gateway.after = lambda seen: None
    assert len(killed) == 1
    assert view["outcome"] == "succeeded", view["answer"]
    assert set(system.sizes(environment.name).values()) == {0}
    for each in services:
        assert system.gateway.calls("UpdateService", f'"{each.name}"') == 1, "one effect for each service"
    (effect,) = view["effects"]
    assert (effect["state"], effect["attempt"] > 1) == ("done", True)
    turns = system.http("GET", "/v1/runs?conversation=kill")[1]["runs"]
    assert [turn["outcome"] for turn in turns] == ["succeeded"]
    started = system.ask(f"start {environment.name} environment", conversation="kill")
    assert started["outcome"] == "succeeded"
    on = {arn.rpartition("/")[2]: size for arn, size in system.sizes(environment.name).items()}
    assert all(on[each.name] == each.tasks for each in services), "the counts from before the kill"


def test_an_aborted_execution_is_answered(system: System) -> None:
    parked = system.ask("Stop the production environment", conversation="abort")
    arn = system.laptop.outputs["MachineArn"].replace(":stateMachine:", ":execution:") + f":{parked['run_id']}-1"
    system.client("stepfunctions").stop_execution(executionArn=arn, cause="somebody pressed a button")
    view = system.until(parked["run_id"], "answered")
    assert view["outcome"] == "aborted"
    assert "aborted" in view["answer"] and "not finished" in view["answer"] and "Nothing was changed" in view["answer"]
    assert system.ask("How is staging?", conversation="abort")["outcome"] == "succeeded", "the conversation is free"


def test_a_function_that_breaks_is_answered_and_frees_the_conversation(system: System) -> None:
    functions = system.client("lambda")
    name = system.laptop.outputs["PlanFunction"]
    broken = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": broken | {"TABLE": "no-such-table"}}
    )
    try:
        view = system.until(system.start("How is production?", conversation="broken"), "answered", seconds=60)
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": broken})
    assert view["outcome"] == "aborted"
    assert "Traceback" not in view["answer"] and "no-such-table" not in view["answer"]
    assert system.ask("How is production?", conversation="broken")["outcome"] == "succeeded"


@pytest.fixture(scope="module")
def busy_run(system: System) -> dict[str, object]:
    return system.ask("Stop all idle dev environments and tell #platform", conversation="sizes")


def test_states_pass_ids_and_verdicts_never_data(system: System, busy_run: dict[str, object]) -> None:
    events = system.history(str(busy_run["run_id"]))
    assert len(events) > 50
    sizes = [len(json.dumps(event, default=str)) for event in events]
    assert max(sizes) < 64 * 1024
    text = json.dumps(events, default=str)
    items = [item for step in busy_run["steps"] for item in step["items"]]  # type: ignore[attr-defined]
    said = {item["summary"] for item in items if item["summary"]}
    assert said and not any(json.dumps(one)[1:-1] in text for one in said), "outputs stay in the table"
    assert "desired" not in text


def test_no_dead_letters(system: System, busy_run: dict[str, object]) -> None:
    queue = system.client("sqs")
    found = queue.get_queue_attributes(
        QueueUrl=system.laptop.outputs["DeadLetters"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert int(found["Attributes"]["ApproximateNumberOfMessages"]) == 0


def test_every_log_line_names_its_run_and_conversation(system: System, busy_run: dict[str, object]) -> None:
    def lines() -> list[dict[str, object]]:
        logs = system.client("logs")
        group = "/aws/lambda/" + system.laptop.outputs["ExecuteReadFunction"]
        found = []
        for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
            events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
            for event in events:
                lines = event["message"].splitlines()
                found += [json.loads(line) for line in lines if line.startswith("{") and '"level"' in line]
        return [line for line in found if line.get("run_id") == busy_run["run_id"]]

    assert {line["conversation"] for line in eventually(lines)} == {"you/sizes"}
