"""The demo's scene about usage, and the sample cloud's figures of the last weeks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import fake_copilot as fake
import pytest
from test_cli_demo import BLUE_OFF, FULL, stage

from cli.laptop.histories import HOUR, Habit, Series, holds, put_history
from cli.showing import scenes_usage
from cli.showing.readback import Seen

ANSWER = """Usage over 2 days, 2026-03-01 12:00 to 2026-03-03 12:00 UTC: 2 environments. This is an estimate, roughly.

Report: http://127.0.0.1/report
PDF: http://127.0.0.1/pdf
Chart: http://127.0.0.1/chart
Table: http://127.0.0.1/table
Deployments table: http://127.0.0.1/deployments"""
FILES = {
    "http://127.0.0.1/report": b"<!DOCTYPE html>",
    "http://127.0.0.1/pdf": b"%PDF-1.4",
    "http://127.0.0.1/chart": b"\x89PNG",
    "http://127.0.0.1/table": b"environment,hours\r\nblue,48\r\ngreen,3\r\n",
    "http://127.0.0.1/deployments": b"by,name,deployments\r\nall,deployments,7\r\nservice,web,7\r\n",
}


def monitor(**hours: int) -> scenes_usage.Ran:
    def ran(everything: Iterable[Seen], since: datetime, until: datetime) -> dict[str, int]:
        assert {seen.environment for seen in everything} == {"blue", "green"}
        assert (since, until) == (datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 3, 12, tzinfo=UTC))
        return hours

    return ran


def reported(since: datetime, until: datetime) -> int:
    assert (since, until) == (datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 3, 12, tzinfo=UTC))
    return 7


def test_a_report_that_agrees_with_the_monitor_and_the_pipelines_is_as_it_should_be() -> None:
    on, copilot, _ = stage([fake.run(answer=ANSWER)], [FULL, FULL])
    scenes_usage.usage(on, monitor(blue=48, green=3), reported, FILES.__getitem__)
    assert on.wrong == []
    assert copilot.bodies[0]["text"] == "Generate usage statistics over the last 30 days"


@pytest.mark.parametrize(
    ("files", "after", "ran"),
    [
        pytest.param(FILES, FULL, {"blue": 47, "green": 3}, id="other hours"),
        pytest.param(FILES, FULL, {"blue": 48}, id="an environment less"),
        pytest.param(FILES | {"http://127.0.0.1/chart": b"GIF"}, FULL, {"blue": 48, "green": 3}, id="no picture"),
        pytest.param(FILES | {"http://127.0.0.1/pdf": b"GIF"}, FULL, {"blue": 48, "green": 3}, id="no document"),
        pytest.param(
            FILES | {"http://127.0.0.1/deployments": b"by,name,deployments\r\nall,deployments,6\r\n"},
            *(FULL, {"blue": 48, "green": 3}),
            id="other deployments",
        ),
        pytest.param(FILES, BLUE_OFF, {"blue": 48, "green": 3}, id="something changed"),
    ],
)
def test_a_report_otherwise_is_not(files: dict[str, bytes], after: Any, ran: dict[str, int]) -> None:
    on, _, _ = stage([fake.run(answer=ANSWER)], [FULL, after])
    scenes_usage.usage(on, monitor(**ran), reported, files.__getitem__)
    assert len(on.wrong) == 1


# --- the sample's figures ------------------------------------------------------------------------

SERIES = Series("AWS/ECS", "CPUUtilization", "Percent", (("ClusterName", "c"), ("ServiceName", "s")), 40.0, 0.6)
NOW = datetime(2026, 3, 3, 0, 20, tzinfo=UTC)  # a Tuesday


class FakeCloudWatch:
    """Keeps figures by the hour, each put noted."""

    def __init__(self) -> None:
        self.kept: dict[datetime, float] = {}
        self.puts: list[int] = []

    def put_metric_data(self, Namespace: str, MetricData: list[dict[str, Any]]) -> None:
        self.puts.append(len(MetricData))
        for datum in MetricData:
            hour = datum["Timestamp"].replace(minute=0)
            self.kept[hour] = max(datum["Value"], self.kept.get(hour, 0))

    def get_paginator(self, operation: str) -> Any:
        return self

    def paginate(self, StartTime: datetime, EndTime: datetime, **more: Any) -> list[Any]:
        found = [hour for hour in self.kept if StartTime <= hour < EndTime]
        return [{"MetricDataResults": [{"Id": "m0", "Timestamps": found, "Values": []}]}]


@pytest.mark.parametrize("runs", ["always", "workdays"])
@pytest.mark.parametrize("used", ["always", "workdays", "never"])
def test_figures_follow_the_habit_in_whole_hours(runs: Any, used: Any) -> None:
    watch = FakeCloudWatch()
    put_history(watch, [SERIES], Habit(runs=runs, used=used, days=45), NOW)
    hours = [datetime(2026, 3, 3, tzinfo=UTC) - number * HOUR for number in range(1, 45 * 24 + 1)]
    assert watch.kept == {hour: 40.0 if holds(used, hour) else 0.6 for hour in hours if holds(runs, hour)}
    assert max(watch.puts) <= 1000


def test_put_again_only_what_is_new_is_added() -> None:
    watch = FakeCloudWatch()
    for later in (timedelta(), timedelta(minutes=30), timedelta(hours=5)):
        put_history(watch, [SERIES], Habit(days=2), NOW + later)
    assert watch.puts == [48, 5]


def test_workdays_are_monday_to_friday_seven_to_nineteen() -> None:
    week = [datetime(2026, 3, 2, tzinfo=UTC) + number * HOUR for number in range(7 * 24)]
    assert sum(holds("workdays", hour) for hour in week) == 60
    assert holds("workdays", week[7]) and not holds("workdays", week[19]) and not holds("workdays", week[5 * 24 + 9])
