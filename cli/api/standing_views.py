"""What the HTTP API says about standing approvals, as frozen types."""

from __future__ import annotations

from datetime import datetime

from cli.api.documents import View
from copilot.domain import Person


class StandingView(View):
    """One; `most` is how many targets a firing may change by it."""

    id: str
    schedule: str
    title: str
    owner: str
    most: int
    by: Person
    at: datetime
    expires_at: datetime
    reason: str = ""


class StandingList(View):
    standing: tuple[StandingView, ...]
