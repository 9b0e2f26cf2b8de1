"""What is done each time by a schedule of a request, in words."""

from __future__ import annotations

import json

from pydantic import JsonValue

from copilot.domain import TIME, Plan
from copilot.text.listing import listed
from copilot.text.outside import inert, quoted
from copilot.text.spoken import tool_spoken
from copilot.times.moving import in_words

SAID = 90
"""Characters of an argument's value that are shown."""


def steps_in_words(plan: Plan) -> list[str]:
    """What is done each time, a line for each step: `costs (days 1, end the beginning of that day)`."""
    lines = []
    for step in plan.steps:
        given = [f"{name} {_value(value)}" for name, value in step.arguments.items() if value not in (None, [], "")]
        each = "for each of what was found: " if step.for_each is not None else ""
        with_what = f" ({', '.join(given)})" if given else ""
        lines.append(f"{each}{tool_spoken(step.tool)}{with_what}")
    return lines


def _value(value: JsonValue) -> str:
    if isinstance(value, dict):
        if isinstance(rule := value.get(TIME), dict):
            return in_words(rule)
        if isinstance(text := value.get("$text"), str):
            return _cut(quoted(inert(text)))
        return "as found"
    if isinstance(value, list):
        return _cut(listed([_value(one) for one in value]))
    return _cut(quoted(value)) if isinstance(value, str) else _cut(json.dumps(value))


def _cut(text: str) -> str:
    return text if len(text) <= SAID else f"{text[: SAID - 1]}…"
