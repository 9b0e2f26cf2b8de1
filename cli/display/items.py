"""One call of a step on one line: its status, its time, what it is about, what it said."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue
from rich.text import Text

from cli.api.views import ItemView, RunView, StepView
from cli.display.page import word
from cli.wording import duration, line, shorten, tool_words, value

PHASES = {"preview": "looking", "execute": "running", "check": "checking"}
LABEL, GAP, LEAST = 34, 2, 24
Row = tuple[Text, str, str, str]


def state(item: ItemView) -> str:
    """The item's status in a word for a person; "" for one that has not begun and has nothing to say."""
    if item.status == "issued":
        return PHASES.get(item.phase, "running")
    if item.status == "failed" and item.choices:
        return "unclear"
    if item.status == "open":
        return "waiting" if item.reason else ""
    return {"asking": "asks", "no_data": "no data", "wrong": "replans"}.get(item.status, line(item.status))


def item_row(run: RunView, step: StepView, item: ItemView, now: datetime, room: int | None = None) -> Row:
    """Status, seconds, step id, and the rest. With `room` what went well has so many columns for all of it: the answer
    tells it too, or `runs show`. What did not is told in full.
    """
    about = label(run, step, item)
    said = line(item.summary or item.reason or (item.decision.reason if item.decision else "") or "")
    said = said.removeprefix(f"{about}: ").removeprefix(f"{about} ")
    attempt = f"attempt {item.attempt}" if item.attempt > 1 else ""
    if item.mended:
        attempt = f"\u201c{line(item.mended.said)}\u201d read as {line(item.mended.meant)}"
    width = max((len(label(run, step, other)) for other in step.items), default=0)
    rest = "  ".join(part for part in (about.ljust(width), attempt, said) if part).rstrip()
    row = _row(state(item), _seconds(item, now), run, step, rest)
    if room is not None and item.status == "done":
        taken = sum(len(cell) + GAP for cell in row[:-1]) + GAP
        return *row[:-1], shorten(rest, max(room - taken, LEAST))
    return row


TELLS_NOTHING = {"time_zone"}
"""In which zone times are told."""


def step_row(run: RunView, step: StepView, status: str, said: str) -> Row:
    """A step as a whole: one that was skipped, or one that begins."""
    return _row(status, "", run, step, said)


def label(run: RunView, step: StepView, item: ItemView) -> str:
    """What tells this call from the others: the values the plan left open, or else those it gave, or the tool."""
    planned = next((s.arguments for s in run.plan.steps if s.id == step.id), {}) if run.plan else {}
    for wanted in (("$ref", "$item"), ("",), ("$text",)):
        given = [v for n, v in item.arguments.items() if _kind(planned.get(n)) in wanted and n not in TELLS_NOTHING]
        chosen = [v for v in given if _names(v) or (len(step.items) > 1 and isinstance(v, int | float))]
        # Beside the one thing a call is about there may be a list of what in it.
        chosen = [v for v in chosen if not isinstance(v, list)] or chosen
        if chosen:
            return shorten(", ".join(value(v, LABEL) for v in chosen), LABEL)
    return shorten(tool_words(step.tool), LABEL)


def _names(given: JsonValue) -> bool:
    """Whether it says what a call is about: a text or what has a name. A number only tells it from the others."""
    if isinstance(given, list):
        return bool(given) and all(map(_names, given))
    return (isinstance(given, str) and given != "") or (isinstance(given, dict) and "name" in given)


def _kind(planned: JsonValue) -> str:
    if isinstance(planned, dict) and len(planned) == 1:
        (key,) = planned
        return key if key in ("$ref", "$item", "$text") else ""
    return ""


def _seconds(item: ItemView, now: datetime) -> str:
    if item.status == "issued" and item.issued_at:
        return duration((now - item.issued_at).total_seconds())
    return duration(item.seconds) if item.seconds is not None and item.status != "open" else ""


def _row(status: str, seconds: str, run: RunView, step: StepView, rest: str) -> Row:
    ids = max((len(other.id) for other in run.steps), default=0)
    status_cell = word(status)
    status_cell.pad_right(9 - len(status_cell))
    return status_cell, seconds.rjust(7), line(step.id).ljust(ids), rest
