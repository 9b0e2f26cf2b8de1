"""What AWS says of releases. Answers that moto does not give have the documented shapes (API References of ECS:
ServiceDeployment, Task; of CodeBuild: Build; of CloudWatch: AlarmHistoryItem).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from aws_accounts import DEV, FAR, REGION, Cloud, account, add_service, simulated, tagged

from copilot.adapters.aws.releases import AwsReleases
from copilot.domain import Resource
from copilot.domain.releases import EndedContainer
from copilot.errors import FatalError, PermissionDenied, ToolInputError

MINUTE = timedelta(minutes=1)
BUILD = f"arn:aws:codebuild:{REGION}:{DEV}:build/web:86a1cd00-9509-4929-ac8b-7d3a8c10c2bc"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


@pytest.fixture
def service(cloud: Cloud) -> Resource:
    add_service(cloud.client("ecs"), "main", "web", tagged("shop"))
    (found,) = cloud.platform(account()).survey("shop").resources
    return found


@pytest.fixture
def releases(cloud: Cloud) -> AwsReleases:
    return cloud.releases(account())


# --- how one went ------------------------------------------------------------------------------------


def gave_way(cloud: Cloud, **more: Any) -> datetime:
    """A deployment that ECS rolled back, with two tasks that stopped; when it began."""
    began = cloud.clock.at - 20 * MINUTE
    arn = f"arn:aws:ecs:{REGION}:{DEV}:service-deployment/main/web/1"
    listed = {"serviceDeploymentArn": arn, "createdAt": began, "status": "ROLLBACK_SUCCESSFUL"}
    described = {
        **listed,
        "statusReason": "Service deployment rolled back because the circuit breaker threshold was exceeded.",
        "rollback": {"reason": "Circuit breaker tripped.", "startedAt": began, "serviceRevisionArn": "arn"},
        "deploymentCircuitBreaker": {"status": "TRIGGERED", "failureCount": 3, "threshold": 3},
        "alarms": {"status": "MONITORING", "alarmNames": ["cpu"], "triggeredAlarmNames": ["cpu"]},
    }
    tasks = [
        {
            "taskArn": f"arn:aws:ecs:{REGION}:{DEV}:task/main/t{number}",
            "taskDefinitionArn": f"arn:aws:ecs:{REGION}:{DEV}:task-definition/shop-web:12",
            "stoppedAt": began + number * MINUTE,
            "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "containers": [{"name": "web", "exitCode": 137, "reason": "OutOfMemoryError: killed"}, {"name": "envoy"}],
        }
        for number in (1, 2, 300)
    ]
    events = [
        {"id": "1", "createdAt": began + MINUTE, "message": "(service web) is unable to consistently start tasks."},
        {"id": "2", "createdAt": began + MINUTE, "message": "(service web) has reached a steady state."},
        {"id": "3", "createdAt": began - 60 * MINUTE, "message": "(service web) has started 1 tasks."},
    ]
    service = {"serviceName": "web", "desiredCount": 2, "events": events}
    cloud.pages["ECS.DescribeServices"] = [{"services": [service]}]
    cloud.pages["ECS.ListServiceDeployments"] = [{"serviceDeployments": [listed]}]
    cloud.pages["ECS.DescribeServiceDeployments"] = [{"serviceDeployments": [described]}]
    cloud.pages["ECS.ListTasks"] = [{"taskArns": [task["taskArn"] for task in tasks]}]
    cloud.pages["ECS.DescribeTasks"] = [{"tasks": tasks}]
    return began


def test_what_ecs_says_of_a_deployment_that_gave_way(cloud: Cloud, service: Resource, releases: AwsReleases) -> None:
    began = gave_way(cloud)
    found = releases.signs(service, began - MINUTE, cloud.clock.at)
    assert [event.text for event in found.events] == ["(service web) is unable to consistently start tasks."]
    (deployment,) = found.deployments
    assert (deployment.status, deployment.rollback) == ("ROLLBACK_SUCCESSFUL", "Circuit breaker tripped.")
    assert (deployment.failures, deployment.alarms) == (3, ("cpu",)) and "circuit breaker" in deployment.reason
    assert [task.id for task in found.tasks] == ["t2", "t1"], "the newest first, and none of another time"
    assert found.tasks[0].containers == (
        EndedContainer(name="web", exit_code=137, reason="OutOfMemoryError: killed"),
        EndedContainer(name="envoy"),
    )
    assert (found.tasks[0].definition, found.unread) == ("shop-web:12", ())
    (asked,) = cloud.parameters("ECS.ListTasks")
    assert asked == {"cluster": "main", "serviceName": "web", "desiredStatus": "STOPPED", "maxResults": 100}


def test_what_one_may_not_read_is_said_and_the_rest_is_told(
    cloud: Cloud, service: Resource, releases: AwsReleases
) -> None:
    """The template of an account may be older than this."""
    began = gave_way(cloud)
    cloud.refuse("ECS.ListServiceDeployments", "AccessDeniedException", 403)
    found = releases.signs(service, began - MINUTE, cloud.clock.at)
    assert found.tasks and found.events and not found.deployments
    assert found.unread == ("reading the deployments of web: not authorized",)


def test_where_nothing_happened_nothing_is_described(cloud: Cloud, service: Resource, releases: AwsReleases) -> None:
    cloud.pages["ECS.ListServiceDeployments"] = [{"serviceDeployments": []}]
    found = releases.signs(service, cloud.clock.at - MINUTE, cloud.clock.at)
    assert not found.deployments and not found.tasks and not found.unread
    assert not cloud.count("ECS.DescribeTasks") and not cloud.count("ECS.DescribeServiceDeployments")


# --- builds ------------------------------------------------------------------------------------------


def test_the_phases_of_a_build_that_failed(cloud: Cloud, releases: AwsReleases) -> None:
    contexts = [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": "Error while executing command: make."}]
    phases = [
        {"phaseType": "INSTALL", "phaseStatus": "SUCCEEDED", "contexts": [{"statusCode": "", "message": ""}]},
        {"phaseType": "BUILD", "phaseStatus": "FAILED", "contexts": [*contexts, {"statusCode": "", "message": ""}]},
        {"phaseType": "COMPLETED"},
    ]
    cloud.pages["CODEBUILD.BatchGetBuilds"] = [{"builds": [{"id": "web:86a1cd00", "phases": phases}]}]
    (phase,) = releases.failed_phases(BUILD)
    assert (phase.phase, phase.status) == ("BUILD", "FAILED")
    assert phase.messages == ("COMMAND_EXECUTION_ERROR: Error while executing command: make.",)
    assert cloud.parameters("CODEBUILD.BatchGetBuilds") == [{"ids": ["web:86a1cd00-9509-4929-ac8b-7d3a8c10c2bc"]}]


def test_of_a_build_that_is_gone_there_are_none(cloud: Cloud, releases: AwsReleases) -> None:
    cloud.pages["CODEBUILD.BatchGetBuilds"] = [{"builds": [], "buildsNotFound": ["web:1"]}]
    assert list(releases.failed_phases(BUILD)) == []


GROUP, STREAM = "/aws/codebuild/web", "86a1cd00-9509-4929-ac8b-7d3a8c10c2bc"
WITH_LOGS = frozenset({"logs"})


def add_build(cloud: Cloud, failed_ago: float | None = 5, **logs: Any) -> None:
    """A build whose phase BUILD failed so many minutes ago; what of its log is not given is as of every other."""
    ended = {} if failed_ago is None else {"endTime": cloud.clock.at - failed_ago * MINUTE}
    phases = [
        {"phaseType": "INSTALL", "phaseStatus": "SUCCEEDED", "endTime": cloud.clock.at - 9 * MINUTE},
        {"phaseType": "BUILD", "phaseStatus": "FAILED", **ended},
        {"phaseType": "COMPLETED"},
    ]
    stream = f"arn:aws:logs:{REGION}:{DEV}:log-group:{GROUP}:log-stream:{STREAM}"
    where = {
        "groupName": GROUP,
        "streamName": STREAM,
        "cloudWatchLogs": {"status": "ENABLED"},
        "cloudWatchLogsArn": stream,
        "s3Logs": {"status": "DISABLED", "encryptionDisabled": False},
        **logs,
    }
    cloud.pages["CODEBUILD.BatchGetBuilds"] = [{"builds": [{"id": "web:1", "phases": phases, "logs": where}]}]


def add_log(cloud: Cloud, *lines: tuple[float, str]) -> None:
    """Each so many minutes ago."""
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    events = [
        {"timestamp": int((cloud.clock.at - ago * MINUTE).timestamp() * 1000), "message": text} for ago, text in lines
    ]
    logs.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=events)


def test_the_last_lines_of_a_build_are_those_before_the_phase_that_failed_had_ended(cloud: Cloud) -> None:
    add_build(cloud)
    add_log(cloud, (9, "one"), (8, "two"), (6, "three"), (5, "Phase complete: BUILD State: FAILED"), (4, "winding up"))
    found = cloud.releases(account(packs=WITH_LOGS)).build_log(BUILD, 3)
    assert [line.text for line in found.lines] == ["two", "three", "Phase complete: BUILD State: FAILED"]
    assert found.lines[0].at == cloud.clock.at - 8 * MINUTE and not found.none
    (asked,) = cloud.parameters("CLOUDWATCH-LOGS.GetLogEvents")
    assert (asked["logGroupName"], asked["logStreamName"], asked["startFromHead"]) == (GROUP, STREAM, False)
    assert asked["limit"] == 3


def test_a_page_that_is_empty_is_not_the_whole_log(cloud: Cloud) -> None:
    add_build(cloud, None)
    event = {"timestamp": int(cloud.clock.at.timestamp() * 1000), "message": "make: *** Error 2", "ingestionTime": 1}
    cloud.pages["CLOUDWATCH-LOGS.GetLogEvents"] = [
        {"events": [], "nextBackwardToken": "b/1"},
        {"events": [event], "nextBackwardToken": "b/2"},
        {"events": [], "nextBackwardToken": "b/2"},
    ]
    found = cloud.releases(account(packs=WITH_LOGS)).build_log(BUILD, 3)
    assert [line.text for line in found.lines] == ["make: *** Error 2"]
    assert [one.get("nextToken") for one in cloud.parameters("CLOUDWATCH-LOGS.GetLogEvents")] == [None, "b/1", "b/2"]
    assert "endTime" not in cloud.parameters("CLOUDWATCH-LOGS.GetLogEvents")[0]


OFF = {"groupName": "null", "streamName": "null", "cloudWatchLogs": {"status": "DISABLED"}}


@pytest.mark.parametrize(
    ("logs", "said"),
    [
        (OFF, "its project keeps none"),
        (
            OFF | {"s3Logs": {"status": "ENABLED", "location": "logs-of-builds/web"}},
            "kept in S3 alone (logs-of-builds/web)",
        ),
        ({"groupName": None, "streamName": None}, "it began none"),
        ({}, "log group /aws/codebuild/web has no such stream any more"),
    ],
)
def test_a_build_without_a_log_that_can_be_read(cloud: Cloud, logs: dict[str, Any], said: str) -> None:
    add_build(cloud, **logs)
    found = cloud.releases(account(packs=WITH_LOGS)).build_log(BUILD, 3)
    assert said in found.none and not found.lines


def test_a_build_that_codebuild_does_not_know_any_more_has_no_log(cloud: Cloud) -> None:
    cloud.pages["CODEBUILD.BatchGetBuilds"] = [{"builds": [], "buildsNotFound": ["web:1"]}]
    assert "not know it any more" in cloud.releases(account(packs=WITH_LOGS)).build_log(BUILD, 3).none


def test_without_the_pack_no_log_of_a_build_is_asked_for_and_how_it_is_allowed_is_said(
    cloud: Cloud, releases: AwsReleases
) -> None:
    with pytest.raises(PermissionDenied, match=r"the pack logs is off .*LogGroups"):
        releases.build_log(BUILD, 3)
    assert not cloud.requests


def test_a_group_that_the_pack_does_not_name_is_said_with_how_it_is(cloud: Cloud) -> None:
    add_build(cloud)
    cloud.refuse("CLOUDWATCH-LOGS.GetLogEvents", "AccessDeniedException", 400)
    with pytest.raises(PermissionDenied, match=r"/aws/codebuild/web is not among .* name it in LogGroups"):
        cloud.releases(account(packs=WITH_LOGS)).build_log(BUILD, 3)


def action(id: str, status: str = "Failed", provider: str = "CodeBuild", region: str = REGION) -> dict[str, Any]:
    """ActionExecutionDetail, as far as it is looked at, with what is dropped of it."""
    return {
        "pipelineExecutionId": "p1",
        "actionName": "Build",
        "status": status,
        "input": {
            "actionTypeId": {"category": "Build", "owner": "AWS", "provider": provider, "version": "1"},
            "resolvedConfiguration": {"EnvironmentVariables": '[{"name": "TOKEN", "value": "hunter2"}]'},
            "region": region,
        },
        "output": {"executionResult": {"externalExecutionId": id, "externalExecutionSummary": "Build terminated"}},
    }


def test_the_builds_of_a_pipeline_are_those_that_its_failed_actions_ran(cloud: Cloud) -> None:
    running = action("web:9", "InProgress") | {"output": {}}
    some = [action("web:1"), action("web:2", "Succeeded"), action("d-1", provider="CodeDeploy"), running]
    cloud.pages["CODEPIPELINE.ListActionExecutions"] = [
        {"actionExecutionDetails": some, "nextToken": "more"},
        {"actionExecutionDetails": [action("api:3", region=FAR)]},
    ]
    found = cloud.releases(account()).builds_of("web", "p1", DEV)
    assert found == [f"arn:aws:codebuild:{REGION}:{DEV}:build/web:1", f"arn:aws:codebuild:{FAR}:{DEV}:build/api:3"]
    asked = cloud.parameters("CODEPIPELINE.ListActionExecutions")
    assert asked[0] == {"pipelineName": "web", "filter": {"pipelineExecutionId": "p1"}}


def test_a_pipeline_is_looked_for_in_every_region_of_its_account_and_in_no_other_account(cloud: Cloud) -> None:
    releases = cloud.releases(account(regions=(FAR, REGION)))
    cloud.refuse(
        "CODEPIPELINE.ListActionExecutions", "PipelineNotFoundException", where=lambda _, region: region == FAR
    )
    cloud.pages["CODEPIPELINE.ListActionExecutions"] = [{"actionExecutionDetails": [action("web:1")]}]
    assert releases.builds_of("web", "p1", DEV) == [f"arn:aws:codebuild:{REGION}:{DEV}:build/web:1"]
    assert not releases.builds_of("web", "p1", "333333333333") and not releases.builds_of("web", "p1", "")


@pytest.mark.parametrize("other", ["333333333333", "111111111111"])
def test_an_account_that_is_not_configured_is_not_read_whatever_a_report_names(
    cloud: Cloud, releases: AwsReleases, other: str
) -> None:
    with pytest.raises(PermissionDenied, match="not among the accounts and regions"):
        releases.failed_phases(BUILD.replace(DEV, other))
    with pytest.raises(PermissionDenied, match="us-west-9"):
        releases.failed_phases(BUILD.replace(REGION, "us-west-9"))
    with pytest.raises(PermissionDenied, match="not among the accounts and regions"):
        releases.build_log(BUILD.replace(DEV, other), 3)
    assert not cloud.requests


# --- alarms ------------------------------------------------------------------------------------------

NAMES = [{"Name": "ClusterName", "Value": "main"}, {"Name": "ServiceName", "Value": "web"}]


def alarm(cloud: Cloud, name: str, dimensions: list[dict[str, str]], state: str = "OK") -> None:
    cloudwatch = cloud.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/ECS",
        MetricName="CPUUtilization",
        Dimensions=dimensions,
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=80,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")


def history(cloud: Cloud, *changes: tuple[float, str, str]) -> None:
    """Changes of a state: so many minutes ago, from and to."""
    items = [
        {
            "AlarmName": "cpu",
            "Timestamp": cloud.clock.at - minutes * MINUTE,
            "HistoryItemType": "StateUpdate",
            "HistoryData": json.dumps({"oldState": {"stateValue": old}, "newState": {"stateValue": new}}),
        }
        for minutes, old, new in changes
    ]
    cloud.pages["CLOUDWATCH.DescribeAlarmHistory"] = [{"AlarmHistoryItems": items}]


def rang(cloud: Cloud, service: Resource, releases: AwsReleases, since: float = 100, until: float = 70) -> bool:
    found = releases.rang(service, cloud.clock.at - since * MINUTE, cloud.clock.at - until * MINUTE)
    assert found.watching == ("cpu",) and not found.unknown
    return found.rang == ("cpu",)


@pytest.mark.parametrize(
    ("changes", "now", "expected"),
    [
        ((), "OK", False),
        ((), "ALARM", True),
        (((50, "ALARM", "OK"),), "OK", True),
        (((50, "OK", "ALARM"),), "ALARM", False),
        (((80, "OK", "ALARM"), (75, "ALARM", "OK")), "OK", True),
        (((90, "INSUFFICIENT_DATA", "OK"), (60, "OK", "ALARM")), "ALARM", False),
        (((95, "ALARM", "OK"),), "OK", True),
    ],
)
def test_whether_an_alarm_rang_is_told_by_its_changes_and_by_what_was_before_the_first(
    cloud: Cloud,
    service: Resource,
    releases: AwsReleases,
    changes: tuple[tuple[float, str, str], ...],
    now: str,
    expected: bool,
) -> None:
    alarm(cloud, "cpu", NAMES, now)
    history(cloud, *changes)
    assert rang(cloud, service, releases) is expected
    (asked,) = cloud.parameters("CLOUDWATCH.DescribeAlarmHistory")
    assert (asked["AlarmName"], asked["HistoryItemType"]) == ("cpu", "StateUpdate")
    assert (asked["ScanBy"], asked["StartDate"]) == ("TimestampAscending", cloud.clock.at - 100 * MINUTE)


def test_only_alarms_on_the_service_or_its_whole_cluster_are_looked_at(
    cloud: Cloud, service: Resource, releases: AwsReleases
) -> None:
    alarm(cloud, "cpu", NAMES)
    alarm(cloud, "whole", NAMES[:1])
    alarm(cloud, "other", [NAMES[0], {"Name": "ServiceName", "Value": "api"}])
    history(cloud)
    cloud.pages["CLOUDWATCH.DescribeAlarmHistory"] *= 2
    found = releases.rang(service, cloud.clock.at - 9 * MINUTE, cloud.clock.at)
    assert sorted(found.watching) == ["cpu", "whole"] and cloud.count("CLOUDWATCH.DescribeAlarmHistory") == 2


def test_where_history_says_nothing_that_is_understood_it_is_not_known(
    cloud: Cloud, service: Resource, releases: AwsReleases
) -> None:
    alarm(cloud, "cpu", NAMES)
    item = {"AlarmName": "cpu", "Timestamp": cloud.clock.at, "HistoryData": "{}"}
    cloud.pages["CLOUDWATCH.DescribeAlarmHistory"] = [{"AlarmHistoryItems": [item]}]
    found = releases.rang(service, cloud.clock.at - 9 * MINUTE, cloud.clock.at)
    assert not found.rang and found.unknown == "of 1 alarm it could not be told whether it rang then"


# --- definitions -------------------------------------------------------------------------------------


def defined(cloud: Cloud, **more: Any) -> None:
    container = {
        "name": "web",
        "image": "registry.example/web:1.4",
        "cpu": 128,
        "memory": 256,
        "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
        "environment": [{"name": "MODE", "value": "fast"}],
        "secrets": [{"name": "KEY", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/key"}],
        "command": ["serve"],
        "healthCheck": {"command": ["CMD", "true"]},
    }
    cloud.client("ecs").register_task_definition(
        family="main",
        containerDefinitions=[{**container, **more}],
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        taskRoleArn="arn:aws:iam::222222222222:role/web",
    )


def test_a_revision_by_its_name_or_by_its_number(cloud: Cloud, service: Resource, releases: AwsReleases) -> None:
    defined(cloud)
    found, first = releases.definitions(service, ["main:2", 1])
    assert (found.name, first.name) == ("main:2", "main:1")
    assert (found.cpu, found.memory, found.task_role) == ("256", "512", "arn:aws:iam::222222222222:role/web")
    (container,) = found.containers
    assert (container.image, container.cpu, container.memory) == ("registry.example/web:1.4", "128", "256")
    assert container.ports == ("8080/tcp",)
    assert [(one.kind, one.name) for one in container.variables] == [("variable", "MODE"), ("secret", "KEY")]
    assert "healthCheck" in container.settings and "networkMode" in found.settings


def test_values_are_told_apart_and_stand_nowhere(cloud: Cloud, service: Resource, releases: AwsReleases) -> None:
    defined(cloud)
    defined(cloud, environment=[{"name": "MODE", "value": "slow"}], command=["serve", "--slow"])
    before, after = releases.definitions(service, [2, 3])
    (one,), (other,) = before.containers, after.containers
    assert one.variables != other.variables and one.variables[1] == other.variables[1]
    assert one.command != other.command and one.settings == other.settings
    told = repr(before) + before.model_dump_json() + str(before)
    assert not [value for value in ("fast", "parameter/key", "serve", "CMD") if value in told]


def test_a_revision_that_there_is_not(cloud: Cloud, service: Resource, releases: AwsReleases) -> None:
    with pytest.raises(ToolInputError, match="no revision main:9 of what web runs by"):
        releases.definitions(service, [9])


def test_what_is_no_service_of_ecs_has_none(cloud: Cloud, service: Resource, releases: AwsReleases) -> None:
    other = service.model_copy(update={"ref": service.ref.model_copy(update={"type": "ec2-instance"})})
    with pytest.raises(FatalError, match="no service of ECS"):
        releases.definitions(other, [1])
