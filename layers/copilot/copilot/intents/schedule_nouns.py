"""How people say which schedules: by id, by what they are for, by a reference, all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from copilot.intents.frames import Schedules, Target, Targets
from copilot.intents.lexicon import Lexicon
from copilot.intents.targets import NounPhrases
from copilot.intents.tokens import Token

ID = re.compile(r"s[0-9a-f]{9}")
ONE, MANY = frozenset({"schedule", "window"}), frozenset({"schedules", "windows"})
_ARTICLES = frozenset({"the", "our", "that", "this", "those", "these", "both"})
_EVERY = frozenset({"all", "every", "each"})
_FOR = frozenset({"for", "of", "on", "stopping"})
_MEANT = {"those": "them", "these": "them", "both": "both", "that": "it", "this": "it", "the": "it"}
Reached = Iterator[tuple[int, Schedules]]


class ScheduleNouns:
    """Those in one text."""

    def __init__(self, tokens: Sequence[Token], lexicon: Lexicon, nouns: NounPhrases) -> None:
        self._words = tuple(token.word for token in tokens)
        self._lexicon = lexicon
        self._nouns = nouns

    def whole(self, at: int) -> list[tuple[int, Schedules]]:
        """What begins here, the longest first; one reading for each end."""
        found: dict[int, Schedules] = {}
        for end, schedules in self._read(at):
            found.setdefault(end, schedules)
        return sorted(found.items(), key=lambda one: one[0], reverse=True)

    def named(self, at: int) -> list[tuple[int, Schedules]]:
        """Those that say that they are schedules."""
        return [(end, schedules) for end, schedules in self.whole(at) if schedules.is_named]

    def _read(self, at: int) -> Reached:
        begin = at + (self._word(at) in _ARTICLES)
        noun = begin + (self._word(begin) in ONE | MANY)
        yield from self._by_id(noun)
        yield from self._pointed_at(at)
        yield from self._described(at)

    def _by_id(self, at: int) -> Reached:
        ids: list[str] = []
        while ID.fullmatch(self._word(at)):
            ids.append(self._word(at))
            at += 1
            noun = self._word(at) in (ONE if len(ids) == 1 else MANY)
            yield at + noun, Schedules(ids=tuple(ids), one=len(ids) == 1)
            while self._word(at) in {",", "and"}:
                at += 1

    def _pointed_at(self, at: int) -> Reached:
        """ "it", "that schedule", "both", "the second one"."""
        word, noun = self._word(at), self._word(at + 1)
        if word in _MEANT and noun in ONE | MANY:
            said = _MEANT[word] if noun in ONE or word == "both" else "them"
            yield at + 2, self._reference(said, f"{word} {noun}", is_named=True)
        for end, targets in self._nouns.references(at):
            (one,) = targets.of
            if not self._lexicon.noun_words & set(one.said.split()):
                named = self._word(end) in ONE | MANY
                yield end + named, self._reference(one.value, one.said, is_named=named, one=one.one)

    def _described(self, at: int) -> Reached:
        """ "the schedule for uat", "the dev schedules", "all schedules"."""
        every = self._word(at) in _EVERY
        begin = at + every
        begin += self._word(begin) in _ARTICLES - {"both"}  # how many there are is not known here
        for noun, many in ((ONE, every), (MANY, True)):
            if self._word(begin) in noun:
                if self._word(begin + 1) in _FOR:
                    yield from self._of(begin + 2, not many)
                if every:
                    yield begin + 1, Schedules(one=False)
        for end, targets in self._nouns.whole(begin):
            end += self._word(end) == "'s"
            if _is_plain(targets) and self._word(end) in ONE | MANY:
                yield end + 1, Schedules(of=targets, one=self._word(end) in ONE and not every)

    def _of(self, at: int, one: bool) -> Reached:
        for end, targets in self._nouns.whole(at):
            if _is_plain(targets):
                yield end, Schedules(of=targets, one=one)

    def _reference(self, value: str, said: str, *, is_named: bool, one: bool | None = None) -> Schedules:
        single = value == "it" if one is None else one
        return Schedules(reference=Target("reference", value, said, single), one=single, is_named=is_named)

    def _word(self, at: int) -> str:
        return self._words[at] if at < len(self._words) else ""


def _is_plain(targets: Targets) -> bool:
    """Names and kinds alone: what a schedule can be for."""
    return targets.state is None and not targets.but and all(one.by in {"name", "kind"} for one in targets.of)
