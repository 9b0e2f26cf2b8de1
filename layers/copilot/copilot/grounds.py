"""Whether the targets that a model wrote into a plan are any the person, or our code, has named. Pure.

An id that stands in a step that writes has to be in the request's own words or be what the Conversation speaks of; any
other comes by a reference to a read. What an earlier answer quoted grounds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pydantic import JsonValue

from copilot import references
from copilot.arguments import is_literal, literal_texts
from copilot.errors import NotFound
from copilot.model import Step
from copilot.tool_types import target_arguments
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

_WORD = re.compile(r"[^\W_]+")


def ungrounded(steps: Iterable[Step], registry: Registry, grounds: Sequence[str]) -> list[str]:
    """A line for each target in these steps, of a plan that was checked, that is in none of the `grounds`."""
    known = [_words(text) for text in grounds]
    return [problem for step in steps for problem in _problems(step, registry, known)]


def _problems(step: Step, registry: Registry, grounds: Sequence[str]) -> Iterator[str]:
    try:
        tool = registry.find(step.tool)
    except NotFound:  # which the plan's check says
        return
    if not issubclass(tool, WriteTool):
        return
    for name in target_arguments(tool):
        for target in dict.fromkeys(_written(step.arguments.get(name), step.for_each)):
            if not any(_words(target) in ground for ground in grounds):
                yield (
                    f"step {step.id}, argument {name}: {target!r} is neither in the request nor what the conversation "
                    "speaks of; take it from what a read gives, by a reference to it"
                )


def _written(value: JsonValue, for_each: JsonValue) -> Iterator[str]:
    """The texts of an argument that stand in the plan: as a literal, in an expression, in the elements of for_each."""
    if isinstance(value, list):
        for inner in value:
            yield from _written(inner, for_each)
    elif isinstance(value, dict) and "$ref" in value:
        for literal in references.literals(str(value["$ref"])):
            yield from _worded(literal)
    elif isinstance(value, dict) and "$item" in value:
        for element in _elements(for_each):
            yield from _worded(references.evaluate(str(value["$item"]), element))
    else:
        yield from _worded(list(literal_texts(value)))


def _elements(for_each: JsonValue) -> Iterator[JsonValue]:
    """The elements of a for_each that are written out."""
    if isinstance(for_each, list):
        yield from (element for element in for_each if is_literal(element))
    elif isinstance(for_each, dict) and "$ref" in for_each:
        for literal in references.literals(str(for_each["$ref"])):
            yield from literal if isinstance(literal, list) else [literal]


def _worded(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str) and _WORD.search(value):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from _worded(inner)


def _words(text: str) -> str:
    """The words of a text with blanks around each: a name is in a text where its words are, however they are joined."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "
