"""References of the plan language: a subset of JMESPath over the outputs of earlier steps.

Allowed: paths, [], [*], index, filter, pipe, comparisons and logic inside a filter, and the functions in `FUNCTIONS`
(design section 5). Everything else of JMESPath is refused, so that a plan can be checked before it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import JsonValue

from copilot.errors import NoData, PlanError

FUNCTIONS = frozenset({"length", "sum", "join", "sort_by", "min_by", "max_by", "reverse", "starts_with"})
ELEMENT = "@"
"""The root of what speaks of the element of a for_each."""
_NODES = frozenset(
    "field subexpression index_expression index projection flatten filter_projection pipe function_expression "
    "comparator and_expression or_expression not_expression literal current identity expref".split()
)
_LONGEST = 300
"""Characters of an expression. What is nested deeper than these can be would be too deep to follow."""
_TEXTS = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`")
_NEGATED = re.compile(rf"({_TEXTS.pattern})|!(\w+(?:\.\w+|\[\d+\])+)")
"""What `!` stands before, which to JMESPath is the first name alone; and, to be left as they are, texts."""
_PARTS = re.compile(rf"{_TEXTS.pattern}|\w+\.\w+|\w+|\|\||&&|.", re.DOTALL)
_QUOTED = re.compile(r'"([^"]*)"')


@lru_cache(maxsize=512)
def parse(expression: str) -> Any:
    """The compiled expression. Raises PlanError with what is wrong, in words."""
    if len(expression) > _LONGEST:
        raise PlanError(
            [f"a reference has at most {_LONGEST} characters, found {len(expression)}: {expression[:50]!r}"]
        )
    if quoted := _QUOTED.search(_TEXTS.sub("", expression)):
        name = quoted.group(1)
        raise PlanError(
            [f"{expression!r}: \"{name}\" is the name of a field there, not a text; for the text write '{name}'"]
        )
    try:
        compiled = jmespath.compile(_NEGATED.sub(lambda found: found[1] or f"!({found[2]})", expression))
    except JMESPathError as error:
        raise PlanError([f"{expression!r} is not a valid reference: {str(error).splitlines()[0]}"]) from None
    for node in _walk(compiled.parsed):
        if node["type"] not in _NODES:
            raise PlanError([f"{expression!r}: {node['type'].replace('_', ' ')} is not part of the plan language"])
        if node["type"] == "function_expression" and node["value"] not in FUNCTIONS:
            raise PlanError([f"{expression!r}: no function {node['value']}; there are {', '.join(sorted(FUNCTIONS))}"])
    return compiled


def roots(expression: str) -> frozenset[tuple[str, ...]]:
    """The paths of plain names the expression begins with: {("envs", "environments")} for `envs.environments[].id`."""
    return frozenset(_roots(parse(expression).parsed))


def renamed(expression: str, names: Mapping[str, str]) -> str:
    """The expression with these roots, or paths, called otherwise; what else is called so in it stays. Raises PlanError
    where that cannot be told.
    """
    made = "".join(_renamed(expression, names))
    if roots(made) != {_otherwise(path, names) for path in roots(expression)}:
        raise PlanError([f"{expression!r} cannot be said with {', '.join(names.values())} in it"])
    return made


def _otherwise(path: tuple[str, ...], names: Mapping[str, str]) -> tuple[str, ...]:
    for size in (2, 1):
        if len(path) >= size and (name := names.get(".".join(path[:size]))):
            return (*name.split("."), *path[size:])
    return path


def _renamed(expression: str, names: Mapping[str, str]) -> Iterator[str]:
    """Its parts: within [ ], and behind & and |, names are of an element; behind a dot they are of what is before."""
    inside: list[bool] = [False]
    before = ""
    for part in _PARTS.findall(expression):
        if part == "[":
            inside.append(True)
        elif part == "(":
            inside.append(inside[-1])
        elif part in {"]", ")"} and len(inside) > 1:
            inside.pop()
        elif part in {"&", "|"}:
            inside[-1] = True
        elif part == "," and len(inside) > 1 and not inside[-2]:
            inside[-1] = False
        begins = before != "." and not inside[-1] and re.match(r"[A-Za-z_]", part)
        root = part.partition(".")[0]
        if begins and part in names:
            yield names[part]
        elif begins and root in names:
            yield names[root] + part[len(root) :]
        else:
            yield part
        before = part if part.strip() else before


def is_of_element(expression: str) -> bool:
    """Whether it speaks of the element of a for_each: {@.name} in a text. Raises PlanError where of steps as well."""
    found = roots(expression)
    if (ELEMENT,) not in found:
        return False
    if len(found) > 1:
        raise PlanError([f"{expression!r}: speaks of the element and of steps; one of the two at a time"])
    return True


def literals(expression: str) -> Iterator[JsonValue]:
    """The literals that the expression itself may give: 'a' for `x.id || 'a'`, not for `x[?id=='a']`."""
    yield from _literals(parse(expression).parsed)


def evaluate(expression: str, data: JsonValue) -> JsonValue:
    """What the expression gives; None where it selects nothing. Raises NoData where a function gets a null."""
    try:
        found: JsonValue = parse(expression).search(data)
    except JMESPathError as error:
        raise NoData(f"{expression}: {str(error).splitlines()[0]}") from None
    except TypeError:  # what jmespath 1.1 makes of a text that is put in order with a number
        raise NoData(f"{expression} puts in order what has no common order") from None
    return found


def _walk(node: Any) -> Iterator[Any]:
    yield node
    for child in node.get("children", ()):
        yield from _walk(child)


def _literals(node: Any) -> Iterator[JsonValue]:
    children = node.get("children", ())
    match node["type"]:
        case "literal":
            yield node["value"]
        case "or_expression" | "and_expression":
            for child in children:
                yield from _literals(child)
        case "pipe" | "subexpression" | "index_expression" | "flatten" | "projection" | "filter_projection":
            # Of a list that is written out, whatever is taken is.
            for child in children[:1] if node["type"] != "pipe" else children:
                yield from _literals(child)
        case "function_expression":
            for child in children:
                yield from _literals(child)


def _roots(node: Any) -> Iterator[tuple[str, ...]]:
    kind, children = node["type"], node.get("children", [])
    if kind == "field":
        yield (node["value"],)
    elif kind == "subexpression":
        if _flat(node)[0]["type"] == "field":
            yield tuple(_names(_flat(node)))
        else:
            yield from _roots(children[0])
    elif kind in {"projection", "filter_projection", "index_expression", "flatten", "pipe"}:
        yield from _roots(children[0])
    elif kind == "current":
        yield (ELEMENT,)
    elif kind != "expref":
        for child in children:
            yield from _roots(child)


def _names(parts: list[Any]) -> Iterator[str]:
    """The plain names that a path begins with: failures and stop for failures.stop[0].reason."""
    for part in parts:
        whole = part["type"] == "field"
        while part["type"] in {"index_expression", "projection", "filter_projection", "flatten"}:
            part = part["children"][0]
        if part["type"] != "field":
            return
        yield part["value"]
        if not whole:
            return


def _flat(node: Any) -> list[Any]:
    """The parts of a.b.c, however the parser nested them."""
    if node["type"] != "subexpression":
        return [node]
    return [part for child in node["children"] for part in _flat(child)]
