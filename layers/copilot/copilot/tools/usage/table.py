"""Usage statistics as CSV tables: a row for each environment, and one for each group of deployments."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from copilot.tools.deployments.statistics import DeploymentStatisticsOutput
from copilot.tools.usage.rows import UsageStatistics

COLUMNS = ("environment", "kind", "owner", "hours", "idle_hours")
DEPLOYMENT_COLUMNS = (
    *("by", "name", "deployments", "succeeded", "failed", "cancelled", "not_ended", "success_percent", "per_week"),
    *("p50_seconds", "p95_seconds"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(usage: UsageStatistics) -> str:
    """With a heading. The cost column names its currency and that it is an estimate; the last says if it is whole."""
    cost = f"idle_cost_estimate_{usage.currency.lower()}"
    rows = (
        (
            *(_cell(one.name), one.kind, _cell(one.owner), one.hours, one.idle_hours),
            *("" if one.idle_cost is None else f"{one.idle_cost:.2f}", "no" if one.partly_priced else "yes"),
        )
        for one in usage.environments
    )
    return _csv((*COLUMNS, cost, "all_priced"), rows)


def deployments_table(deployments: DeploymentStatisticsOutput) -> str:
    """With a heading. `by` says what a row is of: all, an environment, a service or a week. Cancelled is not failed."""
    groups = {
        "all": (deployments.overall,),
        "environment": deployments.by_environment,
        "service": deployments.by_service,
        "week": deployments.by_week,
    }
    rows = (
        (
            *(by, _cell(one.name), one.deployments, one.succeeded, one.failed, one.cancelled, one.unfinished),
            *(one.success_percent, one.per_week, one.p50_seconds, one.p95_seconds),
        )
        for by, some in groups.items()
        for one in some
    )
    return _csv(DEPLOYMENT_COLUMNS, rows)


def _csv(heading: Sequence[str], rows: Iterable[Sequence[str | int | float | None]]) -> str:
    """What is not known stays empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return out.getvalue()


def _cell(text: str) -> str:
    """Names come from tags: a spreadsheet must not take one for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
