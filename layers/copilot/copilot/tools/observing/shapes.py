"""The shape of a line of a log: what it says without what differs each time. Pure.

Two lines have one shape where they differ in numbers, ids, addresses, times and what stands in quotes alone. A trace is
known by what it was that was thrown.
"""

from __future__ import annotations

import json
import re

LONGEST = 200
_MESSAGES = ("message", "msg", "error", "exception", "err", "event", "reason")
_TIME = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)?"
_RULES = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (_TIME, "<time>"),
        (r"\d\d/[A-Z][a-z]{2}/\d{4}(?::\d\d:\d\d:\d\d(?: [+-]\d{4})?)?", "<time>"),
        (r"\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)\b", "<time>"),
        (r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<id>"),
        (r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", "<mail>"),
        (r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b", "<ip>"),
        (r"\"[^\"\n]{0,400}\"|(?<!\w)'[^'\n]{0,400}'(?!\w)|`[^`\n]{0,400}`", "<text>"),
        (r"(?i)\b0x[0-9a-f]+\b", "<id>"),
        (r"\b(?=[0-9a-fA-F]*\d)(?=[0-9]*[a-fA-F])[0-9a-fA-F]{8,}\b", "<id>"),
        (r"\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,}\b", "<id>"),
        (r"(?<![A-Za-z<])[+-]?\d+(?:[.,]\d+)*(?![A-Za-z_]*>)", "<n>"),
        (r"(?<=[A-Za-z])\d{2,}\b", "<n>"),
    )
)
"""In this order: a time is more than its numbers."""
_LEADING = re.compile(r"^(?:\[?<time>\]?[,:]?\s*)+")


def telling_line(text: str) -> str:
    """The line that says what it is: of one with a trace the first, and what was thrown at its end."""
    text = text.strip()
    if text.startswith("{") and (said := _message(text)):
        text = said.strip()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        return ""
    first, last = lines[0], lines[-1]
    caused = next((line for line in reversed(lines) if line.startswith("Caused by: ")), "")
    if "Traceback (most recent call last)" in text:
        thrown = [line for line in text.rstrip().split("\n") if line and not line[0].isspace()][-1].strip()
        return thrown if "Traceback" in first else f"{first} … {thrown}"
    return f"{first} … {caused}" if caused and caused != first and last != first else first


def shape_of(text: str) -> str:
    shape = telling_line(text)
    for pattern, instead in _RULES:
        shape = pattern.sub(instead, shape)
    shape = " ".join(_LEADING.sub("", shape).split())
    return shape if len(shape) <= LONGEST else f"{shape[: LONGEST - 1]}…"


def _message(text: str) -> str:
    try:
        entry = json.loads(text)
    except ValueError:
        return ""
    given = {str(name).lower(): value for name, value in entry.items()} if isinstance(entry, dict) else {}
    return next((value for name in _MESSAGES if isinstance(value := given.get(name), str) and value), "")
