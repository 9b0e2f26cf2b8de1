"""From what a model wrote to a Plan, however it was wrapped; and from a Plan with a change to it to the whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from copilot.domain import Answer, Look, Plan, Question, Step
from copilot.errors import PlanError
from copilot.language_model.thoughts import without_thoughts
from copilot.plans.arguments import dependencies
from copilot.text.nearness import nearest

_MOST_STARTS = 50
"""So many braces are tried as the beginning of the plan, in text that has it somewhere."""
_DEEPEST = 4
"""In so many wrappings is a plan looked for."""
_SHOWN = 60
_KEYS = frozenset(Plan.model_fields)
_THOUGHTS = frozenset(
    "think thinking thought thoughts reasoning reasoning_content reflection rationale analysis scratchpad "
    "chain_of_thought inner_monologue".split()
)
"""Keys under which a model thinks: what is under them is no part of its answer."""
_GIVEN = frozenset({"arguments", "parameters", "input", "args", "function"})
"""The keys in a tool's call of what it is called with."""
_BEGINS_A_PLAN = re.compile(rf'\{{\s*"(?:{"|".join(Plan.model_fields)})"')
UNFINISHED = "the answer was cut off in the middle of a thought; think less, and answer outside of what is thought"
_TYPES: Mapping[str, type[BaseModel]] = {"steps": Step, "answer": Answer, "ask": Question, "then": Look}


def read_plan(text: str) -> Plan:
    """The Plan in a model's answer: in a code fence, with text around it, with a comma too many, under one key of its
    own, as what a tool is called with, with arguments as a JSON text. What is thought is not answered.

    Raises PlanError with what is wrong, each problem naming where: among it two plans that differ, and a thought
    without an end.
    """
    said = without_thoughts(text, document=True)
    if said is None:
        raise PlanError([UNFINISHED])
    document = _document(said)
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise PlanError(["the answer has half of a character in it, which no text can hold"]) from None
    try:
        plan = Plan.model_validate(document)
    except ValidationError as error:
        raise PlanError([_problem(document, dict(one)) for one in error.errors()]) from None
    if own := [step.id for step in plan.steps if step.accompanies is not None]:
        raise PlanError([f"step {name}: there is no field accompanies" for name in own])
    return plan


def needed_in(text: str) -> tuple[str, ...]:
    """The tools that a model's answer asks for in place of a plan; () where it is a plan, or cannot be read."""
    try:
        found = read_plan(text)
    except PlanError:
        return ()
    return found.need if found.only_needs else ()


def is_one_document(text: str) -> bool:
    """Whether the text is one whole JSON object, in a code fence or not, and nothing is beside it."""
    body = re.sub(r"\A```\w*\s+|\s*```\Z", "", text.strip())
    return body.startswith("{") and _balanced(body, 0)[1] == len(body)


def merge(plan: Plan, change: Plan) -> Plan:
    """The plan with what the change has: a step in the place of the one with its id, an answer for the answer.

    A step that is new comes before the first that refers to it, and before the next one of the change that is in the
    plan; after all others if there is none. The steps it drops are gone. A change that only says or asks something, or
    declines, takes the place of the whole plan; what to look at then is in place of the answer, and the other way
    round. Raises PlanError where the two together have too many steps.
    """
    if not change.steps and change.only_speaks:
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
        "answer": change.answer or (None if change.then else plan.answer),
        "then": change.then or (None if change.answer else plan.then),
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
    """The one plan among the JSON objects of the text, tidied; the first of all where none has a key of a plan.

    Raises PlanError where there is none, where two differ, or where it cannot be told.
    """
    found, problems = _objects(text)
    plans = [_tidied(plan) for one in found for plan in _plans_in(one)]
    if len({_compared(plan) for plan in plans}) > 1:
        raise PlanError(["the answer holds two different plans; answer with one, and with nothing beside it"])
    if plans:
        if {"plan": True} in found and not plans[0].get("steps"):
            raise PlanError(["the answer says that a plan is needed, and does without one"])
        return plans[0]
    others = [kept for one in found if (kept := _unwrapped(_without_thoughts(one)))]
    if others and not problems:
        return _tidied(others[0])
    if found and not problems:
        problems = ["the answer has no key of a plan in it"]
    raise PlanError(problems[:1] or [f"there is no JSON object in the answer, which begins {_short(text.strip())}"])


