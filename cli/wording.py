"""How values are put into words: times in the person's zone, durations, arguments in short."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue, ValidationError

from copilot.text.durations import spoken
from copilot.text.spoken import tool_spoken

if TYPE_CHECKING:
    from copilot.domain import Arguments

UNSEEN = ("Cc", "Cf", "Cs")
"""Unicode categories of what moves a terminal instead of showing on it, or cannot be sent to it at all."""


SHORT = frozenset({"name", "$ref", "$item", "$text"})
"""Keys by which a value is put in short."""


def clean(text: object) -> str:
    """Text from outside with control characters but tabs made visible: no answer can write over the terminal."""
    return "".join(c if c in "\n\t" or unicodedata.category(c) not in UNSEEN else ascii(c)[1:-1] for c in str(text))


def line(text: object) -> str:
    """The same on one line."""
    return " ".join(clean(text).split())


def moment(at: datetime, now: datetime | None = None) -> str:
    """14:32:05 for today, 21 Nov 14:32 for any other day, in the local zone."""
    local, today = at.astimezone(), (now or datetime.now(UTC)).astimezone()
    return f"{local:%H:%M:%S}" if local.date() == today.date() else f"{local:%d %b %Y %H:%M}"


def duration(seconds: float) -> str:
    """0.4 s, 12 s, 3 min 20 s, 2 h 5 min."""
    return f"{max(seconds, 0):.1f} s" if seconds < 10 else spoken(seconds)


def deadline(at: datetime, now: datetime | None = None) -> str:
    """14:32:05 CET (in 59 min)."""
    left = (at - (now or datetime.now(UTC))).total_seconds()
    when = f"in {duration(left // 60 * 60 if left > 120 else left)}" if left > 0 else f"{duration(-left)} ago"
    return f"{moment(at, now)} {at.astimezone():%Z} ({when})"


def value(given: JsonValue, width: int = 60) -> str:
    """One argument in short: a reference as the expression it is, a template in quotes, what has a name by that, a
    window as one reads it, the rest as JSON."""
    if isinstance(given, dict) and len(given) == 1:
        ((key, inner),) = given.items()
        if key == "$ref":
            return shorten(line(inner), width)
        if key == "$item":
            return "each" if inner == "@" else shorten(f"each {line(inner)}", width)
        if key == "$text":
            return f'"{shorten(line(inner), width)}"'
    if isinstance(given, dict) and isinstance(given.get("name"), str):
        return shorten(line(given["name"]), width)
    if isinstance(given, dict) and given.keys() >= {"stop", "time_zone"} and given.keys() & {"days", "on"}:
        return shorten(_window(given), width)
    if isinstance(given, list) and given and all(isinstance(part, dict) and SHORT & part.keys() for part in given):
        return shorten(", ".join(value(part, width) for part in given), width)
    if isinstance(given, list) and all(isinstance(part, str) for part in given):
        return shorten(line(", ".join(map(str, given)) or "none"), width)
    return shorten(line(given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)), width)


def _window(given: dict[str, JsonValue]) -> str:
    """18:00 to 08:00 MON-FRI Europe/Paris; once on Fri 6 Mar 2026 at 18:00 Europe/Paris"""
    from copilot.domain import Window
    from copilot.times.recurrence import day_text
    from copilot.times.windows import describe

    try:
        window = Window.model_validate(given)
    except ValidationError:
        return line(json.dumps(given, ensure_ascii=False))
    if window.on is not None:
        return line(describe(window.times))
    days, ends = (day_text(some).replace("*", "every day") for some in (window.days, window.start_days or window.days))
    if window.start is None:
        when = f"{window.stop} {days}"
    elif days == ends:
        when = f"{window.stop} to {window.start} {days}"
    else:
        when = f"{window.stop} {days} to {window.start} {ends}"
    return line(f"{when} {window.time_zone}{', enforced' if window.enforce else ''}")


def arguments(given: Arguments, width: int = 60) -> str:
    """kind=development, hours=6"""
    return ", ".join(f"{line(name)}={value(part, width)}" for name, part in given.items())


def problems(error: ValidationError) -> str:
    """Every field that is wrong and why, one after the other: "hours: Input should be a valid integer, not 'x'"."""
    return "; ".join(_problem(dict(part)) for part in error.errors(include_url=False))


def _problem(part: dict[str, Any]) -> str:
    from copilot.domain.misfits import misfit

    field = ".".join(map(str, part["loc"])) or "the whole"
    # What stands where a key is named may be one.
    hidden = part["type"] in ("missing", "extra_forbidden") or "key" in part["loc"]
    given = "" if hidden else f", not {shorten(line(repr(part['input'])), 60)}"
    return f"{field}: {line(misfit(part))}{given}"


def shorten(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def command(*words: str) -> str:
    """A command line the person can paste, with this program named as they can call it from here."""
    beside = Path(sys.executable).parent / "devops-copilot"
    found = shutil.which("devops-copilot")
    program = "devops-copilot"
    if found is None and beside.exists():
        here = Path.cwd()
        program = str(beside.relative_to(here) if beside.is_relative_to(here) else beside)
    return shlex.join([program, *words])


def tool_words(tool: str) -> str:
    """A tool by its name, as words in a line of ours."""
    return line(tool_spoken(tool))
