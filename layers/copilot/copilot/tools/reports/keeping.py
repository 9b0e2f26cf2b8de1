"""The files of a report, kept so that links open them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from copilot.domain import Link, OutputClass
from copilot.ports import Reports
from copilot.reports.forms import File


def kept(reports: Reports, files: Iterable[File], about: OutputClass) -> Mapping[str, Link]:
    """A link to each, by its name, in their order. Raises as Reports.put does."""
    return {file.name: reports.put(file.name, file.content, file.type, about) for file in files}


def until_when(links: Iterable[Link], now: datetime) -> str:
    """When the first of them ends, in words."""
    until = min(link.until for link in links)
    hours = round((until - now).total_seconds() / 3600)
    return f"for {hours} {'hour' if hours == 1 else 'hours'}, until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
