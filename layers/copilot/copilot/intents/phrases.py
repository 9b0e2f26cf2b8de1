"""The phrase language of the intents: what one looks like as words, synonyms and slots, and where a text fits it.

<set> one of a set, of synonyms or of phrases, {slot} a slot, (a|b) alternatives, [x] optional.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
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
_TOKEN = re.compile(r"<(\w+)>|\{(\w+)\}|([()\[\]|])|([^\s<>{}()\[\]|]+)")


class Phrase(NamedTuple):
    """`first` are the words one of which it begins with; None where it may begin with any."""

    part: Part
    first: frozenset[str] | None
    text: str


def compile_phrase(phrase: str, synonyms: Mapping[str, tuple[str, ...]]) -> Phrase:
    """Raises ValueError for brackets that do not match and KeyError for a set of synonyms that is not there."""
    reading = _Reading([found.groups() for found in _TOKEN.finditer(phrase)], synonyms)
    part, first = reading.alternatives()
    if reading.tokens:
        raise ValueError(f"{phrase!r} has a bracket too many")
    return Phrase(part, None if None in first else frozenset(word for word in first if word is not None), phrase)


First = set[str | None]
"""What a part may begin with: words, and None for anything; "" where it may be left out."""


class _Reading:
    def __init__(self, tokens: list[tuple[str, ...]], synonyms: Mapping[str, tuple[str, ...]]) -> None:
        self.tokens = tokens
        self.synonyms = synonyms

    def alternatives(self) -> tuple[Part, First]:
        found = [self.sequence()]
        while self.tokens and self.tokens[0][2] == "|":
            self.tokens.pop(0)
            found.append(self.sequence())
        first: First = set().union(*(one[1] for one in found))
        return (found[0][0] if len(found) == 1 else either([part for part, _ in found])), first

    def sequence(self) -> tuple[Part, First]:
        parts: list[Part] = []
        first: First = {""}
        while self.tokens and self.tokens[0][2] not in {")", "]", "|"}:
            part, begins = self.one()
            parts.append(part)
            if "" in first:
                first = (first - {""}) | begins
        return in_turn(parts), first

    def one(self) -> tuple[Part, First]:
        synonyms, slot, bracket, literal = self.tokens.pop(0)
        if bracket:
            part, first = self.alternatives()
            if not self.tokens or self.tokens.pop(0)[2] != {"(": ")", "[": "]"}[bracket]:
                raise ValueError("a bracket is not closed")
            return (maybe(part), first | {""}) if bracket == "[" else (part, first)
        if slot:
            return holding(slot), {None}
        said = self.synonyms[synonyms] if synonyms else (literal,)
        plain = [tuple(one.split()) for one in said if not _is_phrase(one)]
        parts: list[Part] = [words(plain)] if plain else []
        first: First = {way[0] for way in plain}
        for one in filter(_is_phrase, said):
            inner = compile_phrase(one, self.synonyms)
            parts.append(inner.part)
            first |= {None} if inner.first is None else set(inner.first)
        return (parts[0] if len(parts) == 1 else either(parts)), first


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
    """A slot; before it, what may stand anywhere."""

    def read(hearing: Hearing, at: int) -> Found:
        for begin, aside in hearing.aside(at):
            for end, value in hearing.slot(slot, begin):
                yield end, (*aside, Bound(slot, value, begin, end))

    return read


def in_turn(parts: list[Part]) -> Part:
    def read(hearing: Hearing, at: int, turn: int = 0) -> Found:
        if turn == len(parts):
            yield at, ()
            return
        for end, bound in parts[turn](hearing, at):
            for last, more in read(hearing, end, turn + 1):
                yield last, bound + more

    return read


def either(parts: list[Part]) -> Part:
    def read(hearing: Hearing, at: int) -> Found:
        for part in parts:
            yield from part(hearing, at)

    return read


def maybe(part: Part) -> Part:
    def read(hearing: Hearing, at: int) -> Found:
        yield from part(hearing, at)
        yield at, ()

    return read
