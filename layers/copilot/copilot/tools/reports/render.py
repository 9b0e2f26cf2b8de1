"""A report of whatever earlier steps gave: tables and charts of chosen fields, in the forms that are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from copilot.domain import OF_SOURCES, PRIVATE, Frozen, Made, OutputClass, digest
from copilot.errors import ToolInputError
from copilot.reports.forms import Form, file_name, files_of
from copilot.reports.model import Chart, Report, Section, Table, Text
from copilot.text.listing import count
from copilot.tools.reports.asked import ReportSection
from copilot.tools.reports.charting import as_table, charts_of, drawn
from copilot.tools.reports.choosing import printed, table_of
from copilot.tools.reports.keeping import kept, until_when
from copilot.tools.tool import ReadTool

MARK = 6
"""Digits that keep the files of one call apart from those of others in the same run."""


class RenderReportInput(Frozen):
    title: str = Field(min_length=1, max_length=200, description="title")
    sections: tuple[ReportSection, ...] = Field(min_length=1, max_length=20, description="sections")
    period: str = Field(default="", max_length=200, description="period")
    forms: tuple[Form, ...] = Field(default=("html",), min_length=1, max_length=4, description="png: charts")
    about: OutputClass = Field(
        default=PRIVATE[-1], description="what it tells of, as private as its sources", json_schema_extra=OF_SOURCES
    )


class ReportFile(Frozen):
    link: Made = Field(description="opens it")
    line: Made = Field(description="its name and its link")


class RenderReportOutput(Frozen):
    files: tuple[ReportFile, ...] = Field(description="one for each form; of csv one for each table")
    expires: Made = Field(description="when the links end, in words")
    summary: Made = Field(description="one line about it")


class RenderReport(ReadTool[RenderReportInput, RenderReportOutput]):
    name = "render_report"
    summary = "Make a report, chart or table of what earlier steps gave: page, CSV, PNG or PDF, as links."
    Input = RenderReportInput
    Output = RenderReportOutput
    runtime = "render"
    of_environments = False
    timeout = 120
    links = frozenset({"link", "line"})
    chooses = True

    def run(self, input: RenderReportInput) -> RenderReportOutput:
        whole = Report(title=input.title, period=input.period, sections=tuple(_sections(input.sections)))
        report = whole.model_copy(update={"sections": tuple(map(_shown, whole.sections))})
        forms = tuple(dict.fromkeys(input.forms))
        if "png" in forms and not report.charts:
            raise ToolInputError("a PNG is a picture of charts, and no section has one", ours=True)
        tables = [*whole.tables, *map(as_table, whole.charts)] if "csv" in forms else []
        if "csv" in forms and not tables:
            raise ToolInputError("CSV is of tables, and no section has rows", ours=True)
        name = f"{file_name(input.title)}-{digest(self.clients.call_id)[:MARK]}"
        links = kept(self.clients.reports, files_of(report, forms, name, _named(name, tables)), input.about)
        expires = until_when(links.values(), self.clients.clock.now())
        return RenderReportOutput(
            files=tuple(ReportFile(link=link.url, line=f"{name}: {link.url}") for name, link in links.items()),
            expires=expires,
            summary=f"a report with {_contents(report)}, {expires}{_cut(report, forms)}",
        )


def _sections(asked: Sequence[ReportSection]) -> Iterator[Section]:
    """What is said of a chart stands below it, of a table above it."""
    for one in asked:
        if one.chart is not None:
            yield from charts_of(one.title, one.rows, one.chart)
            if one.text:
                yield Text(text=one.text)
            if one.columns:
                yield table_of("", one.rows, one.columns)
            continue
        is_table = "rows" in one.model_fields_set or bool(one.columns)
        if one.text or not is_table:
            yield Text(title=one.title, text=one.text)
        if is_table:
            yield table_of("" if one.text else one.title, one.rows, one.columns)


def _shown(section: Section) -> Section:
    """As much of it as is looked at; CSV is of all."""
    if isinstance(section, Chart):
        return drawn(section)
    return printed(section) if isinstance(section, Table) else section


def _named(name: str, tables: Sequence[Table]) -> list[tuple[str, Table]]:
    """Each by the name of its file: of several with a number and what it is called."""
    if len(tables) == 1:
        return [(name, tables[0])]
    titles = [f"-{file_name(one.title)}" if one.title else "" for one in tables]
    return [(f"{name}-{at}{title}", one) for at, (title, one) in enumerate(zip(titles, tables, strict=True), 1)]


def _contents(report: Report) -> str:
    parts = [count(len(some), noun) for some, noun in ((report.tables, "table"), (report.charts, "chart")) if some]
    return " and ".join(parts) or "text"


def _cut(report: Report, forms: Sequence[Form]) -> str:
    """What the forms that are looked at do not show; a PNG shows no table."""
    seen: list[Table | Chart] = list(report.charts) if set(forms) - {"csv"} else []
    if {"html", "pdf"} & set(forms):
        seen += report.tables
    notes = " ".join(one.note for one in seen if one.note)
    return f"; in full only as CSV. {notes}" if notes else ""
