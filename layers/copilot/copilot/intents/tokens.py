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
_QUOTED = re.compile(r"(?<![\w'])'([\w.-]+)'(?![\w'])")
_ASIDE = re.compile(r"(?<=\s)\(([^()]*)\)(?=[\s,.;!?]|$)")
_FACES = re.compile(r"(?<!\S)[:;]-?[)(DPp](?!\S)|[\u2600-\u27bf\U0001f300-\U0001faff\ufe0f]")
_PAUSE = re.compile(r"[,;!?….:–—-]+")


_BEGINS = re.compile(r"[\w#@\"'(\[]")
NOT_OURS = "^"
"""A word that no request has."""
PAUSES = frozenset({",", ";"})


class Token(NamedTuple):
    """`word` is in lower case, and as the tables of words spell it; it stands for text[begin:end]."""

    word: str
    begin: int
    end: int


def tokens_of(text: str, spelled: Mapping[str, str]) -> tuple[Token, ...]:
    """A pause, whatever it is written with, is a comma, and a bracket around an aside a semicolon; none ends the text,
    nor follows another. A text that begins with one is written for something else than us, a command or a list: there
    it stays what it is.

    `spelled` gives the words that one word stands for: "whats" is "what is".
    """
    text = _FACES.sub(lambda found: " " * len(found[0]), text)
    plain = "".join(_QUOTES.get(letter, letter) for letter in text)
    plain = _QUOTED.sub(r'"\1"', plain)
    plain = _CLOCK.sub(lambda found: f"{found[1]}m".rjust(len(found[0])), plain)
    brackets = {at for one in _ASIDE.finditer(plain) for at in (one.start(), one.end() - 1)}
    found: list[Token] = []
    for part in _PART.finditer(plain):
        word = part[0].lower()
        if _PAUSE.fullmatch(word) or part.start() in brackets:
            if not found or found[-1].word not in PAUSES:
                said = ";" if part.start() in brackets else ","
                found.append(Token(said if found else NOT_OURS, *part.span()))
            continue
        if not found and not _BEGINS.match(word):
            word = NOT_OURS
        of_many = word.endswith("s'") and not any(one.word.startswith("'") for one in found)  # else a quote ends here
        owner = "'s" if (word.endswith("'s") or of_many) and word not in spelled else ""
        words = spelled.get(word, word.removesuffix("'" if of_many else "'s")).split()
        found += [Token(one, *part.span()) for one in [*words, *([owner] if owner else [])]]
    while found and found[-1].word in PAUSES:
        found.pop()
    return tuple(found)
