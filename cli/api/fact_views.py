"""What the HTTP API says about facts, as frozen types."""

from __future__ import annotations

from datetime import datetime

from cli.api.documents import View
from copilot.domain import Person


class SaidView(View):
    kind: str
    value: str
    run: str
    author: Person
    at: datetime
    until: datetime | None = None


class BeforeView(View):
    value: str
    author: str
    at: datetime
    until: datetime
    ended: str


class FactView(View):
    """`fact` is None where it was forgotten, or has ended."""

    subject: str
    attribute: str
    fact: SaidView | None = None
    before: tuple[BeforeView, ...] = ()


class FactList(View):
    own: tuple[FactView, ...]
    shared: tuple[FactView, ...] = ()
