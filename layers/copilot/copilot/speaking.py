"""What a model may say once it has read marked text (see marks.py): no link, no mention and no name out of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from copilot.arguments import literal_texts
from copilot.errors import NotFound
from copilot.model import Plan
from copilot.outside import spoken_parts
from copilot.templates import without_placeholders
from copilot.tool_types import shown_arguments
from copilot.tools.registry import Registry

_NAME = re.compile(r"[A-Za-z0-9#](?:[A-Za-z0-9._/:-]*[A-Za-z0-9])?")
_PLAIN = re.compile(r"[A-Za-z]+|[\d.:/-]+")
_SHOWN = 5


def speaking_problems(said: Iterable[str], read: Iterable[str], trusted: Iterable[str]) -> list[str]:
    """What is wrong with what a model says: addresses and mentions that are in nothing trusted, and names that it has
    from what it `read` and that are in nothing trusted either.
    """
    texts = "\n".join(said)
    known = "\n".join(trusted).lower()
    leads = [part for part in dict.fromkeys(spoken_parts(texts)) if part.lower() not in known]
    names_known, names_read = set(_names(known)), set(_names("\n".join(read)))
    names = [name for name in dict.fromkeys(_names(texts)) if name in names_read - names_known]
    problems = []
    if leads:
        problems.append(f"no links and no mentions may be said, found {', '.join(map(repr, leads[:_SHOWN]))}")
    if names and not leads:
        told = ", ".join(names[:_SHOWN])
        problems.append(f"these names stand only in text that is not to be trusted, leave them out: {told}")
    return problems


def said_by(plan: Plan, registry: Registry) -> Iterator[str]:
    """All that a plan says to people in words of its own."""
    yield plan.goal
    if plan.say is not None:
        yield plan.say
    if plan.decline is not None:
        yield plan.decline
    if plan.ask is not None:
        yield from (plan.ask.question, *plan.ask.choices)
    if plan.answer is not None and plan.answer.text is not None:
        yield without_placeholders(plan.answer.text)
    for step in plan.steps:
        try:
            shown = shown_arguments(registry.find(step.tool))
        except NotFound:  # which the plan's check says
            continue
        for name in shown:
            yield from literal_texts(step.arguments.get(name))


def texts_in(value: JsonValue) -> Iterator[str]:
    """Every text in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from texts_in(inner)


def _names(text: str) -> Iterator[str]:
    """What is written as names are: words with digits, dots or dashes in them, in lower case."""
    for match in _NAME.finditer(text):
        if not _PLAIN.fullmatch(match[0]):
            yield match[0].lower()
