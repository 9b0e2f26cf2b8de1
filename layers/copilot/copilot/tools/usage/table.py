"""Usage statistics as tables for other programs: a row for each environment, and one for each group of deployments."""

from __future__ import annotations

from copilot.reports.model import Column, Table
from copilot.tools.deployments.statistics import DeploymentStatisticsOutput
from copilot.tools.usage.rows import UsageStatistics

COLUMNS = ("environment", "kind", "owner", "hours", "idle_hours")
DEPLOYMENT_COLUMNS = (
    *("by", "name", "deployments", "succeeded", "failed", "cancelled", "not_ended", "success_percent", "per_week"),
    *("p50_seconds", "p95_seconds"),
)


def table(usage: UsageStatistics) -> Table:
    """The cost column names its currency and that it is an estimate; the last says if it is whole."""
    cost = f"idle_cost_estimate_{usage.currency.lower()}"
    rows = tuple(
        (
            *(one.name, one.kind, one.owner, one.hours, one.idle_hours),
            *(None if one.idle_cost is None else f"{one.idle_cost:.2f}", not one.partly_priced),
        )
        for one in usage.environments
    )
    return Table(columns=tuple(Column(name=name) for name in (*COLUMNS, cost, "all_priced")), rows=rows)


def deployments_table(deployments: DeploymentStatisticsOutput) -> Table:
    """`by` says what a row is of: all, an environment, a service or a week. Cancelled is not failed."""
    groups = {
        "all": (deployments.overall,),
        "environment": deployments.by_environment,
        "service": deployments.by_service,
        "week": deployments.by_week,
    }
    rows = tuple(
        (
            *(by, one.name, one.deployments, one.succeeded, one.failed, one.cancelled, one.unfinished),
            *(one.success_percent, one.per_week, one.p50_seconds, one.p95_seconds),
        )
        for by, some in groups.items()
        for one in some
    )
    return Table(columns=tuple(Column(name=name) for name in DEPLOYMENT_COLUMNS), rows=rows)
