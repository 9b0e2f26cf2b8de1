"""The plans that a schedule's firings run, filled in from the runbooks of this package."""

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
    return {action: Plan.model_validate(_filled(plan, parameters)) for action, plan in found.items()}


def _filled(value: Any, parameters: Mapping[str, JsonValue]) -> Any:
    if isinstance(value, dict):
        if set(value) == {"$slot"}:
            return parameters[value["$slot"]]
        return {key: _filled(inner, parameters) for key, inner in value.items()}
    return [_filled(inner, parameters) for inner in value] if isinstance(value, list) else value
