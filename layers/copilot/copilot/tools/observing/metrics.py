"""A figure of what runs, over a time: CPU, requests, latency, connections, what waits, or a metric by its own name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from pydantic import AwareDatetime, Field

from copilot.domain import (
    OUR_OWN,
    EnvironmentId,
    Fixture,
    Fixtures,
    Frozen,
    Made,
    Measured,
    Measurements,
    MetricTimes,
    MetricWord,
    Point,
    RawMetric,
    Resource,
    ServiceName,
    Statistic,
    Unreachable,
)
from copilot.errors import ToolInputError
from copilot.ports import Platform
from copilot.text.durations import spoken
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.tools.by_hand import FOR_COMMANDS, ByHand
from copilot.tools.environments.measured import COMMAND, MetricInPlace, metric_by_hand, metric_in_place
from copilot.tools.environments.names import called_so
from copilot.tools.environments.resources import fitting
from copilot.tools.observing.lines import size_words
from copilot.tools.observing.naming import scope_of_name
from copilot.tools.observing.scope import HOUR, Scope, Times, not_looked_at, scope_of, times_of
from copilot.tools.tool import ReadTool

MOST_POINTS = 200
MOST_SERIES = 10
PERIODS = (60, 300, 900, 3600, 4 * 3600, 24 * 3600)
KEPT_FOR = ((300, timedelta(days=15)), (3600, timedelta(days=63)))
"""How long a monitor keeps values of shorter periods than these (CloudWatch User Guide, "Metrics retention")."""
ALIKE = 0.8
"""With a smaller part of the values of the time before, it is said that these were fewer."""
SAID: dict[MetricWord, str] = {
    "cpu": "CPU",
    "memory": "memory in use",
    "free_memory": "free memory",
    "free_storage": "free storage",
    "connections": "connections",
    "requests": "requests",
    "errors": "answers of 5xx",
    "error_rate": "share of answers of 5xx",
    "latency": "latency",
    "queue_depth": "messages waiting",
    "queue_age": "age of the oldest message",
    "throttles": "throttles",
    "hit_rate": "hit rate",
    "replica_lag": "replica lag",
}
OF_FUNCTIONS: dict[MetricWord, str] = {
    "requests": "invocations",
    "errors": "failed invocations",
    "error_rate": "share of failed invocations",
    "latency": "duration",
}
"""What the same is called of functions."""
FUNCTION = "Lambda function"
WITHIN: frozenset[MetricWord] = frozenset({"queue_depth", "queue_age"})
"""What is in a thing rather than of it."""
REGULAR = 0.8
"""Where so much of the values are as far apart as most, that is how often a monitor has one."""
LATE = 0.1
"""Of the time asked for: where the first value comes later than that, it is said."""
SPARSE: frozenset[MetricWord] = frozenset({"errors", "throttles"})
"""Nothing is written of a time in which there was none of these."""


class MetricValuesInput(Frozen):
    metric: MetricWord | None = Field(default=None, description="or `raw`")
    environment_id: EnvironmentId | None = Field(default=None, max_length=256, description="an environment's id")
    service: ServiceName | None = Field(default=None, max_length=200, description="only of this service")
    types: tuple[str, ...] = Field(default=(), max_length=5, description="only these: service, database, queue")
    name: str | None = Field(default=None, max_length=200, description="only of what has that in its name")
    statistic: Statistic | None = Field(default=None, description="else the usual one")
    since: AwareDatetime | None = Field(default=None, description="else an hour ago")
    until: AwareDatetime | None = Field(default=None, description="else now")
    raw: RawMetric | None = Field(default=None, description="by CloudWatch's names")
    time_zone: str = Field(default="UTC", max_length=64, description="an IANA name")
    whole: bool = Field(default=False, description="one value over the whole time", json_schema_extra=OUR_OWN)


class Series(Frozen):
    """As a chart takes it."""

    label: str = Field(description="what it is of")
    unit: str = Field(description="Percent, Count, Seconds, Bytes; empty where it is not known")
    points: tuple[Point, ...] = Field(description="a value for each period that has one, oldest first")


class Figures(Frozen):
    """Of one series: of a sum the figures are those of its periods."""

    label: str = Field(description="what it is of")
    minimum: float = Field(description="the least")
    average: float = Field(description="the average of the periods, each counted the same")
    maximum: float = Field(description="the most")
    last: float = Field(description="the latest")
    last_at: AwareDatetime = Field(description="when the period of the latest began")
    total: float | None = Field(description="all together, of a sum")
    before: float | None = Field(description="total or average of the time before, as long")
    summary: Made = Field(description="one line about it, with its unit")


class MetricValuesOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    service: ServiceName | None = Field(description="the service that was asked about")
    statistic: str = Field(description="what each value is of its period")
    since: AwareDatetime = Field(description="when the first period begins")
    until: AwareDatetime = Field(description="when the last one ends")
    period: int = Field(description="how long a period is, in seconds")
    series: tuple[Series, ...] = Field(description="the values, for a chart")
    figures: tuple[Figures, ...] = Field(description="what they come to, of each with any value")
    lines: tuple[Made, ...] = Field(description="the same in lines")
    title: Made = Field(description="what was measured of what")
    time: Made = Field(description="when, and in which periods")
    summary: Made = Field(description="what was measured of what and when")
    not_looked_at: tuple[Made, ...] = Field(description="what could not be measured, and why")
    by_hand: tuple[MetricInPlace, ...] = Field(default=(), description=FOR_COMMANDS)


class MetricValues(ReadTool[MetricValuesInput, MetricValuesOutput]):
    name = "metric_values"
    summary = "Measure cpu, memory, requests, latency, connections or queues over a time."
    Input = MetricValuesInput
    Output = MetricValuesOutput
    shown_by = (f"aws {COMMAND}",)

    @classmethod
    def by_hand(cls, input: MetricValuesInput, output: MetricValuesOutput) -> Sequence[ByHand]:
        times = (output.since, output.until, output.period, output.statistic)
        return [metric_by_hand(one, *times) for one in output.by_hand]

    def run(self, input: MetricValuesInput) -> MetricValuesOutput:
        if (input.metric is None) == (input.raw is None):
            raise ToolInputError("a figure is named by metric or by raw, one of them", ours=True)
        platform, metrics, now = self.clients.platform, self.clients.metrics, self.clients.clock.now()
        asked_of = metrics.known[input.metric] if input.metric else ()
        if input.name is not None and input.metric and not (input.environment_id or input.service):
            meant = _meant(input, platform, asked_of)
            scope, beside = scope_of_name(platform, input.name, meant, SAID[input.metric])
        else:
            scope, beside = scope_of(platform, input.environment_id, input.service), None
        times = times_of(input.since, input.until, input.time_zone, now, HOUR)
        asked = _in_one(times) if input.whole else _asked(times, now)
        query = MetricTimes(since=asked.before, until=asked.until, period=asked.period, statistic=input.statistic)
        hidden: Sequence[Unreachable] = scope.unread
        left_out = 0
        of = scope.words
        if input.raw is not None:
            called = f"{quoted(input.raw.namespace)} {quoted(input.raw.name)}"
            found = metrics.raw(input.raw, scope.resources, query)
        else:
            assert input.metric is not None
            things, unread = _things(input, input.metric, scope, platform, asked_of, beside)
            nouns = _nouns(platform)
            called, of = _called(input.metric, things, nouns), _of(input, scope, things, nouns)
            hidden = [*hidden, *(one for one in unread if one not in hidden)]
            left_out = len(things[MOST_SERIES:])
            found = metrics.measured(input.metric, things[:MOST_SERIES], query)
        labels = _labels(found, input.raw.name if input.raw else called)
        series = [
            Series(label=label, unit=one.unit, points=tuple(point for point in one.points if point.at >= asked.since))
            for label, one in zip(labels, found.series, strict=True)
        ]
        statistic = found.series[0].statistic if found.series else input.statistic or "average"
        figures = [
            _figures(one, measured, asked, times, is_sparse=input.metric in SPARSE)
            for one, measured in zip(series, found.series, strict=True)
            if one.points
        ]
        silent = [one.label for one in series if not one.points]
        lines = [one.summary for one in figures]
        nothing = "none was counted" if input.metric in SPARSE else "nothing was measured"
        lines += [f"{quoted(one)}: {nothing} in that time" for one in silent]
        lines += [f"and of {left_out} more, which are not told here: name one"] if left_out else []
        within = "in" if input.metric in WITHIN else "of"
        title = f"{'' if statistic in {'average', 'sum'} else f'{statistic} '}{called} {within} {of}"
        apart = max((_apart(one.points, asked.period) for one in series), default=asked.period)
        each = f"in periods of {spoken(apart)}" if apart == asked.period else f"a value every {spoken(apart)}"
        title, when = f"{title[:1].upper()}{title[1:]}", f"{times.words}, {each}"
        return MetricValuesOutput(
            environment_id=scope.environment,
            service=scope.service,
            statistic=statistic,
            since=asked.since,
            until=asked.until,
            period=asked.period,
            series=tuple(series),
            figures=tuple(figures),
            lines=tuple(lines),
            title=title,
            time=when,
            summary=f"{title}, {when}.",
            not_looked_at=not_looked_at(found.not_looked_at, hidden),
            by_hand=tuple(
                metric_in_place(one.account, one.region, metric) for one in found.series for metric in one.of
            ),
        )


class _Asked(NamedTuple):
    """Whole periods, and as many `before` them."""

    before: datetime
    since: datetime
    until: datetime
    period: int


def _asked(times: Times, now: datetime) -> _Asked:
    """The shortest period of which there are no more than so many, and that is still kept."""
    period = next(
        one
        for one in PERIODS
        if times.length / timedelta(seconds=one) <= MOST_POINTS - 1
        and all(one >= shorter or now - times.since + times.length <= kept for shorter, kept in KEPT_FOR)
    )
    since = datetime.fromtimestamp(times.since.timestamp() // period * period, UTC)
    number = -(-(times.until - since) // timedelta(seconds=period))
    length = number * timedelta(seconds=period)
    return _Asked(since - length, since, since + length, period)


def _in_one(times: Times) -> _Asked:
    """One period, which begins with a minute: of a day at most, the longest that a monitor takes one value of."""
    length = timedelta(minutes=max(1, min(-(-times.length // timedelta(minutes=1)), 24 * 60)))
    until = datetime.fromtimestamp(times.until.timestamp() // 60 * 60, UTC)
    return _Asked(until - 2 * length, until - length, until, int(length.total_seconds()))


def _nouns(platform: Platform) -> dict[str, str]:
    return {type.name: type.noun for type in platform.types.values()} | dict(platform.fixture_types)


def _meant(input: MetricValuesInput, platform: Platform, types: Collection[str]) -> dict[str, str]:
    """Those of these types that are asked about, with their nouns. Where none is said nor a name, of an environment
    those that run or keep something are, and what stands beside them only where it alone has the figure.
    """
    nouns = {type: noun for type, noun in fitting(input.types, _nouns(platform)).items() if type in types}
    if not input.types and input.name is None:
        nouns = {type: noun for type, noun in nouns.items() if type in platform.types} or nouns
    return nouns


def _things(
    input: MetricValuesInput,
    metric: MetricWord,
    scope: Scope,
    platform: Platform,
    types: Collection[str],
    beside: Fixtures | None,
) -> tuple[list[Resource | Fixture], Sequence[Unreachable]]:
    """What has such a figure, of what is meant. Raises ToolInputError where nothing of it has."""
    meant = _meant(input, platform, types)
    found: list[Resource | Fixture] = [one for one in scope.resources if not one.covered_by or input.name is not None]
    if beside is None and scope.service is None and (fixed := [one for one in meant if one in platform.fixture_types]):
        beside = platform.fixtures(scope.environment, fixed)
    found += beside.fixtures if beside else ()
    found = [one for one in found if one.ref.type in meant]
    if input.name is not None:
        found = called_so(input.name, found)
    if not found:
        nouns = _nouns(platform)
        having = listed([f"{nouns[type]}s" for type in types if type in nouns])
        which = f" called {quoted(input.name)}" if input.name else ""
        raise ToolInputError(f"{scope.words} has nothing{which} with {SAID[metric]}; {having} have that", ours=True)
    unread = beside.unreachable if beside else ()
    return sorted(found, key=lambda one: (one.name, one.account, one.region)), unread


def _called(metric: MetricWord, things: Sequence[Resource | Fixture], nouns: Mapping[str, str]) -> str:
    functions = all(nouns.get(one.ref.type) == FUNCTION for one in things)
    return OF_FUNCTIONS.get(metric, SAID[metric]) if functions else SAID[metric]


def _of(input: MetricValuesInput, scope: Scope, things: Sequence[Resource | Fixture], nouns: Mapping[str, str]) -> str:
    """The one thing, or the types that are meant, in their environment."""
    if scope.service is not None:
        return scope.words
    if input.name is not None and len(things) == 1:
        return f"{nouns[things[0].ref.type]} {quoted(things[0].name)} in {scope.words}"
    if input.name is not None or input.types:
        kinds = listed([f"{noun}s" for noun in dict.fromkeys(nouns[one.ref.type] for one in things)])
        return f"{kinds} in {scope.words}"
    return scope.words


def _labels(found: Measurements, called: str) -> list[str]:
    """The name of each; where several have one, with the region, and where that is one too, the account."""
    names = [one.name or called for one in found.series]
    places = [f"{name} in {one.region}" for name, one in zip(names, found.series, strict=True)]
    whole = [f"{place}, {one.account}" for place, one in zip(places, found.series, strict=True)]
    return [
        name if names.count(name) == 1 else place if places.count(place) == 1 else all_of_it
        for name, place, all_of_it in zip(names, places, whole, strict=True)
    ]


def _figures(one: Series, measured: Measured, asked: _Asked, times: Times, *, is_sparse: bool) -> Figures:
    values = [point.value for point in one.points]
    earlier = [point.value for point in measured.points if point.at < asked.since]
    is_sum = measured.statistic == "sum" and one.unit != "Percent"
    average = sum(values) / len(values)
    total = sum(values) if is_sum else None
    before = (sum(earlier) if is_sum else sum(earlier) / len(earlier)) if earlier else None
    last = one.points[-1]

    def said(value: float) -> str:
        return amount(value, one.unit)

    each = f" in {spoken(_apart(one.points, asked.period))}" if is_sum else ""
    first = f"{said(sum(values))} in all" if is_sum else f"{said(average)} on average"
    between = f"{said(min(values))} to {said(max(values))}{each}"
    at = times.at(last.at).removesuffix(":00")
    told = f"{first}, {between}, {said(last.value)} last ({at})"
    if len(values) == 1:
        told = f"{said(last.value)} ({at}), the only value"
    elif said(min(values)) == said(max(values)):
        told = (
            f"{first}, {said(last.value)} in each{each.removeprefix(' in')}"
            if is_sum
            else f"{said(last.value)} throughout"
        )
    late = one.points[0].at - asked.since
    if not is_sparse and late > LATE * (asked.until - asked.since) and len(values) > 1:
        told += f"; values are there only since {times.at(one.points[0].at).removesuffix(':00')}"
    was = "nothing was measured before"
    if before is not None:
        was = f"{said(before)} {'in all' if is_sum else 'on average'} in the {_length(times)} before"
        if len(earlier) < ALIKE * len(values):
            was += f", of {len(earlier)} values in place of {len(values)}"
    summary = f"{quoted(one.label)}: {told}; {was}"
    return Figures(
        label=one.label,
        minimum=min(values),
        average=average,
        maximum=max(values),
        last=last.value,
        last_at=last.at,
        total=total,
        before=before,
        summary=summary,
    )


def _apart(points: Sequence[Point], period: int) -> int:
    """How many seconds values are apart: a monitor may have one less often than in every period."""
    steps = [int((later.at - one.at).total_seconds()) for one, later in pairwise(points)]
    if not steps:
        return period
    usual = max(set(steps), key=lambda step: (steps.count(step), -step))
    return usual if steps.count(usual) >= REGULAR * len(steps) else period


def amount(value: float, unit: str) -> str:
    """With its unit: `42 %`, `183 ms`, `4 min 20 s`, `1.2 GB`, `12,345`."""
    match unit:
        case "Percent":
            return f"{value:.3g} %"
        case "Seconds":
            return f"{value * 1000:.3g} ms" if 0 < abs(value) < 1 else spoken(value)
        case "Bytes":
            return size_words(int(value))
        case _:
            return f"{round(value):,}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _length(times: Times) -> str:
    days = times.length / timedelta(days=1)
    return f"{days:.3g} days" if days >= 2 else spoken(times.length.total_seconds())
