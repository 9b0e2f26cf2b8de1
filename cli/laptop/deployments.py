"""The sample's deployments: a history made from its description, and delivered as pipelines deliver theirs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from itertools import pairwise
from math import exp
from pathlib import Path
from random import Random
from typing import Any, Literal

from pydantic import Field, model_validator

from cli.laptop.builds import failed_build
from cli.laptop.clients import Clients
from cli.laptop.cloud import Cloud, Cluster, Described, Place, Service
from cli.laptop.faults import LaptopError
from cli.laptop.log_lines import PREFIX as STREAMS
from cli.laptop.log_lines import group_of
from cli.laptop_file import LaptopFile
from cli.yaml_file import fitting, load

SOURCE = "sample.pipelines"
PREFIX = "sample-"
OPENS, CLOSES = 6.0, 20.0
ENTRIES_AT_MOST = 10
AT_ONCE = 4
MIXED = 60
"""Events are out of order by up to about this many places."""
SECONDS = 120
SECOND = timedelta(seconds=1)
BUILD = "build"
"""The stage."""

Event = dict[str, Any]
"""A detail of the general form (deployment_events.py)."""


class Pipeline(Described):
    """`stages` in seconds, as a rule; `spread` is how far off they are, as the deviation of a logarithm.

    `versions` are what the last that succeeded brought, the newest last; every other brought some commit. Those say as
    well by which of so many `revisions` of a definition they run.
    """

    service: str
    environment: str
    weekly: int = Field(ge=0)
    reports: Literal["at-end", "as-it-goes"]
    failed: float = 0
    cancelled: float = 0
    spread: float
    versions: tuple[str, ...] = ()
    revisions: int = Field(default=0, ge=0)
    stages: dict[str, float] = Field(min_length=1)


class Times(Described):
    """A stage of a service that takes `times` as long, since or at so many days ago."""

    service: str
    stage: str
    times: float
    days_ago: int


class Broken(Described):
    """The last deployment of a service to an environment, which failed in a stage; what the service logged before that,
    or its build where it failed in that, a line a second.
    """

    service: str
    environment: str
    stage: str
    logs: tuple[str, ...] = ()


class DeploymentSample(Described):
    seed: int = 0
    weeks: int = Field(default=5, ge=1)
    repeated: float = 0
    services: tuple[Pipeline, ...] = ()
    slower: Times | None = None
    odd: tuple[Times, ...] = Field(default=())
    broken: tuple[Broken, ...] = ()
    begun_by: tuple[str, ...] = ()
    reasons: dict[str, str] = {}

    @model_validator(mode="after")
    def _of_services_there_are(self) -> DeploymentSample:
        names = sorted({pipeline.service for pipeline in self.services})
        for one in [*([self.slower] if self.slower else []), *self.odd]:
            if one.service not in names:
                raise ValueError(
                    f"{one.service!r}, which is slower or odd, is no service here; these are: {', '.join(names)}"
                )
        deployed = {(one.service, one.environment, stage) for one in self.services for stage in one.stages}
        for each in self.broken:
            if (each.service, each.environment, each.stage) not in deployed:
                raise ValueError(f"{each.service!r} has no stage {each.stage!r} to {each.environment!r} that broke")
        return self


NO_DEPLOYMENTS = DeploymentSample()


@dataclass(frozen=True)
class Told:
    """One stage of a deployment, or all of it: how it ended, from when to when."""

    stage: str | None
    status: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class MadeDeployment:
    id: str
    pipeline: Pipeline
    status: str
    stages: tuple[Told, ...]
    version: str = ""
    revision: str = ""
    by: str = ""
    build: str = ""
    """The ARN of the build that failed."""

    @property
    def whole(self) -> Told:
        return Told(None, self.status, self.stages[0].start, self.stages[-1].end)


def read_deployments(path: Path) -> DeploymentSample:
    """Raises Refused, naming the line of everything that is wrong."""
    return fitting(load(path), DeploymentSample, "a sample of deployments", "Nothing was done.")


# --- the history ---------------------------------------------------------------------------------


def history(sample: DeploymentSample, today: date) -> list[MadeDeployment]:
    """The weeks up to yesterday, the oldest first. The same for the same day."""
    random = Random(f"{sample.seed} {today}")
    made: list[MadeDeployment] = []
    for pipeline in sample.services:
        for week in range(sample.weeks):
            for _ in range(pipeline.weekly):
                days_ago = random.randint(week * 7 + 1, min(week * 7 + 7, sample.weeks * 7 - 1))
                start = datetime.combine(today - timedelta(days=days_ago), clock_time(tzinfo=UTC))
                start += timedelta(hours=random.uniform(OPENS, CLOSES))
                id = f"{PREFIX}{today:%Y%m%d}-{len(made):04}"
                made.append(_deployment(random, sample, pipeline, id, start, days_ago))
    for odd in sample.odd:
        candidates = [one for one in made if one.pipeline.service == odd.service and one.status == "succeeded"]
        if not candidates:
            continue
        chosen = min(candidates, key=lambda one: abs(_days_ago(one, today) - odd.days_ago))
        made[made.index(chosen)] = _stretched(chosen, odd)
    made.sort(key=lambda one: (one.whole.start, one.id))
    for broken in sample.broken:
        if newest := _newest(made, broken):
            made[made.index(newest)] = _ending(newest, broken.stage)
    random = Random(f"beside {sample.seed} {today}")  # one of its own, so that the rest is what it would be without
    return [_told_beside(random, sample, one, made) for one in made]


def _told_beside(
    random: Random, sample: DeploymentSample, one: MadeDeployment, made: list[MadeDeployment]
) -> MadeDeployment:
    by = random.choice(sample.begun_by) if sample.begun_by else ""
    commit, pipeline = f"{random.getrandbits(28):07x}", one.pipeline
    good = [each for each in made if each.pipeline is pipeline and each.status == "succeeded"]
    last = good[-len(pipeline.versions) :] if pipeline.versions else []
    if one not in last:
        return replace(one, by=by, version=commit)
    newer = len(last) - 1 - last.index(one)
    number = pipeline.revisions - newer
    revision = f"{pipeline.environment}-{pipeline.service}:{number}" if number > 0 else ""
    return replace(one, by=by, version=pipeline.versions[-1 - newer], revision=revision)


def _deployment(
    random: Random, sample: DeploymentSample, pipeline: Pipeline, id: str, start: datetime, days_ago: int
) -> MadeDeployment:
    fate = random.uniform(0, 100)
    ends = "failed" if fate < pipeline.failed else "cancelled"
    last = random.choice(list(pipeline.stages)) if fate < pipeline.failed + pipeline.cancelled else None
    told: list[Told] = []
    for stage, usual in pipeline.stages.items():
        seconds = usual * exp(random.gauss(0, pipeline.spread))
        slower = sample.slower
        if slower and (slower.service, slower.stage) == (pipeline.service, stage) and days_ago <= slower.days_ago:
            seconds *= slower.times
        end = start + timedelta(seconds=round(seconds, 1))
        told.append(Told(stage, ends if stage == last else "succeeded", start, end))
        start = end
        if stage == last:
            break
    return MadeDeployment(id, pipeline, told[-1].status, tuple(told))


def _days_ago(one: MadeDeployment, today: date) -> int:
    return (today - one.whole.start.date()).days


def _stretched(one: MadeDeployment, odd: Times) -> MadeDeployment:
    told, start = [], one.whole.start
    for each in one.stages:
        length = (each.end - each.start) * (odd.times if each.stage == odd.stage else 1)
        told.append(Told(each.stage, each.status, start, start + length))
        start += length
    return MadeDeployment(one.id, one.pipeline, one.status, tuple(told))


def _places(cloud: Cloud, broken: Broken) -> Iterator[tuple[Place, Cluster, Service]]:
    for environment in cloud.environments:
        for place in environment.places if environment.name == broken.environment else ():
            for cluster in place.clusters:
                yield from ((place, cluster, one) for one in cluster.services if one.name == broken.service)


def _newest(made: list[MadeDeployment], broken: Broken) -> MadeDeployment | None:
    to = (broken.service, broken.environment)
    return next((one for one in reversed(made) if (one.pipeline.service, one.pipeline.environment) == to), None)


def _ending(one: MadeDeployment, stage: str) -> MadeDeployment:
    """As far as to this stage, in which it failed."""
    whole = {told.stage: told for told in one.stages}
    start, told = one.whole.start, list[Told]()
    for name, usual in one.pipeline.stages.items():
        length = whole[name].end - whole[name].start if name in whole else timedelta(seconds=usual)
        told.append(Told(name, "failed" if name == stage else "succeeded", start, start + length))
        start += length
        if name == stage:
            break
    return replace(one, status="failed", stages=tuple(told))


def put_last_lines(clients: Clients, cloud: Cloud, sample: DeploymentSample, today: date) -> None:
    """What was logged before the broken deployments ended, in a stream for each: the same however often it is done."""
    made = history(sample, today)
    for broken in sample.broken:
        newest = _newest(made, broken)
        if newest is None or broken.stage == BUILD:
            continue
        for place, cluster, service in _places(cloud, broken):
            logs = clients("logs", place.account, place.region)
            where = {
                "logGroupName": group_of(cluster, service),
                "logStreamName": f"{STREAMS}/{service.name}/{newest.id}",
            }
            first = newest.whole.end - len(broken.logs) * SECOND
            told = [
                {"timestamp": int((first + at * SECOND).timestamp() * 1000), "message": text}
                for at, text in enumerate(broken.logs)
            ]
            with suppress(logs.exceptions.ResourceAlreadyExistsException):
                logs.create_log_stream(**where)
                logs.put_log_events(**where, logEvents=told)


def built(clients: Clients, laptop: LaptopFile, sample: DeploymentSample, made: list[MadeDeployment]) -> None:
    """Gives what broke in its build one of CodeBuild, in the account of the pipelines."""
    for broken in sample.broken:
        newest = _newest(made, broken)
        if newest is not None and broken.stage == BUILD:
            project, ended = f"{broken.service}-build", newest.whole.end
            where = (clients, laptop.account, laptop.region)
            build = failed_build(*where, project, newest.version, broken.logs, ended)
            made[made.index(newest)] = replace(newest, build=build)


# --- as events -----------------------------------------------------------------------------------


def events(sample: DeploymentSample, made: list[MadeDeployment]) -> list[Event]:
    """What the pipelines report, out of order and some of it twice."""
    random = Random(sample.seed)
    reported = [event for one in made for event in _reports(one, sample.reasons)]
    reported += random.sample(reported, round(len(reported) * sample.repeated / 100))
    reported.sort(key=lambda event: str(event["time"]))
    places = sorted(range(len(reported)), key=lambda place: place + random.uniform(0, MIXED))
    return [reported[place] for place in places]


def _reports(one: MadeDeployment, reasons: dict[str, str]) -> Iterator[Event]:
    about = {"service": one.pipeline.service, "environment": one.pipeline.environment, "deployment_id": one.id}
    about |= {name: told for name in ("version", "revision", "by") if (told := getattr(one, name))}
    if one.pipeline.reports == "at-end":
        stages = [{"stage": told.stage} | _ended(told) | _why(told, one, reasons) for told in one.stages]
        yield about | _ended(one.whole) | {"stages": stages}
        return
    for told in (one.whole, *one.stages):
        of = about | ({"stage": told.stage} if told.stage else {})
        yield of | {"status": "started", "time": told.start.isoformat()}
        yield of | {"status": told.status, "time": told.end.isoformat()} | _why(told, one, reasons)


def _ended(told: Told) -> Event:
    return {"status": told.status, "started_at": told.start.isoformat(), "time": told.end.isoformat()}


def _why(told: Told, one: MadeDeployment, reasons: dict[str, str]) -> Event:
    if told.status != "failed":
        return {}
    reason, build = reasons.get(told.stage or ""), one.build if told.stage == BUILD else ""
    return ({"reason": reason} if reason else {}) | ({"build": build} if build else {})


# --- delivered -----------------------------------------------------------------------------------


def deliver(clients: Clients, laptop: LaptopFile, some: list[Event], say: Callable[[str], None]) -> None:
    """Put events on the bus and wait until the copilot has taken them in. Raises LaptopError."""
    bus = clients("events", laptop.account, laptop.region)

    def put(batch: list[Event]) -> int:
        entries = [{"Source": SOURCE, "DetailType": "Deployment", "Detail": json.dumps(event)} for event in batch]
        return int(bus.put_events(Entries=entries)["FailedEntryCount"])

    places = [*range(0, len(some), ENTRIES_AT_MOST), len(some)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        if failed := sum(pool.map(put, [some[first:last] for first, last in pairwise(places)])):
            raise LaptopError(f"The bus refused {failed} of {len(some)} events about deployments")
    _taken_in(clients("sqs", laptop.account, laptop.region), laptop.outputs["DeploymentEvents"], len(some), say)


def _taken_in(sqs: Any, queue: str, number: int, say: Callable[[str], None]) -> None:
    began = told = time.monotonic()
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    while left := sum(map(int, sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"].values())):
        now = time.monotonic()
        if now > began + SECONDS:
            raise LaptopError(f"{left} of {number} events about deployments were not taken in within {SECONDS} s")
        if now > told + 2:
            say(f"  {number - left} of {number} events taken in")
            told = now
        time.sleep(0.1)


def forget(clients: Clients, laptop: LaptopFile, tenant: str, sample: DeploymentSample) -> None:
    """Remove what was delivered of the sample before: it was counted back from another day."""
    table = clients("dynamodb", laptop.account, laptop.region)
    for service in sorted({pipeline.service for pipeline in sample.services}):
        pages = table.get_paginator("query").paginate(
            TableName=laptop.outputs["Table"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"DEPLOYMENT#{tenant}#{service}"}},
            ProjectionExpression="pk, sk",
        )
        for row in (row for page in pages for row in page["Items"] if f"#{PREFIX}" in row["sk"]["S"]):
            table.delete_item(TableName=laptop.outputs["Table"], Key=row)


def keep_current(
    clients: Clients,
    laptop: LaptopFile,
    tenant: str,
    sample: DeploymentSample,
    state: Path,
    today: date,
    say: Callable[[str], None],
) -> None:
    """The sample's deployments, counted back from today: delivered on the first `up` of a day. Raises LaptopError."""
    record = state / "deployments-until"
    if not sample.services or (record.exists() and record.read_text() == today.isoformat()):
        return
    forget(clients, laptop, tenant, sample)
    made = history(sample, today)
    built(clients, laptop, sample, made)
    some = events(sample, made)
    say(f"Reporting {len(made)} deployments of the last {sample.weeks} weeks, in {len(some)} events")
    deliver(clients, laptop, some, say)
    record.write_text(today.isoformat())
