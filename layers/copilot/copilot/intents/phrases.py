"""The phrase language of the intents, compiled to regular expressions over normalised text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import Field

from copilot.domain import Frozen, Kind

_TOKEN = re.compile(r"<(\w+)>|\{(\w+)\}|([()\[\]|])|([^\s<>{}()\[\]|]+)")


class Words(Frozen):
    """words.yaml."""

    synonyms: Mapping[str, tuple[str, ...]]
    kinds: Mapping[Kind, tuple[str, ...]]
    nouns: tuple[str, ...]
    pronouns: tuple[str, ...]
    plurals: tuple[str, ...]
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


def compile_phrase(phrase: str, words: Words, slots: Mapping[str, str]) -> re.Pattern[str]:
    """A pattern that matches a whole normalised request. `slots` are the patterns of what each slot may hold."""
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
