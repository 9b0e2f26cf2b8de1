"""The type of what a reference gives, from the types of what it refers to. Pure; says nothing about any value.

As JMESPath evaluates (its specification, and jmespath 1.1): a field of null is null, a projection leaves nulls out, an
index may select nothing, and texts are ordered as numbers are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from copilot.errors import PlanError
from copilot.plans import references
from copilot.plans.schema_types import (
    AnyType,
    Boolean,
    ListType,
    Null,
    Number,
    ObjectType,
    Text,
    Type,
    describe,
    is_untrusted,
    part_of,
    type_of_value,
    union,
)
from copilot.text.nearness import nearest

_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_ARGUMENTS = {
    **{"length": 1, "sum": 1, "join": 2, "sort_by": 2, "min_by": 2, "max_by": 2},
    **{"reverse": 1, "starts_with": 2},
}


def type_of(expression: str, scope: Type) -> Type:
    """The type the expression has in this scope. Raises PlanError with the first thing in it that cannot be right."""
    try:
        return _type(references.parse(expression).parsed, scope)
    except _Mistyped as error:
        raise PlanError([f"{expression!r}: {error}"]) from None


def type_of_condition(expression: str, scope: Type) -> Type:
    """The type of what is asked whether it is so. Raises PlanError where it may be anything else than true, false or,
    not being known, null.
    """
    try:
        return _decision(references.parse(expression).parsed, scope)
    except _Mistyped as error:
        raise PlanError([f"{expression!r}: {error}"]) from None


class _Mistyped(Exception):
    """What is wrong inside an expression, in words."""


def _type(node: Any, scope: Type) -> Type:
    return _OF_NODES.get(node["type"], _misplaced)(node, scope)


def _misplaced(node: Any, scope: Type) -> Type:
    raise _Mistyped("& has a meaning only as the second argument of sort_by, min_by and max_by")


def _chained(node: Any, scope: Type) -> Type:
    for child in node["children"]:
        scope = _type(child, scope)
    return scope


def _indexed(node: Any, scope: Type) -> Type:
    listed = _list("an index", scope)
    return replace(part_of(listed, listed.element), nullable=True)


def _filtered(node: Any, scope: Type) -> Type:
    source, each, condition = node["children"]
    listed = _list("a filter", _type(source, scope))
    chosen_by = _condition(condition, part_of(listed, listed.element))
    found = _projected(listed, each)
    return replace(found, untrusted=found.untrusted or is_untrusted(chosen_by))


def _both(node: Any, scope: Type) -> Type:
    return union([_condition(node["children"][0], scope), _type(node["children"][1], scope)])


def _one_or_other(node: Any, scope: Type) -> Type:
    left, right = _condition(node["children"][0], scope), _type(node["children"][1], scope)
    return replace(union([left, right]), nullable=right.nullable)


def _field(name: str, scope: Type) -> Type:
    if isinstance(scope, AnyType | Null):
        return AnyType(nullable=True, untrusted=scope.untrusted)
    if isinstance(scope, ListType):
        inner = f"; write [].{name} for the {name} of each" if isinstance(scope.element, ObjectType) else ""
        raise _Mistyped(f"a list has no field {name}{inner}")
    if not isinstance(scope, ObjectType):
        raise _Mistyped(f"{describe(scope)} has no field {name}")
    found = scope.fields.get(name)
    if found is None:
        if scope.rest is None:
            raise _Mistyped(scope.missing(name))
        found = replace(scope.rest, nullable=True)
    if found.masked:
        raise _Mistyped(f"{name} is masked, and what is masked cannot be referred to")
    return part_of(scope, replace(found, nullable=True) if scope.nullable and not found.nullable else found)


def _list(what: str, found: Type) -> ListType:
    if isinstance(found, ListType):
        return found
    if isinstance(found, AnyType | Null):
        return ListType(AnyType(nullable=True), nullable=True, untrusted=found.untrusted)
    raise _Mistyped(f"{what} needs a list, found {describe(found)}")


def _flattened(listed: ListType) -> ListType:
    element = part_of(listed, listed.element)
    if isinstance(element, ListType):
        inner = part_of(element, element.element)
        return replace(listed, element=replace(inner, nullable=inner.nullable or element.nullable))
    return listed


def _projected(listed: ListType, node: Any) -> ListType:
    each = _type(node, part_of(listed, listed.element))
    return replace(listed, element=replace(each, nullable=False) if each.nullable else each)


def _condition(node: Any, scope: Type) -> Type:
    """The type of what is asked to be true. A number never is false, so that it would choose everything."""
    if node["type"] in {"and_expression", "or_expression"}:
        return union([_condition(child, scope) for child in node["children"]])
    found = _type(node, scope)
    if isinstance(found, Number) and not found.nullable:
        raise _Mistyped(f"{_shown(node) or 'a number'} is {describe(found)}, which is never false; compare it with one")
    return found


def _decision(node: Any, scope: Type) -> Type:
    """That of a condition which has no element to leave out: what is not known must not turn out to be so."""
    if node["type"] in {"and_expression", "or_expression"}:
        return union([_decision(child, scope) for child in node["children"]])
    found = _condition(node, scope)
    if not isinstance(found, Boolean | AnyType):
        said, hint = _shown(node) or "it", "; compare its length" if isinstance(found, ListType) else ""
        raise _Mistyped(f"{said} is {describe(found)}, expected what is true or false{hint}")
    if node["type"] == "not_expression":
        (negated,) = node["children"]
        if _decision(negated, scope).nullable:
            said = _shown(negated) or "this"
            raise _Mistyped(f"{said} may be null, which ! makes true; compare it, as in {said} == `false`")
    return found


def _compared(sign: str, nodes: list[Any], types: list[Type]) -> Type:
    left, right = types
    untrusted = is_untrusted(left) or is_untrusted(right)
    names = [_shown(node) for node in nodes]
    said = f"{names[0] or describe(left)} {_SIGNS[sign]} {names[1] or describe(right)}"
    what = " with ".join(
        describe(found) if name in ("", describe(found)) else f"{name} ({describe(found)})"
        for name, found in zip(names, types, strict=True)
    )
    if any(isinstance(found, AnyType) for found in types):
        return Boolean(nullable=sign not in ("eq", "ne"), untrusted=untrusted)
    if sign not in ("eq", "ne"):
        if not any(all(isinstance(found, kind) for found in types) for kind in (Number, Text)):
            raise _Mistyped(f"{said} puts in order {what}; expected two numbers, or two texts")
        return Boolean(nullable=left.nullable or right.nullable, untrusted=untrusted)
    if isinstance(left, Null) or isinstance(right, Null):
        return Boolean(untrusted=untrusted)
    if type(left) is not type(right) and not (isinstance(left, ObjectType) and isinstance(right, ObjectType)):
        raise _Mistyped(f"{said} compares {what}; expected two of a kind, and these are never equal")
    if isinstance(left, Text) and isinstance(right, Text) and _never_equal(left, right):
        # The one of them that is written out is the one that is wrong.
        wrong, valid = (left, right) if nodes[0]["type"] == "literal" else (right, left)
        near = nearest(wrong.choices[0], valid.choices)
        hint = f"; nearest: {near[0]!r}" if near else ""
        raise _Mistyped(f"{said} compares {what}; these are never equal{hint}")
    return Boolean(untrusted=untrusted)


def _never_equal(left: Text, right: Text) -> bool:
    """Whether each is one of a few, and none of these is both."""
    return bool(left.choices and right.choices) and not set(left.choices) & set(right.choices)


def _called(name: str, nodes: list[Any], scope: Type) -> Type:
    if len(nodes) != _ARGUMENTS[name]:
        raise _Mistyped(f"{name} takes {_ARGUMENTS[name]} arguments, found {len(nodes)}")
    if name.endswith("_by"):
        return _called_by(name, nodes, scope)
    first = _type(nodes[0], scope)
    if name == "length":
        _wants(name, first, "a list, a text or an object", isinstance(first, ListType | Text | ObjectType))
        return Number(whole=True, untrusted=first.untrusted)
    if name == "reverse":
        _wants(name, first, "a list or a text", isinstance(first, ListType | Text))
        return first
    if name == "starts_with":
        begins = _type(nodes[1], scope)
        for found in (first, begins):
            _wants(name, found, "two texts", isinstance(found, Text))
        return Boolean(untrusted=is_untrusted(first) or is_untrusted(begins))
    if name == "sum":
        listed = _elements(name, first, "a list of numbers", Number)
        whole = isinstance(listed.element, Number) and listed.element.whole
        return Number(whole=whole, untrusted=is_untrusted(listed))
    _wants(name, first, "a text to put between", isinstance(first, Text))
    listed = _elements(name, _type(nodes[1], scope), "a list of texts", Text)
    return Text(untrusted=is_untrusted(listed) or first.untrusted)


def _called_by(name: str, nodes: list[Any], scope: Type) -> Type:
    listed = _elements(name, _type(nodes[0], scope), "a list", Type)
    if nodes[1]["type"] != "expref":
        raise _Mistyped(f"{name} takes as its second argument what to go by, such as &name")
    key = _type(nodes[1]["children"][0], part_of(listed, listed.element))
    _wants(f"{name} by {_shown(nodes[1]['children'][0])}".strip(), key, "numbers or texts", _is(key, Number, Text))
    untrusted = listed.untrusted or is_untrusted(key)
    if name == "sort_by":
        return replace(listed, untrusted=untrusted)
    return replace(listed.element, nullable=True, untrusted=listed.element.untrusted or untrusted)


def _elements(name: str, found: Type, expected: str, kind: type[Type]) -> ListType:
    is_list = isinstance(found, ListType) and _is(found.element, kind)
    _wants(name, found, expected, is_list)
    return found if isinstance(found, ListType) else ListType(untrusted=found.untrusted)


def _wants(name: str, found: Type, expected: str, is_so: bool) -> None:
    if not is_so and not isinstance(found, AnyType):
        raise _Mistyped(f"{name} takes {expected}, found {describe(found)}")


def _is(found: Type, *kinds: type[Type]) -> bool:
    return isinstance(found, (AnyType, *kinds))


def _shown(node: Any) -> str:
    """A plain part of an expression as it was written; "" for what is not plain."""
    match node["type"]:
        case "field":
            return str(node["value"])
        case "subexpression" if all(child["type"] in ("field", "subexpression") for child in node["children"]):
            return ".".join(_shown(child) for child in node["children"])
        case "literal":
            return describe(type_of_value(node["value"])) if isinstance(node["value"], str) else f"`{node['value']}`"
    return ""


_OF_NODES: Mapping[str, Callable[[Any, Type], Type]] = {
    "field": lambda node, scope: _field(node["value"], scope),
    "current": lambda node, scope: scope,
    "identity": lambda node, scope: scope,
    "literal": lambda node, scope: type_of_value(node["value"]),
    "subexpression": _chained,
    "pipe": _chained,
    "index_expression": _chained,
    "index": _indexed,
    "flatten": lambda node, scope: _flattened(_list("[]", _type(node["children"][0], scope))),
    "projection": lambda node, scope: _projected(_list("[*]", _type(node["children"][0], scope)), node["children"][1]),
    "filter_projection": _filtered,
    "comparator": lambda node, scope: _compared(
        node["value"], node["children"], [_type(child, scope) for child in node["children"]]
    ),
    "and_expression": _both,
    "or_expression": _one_or_other,
    "not_expression": lambda node, scope: Boolean(untrusted=is_untrusted(_condition(node["children"][0], scope))),
    "function_expression": lambda node, scope: _called(node["value"], node["children"], scope),
}
"""What each kind of node of jmespath's gives; `&`, the one it leaves out, stands in a call alone."""
