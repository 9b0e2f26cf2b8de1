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
from copilot.adapters.dynamodb.inventory import DynamoInventory
from copilot.adapters.dynamodb.reactions import DynamoReactions
from copilot.adapters.system_clock import SystemClock
from copilot.domain.inventory import Place


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
    every = [rule for rule in events.list_rules()["Rules"] if rule["Name"].startswith("reporting-here")]
    rules = [rule for rule in every if "Deployments" in rule["Name"]]
    for rule in every:
        (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        assert (target["Arn"], target["RoleArn"]) == (bus, f"arn:aws:iam::{clouds.LIVE}:role/devops-copilot-events")
    for path in sorted((ROOT / "events/deployments").glob("*.json")):
        for account, taken in ((clouds.LIVE, 1), (clouds.HOME, 0)):
            told = json.dumps(json.loads(path.read_text()) | {"account": account})
            found = [events.test_event_pattern(EventPattern=rule["EventPattern"], Event=told) for rule in rules]
            assert sum(each["Result"] for each in found) == taken, f"{path.stem} of {account}"
    reacting = [rule for rule in every if "Reactions" in rule["Name"]]
    for path in sorted((ROOT / "events/reactions").glob("*.json")):
        told = json.dumps(json.loads(path.read_text()) | {"account": clouds.LIVE})
        found = [events.test_event_pattern(EventPattern=rule["EventPattern"], Event=told) for rule in reacting]
        assert sum(each["Result"] for each in found) == (path.stem != "scheduled_rule"), path.stem


def told_in(system: System, channel: str) -> list[str]:
    """What the outbox has for a channel that is told of reactions."""
    s3, bucket = system.client("s3"), system.laptop.outputs["Bucket"]
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix="outbox/").get("Contents", [])]
    found = [json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in sorted(keys)]
    return [str(one["text"]) for one in found if one["channel"] == channel]


def runs_of(system: System, reaction: str) -> list[str]:
    """The ids of its runs, by what is kept of it; read with nothing of ours but the row's form."""
    kept = DynamoReactions(system.laptop.outputs["Table"], system.client("dynamodb"), "main", SystemClock())
    return [one.run_id for one in kept.reacted(reaction).last if one.run_id]


def test_an_alarm_that_rings_is_looked_at_and_its_channel_told_once(system: System) -> None:
    """From the monitor over the bus, the rule and the queue to a run as nobody's person, and to what is told."""
    here_too = system.laptop.account, system.laptop.region
    places = [(one, place) for one in system.cloud.environments for place in one.places]
    environment, place = next(
        (one, place) for one, place in places if (place.account, place.region) == here_too and place.clusters
    )
    cluster = next(one for one in place.clusters if one.services)
    here = Place(account=place.account, region=place.region)
    database, s3 = system.client("dynamodb"), system.client("s3")
    kept = DynamoInventory(system.laptop.outputs["Table"], system.laptop.outputs["Bucket"], database, s3, "main")
    assert eventually(lambda: kept.seen(here), 90)
    cloudwatch = system.client("cloudwatch")
    dimensions = {"ClusterName": cluster.name, "ServiceName": cluster.services[0].name}
    cloudwatch.put_metric_alarm(
        AlarmName="reacting-cpu",
        Namespace="AWS/ECS",
        MetricName="NeverMeasured",
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=80,
        ComparisonOperator="GreaterThanThreshold",
    )
    for state in ("ALARM", "OK", "ALARM"):
        cloudwatch.set_alarm_state(AlarmName="reacting-cpu", StateValue=state, StateReason=f"it is {state}")
    (run_id,) = eventually(lambda: runs_of(system, "on-alarm"), 60)
    view = system.until(run_id, "answered")
    assert (view["outcome"], view["request"]) == ("succeeded", f"is anything wrong with {environment.name}?")
    (told,) = eventually(lambda: told_in(system, "#oncall"), 60)
    assert told.startswith("Reaction on-alarm, alarm reacting-cpu (home, "), told
    assert environment.name in told


def test_a_storm_of_500_alarms_is_one_run(system: System) -> None:
    """In batches as the window of the queue's mapping makes them, which the emulator does not wait for."""
    alarm = json.loads((ROOT / "events/reactions/alarm.json").read_text())
    bodies = [
        json.dumps(alarm | {"id": f"storm-{number}", "detail": alarm["detail"] | {"alarmName": f"storm-{number}"}})
        for number in range(500)
    ]
    queue = system.client("lambda").list_event_source_mappings(FunctionName=system.laptop.outputs["ReactFunction"])
    arn = next(one["EventSourceArn"] for one in queue["EventSourceMappings"] if "reaction" in one["EventSourceArn"])
    for at in range(0, 500, 100):
        some = [
            {"messageId": str(at + place), "body": body, "eventSourceARN": arn}
            for place, body in enumerate(bodies[at : at + 100])
        ]
        answer = system.client("lambda").invoke(
            FunctionName=system.laptop.outputs["ReactFunction"], Payload=json.dumps({"Records": some})
        )
        assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}
    kept = DynamoReactions(system.laptop.outputs["Table"], system.client("dynamodb"), "main", SystemClock())
    assert eventually(lambda: kept.reacted("on-storm").events == 500, 90)
    (run_id,) = eventually(lambda: runs_of(system, "on-storm"))
    assert system.until(run_id, "answered")["outcome"] == "succeeded"
    crowd = kept.reacted("on-storm").gathered
    assert crowd is not None and (crowd.events, len(crowd.causes)) == (499, 499)


def test_a_scheduled_rule_of_the_users_own_delivered_twice_runs_its_runbook_once(system: System) -> None:
    runbook = {
        "name": "nightly-look",
        "steps": [{"id": "there", "tool": "list_environments", "arguments": {}}],
        "answer": {"text": "{length(there.environments)} there."},
    }
    status, added = system.http("POST", "/v1/runbooks", {"document": json.dumps(runbook)})
    assert status == 202 and system.until(added["run_id"], "answered", "parked")["outcome"] == "succeeded"
    events, queue = system.client("events"), system.laptop.outputs["OwnEvents"]
    rule = events.put_rule(Name="nightly-look", ScheduleExpression="rate(1 day)")["RuleArn"]
    events.put_targets(Rule="nightly-look", Targets=[{"Id": "copilot", "Arn": queue}])
    event = json.loads((ROOT / "events/reactions/scheduled_rule.json").read_text()) | {"resources": [rule]}
    url = system.client("sqs").get_queue_url(QueueName=queue.rpartition(":")[2])["QueueUrl"]
    for _ in range(2):
        system.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(event))
    kept = DynamoReactions(system.laptop.outputs["Table"], system.client("dynamodb"), "main", SystemClock())
    assert eventually(lambda: kept.reacted("nightly").revision >= 3, 60)
    (run_id,) = eventually(lambda: runs_of(system, "nightly"))
    view = system.until(run_id, "answered")
    assert view["outcome"] == "succeeded" and view["answer"].startswith("Runbook nightly-look, version 1.")
    assert kept.reacted("nightly").events == 1


def waiting(system: System) -> int:
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    queue = system.laptop.outputs["DeploymentEvents"]
    found = system.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(map(int, found.values()))
