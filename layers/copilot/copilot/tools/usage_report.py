"""Usage statistics as files: a chart, a table, a page with both."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime

from pydantic import Field

from copilot.model import Frozen
from copilot.tools.tool import ReadTool
from copilot.tools.usage_rows import UsageStatistics


class RenderUsageReportInput(Frozen):
    usage: UsageStatistics = Field(description="what usage_statistics gave")


class RenderUsageReportOutput(Frozen):
    report_link: str = Field(description="opens the report, a page that needs nothing else")
    chart_link: str = Field(description="opens its chart, a PNG picture")
    table_link: str = Field(description="opens its table, a CSV file")
    expires: str = Field(description="when the links end at the latest, in words")
    summary: str = Field(description="one line about it")


class RenderUsageReport(ReadTool[RenderUsageReportInput, RenderUsageReportOutput]):
    name = "render_usage_report"
    summary = "Make a report of usage statistics: a chart, a CSV table and an HTML page, as links that expire."
    Input = RenderUsageReportInput
    Output = RenderUsageReportOutput
    runtime = "render"
    timeout = 120
    links = frozenset({"report_link", "chart_link", "table_link"})

    def run(self, input: RenderUsageReportInput) -> RenderUsageReportOutput:
        # It keeps a list of fonts, and only this folder can be written on AWS.
        os.environ.setdefault("MPLCONFIGDIR", os.path.join(tempfile.gettempdir(), "matplotlib"))
        # What draws is not small, and no other tool needs it.
        from copilot.tools.usage_chart import draw
        from copilot.tools.usage_page import page
        from copilot.tools.usage_table import table

        usage, reports = input.usage, self.clients.reports
        name = f"usage-{usage.since[:10]}-to-{usage.until[:10]}"
        chart = draw(usage)
        chart_link = reports.put(f"{name}.png", chart, "image/png")
        table_link = reports.put(f"{name}.csv", table(usage).encode(), "text/csv; charset=utf-8")
        report_link = reports.put(f"{name}.html", page(usage, chart).encode(), "text/html; charset=utf-8")
        hours = round((report_link.until - self.clients.clock.now()).total_seconds() / 3600)
        expires = f"for {hours} hours at most, until {_moment(report_link.until)}"
        return RenderUsageReportOutput(
            report_link=report_link.url,
            chart_link=chart_link.url,
            table_link=table_link.url,
            expires=expires,
            summary=f"a report, its chart and its table, {expires}",
        )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
