"""The slots of a phrase: what each may hold, and how what was said is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from pydantic import JsonValue

from copilot.domain import CHANNEL, Focus
from copilot.errors import ToolInputError
from copilot.intents import periods
from copilot.intents.phrases import Words, one_of
from copilot.text.outside import inert
from copilot.times.grammar import parse_until, parse_window
from copilot.times.question import Question

T = TypeVar("T")
Values = dict[str, JsonValue]


class Present(NamedTuple):
    """When a request was made, and the time zone of who made it."""

    now: datetime
    time_zone: str


SOME_TIME = Present(datetime(2026, 1, 1, tzinfo=UTC), "UTC")
"""For requests that name no time."""


class Slot(NamedTuple):
    """`pattern` is what it may hold. `read` gives what a plan is filled with, by name: most often one value, by the
    slot's own. Raises ToolInputError, with the question to ask.
    """

    name: str
    pattern: str
    read: Callable[[str, Focus, Present], Values]


def slots_of(words: Words) -> Mapping[str, Slot]:
    """By name."""

    def as_said(name: str, pattern: str) -> Slot:
        return Slot(name, pattern, lambda said, focus, present: {name: said})

    slots = [
        Slot("days", periods.PATTERN, lambda said, focus, present: {"days": periods.days_of(said)}),
        Slot("period", periods.LED, _period),
        Slot("window", _WINDOW, _window),
        Slot("until", r"(?:until|till|for)\s+\S+(?:\s+\S+)*?", _until),
        Slot("weeks", _WEEKS, lambda said, focus, present: {"weeks": periods.weeks_of(said)}),
        as_said("schedule", r"s[0-9a-f]{9}"),
        as_said("channel", CHANNEL),
        as_said("service", rf"(?!{one_of((*words.not_names, *_kind_words(words)))}(?!\S))[a-z0-9][a-z0-9_.:/@+-]*"),
        _environment(words),
        _kinds(words),
    ]
    return {slot.name: slot for slot in slots}


_WEEKS = rf"\d{{1,6}}|{one_of(tuple(periods.WEEKS))}"
# Begins like a time and has one in it; what it means, or whether, is for the grammar of times to say.
_WINDOW = (
    r"(?=(?:after|at|from|past|between|on|in|every|each|daily|nightly|weekdays|weekends|mon|tue|wed|thu|fri|sat|sun)"
    r"(?:\w*)\b)(?=.*(?:\d|\bnoon\b|\bmidnight\b))\S+(?:\s+\S+)*?"
)


def _period(said: str, focus: Focus, present: Present) -> Values:
    number, end = periods.period_of(said, present.now)
    return {"days": number, "end": end.isoformat() if end else None}


def _window(said: str, focus: Focus, present: Present) -> Values:
    return {"window": _understood(parse_window(said, present.time_zone)).model_dump(mode="json")}


def _until(said: str, focus: Focus, present: Present) -> Values:
    at = _understood(parse_until(said, present.now, present.time_zone))
    return {"until": at.isoformat(), "time_zone": str(at.tzinfo)}


def _understood(found: T | Question) -> T:
    if isinstance(found, Question):
        raise ToolInputError(str(found), found.choices)
    return found


def _kind_words(words: Words) -> tuple[str, ...]:
    return tuple(word for names in words.kinds.values() for word in names)


def _kinds(words: Words) -> Slot:
    kind, joined = one_of(_kind_words(words)), r"(?:\s*,\s*(?:and\s+)?|\s+and\s+)"
    kinds = {word: kind for kind, names in words.kinds.items() for word in names}

    def read(said: str, focus: Focus, present: Present) -> Values:
        return {"kinds": [kinds[word] for word in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", said)]}

    return Slot("kinds", rf"{kind}(?:{joined}{kind})*", read)


def _environment(words: Words) -> Slot:
    """A bare word is one only where something says that it is a name."""
    kind, noun, article = one_of(_kind_words(words)), one_of(words.nouns), r"(?:(?:the|our|my)\s+)?"
    name = rf"(?!{one_of(words.not_names)}\s)[a-z0-9][a-z0-9_.-]*"
    telling = rf"(?:{name}[-_\d]{name}|{name}\d|[a-z][a-z0-9_.-]*\s+\d+)"
    named = rf"{article}(?:{kind}|{name}|{telling})\s+{noun}|{noun}\s+{name}|{article}(?:{kind}|{telling})"

    def read(said: str, focus: Focus, present: Present) -> Values:
        return {"environment": _meant(said, focus, words.plurals) if said in words.pronouns else said}

    return Slot("environment", rf"(?:{one_of(words.pronouns)}|{named})", read)


def _meant(pronoun: str, focus: Focus, plurals: Collection[str]) -> str:
    asked = f"Which environment is meant by \u201c{pronoun}\u201d"
    if not focus.environments:
        raise ToolInputError(f"{asked}? The last answer was about no single one; please name it.")
    names = ", ".join(inert(name) for name in focus.environments)
    if focus.unsettled:
        since = f"{names} was spoken of, and since then something that was not understood"
        raise ToolInputError(f"{asked}? Before, {since}. Please name it.", focus.environments)
    if len(focus.environments) > 1:
        raise ToolInputError(f"{asked}: {names}? Please name one.", focus.environments)
    if pronoun in plurals:
        raise ToolInputError(f"{asked}? Only {names} was spoken of last. Please name it.", focus.environments)
    return focus.environments[0]
