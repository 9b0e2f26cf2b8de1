"""What a model is shown that looks again: how the steps of its plan came out, and the values that it wanted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from copilot.domain import Plan, StepState
from copilot.errors import NoData
from copilot.language_model.prompting import Looked, Value
from copilot.plans import references
from copilot.plans.arguments import MEMORY, spoken_of
from copilot.plans.kept_back import INSTEAD
from copilot.plans.marks import trusted_texts
from copilot.plans.schema_types import AnyType, ListType, ObjectType, Text, Type, is_untrusted
from copilot.plans.taint import Shown

_SAID = {
    "denied": "not allowed",
    "expired": "not approved in time",
    "no_data": "had nothing to go on",
    "unknown": "nobody can say whether it was done",
    "replanned": "done otherwise",
    "halted": "not begun, since others failed",
}
_REASONS = 3
WITHHELD = "not told here, as text of others or a guess decides it; a plan that uses it is told"


def looked_at(
    plan: Plan,
    states: Mapping[str, StepState],
    outputs: Mapping[str, JsonValue],
    shown: Shown,
    rounds: int,
) -> Looked:
    """What may be shown of a plan, with these outputs of the steps its `then` speaks of, as a model may read them."""
    outcomes = {
        step.id: WITHHELD if step.id in shown.withheld else _came_to(states[step.id], step.id not in shown.unworded)
        for step in plan.steps
    }
    private = {name for name, output in outputs.items() if output == INSTEAD}
    again = outputs.get(MEMORY)
    private |= (
        {f"{MEMORY}.{name}" for name, value in again.items() if value == INSTEAD} if isinstance(again, dict) else set()
    )
    values = [
        Value(one, Text(), INSTEAD)
        if {*spoken_of([one]), *(".".join(path[:2]) for path in references.roots(one))} & private
        else Value(one, type, _given(one, outputs), is_untrusted(type))
        for one, type in shown.values.items()
    ]
    return Looked(plan, outcomes, values, rounds)


def trusted_in(looked: Looked) -> Iterator[str]:
    """The texts in what is shown that are not marked."""
    for one in looked.values:
        yield from trusted_texts(one.value, one.type)


def named_in(looked: Looked) -> Iterator[str]:
    """The names in it of what a plan may be made to change, as code resolved them for this Run. Whom to tell is not
    among that.
    """
    for one in looked.values:
        if any(path[0] == MEMORY for path in references.roots(one.expression)):
            continue
        yield from _named(one.value, one.type)


def _named(value: JsonValue, found: Type) -> Iterator[str]:
    if found.untrusted:
        return
    if isinstance(found, Text) and found.names not in {"", "channel"}:
        yield from trusted_texts(value, found)
    elif isinstance(found, ListType) and isinstance(value, list):
        for inner in value:
            yield from _named(inner, found.element)
    elif isinstance(found, ObjectType) and isinstance(value, dict):
        for name, inner in value.items():
            yield from _named(inner, found.fields.get(name, AnyType()))


def _given(expression: str, outputs: Mapping[str, JsonValue]) -> JsonValue:
    """What it gives; null where there is nothing to go by."""
    try:
        return references.evaluate(expression, dict(outputs))
    except NoData:
        return None


def _came_to(step: StepState, worded: bool) -> str:
    """In words of the copilot's own; with reasons where these are in such words."""
    if step.skipped:
        return f"not run: {step.reason}"
    came = Counter(item.status for item in step.items)
    if not came.keys() - {"done"}:
        return "done"
    number = len(step.items)
    said = [
        _SAID.get(status, status) + (f" ({many} of {number})" if number > 1 else "") for status, many in came.items()
    ]
    reasons = dict.fromkeys(item.reason for item in step.items if item.status != "done" and item.reason)
    told = [": " + "; ".join(list(reasons)[:_REASONS])] if worded and reasons else []
    return "".join([", ".join(said), *told])
