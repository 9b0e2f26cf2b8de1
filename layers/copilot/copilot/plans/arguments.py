"""Arguments of a step: literals and {"$ref": expression}, {"$item": expression}, {"$text": template}."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from pydantic import JsonValue

from copilot.domain import Arguments, Plan, Step
from copilot.errors import NoData
from copilot.plans import references
from copilot.plans.templates import NONE_SPARED, placeholders, render_text, with_words, without_placeholders, words

ATTACHMENTS = "attachments"
"""A reserved root of references: the request's files, a list of {name, text}."""
MEMORY = "memory"
"""Another: what was read in earlier Turns, by name."""
TOLD_CHANNELS = "told_channels"
"""The step that looks for whom a plan tells: see running.reaching."""
SHOWN = 60
TELLS_NOTHING = frozenset({"time_zone"})
"""In which zone times are told makes no other call of it."""


def in_words(arguments: Arguments) -> str:
    """What tells a call from others: not whether something holds, nor what it was given nothing for."""
    told: list[JsonValue] = [
        value
        for name, value in arguments.items()
        if isinstance(value, str | int | float | list) and not isinstance(value, bool)
        if value not in ("", []) and name not in TELLS_NOTHING
    ]
    return words(told)[:SHOWN] if told else ""


def expressions(value: JsonValue) -> Iterator[str]:
    """Every expression over step outputs in an argument value: of $ref, and of the placeholders of $text that do not
    speak of the element of a for_each.
    """
    if isinstance(value, dict):
        if set(value) == {"$ref"}:
            yield str(value["$ref"])
        elif set(value) == {"$text"}:
            yield from (one for one in placeholders(str(value["$text"])) if not references.is_of_element(one))
        elif set(value) != {"$item"}:
            for inner in value.values():
                yield from expressions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions(inner)


def literal_texts(value: JsonValue) -> Iterator[str]:
    """The texts in an argument's value that are written out in the plan, what stands between placeholders included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from literal_texts(inner)
    elif isinstance(value, dict) and set(value) == {"$text"}:
        yield without_placeholders(str(value["$text"]))
    elif isinstance(value, dict) and not set(value) & {"$ref", "$item"}:
        for inner in value.values():
            yield from literal_texts(inner)


def with_literal_texts(value: JsonValue, worded: Callable[[str], str]) -> JsonValue:
    """An argument's value with the texts that are written out in the plan worded otherwise; references stay."""
    if isinstance(value, str):
        return worded(value)
    if isinstance(value, list):
        return [with_literal_texts(inner, worded) for inner in value]
    if isinstance(value, dict) and set(value) == {"$text"}:
        return {"$text": with_words(str(value["$text"]), worded)}
    if isinstance(value, dict) and not set(value) & {"$ref", "$item"}:
        return {name: with_literal_texts(inner, worded) for name, inner in value.items()}
    return value


def written_texts(value: JsonValue, for_each: JsonValue = None) -> Iterator[str]:
    """The texts of an argument that stand in the plan: as a literal, in an expression, in the elements of for_each."""
    if isinstance(value, list):
        for inner in value:
            yield from written_texts(inner, for_each)
    elif isinstance(value, dict) and "$ref" in value:
        yield from literals_of(str(value["$ref"]))
    elif isinstance(value, dict) and "$item" in value:
        for element in _elements_written(for_each):
            yield from _texts(references.evaluate(str(value["$item"]), element))
    else:
        yield from literal_texts(value)
        if isinstance(value, dict) and "$text" in value:
            for expression in placeholders(str(value["$text"])):
                yield from literals_of(expression)


def literals_of(expression: str) -> Iterator[str]:
    """The texts that an expression itself may give."""
    for literal in references.literals(expression):
        yield from _texts(literal)


def _elements_written(for_each: JsonValue) -> Iterator[JsonValue]:
    """The elements of a for_each that are written out."""
    if isinstance(for_each, list):
        yield from (element for element in for_each if is_literal(element))
    elif isinstance(for_each, dict) and "$ref" in for_each:
        for literal in references.literals(str(for_each["$ref"])):
            yield from literal if isinstance(literal, list) else [literal]


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def is_literal(value: JsonValue) -> bool:
    """Whether the value has no reference anywhere in it."""
    if isinstance(value, dict):
        return not (set(value) & {"$ref", "$item", "$text"}) and all(is_literal(inner) for inner in value.values())
    return not isinstance(value, list) or all(is_literal(inner) for inner in value)


