"""How people say which resources of an environment: services, databases, instances and groups of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from copilot.intents.frames import ResourceTypes
from copilot.intents.lexicon import COUNTING, Lexicon
from copilot.intents.tokens import Token

SERVICE = "service"
_JOINS = frozenset({"and", "or", ",", "plus"})


class ResourceNouns:
    """Those in one text."""

    def __init__(self, tokens: Sequence[Token], lexicon: Lexicon) -> None:
        self._words = tuple(token.word for token in tokens)
        self._lexicon = lexicon

    def whole(self, at: int) -> list[tuple[int, ResourceTypes]]:
        """Lists of them, the longest first."""
        return sorted(self._listed(at), reverse=True)

    def watched(self, at: int) -> list[tuple[int, ResourceTypes]]:
        """Lists of what is only looked at."""
        return [(end, found) for end, found in self.whole(at) if self._lexicon.only_watched.issuperset(found.of)]

    def counting(self, at: int) -> list[tuple[int, ResourceTypes]]:
        """Lists of what is called and answers, without a log that is known."""
        return [(end, found) for end, found in self.whole(at) if COUNTING.issuperset(found.of)]

    def single(self, at: int) -> list[tuple[int, tuple[str, ...]]]:
        """One of them that is no service, the longest first."""
        return sorted([(end, (noun,)) for end, noun in self._one(at) if noun != SERVICE], reverse=True)

    def _listed(self, at: int) -> Iterator[tuple[int, ResourceTypes]]:
        for end, noun in self._one(at):
            yield end, ResourceTypes((noun,))
            if self._word(end) in _JOINS:
                for last, more in self._listed(end + 1 + (self._word(end + 1) == "and")):
                    yield last, ResourceTypes((noun, *more.of))

    def _one(self, at: int) -> Iterator[tuple[int, str]]:
        for noun, ways in self._lexicon.resources.items():
            for way in ways.get(self._word(at), ()):
                if self._words[at : at + len(way)] == way:
                    yield at + len(way), noun

    def _word(self, at: int) -> str:
        return self._words[at] if at < len(self._words) else ""
