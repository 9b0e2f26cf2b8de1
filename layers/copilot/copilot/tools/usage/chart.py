"""Usage statistics as a picture. Imported only where something is drawn: matplotlib takes its time.

The same statistics give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from copilot.tools.deployments.statistics import DeploymentStatisticsOutput
from copilot.tools.usage.rows import UsageStatistics

USED, IDLE = "#2a6f97", "#f4a259"
ENDS = {"succeeded": "#5a9e6f", "failed": "#b3313b", "cancelled": "#9a9a9a", "not ended": "#cfd8dc"}
INK, FAINT = "#222222", "#dddddd"
BARS_AT_MOST = 40
LONGEST_NAME = 32
DATES_AT_MOST = 10
WIDTH, DPI = 10.0, 120
BAR, REST, DAYS = 0.30, 1.3, 2.9
"""Inches a bar takes, what its panel takes beside its bars, and what a panel of days takes."""


class Bar:
    """One environment, or those that have no bar of their own together."""

    def __init__(self, name: str, hours: float, idle: float) -> None:
        self.name, self.used, self.idle, self.hours = name, hours - idle, idle, hours


def draw(usage: UsageStatistics, deployments: DeploymentStatisticsOutput) -> bytes:
    """A PNG picture."""
    out = io.BytesIO()
    figure(usage, deployments).savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


def figure(usage: UsageStatistics, deployments: DeploymentStatisticsOutput) -> Figure:
    """Hours of each environment and of all of them day by day, used and idle; deployments day by day, as they ended."""
    bars = bars_of(usage)
    heights = [REST + BAR * max(3, len(bars)), DAYS, *([DAYS] if deployments.overall.deployments else [])]
    made = Figure(figsize=(WIDTH, sum(heights) + 0.6), layout="constrained", facecolor="white")
    _plain(made.suptitle(f"Usage over {usage.period}", fontsize=12, color=INK, x=0.01, ha="left"))
    panels = made.subplots(len(heights), 1, height_ratios=heights)
    _environments(panels[0], bars, usage)
    _days(panels[1], usage)
    for axes in panels[2:]:
        _deployments(axes, deployments, usage)
    return made


def bars_of(usage: UsageStatistics) -> list[Bar]:
    """As many as can be read, those with the most hours; all others as one, by what they ran on average."""
    shown, rest = usage.environments[:BARS_AT_MOST], usage.environments[BARS_AT_MOST:]
    bars = [Bar(_short(one.name), one.hours, one.idle_hours) for one in shown]
    others = len(rest) + usage.more_environments
    if others:
        hours = usage.hours - sum(one.hours for one in shown)
        idle = usage.idle_hours - sum(one.idle_hours for one in shown)
        bars.append(Bar(f"{others} more, on average", hours / others, idle / others))
    return bars


def _environments(axes: Axes, bars: Sequence[Bar], usage: UsageStatistics) -> None:
    places = range(len(bars))
    axes.barh(places, [bar.used for bar in bars], color=USED, height=0.7, label="used")
    axes.barh(places, [bar.idle for bar in bars], left=[bar.used for bar in bars], color=IDLE, height=0.7, label="idle")
    whole = usage.days * 24
    for place, bar in zip(places, bars, strict=True):
        told = f"{bar.hours:,.0f} h" + (f", {bar.idle:,.0f} idle" if bar.idle else "")
        plate = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # the lines are not to cross out a number
        axes.text(bar.hours + whole * 0.008, place, told, va="center", fontsize=8, color=INK, bbox=plate)
    axes.set_yticks(list(places), [bar.name for bar in bars], fontsize=9)
    for label in axes.get_yticklabels():
        _plain(label)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.set_xlim(0, whole * 1.18)
    axes.set_xticks([whole * part // 6 for part in range(7)])
    axes.axvline(whole, color=INK, linewidth=0.8, linestyle=":")
    axes.set_xlabel(f"hours running (the dotted line: all {whole:,} of the period)", fontsize=9, color=INK)
    axes.set_title("By environment", fontsize=10, loc="left", color=INK)
    _finish(axes, "x")
    if not bars:
        axes.text(0.5, 0.5, "no environments", transform=axes.transAxes, ha="center", color=INK)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, fontsize=9, borderaxespad=0.1)


def _days(axes: Axes, usage: UsageStatistics) -> None:
    days = usage.by_day
    used, idle = [day.hours - day.idle_hours for day in days], [day.idle_hours for day in days]
    _by_day(axes, usage, [Layer("used", USED, used), Layer("idle", IDLE, idle)])
    axes.set_ylabel("hours running, all together", fontsize=9, color=INK)
    axes.set_title("By day", fontsize=10, loc="left", color=INK)


def _deployments(axes: Axes, deployments: DeploymentStatisticsOutput, usage: UsageStatistics) -> None:
    """On the same days as above."""
    by_day = {day.day: day for day in deployments.by_day}
    some = [by_day.get(day.day) for day in usage.by_day]
    counts = {
        "succeeded": [day.succeeded if day else 0 for day in some],
        "failed": [day.failed if day else 0 for day in some],
        "cancelled": [day.cancelled if day else 0 for day in some],
        "not ended": [day.unfinished if day else 0 for day in some],
    }
    _by_day(axes, usage, [Layer(end, ENDS[end], numbers) for end, numbers in counts.items() if any(numbers)])
    axes.set_ylabel("deployments begun", fontsize=9, color=INK)
    axes.set_title("Deployments by day", fontsize=10, loc="left", color=INK)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, frameon=False, fontsize=9, borderaxespad=0.1)


class Layer(NamedTuple):
    """A part of the bar of every day."""

    label: str
    colour: str
    numbers: Sequence[int]


def _by_day(axes: Axes, usage: UsageStatistics, layers: Sequence[Layer]) -> None:
    """A bar for each day, the first layer lowest."""
    days = usage.by_day
    places, top = range(len(days)), [0] * len(days)
    for layer in layers:
        axes.bar(places, layer.numbers, bottom=top, color=layer.colour, width=0.8, label=layer.label)
        top = [below + number for below, number in zip(top, layer.numbers, strict=True)]
    every = max(1, -(-len(days) // DATES_AT_MOST))
    axes.set_xticks(list(places)[::every], [day.day[5:] for day in days[::every]], fontsize=8)
    axes.set_xlim(-0.6, len(days) - 0.4)
    part = "the last in part" if usage.since[10:].startswith("T00") else "the first and the last in part"
    axes.set_xlabel(f"day, month-day in UTC ({part})", fontsize=9, color=INK)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    _finish(axes, "y")


def _finish(axes: Axes, values: str) -> None:
    """Quiet lines behind the bars, whole numbers with separators on the axis of values."""
    axes.set_axisbelow(True)
    axes.grid(axis="x" if values == "x" else "y", color=FAINT, linewidth=0.8)
    for side in ("top", "right", "left" if values == "x" else "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=8, colors=INK)
    axis = axes.xaxis if values == "x" else axes.yaxis
    axis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _short(name: str) -> str:
    """A name on one line, cut where it is long."""
    name = " ".join(name.split())
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _plain(text: object) -> None:
    """What stands between two dollar signs is not a formula here: names come from tags."""
    text.set_parse_math(False)  # type: ignore[attr-defined]