def dependencies(step: Step) -> frozenset[str]:
    """The ids of the steps that must be settled before this one. Raises PlanError for an unreadable reference."""
    return frozenset({*step.after, *map(step_of, referred_to(step))} - {""})


def referred_to(step: Step) -> frozenset[tuple[str, ...]]:
    """The paths that the step's references begin with. Raises PlanError for one that is unreadable."""
    found = [one for value in [step.for_each, *step.arguments.values()] for one in expressions(value)]
    found += [] if step.when is None else [step.when]
    paths = frozenset(path for one in found for path in references.roots(one))
    # What accompanies others tells which of what they changed was changed.
    return paths | (frozenset((name, "environment_id") for name in step.after) if step.accompanies else frozenset())


def answer_steps(plan: Plan) -> frozenset[str]:
    """The ids of the steps that the plan's answer speaks of, or what it is to look at then."""
    if plan.then is not None:
        return spoken_of(plan.then.using)
    if plan.answer is None:
        return frozenset()
    if plan.answer.text is None:
        return frozenset(name for name in plan.answer.using if not name.startswith(f"{MEMORY}."))
    return spoken_of(placeholders(plan.answer.text))


def spoken_of(expressions: Iterable[str]) -> frozenset[str]:
    """The ids of the steps that these expressions speak of."""
    return frozenset(step_of(path) for one in expressions for path in references.roots(one)) - {""}


def results_in(step: Step) -> frozenset[str]:
    """The names of the kept results that a step refers to; "" for `memory` alone. Raises PlanError."""
    return frozenset(_results(referred_to(step)))


def results_told(plan: Plan) -> frozenset[str]:
    """Those that the plan's answer speaks of, or that are to be looked at then. Raises PlanError."""
    said = [*plan.then.using] if plan.then is not None else []
    if plan.answer is not None:
        kept = [name for name in plan.answer.using if name.startswith(f"{MEMORY}.")]
        said += kept if plan.answer.text is None else placeholders(plan.answer.text)
    return frozenset(_results(path for one in said for path in references.roots(one)))


def results_of(plan: Plan) -> frozenset[str]:
    """All that it refers to. Raises PlanError."""
    return results_told(plan).union(*map(results_in, plan.steps))


def _results(paths: Iterable[tuple[str, ...]]) -> Iterator[str]:
    return (path[1] if len(path) > 1 else "" for path in paths if path[0] == MEMORY)


def step_of(path: tuple[str, ...]) -> str:
    """The step a path speaks of: failures.stop of stop; a bare `failures`, `attachments` and `memory` of none."""
    if path[0] in {ATTACHMENTS, MEMORY}:
        return ""
    if path[0] != "failures":
        return path[0]
    return path[1] if len(path) > 1 else ""


def resolve(
    value: JsonValue, outputs: Mapping[str, JsonValue], item: JsonValue = None, spared: Mapping[str, str] = NONE_SPARED
) -> JsonValue:
    """The value with every reference replaced, once: what is inserted is never resolved again. `spared` are texts that
    stand in a $text otherwise than others do: see templates.py. Raises NoData.
    """
    if isinstance(value, dict):
        if set(value) == {"$ref"}:
            return _required(str(value["$ref"]), dict(outputs))
        if set(value) == {"$item"}:
            return _required(str(value["$item"]), item)
        if set(value) == {"$text"}:
            return render_text(str(value["$text"]), outputs, spared, item)
        return {key: resolve(inner, outputs, item, spared) for key, inner in value.items()}
    if isinstance(value, list):
        return [resolve(inner, outputs, item, spared) for inner in value]
    return value


def _required(expression: str, data: JsonValue) -> JsonValue:
    found = references.evaluate(expression, data)
    if found is None:
        raise NoData(f"{expression} gave nothing")
    return found
