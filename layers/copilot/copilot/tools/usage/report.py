"""Usage statistics as files: a chart, two tables, a page with all of it."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime

from pydantic import Field

from copilot.domain import Frozen, Made
from copilot.tools.deployments.statistics import DeploymentStatisticsOutput
from copilot.tools.tool import ReadTool
from copilot.tools.usage.rows import UsageStatistics

CSV = "text/csv; charset=utf-8"


class RenderUsageReportInput(Frozen):
    usage: UsageStatistics = Field(description="what usage_statistics gave")
    deployments: DeploymentStatisticsOutput = Field(description="what deployment_statistics gave, of the same period")


class RenderUsageReportOutput(Frozen):
    report_link: Made = Field(description="opens the report, a page that needs nothing else")
    chart_link: Made = Field(description="opens its chart, a PNG picture")
    table_link: Made = Field(description="opens its table of environments, a CSV file")
    deployments_link: Made = Field(description="opens its table of deployments, a CSV file")
    expires: Made = Field(description="when the links end, in words")
    summary: Made = Field(description="one line about it")


class RenderUsageReport(ReadTool[RenderUsageReportInput, RenderUsageReportOutput]):
    name = "render_usage_report"
    summary = "Make a report of usage and deployments: a chart, CSV tables and an HTML page, as links that expire."
    Input = RenderUsageReportInput
    Output = RenderUsageReportOutput
    shows = "cost"
    runtime = "render"
    timeout = 120
    links = frozenset({"report_link", "chart_link", "table_link", "deployments_link"})

    def run(self, input: RenderUsageReportInput) -> RenderUsageReportOutput:
        # It keeps a list of fonts, and only this folder can be written on AWS.
        os.environ.setdefault("MPLCONFIGDIR", os.path.join(tempfile.gettempdir(), "matplotlib"))
        # What draws is not small, and no other tool needs it.
        from copilot.tools.usage.chart import draw
        from copilot.tools.usage.page import page
        from copilot.tools.usage.table import deployments_table, table

        usage, deployments, reports = input.usage, input.deployments, self.clients.reports
        days = f"{usage.since[:10]}-to-{usage.until[:10]}"
        name = f"usage-{days}"
        chart = draw(usage, deployments)
        report = page(usage, deployments, chart).encode()
        chart_link = reports.put(f"{name}.png", chart, "image/png", "cost")
        table_link = reports.put(f"{name}.csv", table(usage).encode(), CSV, "cost")
        deployments_link = reports.put(f"deployments-{days}.csv", deployments_table(deployments).encode(), CSV, "cost")
        report_link = reports.put(f"{name}.html", report, "text/html; charset=utf-8", "cost")
        hours = round((chart_link.until - self.clients.clock.now()).total_seconds() / 3600)
        expires = f"for {hours} hours, until {_moment(chart_link.until)}"
        return RenderUsageReportOutput(
            report_link=report_link.url,
            chart_link=chart_link.url,
            table_link=table_link.url,
            deployments_link=deployments_link.url,
            expires=expires,
            summary=f"a report, its chart and its tables, {expires}",
        )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
