"""Reports of pipelines, whole: from the event bus to the answer, with IAM enforced, over histories nobody has seen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import clouds
import httpx
import pytest
from conftest import ROOT, SEED, System, eventually
from deployment_samples import random_sample
from hook_events import PROJECT, SHOP, Change, request, signed
from small_code_hosts import COMMENTS, JOB, READS, CodeHosts, small_code_hosts

from cli.laptop.deployments import SOURCE, DeploymentSample, MadeDeployment, deliver, events, history
from cli.laptop.stacks import bring_up
from cli.laptop_file import CODE_HOST_TOKENS, COMMENT_TOKENS, parameter_arn
from cli.showing.scenes_deployments import set_in
from copilot.adapters.dynamodb.inventory import DynamoInventory
from copilot.adapters.dynamodb.reactions import DynamoReactions
from copilot.adapters.system_clock import SystemClock
from copilot.config.configuration import Configuration
from copilot.domain.inventory import Place


@pytest.fixture(scope="module", autouse=True)
def code_hosts(system: System) -> Iterator[CodeHosts]:
    """A GitHub and a GitLab, named by the configuration before anything is asked: functions read it once a minute.
    What their repository deploys is a development service of the cloud.
    """
    environment = clouds.of_kind(system.cloud, "development")[0]
    service = environment.places[0].clusters[0].services[0].name
    ssm, home = system.client("ssm"), (system.laptop.region, system.laptop.account)
    names = {"token": f"{CODE_HOST_TOKENS}t", "comment_token": f"{COMMENT_TOKENS}t"}
    with small_code_hosts() as made:
        for name, value in (("token", READS), ("comment_token", COMMENTS)):
            ssm.put_parameter(Name=names[name], Value=value, Type="SecureString", Overwrite=True)
        of = {"service": service, "environment": environment.name}
        shop = SHOP.model_copy(update={**of, "pipelines": ("deploy.yml",)})
        tokens = {key: parameter_arn(*home, kept) for key, kept in names.items()}
        hosts = [
            {"platform": "github", "endpoint": made.url, "repositories": [shop.model_dump()], **tokens},
            {
                "platform": "gitlab",
                "endpoint": f"{made.url}/api/v4",
                "repositories": [PROJECT.model_copy(update=of).model_dump()],
                **tokens,
            },
        ]
        config = clouds.configuration()
        people = [
            one.model_copy(update={"code": ("github:583231", "gitlab:42")}) if one.id == "you" else one
            for one in config.people
        ]
        document = config.model_copy(update={"people": tuple(people)}).model_dump(mode="json") | {"code_hosts": hosts}
        ssm.put_parameter(
            Name=system.laptop.outputs["ConfigurationParameter"],
            Value=Configuration.model_validate(document).model_dump_json(),
            Type="String",
            Tier="Intelligent-Tiering",
            Overwrite=True,
        )
        logged = "token=hunter2hunter2", "##[error]the port is taken"
        made.logs = {JOB: "\n".join(f"2026-11-30T15:26:36.0Z {line}" for line in logged).encode()}
        yield made


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


FORGED = "whsec_bm90LWEtc2VjcmV0"


def sent(system: System, name: str, change: Change = lambda payload: None, secret: str = "") -> int:
    """A web hook of a code host, as of now, in whichever way it is signed."""
    now = datetime.now(UTC)

    def as_of_now(payload: Any) -> None:
        shift = now - timedelta(minutes=2) - datetime(2026, 11, 30, 15, 30, tzinfo=UTC)
        _moved(payload, shift)
        change(payload)

    secrets = system.laptop.hook_secrets
    host = name.partition("_")[0]
    event = signed(request(name, as_of_now), secret or secrets["github"], secret or secrets["gitlab"], now.timestamp())
    base = f"{system.laptop.endpoint}/_aws/execute-api/{system.laptop.outputs['ApiId']}"
    headers = {key: one for key, one in event["headers"].items() if key not in {"host", "accept"}}
    return httpx.post(f"{base}/v1/hooks/{host}", content=event["body"], headers=headers, timeout=30).status_code


def _moved(value: Any, shift: timedelta) -> None:
    """Every time in it, as far as it is one of GitHub's."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if isinstance(inner, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}Z", inner):
            value[key] = f"{datetime.fromisoformat(inner) + shift:%Y-%m-%dT%H:%M:%SZ}"
        else:
            _moved(inner, shift)


def from_a_fork(payload: Any) -> None:
    of_a_fork = {"event": "pull_request", "head_repository": {"id": 999}}
    payload["workflow_run"] |= {"id": 5, "conclusion": "success", **of_a_fork}


def test_what_a_code_host_told_is_counted_explained_and_answered_in_a_comment(
    system: System, code_hosts: CodeHosts
) -> None:
    environment = clouds.of_kind(system.cloud, "development")[0]
    service = environment.places[0].clusters[0].services[0].name
    forged = [sent(system, name, secret=FORGED) for name in ("github_workflow_run", "gitlab_pipeline")]
    assert forged == [401, 401]
    of_a_fork = sent(system, "github_workflow_run", from_a_fork)
    told = [sent(system, name) for name in ("github_workflow_job", "github_workflow_run", "github_workflow_run")]
    assert (of_a_fork, told) == (200, [200] * 3)
    asked = f"Did the last deployment of {service} go through?"
    assert eventually(lambda: "octocat" in (said := str(system.ask(asked)["answer"])) and "failed" in said, 60)
    said = str(system.ask(f"Why did the last deployment of {service} fail?")["answer"])
    assert "Roll out" in said and "the port is taken" in said and "hunter2hunter2" not in said, said
    (run_id,) = eventually(lambda: runs_of(system, "on-pipeline"), 60)
    assert system.until(run_id, "answered")["request"] == f"why did the last deployment of {service} fail?"
    for _ in range(2):
        assert sent(system, "github_issue_comment") == 200
    ((number, comment),) = eventually(lambda: code_hosts.comments, 60)
    assert number == "41" and "Roll out" in comment and f"- <{code_hosts.url}/octo-org/shop/actions" in comment
    assert "the port is taken" not in comment
    tokens = {(method, token) for method, _, token in code_hosts.asked}
    assert ("POST", COMMENTS) in tokens and ("POST", READS) not in tokens


def waiting(system: System) -> int:
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    queue = system.laptop.outputs["DeploymentEvents"]
    found = system.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(map(int, found.values()))
