"""What the HTTP API says of somebody's page, as frozen types."""

from __future__ import annotations

from datetime import datetime

from cli.api.documents import View


class RunLine(View):
    id: str
    request: str
    by: str
    own: bool = False
    since: datetime
    state: str
    waits_for: tuple[str, ...] = ()
    until: datetime | None = None


class ApprovalLine(View):
    id: str
    request: str
    by: str
    would: str
    until: datetime


class QuestionLine(View):
    run_id: str
    request: str
    choices: tuple[str, ...] = ()


class StopLine(View):
    environment: str
    at: datetime
    until: datetime


class ScheduleLine(View):
    id: str
    title: str
    by: str
    own: bool = False
    paused: bool = False
    action: str | None = None
    at: datetime | None = None
    may: str = "deny"
    stops: tuple[StopLine, ...] = ()


class HomeView(View):
    person: str
    at: datetime
    zone: str
    sees_all: bool = False
    runs: tuple[RunLine, ...] = ()
    approvals: tuple[ApprovalLine, ...] = ()
    questions: tuple[QuestionLine, ...] = ()
    schedules: tuple[ScheduleLine, ...] = ()
    kept: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    more: dict[str, int] = {}
