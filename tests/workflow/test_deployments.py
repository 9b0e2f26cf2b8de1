"""Reports of pipelines, whole: from the event bus to the answer, with IAM enforced, over histories nobody has seen."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from conftest import ROOT, SEED, System, eventually
from deployment_samples import random_sample

from cli.laptop.deployments import SOURCE, DeploymentSample, MadeDeployment, deliver, events, history
from cli.scenes_deployments import set_in


@pytest.fixture(scope="module")
def sample() -> DeploymentSample:
    return random_sample(Random(SEED))


@pytest.fixture(scope="module")
def reported(system: System, sample: DeploymentSample) -> list[MadeDeployment]:
    """All of it reported, out of order and some of it twice."""
    made = history(sample, datetime.now(UTC).date())
    deliver(system.aws, system.laptop, events(sample, made), lambda line: None)
    return made


def statistics_of(system: System) -> str:
    return str(system.ask("Deployment statistics for the last 6 weeks")["answer"])


def test_the_answer_names_what_is_slower_and_since_when(
    system: System, sample: DeploymentSample, reported: list[MadeDeployment]
) -> None:
    view = system.ask("Why is my deployment time high this week?")
    slower = sample.slower
    assert slower and view["outcome"] == "succeeded"
    assert view["answer"].startswith(f"Deployments of {slower.service} lose time in {slower.stage}:"), view["answer"]
    assert f"since {set_in(sample, datetime.now(UTC).date())} " in view["answer"]
    other = next(pipeline.service for pipeline in sample.services if pipeline.service != slower.service)
    assert "is slower this week" in system.ask(f"Why are {other} deployments slow?")["answer"]


def test_the_counts_are_those_reported_and_what_comes_again_in_reverse_changes_nothing(
    system: System, sample: DeploymentSample, reported: list[MadeDeployment]
) -> None:
    before = statistics_of(system)
    ends = [one.status for one in reported]
    assert f"deployments: {len(ends)} begun" in before
    assert f"{ends.count('succeeded')} succeeded, {ends.count('failed')} failed" in before
    assert f"{ends.count('cancelled')} cancelled" in before
    for pipeline in sample.services:
        own = [one.status for one in reported if one.pipeline.service == pipeline.service]
        assert f"- {pipeline.service}: {len(own)} begun" in before
    some = events(sample, reported)
    deliver(system.aws, system.laptop, some[::-1], lambda line: None)
    assert statistics_of(system).split("By stage")[1] == before.split("By stage")[1]


def test_a_malformed_report_is_set_aside_and_those_beside_it_are_kept(
    system: System, reported: list[MadeDeployment]
) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)
    good = {"service": "beside", "deployment_id": "b1", "status": "succeeded", "time": now.isoformat()}
    entries = [
        {"Source": SOURCE, "DetailType": "Deployment", "Detail": json.dumps(detail)}
        for detail in (good, good | {"status": "exploded", "deployment_id": "b2"}, good | {"deployment_id": "b3"})
    ]
    assert system.client("events").put_events(Entries=entries)["FailedEntryCount"] == 0
    assert eventually(lambda: "2 begun" in str(system.ask("how often do we deploy beside")["answer"]))
    assert waiting(system) == 1, "it is kept back, to be tried again and then to go to the dead letters"


def test_events_of_aws_reach_the_queue_by_their_rule(system: System) -> None:
    rule = next(
        rule
        for rule in system.client("events").list_rules()["Rules"]
        if "aws.codepipeline" in rule.get("EventPattern", "")
    )
    for name in ("codepipeline_action_started", "codebuild_state", "codebuild_phase", "ecs_completed"):
        event = json.loads((ROOT / "events/deployments" / f"{name}.json").read_text())
        found = system.client("events").test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(event))
        assert found["Result"], name


def waiting(system: System) -> int:
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    queue = system.laptop.outputs["DeploymentEvents"]
    found = system.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(map(int, found.values()))
