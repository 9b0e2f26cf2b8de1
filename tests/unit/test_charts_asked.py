"""Figures, costs and deployments asked for as files, in one process: what is in them is what the answer says."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes_metrics import FakeMetrics
from fakes_platform import service
from test_costs import FakeBills
from test_tools_reports import Asked, KeptReports
from test_usage import NOW, PRICED, UsedPlatform

from copilot.bootstrap.in_process import InProcess
from copilot.domain import Hourly, Resource


class Running(UsedPlatform):
    """All the time, and in use."""

    def hourly(self, resources: Sequence[Resource], since: datetime, hours: int) -> Mapping[str, Hourly]:
        self.maxima = {one.name: [50.0] * hours for one in resources}
        return super().hourly(resources, since, hours)


def platform() -> Running:
    services = [service("shop-dev", "web", 1), service("shop-dev", "cart", 1), service("other-dev", "api", 1)]
    return Running(services, billed={one.name: PRICED["tasks"][0] for one in services})


@dataclass
class Clients(Asked):
    platform: Running = field(default_factory=platform)
    metrics: FakeMetrics = field(
        default_factory=lambda: FakeMetrics({"web": lambda at: 20 if at < NOW - timedelta(minutes=30) else 40})
    )
    bills: FakeBills = field(default_factory=FakeBills)


def asked(request: str) -> tuple[dict[str, Any], KeptReports]:
    clients = Clients()
    return InProcess(lambda run, call_id, permissions: clients).run(request), clients.reports


def table(request: str) -> tuple[str, list[list[str]]]:
    """The answer, and the one file."""
    view, reports = asked(request)
    assert view["outcome"] == "succeeded", view["answer"]
    (content,) = reports.kept.values()
    return view["answer"], list(csv.reader(io.StringIO(content.decode(), newline="")))


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        ("chart the cpu of web", "cpu-of-web-in-shop-dev-"),
        ("draw the cpu of the shop-dev environment", "cpu-of-shop-dev-"),
        ("chart the cpu of cart", "cpu-of-cart-in-shop-dev-"),  # of which nothing was measured
        ("chart the cost of shop-dev per day over the last 7 days", "what-shop-dev-cost-"),
        ("chart our most expensive environments", "what-it-cost-"),
        ("what grew most since last week as a chart", "how-costs-changed-"),
    ],
)
def test_a_chart_is_a_picture_with_its_link(request_: str, name: str) -> None:
    view, reports = asked(request_)
    assert view["outcome"] == "succeeded", view["answer"]
    ((file, content),) = reports.kept.items()
    assert file.startswith(name) and file.endswith(".png") and content.startswith(b"\x89PNG")
    assert f"- {file}: https://b.example/r/" in view["answer"]


def test_figures_in_a_table_are_those_of_each_period() -> None:
    answer, (heading, *rows) = table("cpu of web as csv")
    assert "web: 30 % on average, 20 % to 40 %" in answer and heading == ["time, UTC", "web (%)"]
    assert len(rows) == 60 and [row[1] for row in rows] == ["20.0"] * 30 + ["40.0"] * 30
    assert rows[0][0] == (NOW - timedelta(hours=1)).isoformat().replace("+00:00", "Z")


def test_costs_in_a_table_are_by_day_where_that_was_said() -> None:
    answer, (heading, *rows) = table("cost of shop-dev per day over the last 7 days as csv")
    assert heading == ["name", "amount (USD)"] and 7 <= len(rows) <= 8
    assert all(f"- {day}: {amount} USD" in answer for day, amount in rows)


def test_a_file_is_as_private_as_what_it_is_made_from() -> None:
    for request, about in (("chart the cpu of web", "status"), ("chart our most expensive environments", "cost")):
        assert asked(request)[1].about == [about]
