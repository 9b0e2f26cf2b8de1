"""The phrase language of the intents: what one looks like as words, synonyms and slots, and where a text fits it.

<set> one of a set, of synonyms or of phrases, {slot} a slot, (a|b) alternatives, [x] optional.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from copilot.intents.tokens import Token

Value = object


class Bound(NamedTuple):
    """A slot, what it holds, and the tokens it stands on."""

    slot: str
    value: Value
    begin: int
    end: int


Found = Iterator[tuple[int, tuple[Bound, ...]]]
"""How far a part may reach, each with what it bound."""


class Hearing(Protocol):
    """A text that is read."""

    tokens: tuple[Token, ...]

    def slot(self, name: str, at: int) -> list[tuple[int, Value]]:
        """How far a slot may reach from here, the longest first, with what it then holds."""

    def aside(self, at: int) -> list[tuple[int, tuple[Bound, ...]]]:
        """How far what may stand anywhere reaches from here, the longest first; nothing, too."""


Part = Callable[[Hearing, int], Found]
ANY_WORDS: Mapping[str, frozenset[str]] = {}
_TOKEN = re.compile(r"<([\w.]+)>|\{(\w+)\}|([()\[\]|])|([^\s<>{}()\[\]|]+)")


class Phrase(NamedTuple):
    """`first` are the words one of which it begins with, None where it may begin with any; `needs` are sets of words of
    each of which it has one.
    """

    part: Part
    first: frozenset[str] | None
    needs: tuple[frozenset[str], ...]
    text: str


class Compiling:
    """Phrases over these sets of synonyms, each of which is compiled once. `slots` are the words that those begin with
    of which that is known.
    """

    def __init__(
        self, synonyms: Mapping[str, tuple[str, ...]], slots: Mapping[str, frozenset[str]] = ANY_WORDS
    ) -> None:
        self._synonyms = synonyms
        self.slots = slots
        self._made: dict[str, _Made] = {}

    def phrase(self, phrase: str) -> Phrase:
        """Raises ValueError for brackets that do not match and KeyError for a set of synonyms that is not there."""
        made = self.read(phrase)
        first = None if None in made.first else frozenset(word for word in made.first if word is not None)
        return Phrase(made.part, first, made.needs, phrase)

    def read(self, phrase: str) -> _Made:
        reading = _Reading([found.groups() for found in _TOKEN.finditer(phrase)], self)
        made = reading.alternatives()
        if reading.tokens:
            raise ValueError(f"{phrase!r} has a bracket too many")
        return made

    def set(self, name: str) -> _Made:
        if name not in self._made:
            self._made[name] = self.one_of(self._synonyms[name])
        return self._made[name]

    def one_of(self, ways: Iterable[str]) -> _Made:
        ways = tuple(ways)
        plain = [tuple(one.split()) for one in ways if not _is_phrase(one)]
        begins = frozenset(way[0] for way in plain)
        found = [_Made(words(plain), frozenset(begins), (begins,))] if plain else []
        return _one_of([*found, *(self.read(one) for one in ways if _is_phrase(one))])


class _Made(NamedTuple):
    """`first`: what it may begin with, None for anything, "" where it may be left out."""

    part: Part
    first: frozenset[str | None]
    needs: tuple[frozenset[str], ...]


class _Reading:
    def __init__(self, tokens: list[tuple[str, ...]], compiling: Compiling) -> None:
        self.tokens = tokens
        self.compiling = compiling

    def alternatives(self) -> _Made:
        found = [self.sequence()]
        while self.tokens and self.tokens[0][2] == "|":
            self.tokens.pop(0)
            found.append(self.sequence())
        return _one_of(found)

    def sequence(self) -> _Made:
        parts: list[Part] = []
        first: frozenset[str | None] = frozenset({""})
        needs: list[frozenset[str]] = []
        while self.tokens and self.tokens[0][2] not in {")", "]", "|"}:
            made = self.one()
            parts.append(made.part)
            needs += made.needs
            if "" in first:
                first = (first - {""}) | made.first
        return _Made(in_turn(parts), first, tuple(needs))

    def one(self) -> _Made:
        synonyms, slot, bracket, literal = self.tokens.pop(0)
        if bracket:
            made = self.alternatives()
            if not self.tokens or self.tokens.pop(0)[2] != {"(": ")", "[": "]"}[bracket]:
                raise ValueError("a bracket is not closed")
            return _Made(maybe(made.part), made.first | {""}, ()) if bracket == "[" else made
        if slot in self.compiling.slots:
            begins = self.compiling.slots[slot]
            return _Made(holding(slot), frozenset(begins), (begins,))
        if slot:
            return _Made(holding(slot), frozenset({None}), ())
        return self.compiling.set(synonyms) if synonyms else self.compiling.one_of((literal,))


def _one_of(found: list[_Made]) -> _Made:
    if len(found) == 1:
        return found[0]
    first: frozenset[str | None] = frozenset().union(*(one.first for one in found))
    needs: tuple[frozenset[str], ...] = ()
    if all(one.needs for one in found):
        needs = (frozenset().union(*(min(one.needs, key=len) for one in found)),)
    return _Made(either(found), first, needs)


def _is_phrase(said: str) -> bool:
    return any(letter in "<{[(|" for letter in said)


def words(ways: list[tuple[str, ...]]) -> Part:
    """One of these, the longest first."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for way in sorted(set(ways), key=len, reverse=True):
        by_first.setdefault(way[0], []).append(way)

    def read(hearing: Hearing, at: int) -> Found:
        tokens = hearing.tokens
        if at >= len(tokens):
            return
        for way in by_first.get(tokens[at].word, ()):
            end = at + len(way)
            if end <= len(tokens) and all(tokens[at + n].word == way[n] for n in range(1, len(way))):
                yield end, ()

    return read


def holding(slot: str) -> Part:
    def read(hearing: Hearing, at: int) -> Found:
        for end, value in hearing.slot(slot, at):
            yield end, (Bound(slot, value, at, end),)

    return read


def in_turn(parts: list[Part]) -> Part:
    """One after the other, and between them what may stand anywhere."""
    if len(parts) == 1:
        return parts[0]

    def read(hearing: Hearing, at: int, turn: int = 0) -> Found:
        if turn == len(parts):
            yield at, ()
            return
        for begin, aside in hearing.aside(at) if turn else [(at, ())]:
            for end, bound in parts[turn](hearing, begin):
                for last, more in read(hearing, end, turn + 1):
                    yield last, aside + bound + more

    return read


def either(ways: Sequence[_Made]) -> Part:
    """Each in turn that may begin with the word that is there."""
    anyhow = tuple(one.part for one in ways if one.first & {None, ""})
    begins = {word for one in ways for word in one.first if word}
    by_first = {word: tuple(one.part for one in ways if one.first & {None, "", word}) for word in begins}

    def read(hearing: Hearing, at: int) -> Found:
        tokens = hearing.tokens
        for part in by_first.get(tokens[at].word, anyhow) if at < len(tokens) else anyhow:
            yield from part(hearing, at)

    return read


def maybe(part: Part) -> Part:
    def read(hearing: Hearing, at: int) -> Found:
        yield from part(hearing, at)
        yield at, ()

    return read
