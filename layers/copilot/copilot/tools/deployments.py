"""Deployments in figures: how often, how well, how long; and what takes longer than it did."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from pydantic import AwareDatetime, Field

from copilot.deployments import STAGES, Deployment, distinct, doubtful
from copilot.errors import Ambiguous, ToolInputError
from copilot.model import Frozen, Made
from copilot.outside import quoted
from copilot.ports import Deployments
from copilot.tools.figures import percentile
from copilot.tools.inventory import count, listed
from copilot.tools.names import nearest
from copilot.tools.slowness import (
    LEAST_BEFORE,
    LEAST_NOW,
    LEAST_PERCENT,
    LEAST_SECONDS,
    LEAST_USUAL,
    REST,
    Slowness,
    compare,
)
from copilot.tools.tool import ReadTool

WEEK = timedelta(days=7)
WEEKS_AT_MOST = 26
SERVICES_AT_MOST = 20
ENVIRONMENTS_AT_MOST = 10
RUNNERS_UP_AT_MOST = 3
UNKNOWN = "environment not told"
NO_LACK = timedelta(days=1)
"""So long at the beginning of a period without a report is no lack of history yet."""

SERVICE = "only this service; none given means all"


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


class DayOfDeployments(Frozen):
    """Those begun on a day; `unfinished` are all that are none of the others."""

    day: str = Field(description="the date, in UTC; of the first and the last one a part may be counted")
    deployments: int = Field(description="how many were begun")
    succeeded: int = Field(description="how many of them succeeded")
    failed: int = Field(description="how many of them failed")
    cancelled: int = Field(description="how many of them were cancelled")
    unfinished: int = Field(description="how many of them have not ended, as far as is known")


class DeploymentStatisticsInput(Frozen):
    weeks: int = Field(default=5, ge=1, le=WEEKS_AT_MOST, description="how many weeks back, each of seven days")
    since: AwareDatetime | None = Field(default=None, description="the beginning, in place of so many weeks back")
    until: AwareDatetime | None = Field(default=None, description="the end; none given means now")
    service: str | None = Field(default=None, min_length=1, max_length=200, description=SERVICE)


class DeploymentStatisticsOutput(Frozen):
    overall: DeploymentFigures = Field(description="all of them together")
    stages: tuple[Made, ...] = Field(description="a line for each stage, of all services together")
    by_service: tuple[DeploymentFigures, ...] = Field(description="by service, most deployed first, at most 20")
    by_environment: tuple[DeploymentFigures, ...] = Field(description="by environment, at most 10")
    by_week: tuple[DeploymentFigures, ...] = Field(description="by week, the latest first; the first may be a part")
    by_day: tuple[DayOfDeployments, ...] = Field(description="by day, the oldest first")
    notes: tuple[Made, ...] = Field(description="what the figures leave out")
    summary: Made = Field(description="one line about all of it")


class DeploymentStatistics(ReadTool[DeploymentStatisticsInput, DeploymentStatisticsOutput]):
    name = "deployment_statistics"
    summary = "Deployments' success rate, frequency and duration (p50, p95, by stage) by service, environment and week."
    Input = DeploymentStatisticsInput
    Output = DeploymentStatisticsOutput

    def run(self, input: DeploymentStatisticsInput) -> DeploymentStatisticsOutput:
        since, until = _period(input, self.clients.clock.now())
        service, found, rollbacks, complete = _read(self.clients.deployments, since, until, input.service)
        known = _known(self.clients.deployments, found, since, until, service)
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
        back = f"{count(input.weeks, 'week').capitalize()} up to now ({_days(since, until)}, UTC)"
        period = back if input.since is None and input.until is None else f"{_hours(since, until)} UTC"
        return DeploymentStatisticsOutput(
            overall=overall,
            stages=tuple(
                f"{one.stage}: p50 {spoken(one.p50_seconds)}, p95 {spoken(one.p95_seconds)} (of {one.samples})"
                for one in overall.stages
            ),
            by_service=tuple(by_service[:SERVICES_AT_MOST]),
            by_environment=tuple(by_environment[:ENVIRONMENTS_AT_MOST]),
            by_week=tuple(_by_week(found, known)),
            by_day=tuple(_by_day(found, since, until)),
            notes=tuple(notes),
            summary=f"{period}, {overall.summary}" if found else f"{period}: no deployments{of} were reported",
        )


class SlowStage(Frozen):
    service: str = Field(description="the service")
    stage: Made = Field(description="the stage that takes longer, or: the rest (what belongs to no stage)")
    environments: tuple[str, ...] = Field(description="where this week's deployments went")
    before_seconds: float = Field(description="median of what the slower ones would have taken before")
    now_seconds: float = Field(description="median of this week's, since it set in")
    change_seconds: float = Field(description="how much more that is")
    change_percent: float | None = Field(description="the same in percent; none where it took no time before")
    before_samples: int = Field(description="deployments of the weeks before that it is compared with")
    now_samples: int = Field(description="deployments of this week, since it set in")
    week_seconds: float = Field(description="median of all of this week's")
    week_samples: int = Field(description="all of this week's")
    since: datetime = Field(description="when the first of the slower deployments began")
    longer_seconds: float = Field(description="by how much these deployments typically take longer, begin to end")
    share_percent: float = Field(description="how much of that this stage explains, at most 100")
    summary: Made = Field(description="one line about it, with the numbers")


class DeploymentSlowdownInput(Frozen):
    service: str | None = Field(default=None, min_length=1, max_length=200, description=SERVICE)
    weeks_before: int = Field(default=4, ge=1, le=12, description="with how many weeks before this one it is compared")


class DeploymentSlowdownOutput(Frozen):
    verdict: Made = Field(description="slower, not slower, or too little data")
    cause: SlowStage | None = Field(description="what costs most of the time; none if nothing is slower")
    runners_up: tuple[SlowStage, ...] = Field(description="what else is slower, at most 3")
    compared: int = Field(description="how many services were compared")
    basis: Made = Field(description="what was compared with what, and what counts as slower")
    notes: tuple[Made, ...] = Field(description="what was left out")
    summary: Made = Field(description="the answer in a line or two, with the numbers")


class DeploymentSlowdown(ReadTool[DeploymentSlowdownInput, DeploymentSlowdownOutput]):
    """This week is the last seven days.

    It set in where the series of what a stage took splits best into two parts with a median each, the later one higher.
    The stage is slower where the median of this week's from there on is at least 20% and 5 s higher, and where so many
    of them are above nine tenths of those before that chance would give it once in ten thousand. Needs 5 deployments
    that succeeded this week (since it set in) and 12 before.
    """

    name = "deployment_slowdown"
    summary = "Find what makes deployments slower this week: service, stage, change in numbers, since when."
    Input = DeploymentSlowdownInput
    Output = DeploymentSlowdownOutput

    def run(self, input: DeploymentSlowdownInput) -> DeploymentSlowdownOutput:
        now = self.clients.clock.now()
        turn = now - WEEK
        since = turn - input.weeks_before * WEEK
        service, found, _, complete = _read(self.clients.deployments, since, now, input.service)
        comparison = compare(found, turn)
        slow = [_slow_stage(one) for one in comparison.slower]
        verdict = "slower" if slow else "not slower" if comparison.compared else "too little data"
        this_week = sum(one.started_at >= turn for one in found)
        basis = (
            f"Compared: {count(this_week, 'deployment')} of this week ({_days(turn, now)}) with "
            f"{len(found) - this_week} of the {count(input.weeks_before, 'week')} before ({_days(since, turn)}), UTC; "
            f"of these, the ones that succeeded, where the same environment had {LEAST_USUAL} before. "
            f"Slower means that the median of a stage rose by at least {LEAST_PERCENT}% and {LEAST_SECONDS} s, "
            f"and not by chance (1 in 10,000)."
        )
        known = _known(self.clients.deployments, found, since, now, service)
        notes = [] if known.whole or not found else [f"{known.words[:1].upper()}{known.words[1:]}."]
        if comparison.compared and comparison.too_few:
            notes.append(
                f"Not compared, with fewer than {LEAST_NOW} that succeeded this week or {LEAST_BEFORE} before: "
                f"{listed(list(map(quoted, comparison.too_few)))}."
            )
        notes += [] if complete else ["There are more deployments than can be read at once: the oldest are left out."]
        return DeploymentSlowdownOutput(
            verdict=verdict,
            cause=slow[0] if slow else None,
            runners_up=tuple(slow[1 : 1 + RUNNERS_UP_AT_MOST]),
            compared=len(comparison.compared),
            basis=basis,
            notes=tuple(notes),
            summary=_answer(verdict, slow, service, comparison.compared, this_week),
        )


def _answer(verdict: str, slow: Sequence[SlowStage], service: str | None, compared: Sequence[str], now: int) -> str:
    of = f" of {quoted(service)}" if service else ""
    if verdict == "too little data":
        return (
            f"There is too little data to say whether deployments{of} are slower: {count(now, 'deployment')} this "
            f"week. Of one service at least {LEAST_NOW} have to succeed this week, and {LEAST_BEFORE} before."
        )
    if verdict == "not slower":
        where = "" if service else f" ({count(len(compared), 'service')} compared)"
        return f"No stage of deployments{of} is slower this week than in the weeks before{where}."
    cause = slow[0]
    what = f"{quoted(cause.service)} {f'lose time in {cause.stage}' if cause.stage != REST else 'take longer'}"
    others = f" {count(len(slow) - 1, 'other stage')} slower as well." if slow[1:] else " Nothing else is slower."
    return (
        f"Deployments of {what}: {_change(cause)}. That is {cause.share_percent:.0f}% of the "
        f"{spoken(cause.longer_seconds)} by which these deployments take longer from begin to end.{others}"
    )


def _slow_stage(one: Slowness) -> SlowStage:
    stage = SlowStage(
        service=one.service,
        stage=one.stage,
        environments=one.environments,
        before_seconds=round(one.before, 1),
        now_seconds=round(one.now, 1),
        change_seconds=round(one.change, 1),
        change_percent=round(100 * one.change / one.before, 1) if one.before else None,
        before_samples=one.before_samples,
        now_samples=one.now_samples,
        week_seconds=round(one.week, 1),
        week_samples=one.week_samples,
        since=one.since,
        longer_seconds=round(max(one.longer, one.change), 1),
        share_percent=round(100 * one.share, 1),
        summary="",
    )
    where = f" to {listed(list(map(quoted, one.environments)))}" if one.environments else ""
    line = f"{quoted(one.service)}, {one.stage}{where}: {_change(stage)}"
    return stage.model_copy(update={"summary": line})


def _change(one: SlowStage) -> str:
    percent = f", {one.change_percent:+.0f}%" if one.change_percent is not None else ""
    return (
        f"{spoken(one.now_seconds)} since {_day(one.since)} (median of {one.now_samples} this week) against "
        f"{spoken(one.before_seconds)} in the weeks before (median of {one.before_samples}), "
        f"{spoken(one.change_seconds)} more{percent}; this week as a whole {spoken(one.week_seconds)} (median of "
        f"{one.week_samples})"
    )


def _period(input: DeploymentStatisticsInput, now: datetime) -> tuple[datetime, datetime]:
    """Raises ToolInputError where it ends before it begins, or is too long."""
    until = (input.until or now).astimezone(UTC)
    since = (input.since or until - input.weeks * WEEK).astimezone(UTC)
    if not timedelta() < until - since <= WEEKS_AT_MOST * WEEK:
        raise ToolInputError(
            f"deployments can be looked at over up to {WEEKS_AT_MOST} weeks, not {_hours(since, until)}", ours=True
        )
    return since, until


def _read(
    deployments: Deployments, since: datetime, until: datetime, said: str | None
) -> tuple[str | None, list[Deployment], list[Deployment], bool]:
    """The service that is meant, its deployments or all, its rollbacks, and whether these are all there are.

    Raises ToolInputError.
    """
    service = _service(said, deployments.services(since)) if said else None
    history = deployments.between(since, until, service)
    rollbacks = [one for one in history.deployments if one.is_rollback]
    return service, distinct(history.deployments), rollbacks, history.complete


class _Known(NamedTuple):
    """Of which part of the time asked for there are reports: from `since` on. `whole` says that it is all of it."""

    asked: datetime
    since: datetime
    until: datetime

    @property
    def whole(self) -> bool:
        return self.since == self.asked

    @property
    def weeks(self) -> float:
        return (self.until - self.since) / WEEK

    @property
    def words(self) -> str:
        days, asked = (-(-(self.until - first) // timedelta(days=1)) for first in (self.since, self.asked))
        return f"there are reports since {self.since:%Y-%m-%d} only, {days} of the {asked} days asked for"


def _known(
    deployments: Deployments, found: Sequence[Deployment], since: datetime, until: datetime, service: str | None
) -> _Known:
    first = min((one.started_at for one in found), default=since)
    if first - since >= NO_LACK:
        first = deployments.first(service) or since
    return _Known(since, first if first - since >= NO_LACK else since, until)


def _service(said: str, known: Sequence[str]) -> str:
    readings: list[Callable[[str], str]] = [str, str.casefold, lambda name: re.sub(r"[\W_]+", "", name.casefold())]
    for reading in readings:
        found = [name for name in known if reading(name) == reading(said) != ""]
        if len(found) == 1:
            return found[0]
        if found:
            names = listed(list(map(quoted, found)))
            raise Ambiguous(f"{said!r} may be any of {names}; which one is meant?", found, ours=True)
    near = nearest(said, known)
    names = listed(list(map(quoted, near or known)))
    hint = f"; {'nearest:' if near else 'there are'} {names}" if names else ""
    raise ToolInputError(f"no deployment of a service {said!r} was reported in that time{hint}", near, ours=True)


def _grouped(found: Sequence[Deployment], of: Callable[[Deployment], str], known: _Known) -> list[DeploymentFigures]:
    groups: dict[str, list[Deployment]] = defaultdict(list)
    for one in found:
        groups[of(one)].append(one)
    figures = [_figures(name, some, known) for name, some in groups.items()]
    return sorted(figures, key=lambda one: (-one.deployments, one.name))


def _by_week(found: Sequence[Deployment], known: _Known) -> list[DeploymentFigures]:
    """Without the weeks before there were reports."""
    weeks, until = [], known.until
    while until > known.since:
        asked = max(known.asked, until - WEEK)
        week = _Known(asked, max(known.since, asked), until)
        some = [one for one in found if week.since <= one.started_at < until]
        weeks.append(_figures(_days(week.since, until), some, week))
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


def _figures(name: str, some: Sequence[Deployment], known: _Known) -> DeploymentFigures:
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


def spoken(seconds: float) -> str:
    """`8.5 s`, `45 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    return f"{whole // 3600} h" + (f" {whole % 3600 // 60} min" if whole % 3600 // 60 else "")


def _day(at: datetime) -> str:
    return f"{at:%A} {at.day} {at:%B}"


def _days(since: datetime, until: datetime) -> str:
    return f"{since:%Y-%m-%d} to {until:%Y-%m-%d}"


def _hours(since: datetime, until: datetime) -> str:
    return f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}"
