"""Saved plans filled in: those that a schedule's firings run, from the runbooks of this package, and any other."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml
from pydantic import JsonValue

from copilot.domain import Plan, ScheduleAction


def window_runbooks(parameters: Mapping[str, JsonValue]) -> dict[ScheduleAction, Plan]:
    """The plan of each action of a window."""
    found = yaml.safe_load(files("copilot").joinpath("runbooks/window.yaml").read_text())
    return {
        action: Plan.model_validate(filled(plan, {**defaults(plan), **parameters})) for action, plan in found.items()
    }


def filled(value: Any, slots: Mapping[str, JsonValue]) -> Any:
    """The value with what each {"$slot": name} stands for. Raises KeyError for a name that is not among them."""
    if isinstance(value, dict):
        if set(value) in ({"$slot"}, {"$slot", "$default"}):
            return slots[value["$slot"]]
        return {key: filled(inner, slots) for key, inner in value.items()}
    return [filled(inner, slots) for inner in value] if isinstance(value, list) else value


def defaults(value: Any) -> dict[str, JsonValue]:
    """What slots are where nothing was said: {"$slot": name, "$default": value}."""
    if isinstance(value, dict) and set(value) == {"$slot", "$default"}:
        return {value["$slot"]: value["$default"]}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {slot: default for one in inner for slot, default in defaults(one).items()}
