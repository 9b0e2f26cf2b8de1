"""From a request to a plan, where an intent knows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml
from pydantic import JsonValue

from copilot.errors import ToolInputError
from copilot.intents.phrases import Words, compile_phrase, normalise
from copilot.model import Focus, Frozen, Kind, Plan


class Intent(Frozen):
    """One entry of an intents file. `plan` is a Plan without its goal, with {"$slot": name} for what was said.

    `wants_file` is what to say to a request that comes without the file the plan is about.
    """

    name: str
    example: str
    phrases: tuple[str, ...]
    wants_file: str = ""
    plan: dict[str, Any]


class Match(Frozen):
    """The intent that a request is, and its plan."""

    intent: str
    plan: Plan
    wants_file: str = ""


@dataclass(frozen=True)
class Intents:
    words: Words
    intents: tuple[Intent, ...]
    patterns: tuple[tuple[re.Pattern[str], Intent], ...]

    def match(self, text: str, focus: Focus) -> Match | None:
        """The plan for a request that an intent knows; None for every other.

        Raises ToolInputError, with the question to ask, where a pronoun stands for nothing or for several things.
        """
        request = normalise(text)
        for pattern, intent in self.patterns:
            if found := pattern.fullmatch(request):
                given = {name: value for name, value in found.groupdict().items() if value is not None}
                slots = {name: self._value(name, value, focus) for name, value in given.items()}
                plan = _fill(intent.plan, {"kinds": []} | slots)
                return Match(
                    intent=intent.name,
                    plan=Plan.model_validate(plan | {"goal": text}),
                    wants_file=intent.wants_file,
                )
        return None

    def examples(self) -> list[str]:
        return [intent.example for intent in self.intents]

    def _value(self, slot: str, said: str, focus: Focus) -> JsonValue:
        if slot == "kinds":
            return [self._kind(word) for word in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", said)]
        if slot == "environment":
            return self._environment(said, focus)
        return said

    def _kind(self, word: str) -> Kind:
        return next(kind for kind, names in self.words.kinds.items() if word in names)

    def _environment(self, said: str, focus: Focus) -> str:
        if said not in self.words.pronouns:
            return said
        if len(focus.environments) == 1:
            return focus.environments[0]
        if not focus.environments:
            raise ToolInputError(
                f"Which environment is meant by \u201c{said}\u201d? None was spoken of yet; please name it."
            )
        names = ", ".join(focus.environments)
        raise ToolInputError(
            f"Which environment is meant by \u201c{said}\u201d: {names}? Please name one.", focus.environments
        )


def load_intents() -> Intents:
    """The intents of this package."""
    folder = files("copilot").joinpath("intents")
    words = Words.model_validate(yaml.safe_load(folder.joinpath("words.yaml").read_text()))
    documents = [file for file in sorted(folder.iterdir(), key=lambda f: f.name) if file.name.endswith(".yaml")]
    found = [
        Intent.model_validate(entry)
        for document in documents
        if document.name != "words.yaml"
        for entry in yaml.safe_load(document.read_text())
    ]
    patterns = [(compile_phrase(phrase, words), intent) for intent in found for phrase in intent.phrases]
    return Intents(words=words, intents=tuple(found), patterns=tuple(patterns))


def _fill(value: Any, slots: Mapping[str, JsonValue]) -> Any:
    if isinstance(value, dict):
        if set(value) == {"$slot"}:
            return slots[value["$slot"]]
        return {key: _fill(inner, slots) for key, inner in value.items()}
    if isinstance(value, list):
        return [_fill(inner, slots) for inner in value]
    return value
