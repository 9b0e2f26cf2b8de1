"""Statistics and slowdowns over histories nobody has seen before, against figures computed another way."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from deployment_facts import deployment
from deployment_histories import STAGES, Made, MadeHistory, random_history
from fakes_platform import NOW, FixedClock
from hypothesis import given
from hypothesis import strategies as st
from memory_deployments import MemoryDeployments
from some_clients import SomeClients

from copilot.domain.deployments import DeploymentFact
from copilot.errors import ToolInputError
from copilot.ports import Clock
from copilot.text.durations import spoken
from copilot.tools.deployments.series import percentile, rise
from copilot.tools.deployments.slowdown import DeploymentSlowdown, DeploymentSlowdownInput, DeploymentSlowdownOutput
from copilot.tools.deployments.statistics import (
    DeploymentStatistics,
    DeploymentStatisticsInput,
    DeploymentStatisticsOutput,
)

WEEK = timedelta(days=7)


@dataclass
class Clients(SomeClients):
    deployments: MemoryDeployments
    clock: Clock = field(default_factory=FixedClock)


def facts(made: Iterable[Made]) -> list[DeploymentFact]:
    return [
        fact
        for one in made
        for fact in deployment(
            one.id, one.start, one.stages, one.status, service=one.service, environment=one.environment
        )
    ]


def slowdown(some: Iterable[DeploymentFact], **given: Any) -> DeploymentSlowdownOutput:
    return DeploymentSlowdown(Clients(MemoryDeployments(some))).run(DeploymentSlowdownInput(**given))


def figures(some: Iterable[DeploymentFact], **given: Any) -> DeploymentStatisticsOutput:
    return DeploymentStatistics(Clients(MemoryDeployments(some))).run(DeploymentStatisticsInput(**given))


# --- what got slower ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_the_slow_stage_of_the_slow_service_is_found_with_its_numbers_and_its_day(seed: int) -> None:
    history = random_history(Random(seed), NOW)
    assert history.slow
    output = slowdown(facts(history.made))
    cause = output.cause
    assert cause is not None and output.verdict == "slower"
    assert (cause.service, cause.stage) == history.slow
    before, week = history.medians(*history.slow)
    slow = history.slow_seconds()
    now = statistics.median(slow)
    assert (cause.before_seconds, cause.week_seconds) == pytest.approx((before, week), abs=0.06)
    if abs(cause.now_samples - len(slow)) > 0:  # an odd deployment beside the change moved it by one or two
        assert abs(cause.now_samples - len(slow)) <= 2
        now = cause.now_seconds
    assert cause.now_seconds == pytest.approx(now, abs=0.06)
    assert cause.change_seconds == pytest.approx(now - before, abs=0.11)
    assert cause.change_percent == pytest.approx(100 * (now - before) / before, abs=0.2)
    assert cause.before_samples == len(history.seconds(*history.slow, this_week=False))
    assert cause.week_samples == len(history.seconds(*history.slow, this_week=True))
    apart = abs(datetime.fromisoformat(history.first_slow_day()).date() - cause.since.date())
    assert apart <= timedelta(days=1), "an odd deployment beside the change may move it by one"
    assert cause.share_percent > 60
    assert all((one.service, one.stage) != history.slow for one in output.runners_up)
    for number in (spoken(cause.before_seconds), spoken(cause.now_seconds), str(cause.now_samples)):
        assert number in output.summary
    assert history.slow[0] in output.summary and f" {cause.since.day} {cause.since:%B}" in output.summary


def test_the_day_is_nearly_always_exact() -> None:
    exact = 0
    for seed in range(12):
        history = random_history(Random(1000 + seed), NOW)
        cause = slowdown(facts(history.made)).cause
        exact += bool(cause and cause.since.date().isoformat() == history.first_slow_day())
    assert exact >= 10


@pytest.mark.parametrize("seed", range(12))
def test_where_nothing_is_slower_it_says_so(seed: int) -> None:
    history = random_history(Random(500 + seed), NOW, slow=False)
    output = slowdown(facts(history.made))
    assert (output.verdict, output.cause, output.runners_up) == ("not slower", None, ())
    assert output.summary.startswith("No stage of deployments is slower this week")


def test_too_little_data_is_said() -> None:
    history = random_history(Random(1), NOW)
    (service, _) = history.slow or ("", "")
    few = [one for one in history.made if one.service == service and one.start < NOW - WEEK]
    output = slowdown(facts(few))
    assert output.verdict == "too little data" and "too little data" in output.summary
    assert slowdown([]).verdict == "too little data"


def test_a_service_with_too_few_deployments_is_named_as_not_compared() -> None:
    history = random_history(Random(2), NOW)
    rare = Made("r1", "rare", "production", NOW - timedelta(days=1), "succeeded", {"build": 900.0})
    output = slowdown(facts([*history.made, rare]))
    assert output.cause and output.cause.service != "rare"
    assert len(output.notes) == 1 and "rare" in output.notes[0]


@pytest.mark.parametrize("before_in_production", [0, 4, 8])
def test_deploying_to_a_slow_environment_more_often_is_no_slowdown(before_in_production: int) -> None:
    random = Random(3)

    def some(environment: str, usual: float, number: int, first: float, last: float) -> list[Made]:
        return [
            Made(
                f"{environment}-{first}-{n}",
                "web",
                environment,
                NOW - timedelta(days=random.uniform(first, last)),
                "succeeded",
                {"deploy": usual * random.lognormvariate(0, 0.1)},
            )
            for n in range(number)
        ]

    before = some("staging", 30, 150, 8, 34) + some("production", 300, before_in_production, 8, 34)
    now = some("staging", 30, 5, 0.1, 6) + some("production", 300, 16, 0.1, 6)
    assert slowdown(facts(before + now)).verdict == "not slower"


def test_runners_up_are_named_the_costliest_first() -> None:
    random = Random(4)
    made = [
        Made(
            f"{service}-{n}",
            service,
            "production",
            start := NOW - timedelta(days=n % 35, hours=1),
            "succeeded",
            {"build": 100 * random.lognormvariate(0, 0.05) * (times if start >= NOW - 3 * timedelta(days=1) else 1)},
        )
        for service, times in [("most", 4.0), ("some", 2.0), ("none", 1.0), ("less", 1.5)]
        for n in range(35 * 4)
    ]
    output = slowdown(facts(made), weeks_before=4)
    assert output.cause is None or output.cause.service == "most"
    made = [one for one in made if one.start < NOW - WEEK or one.start >= NOW - 3 * timedelta(days=1)]
    output = slowdown(facts(made))
    assert output.cause is not None
    assert [one.service for one in (output.cause, *output.runners_up)] == ["most", "some", "less"]
    assert "2 other stages slower as well" in output.summary


def test_time_that_belongs_to_no_stage_is_found_too() -> None:
    made = []
    for n in range(100):
        start = NOW - timedelta(days=34 * n / 100 + 0.1)
        extra = 120 if start > NOW - timedelta(days=4) else 10
        some = list(deployment(f"d{n}", start, {"build": 50.0}, "", service="web"))
        some += [fact.model_copy(update={"stage": None}) for fact in some[:1]]
        end = start + timedelta(seconds=50 + extra)
        some.append(some[0].model_copy(update={"stage": None, "status": "succeeded", "at": end}))
        some.append(
            some[0].model_copy(update={"stage": "build", "status": "succeeded", "at": start + timedelta(seconds=50)})
        )
        made += some
    cause = slowdown(made).cause
    assert cause is not None and cause.stage == "the rest"


def test_a_service_is_meant_as_people_write_it_and_an_unknown_one_is_answered_with_the_nearest() -> None:
    history = random_history(Random(5), NOW)
    assert history.slow
    some = facts(history.made)
    output = slowdown(some, service=history.slow[0].upper().replace("-", "_"))
    assert output.cause and (output.cause.service, output.cause.stage) == history.slow
    with pytest.raises(ToolInputError) as error:
        slowdown(some, service=history.slow[0] + "x")
    assert history.slow[0] in error.value.nearest


# --- statistics --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_statistics_are_those_of_the_history(seed: int) -> None:
    history = random_history(Random(seed), NOW)
    output = figures(facts(history.made), weeks=5)
    _same(output.overall, history, history.made, 5)
    assert [one.deployments for one in output.by_service] == sorted(
        (o.deployments for o in output.by_service), reverse=True
    )
    for service in output.by_service:
        _same(service, history, [one for one in history.made if one.service == service.name], 5)
    for environment in output.by_environment:
        _same(environment, history, [one for one in history.made if one.environment == environment.name], 5)
    assert len(output.by_week) == 5
    for back, week in enumerate(output.by_week):
        until = NOW - back * WEEK
        _same(week, history, [one for one in history.made if until - WEEK <= one.start < until], 1)


def _same(found: Any, history: MadeHistory, some: list[Made], weeks: int) -> None:
    ends = [one.status for one in some]
    assert (found.deployments, found.succeeded, found.failed, found.cancelled, found.unfinished) == (
        len(some),
        ends.count("succeeded"),
        ends.count("failed"),
        ends.count("cancelled"),
        0,
    )
    assert found.per_week == pytest.approx(len(some) / weeks, abs=0.01)
    decided = ends.count("succeeded") + ends.count("failed")
    assert found.success_percent == pytest.approx(100 * ends.count("succeeded") / decided, abs=0.06)
    good = [one for one in some if one.status == "succeeded"]
    assert (found.p50_seconds, found.p95_seconds) == pytest.approx(_both(one.seconds for one in good), abs=0.06)
    assert [stage.stage for stage in found.stages] == list(STAGES)
    for stage in found.stages:
        assert stage.samples == len(good)
        expected = _both(one.stages[stage.stage] for one in good)
        assert (stage.p50_seconds, stage.p95_seconds) == pytest.approx(expected, abs=0.06)


def _both(values: Iterable[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(list(values), n=20, method="inclusive")
    return cuts[9], cuts[18]


def test_what_may_be_counted_twice_is_said_in_the_notes() -> None:
    start = NOW - timedelta(days=1)
    ecs = list(deployment("ecs-svc/1", start, {"deploy": 90.0}, source="ecs"))
    pipeline = deployment("p1", start, {"deploy": 100.0}, source="codepipeline", service="everything")
    both = figures([*pipeline, *ecs])
    assert both.overall.deployments == 2
    (note,) = both.notes
    assert note.startswith("1 deployment that ECS reported (of web) began while a pipeline of another name ran.")
    assert figures(ecs).notes == ()


@pytest.mark.parametrize(("days", "weeks", "rows"), [(3, 5, 1), (10, 5, 2), (3, 26, 1)])
def test_with_less_history_than_asked_for_it_says_since_when_and_counts_no_more_than_there_is(
    days: int, weeks: int, rows: int
) -> None:
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
    times = [midnight + timedelta(hours=3 + 2 * n) for n in range(7)]
    found = figures([fact for at in times for fact in deployment(str(at), at, {"build": 5.0})], weeks=weeks)
    span = (NOW - midnight) / timedelta(days=1)
    if days < 7:
        assert found.overall.per_week is None and f"7 begun ({7 / span:.1f} a day)" in found.overall.summary
    else:
        assert found.overall.per_week == pytest.approx(49 / span, abs=0.01)
        assert f"7 begun ({49 / span:.1f} a week)" in found.overall.summary
    since = f"there are reports since {midnight:%Y-%m-%d} only, {days} of the {7 * weeks} days asked for"
    assert found.overall.summary.endswith(since)
    assert len(found.by_week) == rows, "no row for a week before the first report"
    assert sum(week.deployments for week in found.by_week) == 7


def test_what_is_compared_with_less_history_than_asked_for_says_so() -> None:
    start = NOW - timedelta(days=16)
    some = [fact for n in range(60) for fact in deployment(str(n), start + timedelta(hours=6 * n), {"build": 50.0})]
    found = slowdown(some)
    assert any(note.startswith("There are reports since ") for note in found.notes)
    whole = [*some, *deployment("old", NOW - timedelta(days=50), {"build": 50.0})]
    assert not any("There are reports" in note for note in slowdown(whole).notes)


def test_quiet_weeks_at_the_beginning_are_no_lack_of_history() -> None:
    some = [
        *deployment("old", NOW - timedelta(days=90), {"build": 5.0}),
        *deployment("new", NOW - WEEK, {"build": 5.0}),
    ]
    found = figures(some, weeks=5)
    assert found.overall.per_week == 0.2 and "only" not in found.overall.summary and len(found.by_week) == 5


def test_less_than_a_day_of_history_gives_no_rate() -> None:
    found = figures(list(deployment("d", NOW - timedelta(minutes=5), {"build": 5.0})), weeks=5)
    assert found.overall.per_week is None and "a week" not in found.overall.summary
    assert " a day" not in found.overall.summary


def test_rollbacks_are_left_out_and_counted_apart() -> None:
    start = NOW - timedelta(days=1)
    some = [*deployment("d1", start, {"build": 5.0}), *deployment("d2", start, {"build": 5.0}, rollback=True)]
    found = figures(some)
    assert (found.overall.deployments, found.overall.succeeded) == (1, 1)
    assert found.notes == ("1 rollback (of web) left out: none is a deployment of its own.",)


def test_the_same_events_twice_and_in_reverse_give_the_same() -> None:
    some = facts(random_history(Random(6), NOW).made)
    kept = MemoryDeployments()
    for fact in [*reversed(some), *some]:
        kept.record([fact])
    here, there = Clients(MemoryDeployments(some)), Clients(kept)
    every, slow = DeploymentStatisticsInput(), DeploymentSlowdownInput()
    assert DeploymentStatistics(there).run(every) == DeploymentStatistics(here).run(every)
    assert DeploymentSlowdown(there).run(slow) == DeploymentSlowdown(here).run(slow)


def test_cancelled_is_neither_success_nor_failure_and_what_goes_on_is_neither() -> None:
    start = NOW - timedelta(hours=5)
    some = [
        *deployment("1", start, {"build": 5.0}),
        *deployment("2", start, {"build": 5.0}, "failed"),
        *deployment("3", start, {"build": 5.0}, "cancelled"),
        *deployment("4", start, {"build": 5.0}, ""),
    ]
    overall = figures(some).overall
    assert (overall.success_percent, overall.cancelled, overall.unfinished) == (50, 1, 1)
    assert "1 cancelled; 1 not ended" in overall.summary


def test_no_deployments_at_all_is_said() -> None:
    output = figures([], weeks=2)
    assert output.summary.endswith("no deployments were reported")
    assert output.overall.success_percent is None and len(output.by_week) == 2


def test_many_services_are_bounded_and_the_rest_is_said() -> None:
    some = [
        fact
        for n in range(30)
        for fact in deployment(str(n), NOW - timedelta(days=1), {"build": 5.0}, service=f"s{n}", environment=f"e{n}")
    ]
    output = figures(some)
    assert (len(output.by_service), len(output.by_environment), len(output.notes)) == (20, 10, 2)
    assert output.overall.deployments == 30
    assert len(figures(some, weeks=26).model_dump_json()) < 60_000


# --- the figures themselves ----------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=60))
def test_percentiles_are_those_of_the_standard_library(values: list[float]) -> None:
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    assert (percentile(values, 50), percentile(values, 95)) == pytest.approx((cuts[9], cuts[18]))


@given(st.integers(3, 60), st.integers(3, 60), st.floats(0, 9), st.floats(20, 900))
def test_a_step_is_found_where_it_is(before: int, after: int, low: float, high: float) -> None:
    assert rise([low] * before + [high] * after) == before
    assert rise([high] * before + [low] * after) is None


def test_odd_values_do_not_move_a_step() -> None:
    values = [10.0] * 30 + [60.0] * 20
    for at in (3, 12, 25, 40):
        values[at] = 900.0
    assert rise(values) == 30


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (8.46, "8.5 s"), (45.2, "45 s"), (60, "1 min"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_a_length_of_time_in_words(seconds: float, words: str) -> None:
    assert spoken(seconds) == words
