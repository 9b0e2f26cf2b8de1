"""Usage statistics as files: a page with all of it, the same as a document, a picture of its charts, two tables."""

from __future__ import annotations

from pydantic import Field

from copilot.domain import Frozen, Made
from copilot.reports.forms import files_of
from copilot.tools.deployments.statistics import DeploymentStatisticsOutput
from copilot.tools.reports.keeping import kept, until_when
from copilot.tools.tool import ReadTool
from copilot.tools.usage.rows import UsageStatistics
from copilot.tools.usage.sections import report_of
from copilot.tools.usage.table import deployments_table, table


class RenderUsageReportInput(Frozen):
    usage: UsageStatistics = Field(description="what usage_statistics gave")
    deployments: DeploymentStatisticsOutput = Field(description="what deployment_statistics gave, of the same period")


class RenderUsageReportOutput(Frozen):
    report_link: Made = Field(description="opens the report, a page that needs nothing else")
    pdf_link: Made = Field(description="opens the same as a PDF")
    chart_link: Made = Field(description="opens its charts, a PNG picture")
    table_link: Made = Field(description="opens its table of environments, a CSV file")
    deployments_link: Made = Field(description="opens its table of deployments, a CSV file")
    expires: Made = Field(description="when the links end, in words")
    summary: Made = Field(description="one line about it")


class RenderUsageReport(ReadTool[RenderUsageReportInput, RenderUsageReportOutput]):
    name = "render_usage_report"
    summary = "Make the whole report of usage and deployments, in all forms, as links."
    Input = RenderUsageReportInput
    Output = RenderUsageReportOutput
    shows = "cost"
    of_environments = False
    runtime = "render"
    timeout = 120
    links = frozenset({"report_link", "pdf_link", "chart_link", "table_link", "deployments_link"})

    def run(self, input: RenderUsageReportInput) -> RenderUsageReportOutput:
        usage, deployments = input.usage, input.deployments
        days = f"{usage.since[:10]}-to-{usage.until[:10]}"
        name, deployed = f"usage-{days}", f"deployments-{days}"
        tables = ((name, table(usage)), (deployed, deployments_table(deployments)))
        files = files_of(report_of(usage, deployments), ("html", "pdf", "png", "csv"), name, tables)
        links = kept(self.clients.reports, files, "cost")
        expires = until_when(links.values(), self.clients.clock.now())
        return RenderUsageReportOutput(
            report_link=links[f"{name}.html"].url,
            pdf_link=links[f"{name}.pdf"].url,
            chart_link=links[f"{name}.png"].url,
            table_link=links[f"{name}.csv"].url,
            deployments_link=links[f"{deployed}.csv"].url,
            expires=expires,
            summary=f"a report, its charts and its tables, {expires}",
        )
