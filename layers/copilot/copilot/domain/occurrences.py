"""What of the events that reactions answer to is known: which kind each is, what is the same cause, what it is about.

The same cause is told by fact alone: reaction, kind, account, region, and what of the event says which alarm, service
or pipeline it is about. How anything is worded is no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from pydantic import JsonValue

from copilot.domain.event_patterns import Pattern, matches
from copilot.domain.events import NOTIFICATION, Event
from copilot.domain.frozen import Frozen, digest

EventKind = Literal[
    "alarm",
    "failed_deployment",
    "stopped_task",
    "failed_pipeline",
    "health_event",
    "budget",
    "finding",
    "scheduled_rule",
    "custom",
]
CUSTOM, SCHEDULED = "Copilot reaction", "Scheduled Event"
_THINGS = {
    ("ecs", "service"): "ecs-service",
    ("ec2", "instance"): "ec2-instance",
    ("autoscaling", "autoScalingGroup"): "auto-scaling-group",
    ("rds", "db"): "rds-instance",
    ("rds", "cluster"): "rds-cluster",
}
"""What the inventory has, by the service and the type that its ARN begins with."""
LONGEST_TITLE = 120


class _Sort(NamedTuple):
    """Events of AWS of this source and type, where these places have one of these values; `cause` is what of one says
    what it is about, `called` what that is called, where the first of these is no name.
    """

    source: str
    type: str
    where: Mapping[str, tuple[str, ...]]
    cause: tuple[str, ...]
    called: str = ""


_SORTS: Mapping[EventKind, tuple[_Sort, ...]] = {
    "alarm": (
        _Sort(
            "aws.cloudwatch", "CloudWatch Alarm State Change", {"detail.state.value": ("ALARM",)}, ("detail.alarmName",)
        ),
    ),
    "failed_deployment": (
        _Sort(
            "aws.ecs",
            "ECS Deployment State Change",
            {"detail.eventName": ("SERVICE_DEPLOYMENT_FAILED",)},
            ("resources[0]",),
        ),
        _Sort(
            "aws.codedeploy",
            "CodeDeploy Deployment State-change Notification",
            {"detail.state": ("FAILURE",)},
            ("detail.application", "detail.deploymentGroup"),
        ),
    ),
    # That one is stopped by a person, a deployment or scaling is no news.
    "stopped_task": (
        _Sort(
            "aws.ecs",
            "ECS Task State Change",
            {
                "detail.lastStatus": ("STOPPED",),
                "detail.stopCode": ("EssentialContainerExited", "TaskFailedToStart"),
            },
            ("detail.group", "detail.clusterArn"),
        ),
    ),
    "failed_pipeline": (
        _Sort(
            "aws.codepipeline",
            "CodePipeline Pipeline Execution State Change",
            {"detail.state": ("FAILED",)},
            ("detail.pipeline",),
        ),
        _Sort(
            "aws.codebuild",
            "CodeBuild Build State Change",
            {"detail.build-status": ("FAILED", "FAULT", "TIMED_OUT")},
            ("detail.project-name",),
        ),
    ),
    "health_event": (
        _Sort(
            "aws.health",
            "AWS Health Event",
            {"detail.eventTypeCategory": ("issue", "scheduledChange", "investigation")},
            ("detail.eventArn",),
            "detail.eventTypeCode",
        ),
    ),
    "budget": (_Sort("aws.ce", "Anomaly Detected", {}, ("detail.monitorName", "detail.dimensionalValue")),),
    "finding": (
        _Sort("aws.guardduty", "GuardDuty Finding", {}, ("detail.id",), "detail.type"),
        _Sort(
            "aws.inspector2",
            "Inspector2 Finding",
            {"detail.status": ("ACTIVE",)},
            ("detail.findingArn",),
            "detail.title",
        ),
        _Sort(
            "aws.securityhub",
            "Security Hub Findings - Imported",
            {},
            ("detail.findings[0].Id",),
            "detail.findings[0].Title",
        ),
        _Sort("aws.access-analyzer", "Access Analyzer Finding", {"detail.status": ("ACTIVE",)}, ("detail.resource",)),
    ),
}
"""As the services' own guides have their events (seen November 2026). The template's rule lets these in."""
HOSTED = ("copilot.github", "copilot.gitlab")
"""The sources of what this copilot makes of the web hooks of code hosts (triggers/taking_hooks.py). As of all that
comes by the queue of the user's own rules nothing in it is known to be so.
"""
FAILED_PIPELINE, FAILED_DEPLOYMENT = "Pipeline failed", "Deployment failed"
_BY_HOSTS: Mapping[EventKind, str] = {"failed_pipeline": FAILED_PIPELINE, "failed_deployment": FAILED_DEPLOYMENT}
BUDGET_SUBJECT = "AWS Budgets:"
"""What the subject of a budget's notification begins with, which comes by a topic and not by EventBridge."""


