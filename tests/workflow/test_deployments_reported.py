"""Reports of pipelines, whole: from the event bus to the answer, with IAM enforced, over histories nobody has seen."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import clouds
import pytest
from conftest import ROOT, SEED, System, eventually
from deployment_samples import random_sample

from cli.laptop.deployments import SOURCE, DeploymentSample, MadeDeployment, deliver, events, history
from cli.laptop.stacks import bring_up
from cli.showing.scenes_deployments import set_in


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
        for account, taken in ((system.laptop.account, True), ("999999999999", False)):
            told = json.dumps(event | {"account": account})
            found = system.client("events").test_event_pattern(EventPattern=rule["EventPattern"], Event=told)
            assert found["Result"] is taken, f"{name} of {account}"


def test_an_event_that_a_managed_account_forwarded_is_kept_as_that_accounts(system: System) -> None:
    """The emulator hands nothing over between accounts: here it is on the queue as the rule would have put it there."""
    at = datetime.now(UTC) - timedelta(minutes=5)
    detail = {"service": "afar", "deployment_id": "a1", "status": "succeeded", "time": at.isoformat()}
    for account in (clouds.LIVE, system.laptop.account):
        event = {"source": SOURCE, "detail-type": "Deployment", "account": account, "detail": detail}
        system.client("sqs").send_message(
            QueueUrl=system.laptop.outputs["DeploymentEvents"],
            MessageBody=json.dumps(
                event | {"time": f"{at:%Y-%m-%dT%H:%M:%SZ}", "region": "us-east-1", "resources": []}
            ),
        )
    assert eventually(lambda: "2 begun" in str(system.ask("how often do we deploy afar")["answer"]))


def test_a_region_of_a_managed_account_sends_its_own_reports_and_no_others(system: System) -> None:
    """As far as the emulator goes. That the copilot's own place sends nothing is in test_managed_templates.py."""
    bus = system.laptop.outputs["DeploymentBus"]
    cloudformation = system.aws("cloudformation", clouds.LIVE, system.laptop.region)
    managed, region = ((ROOT / "samplefiles" / f"managed-{each}.yaml").read_text() for each in ("account", "region"))
    beside = {f"{each}RoleName": f"other-{each.lower()}" for each in ("Read", "Write")}  # the roles that are there
    bring_up(cloudformation, "reporting", managed, beside | {"CopilotAccount": clouds.HOME, "CopilotBus": bus})
    bring_up(cloudformation, "reporting-here", region, {"CopilotBus": bus})
    events = system.aws("events", clouds.LIVE, system.laptop.region)
    rules = [rule for rule in events.list_rules()["Rules"] if rule["Name"].startswith("reporting-here")]
    for rule in rules:
        (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        assert (target["Arn"], target["RoleArn"]) == (bus, f"arn:aws:iam::{clouds.LIVE}:role/devops-copilot-events")
    for path in sorted((ROOT / "events/deployments").glob("*.json")):
        for account, taken in ((clouds.LIVE, 1), (clouds.HOME, 0)):
            told = json.dumps(json.loads(path.read_text()) | {"account": account})
            found = [events.test_event_pattern(EventPattern=rule["EventPattern"], Event=told) for rule in rules]
            assert sum(each["Result"] for each in found) == taken, f"{path.stem} of {account}"


def waiting(system: System) -> int:
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    queue = system.laptop.outputs["DeploymentEvents"]
    found = system.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(map(int, found.values()))
