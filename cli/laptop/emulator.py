"""MiniStack, completed where it falls short of AWS in something this system needs. Started by server.py."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from cli.laptop import application_autoscaling

State = dict[str, Any]
Execute = Callable[[State, Any, Any, State], Any]

NUMBERS = ("TimeoutSeconds", "MaxConcurrency")
TICK_SECONDS = 2
ILL_TARGET = re.compile(
    r"(<Target><Id>10\.0\.255\.\d+</Id>(?:(?!</member>).)*?<TargetHealth>)<State>healthy</State>", re.DOTALL
)
FAILING_SPEC = re.compile(r"\bexit 1\s*$")
FAILED_COMMAND = {
    "statusCode": "COMMAND_EXECUTION_ERROR",
    "message": "Error while executing command: npm test. Reason: exit status 1",
}
UNHEALTHY = r"\1<State>unhealthy</State><Reason>Target.Timeout</Reason>"
FIGURES_KEPT = 455 * 24 * 3600
"""Seconds for which CloudWatch keeps hourly figures."""


# What of MiniStack's modules is changed, and what it is changed with.


class CloudWatch(Protocol):
    TWO_WEEKS_SECONDS: int

    _alarms: Mapping[str, State]
    _composite_alarms: Mapping[str, State]
    _record_history: Callable[..., None]


class StepFunctions(Protocol):
    _execute_task: Execute
    _execute_map: Execute
    _call_lambda: Callable[[str, Any], Any]
    _invoke_with_callback: Callable[[str, Any, str, State], Any]
    _task_tokens: Mapping[str | None, dict[str, Any]]

    @property
    def _jsonata_state_field(self) -> Callable[[State, str, str, Any, State], Any]: ...
    @property
    def _ExecutionError(self) -> type[ExecutionError]: ...


class ExecutionError(Exception):
    error: str
    cause: str


class AutoScaling(Protocol):
    _ACTION_MAP: dict[str, Callable[[Any], Any]]
    _asgs: Mapping[str, State]
    _reconcile_instances: Callable[[State], None]


class Tagging(Protocol):
    _COLLECTORS: dict[str, Callable[[], Any]]


class LoadBalancing(Protocol):
    _ACTION_MAP: dict[str, Callable[[Any], Any]]


class Databases(Protocol):
    _ACTION_MAP: dict[str, Callable[[Any], Any]]
    _create_cluster_snapshot_internal: Callable[[str, State], State]

    def _p(self, params: Any, name: str) -> str: ...
    def _resolve_cluster_in_request_region(self, name: str) -> State | None: ...


class Builds(Protocol):
    _make_build_record: Callable[..., State]


class Containers(Protocol):
    _build_task_containers: Callable[[State, Any], list[State]]


class MailActions(Protocol):
    _ses_v2_resource_arn: Callable[[str, str, bytes, str, str], str]


class MailDoor(Protocol):
    _enforce_ses_v2: Callable[..., Any]
    _enforce_data_plane: Callable[..., Any]


class LambdaActions(Protocol):
    _lambda_action: Callable[[str, str], str | None]


class Scheduler(Protocol):
    _tick_schedules: Callable[[], None]
    _SCHEDULE_TICK_INTERVAL: int
    _schedules: Any

    def get_account_id(self) -> str: ...
    def get_region(self) -> str: ...
    def set_request_account_id(self, account_id: str) -> None: ...
    def set_request_region(self, region: str) -> None: ...


class EventBridge(Protocol):
    def _put_events(self, data: State, *, allow_aws_source: bool = False) -> object: ...
    def _parse_cron_fields(self, expression: str) -> Any: ...
    def _cron_next_fire(self, fields: Any, after: datetime) -> datetime | None: ...
    def _invoke_target(self, target: State, event: State, rule: State) -> object: ...


def main() -> None:
    from ministack import app
    from ministack.core import iam_actions, responses, router
    from ministack.services import (
        alb,
        autoscaling,
        cloudwatch,
        codebuild,
        ec2,
        ecs,
        eks,
        eventbridge,
        rds,
        scheduler,
        stepfunctions,
        tagging,
    )

    keep_figures(cloudwatch)
    ring_on_the_bus(cloudwatch, eventbridge)
    evaluate_numbers(stepfunctions)
    fail_callbacks(stepfunctions)
    fire_in_time_zones(scheduler, eventbridge)
    launch_members(autoscaling, ec2)
    find_by_tag(tagging, {"elasticloadbalancing": alb, "eks": eks}, responses)
    find_in_their_region(tagging, responses)
    fall_ill(alb)
    fail_builds(codebuild)
    tell_digests(ecs)
    keep_final_snapshots(rds)
    tell_reads_from_writes(iam_actions)
    say_who_mails_whom(app, iam_actions)
    application_autoscaling.install(app, iam_actions, responses, router)
    app.main()


def keep_figures(cloudwatch: CloudWatch) -> None:
    """MiniStack forgets every figure after two weeks."""
    cloudwatch.TWO_WEEKS_SECONDS = FIGURES_KEPT


def ring_on_the_bus(cloudwatch: CloudWatch, eventbridge: EventBridge) -> None:
    """An alarm that changes its state is an event on the bus of its account; MiniStack emits none. Its form is that of
    the CloudWatch User Guide, "Alarm events and EventBridge".
    """
    record = cloudwatch._record_history

    def recording(name: str, before: str, after: str, reason: str, *more: Any, **named: Any) -> None:
        record(name, before, after, reason, *more, **named)
        alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
        if alarm is not None and before != after:
            entry = {"Source": "aws.cloudwatch", "DetailType": "CloudWatch Alarm State Change"}
            detail = json.dumps(alarm_change(alarm, before, after, reason))
            of = {"Detail": detail, "Resources": [alarm["AlarmArn"]]}
            eventbridge._put_events({"Entries": [entry | of]}, allow_aws_source=True)

    cloudwatch._record_history = recording


def alarm_change(alarm: State, before: str, after: str, reason: str) -> State:
    """The detail of an event that an alarm came from one state to another."""
    dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions", [])}
    metric = {"namespace": alarm.get("Namespace"), "name": alarm.get("MetricName"), "dimensions": dimensions}
    stat = {"metric": metric, "period": alarm.get("Period"), "stat": alarm.get("Statistic")}
    metrics = [{"id": "m1", "metricStat": stat, "returnData": True}] if alarm.get("MetricName") else []
    return {
        "alarmName": alarm["AlarmName"],
        "configuration": {"description": alarm.get("AlarmDescription", ""), "metrics": metrics},
        "previousState": {"value": before},
        "state": {"value": after, "reason": reason},
    }


def evaluate_numbers(stepfunctions: StepFunctions) -> None:
    """A callback's timeout and a distributed Map's concurrency may be JSONata; MiniStack takes them for literals."""

    def evaluating(execute: Execute) -> Execute:
        def run(state: State, given: Any, execution: Any, context: State) -> Any:
            expressions = [name for name in NUMBERS if isinstance(state.get(name), str)]
            evaluate = stepfunctions._jsonata_state_field
            numbers = {name: evaluate(state, name, "number", given, context) for name in expressions}
            return execute({**state, **numbers}, given, execution, context)

        return run

    stepfunctions._execute_task = evaluating(stepfunctions._execute_task)
    stepfunctions._execute_map = evaluating(stepfunctions._execute_map)


def fail_callbacks(stepfunctions: StepFunctions) -> None:
    """A task whose function failed fails; MiniStack goes on waiting for a callback nobody was asked for."""
    call_function, wait_for_callback = stepfunctions._call_lambda, stepfunctions._invoke_with_callback
    asking = threading.local()

    def waiting(resource: str, given: Any, token: str, state: State) -> Any:
        asking.token = token
        try:
            return wait_for_callback(resource, given, token, state)
        finally:
            asking.token = None

    def calling(function: str, event: Any) -> Any:
        try:
            return call_function(function, event)
        except stepfunctions._ExecutionError as error:
            if waits := stepfunctions._task_tokens.get(getattr(asking, "token", None)):
                waits["error"] = {"Error": error.error, "Cause": error.cause}
                waits["event"].set()
            raise

    stepfunctions._call_lambda, stepfunctions._invoke_with_callback = calling, waiting


def say_who_mails_whom(app: MailDoor, iam_actions: MailActions) -> None:
    """A mail is sent as an identity, from an address, to addresses, and IAM may ask for each; MiniStack says none."""
    resource_of, enforce, at_the_door = iam_actions._ses_v2_resource_arn, app._enforce_data_plane, app._enforce_ses_v2
    asked = threading.local()

    def resource(method: str, path: str, body: bytes, region: str, account: str) -> str:
        if path.rstrip("/") != "/v2/email/outbound-emails":
            return resource_of(method, path, body, region, account)
        return f"arn:aws:ses:{region}:{account}:identity/{_mail(body).get('FromEmailAddress', '')}"

    def entering(method: str, path: str, headers: Any, body: bytes, *more: Any) -> Any:
        asked.mail = _mail(body)
        return at_the_door(method, path, headers, body, *more)

    def enforcing(service: str, action: str, *more: Any, **named: Any) -> Any:
        if (service, action) == ("sesv2", "ses:SendEmail"):
            to = [one for some in asked.mail.get("Destination", {}).values() for one in some]
            says = {"ses:fromaddress": asked.mail.get("FromEmailAddress", ""), "ses:recipients": to}
            named["service_context"] = says
        return enforce(service, action, *more, **named)

    iam_actions._ses_v2_resource_arn = resource
    app._enforce_ses_v2, app._enforce_data_plane = entering, enforcing


def _mail(body: bytes) -> State:
    try:
        return dict(json.loads(body))
    except ValueError:
        return {}


def find_by_tag(tagging: Tagging, services: Mapping[str, ModuleType], responses: ModuleType) -> None:
    """Load balancers and what EKS has are found by their tags too, as on AWS; MiniStack's index lacks both."""

    def collecting(service: ModuleType) -> Callable[[], Iterator[tuple[str, list[dict[str, str]]]]]:
        def collect() -> Iterator[tuple[str, list[dict[str, str]]]]:
            for arn, tags in service._tags.items():
                if arn.split(":")[3] == responses.get_region():
                    pairs = tags.items() if isinstance(tags, dict) else ((one["Key"], one["Value"]) for one in tags)
                    yield arn, [{"Key": key, "Value": value} for key, value in pairs]

        return collect

    tagging._COLLECTORS.update({name: collecting(service) for name, service in services.items()})


