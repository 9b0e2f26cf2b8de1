"""Reactions: events that start a request or a runbook. What kinds of events there are, what is the same cause, and what
is kept of each reaction: which causes are open, what was begun, counted and held.

The same cause is told by fact alone: reaction, kind, account, region, and what of the event says which alarm, service
or pipeline it is about. How anything is worded is no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, JsonValue, StringConstraints

from copilot.domain.event_patterns import Pattern, matches
from copilot.domain.events import NOTIFICATION, Event
from copilot.domain.frozen import Frozen, digest
from copilot.domain.runbooks import MOST_NAME, NAME

ReactionName = Annotated[str, StringConstraints(pattern=NAME, max_length=MOST_NAME)]
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
HOUR = timedelta(hours=1)
LEFT, GIVEN_UP = timedelta(minutes=3), timedelta(minutes=30)
"""So long whoever counted a cause has to begin it, before its event comes again; and so long that goes on."""
FEW, CROWD = 3, timedelta(minutes=15)
"""So many causes of one reaction that come within that time are runs of their own; where more come, one run stands for
all of them. For how long the same cause is one run says nothing of others.
"""
MOST_OPEN, MOST_COUNTED, MOST_NAMED, MOST_PLACES, MOST_RECENT = 40, 1000, 10, 20, 1000
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


class Open(Frozen):
    """A cause within its window: a run stands for it, or what was said in place of one. `first` is the event it began
    with, `begun` whether what that is to start was started. `run_id` is "" where none was.
    """

    cause: str
    first: str
    kind: EventKind
    title: str
    account: str
    region: str
    since: datetime
    until: datetime
    count: int = 1
    begun: bool = False
    over: bool = False
    run_id: str = ""
    said: str = ""

    def key(self, reaction: str) -> str:
        """The dedupe key of what it begins, and of what is told in place of that."""
        return f"reaction/{reaction}/{self.cause}/{self.first}"

    def is_left(self, now: datetime, within: timedelta) -> bool:
        """Whether it was counted, and is still to be begun."""
        return not self.begun and not self.over and now - self.since < within


class Gathered(Frozen):
    """Causes that came in a crowd, shortly after each other: the run of `first` stands for all of them."""

    first: str
    since: datetime
    until: datetime
    events: int = 0
    causes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    places: dict[str, int] = {}

    def with_more(self, some: Iterable[Occurrence]) -> Gathered:
        causes, places, events = list(self.causes), dict(self.places), self.events
        names = dict.fromkeys(self.names)
        for one in some:
            names |= {} if len(names) >= MOST_NAMED else {one.title: None}
            events += 1
            short = one.cause[:8]
            if short not in causes and len(causes) < MOST_COUNTED:
                causes.append(short)
            place = f"{one.account}/{one.region}"
            place = place if place in places or len(places) < MOST_PLACES else "elsewhere"
            places[place] = places.get(place, 0) + 1
        counted = {"events": events, "causes": tuple(causes), "names": tuple(names), "places": places}
        return self.model_copy(update=counted)


class Held(Frozen):
    """What came in quiet hours or while something was maintained, and is told when that ends."""

    since: datetime
    kind: EventKind
    events: int = 0
    names: tuple[str, ...] = ()
    why: str = ""


class Begin(NamedTuple):
    """What is to be begun: the cause, and how many more there are of it, or with it, by now."""

    open: Open
    gathered: Gathered | None = None


class Reacted(Frozen):
    """What is kept of one reaction. `hour` is when the hour began in which `runs` were begun; `over` counts events that
    came beyond the most of an hour and were not told yet, `recent` are the last events, by which one that is delivered
    twice is known.
    """

    name: ReactionName
    revision: int = 0
    open: tuple[Open, ...] = ()
    gathered: Gathered | None = None
    passed: Gathered | None = Field(default=None, description="a crowd whose window is over, to be told of")
    hour: datetime | None = None
    runs: int = 0
    over: int = 0
    over_since: datetime | None = None
    held: Held | None = None
    recent: tuple[str, ...] = ()
    events: int = 0
    last_at: datetime | None = None
    last: tuple[Open, ...] = Field(default=(), description="what was begun last, the newest first")

    def took(
        self, some: Sequence[Occurrence], window: timedelta, most: int, now: datetime
    ) -> tuple[Reacted, list[Begin]]:
        """With these counted, and what is to be begun of them. What was to be begun before, and was not since whoever
        counted it came no further, is so again where its event comes again.
        """
        known = {*self.recent, *(one.first for one in self.open)}
        new = [one for one in _once(some) if one.event not in known]
        again, causes = {one.event for one in some} & known, {one.cause for one in some}
        opened = {one.cause: one for one in self.open if one.until > now or one.is_left(now, GIVEN_UP)}
        gathered = self.gathered if self.gathered is not None and self.gathered.until > now else None
        fresh: dict[str, list[Occurrence]] = {}
        crowd: list[Occurrence] = []
        for one in new:
            if (found := opened.get(one.cause)) is not None:
                opened[one.cause] = found.model_copy(update={"count": found.count + 1})
            elif gathered is not None:
                crowd.append(one)
            else:
                fresh.setdefault(one.cause, []).append(one)
        hour, runs = (self.hour, self.runs) if self.hour and now - self.hour < HOUR else (now, 0)
        lately = sum(now - one.since < CROWD for one in opened.values())
        many = bool(fresh) and len(fresh) + lately > FEW
        to_open = list(fresh.values())[: 1 if many else FEW]
        over = 0
        for same in to_open:
            too_many = runs >= most
            # What is beyond the most of this hour is not kept from the next.
            until = min(now + window, hour + HOUR) if too_many else now + window
            opened[same[0].cause] = _opened(same, until, now, over=too_many)
            over += len(same) if too_many else 0
            runs += not too_many
        if many:
            rest = [one for same in list(fresh.values())[1:] for one in same]
            first = opened[to_open[0][0].cause]
            gathered = Gathered(first=first.cause, since=now, until=min(first.until, now + CROWD)).with_more(rest)
        elif gathered is not None:
            gathered = gathered.with_more(crowd)
            whole = opened.get(gathered.first)
            over += len(crowd) if whole is not None and whole.over else 0
        kept = tuple(opened.values())[-MOST_OPEN:]
        to_begin = [
            one
            for one in kept
            if not one.begun
            and not one.over
            and (one.first in again or one.cause in fresh or (one.cause in causes and now - one.since >= LEFT))
        ]
        state = self.model_copy(
            update={
                "open": kept,
                "gathered": gathered,
                "passed": self.crowd_over(now) or self.passed,
                "hour": hour,
                "runs": runs,
                "over": self.over + over,
                "over_since": (self.over_since or now) if self.over + over else None,
                "recent": (*self.recent, *(one.event for one in new))[-MOST_RECENT:],
                "events": self.events + len(new),
                "last_at": now if new else self.last_at,
                "revision": self.revision + 1,
            }
        )
        return state, [Begin(one, gathered if gathered and gathered.first == one.cause else None) for one in to_begin]

    def crowd_over(self, now: datetime) -> Gathered | None:
        """The crowd, once its window is over; None where none came with the first."""
        one = self.gathered
        return one if one is not None and one.until <= now and one.events else None

    def holding(self, some: Sequence[Occurrence], why: str, now: datetime) -> Reacted:
        """With these held back, for that reason."""
        new = [one for one in _once(some) if one.event not in self.recent]
        held = self.held or Held(since=now, kind=some[0].kind, why=why)
        names = dict.fromkeys((*held.names, *(one.title for one in new)))
        held = held.model_copy(
            update={"events": held.events + len(new), "names": tuple(names)[:MOST_NAMED], "why": why}
        )
        more = {"recent": (*self.recent, *(one.event for one in new))[-MOST_RECENT:], "events": self.events + len(new)}
        at = {"last_at": now if new else self.last_at, "revision": self.revision + 1}
        return self.model_copy(update={"held": held if held.events else None, **more, **at})

    def was_begun(self, cause: str, run_id: str, said: str = "") -> Reacted:
        """With what became of a cause: its run, or what was said in place of one."""
        done = {"begun": True, "run_id": run_id, "said": said}
        found = [one.model_copy(update=done) if one.cause == cause else one for one in self.open]
        now = [one for one in found if one.cause == cause]
        last = (*now, *(one for one in self.last if (one.cause, one.since) not in {(o.cause, o.since) for o in now}))
        return self.model_copy(update={"open": tuple(found), "last": last[:MOST_NAMED], "revision": self.revision + 1})

    def without_crowd(self, some: Iterable[Occurrence]) -> Reacted:
        """As if these of the crowd had not come: what was to stand for it came to no run."""
        opened = {one.cause for one in self.open}
        gone = {one.event for one in some if one.cause not in opened} & {*self.recent}
        recent = tuple(one for one in self.recent if one not in gone)
        counted = {"recent": recent, "events": self.events - len(gone), "revision": self.revision + 1}
        return self.model_copy(update={"gathered": None, **counted})

    def told_of(self, *, held: bool = False, over: bool = False, crowd: Gathered | None = None) -> Reacted:
        """Without what was told."""
        gone: dict[str, object] = {"held": None} if held else {}
        gone |= {"over": 0, "over_since": None} if over else {}
        gone |= {"passed": None} if crowd is not None and self.passed == crowd else {}
        gone |= {"gathered": None} if crowd is not None and self.gathered == crowd else {}
        return self.model_copy(update={**gone, "revision": self.revision + 1})

    def of_key(self, key: str) -> Begin | None:
        """The cause for which the run of this key stands, and the crowd, as far as they are still known; whether that
        it was begun is noted yet or not.
        """
        one = next((one for one in (*self.open, *self.last) if one.key(self.name) == key), None)
        if one is None:
            return None
        crowd = self.gathered if self.gathered and self.gathered.first == one.cause else None
        return Begin(one, crowd if crowd and crowd.since == one.since else None)


class KnownReaction(Frozen):
    """A reaction as it is configured, in words, with what is kept of it. `does` is a request, or the name of the
    runbook that it `runs`.
    """

    name: ReactionName
    answers: str
    does: str
    runs: bool
    person: str
    tells: str
    kept: Reacted
    account_names: dict[str, str]


def _once(some: Sequence[Occurrence]) -> list[Occurrence]:
    return list({one.event: one for one in some}.values())


def _opened(same: Sequence[Occurrence], until: datetime, now: datetime, *, over: bool) -> Open:
    one = same[0]
    return Open(
        cause=one.cause,
        first=one.event,
        kind=one.kind,
        title=one.title,
        account=one.account,
        region=one.region,
        since=now,
        until=until,
        count=len(same),
        over=over,
    )
