"""What an answer shows of things that have names: by the fields that its expressions take it from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from copilot.domain import KeptResult, Plan
from copilot.errors import NoData, PlanError
from copilot.plans import references
from copilot.plans.arguments import MEMORY
from copilot.plans.kept import kept_type
from copilot.plans.reference_types import type_of
from copilot.plans.schema_types import ListType, ObjectType, Text, Type
from copilot.plans.templates import placeholders
from copilot.plans.tool_types import types_of
from copilot.tools.registry import Registry

_FIELD = re.compile(r"(.+)\.\w+")
_JOINED = re.compile(r"join\(\s*'[^']*'\s*,\s*(.+)\)")


class Shown(NamedTuple):
    """Of one type, what the answer shows first: the things, each by id and name, whether as a list, and the steps they
    are from.
    """

    things: tuple[tuple[str, str], ...]
    is_list: bool
    steps: frozenset[str]


def shown_by(
    plan: Plan,
    outputs: Mapping[str, JsonValue],
    registry: Registry,
    used: Collection[KeptResult] = (),
    *,
    all_lists: bool = False,
) -> dict[str, Shown]:
    """By the type of what it is, in the order shown. Of several lists of one type the first is what the answer is
    about, or `all_lists` are; a list comes before what stands alone.
    """
    found: dict[str, Shown] = {}
    if plan.answer is None or plan.answer.text is None:
        return found
    scope = _scope(plan, registry, used)
    for expression in placeholders(plan.answer.text):
        for type, shown in _of_expression(expression, scope, outputs):
            before = found.get(type)
            if before is not None and all_lists and before.is_list and shown.is_list:
                found[type] = before._replace(things=(*before.things, *shown.things), steps=before.steps | shown.steps)
            elif before is None or (shown.is_list and not before.is_list):
                found[type] = shown
    return found


def _scope(plan: Plan, registry: Registry, used: Collection[KeptResult]) -> ObjectType:
    fields: dict[str, Type] = {MEMORY: kept_type(used, registry)}
    for step in plan.steps:
        output = types_of(registry.find(step.tool)).output
        fields[step.id] = output if step.for_each is None else ListType(output)
    return ObjectType(fields)


def _of_expression(expression: str, scope: ObjectType, outputs: Mapping[str, JsonValue]) -> Iterator[tuple[str, Shown]]:
    """Of each type, what this expression shows: things themselves, or what is said of each of them."""
    inner = joined[1] if (joined := _JOINED.fullmatch(expression)) else expression
    holders = [inner, field[1]] if (field := _FIELD.fullmatch(inner)) else [inner]
    for holder in holders:
        try:
            type = type_of(holder, scope)
            value = references.evaluate(holder, dict(outputs))
        except (PlanError, NoData):
            continue
        steps = frozenset(root[0] for root in references.roots(holder))
        is_list = isinstance(type, ListType)
        each = type.element if isinstance(type, ListType) else type
        some = value if isinstance(value, list) else [] if value is None else [value]
        for kind, field_name in _naming(each):
            yield kind, Shown(tuple(_things(some, field_name)), is_list, steps)


def _naming(type: Type) -> Iterator[tuple[str, str]]:
    """The types that are named in it, and the field that names each; "" where it is the name itself."""
    if isinstance(type, Text) and type.names:
        yield type.names, ""
    elif isinstance(type, ObjectType):
        for name, inner in type.fields.items():
            if isinstance(inner, Text) and inner.names:
                yield inner.names, name


def _things(some: Sequence[JsonValue], field: str) -> Iterator[tuple[str, str]]:
    for one in some:
        if isinstance(one, dict):
            id, name = one.get(field), one.get("name") or one.get("title")
        else:
            id, name = one, None
        if isinstance(id, str) and id:
            yield id, name if isinstance(name, str) else id