def find_in_their_region(tagging: Tagging, responses: ModuleType) -> None:
    """Of ECS only what is in the region that is asked, as on AWS; MiniStack's index gives that of every region."""
    collect = tagging._COLLECTORS["ecs"]

    def collected() -> Iterator[tuple[str, Any]]:
        yield from (one for one in collect() if one[0].split(":")[3] == responses.get_region())

    tagging._COLLECTORS["ecs"] = collected


def fall_ill(alb: LoadBalancing) -> None:
    """What is registered at 10.0.255.* does not answer health checks; MiniStack has every target healthy."""
    describe = alb._ACTION_MAP["DescribeTargetHealth"]

    def described(params: Any) -> Any:
        status, headers, body = describe(params)
        return status, headers, ILL_TARGET.sub(UNHEALTHY, body.decode()).encode()

    alb._ACTION_MAP["DescribeTargetHealth"] = described


def fail_builds(codebuild: Builds) -> None:
    """What a build spec ends with `exit 1` fails in its phase BUILD, as CodeBuild says it; MiniStack has every build
    succeed.
    """
    make = codebuild._make_build_record

    def made(project: State, *of_it: Any) -> State:
        build = make(project, *of_it)
        if FAILING_SPEC.search(project.get("source", {}).get("buildspec") or ""):
            build["buildStatus"] = "FAILED"
            (phase,) = (one for one in build["phases"] if one["phaseType"] == "BUILD")
            phase |= {"phaseStatus": "FAILED", "contexts": [FAILED_COMMAND]}
        return build

    codebuild._make_build_record = made


