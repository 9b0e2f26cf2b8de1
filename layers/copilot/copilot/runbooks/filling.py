"""Saved plans filled in: those that a schedule's firings run, from the runbooks of this package, and any other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import JsonValue

from copilot.domain import KIND_WORDS, TOLD, Parameter, Plan, Runbook, ScheduleAction, Step
from copilot.errors import ToolInputError
from copilot.text.nearness import nearest
from copilot.text.outside import inert, quoted

PARAMETER = re.compile(r"\{\$([a-z][a-z0-9_]*)\}")
"""Where the value of a parameter stands in a text."""


def window_runbooks(parameters: Mapping[str, JsonValue]) -> dict[ScheduleAction, Plan]:
    """The plan of each action of a window."""
    return {
        action: Plan.model_validate(filled(plan, {**defaults(plan), **parameters}))
        for action, plan in _of_a_window().items()
    }


@cache
def _of_a_window() -> Mapping[ScheduleAction, Any]:
    found: Mapping[ScheduleAction, Any] = yaml.safe_load(files("copilot").joinpath("runbooks/window.yaml").read_text())
    return found


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


def plan_of(runbook: Runbook, arguments: Mapping[str, JsonValue]) -> Plan:
    """The runbook's plan with these arguments, and with its defaults for the rest. A text is read as what the parameter
    takes: "12" for a whole number.

    It may run only as far as a plan's check says. Raises ToolInputError, naming the parameter.
    """
    for name in arguments:
        if name not in runbook.parameters:
            takes = ", ".join(runbook.parameters) or "none"
            problem = f"runbook {runbook.name} has no parameter {quoted(name)}; it takes {takes}"
            raise ToolInputError(problem, nearest(name, runbook.parameters), ours=True)
    given = {name: _read(runbook, name, arguments.get(name)) for name in runbook.parameters}
    said = ", ".join(f"{name} = {_in_text(value)}" for name, value in given.items())
    steps = tuple(Step.model_validate(_with_texts(filled(one.model_dump(), given), given)) for one in runbook.steps)
    answer = runbook.answer.model_copy(update={"text": _named_in(runbook.answer.text, runbook, given)})
    return Plan(goal=f"Runbook {runbook.called}{said and ': '}{said}", steps=steps, answer=answer)


def _read(runbook: Runbook, name: str, given: JsonValue) -> JsonValue:
    parameter = runbook.parameters[name]
    value = parameter.default if given is None else _as_its_type(parameter, given)
    what = f"parameter {name} of runbook {runbook.name}"
    if value is None:
        described = f" ({quoted(parameter.description)})" if parameter.description else ""
        problem = f"{what} has to be said{described}: {parameter.in_words}"
        raise ToolInputError(problem, parameter.choices, ours=True)
    if problem := parameter.problem_with(value):
        near = nearest(str(value), parameter.choices) if parameter.choices else ()
        raise ToolInputError(f"{what}: {problem}", near, ours=True)
    return value


def _as_its_type(parameter: Parameter, given: JsonValue) -> JsonValue:
    """What is meant where people can only write text."""
    if not isinstance(given, str):
        return given
    said = given.strip()
    match parameter.type:
        case "boolean":
            return {"true": True, "yes": True, "false": False, "no": False}.get(said.casefold(), given)
        case "integer" if re.fullmatch(r"[+-]?\d{1,15}", said):
            return int(said)
        case "number" if re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,9})?", said):
            return float(said)
        case "choice":
            meant = {said.casefold(), str(KIND_WORDS.get(said.casefold()))}
            return next((one for one in parameter.choices if one.casefold() in meant), said)
    return said


def _with_texts(value: JsonValue, given: Mapping[str, JsonValue]) -> JsonValue:
    """A value with the parameters in its templates."""
    if isinstance(value, dict) and set(value) == {"$text"}:
        return {"$text": with_parameters(str(value["$text"]), given)}
    if isinstance(value, dict):
        return {key: _with_texts(inner, given) for key, inner in value.items()}
    return [_with_texts(inner, given) for inner in value] if isinstance(value, list) else value


def with_parameters(template: str, given: Mapping[str, JsonValue]) -> str:
    """A template with the values of its {$name}: text that can do nothing where it is shown, and is no template. Names
    that are not given stay.
    """
    return PARAMETER.sub(lambda found: _in_text(given[found[1]]) if found[1] in given else found[0], template)


def _in_text(value: JsonValue) -> str:
    said = str(value).lower() if isinstance(value, bool) else str(value)
    if re.fullmatch(TOLD, said):
        return said
    return inert(said).replace("{", "(").replace("}", ")")


def _named_in(text: str | None, runbook: Runbook, given: Mapping[str, JsonValue]) -> str | None:
    """The answer under the name of the runbook: its words are those of whoever saved it, and not the copilot's."""
    return None if text is None else f"Runbook {runbook.called}.\n\n{with_parameters(text, given)}"
