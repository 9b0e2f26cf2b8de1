"""Deployments in figures: how often, how well, how long; and what takes longer than it did."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from pydantic import AwareDatetime, Field

from copilot.domain import (
    Frozen,
    Made,
    ServiceName,
)
from copilot.domain.deployments import STAGES, Deployment, doubtful
from copilot.errors import ToolInputError
from copilot.text.durations import spoken
from copilot.text.listing import count, listed
from copilot.text.outside import quoted
from copilot.tools.deployments.period import SERVICE, WEEK, Known, days, hours, known_of, read
from copilot.tools.deployments.series import percentile
from copilot.tools.tool import HOURS, ReadTool

WEEKS_AT_MOST = 26
SERVICES_AT_MOST = 20
ENVIRONMENTS_AT_MOST = 10
UNKNOWN = "environment not told"


class StageFigures(Frozen):
    stage: Made = Field(description="queue, build, push, deploy or health check")
    samples: int = Field(description="how many deployments that succeeded told how long it took")
    p50_seconds: float = Field(description="half of them took no longer than this")
    p95_seconds: float = Field(description="95 of 100 took no longer than this")


class DeploymentFigures(Frozen):
    """Of the deployments of a service, to an environment or in a week."""

    name: Made = Field(description="the service, the environment, or the week's first and last day")
    deployments: int = Field(description="how many were begun")
    succeeded: int = Field(description="how many succeeded")
    failed: int = Field(description="how many failed")
    cancelled: int = Field(description="how many were cancelled; they count neither as success nor as failure")
    unfinished: int = Field(description="how many have not ended, as far as is known")
    success_percent: float | None = Field(description="succeeded of succeeded and failed; none if there are none")
    per_week: float | None = Field(description="deployments begun per week; none where less than one is known")
    p50_seconds: float | None = Field(description="half of those that succeeded took no longer than this")
    p95_seconds: float | None = Field(description="95 of 100 that succeeded took no longer than this")
    stages: tuple[StageFigures, ...] = Field(description="the same by stage")
    summary: Made = Field(description="one line about it, with the numbers")


class ServiceFigures(DeploymentFigures):
    name: ServiceName = Field(description="the service")


class DayOfDeployments(Frozen):
    """Those begun on a day; `unfinished` are all that are none of the others."""

    day: str = Field(description="the date, in UTC; of the first and the last one a part may be counted")
    deployments: int = Field(description="how many were begun")
    succeeded: int = Field(description="how many of them succeeded")
    failed: int = Field(description="how many of them failed")
    cancelled: int = Field(description="how many of them were cancelled")
    unfinished: int = Field(description="how many of them have not ended, as far as is known")


class DeploymentStatisticsInput(Frozen):
    weeks: int = Field(default=5, ge=1, le=WEEKS_AT_MOST, description="back, of seven days")
    since: AwareDatetime | None = Field(default=None, description="in place of weeks")
    until: AwareDatetime | None = Field(default=None, description="else now")
    service: ServiceName | None = Field(default=None, min_length=1, max_length=200, description=SERVICE)


class DeploymentStatisticsOutput(Frozen):
    overall: DeploymentFigures = Field(description="all of them together")
    stages: tuple[Made, ...] = Field(description="a line for each stage, of all services together")
    by_service: tuple[ServiceFigures, ...] = Field(description="by service, most deployed first, at most 20")
    by_environment: tuple[DeploymentFigures, ...] = Field(description="by environment, at most 10")
    by_week: tuple[DeploymentFigures, ...] = Field(description="by week, the latest first; the first may be a part")
    by_day: tuple[DayOfDeployments, ...] = Field(description="by day, the oldest first")
    notes: tuple[Made, ...] = Field(description="what the figures leave out")
    period: Made = Field(default="", description="the period in words")
    title: Made = Field(default="", description="of which deployments they are")
    summary: Made = Field(description="one line about all of it")


class DeploymentStatistics(ReadTool[DeploymentStatisticsInput, DeploymentStatisticsOutput]):
    name = "deployment_statistics"
    summary = "Deployments' success rate, frequency and duration (p50, p95, by stage) by service, environment and week."
    Input = DeploymentStatisticsInput
    Output = DeploymentStatisticsOutput
    lasts = HOURS

    def run(self, input: DeploymentStatisticsInput) -> DeploymentStatisticsOutput:
        since, until = _period(input, self.clients.clock.now())
        service, found, rollbacks, complete = read(self.clients.deployments, since, until, input.service)
        known = known_of(self.clients.deployments, found, since, until, service)
        of = f" of {quoted(service)}" if service else ""
        overall = _figures(f"deployments{of}", found, known)
        if found and not known.whole:
            overall = overall.model_copy(update={"summary": f"{overall.summary}; {known.words}"})
        by_service = _grouped(found, lambda one: quoted(one.service), known)
        by_environment = _grouped(found, lambda one: quoted(one.environment) if one.environment else UNKNOWN, known)
        notes = [
            f"The {SERVICES_AT_MOST} most deployed of {len(by_service)} services are listed."
            for _ in by_service[SERVICES_AT_MOST:][:1]
        ]
        notes += [
            f"The {ENVIRONMENTS_AT_MOST} most deployed to of {len(by_environment)} environments are listed."
            for _ in by_environment[ENVIRONMENTS_AT_MOST:][:1]
        ]
        if rollbacks:
            services = listed(sorted({quoted(one.service) for one in rollbacks}))
            notes.append(
                f"{count(len(rollbacks), 'rollback')} (of {services}) left out: none is a deployment of its own."
            )
        if twice := doubtful([*found, *rollbacks]):
            services = listed(sorted({quoted(one.service) for one in twice}))
            notes.append(
                f"{count(len(twice), 'deployment')} that ECS reported (of {services}) "
                "began while a pipeline of another name ran. No event says whether that pipeline made them; if it did, "
                "they are counted twice."
            )
        notes += [] if complete else ["There are more deployments than can be read at once: the oldest are left out."]
        back = f"{count(input.weeks, 'week').capitalize()} up to now ({days(since, until)}, UTC)"
        period = back if input.since is None and input.until is None else f"{hours(since, until)} UTC"
        return DeploymentStatisticsOutput(
            overall=overall,
            stages=tuple(
                f"{one.stage}: p50 {spoken(one.p50_seconds)}, p95 {spoken(one.p95_seconds)} (of {one.samples})"
                for one in overall.stages
            ),
            by_service=tuple(ServiceFigures(**dict(one)) for one in by_service[:SERVICES_AT_MOST]),
            by_environment=tuple(by_environment[:ENVIRONMENTS_AT_MOST]),
            by_week=tuple(_by_week(found, known)),
            by_day=tuple(_by_day(found, since, until)),
            notes=tuple(notes),
            title=f"Deployment statistics{of}",
            period=period,
            summary=f"{period}, {overall.summary}" if found else f"{period}: no deployments{of} were reported",
        )


def _period(input: DeploymentStatisticsInput, now: datetime) -> tuple[datetime, datetime]:
    """Raises ToolInputError where it ends before it begins, or is too long."""
    until = (input.until or now).astimezone(UTC)
    since = (input.since or until - input.weeks * WEEK).astimezone(UTC)
    if not timedelta() < until - since <= WEEKS_AT_MOST * WEEK:
        raise ToolInputError(
            f"deployments can be looked at over up to {WEEKS_AT_MOST} weeks, not {hours(since, until)}", ours=True
        )
    return since, until


def _grouped(found: Sequence[Deployment], of: Callable[[Deployment], str], known: Known) -> list[DeploymentFigures]:
    groups: dict[str, list[Deployment]] = defaultdict(list)
    for one in found:
        groups[of(one)].append(one)
    figures = [_figures(name, some, known) for name, some in groups.items()]
    return sorted(figures, key=lambda one: (-one.deployments, one.name))


def _by_week(found: Sequence[Deployment], known: Known) -> list[DeploymentFigures]:
    """Without the weeks before there were reports."""
    weeks, until = [], known.until
    while until > known.since:
        asked = max(known.asked, until - WEEK)
        week = Known(asked, max(known.since, asked), until)
        some = [one for one in found if week.since <= one.started_at < until]
        weeks.append(_figures(days(week.since, until), some, week))
        until = week.since
    return weeks


def _by_day(found: Sequence[Deployment], since: datetime, until: datetime) -> list[DayOfDeployments]:
    """Every date of which a part belongs to this time, also those without any."""
    ends: dict[date, Counter[str]] = defaultdict(Counter)
    for one in found:
        ends[one.started_at.date()][one.outcome or "unfinished"] += 1
    last = (until - timedelta.resolution).date()
    days = [since.date() + timedelta(days=number) for number in range((last - since.date()).days + 1)]
    return [
        DayOfDeployments(
            day=day.isoformat(),
            deployments=ends[day].total(),
            succeeded=ends[day]["succeeded"],
            failed=ends[day]["failed"],
            cancelled=ends[day]["cancelled"],
            unfinished=ends[day]["unfinished"],
        )
        for day in days
    ]


def _figures(name: str, some: Sequence[Deployment], known: Known) -> DeploymentFigures:
    """Rates are of the time there are reports of, and never of more than that."""
    ends = [one.outcome for one in some]
    succeeded, failed, cancelled = (ends.count(end) for end in ("succeeded", "failed", "cancelled"))
    took = [one.seconds for one in some if one.outcome == "succeeded" and one.seconds is not None]
    rate = round(100 * succeeded / (succeeded + failed), 1) if succeeded + failed else None
    p50, p95 = (round(percentile(took, percent), 1) if took else None for percent in (50, 95))
    weeks = known.weeks
    often = f" ({len(some) / weeks:.1f} a week)" if weeks >= 1 else ""
    if not often and (known.whole or 7 * weeks >= 1):
        often = f" ({len(some) / (7 * weeks):.1f} a day)"
    words = [f"{name}: {len(some)} begun{often}"]
    words.append(f"{succeeded} succeeded, {failed} failed" + (f" ({rate:.1f}% success)" if rate is not None else ""))
    words += [f"{cancelled} cancelled"] if cancelled else []
    words += [f"{ends.count(None)} not ended"] if None in ends else []
    if p50 is not None and p95 is not None:
        words.append(f"p50 {spoken(p50)}, p95 {spoken(p95)} (of {len(took)})")
    return DeploymentFigures(
        name=name,
        deployments=len(some),
        succeeded=succeeded,
        failed=failed,
        cancelled=cancelled,
        unfinished=ends.count(None),
        success_percent=rate,
        per_week=round(len(some) / weeks, 2) if known.whole or weeks >= 1 else None,
        p50_seconds=p50,
        p95_seconds=p95,
        stages=tuple(_stages(some)),
        summary="; ".join(words) if some else f"{name}: none",
    )


def _stages(some: Sequence[Deployment]) -> list[StageFigures]:
    found = []
    for stage in STAGES:
        took = [one.stages[stage] for one in some if one.outcome == "succeeded" and stage in one.stages]
        if took:
            p50, p95 = (round(percentile(took, percent), 1) for percent in (50, 95))
            found.append(StageFigures(stage=stage, samples=len(took), p50_seconds=p50, p95_seconds=p95))
    return found