def tell_digests(ecs: Containers) -> None:
    """Tasks tell the digests of their images, made up from what these are called; MiniStack has none without Docker."""
    build = ecs._build_task_containers

    def built(definition: State, overrides: Any) -> list[State]:
        containers = build(definition, overrides)
        for one in containers:
            one["imageDigest"] = digest_of(one["image"])
        return containers

    ecs._build_task_containers = built


def digest_of(image: str) -> str:
    return image.partition("@")[2] or f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"


def keep_final_snapshots(rds: Databases) -> None:
    """A cluster that is deleted leaves its final snapshot; MiniStack makes those of single databases alone."""
    delete = rds._ACTION_MAP["DeleteDBCluster"]

    def deleted(params: Any) -> Any:
        cluster = rds._resolve_cluster_in_request_region(rds._p(params, "DBClusterIdentifier"))
        answer = delete(params)
        wanted = rds._p(params, "FinalDBSnapshotIdentifier")
        if cluster is not None and wanted and answer[0] == 200:
            rds._create_cluster_snapshot_internal(wanted, cluster)
        return answer

    rds._ACTION_MAP["DeleteDBCluster"] = deleted


def tell_reads_from_writes(iam_actions: LambdaActions) -> None:
    """MiniStack asks for the right to set a function's concurrency from whoever reads it."""
    named = iam_actions._lambda_action

    def action(method: str, path: str) -> str | None:
        found = named(method, path)
        return "GetFunctionConcurrency" if (method, found) == ("GET", "PutFunctionConcurrency") else found

    iam_actions._lambda_action = action


