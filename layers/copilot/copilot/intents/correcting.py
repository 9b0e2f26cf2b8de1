"""Words that are nearly one that is known: one letter too many, too few, another or two swapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product

from copilot.intents.tokens import Token

SHORTEST = 4
"""A shorter word is near too many others; but two of its letters may be swapped."""
MOST_WORDS = 3
"""With more words than that unknown, it is another language, or another subject."""
TRIES = 12


class Correcting:
    """`known` are the words that need no correction."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        self._near: dict[str, set[str]] = {}
        for word in self._known:
            for form in (word, *_shorter(word)):
                self._near.setdefault(form, set()).add(word)

    def corrected(self, tokens: Sequence[Token], names: Mapping[str, str]) -> Iterator[tuple[Token, ...]]:
        """The text with each word that is not known in place of one it is near to, in each way there is. `names` are
        those that are known, by their forms without what people leave out.
        """
        ways: list[list[str]] = []
        unknown = 0
        for token in tokens:
            near = self._near_to(token.word, names) if self._is_wrong(token.word, names) else []
            unknown += bool(near)
            ways.append(near or [token.word])
        if not unknown or unknown > MOST_WORDS:
            return
        for words in islice(product(*ways), TRIES):
            yield tuple(token._replace(word=word) for token, word in zip(tokens, words, strict=True))

    def _is_wrong(self, word: str, names: Mapping[str, str]) -> bool:
        return word.isalpha() and len(word) > 2 and word not in self._known and word not in names

    def _near_to(self, word: str, names: Mapping[str, str]) -> list[str]:
        forms = {word, *_shorter(word)}
        near = {one for form in forms for one in self._near.get(form, ()) if is_near(word, one)}
        near |= {name for form, name in names.items() if is_near(word, form)}
        return sorted(near, key=lambda one: (one[0] != word[0], abs(len(one) - len(word)), one))


def is_near(said: str, word: str) -> bool:
    """Whether one change makes the one of the other: a letter more, less or another, or two swapped."""
    if abs(len(said) - len(word)) > 1 or said == word:
        return False
    begin = next((n for n, (a, b) in enumerate(zip(said, word, strict=False)) if a != b), min(len(said), len(word)))
    rest, other = said[begin:], word[begin:]
    swapped = len(rest) > 1 and len(other) > 1 and rest[:2] == other[1::-1] and rest[2:] == other[2:]
    if min(len(said), len(word)) < SHORTEST:
        return swapped
    return swapped or rest[1:] == other[1:] or rest == other[1:] or rest[1:] == other


def _shorter(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))
