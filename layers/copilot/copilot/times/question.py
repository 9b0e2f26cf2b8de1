"""What the grammar gives where it does not understand: a question, never a guess."""

from __future__ import annotations

import re
from typing import NamedTuple

_LED = frozenset("in on at of to the it is i that mean meant please one".split())
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_SHORTEST = 3


class Question(NamedTuple):
    """One question, with answers to choose from where there are some that make sense.

    `understood`: what was written is a time, about which something has to be asked; else it may be none at all.
    `contradictory`: it says two things that do not go together. `words` are what the question itself calls each of its
    choices, where that is not in the choice.
    """

    text: str
    choices: tuple[str, ...] = ()
    understood: bool = True
    contradictory: bool = False
    words: tuple[str, ...] = ()

    def called(self, said: str) -> str | None:
        """The one choice that the question calls so: "evening" of "in the morning or in the evening"."""
        words = [word for word in re.findall(r"\w+", said.lower()) if word not in _LED]
        found = [
            choice
            for choice, named in zip(self.choices, self.words, strict=False)
            if words and all(any(_same(word, one) for one in named.lower().split()) for word in words)
        ]
        return found[0] if len(found) == 1 else None

    def __str__(self) -> str:
        return "\n".join([self.text, *(f"- {choice}" for choice in self.choices)])


def _same(said: str, word: str) -> bool:
    """ "fri" is Friday, and "6th" 6."""
    number = _ORDINAL.fullmatch(said)
    if number is not None or not said.isalpha():
        return (number[1] if number else said) == word
    return said == word or (len(said) >= _SHORTEST and word.isalpha() and word.startswith(said))
