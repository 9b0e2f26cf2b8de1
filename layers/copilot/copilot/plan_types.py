"""The types in a plan: what the steps before give to references, and what the values of a step's arguments are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from copilot import references
from copilot.arguments import ATTACHMENTS
from copilot.errors import NotFound, PlanError
from copilot.model import SETTLED, Step
from copilot.nearness import there_are
from copilot.reference_types import type_of
from copilot.schema_types import (
    AnyType,
    ListType,
    Number,
    ObjectType,
    Text,
    Type,
    describe,
    inside,
    is_untrusted,
    misfit,
    part_of,
    type_of_value,
    union,
)
from copilot.templates import placeholders
from copilot.tool_types import attachment_type, types_of
from copilot.tools.registry import Registry

FAILURES = "failures"
REFERENCE_KEYS = frozenset({"$ref", "$item", "$text"})


@dataclass(frozen=True)
class Outputs(ObjectType):
    """What references see: the outputs of the steps before, their failures, the attachments.

    `later` are ids of the plan that cannot be referred to here.
    """

    later: frozenset[str] = frozenset()

    def missing(self, name: str) -> str:
        if name in self.later:
            return f"refers to {name}, which does not come before it"
        ids = [known for known in self.fields if known not in (FAILURES, ATTACHMENTS)]
        return f"refers to {name}, and no earlier step has that id{there_are(name, ids)}"


def outputs_of(
    steps: Iterable[Step], registry: Registry, later: Collection[str] = (), tainted: Collection[str] = ()
) -> Outputs:
    """What may be referred to once these steps are done. All that comes of a `tainted` one is untrusted."""
    fields: dict[str, Type] = {}
    failures: dict[str, Type] = {}
    for step in steps:
        if step.id not in fields:
            taint = step.id in tainted
            fields[step.id] = output_of(step, registry, taint)
            failures[step.id] = _failures_of(step, registry, taint)
    named = fields | {FAILURES: ObjectType(failures), ATTACHMENTS: ListType(attachment_type())}
    return Outputs(named, later=frozenset(later) - fields.keys())


def output_of(step: Step, registry: Registry, tainted: bool = False) -> Type:
    """What a step gives: its tool's Output, or a list of that. Of a tool that is not there nothing is known."""
    try:
        found = types_of(registry.find(step.tool)).output
    except NotFound:
        return AnyType(untrusted=tainted)
    found = replace(found, untrusted=found.untrusted or tainted)
    return found if step.for_each is None else ListType(found, untrusted=tainted)


def _failures_of(step: Step, registry: Registry, tainted: bool) -> Type:
    """As outputs.load_outputs gives them. A reason may be in words of what the tool read."""
    arguments: Type = AnyType()
    told = Text(untrusted=tainted or is_untrusted(output_of(step, registry)))
    try:
        given = types_of(registry.find(step.tool)).input
        absent = {name: replace(inner, nullable=True) for name, inner in given.fields.items()}
        arguments = replace(given, fields=absent, required=frozenset(), untrusted=tainted)
    except NotFound:
        pass
    status = Text(tuple(sorted(SETTLED - {"done"})))
    fields: dict[str, Type] = {"item": Number(whole=True), "status": status, "reason": told, "summary": told}
    fields["arguments"] = arguments
    return ListType(ObjectType(fields, frozenset(fields)), untrusted=tainted)


def type_of_outputs(expression: str, outputs: Outputs) -> Type:
    """The type of an expression over outputs. Raises PlanError."""
    for path in references.roots(expression):
        if path == ("@",):
            raise PlanError([f"{expression!r}: @ has no meaning here; name the step whose output is meant"])
        if path == (FAILURES,):
            raise PlanError([f"{expression!r}: name the step whose failures are meant, as in failures.stop"])
    return type_of(expression, outputs)


def reference_in(value: JsonValue) -> tuple[str, str] | None:
    """("$ref", expression) for a reference; None for what is none. Raises PlanError for what is half of one."""
    if not isinstance(value, dict) or not (names := sorted(REFERENCE_KEYS & value.keys())):
        return None
    name, extra = names[0], sorted(value.keys() - {names[0]})
    if extra:
        raise PlanError([f"{name} stands alone in its object, found {', '.join(extra)} beside it"])
    text = value[name]
    if not isinstance(text, str):
        raise PlanError([f"{name} takes a text, found {describe(type_of_value(text))}"])
    return name, text