def _sort_of(event: Event, kind: EventKind) -> _Sort | None:
    same = [one for one in _SORTS.get(kind, ()) if (one.source, one.type) == (event.source, event.type)]
    if is_of_host(event) and event.type == _BY_HOSTS.get(kind):
        return _Sort(event.source, event.type, {}, ("detail.service", "detail.environment", "detail.repository"))
    if not event.from_aws:
        return None
    return next((one for one in same if all(event.value_at(at) in those for at, those in one.where.items())), None)


def is_of_host(event: Event) -> bool:
    return not event.ours and event.source in HOSTED


def is_of_kind(event: Event, kind: EventKind, *, reaction: str, rule: str = "") -> bool:
    """`rule` is the name of the user's own scheduled rule, `reaction` that of the reaction a custom event names."""
    match kind:
        case "custom":
            return event.type == CUSTOM and not event.from_aws and event.value_at("detail.reaction") == reaction
        case "scheduled_rule":
            named = any(arn.rpartition(":rule/")[2].rpartition("/")[2] == rule for arn in event.resources)
            return event.type == SCHEDULED and event.source == "aws.events" and named
        case "budget" if event.type == NOTIFICATION:
            return str(event.value_at("detail.subject") or "").startswith(BUDGET_SUBJECT)
    return _sort_of(event, kind) is not None


def kind_of(event: Event) -> EventKind:
    """What of the kinds there are it is, whatever reacts to it."""
    return next((kind for kind in _SORTS if _sort_of(event, kind)), "custom")


def fits(pattern: Pattern | None, event: Event) -> bool:
    return pattern is None or matches(pattern, event.as_pattern_sees_it)


class Occurrence(Frozen):
    """An event to which a reaction answers. `cause` is the same for all of the same cause; `title` is what others call
    what it is about, to be quoted.
    """

    event: str
    cause: str
    kind: EventKind
    title: str
    account: str
    region: str
    at: datetime


def occurrence_of(event: Event, reaction: str, kind: EventKind) -> Occurrence:
    sort = _sort_of(event, kind)
    facts: list[JsonValue] = [event.value_at(path) for path in sort.cause] if sort else []
    facts = [fact for fact in facts if fact not in {None, ""}] if all(map(_is_plain, facts)) else []
    if kind == "scheduled_rule":  # each time is one of its own
        facts = [event.resources[0], event.at.isoformat()]
    about = facts or list[JsonValue](event.resources) or [event.source, event.type]
    called = event.value_at(sort.called) if sort and sort.called else None
    title = event.resources[0] if kind == "scheduled_rule" else str(called or about[0])
    return Occurrence(
        event=digest(event.id)[:8],
        cause=digest([reaction, kind, event.account, event.region, about])[:16],
        kind=kind,
        title=title.rpartition("/")[2][:LONGEST_TITLE] if title.startswith("arn:") else title[:LONGEST_TITLE],
        account=event.account,
        region=event.region,
        at=event.at,
    )


def _is_plain(value: JsonValue) -> bool:
    return value is None or isinstance(value, str | int | float)


def names_in(event: Event) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The names of what it is about: those of what AWS itself says, with its type, and those that others chose. An
    alarm, a pipeline or a finding is none of what runs, whatever it is called.
    """
    there = [(_thing_in(arn), _name_in(arn)) for arn in event.resources] if event.from_aws else []
    known = [(type, name) for type, name in there if type]
    others = [name for type, name in there if not type]
    group = event.value_at("detail.group")
    if isinstance(group, str):
        others.append(group.removeprefix("service:"))
    metrics = event.value_at("detail.configuration.metrics")
    for metric in metrics if isinstance(metrics, list) else []:
        stat = metric.get("metricStat") if isinstance(metric, dict) else None
        of = stat.get("metric") if isinstance(stat, dict) else None
        dimensions = of.get("dimensions") if isinstance(of, dict) else None
        if isinstance(dimensions, dict):
            others += [value for value in dimensions.values() if isinstance(value, str)]
    return tuple(dict.fromkeys(known)), tuple(dict.fromkeys(others))


def _thing_in(arn: str) -> str:
    """The type of what runs that this is; "" of all else."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return ""
    return _THINGS.get((parts[2], re.split("[:/]", parts[5])[0]), "")


def _name_in(arn: str) -> str:
    """`arn:aws:ecs:eu-west-1:1:service/live/checkout` is of checkout, `arn:aws:rds:…:db:orders` of orders."""
    return arn.split(":", 5)[-1].rpartition("/")[2].rpartition(":")[2]
