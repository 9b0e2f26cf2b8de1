"""What the copilot itself cost, as the API tells it."""

from __future__ import annotations

from datetime import date

from cli.api.documents import View


class SpendLineView(View):
    name: str
    dollars: float
    calls: int


class CapView(View):
    setting: str
    words: str
    used: str
    left: str
    percent: int
    until: str


class SpendView(View):
    """In US dollars."""

    since: date
    until: date
    time_zone: str
    by: str
    dollars: float
    calls: int
    lines: tuple[SpendLineView, ...]
    caps: tuple[CapView, ...]
    withheld: str = ""
