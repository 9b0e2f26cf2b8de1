"""The words of a text in a row, and where ways to say something end in it."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.intents.lexicon import Ways
from copilot.intents.tokens import Token


class Row:
    """Positions count words, from 0."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.words = tuple(token.word for token in tokens)

    def word(self, at: int) -> str:
        """ "" behind the last."""
        return self.words[at] if at < len(self.words) else ""

    def text(self, at: int, end: int) -> str:
        return " ".join(self.words[at:end])

    def are(self, at: int, words: tuple[str, ...]) -> bool:
        return self.words[at : at + len(words)] == words

    def after(self, at: int, ways: Ways) -> list[int]:
        """Where one of these ways to say something ends, the longest first."""
        return [at + len(way) for way in ways.get(self.word(at), ()) if self.are(at, way)]
