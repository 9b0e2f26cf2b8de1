"""From what a model wrote to a Plan, however it was wrapped; and from a Plan with a change to it to the whole."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from copilot.arguments import dependencies
from copilot.errors import PlanError
from copilot.model import Answer, Plan, Question, Step

_MOST_STARTS = 50
"""So many braces are tried as the beginning of the plan, in text that has it somewhere."""
_SHOWN = 60
_TYPES: Mapping[str, type[BaseModel]] = {"steps": Step, "answer": Answer, "ask": Question}


def read_plan(text: str) -> Plan:
    """The Plan in a model's answer: in a code fence, with text around it, with a comma too many, under one key of its
    own, with arguments as a JSON text. Raises PlanError with what is wrong, each problem naming where.
    """
    document = _tidied(_unwrapped(_document(text)))
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise PlanError(["the answer has half of a character in it, which no text can hold"]) from None
    try:
        return Plan.model_validate(document)
    except ValidationError as error:
        raise PlanError([_problem(document, dict(one)) for one in error.errors()]) from None


def merge(plan: Plan, change: Plan) -> Plan:
    """The plan with what the change has: a step in the place of the one with its id, an answer for the answer.

    A step that is new comes before the first that refers to it, and before the next one of the change that is in the
    plan; after all others if there is none. The steps it drops are gone. A change that only says or asks something, or
    declines, takes the place of the whole plan. Raises PlanError where the two together have too many steps.
    """
    if not change.steps and (change.say is not None or change.ask is not None or change.decline is not None):
        return change.model_copy(update={"goal": plan.goal or change.goal})
    steps = [step for step in plan.steps if step.id not in change.drop]
    place = len(steps)
    for step in reversed(change.steps):
        known = [index for index, other in enumerate(steps) if other.id == step.id]
        if known:
            place = known[0]
            steps[place] = step
        else:
            place = min([place, *(index for index, other in enumerate(steps) if step.id in _named_by(other))])
            steps.insert(place, step)
    whole = {
        "goal": plan.goal or change.goal,
        "steps": steps,
        "answer": change.answer or plan.answer,
        "say": change.say,
        "ask": change.ask,
        "decline": change.decline,
    }
    try:
        return Plan.model_validate(whole)
    except ValidationError as error:
        raise PlanError([_problem(whole, dict(one)) for one in error.errors()]) from None


def _named_by(step: Step) -> frozenset[str]:
    """The steps that a step refers to; none where that cannot be read, which is for the plan's check to say."""
    try:
        return dependencies(step)
    except PlanError:
        return frozenset()


def _document(text: str) -> dict[str, Any]:
    """The first JSON object in the text that has a key of a plan; the first of all where none has. Raises PlanError."""
    others: list[dict[str, Any]] = []
    problems: list[str] = []
    start = text.find("{")
    for _ in range(_MOST_STARTS):
        if start < 0:
            break
        found, end = _balanced(text, start)
        # Inside of what is meant as JSON and is none, nothing is to be taken for the plan.
        meant = re.match(r'\{\s*"', found) is not None
        if end is None:
            if meant:
                raise PlanError(["the answer was cut off before the end of its JSON; answer shorter"])
            start = text.find("{", start + 1)
            continue
        try:
            value = json.loads(found, strict=False)
        except (ValueError, RecursionError) as error:
            problems.append(f"the answer is no valid JSON: {error}")
            start = text.find("{", end if meant else start + 1)
            continue
        if value.keys() & Plan.model_fields.keys():
            return dict(value)
        others.append(value)
        start = text.find("{", end)
    if others and not problems:
        return others[0]
    raise PlanError(problems[:1] or [f"there is no JSON object in the answer, which begins {_short(text.strip())}"])


def _unwrapped(document: dict[str, Any]) -> dict[str, Any]:
    """What is under the only key, where that is none of a plan's."""
    if len(document) != 1 or document.keys() & Plan.model_fields.keys():
        return document
    (inner,) = document.values()
    inner = _parsed(inner) if isinstance(inner, str) else inner
    return inner if isinstance(inner, dict) else document


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _balanced(text: str, start: int) -> tuple[str, int | None]:
    """The text from a brace to the one that closes it, without commas before what closes something, and where that
    ends; None where it never does.
    """
    kept: list[str] = []
    depth, inside, escaped = 0, False, False
    for place in range(start, len(text)):
        sign = text[place]
        if inside:
            inside = escaped or sign != '"'
            escaped = sign == "\\" and not escaped
        elif sign == '"':
            inside = True
        elif sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
            while kept[-1].isspace():
                kept.pop()
            if kept[-1] == ",":
                kept.pop()
        kept.append(sign)
        if depth == 0:
            return "".join(kept), place + 1
    return "".join(kept), None


def _tidied(document: dict[str, Any]) -> dict[str, Any]:
    """Without keys that are null, with arguments that came as JSON text read, and a bare answer or question as such."""
    tidy = {key: value for key, value in document.items() if value is not None}
    if isinstance(tidy.get("steps"), list):
        tidy["steps"] = [_tidied_step(step) if isinstance(step, dict) else step for step in tidy["steps"]]
    for key, name in (("answer", "text"), ("ask", "question")):
        if isinstance(tidy.get(key), str):
            tidy[key] = {name: tidy[key]}
        elif isinstance(tidy.get(key), dict):
            tidy[key] = {inner: value for inner, value in tidy[key].items() if value is not None}
    return tidy


def _tidied_step(step: dict[str, Any]) -> dict[str, Any]:
    tidy = {key: value for key, value in step.items() if value is not None}
    if isinstance(tidy.get("arguments"), str) and isinstance(read := _parsed(tidy["arguments"]), dict):
        tidy["arguments"] = read
    return tidy


def _problem(document: Mapping[str, Any], error: Mapping[str, Any]) -> str:
    """An error of pydantic's in words, naming where: step stop: unknown key foreach; nearest: for_each."""
    place, where = list(error["loc"]), "the plan"
    known = list(Plan.model_fields)
    if place and place[0] in _TYPES:
        part = place.pop(0)
        where, known = part, list(_TYPES[part].model_fields)
        if part == "steps" and place:
            where = _step_name(document["steps"], place.pop(0))
    if error["type"] == "extra_forbidden":
        near = get_close_matches(str(place[-1]), known, n=1, cutoff=0.5)
        instead = f"nearest: {near[0]}" if near else f"it has {', '.join(known)}"
        return f"{where}: unknown key {_short(place[-1])}; {instead}"
    if error["type"] == "missing":
        return f"{where}: {'.'.join(map(str, place))} is missing"
    said = str(error["msg"]).replace("valid tuple", "list").replace("valid dictionary", "JSON object")
    return f"{where}: {''.join(f'{one}: ' for one in map(str, place))}{said}, got {_short(error['input'])}"


def _step_name(steps: Any, index: Any) -> str:
    step = steps[index] if isinstance(steps, list) and isinstance(index, int) else None
    name = step.get("id") if isinstance(step, dict) else None
    return f"step {name}" if isinstance(name, str) and re.fullmatch(r"\w{1,40}", name) else f"step number {index + 1}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "\u2026")
