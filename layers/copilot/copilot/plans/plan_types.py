"""The types in a plan: what the steps before give to references, and what the values of a step's arguments are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from pydantic import JsonValue

from copilot.domain import SETTLED, Step
from copilot.errors import NotFound, PlanError
from copilot.plans import reference_types, references
from copilot.plans.arguments import ATTACHMENTS, MEMORY
from copilot.plans.kept import NOTHING_KEPT, Kept
from copilot.plans.marks import with_marks
from copilot.plans.reference_types import type_of
from copilot.plans.schema_types import (
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
from copilot.plans.templates import placeholders
from copilot.plans.tool_types import attachment_type, types_of
from copilot.text.nearness import there_are
from copilot.tools.registry import Registry

FAILURES = "failures"
REFERENCE_KEYS = frozenset({"$ref", "$item", "$text"})


@dataclass(frozen=True)
class Outputs(ObjectType):
    """What references see: the outputs of the steps before, their failures, the attachments, what is kept in memory.

    `later` are ids of the plan that cannot be referred to here.
    """

    later: frozenset[str] = frozenset()

    def missing(self, name: str) -> str:
        if name in self.later:
            return f"refers to {name}, which does not come before it"
        ids = [known for known in self.fields if known not in (FAILURES, ATTACHMENTS, MEMORY)]
        return f"refers to {name}, and no earlier step has that id{there_are(name, ids)}"


class Given(NamedTuple):
    """What a step gives to those after it: its output, and the list of what failed in it."""

    output: Type
    failures: Type


class Came(NamedTuple):
    """What is known of a step that has run: which fields of its output hold marked text (see marks.py), whether any of
    it failed, and whether the reasons it failed for are in other words than the copilot's.
    """

    marks: frozenset[str]
    failed: bool
    reasons_marked: bool


def outputs_of(given: Mapping[str, Given], later: Collection[str] = (), memory: Kept = NOTHING_KEPT) -> Outputs:
    """What may be referred to once these steps are done; `later` are the ids of others, `memory` what is kept."""
    fields: dict[str, Type] = {name: one.output for name, one in given.items()}
    fields[FAILURES] = ObjectType({name: one.failures for name, one in given.items()})
    fields[ATTACHMENTS] = ListType(attachment_type())
    fields[MEMORY] = memory
    return Outputs(fields, later=frozenset(later) - fields.keys())


def given_by(step: Step, registry: Registry, tainted: bool = False, came: Came | None = None) -> Given:
    """What the step gives: its tool's Output, or a list of that. Of a tool that is not there nothing is known.

    All that comes of a `tainted` step is untrusted. Of the rest it is what `came` says once it has run, and before that
    what the tool says may be.
    """
    try:
        types = types_of(registry.find(step.tool))
    except NotFound:
        return Given(AnyType(untrusted=tainted), AnyType(untrusted=tainted))
    output = types.output if came is None else with_marks(types.output, came.marks)
    # What a tool reads may speak in its errors too.
    told_untrusted = is_untrusted(types.output)
    if came is not None:
        told_untrusted = came.failed and (came.reasons_marked or told_untrusted)
    output = replace(output, untrusted=output.untrusted or tainted)
    return Given(
        output if step.for_each is None else ListType(output, untrusted=tainted),
        _failures(types.input, tainted, told_untrusted),
    )


def _failures(taken: ObjectType, tainted: bool, told_untrusted: bool) -> Type:
    """As outputs.load_outputs gives them. A reason may be in words of what the tool read."""
    told = Text(untrusted=told_untrusted)
    # Where the arguments gave nothing there are none.
    arguments = {name: replace(inner, nullable=True) for name, inner in taken.fields.items()}
    fields: dict[str, Type] = {
        "item": Number(whole=True),
        "status": Text(tuple(sorted(SETTLED - {"done"}))),
        "reason": told,
        "arguments": replace(taken, fields=arguments, required=frozenset()),
        "summary": told,
    }
    return ListType(ObjectType(fields, frozenset(fields)), untrusted=tainted)


def type_of_outputs(expression: str, outputs: Outputs) -> Type:
    """The type of an expression over outputs. Raises PlanError."""
    _say_of_what(expression)
    return type_of(expression, outputs)


def type_of_condition(expression: str, outputs: Outputs) -> Type:
    """The type of what is asked of outputs. Raises PlanError, also for what is neither true nor false."""
    _say_of_what(expression)
    return reference_types.type_of_condition(expression, outputs)


def _say_of_what(expression: str) -> None:
    for path in references.roots(expression):
        if path == ("@",):
            raise PlanError([f"{expression!r}: @ has no meaning here; name the step whose output is meant"])
        if path == (MEMORY,):
            raise PlanError([f"{expression!r}: name the result that is meant, as in memory.answer.text"])
        if path == (FAILURES,):
            raise PlanError([f"{expression!r}: name the step whose failures are meant, as in failures.stop"])


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
            return Text(untrusted=any([is_untrusted(_inserted(one, outputs, item)) for one in placeholders(text)]))
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


def known_texts(value: JsonValue, outputs: Outputs, item: Type | None) -> tuple[str, ...]:
    """The texts that an argument's value can be, where those are known before the plan runs; () where they are not."""
    if isinstance(value, dict) and set(value) == {"$text"} and not list(placeholders(str(value["$text"]))):
        return (str(value["$text"]).strip(),)
    try:
        found = type_of_argument(value, outputs, item)
    except PlanError:
        return ()
    return found.choices if isinstance(found, Text) else ()


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


def template_problems(template: str, outputs: Outputs, item: Type | None = None) -> Iterator[str]:
    """What is wrong with a text template; `item` is the type of an element of the step's for_each."""
    try:
        expressions = list(placeholders(template))
    except PlanError as error:
        yield from error.problems
        return
    for expression in expressions:
        try:
            _inserted(expression, outputs, item)
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


def _inserted(expression: str, outputs: Outputs, item: Type | None) -> Type:
    """The type of what a placeholder inserts. Raises PlanError where it is no text and has none that it is known by."""
    if item is not None and references.is_of_element(expression):
        found = type_of(expression, item)
    else:
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
