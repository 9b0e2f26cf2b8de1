"""Runbooks: plans that are kept, with typed parameters in place of what differs from one time to the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError, SchemaError

from copilot.domain.frozen import Frozen
from copilot.domain.plans import MOST_STEPS, Answer, Step
from copilot.domain.requests import TOLD, Person
from copilot.text.outside import quoted

MOST_NAME, MOST_PARAMETERS, MOST_OPTIONS, MOST_VALUE = 60, 12, 20, 500
"""Characters of a name, parameters of a runbook, choices of a parameter, characters of a value."""
SHOWN = 60
"""Characters of a value that is none, where that is said."""
NAME = r"^[a-z0-9]+(-[a-z0-9]+)*$"
RunbookName = Annotated[str, StringConstraints(pattern=NAME, max_length=MOST_NAME)]
ParameterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Value = str | int | float | bool
_NAMED = {"environment": "the name of an environment", "service": "the name of a service", "channel": "a #channel"}


def runbook_name(said: str) -> str:
    """The name that is meant by what people say: `evening-stop` for "Evening stop". "" where nothing is left of it."""
    return "-".join(re.findall(r"[a-z0-9]+", said.casefold()))


class Parameter(Frozen):
    """What is said when a Runbook is run. Without a `default` it has to be. `names` is of what it is a name."""

    type: Literal["string", "integer", "number", "boolean", "choice", "pattern"]
    description: Annotated[str, StringConstraints(max_length=200)] = ""
    default: JsonValue = None
    choices: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=MOST_VALUE)], ...],
        Field(max_length=MOST_OPTIONS),
    ] = ()
    pattern: Annotated[str, StringConstraints(max_length=200)] = ""
    names: Literal["environment", "service", "channel"] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for what, given in (("choice", self.choices), ("pattern", self.pattern)):
            if (self.type == what) != bool(given):
                key = "choices" if what == "choice" else what
                raise PydanticCustomError("parameter", f"a {what} has `{key}`, and nothing else has")
        if self.pattern:
            try:
                _form(self.pattern)
            except SchemaError:
                raise PydanticCustomError("parameter", "the pattern is not one that can be used") from None
        if self.names and self.type not in {"string", "choice", "pattern"}:
            raise PydanticCustomError("parameter", "what names something is a string, a choice or a pattern")
        if self.default is not None and (problem := self.problem_with(self.default)):
            raise PydanticCustomError("parameter", "the default: {problem}", {"problem": problem})
        return self

    @property
    def in_words(self) -> str:
        """What it takes."""
        match self.type:
            case "choice":
                return f"one of {', '.join(map(quoted, self.choices))}"
            case "pattern":
                return f"text like {quoted(self.pattern)}"
            case "integer":
                return "a whole number"
            case "boolean":
                return "true or false"
            case "string":
                return _NAMED[self.names] if self.names else "text"
        return "a number"

    def problem_with(self, value: JsonValue) -> str:
        """Why this is no value for it: found and expected; "" where it is one."""
        return "" if self._fits(value) else f"found {quoted(str(value)[:SHOWN])}, expected {self.in_words}"

    def _fits(self, value: JsonValue) -> bool:
        match self.type:
            case "boolean":
                return isinstance(value, bool)
            case "integer":
                return isinstance(value, int) and not isinstance(value, bool)
            case "number":
                return isinstance(value, int | float) and not isinstance(value, bool)
        if not isinstance(value, str) or not 0 < len(value) <= MOST_VALUE:
            return False
        if self.names == "channel" and not re.fullmatch(TOLD, value):
            return False
        if self.type == "choice":
            return value in self.choices
        return self.type == "string" or _has_form(self.pattern, value)


def _form(pattern: str) -> TypeAdapter[str]:
    """What a whole text has to look like. Of pydantic's own expressions: none takes longer than the text is long."""
    return TypeAdapter(Annotated[str, StringConstraints(pattern=f"^(?:{pattern})$")])


def _has_form(pattern: str, value: str) -> bool:
    try:
        _form(pattern).validate_python(value)
    except ValidationError:
        return False
    return "\n" not in value


class Runbook(Frozen):
    """A Plan in which {"$slot": name} stands for a parameter in an argument, and {$name} in a text. A version, once it
    is kept, stays as it is.
    """

    name: RunbookName
    version: Annotated[int, Field(ge=1, le=999_999)] = 1
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""
    parameters: Annotated[dict[ParameterName, Parameter], Field(max_length=MOST_PARAMETERS)] = {}
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=MOST_STEPS)]
    answer: Answer

    @property
    def called(self) -> str:
        """By name and version."""
        return f"{self.name}, version {self.version}"

    @property
    def content(self) -> dict[str, JsonValue]:
        """What two versions differ in."""
        kept: dict[str, JsonValue] = self.model_dump(mode="json", exclude={"version"}, exclude_defaults=True)
        return kept

    @property
    def needed(self) -> Iterator[str]:
        """The parameters that have to be said."""
        return (name for name, one in self.parameters.items() if one.default is None)


class SavedRunbook(Frozen):
    """A version as it is kept. What was `withdrawn` is not run any more, and its number is not used again."""

    runbook: Runbook
    by: Person
    at: datetime
    withdrawn: bool = False
