"""What is off limits, and who is to be told of what, made of the words it was said in: names of what there is, times of
the clock that whoever says it goes by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from copilot.domain import (
    KIND_WORDS,
    MOST_TOLD,
    TO_PERSON,
    ChangeSort,
    Companion,
    Day,
    Exclusion,
    Known,
    Person,
    Selector,
)
from copilot.planning.rule_words import RuleSaid
from copilot.text.nearness import squashed, there_are
from copilot.text.outside import looks_like_a_name, quoted
from copilot.times.stretches import stretches_in

_AND = re.compile(r"\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+|\s*&\s*", re.IGNORECASE)
_IN = re.compile(r"\s+(?:in|on|of|at|from|belonging to|owned by)\s+", re.IGNORECASE)
_AROUND = re.compile(
    r"(?:(?:all|any|anything|the|our|my|every|each|team|accounts?|services?|environments?|envs?)\s+)*(?P<name>.*?)"
    r"(?P<kind>\s+(?:environments?|envs?|services?|account|team|cluster|system)s?)?",
    re.IGNORECASE | re.DOTALL,
)
_EVERYTHING = re.compile(
    r"(?:everything|anything|all|all (?:of )?(?:it|them)|(?:all |any |every )?(?:environments?|envs?|services?"
    r"|things?)|something)",
    re.IGNORECASE,
)
_THEIRS = re.compile(
    r"(?:theirs|their (?:environments?|envs?|stuff|things)|what (?:they own|is theirs|belongs to them))", re.I
)
_MINE = re.compile(
    r"(?:mine|ours|(?:my|our) (?:own )?(?:environments?|envs?|stuff)|(?:my|our) team(?:['\u2019]s)?(?:"
    r" (?:environments?|envs?))?"
    r"|what (?:is (?:mine|ours)|(?:my|our) team owns))",
    re.IGNORECASE,
)
_OWNED = re.compile(r"(?P<owner>.+?)(?:['\u2019]s?)\s*(?P<rest>.*)", re.IGNORECASE | re.DOTALL)


class Unclear(NamedTuple):
    """Why no rule was made of what was said."""

    why: str


@dataclass(frozen=True)
class RuleReading:
    """`team` is that of whoever says it, "" where they said none."""

    known: Callable[[], Known]
    now: datetime
    zone: str
    person: Person
    team: str = ""

    def __call__(self, said: RuleSaid) -> Exclusion | Companion | Unclear:
        of = self.selector(said)
        if isinstance(of, Unclear):
            return of
        if said.tell:
            told = [self._told(one) for one in dict.fromkeys(said.tell)]
            if len(told) > MOST_TOLD:
                return Unclear(f"at most {MOST_TOLD} are told of one thing")
            return Companion(of=of, tell=tuple(told))
        when = stretches_in(said.when, self.now, self.zone)
        return (
            Unclear(f"{quoted(said.when)} is no time")
            if when is None
            else Exclusion(of=of, when=when, effect=said.effect)
        )

    def days(self, said: str) -> tuple[Day, ...]:
        """Those that are named, none for ""."""
        found = stretches_in(said, self.now, self.zone)
        return found.days if said and found else ()

    def selector(self, said: RuleSaid) -> Selector | Unclear:
        """Of what there is by those names; what is not known is told with the nearest there is."""
        if said.tell and _THEIRS.fullmatch(said.what):
            channel = said.tell[0].lstrip("#@")
            return self._made({"owners": [self._owner(channel) or channel]}, said.changes)
        if _MINE.fullmatch(said.what):
            if not self.team:
                return Unclear("whose that is I do not know: “my team is …” tells me")
            return self._made({"owners": [self.team]}, said.changes)
        found: dict[str, list[str]] = {}
        parts = [(side, at) for at, side in enumerate(_IN.split(said.what)) if side.strip()]
        for side, at in parts:
            read = self._side(side.strip(), inner=at == 0 and len(parts) > 1)
            if isinstance(read, Unclear):
                return read
            if found.keys() & read.keys():
                return Unclear(f"{quoted(said.what)} says the same sort of thing twice: say it once for each")
            found |= read
        return self._made(found, said.changes)

    @staticmethod
    def _made(found: Mapping[str, Sequence[str]], changes: Sequence[ChangeSort]) -> Selector | Unclear:
        try:
            return Selector.model_validate({**found, "everything": not found, "changes": changes})
        except ValidationError:
            return Unclear("these are more names than one rule has, or none: say it once for each")

    def _side(self, side: str, *, inner: bool) -> dict[str, list[str]] | Unclear:
        """What one side of an "in" names; nothing where it is everything."""
        if _EVERYTHING.fullmatch(side):
            return {}
        found: dict[str, list[str]] = {}
        for part in filter(None, _AND.split(side)):
            read = self._part(part.strip(), inner=inner)
            if isinstance(read, Unclear):
                return read
            for field, name in read:
                found.setdefault(field, []).append(name)
            if len(found) > len({field for field, _ in read}):
                return Unclear(f"{quoted(side)} are of several sorts: say it once for each")
        return {field: list(dict.fromkeys(names)) for field, names in found.items()}

    def _part(self, part: str, *, inner: bool) -> list[tuple[str, str]] | Unclear:
        if (owned := _OWNED.fullmatch(part)) and (owner := self._owner(owned["owner"])):
            rest = owned["rest"]
            more = [] if not rest or _EVERYTHING.fullmatch(rest) else self._part(rest, inner=inner)
            return more if isinstance(more, Unclear) else [("owners", owner), *more]
        around = _AROUND.fullmatch(part)
        name = (around["name"] if around else part) or part
        ways = [*self._fields(name, inner=inner)]
        if ways:
            return ways[:1]
        known = self.known()
        if known.seen_at is None and looks_like_a_name(name):
            return [("environments", name)]
        near = there_are(name, [one.name for one in known.environments])
        return Unclear(f"nothing that I know is called {quoted(name)}{near}")

    def _fields(self, name: str, *, inner: bool) -> Iterator[tuple[str, str]]:
        """What the name may stand for, the likeliest first: within something, a service."""
        known, wanted = self.known(), squashed(name)
        services = [("services", one) for one in (*known.services, *known.resources) if squashed(one) == wanted]
        yield from services if inner else ()
        yield from (("environments", one.name) for one in known.environments if squashed(one.name) == wanted)
        if name.casefold() in KIND_WORDS:
            yield "kinds", KIND_WORDS[name.casefold()]
        yield from services
        if owner := self._owner(name):
            yield "owners", owner
        for place in known.places:
            if wanted in {squashed(place.account), place.place.account}:
                yield "accounts", place.place.account
        if re.fullmatch(r"\d{12}", name):
            yield "accounts", name

    def _owner(self, name: str) -> str:
        """As it is written where there is one."""
        owners = {squashed(one.owner): one.owner for one in self.known().environments if one.owner}
        return owners.get(squashed(name), "")

    def _told(self, said: str) -> str:
        if said.lower() in {"me", "us"}:
            return f"{TO_PERSON}{self.person.id}"
        return re.sub("^@", TO_PERSON, said)
