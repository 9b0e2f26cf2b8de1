"""What is done each time by a schedule of a request, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import JsonValue

from copilot.domain import TIME, Plan, Step
from copilot.text.listing import listed
from copilot.text.outside import inert, quoted
from copilot.text.spoken import tool_spoken
from copilot.times.moving import in_words

ITEM: JsonValue = {"$item": "@"}
"""One of those that a step is done for, whole."""
SAID = 90
"""Characters of an argument's value that are shown."""


def steps_in_words(plan: Plan) -> list[str]:
    """What is done each time, a line for each step: `costs (days 1, end the beginning of that day)`."""
    lines = []
    for step in plan.steps:
        named = step.for_each if isinstance(step.for_each, list) else []
        whole = "each" if len(named) != 1 else _value(named[0])
        arguments = {name: whole if named and value == ITEM else _value(value) for name, value in _said(step).items()}
        given = [f"{name} {value}" for name, value in arguments.items()]
        each = f"for each of {_value(named)}: " if len(named) > 1 else ""
        each = "for each of what was found: " if step.for_each is not None and not named else each
        with_what = f" ({', '.join(given)})" if given else ""
        lines.append(f"{each}{tool_spoken(step.tool)}{with_what}")
    return lines


def _said(step: Step) -> Mapping[str, JsonValue]:
    return {name: value for name, value in step.arguments.items() if value not in (None, [], "")}


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
