"""From a request to a plan, where an intent knows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml
from pydantic import JsonValue

from copilot.domain import Focus, Frozen, Plan
from copilot.intents.phrases import Words, compile_phrase, normalise
from copilot.intents.slots import SOME_TIME, Present, Slot, Values, slots_of
from copilot.runbooks.filling import defaults, filled

T = TypeVar("T")


class Intent(Frozen):
    """One entry of an intents file. `plan` is a Plan without its goal, with {"$slot": name} for what was said (and
    beside it "$default": what it is where nothing was said).

    An entry without a plan is a follow-up: the last intent of the Conversation again, with what is said now.

    `wants_file` is what to say to a request that comes without the file the plan is about.
    """

    name: str
    example: str
    phrases: tuple[str, ...]
    wants_file: str = ""
    plan: dict[str, Any] | None = None


class Match(Frozen):
    """The intent that a request is, what its slots were filled with, and its plan. `remembered` are the texts among the
    slots that the person did not say but the Conversation had spoken of.
    """

    intent: str
    slots: dict[str, JsonValue]
    plan: Plan
    is_follow_up: bool = False
    wants_file: str = ""
    remembered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intents:
    words: Words
    slots: Mapping[str, Slot]
    intents: tuple[Intent, ...]
    patterns: tuple[tuple[re.Pattern[str], Intent], ...]

    def match(self, text: str, focus: Focus, present: Present = SOME_TIME) -> Match | None:
        """The plan for a request that an intent knows; None for every other.

        Raises ToolInputError, with the question to ask, where a pronoun stands for nothing or for several things, or
        a time is not understood.
        """
        request = normalise(text)
        for pattern, intent in self.patterns:
            if found := pattern.fullmatch(request):
                given = {name: value for name, value in found.groupdict().items() if value is not None}
                slots: Values = {}
                for name, said in given.items():
                    slots |= self.slots[name].read(said, focus, present)
                remembered = [focus.environments[0]] if given.get("environment") in self.words.pronouns else []
                if intent.plan is not None:
                    return _planned(text, intent, slots, remembered)
                if again := self._last(focus, slots):
                    remembered += list(_texts([focus.slots[name] for name in focus.slots.keys() - slots.keys()]))
                    return _planned(text, again, focus.slots | slots, remembered, is_follow_up=True)
        return None

    def _last(self, focus: Focus, slots: Mapping[str, JsonValue]) -> Intent | None:
        """The Conversation's last intent, if it can be asked again with these slots."""
        last = next((intent for intent in self.intents if intent.name == focus.intent), None)
        return last if last is not None and slots.keys() <= focus.slots.keys() else None

    def examples(self) -> list[str]:
        return [intent.example for intent in self.intents if intent.plan is not None]


def load_intents() -> Intents:
    """The intents of this package."""
    folder = files("copilot").joinpath("intents")
    words = Words.model_validate(_read(folder.joinpath("words.yaml")))
    documents = [file for file in sorted(folder.iterdir(), key=lambda f: f.name) if file.name.endswith(".yaml")]
    found = [
        Intent.model_validate(entry)
        for document in documents
        if document.name != "words.yaml"
        for entry in _read(document)
    ]
    slots = slots_of(words)
    holding = {name: slot.pattern for name, slot in slots.items()}
    patterns = [(compile_phrase(phrase, words, holding), intent) for intent in found for phrase in intent.phrases]
    return Intents(words=words, slots=slots, intents=tuple(found), patterns=tuple(patterns))


def _read(file: Traversable) -> Any:
    """A YAML file of ours. With libyaml, where it is there, it takes a tenth of the time."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _planned(
    text: str, intent: Intent, slots: dict[str, JsonValue], remembered: Sequence[str], is_follow_up: bool = False
) -> Match:
    slots = defaults(intent.plan) | slots
    return Match(
        intent=intent.name,
        slots=slots,
        plan=Plan.model_validate(filled(intent.plan, slots) | {"goal": text}),
        is_follow_up=is_follow_up,
        wants_file=intent.wants_file,
        remembered=tuple(remembered),
    )
