"""What the HTTP API says about standing approvals, as frozen types."""

from __future__ import annotations

from datetime import datetime

from cli.api.documents import View
from copilot.domain import Person


class StandingView(View):
    """One, of a schedule or of a reaction; `most` is how many targets it may change each time."""

    id: str
    schedule: str | None = None
    reaction: str | None = None
    title: str
    owner: str
    most: int
    by: Person
    at: datetime
    expires_at: datetime
    reason: str = ""


class StandingList(View):
    standing: tuple[StandingView, ...]
