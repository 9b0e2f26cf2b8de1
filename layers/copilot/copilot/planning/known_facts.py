"""The facts that a request is read by: the asker's own, and what is so for everybody. Nobody else's are ever read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from copilot.domain import EVERYBODY, Fact, KeptFact, Known, Person, scope_of, until_in_words
from copilot.intents import Intents
from copilot.intents.aliases import replaced, why_no_alias
from copilot.ports import Clock, Facts
from copilot.text.outside import quoted, quoted_people

MOST_NOTED = 5
"""Facts that inform one prompt."""
_WORDS = re.compile(r"[^\W_]{3,}")
_COMMON = frozenset(
    "the and for that this with when you your are was were has have had not all any can what which who how why from "
    "into our out about please must should will would then than them they its".split()
)


class Remembered(NamedTuple):
    """What is so now, of what a person may read."""

    own: Sequence[Fact] = ()
    shared: Sequence[Fact] = ()

    @property
    def all(self) -> list[Fact]:
        """One for each name: a person's own before everybody's."""
        mine = {one.name for one in self.own}
        return [*self.own, *(one for one in self.shared if one.name not in mine)]

    def default(self, subject: str) -> Fact | None:
        return next((one for one in self.all if one.kind == "default" and one.subject == subject), None)

    @property
    def defaults(self) -> list[Fact]:
        return [one for one in self.all if one.kind == "default"]

    def notes(self, text: str) -> list[Fact]:
        """Those that have words in common with the text, the most of them first."""
        words = _words(text)
        found = [(len(words & _words(one.value)), one) for one in self.all if one.kind == "note"]
        return [one for shared, one in sorted(found, key=lambda one: -one[0]) if shared]

    def about(self, text: str) -> list[Fact]:
        """What is meant by default, and notes about the text."""
        return [*self.defaults, *self.notes(text)][:MOST_NOTED]


class Understood(NamedTuple):
    """A request with what words mean in their place, and by which facts."""

    text: str
    facts: Sequence[Fact] = ()


@dataclass(frozen=True)
class KnownFacts:
    facts: Callable[[], Facts]
    clock: Clock
    intents: Intents
    known: Callable[[], Known]
    zone_of: Callable[[str], str] = lambda person: "UTC"

    def of(self, person: Person) -> Remembered:
        """Two queries, whatever there is."""
        kept, now = self.facts(), self.clock.now()

        def current(scope: str) -> list[Fact]:
            found: Sequence[KeptFact] = kept.facts(scope)
            return [fact for one in found if (fact := one.current(now)) is not None]

        return Remembered(current(scope_of(person.id)), current(EVERYBODY))

    def asked(self, fact: Fact, person: Person) -> str:
        """`you asked to, on 12 Nov`."""
        return f"{_who(fact, person)} asked to, on {_day(fact, self.clock.now(), ZoneInfo(self.zone_of(person.id)))}"

    def understood(self, text: str, facts: Remembered) -> Understood:
        """An alias that means something else by now, or of which nothing is there any more, is not one."""
        aliases = {one.subject: one for one in facts.all if one.kind == "alias"}
        if not any(word in text.casefold() for word in aliases):
            return Understood(text)
        known = self.known()
        good = {
            word: one.value
            for word, one in aliases.items()
            if word in text.casefold() and not why_no_alias(word, one.value, known, self.intents)
        }
        said, used = replaced(text, good)
        return Understood(said, [aliases[word] for word in used])

    def told(self, facts: Sequence[Fact], person: Person) -> tuple[str, ...]:
        """Each in a line, for who asks: what it was, who said so and when."""
        now = self.clock.now()
        return tuple(_told(one, person, now, ZoneInfo(self.zone_of(person.id))) for one in facts)


def _told(fact: Fact, person: Person, now: datetime, zone: ZoneInfo) -> str:
    said = {"exclusion": fact.value, "companion": fact.value, "note": quoted(fact.value)}
    said["alias"] = f"{quoted(fact.subject)}: {fact.value}"
    what = said.get(fact.kind) or f"{fact.subject}: {quoted(fact.value)}"
    until = f", until {until_in_words(fact.until.astimezone(zone))}" if fact.until else ""
    return f"{what}, as {_who(fact, person)} said on {_day(fact, now, zone)}{until}"


def _who(fact: Fact, person: Person) -> str:
    return "you" if fact.author.id == person.id else quoted_people(fact.author.name)


def _day(fact: Fact, now: datetime, zone: ZoneInfo) -> str:
    at = fact.at.astimezone(zone)
    return f"{at.day} {at:%b}" if at.year == now.astimezone(zone).year else f"{at.day} {at:%b %Y}"


def _words(text: str) -> set[str]:
    return {word.rstrip("s") for word in _WORDS.findall(text.casefold())} - _COMMON
