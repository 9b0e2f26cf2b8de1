"""How people call one thing of an environment that is no service: "the orders database", "queue mails", "orders-db"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from copilot.intents.frames import NamedThing
from copilot.intents.lexicon import COUNTING, Lexicon
from copilot.intents.names import There
from copilot.intents.resource_nouns import ResourceNouns
from copilot.intents.tokens import Token
from copilot.text.nearness import squashed

LONGEST = 3
"""A name before its noun, in words."""
OF_QUEUES = frozenset({"dlq"})
"""Nouns that are as well a part of what a thing is called."""
QUEUE = "queue"
MACHINES = frozenset({"instance", "database"})
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_TELLING = re.compile(r"[a-z0-9]+(?:[-_.]+[a-z0-9]+)+|[a-z]+\d+")


class ThingNames:
    """Those in one text."""

    def __init__(self, tokens: Sequence[Token], lexicon: Lexicon, there: There, nouns: ResourceNouns) -> None:
        self._words = tuple(token.word for token in tokens)
        self._lexicon = lexicon
        self._there = there
        self._nouns = nouns

    def whole(self, at: int) -> list[tuple[int, NamedThing]]:
        """The longest first, with a noun before without one."""
        begin = at + (self._word(at) in self._lexicon.articles)
        return [*self._with_noun(begin), *self._after_noun(begin), *self._bare(at)]

    def counting(self, at: int) -> list[tuple[int, NamedThing]]:
        """Those that their noun says are called, and answer."""
        return [(end, one) for end, one in self.whole(at) if one.types and COUNTING.issuperset(one.types)]

    def queues(self, at: int) -> list[tuple[int, NamedThing]]:
        """Queues, or what may be one: none that is known by its name is."""
        known = self._there.things
        return [
            (end, one)
            for end, one in self.whole(at)
            if one.types == (QUEUE,) or (not one.types and squashed(one.name) not in known)
        ]

    def machines(self, at: int) -> list[tuple[int, NamedThing]]:
        """Instances and databases, or what may be one."""
        return [(end, one) for end, one in self.whole(at) if MACHINES.issuperset(one.types)]

    def noted_machines(self, at: int) -> list[tuple[int, NamedThing]]:
        """Those that their noun, or what is known of them, says are no service."""
        known = self._there.things
        return [(end, one) for end, one in self.machines(at) if one.types or squashed(one.name) in known]

    def _with_noun(self, at: int) -> Iterator[tuple[int, NamedThing]]:
        """ "orders database", "order events queue"."""
        for length in range(LONGEST, 0, -1):
            noun = at + length
            if not all(self._may_be(word) for word in self._words[at:noun]) or len(self._words) <= noun:
                continue
            if squashed(self._text(at, noun)) in self._there.kinds:
                continue  # the database of that environment
            for end, types in self._nouns.single(noun):
                name_end = end if self._word(end - 1) in OF_QUEUES else noun
                yield end, NamedThing(self._text(at, name_end), types)

    def _after_noun(self, at: int) -> Iterator[tuple[int, NamedThing]]:
        """ "table carts", "the queue called mails"."""
        for noun, types in self._nouns.single(at):
            begin = noun + (self._word(noun) in self._lexicon.called)
            for length in range(LONGEST, 0, -1):
                end = begin + length
                known = squashed(self._text(begin, end)) in self._there.things
                if end <= len(self._words) and (known or (length == 1 and self._may_be(self._word(begin)))):
                    yield end, NamedThing(self._text(begin, end), types)

    def _bare(self, at: int) -> Iterator[tuple[int, NamedThing]]:
        """What is known by that name, or looks like one where what else there is is known."""
        for length in range(LONGEST, 0, -1):
            end = at + length
            said = self._text(at, end)
            if end > len(self._words) or self._is_other(said):
                continue
            swept = bool(self._there.names and self._there.services)
            if squashed(said) in self._there.things or (length == 1 and swept and _TELLING.fullmatch(said)):
                yield end, NamedThing(said, ())

    def _is_other(self, said: str) -> bool:
        form = squashed(said)
        return form in self._there.kinds or form in self._there.services or not self._lexicon.may_be_name(said)

    def _may_be(self, word: str) -> bool:
        return bool(_WORD.fullmatch(word)) and word not in self._lexicon.not_things | {"its", "there"}

    def _word(self, at: int) -> str:
        return self._words[at] if at < len(self._words) else ""

    def _text(self, at: int, end: int) -> str:
        return " ".join(self._words[at:end])
