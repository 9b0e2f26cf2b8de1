"""What environments are called: by their kind, or by a name.

A bare word is a name only where one is known, where something says that it is one, or where it looks like one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import get_args

from copilot.domain import Kind
from copilot.intents.frames import Target, Targets
from copilot.intents.lexicon import Lexicon
from copilot.intents.rows import Row
from copilot.text.nearness import squashed

LONGEST_NAME = 4
"""In words."""
JOINS = tuple(
    tuple(way.split())
    for way in (
        *(
            "as well as",
            "along with",
            "together with",
            ", and also",
            ", and",
            ", or",
            ", plus",
            ", also",
            ", then",
            ",",
        ),
        *("and also", "and then", "and", "or", "plus", "then", "also"),
    )
)
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_TELLING = re.compile(r"[a-z0-9]+(?:[-_.]+[a-z0-9]+)+|[a-z][a-z0-9]*\d|[a-z]+-?\d[a-z0-9]*")
_SCHEDULE = re.compile(r"s[0-9a-f]{9}")
Reached = Iterator[tuple[int, Targets]]


class Called:
    """In one text. `known` are the names that there are, without spaces, hyphens and underscores, with their kind."""

    def __init__(self, row: Row, lexicon: Lexicon, known: Mapping[str, Kind]) -> None:
        self._row = row
        self._lexicon = lexicon
        self._known = known

    def kinds(self, at: int) -> Iterator[tuple[int, tuple[Kind, ...], bool]]:
        """Kinds in a row, the most first, with whether the last says by itself that there are several."""
        for end in self._row.after(at, self._lexicon.not_production):
            yield end, tuple(kind for kind in get_args(Kind) if kind != "production"), False
        kind = self._lexicon.kind_of.get(self._row.word(at))
        if kind is None or (self._is_known(at, at + 1) and not self._row.after(at + 1, self._lexicon.nouns_of_many)):
            return  # what is called so is meant before a kind is
        for join in JOINS:
            if self._row.are(at + 1, join):
                for end, more, plural in self.kinds(at + 1 + len(join)):
                    yield end, (kind, *more), plural
        yield at + 1, (kind,), self._row.word(at) in self._lexicon.kinds_in_plural

    def named(self, at: int, begin: int, article: str) -> Reached:
        """By a name that begins there, behind this article."""
        if article in self._lexicon.pointing:
            # "that uat environment", of those that are known
            known = [end for end in self._names(begin) if self._is_known(begin, end)]
            yield from (
                (last, self._one(at, last, begin))
                for end in known
                for last in self._row.after(end, self._lexicon.nouns)
            )
            return
        yield from self._quoted(at, begin)
        yield from self._of_a_kind(at, begin)
        for end in self._names(begin):
            if self._is_known(begin, end) or _looks_like_a_name(self._row.text(begin, end)):
                yield end, self._one(at, end, begin)
            for last in self._row.after(end, self._lexicon.nouns):
                yield last, self._one(at, last, begin)
            if article == "the" and self._row.word(end) == "one":
                yield end + 1, self._one(at, end, begin)
        for last in (
            *self._row.after(begin, self._lexicon.nouns),
            *self._row.after(begin, self._lexicon.nouns_of_many),
        ):
            yield from self._called(at, last)

    def _called(self, at: int, begin: int) -> Reached:
        """ "environment uat", "the cluster called uat", "env: uat"."""
        begin += self._row.word(begin) in self._lexicon.called
        yield from self._quoted(at, begin)
        if self._row.word(begin) == ",":
            known = [end for end in self._names(begin + 1) if self._is_known(begin + 1, end)]
            yield from ((end, self._one(at, end, begin + 1)) for end in known)
        kind = [begin + 1] if self._row.word(begin) in self._lexicon.kind_of else []
        for end in [*self._names(begin), *kind]:
            yield end, self._one(at, end, begin)

    def _quoted(self, at: int, begin: int) -> Reached:
        """ "\"uat\"", of those that are known."""
        for end in self._names(begin + 1) if self._row.word(begin) == '"' else []:
            if self._is_known(begin + 1, end) and self._row.word(end) == '"':
                yield end + 1, self._one(at, end, begin + 1)

    def _of_a_kind(self, at: int, begin: int) -> Reached:
        """ "the preview environment pr-482", where it is one."""
        for end, kinds, _ in self.kinds(begin):
            for noun in (
                *self._row.after(end, self._lexicon.nouns),
                *self._row.after(end, self._lexicon.nouns_of_many),
            ):
                name = noun + (self._row.word(noun) in self._lexicon.called)
                for last in self._names(name):
                    if self._known.get(squashed(self._row.text(name, last))) in kinds:
                        yield last, self._one(at, last, name)

    def _one(self, at: int, end: int, begin: int) -> Targets:
        words = self._row.text(begin, end).split()
        while words[-1:] and words[-1] in self._lexicon.noun_words and len(words) > 1:
            words.pop()
        return Targets((Target("name", " ".join(words), self._row.text(at, end), True),))

    def _names(self, at: int) -> Iterator[int]:
        """Where a name that begins here may end, the longest first."""
        for end in range(min(at + LONGEST_NAME, len(self._row.words)), at, -1):
            if (
                self._is_known(at, end)
                or (
                    end == at + 2
                    and re.fullmatch(r"[a-z][a-z0-9_.-]* \d+", self._row.text(at, end))
                    and self._may_be_numbered(at)
                )
                or (end == at + 1 and self._may_be(at))
            ):
                yield end

    def _may_be(self, at: int) -> bool:
        word = self._row.word(at)
        return bool(_WORD.fullmatch(word)) and self._lexicon.may_be_name(word) and not _SCHEDULE.fullmatch(word)

    def _may_be_numbered(self, at: int) -> bool:
        return self._may_be(at) or self._row.word(at) in self._lexicon.kind_of

    def _is_known(self, at: int, end: int) -> bool:
        if not all(_WORD.fullmatch(word) for word in self._row.words[at:end]):
            return False  # a pause or a bracket is no part of a name
        return squashed(self._row.text(at, end)) in self._known


def _looks_like_a_name(text: str) -> bool:
    return bool(_TELLING.fullmatch(text) or re.fullmatch(r"[a-z][a-z0-9_.-]* \d+", text))
