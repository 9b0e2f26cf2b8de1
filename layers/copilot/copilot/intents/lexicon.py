"""words.yaml: the words of the language, apart from the phrases that are made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from copilot.domain import Frozen, Kind
from copilot.intents.figures import FULLNESS, METRIC_OF, STATISTIC_OF, WAITING
from copilot.intents.forms import FORM_WORDS
from copilot.intents.frames import State

PICKED = {
    **{word: slice(at, at + 1) for at, words in enumerate(
        (("first", "1st"), ("second", "2nd"), ("third", "3rd"), ("fourth", "4th"), ("fifth", "5th"))
    ) for word in words},
    **{f"{lead} {said}": slice(at, at + 1) for at, numbers in enumerate(
        (("1", "one"), ("2", "two"), ("3", "three"), ("4", "four"), ("5", "five"))
    ) for said in numbers for lead in ("number", "no", "nr")},
    "last": slice(-1, None),
    "first two": slice(0, 2),
    "first three": slice(0, 3),
    "last two": slice(-2, None),
}  # fmt: skip
"""Where ordinals point in a list. "The first" may also be the first of a list of two, never of one."""
COUNTING = frozenset({"Lambda function", "load balancer"})
"""Nouns of what is called and answers, without a log that is known."""
_BRACED = re.compile(r"<\w+>|\{\w+\}")
_PLAIN = re.compile(r"[^\s<>{}()\[\]|]+")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?")
Ways = Mapping[str, tuple[tuple[str, ...], ...]]
"""Ways to say something, each of one or more words, by the first of them, the longest first."""


class Lexicon(Frozen):
    """What each list is for is said where it stands."""

    spelled: Mapping[str, str]
    synonyms: Mapping[str, tuple[str, ...]]
    asides: Mapping[str, tuple[str, ...]]
    kind_words: Mapping[Kind, tuple[str, ...]]
    kinds_in_plural: frozenset[str]
    state_words: Mapping[State, tuple[str, ...]]
    resource_words: Mapping[str, tuple[str, ...]]
    outcome_words: Mapping[str, tuple[str, ...]]
    references: tuple[str, ...]
    plurals: frozenset[str]
    changed: Mapping[str, tuple[str, ...]]
    lists: Mapping[str, tuple[str, ...]]
    verbs: Mapping[str, str]

    @cached_property
    def kind_of(self) -> Mapping[str, Kind]:
        return {word: kind for kind, words in self.kind_words.items() for word in words}

    @cached_property
    def states(self) -> Mapping[State, Ways]:
        return {state: _ways(words) for state, words in self.state_words.items()}

    @cached_property
    def resources(self) -> Mapping[str, Ways]:
        """By the noun of a type."""
        return {noun: _ways(words) for noun, words in self.resource_words.items()}

    @cached_property
    def outcomes(self) -> Mapping[str, Ways]:
        """By how a deployment ended, as the tools know it."""
        return {outcome: _ways(words) for outcome, words in self.outcome_words.items()}

    @cached_property
    def services_spoken_of(self) -> Ways:
        return _ways(self.lists["services_spoken_of"])

    @cached_property
    def only_watched(self) -> frozenset[str]:
        """Of these nouns, those of what is looked at and never stopped."""
        return frozenset(self.lists["only_watched"])

    @cached_property
    def pronouns(self) -> Ways:
        return _ways((*self.references, *(said for ways in self.changed.values() for said in ways)))

    @cached_property
    def changed_by(self) -> Mapping[str, str]:
        """The tool that each of these references speaks of."""
        return {said: tool for tool, ways in self.changed.items() for said in ways}

    @cached_property
    def pairs(self) -> frozenset[str]:
        """Of the plurals, those that mean two."""
        return frozenset(self.lists["pairs"])

    def picked(self, reference: str) -> slice | None:
        """Which of those that were shown an ordinal means; None for every other reference."""
        if reference in PICKED:
            return PICKED[reference]
        words = [word for word in reference.split() if word not in {"the", "one", "ones", *self.noun_words}]
        return PICKED.get(" ".join(words))

    @cached_property
    def downloading(self) -> tuple[tuple[str, ...], ...]:
        """The longest first."""
        said = (tuple(words.split()) for words in self.lists.get("downloading", ()))
        return tuple(sorted(said, key=len, reverse=True))

    @cached_property
    def begin_slots(self) -> Mapping[str, frozenset[str]]:
        """The words that these slots begin with."""
        resources = {noun: frozenset(ways) for noun, ways in self.resources.items()}
        return {
            "form": FORM_WORDS,
            "download": frozenset(words[0] for words in self.downloading),
            "metric": _first(METRIC_OF),
            "statistic": _first(STATISTIC_OF),
            "waiting": _first(WAITING),
            "fullness": _first(FULLNESS),
            "types": frozenset().union(*resources.values()),
            "watched": frozenset().union(*(resources[noun] for noun in self.only_watched & resources.keys())),
            "counting": frozenset().union(*(resources[noun] for noun in COUNTING & resources.keys())),
        }

    @cached_property
    def ordinals(self) -> Ways:
        return _ways(self.lists["ordinals"])

    @cached_property
    def deployments_spoken_of(self) -> Ways:
        return _ways(self.lists["deployments_spoken_of"])

    @cached_property
    def deployment_words(self) -> frozenset[str]:
        return frozenset(self.lists["deployment_words"])

    @cached_property
    def nobody_in_person(self) -> frozenset[str]:
        return frozenset(self.lists["nobody_in_person"])

    @cached_property
    def not_production(self) -> Ways:
        return _ways(self.lists["not_production"])

    @cached_property
    def behind(self) -> Ways:
        return _ways(self.lists["behind"])

    @cached_property
    def nouns(self) -> Ways:
        return _ways(self.lists["nouns"])

    @cached_property
    def nouns_of_many(self) -> Ways:
        return _ways(self.lists["nouns_of_many"])

    @cached_property
    def noun_words(self) -> frozenset[str]:
        return frozenset((*self.lists["nouns"], *self.lists["nouns_of_many"]))

    @cached_property
    def every(self) -> Ways:
        return _ways(self.lists["every"])

    @cached_property
    def everything(self) -> Ways:
        return _ways(self.lists["everything"])

    @cached_property
    def whatever(self) -> Ways:
        return _ways(self.lists["whatever"])

    @cached_property
    def without(self) -> Ways:
        return _ways(self.lists["without"])

    @cached_property
    def left_out(self) -> Ways:
        return _ways(self.lists["left_out"])

    @cached_property
    def there_are(self) -> Ways:
        return _ways(self.lists["there_are"])

    @cached_property
    def announcing(self) -> Ways:
        return _ways(self.lists["announcing"])

    @cached_property
    def owned_by(self) -> Ways:
        return _ways(self.synonyms["owned_by"])

    @cached_property
    def owns(self) -> Ways:
        return _ways(self.synonyms["owns"])

    @cached_property
    def whichever(self) -> Ways:
        return _ways(self.lists["whichever"])

    @cached_property
    def which_are(self) -> Ways:
        return _ways(self.lists["which_are"])

    @cached_property
    def articles(self) -> frozenset[str]:
        return frozenset((*self.lists["articles"], *self.lists["pointing"]))

    @cached_property
    def pointing(self) -> frozenset[str]:
        return frozenset(self.lists["pointing"])

    @cached_property
    def inside(self) -> frozenset[str]:
        return frozenset(self.lists["inside"])

    @cached_property
    def called(self) -> frozenset[str]:
        return frozenset(self.lists["called"])

    @cached_property
    def still(self) -> frozenset[str]:
        return frozenset(self.lists["still"])

    @cached_property
    def afresh(self) -> Ways:
        return _ways(self.lists["afresh"])

    @cached_property
    def all_words(self) -> frozenset[str]:
        """Every word of the language, but for those that only phrases have."""
        said = [*self.synonyms.values(), *self.asides.values(), *self.state_words.values(), *self.lists.values()]
        plain = words_in(way for ways in [*said, self.references] for way in ways)
        return plain | self.kind_of.keys() | {one for ways in self.spelled.values() for one in ways.split()}

    @cached_property
    def not_names(self) -> frozenset[str]:
        """No word of these is a name unless one is known that is called so."""
        lists = ("not_names", "articles", "pointing", "every", "everything", "without", "which_are", "inside", "still")
        words = {word for name in lists for way in self.lists[name] for word in way.split()}
        spoken = self.all_words - {*self.lists["also_names"]}
        return frozenset(words | spoken | self.kind_of.keys() | self.noun_words)

    def may_be_name(self, word: str) -> bool:
        """Whether something that is not known may be called so: no word of not_names is, and no date."""
        return word not in self.not_names and not _DATE.fullmatch(word)

    @cached_property
    def not_things(self) -> frozenset[str]:
        """No word of these is part of what one thing is called, where a noun says what it is."""
        lists = ("not_names", "articles", "pointing", "every", "without", "inside")
        words = {word for name in lists for way in self.lists[name] for word in way.split()}
        states = {word for ways in self.state_words.values() for way in ways for word in way.split()}
        nouns = {word for ways in self.resource_words.values() for way in ways for word in way.split()}
        return frozenset(words | states | nouns | self.kind_of.keys() | self.noun_words)


def _first(ways: Iterable[str]) -> frozenset[str]:
    return frozenset(way.split()[0] for way in ways)


def words_in(phrases: Iterable[str]) -> frozenset[str]:
    """The words that stand in phrases as they are."""
    return frozenset(word for phrase in phrases for word in _PLAIN.findall(_BRACED.sub(" ", phrase)))


def _ways(said: tuple[str, ...]) -> Ways:
    found: dict[str, list[tuple[str, ...]]] = {}
    for way in sorted((tuple(one.split()) for one in said), key=len, reverse=True):
        found.setdefault(way[0], []).append(way)
    return {first: tuple(ways) for first, ways in found.items()}
