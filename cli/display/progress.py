"""A run as it happens: what has come to an end is printed once and stays; a terminal also shows what is under way."""

from __future__ import annotations

from datetime import UTC, datetime
from types import TracebackType

from rich.console import RenderableType
from rich.live import Live
from rich.text import Text

from cli.api.views import ItemView, RunView, StepView
from cli.display.items import Row, item_row, state, step_row
from cli.display.page import Page, grid, word
from cli.display.plan import show_plan
from cli.wording import duration, tool_words
from copilot.domain import Plan

UNDER_WAY = frozenset({"looking", "running", "checking"})
SHOWN_AT_ONCE = 8


class Progress:
    """Give `see` every view of the run; use as a context manager around the following of it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._run: RunView | None = None
        self._planned: Plan | None = None
        self._told: set[tuple[str, int, str, str, int]] = set()
        live = Live(get_renderable=self.under_way, console=page.console, refresh_per_second=5, transient=True)
        self._live = live if page.is_terminal else None

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run = None
        if self._live:
            self._live.stop()

    def see(self, run: RunView) -> None:
        self._run = run
        if run.plan and run.plan.steps and run.plan != self._planned:
            self._planned = run.plan
            show_plan(self._page, run.plan)
        for step in run.steps:
            self._tell_step(run, step)

    def _tell_step(self, run: RunView, step: StepView) -> None:
        begun = [item for item in step.items if state(item)]
        if step.status == "skipped":
            self._tell((step.id, -1, "skipped", "", 0), step_row(run, step, "skipped", step.reason))
        elif begun and len(step.items) > 1:
            self._tell(
                (step.id, -1, "begun", "", 0),
                step_row(run, step, "begins", f"{tool_words(step.tool)}, {len(step.items)} calls"),
            )
        for item in begun:
            status = state(item)
            if status not in UNDER_WAY:
                row = item_row(run, step, item, _clock(), self._page.line)
                self._tell((step.id, item.index, status, _why(item), item.attempt), row)

    def _tell(self, key: tuple[str, int, str, str, int], row: Row) -> None:
        if key not in self._told:
            self._told.add(key)
            self._page.rows([row])

    def under_way(self) -> RenderableType:
        """What a terminal shows below what has come to its end: the calls at work, or else what the run waits for."""
        run, now = self._run, _clock()
        if run is None or run.is_at_rest:
            return Text()
        rows = [item_row(run, step, item, now) for step in run.steps for item in step.items if state(item) in UNDER_WAY]
        if len(rows) > SHOWN_AT_ONCE:
            rows[SHOWN_AT_ONCE:] = [(word(""), "", "", f"and {len(rows) - SHOWN_AT_ONCE} more under way")]
        return grid(rows or [(_doing(run), duration((now - run.created_at).total_seconds()))])


def _doing(run: RunView) -> str:
    if run.status == "queued":
        return "waits for its turn in the conversation"
    return "planning" if run.plan is None else "working"


def _why(item: ItemView) -> str:
    return item.reason if item.status == "open" else ""


def _clock() -> datetime:
    return datetime.now(UTC)
