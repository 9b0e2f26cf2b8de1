"""The phrase language of the intents, compiled to regular expressions over normalised text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import Field

from copilot.domain import Frozen, Kind
from copilot.intents import periods

_TOKEN = re.compile(r"<(\w+)>|\{(\w+)\}|([()\[\]|])|([^\s<>{}()\[\]|]+)")


class Words(Frozen):
    """words.yaml."""

    synonyms: Mapping[str, tuple[str, ...]]
    kinds: Mapping[Kind, tuple[str, ...]]
    nouns: tuple[str, ...]
    pronouns: tuple[str, ...]
    not_names: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...] = Field(default=())


def normalise(text: str) -> str:
    """Lower case, single spaces, straight quotes, commas as words, no closing punctuation; "what's" is "what is"."""
    text = " ".join(text.lower().replace("\u2019", "'").split())
    text = re.sub(r"\b(how|what|who|where)'s\b", r"\1 is", text)
    return re.sub(r"\s*,\s*", " , ", text.strip(" ?!.;,"))


def one_of(words: tuple[str, ...]) -> str:
    """Any of the words, longest first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"


def slot_patterns(words: Words) -> dict[str, str]:
    """What each slot may hold. A bare word is an environment only where something says that it is a name."""
    kind = one_of(tuple(word for names in words.kinds.values() for word in names))
    noun, article = one_of(words.nouns), r"(?:(?:the|our|my)\s+)?"
    name = rf"(?!{one_of(words.not_names)}\s)[a-z0-9][a-z0-9_.-]*"
    telling = rf"(?:{name}[-_\d]{name}|{name}\d|[a-z][a-z0-9_.-]*\s+\d+)"
    named = rf"{article}(?:{kind}|{name}|{telling})\s+{noun}|{noun}\s+{name}|{article}(?:{kind}|{telling})"
    environment = rf"(?:{one_of(words.pronouns)}|{named})"
    joined = r"(?:\s*,\s*(?:and\s+)?|\s+and\s+)"
    other_than_names = one_of((*words.not_names, *(word for names in words.kinds.values() for word in names)))
    # Begins like a time and has one in it; what it means, or whether, is for the grammar of times to say.
    day = "mon|tue|wed|thu|fri|sat|sun"
    window = (
        rf"(?=(?:after|at|from|past|between|on|in|every|each|daily|nightly|weekdays|weekends|{day})(?:\w*)\b)"
        r"(?=.*(?:\d|\bnoon\b|\bmidnight\b))\S+(?:\s+\S+)*?"
    )
    until = r"(?:until|till|for)\s+\S+(?:\s+\S+)*?"
    return {
        "days": periods.PATTERN,
        "period": periods.LED,
        "window": window,
        "until": until,
        "schedule": r"s[0-9a-f]{9}",
        "environment": environment,
        "kinds": rf"{kind}(?:{joined}{kind})*",
        "channel": r"#[a-z0-9][a-z0-9_-]{0,79}",
        "service": rf"(?!{other_than_names}(?!\S))[a-z0-9][a-z0-9_.:/@+-]*",
        "weeks": rf"\d{{1,6}}|{one_of(tuple(periods.WEEKS))}",
    }


def compile_phrase(phrase: str, words: Words) -> re.Pattern[str]:
    """A pattern that matches a whole normalised request."""
    slots = slot_patterns(words)
    pattern = ""
    for synonyms, slot, bracket, literal in _TOKEN.findall(phrase):
        if bracket:
            pattern += {"(": "(?:", "[": "(?:(?:", "]": r")(?!\S)\s*)?", ")": r")(?!\S)\s*", "|": "|"}[bracket]
            continue
        part = (
            one_of(words.synonyms[synonyms])
            if synonyms
            else f"(?P<{slot}>{slots[slot]})"
            if slot
            else re.escape(literal)
        )
        pattern += part + r"(?!\S)[\s,]*"
    before, after = one_of(words.before), one_of(words.after)
    return re.compile(rf"(?:{before}[\s,]+)*{pattern}(?:[\s,]*(?<![^\s,]){after}(?!\S))*\s*")