def _objects(text: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The JSON objects in the text that are in no other, and what is none though it stands between braces.

    Raises PlanError where one is cut off, where a plan is broken, and where there are too many to look through.
    """
    found, problems = list[dict[str, Any]](), list[str]()
    start = text.find("{")
    for _ in range(_MOST_STARTS):
        if start < 0:
            return found, problems
        whole, end = _balanced(text, start)
        # Inside of what is meant as JSON and is none, nothing is to be taken for the plan.
        meant, place = re.match(r'\{\s*"', whole) is not None, start + 1
        if end is None and meant:
            raise PlanError(["the answer was cut off before the end of its JSON; answer shorter"])
        if end is not None:
            try:
                found.append(json.loads(whole, strict=False, object_pairs_hook=_said_once))
                place = end
            except (ValueError, RecursionError) as error:
                problems.append(f"the answer is no valid JSON: {error}")
                if _BEGINS_A_PLAN.match(whole):
                    raise PlanError(problems[-1:]) from None
                place = end if meant else place
        start = text.find("{", place)
    if start >= 0 and any(True for one in found for _ in _plans_in(one)):
        raise PlanError(["too much stands beside the plan; answer with the plan alone"])
    return found, problems


def _said_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object. Raises ValueError where it has a key twice, with two values."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        if made.setdefault(key, value) != value:
            raise ValueError(f"it has the key {_short(key)} twice")
    return made


def _plans_in(value: Any, depth: int = _DEEPEST) -> Iterator[dict[str, Any]]:
    """What has a key of a plan: an object, what is under its only key, or what a tool is called with."""
    value = _parsed(value) if isinstance(value, str) else value
    if isinstance(value, list) and depth:
        for one in value:
            yield from _plans_in(one, depth - 1)
    if not isinstance(value, dict) or not depth:
        return
    said = _without_thoughts(value)
    if said.keys() & _KEYS:
        yield said
    elif said.keys() & _GIVEN:
        yield from _plans_in(said.get("function"), depth - 1)
        for given in (said[key] for key in said.keys() & _GIVEN - {"function"}):
            given = _parsed(given) if isinstance(given, str) else given
            # What is deeper in it is the tool's own: to keep a plan is not to carry it out.
            if isinstance(given, dict) and given.keys() & _KEYS:
                yield _without_thoughts(given)
    elif len(said) == 1:
        yield from _plans_in(next(iter(said.values())), depth - 1)


def _without_thoughts(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key.lower() not in _THOUGHTS}


def _compared(plan: Mapping[str, Any]) -> str:
    """The same for two plans that say the same."""
    return json.dumps({key: value for key, value in plan.items() if value not in ("", [], {})}, sort_keys=True)


def _unwrapped(document: dict[str, Any]) -> dict[str, Any]:
    """What is under the only key, where that is an object."""
    if len(document) != 1:
        return document
    (inner,) = document.values()
    inner = _parsed(inner) if isinstance(inner, str) else inner
    return _without_thoughts(inner) if isinstance(inner, dict) else document


def _parsed(text: str) -> Any:
    """The value that a text of JSON is; None for any other."""
    text = text.strip()
    whole, end = _balanced(text, 0) if text.startswith("{") else (text, len(text))
    try:
        return json.loads(whole if end == len(text) else text, strict=False, object_pairs_hook=_said_once)
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
    if isinstance(tidy.get("need"), str):
        tidy["need"] = [tidy["need"]]
    if isinstance(then := tidy.get("then"), dict):
        using = then.get("using")
        some = using if isinstance(using, list) else [] if using is None else [using]
        tidy["then"] = then | {"using": [_expression(one) for one in some], "why": then.get("why") or ""}
    for key, name in (("answer", "text"), ("ask", "question")):
        if isinstance(tidy.get(key), str):
            tidy[key] = {name: tidy[key]}
        elif isinstance(tidy.get(key), dict):
            tidy[key] = {inner: value for inner, value in tidy[key].items() if value is not None}
    return tidy


def _tidied_step(step: dict[str, Any]) -> dict[str, Any]:
    tidy = {key: value for key, value in _without_thoughts(step).items() if value is not None}
    if isinstance(tidy.get("arguments"), str) and isinstance(read := _parsed(tidy["arguments"]), dict):
        tidy["arguments"] = read
    if "when" in tidy:
        tidy["when"] = _expression(tidy["when"])
    return tidy


def _expression(value: Any) -> Any:
    """An expression, also where it came as a reference."""
    return value["$ref"] if isinstance(value, dict) and set(value) == {"$ref"} else value


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
        near = nearest(str(place[-1]), known)
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
