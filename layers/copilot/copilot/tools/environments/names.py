"""Which environment a person means. Kind to how people write, but never a guess: several may be meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from copilot.domain import KIND_WORDS, Kind
from copilot.text.nearness import nearest

NOISE = frozenset("the our my cluster environment env".split())


class Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Kind: ...


NamedT = TypeVar("NamedT", bound=Named)


class Called(Protocol):
    @property
    def name(self) -> str: ...


Thing = TypeVar("Thing", bound=Called)


def candidates(said: str, environments: Sequence[NamedT]) -> list[NamedT]:
    """The environments that may be meant: one where that is clear, several where it is not, none where nothing fits.

    The closest reading that fits anything decides: the name as it is, then without regard to case, then to spaces,
    hyphens and underscores, then to words such as "the" and "cluster"; last, what is left as a word for a kind.
    """
    readings: list[Callable[[str], str]] = [str.strip, str.casefold, _squashed, _bare]
    for reading in readings:
        found = [environment for environment in environments if reading(environment.name) == reading(said) != ""]
        if found:
            return found
    return [environment for environment in environments if environment.kind == KIND_WORDS.get(_bare(said))]


def nearest_names(said: str, names: Sequence[str]) -> list[str]:
    """Up to three names that look like what was said, the likest first."""
    by_form: dict[str, list[str]] = {}
    for name in names:
        by_form.setdefault(_squashed(name), []).append(name)
    forms = nearest(_bare(said) or _squashed(said), by_form, 3)
    return [name for form in forms for name in by_form[form]][:3]


def called_so(said: str, things: Sequence[Thing]) -> list[Thing]:
    """What is called so; where nothing is, what has it as whole words in its name: `orders` is `live-orders-db`."""
    exact = [one for one in things if _squashed(one.name) == _squashed(said)]
    return exact or [one for one in things if _has(_words(one.name), _words(said))]


def _has(words: Sequence[str], some: Sequence[str]) -> bool:
    return bool(some) and any(list(words[at : at + len(some)]) == list(some) for at in range(len(words)))


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", text.casefold()) if word]


def _squashed(text: str) -> str:
    return "".join(_words(text))


def _bare(text: str) -> str:
    return "".join(word for word in _words(text) if word not in NOISE)
