"""Words that are nearly one that is known: one letter too many, too few, another or two swapped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product

from copilot.intents.frames import Correction, Frame, Target, Targets
from copilot.intents.names import There
from copilot.intents.tokens import Token
from copilot.text.nearness import squashed

SHORTEST = 4
"""A shorter word is near too many others; but two of its letters may be swapped, and one of it may be left out or come
twice.
"""
MOST_WORDS = 3
"""With more words than that unknown, it is another language, or another subject."""
TRIES = 12
_ASKING = frozenset({"what", "how", "who", "where", "that", "there"})


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
            yield tuple(_with_is(tokens, words))

    def _is_wrong(self, word: str, names: Mapping[str, str]) -> bool:
        return word.isalpha() and len(word) > 2 and word not in self._known and word not in names

    def _near_to(self, word: str, names: Mapping[str, str]) -> list[str]:
        forms = {word, *_shorter(word)}
        near = {one for form in forms for one in self._near.get(form, ()) if is_near(word, one)}
        near |= {name for form, name in names.items() if is_near(word, form)}
        begun = [name for name in names.values() if name.lower().startswith(tuple(word + mark for mark in "-_. "))]
        near |= {*begun} if len(begun) == 1 else set()
        return sorted(near, key=lambda one: (one[0] != word[0], abs(len(one) - len(word)), one))


def _with_is(tokens: Sequence[Token], words: Sequence[str]) -> Iterator[Token]:
    """Of "waht's" the end was taken for that of an owner: of what was put right it is a verb."""
    for at, (token, word) in enumerate(zip(tokens, words, strict=True)):
        asks = at > 0 and word == "'s" and words[at - 1] in _ASKING and words[at - 1] != tokens[at - 1].word
        yield token._replace(word="is" if asks else word)


def is_near(said: str, word: str) -> bool:
    """Whether one change makes the one of the other: a letter more, less or another, or two swapped."""
    if abs(len(said) - len(word)) > 1 or said == word:
        return False
    begin = next((n for n, (a, b) in enumerate(zip(said, word, strict=False)) if a != b), min(len(said), len(word)))
    rest, other = said[begin:], word[begin:]
    swapped = len(rest) > 1 and len(other) > 1 and rest[:2] == other[1::-1] and rest[2:] == other[2:]
    if min(len(said), len(word)) < SHORTEST:
        return swapped or (begin > 0 and len(said) + len(word) == 2 * SHORTEST - 1 and _one_more(rest, other))
    return swapped or rest[1:] == other[1:] or _one_more(rest, other)


def _one_more(rest: str, other: str) -> bool:
    return rest == other[1:] or rest[1:] == other


def _shorter(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def with_names(frame: Frame, there: There) -> Frame:
    """With each name that is nearly one that is known, and none itself, in place of it. Of two numbers neither is
    nearly the other.
    """
    corrections: list[Correction] = []

    def meant(said: str, known: Mapping[str, str], role: str) -> str:
        form = squashed(said)
        near = [name for one, name in known.items() if is_near(form, one) and _digits(form) == _digits(one)]
        if form in known or len(near) != 1:
            return said
        corrections.append(Correction(said, near[0], role))
        return near[0]

    def target(one: Target) -> Target:
        name = meant(one.value, there.names, "targets") if one.by == "name" else one.value
        return one if name == one.value else one._replace(value=name, said=name)

    said = dict(frame.said)
    if isinstance(targets := said.get("targets"), Targets):
        said["targets"] = targets._replace(of=tuple(map(target, targets.of)), but=tuple(map(target, targets.but)))
    if isinstance(said.get("service"), str):
        said["service"] = meant(str(said["service"]), there.services, "service")
    return frame._replace(said=said, corrected=(*frame.corrected, *corrections))


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def corrections(said: Sequence[Token], meant: Sequence[Token], frame: Frame) -> tuple[Correction, ...]:
    def role(token: Token) -> str:
        return next(span.role for span in frame.spans if span.begin <= token.begin < span.end)

    pairs = [(one, other) for one, other in zip(said, meant, strict=True) if one.word not in {other.word, "'s"}]
    return tuple(Correction(one.word, other.word, role(one)) for one, other in pairs)


def put_right(text: str, frame: Frame) -> str:
    for one in frame.corrected:
        text = re.sub(rf"(?<!\w){re.escape(one.said)}(?!\w)", one.meant, text, flags=re.IGNORECASE)
    return text
