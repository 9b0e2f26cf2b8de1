"""What a request says that stands in its plan as it was said, so that code can put another in its place. Pure.

It is found only where nothing is left to be guessed: a name in every place where its letters are, a number where all
that is called so is the same thing. Whatever a model made something else of is not found, and nothing is put there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import JsonValue

from copilot.domain import TO_PERSON, Plan, Step
from copilot.plans.renaming import renamed_plan
from copilot.plans.templates import with_expressions, with_words
from copilot.text.nearness import squashed

UNITS: Mapping[str, str] = {
    way: unit
    for unit, ways in {
        "second": "second seconds sec secs",
        "minute": "minute minutes min mins",
        "hour": "hour hours hr hrs",
        "day": "day days",
        "week": "week weeks",
        "month": "month months",
        "year": "year years",
    }.items()
    for way in ways.split()
}
"""What a number counts that is a time, by how that is said."""
NUMBER = "number"
_LITERALS = re.compile(r"'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`")
_WORD_AFTER = re.compile(r"\W{0,3}(\w+)")
_WORD_BEFORE = re.compile(r"(\w+)\W{0,3}$")
_NOTHING = " "
_SIGNED = frozenset({"channel", "person"})
"""What is told from other words by what it begins with, however few letters it has."""
_WORDS, _EXPECT, _EXPRESSION = "words", "expect", "expression"


class Said(NamedTuple):
    """What stands in a place of a request: `of` says what it is, `value` how a plan has it written, `ways` how people
    write the same, the value among them; `before` and `after` are the words beside it.
    """

    of: str
    value: str
    ways: tuple[str, ...]
    before: str = ""
    after: str = ""

    @property
    def unit(self) -> str:
        return UNITS.get(self.after, "")


class _Place(NamedTuple):
    """A text or a number of a plan: where it stands, by the step and the argument, and what it is."""

    step: str
    where: str
    value: str | int | float
    around: str = ""


@dataclass
class _Mapping:
    """A plan with its literals said otherwise, one after the other."""

    text: Callable[[_Place], str]
    number: Callable[[_Place], int | float]
    step: str = field(default="", init=False)

    def plan(self, plan: Plan) -> Plan:
        steps = tuple(map(self._of_step, plan.steps))
        self.step = ""
        answer = plan.answer
        if answer is not None and answer.text is not None:
            answer = answer.model_copy(update={"text": self._template(answer.text)})
        elif answer is not None:
            answer = answer.model_copy(update={"compose": self._text(str(answer.compose), _WORDS)})
        return plan.model_copy(update={"steps": steps, "answer": answer})

    def _of_step(self, step: Step) -> Step:
        self.step = step.id
        return step.model_copy(
            update={
                "arguments": {name: self._value(one, name) for name, one in step.arguments.items()},
                "for_each": self._value(step.for_each, "for_each"),
                "when": step.when if step.when is None else self._expression(step.when, _EXPRESSION),
                "expect": step.expect if step.expect is None else self._expression(step.expect, _EXPECT),
            }
        )

    def _value(self, value: JsonValue, where: str) -> JsonValue:
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, str):
            return self._text(value, where)
        if isinstance(value, int | float):
            return self.number(_Place(self.step, where, value))
        if isinstance(value, list):
            return [self._value(one, where) for one in value]
        if set(value) == {"$text"}:
            return {"$text": self._template(str(value["$text"]))}
        if set(value) & {"$ref", "$item"}:
            return {name: self._expression(str(one), _EXPRESSION) for name, one in value.items()}
        return {name: self._value(one, name) for name, one in value.items()}

    def _text(self, value: str, where: str, around: str = "") -> str:
        return self.text(_Place(self.step, where, value, around))

    def _template(self, template: str) -> str:
        worded = with_words(template, lambda words: self._text(words, _WORDS))
        return with_expressions(worded, lambda one: self._expression(one, _EXPRESSION))

    def _expression(self, expression: str, where: str) -> str:
        def said(found: re.Match[str]) -> str:
            if found[1] is not None:
                return "'" + self._text(found[1], where, expression) + "'"
            return "`" + self._json(found[2], where, expression) + "`"

        return _LITERALS.sub(said, expression)

    def _json(self, literal: str, where: str, expression: str) -> str:
        try:
            value = json.loads(literal)
        except ValueError:
            return self._text(literal, where, expression)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return json.dumps(self.number(_Place(self.step, where, value, expression)))
        return self._text(literal, where, expression)


def places(plan: Plan) -> list[_Place]:
    """Every text and number that is written out in a plan, its goal and the names of its steps apart."""
    found: list[_Place] = []

    def text(place: _Place) -> str:
        found.append(place)
        return str(place.value)

    def number(place: _Place) -> int | float:
        found.append(place)
        assert not isinstance(place.value, str)
        return place.value

    _Mapping(text, number).plan(plan)
    return found


def texts_written(plan: Plan) -> Iterator[str]:
    return (one.value for one in places(plan) if isinstance(one.value, str))


def numbers_written(plan: Plan) -> Iterator[int | float]:
    return (one.value for one in places(plan) if not isinstance(one.value, str))


_INDEX = re.compile(r"\[(-?\d+)\]")
_MADE_OF = frozenset({7, 24, 30, 60, 100, 168, 1000, 1024, 1440, 3600, 86_400})
"""By how much a number may have been multiplied, or divided, to be another of the same thing."""


def stands_in(plan: Plan, said: Said, others: Sequence[Said] = ()) -> bool:
    """Whether it stands in the plan as it was said, in nothing but places where another could be put. `others` are what
    else was said: its letters in these are no place of it.
    """
    there = places(plan)
    if said.of != NUMBER:
        return _text_stands(there, said, others)
    told = {float(one.value) for one in [said, *others] if one.of == NUMBER}
    return _number_stands(there, said) and not _is_also_another(float(said.value), told, plan, there)


def filled(plan: Plan, values: Sequence[tuple[Said, str]]) -> Plan:
    """The plan with another value in all places of each of these, which `stands_in` found in it."""
    named = [(said, new) for said, new in values if said.of != NUMBER]
    counted = [(said, new) for said, new in values if said.of == NUMBER]
    numbers = {float(said.value): new for said, new in counted}
    new_of = {way.casefold(): new for said, new in values for way in said.ways}
    patterns = [_pattern(said).pattern for said, _ in [*named, *counted]]
    every = re.compile("|".join(f"(?:{one})" for one in patterns), re.IGNORECASE) if patterns else None

    def text(place: _Place) -> str:
        value = str(place.value)
        return value if every is None else every.sub(lambda found: new_of[found[0].casefold()], value)

    def number(place: _Place) -> int | float:
        assert not isinstance(place.value, str)
        new = numbers.get(float(place.value))
        if new is None:
            return place.value
        return float(new) if "." in new else int(new)

    return _Mapping(text, number).plan(plan)


def without_names(plan: Plan, names: Sequence[str]) -> Plan:
    """The plan with none of these names in the ids of its steps. Raises PlanError where they cannot be called so."""
    taken = {step.id for step in plan.steps}
    renamed: dict[str, str] = {}
    for step in plan.steps:
        if any(squashed(name) in squashed(step.id) for name in names):
            base = step.tool.partition("@")[0][:36]
            new = next(one for one in (base, *(f"{base}_{at}" for at in range(2, 99))) if one not in taken)
            taken.add(new)
            renamed[step.id] = new
    if not renamed:
        return plan
    return renamed_plan(plan, renamed)


def _pattern(said: Said) -> re.Pattern[str]:
    ways = "|".join(re.escape(way) for way in sorted(said.ways, key=len, reverse=True))
    before = rf"(?<={re.escape(TO_PERSON)})" if said.of == "person" else r"(?<![\w#@/:.-])"
    return re.compile(rf"{before}(?:{ways})(?![\w@/-]|[.:,]\w)", re.IGNORECASE)


def _text_stands(there: Sequence[_Place], said: Said, others: Sequence[Said]) -> bool:
    """In as many places as its letters are in, whatever is written between them."""
    pattern, rest = _pattern(said), [_pattern(one) for one in others if one.of != NUMBER and one != said]
    found = written = 0
    is_argument = False
    for place in there:
        text = str(place.value)
        for other in rest:
            text = other.sub(_NOTHING, text)
        matches = pattern.findall(text)
        found += len(matches)
        written += _written(text, said)
        if place.where != _WORDS and any(match != said.value for match in matches):
            return False
        is_argument = is_argument or (bool(matches) and place.where != _WORDS)
    return is_argument and found == written


def _written(text: str, said: Said) -> int:
    if said.of in _SIGNED:
        return len(re.findall(rf"(?<!\w){re.escape(said.value)}(?!\w)", text, re.IGNORECASE))
    return max(squashed(text).count(squashed(way)) for way in said.ways)


def _number_stands(there: Sequence[_Place], said: Said) -> bool:
    """Everything that is this number is of one sort: an argument by one name, or one comparison, and what is said of
    it in words as in the request.
    """
    value, pattern = float(said.value), _pattern(said)
    arguments: set[str] = set()
    of_steps: set[str] = set()
    expressions: set[tuple[str, str]] = set()
    for place in there:
        if isinstance(place.value, str):
            for match in pattern.finditer(place.value):
                if place.where != _WORDS or not _is_said_alike(place.value, match, said):
                    return False
        elif float(place.value) == value:
            if not _counts_the_same(place, said):
                return False
            if place.where in {_EXPRESSION, _EXPECT}:
                expressions.add((place.step if place.where == _EXPECT else "", place.around))
            else:
                arguments.add(place.where)
                of_steps.add(place.step)
    if arguments:
        return len(arguments) == 1 and all(step in of_steps for step, _ in expressions)
    return len(expressions) == 1


def _is_also_another(value: float, told: Collection[float], plan: Plan, there: Sequence[_Place]) -> bool:
    """Whether a number that nobody said may be made of this one: one more or less, of another unit, the place in a list
    up to which it goes. What is put in its place would be in the one and not in the other.
    """
    found = {float(one.value) for one in there if not isinstance(one.value, str)} - {*told}
    found |= {float(one) for one in _INDEX.findall(plan.model_dump_json())}
    return any(abs(abs(one) - value) <= 1 or _is_made_of(abs(one), value) for one in found if one)


def _is_made_of(one: float, value: float) -> bool:
    return value != 0 and any(one in {value * by, value / by} for by in _MADE_OF)


def _counts_the_same(place: _Place, said: Said) -> bool:
    """Whether the place counts what the request does: hours in hours, and what is no time in none."""
    told = (place.around or place.where).casefold()
    units = {unit for unit in UNITS.values() if unit in told}
    return said.unit in units if said.unit else not units


def _is_said_alike(text: str, match: re.Match[str], said: Said) -> bool:
    after, before = _WORD_AFTER.match(text, match.end()), _WORD_BEFORE.search(text[: match.start()])
    if said.unit:
        return after is not None and UNITS.get(after[1].casefold()) == said.unit
    beside = {after[1].casefold() if after else "", before[1].casefold() if before else ""} - {""}
    return bool(beside & ({said.after, said.before} - {""}))
