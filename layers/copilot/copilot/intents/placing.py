"""A request that is not understood: which words of it are known, and which could not be placed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from copilot.domain import Known
from copilot.intents.lexicon import Lexicon
from copilot.intents.targets import NounPhrases
from copilot.intents.tokens import Token
from copilot.text.nearness import squashed

TURNING = frozenset(
    "not no never none nobody without unless if whether when while until before after instead only except but than "
    "should would could might may did was were had has have why who how what which will shall".split()
)
"""Without one of these, what is left of a sentence may say something else, or the contrary."""


class Placed(NamedTuple):
    """`action` is what the words seem to ask for, "" where nothing does; `known` and `unknown` are parts of the text,
    in its order; `rest` is the text without the unknown ones, "" where these may turn what it says.
    """

    action: str
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    rest: str


def placed(text: str, tokens: Sequence[Token], lexicon: Lexicon, known: Known) -> Placed:
    names = frozenset(squashed(one.name) for one in known.environments)
    nouns = NounPhrases(tokens, lexicon, names)
    verbs = {
        tuple(way.split()): name for name in ("stop", "start") for way in lexicon.synonyms[name] if way[0].isalpha()
    }
    at, action = 0, ""
    parts: list[tuple[int, int, bool]] = []
    while at < len(tokens):
        end = next((at + len(way) for way in verbs if _are(tokens, at, way)), 0)
        if end:
            action = action or verbs[tuple(token.word for token in tokens[at:end])]
        elif spoken := nouns.whole(at):
            end = spoken[0][0]
        is_known = bool(end) or tokens[at].word in lexicon.all_words | {","}
        end = end or at + 1
        if parts and parts[-1][2] == is_known and not is_known:
            parts[-1] = (parts[-1][0], end, is_known)
        else:
            parts.append((at, end, is_known))
        at = end

    def said(begin: int, end: int) -> str:
        return text[tokens[begin].begin : tokens[end - 1].end]

    unknown = [part for part in parts if not part[2]]
    turning = any(token.word in TURNING for begin, end, _ in unknown for token in tokens[begin:end])
    turning = turning or any(letter.isdigit() for begin, end, _ in unknown for letter in said(begin, end))
    rest = " ".join(said(begin, end) for begin, end, is_known in parts if is_known)
    return Placed(
        action=action,
        known=tuple(said(begin, end) for begin, end, is_known in parts if is_known and tokens[begin].word != ","),
        unknown=tuple(said(begin, end) for begin, end, _ in unknown),
        rest="" if turning or not unknown else rest,
    )


def _are(tokens: Sequence[Token], at: int, words: tuple[str, ...]) -> bool:
    return tuple(token.word for token in tokens[at : at + len(words)]) == words
