"""What can be told of a request that is no known one, for whoever plans it: the names, references and times in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import NamedTuple

from pydantic import JsonValue

from copilot.domain import Focus, Known, ReferenceType, Window
from copilot.errors import ToolInputError
from copilot.intents.frames import Target
from copilot.intents.lexicon import Lexicon
from copilot.intents.names import there_is
from copilot.intents.referring import meant_by
from copilot.intents.schedule_nouns import ScheduleNouns
from copilot.intents.slots import Present
from copilot.intents.targets import NounPhrases
from copilot.intents.tokens import Token
from copilot.text.nearness import squashed
from copilot.times.grammar import LOOKS_LIKE_WINDOW, parse_window

MOST = 12
LONGEST_TIME = 12
"""In words."""


class Hints(NamedTuple):
    """`said` is what its words stand for, by the words: ids, a kind, a window. `meant` are the ids that references
    stand for.
    """

    said: Mapping[str, JsonValue] = MappingProxyType({})
    meant: tuple[str, ...] = ()


NO_HINTS = Hints()


class Hinting:
    """In one text, as far as it goes without understanding it."""

    def __init__(self, tokens: Sequence[Token], lexicon: Lexicon, known: Known, focus: Focus, present: Present) -> None:
        self._tokens = tokens
        self._lexicon = lexicon
        self._names = {squashed(one.name): one.name for one in known.environments}
        self._services = frozenset(known.services)
        self._focus = focus
        self._present = present
        self._nouns = NounPhrases(tokens, lexicon, there_is(known))
        self._schedules = ScheduleNouns(tokens, lexicon, self._nouns)

    def hints(self) -> Hints:
        said: dict[str, JsonValue] = {}
        meant: dict[str, None] = {}
        at = 0
        while at < len(self._tokens) and len(said) < MOST:
            end = at + 1
            for last, value, ids in (*self._referred(at), *self._named(at), *self._times(at)):
                said.setdefault(self._text(at, last), value)
                meant |= dict.fromkeys(ids)
                end = last
                break
            at = end
        return Hints(said, tuple(meant))

    def _referred(self, at: int) -> Iterator[tuple[int, JsonValue, list[str]]]:
        """What a pronoun or an ordinal stands for, if it stands for one type of things."""
        for end, schedules in self._schedules.whole(at):
            named = schedules.reference if schedules.is_named else None
            if named is not None and (ids := self._meant(named, "schedule")):
                yield end, {"schedules": list(ids)}, ids
        for end, targets in self._nouns.references(at):
            of: dict[ReferenceType, list[str]] = {}
            for type in ("environment", "service", "schedule"):
                if ids := self._meant(targets.of[0], type):
                    of[type] = ids
            if len(of) == 1:
                ((type, ids),) = of.items()
                yield end, {f"{type}s": list(ids)}, ids

    def _meant(self, reference: Target, type: ReferenceType) -> list[str]:
        """None where text that is not to be trusted chose any of them."""
        with suppress(ToolInputError):
            found = meant_by(reference, self._focus, self._lexicon, type)
            return [] if any(map(self._focus.is_marked, found)) else found
        return []

    def _named(self, at: int) -> Iterator[tuple[int, JsonValue, list[str]]]:
        for end, targets in self._nouns.whole(at):
            (first, *more) = targets.of
            name = self._names.get(squashed(first.value)) if first.by == "name" else None
            if not more and not targets.but and name is not None:
                yield end, {"environment": name}, []
            if not more and not targets.but and first.by == "kind":
                state: dict[str, JsonValue] = {"state": targets.state} if targets.state else {}
                yield end, {"kind": first.value, **state}, []
        if self._tokens[at].word in self._services:
            yield at + 1, {"service": self._tokens[at].word}, []

    def _times(self, at: int) -> Iterator[tuple[int, JsonValue, list[str]]]:
        for end in range(min(len(self._tokens), at + LONGEST_TIME), at, -1):
            said = " ".join(token.word for token in self._tokens[at:end]).replace(" ,", ",")
            if LOOKS_LIKE_WINDOW.fullmatch(said):
                found = parse_window(said, self._present.now, self._present.time_zone)
                if isinstance(found, Window):
                    yield end, {"window": found.model_dump(mode="json", exclude_defaults=True)}, []

    def _text(self, at: int, end: int) -> str:
        return " ".join(token.word for token in self._tokens[at:end])
