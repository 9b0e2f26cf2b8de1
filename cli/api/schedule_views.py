"""What the HTTP API says about schedules, as frozen types."""

from __future__ import annotations

from datetime import datetime

from cli.api.documents import View


class DueView(View):
    action: str
    at: datetime


class FiringView(View):
    """One firing; `outcome` is that of its run, `said` the first line of its answer or why there was no run."""

    action: str
    scheduled_at: datetime
    fired_at: datetime
    run_id: str | None = None
    by: str | None = None
    outcome: str
    said: str = ""


class ScheduleView(View):
    id: str
    title: str
    owner: str
    state: str
    time_zone: str
    paused_because: str = ""
    next: tuple[DueView, ...] = ()
    firings: tuple[FiringView, ...] = ()
    clock_changes: tuple[str, ...] = ()


class ScheduleList(View):
    schedules: tuple[ScheduleView, ...]
    kept: tuple[str, ...] = ()
