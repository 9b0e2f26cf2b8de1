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
from copilot.config.configuration import Configuration


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
    rules = [rule for rule in events.list_rules()["Rules"] if rule["Name"].startswith("reporting-here")]
    for rule in rules:
        (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        assert (target["Arn"], target["RoleArn"]) == (bus, f"arn:aws:iam::{clouds.LIVE}:role/devops-copilot-events")
    for path in sorted((ROOT / "events/deployments").glob("*.json")):
        for account, taken in ((clouds.LIVE, 1), (clouds.HOME, 0)):
            told = json.dumps(json.loads(path.read_text()) | {"account": account})
            found = [events.test_event_pattern(EventPattern=rule["EventPattern"], Event=told) for rule in rules]
            assert sum(each["Result"] for each in found) == taken, f"{path.stem} of {account}"


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
