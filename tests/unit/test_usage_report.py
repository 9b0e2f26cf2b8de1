"""The report of usage statistics: its chart's parts, its table's rows, a page that runs and fetches nothing."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from deployment_facts import deployment
from fakes import FakeClock
from fakes_platform import instance
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from memory_deployments import MemoryDeployments
from some_clients import SomeClients
from test_usage import NOW, PRICED, UsedPlatform, statistics

from copilot.domain import Link, OutputClass, Size
from copilot.reports.csv_table import csv_of
from copilot.reports.model import MEANINGS
from copilot.reports.page import page_of
from copilot.reports.picture import draw_report, figure_of, heading_of
from copilot.text.masking import mask
from copilot.text.outside import quoted
from copilot.tools.deployments.statistics import (
    DeploymentStatistics,
    DeploymentStatisticsInput,
    DeploymentStatisticsOutput,
)
from copilot.tools.usage import table as tables
from copilot.tools.usage.charts import BARS_AT_MOST
from copilot.tools.usage.report import RenderUsageReport, RenderUsageReportInput
from copilot.tools.usage.rows import UsageStatistics
from copilot.tools.usage.sections import report_of

pytestmark = pytest.mark.filterwarnings("ignore:Glyph")  # no font has every letter; a box stands for it

USED, IDLE = MEANINGS["used"], MEANINGS["idle"]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style><b>",
    "$\\frac{1$ and $x^2$",
    '=HYPERLINK("http://example.com")',
    "@sum, with a comma",
    "a\nb",
    "ありがとう \U0001f331",
]


def usage(names: list[str], days: int = 3, size: Size | None = PRICED["t4g.small"][0]) -> UsageStatistics:
    """The first ran always and unused, the others half of the time and used."""
    resources = [instance(name, f"box-{number}") for number, name in enumerate(names)]
    maxima: dict[str, list[float | None]] = {
        f"box-{number}": [1.0 if number == 0 else 50.0 if hour % 2 else None for hour in range(days * 24)]
        for number in range(len(names))
    }
    owners = {name: name for name in names}
    billed = {"box-0": size}
    return statistics(UsedPlatform(resources, owners=owners, maxima=maxima, billed=billed), days)


class Deployed(SomeClients):
    """One deployment to each of some environments, of a service of the same name."""

    def __init__(self, names: Iterable[str]) -> None:
        self.clock = FakeClock(NOW)
        self.deployments = MemoryDeployments()
        for number, name in enumerate(names):
            # As if nothing had looked at the names on the way in.
            some = deployment(str(number), NOW - timedelta(hours=5), {"build": 5.0})
            update = {"service": name, "environment": name}
            self.deployments.record([fact.model_copy(update=update) for fact in some])


def deployed(names: Iterable[str] = ()) -> DeploymentStatisticsOutput:
    return DeploymentStatistics(Deployed(names)).run(DeploymentStatisticsInput())


def figure(usage: UsageStatistics, deployments: DeploymentStatisticsOutput) -> Figure:
    report = report_of(usage, deployments)
    return figure_of(report.charts, heading_of(report))


def draw(usage: UsageStatistics, deployments: DeploymentStatisticsOutput) -> bytes:
    return draw_report(report_of(usage, deployments))


def page(usage: UsageStatistics, deployments: DeploymentStatisticsOutput, chart: bytes) -> str:
    return page_of(report_of(usage, deployments), lambda _: chart)


def table(usage: UsageStatistics) -> str:
    return csv_of(tables.table(usage))


def deployments_table(deployments: DeploymentStatisticsOutput) -> str:
    return csv_of(tables.deployments_table(deployments))


# --- the chart ---------------------------------------------------------------------------------------


def bars(axes: Any, colour: str) -> list[float]:
    from matplotlib.colors import to_rgba

    shown = [patch for patch in axes.patches if patch.get_facecolor() == to_rgba(colour)]
    return [
        patch.get_width() if axes.get_title(loc="left") == "By environment" else patch.get_height() for patch in shown
    ]


def shown_legend(axes: Axes) -> Legend:
    legend = axes.get_legend()
    assert legend is not None
    return legend


def test_a_chart_says_what_it_shows_in_which_unit_over_which_period() -> None:
    statistics = usage(["one", "two"])
    made = figure(statistics, deployed())
    above, below = made.axes
    assert statistics.period in made.get_suptitle()
    assert (above.get_title(loc="left"), below.get_title(loc="left")) == ("By environment", "By day")
    assert "hours" in above.get_xlabel() and "hours" in below.get_ylabel() and "UTC" in below.get_xlabel()
    assert [text.get_text() for text in shown_legend(above).get_texts()] == ["used", "idle"]


def test_every_environment_has_its_bars_and_every_day() -> None:
    above, below = figure(usage(["one", "two", "three"]), deployed()).axes
    assert [label.get_text() for label in above.get_yticklabels()] == ["one", "three", "two"]
    assert (bars(above, USED), bars(above, IDLE)) == ([0, 36, 36], [72, 0, 0])
    assert [text.get_text() for text in above.texts] == ["72 h, 72 idle", "36 h", "36 h"]
    assert (bars(below, USED), bars(below, IDLE)) == ([12, 24, 24, 12], [12, 24, 24, 12])


def test_of_very_many_the_rest_share_a_bar() -> None:
    made = figure(usage([f"environment-{number}" for number in range(90)]), deployed())
    above, _ = made.axes
    labels = [label.get_text() for label in above.get_yticklabels()]
    assert len(labels) == BARS_AT_MOST + 1 and labels[-1] == "50 more, on average"
    assert bars(above, USED)[-1] == 36
    # Each has its own line: the labels are as far apart as they are high.
    made.draw_without_rendering()
    boxes = [label.get_window_extent() for label in above.get_yticklabels()]
    assert all(below.y1 <= upper.y0 for upper, below in itertools.pairwise(boxes))


@pytest.mark.parametrize("names", [[], ["one"], HOSTILE, ["x" * 300]])
def test_anything_can_be_drawn_and_twice_the_same(names: list[str]) -> None:
    statistics = usage(names)
    drawn = draw(statistics, deployed(names))
    assert drawn.startswith(b"\x89PNG") and drawn == draw(statistics, deployed(names))


def test_bars_hold_what_is_written_beside_them() -> None:
    """Nothing reaches out of the picture, however long the names."""
    made = figure(usage(["x" * 300, *HOSTILE]), deployed(HOSTILE))
    made.draw_without_rendering()
    width, height = made.get_size_inches() * made.dpi
    for text in [*made.axes[0].texts, *made.axes[0].get_yticklabels(), *made.texts]:
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height, text


# --- the page ------------------------------------------------------------------------------------


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_hostile_names_are_text_and_nothing_else() -> None:
    plain, hostile = Seen(), Seen()
    names = [f"name-{number}" for number in range(len(HOSTILE))]
    plain.feed(page(usage(names), deployed(names), b"png"))
    hostile.feed(page(usage(HOSTILE), deployed(HOSTILE), b"png"))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    counted = {name: (hostile.text.count(name), hostile.text.count(quoted(name))) for name in HOSTILE}
    assert counted == dict.fromkeys(HOSTILE, (2, 3)), "as written, environment and owner; else as a sentence has it"


def test_a_page_runs_nothing_and_fetches_nothing() -> None:
    seen = Seen()
    seen.feed(page(usage(HOSTILE), deployed(HOSTILE), b"png"))
    assert {tag for tag, _ in seen.tags} <= set(
        "html head meta title style body h1 h2 p ul li b img div table thead tbody tr th td".split()
    )
    for tag, attributes in seen.tags:
        assert not [name for name in attributes if name.startswith("on") or name in {"href", "srcset", "action"}]
        if "src" in attributes:
            assert tag == "img" and str(attributes["src"]).startswith("data:image/png;base64,")
    policies = [a["content"] for tag, a in seen.tags if tag == "meta" and "http-equiv" in a]
    assert policies and str(policies[0]).startswith("default-src 'none'")


def test_a_page_tells_all_and_that_cost_is_an_estimate() -> None:
    statistics = usage(["one", "two"])
    shown = page(statistics, deployed(["one"]), b"png")
    for told in (statistics.period, statistics.cost_summary.replace("'", "&#x27;"), "estimate", "one", "two", "By day",
                 "Deployments"):  # fmt: skip
        assert told in shown


def test_a_cost_that_is_not_known_is_no_nought_on_the_page_and_in_the_table() -> None:
    statistics = usage(["one", "two"], size=Size(product="ec2", name="m5.large", region="mars-north-1"))
    shown = page(statistics, deployed(), b"png")
    assert "<b>not known</b>idle cost" in shown and ">not known</td>" in shown
    assert "0.00 USD" not in shown
    rows = list(csv.DictReader(io.StringIO(table(statistics))))
    assert [(row["environment"], row["idle_cost_estimate_usd"], row["all_priced"]) for row in rows] == [
        ("one", "", "no"),
        ("two", "0.00", "yes"),
    ]


# --- the table -----------------------------------------------------------------------------------


def test_a_table_has_a_row_for_each_environment() -> None:
    statistics = usage(["one", "two"], days=30)
    rows = list(csv.DictReader(io.StringIO(table(statistics))))
    assert [(row["environment"], row["hours"], row["idle_hours"]) for row in rows] == [
        ("one", "720", "720"),
        ("two", "360", "0"),
    ]
    assert rows[0]["idle_cost_estimate_usd"] == "13.25" and rows[0]["all_priced"] == "yes"


def test_no_cell_is_a_formula_and_every_name_can_be_read_back() -> None:
    rows = list(csv.reader(io.StringIO(table(usage(HOSTILE)), newline="")))[1:]
    names = {row[0] for row in rows}
    assert names == {f"'{name}" if name[0] in "=@" else name for name in HOSTILE}


def test_no_cell_of_the_deployments_table_is_a_formula_either() -> None:
    rows = list(csv.reader(io.StringIO(deployments_table(deployed(HOSTILE)), newline="")))[1:]
    names = [row[1] for row in rows if row[0] == "service"]
    assert sorted(names) == sorted(map(quoted, HOSTILE))


# --- the tool ------------------------------------------------------------------------------------


@dataclass
class FakeReports:
    kept: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def put(self, name: str, content: bytes, content_type: str, about: OutputClass) -> Link:
        assert about == "cost"
        self.kept[name] = content_type, content
        return Link(url=f"https://b.example/{name}?X-Amz-Credential=ASIAABCDEFGHIJKLMNOP&X-Amz-Security-Token=abcdefgh",
                    until=NOW + timedelta(hours=6))  # fmt: skip


@dataclass
class Clients(SomeClients):
    reports: FakeReports = field(default_factory=FakeReports)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))


def test_five_files_are_kept_and_linked_to() -> None:
    clients = Clients()
    output = RenderUsageReport(clients).run(RenderUsageReportInput(usage=usage(["one"]), deployments=deployed()))
    types = {name.rpartition(".")[2]: type for name, (type, _) in clients.reports.kept.items()}
    assert types == {
        "png": "image/png",
        "csv": "text/csv; charset=utf-8",
        "html": "text/html; charset=utf-8",
        "pdf": "application/pdf",
    }
    assert output.expires == "for 6 hours, until 2026-03-02 18:30 UTC"
    links = {output.report_link, output.pdf_link, output.chart_link, output.table_link, output.deployments_link}
    assert links == {clients.reports.put(name, b"", "", "cost").url for name in list(clients.reports.kept)}


def test_links_are_not_masked_and_everything_else_is() -> None:
    link = "https://b.example/x?X-Amz-Security-Token=abcdefgh"
    kept = mask({"report_link": link, "other": link}, RenderUsageReport.links)
    assert kept == {"report_link": link, "other": "https://b.example/x?X-Amz-Security-Token=[masked]"}
