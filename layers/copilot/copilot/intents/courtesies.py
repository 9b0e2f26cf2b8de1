"""What people say before and behind a request, for courtesy or to lead up to it: "hey, could you tell me".

The request is what is left. What only leads up to a question is left off where one follows, and no change comes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from copilot.intents.frames import Frame, Span
from copilot.intents.phrases import Bound, Phrase, Value
from copilot.intents.tokens import PAUSES, Token

BEFORE, BEFORE_A_QUESTION, BEHIND, BEHIND_A_QUESTION = "opening", "asking_opening", "closing", "asking_closing"
"""The asides that they are, by name."""
_ASKING = frozenset(
    "what which who whose whom when where why how is are was were did does do has if whether anyone anybody "
    "someone somebody any".split()
)
"""What a question begins with."""
_WHETHER = frozenset({"if", "whether"})
_TELL = ("tell", "me")
LONGEST = 8
"""In words."""
TRIES = 10


class Bare(NamedTuple):
    """A request without some of what stands around it; `asks` where that says that it is a question."""

    tokens: tuple[Token, ...]
    begin: int
    end: int
    asks: bool


class _Words:
    """A text in which phrases without slots are looked for."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens

    def slot(self, name: str, at: int) -> list[tuple[int, Value]]:
        return []

    def aside(self, at: int) -> list[tuple[int, tuple[Bound, ...]]]:
        return [(at, ())]


def bare(tokens: tuple[Token, ...], asides: Mapping[str, Sequence[Phrase]]) -> Iterator[Bare]:
    """The text without what may be left off, questions first, of these the shortest, and of others the longest; nothing
    where there is no such thing. A question that is led up to comes also with other words that do: it may be in the
    order of words that stands behind these.
    """
    begins, ends = _begins(tokens, asides), _ends(tokens, asides)
    both = [(begin, end, led or ended) for begin, led in begins.items() for end, ended in ends.items() if begin < end]
    both.sort(key=lambda one: (not one[2], (one[1] - one[0]) * (1 if one[2] else -1)))
    found = (one for begin, end, asks in both for one in _ways(tokens, begin, end, asks))
    yield from islice((one for one in found if one.tokens != tokens), TRIES)


def asked_for(tokens: tuple[Token, ...], asides: Mapping[str, Sequence[Phrase]]) -> Iterator[tuple[Token, ...]]:
    """What is left of a request behind the words that ask for it: "could you", "please", "I want you to"."""
    found, left = {0}, [0]
    while left:
        at = left.pop()
        for name in ("polite", "leading"):
            for end in _reached(tokens, asides[name], at):
                if end < len(tokens) and end not in found:
                    found.add(end)
                    left.append(end)
                    yield tokens[end:]


def with_courtesies(frame: Frame, whole: Sequence[Token], rest: Bare) -> Frame:
    """The frame of the rest, with a span for what was left off on either side."""
    before = [Span("polite", whole[0].begin, whole[rest.begin - 1].end)] if rest.begin else []
    behind = [Span("polite", whole[rest.end].begin, whole[-1].end)] if rest.end < len(whole) else []
    return frame._replace(spans=(*before, *frame.spans, *behind))


def _ways(tokens: tuple[Token, ...], begin: int, end: int, asks: bool) -> Iterator[Bare]:
    rest = tokens[begin:end]
    yield Bare(rest, begin, end, asks)
    if asks and begin and rest[0].word in _ASKING:
        at = rest[0].begin
        yield Bare((*(Token(word, at, at) for word in _TELL), *rest), begin, end, asks)
        if rest[0].word in _WHETHER and len(rest) > 1:
            yield Bare(rest[1:], begin + 1, end, asks)


def _begins(tokens: tuple[Token, ...], asides: Mapping[str, Sequence[Phrase]]) -> dict[int, bool]:
    """Where the request may begin, and whether what stands before says that it asks."""
    found, left = {0: False}, [0]
    while left:
        at = left.pop()
        for name, asks in ((BEFORE, False), (BEFORE_A_QUESTION, True)):
            for end in _reached(tokens, asides[name], at):
                end += end < len(tokens) and tokens[end].word in PAUSES
                if end < len(tokens) and end not in found and (not asks or tokens[end].word in _ASKING):
                    found[end] = asks or found[at]
                    left.append(end)
    return found


def _ends(tokens: tuple[Token, ...], asides: Mapping[str, Sequence[Phrase]]) -> dict[int, bool]:
    """Where it may end, and whether what stands behind says that it asks."""
    found, left = {len(tokens): False}, [len(tokens)]
    while left:
        last = left.pop()
        for at in range(max(1, last - LONGEST), last):
            for name, asks in ((BEHIND, False), (BEHIND_A_QUESTION, True)):
                end = at - (tokens[at - 1].word in PAUSES)
                if end > 0 and end not in found and last in _reached(tokens, asides[name], at):
                    found[end] = asks or found[last]
                    left.append(end)
    return found


def _reached(tokens: tuple[Token, ...], phrases: Sequence[Phrase], at: int) -> set[int]:
    words = _Words(tokens)
    return {
        end
        for one in phrases
        if one.first is None or tokens[at].word in one.first
        for end, _ in one.part(words, at)
        if end > at
    }
