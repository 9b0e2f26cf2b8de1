"""EventBridge's event patterns: whether one is well written, and whether an event is such.

The operators are those of the EventBridge User Guide, "Comparison operators for use in event patterns" (seen November
2026), but for cidr. A pattern narrows what comes in by a rule; it lets nothing in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import JsonValue

from copilot.text.nearness import there_are

Pattern = Mapping[str, Any]
OR = "$or"
OPERATORS = ("prefix", "suffix", "anything-but", "numeric", "exists", "equals-ignore-case", "wildcard")
KEYS = ("source", "detail-type", "account", "region", "resources", "detail", OR)
_IGNORING_CASE = "equals-ignore-case"
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda value, other: value == other,
    "<": lambda value, other: value < other,
    "<=": lambda value, other: value <= other,
    ">": lambda value, other: value > other,
    ">=": lambda value, other: value >= other,
}
MOST_STARS = 10


def why_no_pattern(pattern: JsonValue) -> str:
    """What is wrong with it, with where in it that is; "" where nothing is."""
    if not isinstance(pattern, dict) or not pattern:
        return "an event pattern has keys of its own, such as source, detail-type or detail"
    for key in pattern:
        if key not in KEYS:
            return f"{key} is no key of an event pattern{there_are(key, KEYS)}"
    return next(_problems(pattern, ""), "")


def _problems(pattern: Mapping[str, JsonValue], place: str) -> Iterator[str]:
    for key, value in pattern.items():
        where = f"{place}{key}"
        if key == OR:
            if not isinstance(value, list) or len(value) < 2 or not all(isinstance(one, dict) and one for one in value):
                yield f"{where} takes a list of two patterns or more"
                continue
            for one in value:
                assert isinstance(one, dict)
                yield from _problems(one, f"{where}.")
        elif isinstance(value, dict) and value:
            yield from _problems(value, f"{where}.")
        elif isinstance(value, list) and value:
            yield from (f"{where}: {problem}" for one in value if (problem := _wrong(one)))
        else:
            yield f"{where} takes a list of values, or keys of its own"


def _wrong(matcher: JsonValue) -> str:
    """Of one of the values that a key may have."""
    if not isinstance(matcher, dict):
        return "a list in a list is no value" if isinstance(matcher, list) else ""
    if len(matcher) != 1:
        return f"one operator stands by itself, of {', '.join(OPERATORS)}"
    ((operator, given),) = matcher.items()
    match operator:
        case "prefix" | "suffix":
            alike = isinstance(given, dict) and set(given) == {_IGNORING_CASE}
            text = given[_IGNORING_CASE] if alike and isinstance(given, dict) else given
            return "" if isinstance(text, str) else f"{operator} takes a text"
        case "equals-ignore-case":
            return "" if isinstance(given, str) else f"{operator} takes a text"
        case "wildcard":
            few = isinstance(given, str) and "**" not in given and given.count("*") <= MOST_STARS
            return "" if few else f"wildcard takes a text with at most {MOST_STARS} stars, no two in a row"
        case "exists":
            return "" if isinstance(given, bool) else "exists takes true or false"
        case "numeric":
            return _wrong_numeric(given)
        case "anything-but":
            return _wrong_but(given)
    return f"{operator} is no operator{there_are(operator, OPERATORS)}"


def _wrong_numeric(given: JsonValue) -> str:
    said = 'numeric takes a comparison and a number, or two: [">", 0, "<=", 5]'
    if not isinstance(given, list) or len(given) not in {2, 4}:
        return said
    pairs = zip(given[::2], given[1::2], strict=True)
    return "" if all(isinstance(one, str) and one in _COMPARE and _is_number(number) for one, number in pairs) else said


def _wrong_but(given: JsonValue) -> str:
    if isinstance(given, dict):
        if len(given) == 1 and set(given) <= {"prefix", "suffix", _IGNORING_CASE, "wildcard"}:
            ((operator, inner),) = given.items()
            texts = inner if isinstance(inner, list) else [inner]
            return next((found for one in texts if (found := _wrong({operator: one}))), "")
        return "anything-but takes values, or one of prefix, suffix, equals-ignore-case, wildcard"
    values = given if isinstance(given, list) else [given]
    fits = values and all(isinstance(one, str) or _is_number(one) for one in values)
    return "" if fits else "anything-but takes texts or numbers"


def matches(pattern: Pattern, event: JsonValue) -> bool:
    """Whether the event is such. `pattern` is one that `why_no_pattern` finds nothing wrong with."""
    there = event if isinstance(event, dict) else {}
    for key, wanted in pattern.items():
        if key == OR:
            if not any(matches(one, there) for one in wanted):
                return False
        elif isinstance(wanted, dict):
            inner = there.get(key)
            among = inner if isinstance(inner, list) else [inner]
            if not any(matches(wanted, one) for one in among):
                return False
        elif not _has_one(wanted, there, key):
            return False
    return True


def _has_one(wanted: list[Any], there: Mapping[str, JsonValue], key: str) -> bool:
    value = there.get(key)
    values: list[JsonValue] = value if isinstance(value, list) else [value]
    for matcher in wanted:
        if isinstance(matcher, dict) and "exists" in matcher:
            if (key in there) == matcher["exists"]:
                return True
        elif key in there and any(_is_such(matcher, one) for one in values):
            return True
    return False


def _is_such(matcher: JsonValue, value: JsonValue) -> bool:
    if not isinstance(matcher, dict):
        return _is_same(matcher, value)
    ((operator, given),) = matcher.items()
    if operator == "anything-but":
        return not _is_any_of(given, value)
    if operator == "numeric":
        assert isinstance(given, list)
        pairs = zip(given[::2], given[1::2], strict=True)
        return _is_number(value) and all(_COMPARE[str(one)](_number(value), _number(number)) for one, number in pairs)
    return isinstance(value, str) and _is_written(operator, given, value)


def _is_any_of(given: JsonValue, value: JsonValue) -> bool:
    if isinstance(given, dict):
        ((operator, inner),) = given.items()
        texts = inner if isinstance(inner, list) else [inner]
        return isinstance(value, str) and any(_is_written(operator, one, value) for one in texts)
    return any(_is_same(one, value) for one in (given if isinstance(given, list) else [given]))


def _is_written(operator: str, given: JsonValue, value: str) -> bool:
    if isinstance(given, dict):
        given, value = str(given[_IGNORING_CASE]).lower(), value.lower()
    text = str(given)
    match operator:
        case "prefix":
            return value.startswith(text)
        case "suffix":
            return value.endswith(text)
        case "equals-ignore-case":
            return value.lower() == text.lower()
    return _is_like(text.split("*"), value)


def _is_like(parts: list[str], value: str) -> bool:
    """With anything between the parts; in one pass, so that no text takes longer than it is long."""
    first, *between = parts
    if not between:
        return value == first
    *between, last = between
    if not value.startswith(first):
        return False
    at = len(first)
    for part in between:
        if (found := value.find(part, at)) < 0:
            return False
        at = found + len(part)
    return len(value) - len(last) >= at and value.endswith(last)


def _is_same(one: JsonValue, other: JsonValue) -> bool:
    """As JSON has it: true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: JsonValue) -> float:
    assert isinstance(value, int | float)
    return float(value)
