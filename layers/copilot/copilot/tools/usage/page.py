"""Usage statistics as one HTML page: no script, nothing fetched from elsewhere, every value escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

from copilot.text.durations import spoken
from copilot.tools.deployments.statistics import DeploymentFigures, DeploymentStatisticsOutput
from copilot.tools.usage.rows import GroupUsage, UsageStatistics

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light }
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 62rem; margin: 2rem auto;
       padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: 0 } h2 { font-size: 1.1rem; margin-top: 2rem }
.period, .note { color: #555 }
.figures { display: flex; flex-wrap: wrap; gap: .8rem; padding: 0; list-style: none }
.figures li { border: 1px solid #ddd; border-radius: 6px; padding: .6rem .9rem; min-width: 7rem }
.figures b { display: block; font-size: 1.4rem }
img { max-width: 100%; height: auto }
.wide { overflow-x: auto } .wide + .wide { margin-top: 1.5rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid #e5e5e5; overflow-wrap: break-word }
th { font-weight: 600; overflow-wrap: normal }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
"""

DEPLOYED = ("deployments", "succeeded", "failed", "cancelled", "not ended", "success", "a week", "p50", "p95")
NUMBERS = {"environments", "hours", "idle hours", "runs", *DEPLOYED}
SHOWN = "Hours running by environment and by day, deployments by day"
READING = (
    "Success is of those that succeeded or failed; cancelled ones are counted apart. Of those that succeeded half took "
    "no longer than p50, and 95 of 100 no longer than p95."
)

Rows = Iterable[Sequence[str | int | float]]


def page(usage: UsageStatistics, deployments: DeploymentStatisticsOutput, chart: bytes) -> str:
    """The whole page; `chart` is a PNG picture."""
    deployed = {day.day: day.deployments for day in deployments.by_day}
    cost = f"idle cost, {usage.currency}, estimate"
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Usage: {escape(usage.period)}</title><style>{STYLE}</style></head><body>",
        f'<h1>Usage statistics</h1><p class="period">{escape(usage.period)}</p>',
        _figures(usage, deployments.overall),
        f"<p>{escape(usage.summary)}. {escape(usage.cost_summary)}.</p>",
        f'<img alt="{SHOWN}" src="data:image/png;base64,{b64encode(chart).decode()}">',
        _section("By kind", ("kind", "environments", "hours", "idle hours", cost), _groups(usage.by_kind)),
        _section("By owner", ("owner", "environments", "hours", "idle hours", cost), _groups(usage.by_owner)),
        _section(
            "Environments",
            ("environment", "kind", "owner", "hours", "idle hours", cost),
            (
                (one.name, one.kind, one.owner, one.hours, one.idle_hours, _priced(one.idle_cost, one.partly_priced))
                for one in usage.environments
            ),
        ),
        _note(f"{usage.more_environments} more are in the sums and not listed." if usage.more_environments else ""),
        _lines("Left out of the cost, having no known price", usage.unpriced),
        f"<h2>Deployments</h2><p>{escape(_sentence(deployments.overall.summary))}.</p>",
        _section("", ("environment", *DEPLOYED), _deployed(deployments.by_environment)),
        _section("", ("service", *DEPLOYED), _deployed(deployments.by_service)),
        _note(" ".join((READING, *deployments.notes)) if deployments.overall.deployments else ""),
        f"<h2>The copilot</h2><p>{escape(usage.runs_summary)}.</p>",
        _section("", ("outcome", "runs"), ((one.name, one.runs) for one in usage.runs_by_outcome)),
        _section("", ("person", "runs"), ((one.name, one.runs) for one in usage.runs_by_person)),
        _section(
            "By day",
            ("day (UTC)", "hours", "idle hours", "deployments", "runs"),
            ((day.day, day.hours, day.idle_hours, deployed.get(day.day, 0), day.runs) for day in usage.by_day),
        ),
        _lines("Could not be read", [place.summary for place in usage.unreachable]),
        _note(f"{usage.rule} Only environments that exist now are counted."),
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _figures(usage: UsageStatistics, deployments: DeploymentFigures) -> str:
    rate = deployments.success_percent
    shown = (
        (f"{usage.hours:,}", "hours running"),
        (f"{usage.idle_hours:,}", "of them idle"),
        _idle_cost(usage),
        (f"{deployments.deployments:,}", "deployments" + (f", {rate:.1f}% success" if rate is not None else "")),
        (f"{usage.runs:,}", "runs of the copilot"),
    )
    return f'<ul class="figures">{"".join(f"<li><b>{escape(a)}</b>{escape(b)}</li>" for a, b in shown)}</ul>'


def _idle_cost(usage: UsageStatistics) -> tuple[str, str]:
    if usage.idle_cost is None:
        return "not known", "idle cost"
    return f"{usage.idle_cost:,.2f} {usage.currency}", "idle cost, an estimate" + (
        ", of what has a known price" if usage.unpriced else ""
    )


def _groups(groups: Iterable[GroupUsage]) -> Rows:
    return (
        (one.name, one.environments, one.hours, one.idle_hours, _priced(one.idle_cost, one.partly_priced))
        for one in groups
    )


def _deployed(groups: Iterable[DeploymentFigures]) -> Rows:
    return (
        (
            *(one.name, one.deployments, one.succeeded, one.failed, one.cancelled, one.unfinished),
            "" if one.success_percent is None else f"{one.success_percent:.1f}%",
            "" if one.per_week is None else f"{one.per_week:.1f}",
            *("" if seconds is None else spoken(seconds) for seconds in (one.p50_seconds, one.p95_seconds)),
        )
        for one in groups
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _priced(cost: float | None, partly: bool) -> str:
    if cost is None:
        return "not known"
    return f"{cost:,.2f}" + (" and more" if partly else "")


def _section(title: str, columns: Sequence[str], rows: Rows) -> str:
    body = ["".join(_cell(value, name) for value, name in zip(row, columns, strict=True)) for row in rows]
    if not body:
        return ""
    heads = "".join(f"<th{_class(name)}>{escape(name)}</th>" for name in columns)
    lines = "".join(f"<tr>{cells}</tr>" for cells in body)
    heading = f"<h2>{escape(title)}</h2>" if title else ""
    return f'{heading}<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>'


def _cell(value: str | int | float, column: str) -> str:
    return f"<td{_class(column)}>{escape(f'{value:,}' if isinstance(value, int) else str(value))}</td>"


def _class(column: str) -> str:
    return ' class="n"' if column in NUMBERS or column.startswith("idle cost") else ""


def _lines(title: str, lines: Sequence[str]) -> str:
    return f"<h2>{escape(title)}</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>" if lines else ""


def _note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>' if text else ""