def type_of_argument(value: JsonValue, outputs: Outputs, item: Type | None) -> Type:
    """The type of an argument's value once its references are resolved; `item` is that of an element of for_each.

    Raises PlanError.
    """
    if found := reference_in(value):
        kind, text = found
        if kind == "$text":
            return Text(untrusted=any([is_untrusted(_inserted(one, outputs)) for one in placeholders(text)]))
        if kind == "$ref":
            given = type_of_outputs(text, outputs)
        elif item is None:
            raise PlanError([f"$item {text!r} without for_each: there is no element it could be"])
        else:
            given = type_of(text, item)
        # A null is no_data when the step is to run, so what is passed on never is one.
        return replace(given, nullable=False)
    if isinstance(value, dict):
        fields = {name: type_of_argument(inner, outputs, item) for name, inner in value.items()}
        return ObjectType(fields, frozenset(fields))
    if isinstance(value, list):
        return ListType(union(type_of_argument(inner, outputs, item) for inner in value))
    return type_of_value(value)


def argument_problems(
    value: JsonValue, wanted: Type, outputs: Outputs, item: Type | None, at: str = ""
) -> Iterator[str]:
    """What is wrong with an argument's value, each in a line that begins with where in the value it is."""
    where = f"{at}: " if at else ""
    try:
        reference = reference_in(value)
        if reference is None and isinstance(value, dict) and isinstance(wanted, ObjectType):
            yield from _object_problems(value, wanted, outputs, item, at)
        elif reference is None and isinstance(value, list) and isinstance(wanted, ListType):
            for index, inner in enumerate(value):
                yield from argument_problems(inner, wanted.element, outputs, item, f"{at}[{index}]")
        else:
            found = type_of_argument(value, outputs, item)
            if problem := misfit(found, wanted):
                given = f"{reference[1]!r}: " if reference else ""
                yield f"{where}{given}{problem}{_way_out(found, wanted)}"
    except PlanError as error:
        yield from (f"{where}{problem}" for problem in error.problems)


def template_problems(template: str, outputs: Outputs) -> Iterator[str]:
    """What is wrong with a text template."""
    try:
        expressions = list(placeholders(template))
    except PlanError as error:
        yield from error.problems
        return
    for expression in expressions:
        try:
            _inserted(expression, outputs)
        except PlanError as error:
            yield from error.problems


def element_of(for_each: JsonValue, outputs: Outputs) -> Type:
    """The type of an element of a for_each. Raises PlanError where that is not a list."""
    found = type_of_argument(for_each, outputs, None)
    if isinstance(found, AnyType):
        return found
    if not isinstance(found, ListType):
        raise PlanError([f"expected a list, found {describe(found)}"])
    return part_of(found, found.element)


def _object_problems(
    value: Mapping[str, JsonValue], wanted: ObjectType, outputs: Outputs, item: Type | None, at: str
) -> Iterator[str]:
    where = f"{at}: " if at else ""
    for name, inner in value.items():
        expected = wanted.fields.get(name, wanted.rest)
        if expected is None:
            yield where + wanted.missing(name)
        else:
            yield from argument_problems(inner, expected, outputs, item, f"{at}.{name}" if at else name)
    for name in sorted(wanted.required - value.keys()):
        yield f"{where}the field {name} is missing"


def _inserted(expression: str, outputs: Outputs) -> Type:
    """The type of what a placeholder inserts. Raises PlanError where it is no text and has none that it is known by."""
    found = type_of_outputs(expression, outputs)
    for part in inside(found) if isinstance(found, ListType) else [found]:
        if isinstance(part, ObjectType) and part.fields:
            names = ", ".join(list(part.fields)[:8])
            raise PlanError([f"{expression!r}: found {describe(found)}, expected text; name a field of it: {names}"])
        if not isinstance(part, ListType):
            break
    return found


def _way_out(found: Type, wanted: Type) -> str:
    if isinstance(found, ListType) and isinstance(wanted, Text) and isinstance(found.element, Text):
        return "; for each of them use for_each, for all in one text join(', ', …)"
    if isinstance(found, ListType) and misfit(found.element, wanted) is None:
        return "; for each of them use for_each, for the first [0]"
    if isinstance(wanted, ListType) and misfit(found, wanted.element) is None:
        return "; write it in [ ]"
    if isinstance(found, ObjectType) and not isinstance(wanted, ObjectType):
        fitting = [name for name, inner in found.fields.items() if not inner.masked and not misfit(inner, wanted)]
        return f"; fields of it that fit: {', '.join(fitting[:8])}" if fitting else ""
    if isinstance(found, Number) and isinstance(wanted, Text):
        return '; write {"$text": "{…}"}'
    return ""
