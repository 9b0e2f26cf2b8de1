"""Whose something is: an owner by name, before what they own ("priya's") or behind it ("that priya owns")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.domain import Known
from copilot.intents.called import LONGEST_NAME
from copilot.intents.lexicon import Lexicon
from copilot.intents.names import There, there_is
from copilot.intents.rows import Row
from copilot.text.listing import listed
from copilot.text.nearness import nearest, squashed
from copilot.text.outside import inert

_OWNER = re.compile(r"[a-z][a-z0-9._/+-]*(?:@[a-z0-9.-]+)?")
_OF = frozenset({"of", "from"})
_TEAM = "team"
ME = ""
"""The owner who is whoever asks."""
_SHOWN = 10
_MINE = (("mine",), ("i", "own"))


def no_such(owner: str, known: Known) -> str:
    """That nobody is called so who owns something, and who does; "" where somebody is, or no owner is known."""
    owners = sorted({one.owner for one in known.environments if one.owner})
    if not owners or squashed(owner) in there_is(known).owners:
        return ""
    near = nearest(owner, owners, _SHOWN) or owners[:_SHOWN]
    more = f" and {len(owners) - len(near)} others" if len(owners) > len(near) else ""
    return (
        f"No environment has “{inert(owner)}” as its owner. Owners there are: {listed([*map(inert, near)])}{more}. "
        "Nothing was done."
    )


class Owners:
    """Those in one text. What an environment or a service is called is no owner."""

    def __init__(self, row: Row, lexicon: Lexicon, there: There) -> None:
        self._row, self._lexicon, self._there = row, lexicon, there

    def known(self, at: int) -> Iterator[tuple[int, str]]:
        """One that there is: as it is written, and of a team whether or not that is said to be one."""
        begin = at + (self._row.word(at) == "the")
        for end in range(min(len(self._row.words), begin + LONGEST_NAME), begin, -1):
            words = self._row.words[begin:end]
            bare = tuple(word for word in (words[1:] if words[0] == _TEAM else words) if word != _TEAM)
            ways = (words, bare, (*bare, _TEAM), (_TEAM, *bare)) if begin > at or _TEAM in words else (words,)
            for way in ways:
                if (said := squashed(" ".join(way))) in self._there.owners and not self._is_taken(said):
                    yield end, " ".join(way)
                    return

    def named(self, at: int) -> Iterator[tuple[int, str]]:
        """One that there is, or else a word that may be somebody's name."""
        for found in self.known(at):
            yield found
            return
        begin = at + (self._row.word(at) == "the" and self._row.word(at + 2) == _TEAM)
        word = self._row.word(begin)
        if _OWNER.fullmatch(word) and not self._is_taken(squashed(word)) and self._lexicon.may_be_name(word):
            yield begin + 1 + (begin > at), word

    def before(self, at: int) -> Iterator[tuple[int, str]]:
        """ "priya's"."""
        yield from ((end + 1, owner) for end, owner in self.named(at) if self._row.word(end) == "'s")

    def behind(self, at: int) -> Iterator[tuple[int, str]]:
        """ "of priya", "owned by priya", "that belong to me", "priya owns"."""
        if self._row.word(at) in _OF:
            yield from ((self._possessive(end), owner) for end, owner in self.known(at + 1))
            if self._row.word(at + 1) == "mine":
                yield at + 2, ME
        for begin in (
            at,
            *self._row.after(at, self._lexicon.which_are),
            at + (self._row.word(at) in {"that", "which"}),
        ):
            for owned in self._row.after(begin, self._lexicon.owned_by):
                yield from ((self._possessive(end), owner) for end, owner in self.named(owned))
                if self._row.word(owned) == "me":
                    yield owned + 1, ME
            yield from ((begin + len(way), ME) for way in _MINE if self._row.are(begin, way))
            for end, owner in self.named(begin):
                yield from ((last, owner) for last in self._row.after(end, self._lexicon.owns))

    def _possessive(self, end: int) -> int:
        return end + (self._row.word(end) == "'s")

    def _is_taken(self, said: str) -> bool:
        return said in self._there.kinds or said in self._there.services