def launch_members(autoscaling: AutoScaling, ec2: ModuleType) -> None:
    """The instances of a group are those of EC2, with its tags, and end with it; MiniStack gives them only an id."""
    size = autoscaling._reconcile_instances

    def sized(group: State) -> None:
        before = {one["InstanceId"] for one in group["Instances"]}
        size(group)
        after = {one["InstanceId"] for one in group["Instances"]}
        for id in before - after:
            ec2._terminate_instances({"InstanceId.1": id})
        for one in group["Instances"]:
            if one["InstanceId"] not in before:
                one["InstanceId"] = launched(group)

    def launched(group: State) -> str:
        tags = {tag["Key"]: tag["Value"] for tag in group["Tags"] if tag["PropagateAtLaunch"]}
        tags["aws:autoscaling:groupName"] = group["AutoScalingGroupName"]
        asked = {"ImageId": "ami-0123456789abcdef0", "InstanceType": "t4g.small", "MinCount": "1", "MaxCount": "1"}
        asked["TagSpecification.1.ResourceType"] = "instance"
        for number, (key, value) in enumerate(tags.items(), 1):
            asked |= {f"TagSpecification.1.Tag.{number}.Key": key, f"TagSpecification.1.Tag.{number}.Value": value}
        there = set(ec2._instances.keys())
        ec2._run_instances(asked)
        (made,) = set(ec2._instances.keys()) - there
        return str(made)

    delete = autoscaling._ACTION_MAP["DeleteAutoScalingGroup"]

    def deleted(params: Any) -> Any:
        group = autoscaling._asgs.get(params.get("AutoScalingGroupName", ""))
        ids = [one["InstanceId"] for one in group["Instances"]] if group else []
        answer = delete(params)
        for id in ids if answer[0] == 200 else ():
            ec2._terminate_instances({"InstanceId.1": id})
        return answer

    autoscaling._reconcile_instances = sized
    autoscaling._ACTION_MAP["DeleteAutoScalingGroup"] = deleted


def fire_in_time_zones(scheduler: Scheduler, eventbridge: EventBridge) -> None:
    """A schedule's times are for its time zone's clocks, and what fires is told its time; MiniStack knows UTC only.

    What came due while the server was down is not made up for, but for what fires once: that is handed over late. It is
    gone then, where it says so.
    """
    since, fired = time.time(), dict[Any, float]()

    def due_of(key: Any, schedule: State) -> datetime | None:
        expression, zone = schedule.get("ScheduleExpression", ""), schedule["ScheduleExpressionTimezone"]
        if (once := fires_once(expression, zone)) is not None:
            return None if key in fired else once
        fields = eventbridge._parse_cron_fields(expression)
        last = max(since, schedule["LastModificationDate"], fired.get(key, 0))
        return None if fields is None else next_fire(eventbridge, fields, last, zone)

    def tick() -> None:
        now = time.time()
        before = scheduler.get_account_id(), scheduler.get_region()
        try:
            for key, schedule in list(scheduler._schedules._data.items()):
                due = due_of(key, schedule) if schedule.get("State") == "ENABLED" else None
                if due is not None and due.timestamp() <= now:
                    fired[key] = due.timestamp()
                    if schedule.get("ActionAfterCompletion") == "DELETE":
                        del scheduler._schedules._data[key], fired[key]
                    scheduler.set_request_account_id(key[0])
                    scheduler.set_request_region(key[1])
                    event = {"DetailType": "Scheduled Event", "Source": "aws.scheduler", "Detail": "{}", "Time": now}
                    eventbridge._invoke_target(told(schedule["Target"], due), event, schedule)
        finally:
            scheduler.set_request_account_id(before[0])
            scheduler.set_request_region(before[1])

    scheduler._tick_schedules, scheduler._SCHEDULE_TICK_INTERVAL = tick, TICK_SECONDS


def fires_once(expression: str, zone: str) -> datetime | None:
    """When at(yyyy-mm-ddThh:mm:ss) is on the zone's clocks, first where they show it twice; None for other text."""
    found = re.fullmatch(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)", expression)
    return datetime.fromisoformat(found[1]).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if found else None


def next_fire(eventbridge: EventBridge, fields: Any, after: float, zone: str) -> datetime | None:
    """The next time on the zone's clocks, by MiniStack's own reading of cron; an hour the clock leaves out is not."""
    wall = datetime.fromtimestamp(after, ZoneInfo(zone)).replace(tzinfo=UTC)
    while (shown := eventbridge._cron_next_fire(fields, wall)) is not None:
        due = shown.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        there = due.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC) == shown
        if there and due.timestamp() > after:
            return due
        wall = shown
    return None


def told(target: dict[str, Any], due: datetime) -> dict[str, Any]:
    """The target with Scheduler's context attribute in its input put in."""
    at = f"{due:%Y-%m-%dT%H:%M:%SZ}"
    return {**target, "Input": target.get("Input", "{}").replace("<aws.scheduler.scheduled-time>", at)}


if __name__ == "__main__":
    main()
