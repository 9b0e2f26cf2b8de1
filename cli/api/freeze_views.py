"""What the HTTP API says about freezes, as frozen types."""

from __future__ import annotations

from datetime import datetime

from cli.api.documents import View
from copilot.domain import Person


class ScopeView(View):
    of: str
    name: str = ""


class FreezeView(View):
    scope: ScopeView
    reason: str
    by: Person
    at: datetime


class FreezeList(View):
    freezes: tuple[FreezeView, ...]
