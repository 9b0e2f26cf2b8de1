"""The words of a request, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_QUOTES = {"\u2019": "'", "\u2018": "'", "`": "'", "\u201c": '"', "\u201d": '"', "\u00ab": '"', "\u00bb": '"'}
_CLOCK = re.compile(r"\b([ap])\.?\s?m\b\.?", re.IGNORECASE)
_PART = re.compile(
    r"""[,;!?…]+|[.:](?=\s|$)|["()\[\]{}]|&|(?<!\S)[-–—]+(?!\S)|[^\s,;!?…"()\[\]{}&]+?(?=[.:]?(?:[\s,;!?…"()\[\]{}&]|$))"""
)
_FACES = re.compile(r"(?<!\S)[:;]-?[)(DPp](?!\S)|[\u2600-\u27bf\U0001f300-\U0001faff\ufe0f]")
_PAUSE = re.compile(r"[,;!?….:–—-]+")


class Token(NamedTuple):
    """`word` is in lower case, and as the tables of words spell it; it stands for text[begin:end]."""

    word: str
    begin: int
    end: int


def tokens_of(text: str, spelled: Mapping[str, str]) -> tuple[Token, ...]:
    """A pause, whatever it is written with, is a comma; none ends the text, nor follows another.

    `spelled` gives the words that one word stands for: "whats" is "what is".
    """
    text = _FACES.sub(lambda found: " " * len(found[0]), text)
    plain = "".join(_QUOTES.get(letter, letter) for letter in text)
    plain = _CLOCK.sub(lambda found: f"{found[1]}m".rjust(len(found[0])), plain)
    found: list[Token] = []
    for part in _PART.finditer(plain):
        word = part[0].lower()
        if _PAUSE.fullmatch(word):
            if found and found[-1].word != ",":
                found.append(Token(",", *part.span()))
            continue
        owner = "'s" if word.endswith("'s") and word not in spelled else ""
        words = spelled.get(word, word.removesuffix("'s")).split()
        found += [Token(one, *part.span()) for one in [*words, *([owner] if owner else [])]]
    while found and found[-1].word == ",":
        found.pop()
    return tuple(found)
