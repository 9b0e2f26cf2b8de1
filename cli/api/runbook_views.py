"""What the HTTP API says about runbooks, as frozen types."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cli.api.documents import View
from copilot.domain import Person


class RunbookView(View):
    name: str
    version: int
    description: str = ""
    takes: str
    steps: str
    by: Person
    at: datetime
    withdrawn: bool = False


class RunbookList(View):
    runbooks: tuple[RunbookView, ...]


class WholeRunbookView(RunbookView):
    document: dict[str, Any]
    versions: tuple[RunbookView, ...] = ()
