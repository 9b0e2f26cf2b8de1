"""What people asked to be remembered across Conversations: facts, each about one attribute of one subject."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from copilot.domain.companions import Companion
from copilot.domain.exclusions import Exclusion
from copilot.domain.frozen import Frozen, digest
from copilot.domain.requests import Person

FactKind = Literal["alias", "default", "exclusion", "companion", "note"]
"""alias: what a word stands for; default: what is meant where a request does not say; exclusion: what is left alone,
and when; companion: who is told once something was done; note: whatever else.
"""
EVERYBODY = "tenant"
"""The scope of what is so for everybody here."""
MOST_FACTS, MOST_BEFORE = 100, 5
"""Of one scope; and of what one was before."""
LONGEST_SUBJECT, LONGEST_VALUE = 60, 300
MEANS, IS, SAYS, EXCLUDED, TELLS = "means", "is", "says", "excluded", "tells"
"""The attributes of an alias, of a default, of a note, of an exclusion and of a companion."""
_ATTRIBUTES: dict[FactKind, str] = {
    "alias": MEANS,
    "default": IS,
    "note": SAYS,
    "exclusion": EXCLUDED,
    "companion": TELLS,
}
_ARTICLE = re.compile(r"^(?:the|our|my)\s+", re.IGNORECASE)

Subject = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_SUBJECT)]
Value = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_VALUE)]


def scope_of(person_id: str) -> str:
    """That of a person's own facts."""
    return f"person:{person_id}"


def until_in_words(until: datetime) -> str:
    """`the end of 4 Dec 2026 CET`, `4 Dec 2026 18:00 CET`."""
    if until.strftime("%H:%M:%S") == "00:00:00":
        before = until - timedelta(days=1)
        return f"the end of {before.day} {before:%b %Y %Z}"
    return f"{until.day} {until:%b %Y %H:%M %Z}"


class FactName(Frozen):
    """What there is one current fact of, in a scope. Of an exclusion and a companion that is all that it says: another
    of the same changes stands beside it.
    """

    subject: str
    attribute: str

    @classmethod
    def of(cls, kind: FactKind, subject: str, value: str) -> FactName:
        """A note is by itself what it is about."""
        said = digest(" ".join(value.casefold().split()))[:10] if kind == "note" else subject
        name = _ARTICLE.sub("", " ".join(said.casefold().split()))
        if len(name) > LONGEST_SUBJECT:
            name = f"{name[: LONGEST_SUBJECT - 12]} {digest(name)[:10]}"
        return cls(subject=name, attribute=_ATTRIBUTES[kind])

    @classmethod
    def of_rule(cls, rule: Exclusion | Companion, until: datetime | None) -> FactName:
        """Of which changes, with what effect, when or to whom, and until when."""
        ends = f" until {until.astimezone(UTC):%Y-%m-%d %H:%M}" if until else ""
        kind: FactKind = "exclusion" if isinstance(rule, Exclusion) else "companion"
        return cls.of(kind, f"{rule.in_words}{ends}".replace("#", ""), "")


class Fact(Frozen):
    """`run` is where it was said, by `author`; it counts until `until`, for good where that is None. What an exclusion
    or a companion comes to stands in `exclusion` or `companion`, and in words in `value`.
    """

    kind: FactKind
    subject: str
    attribute: str
    value: Value
    run: str
    author: Person
    at: datetime
    until: datetime | None = None
    exclusion: Exclusion | None = None
    companion: Companion | None = None

    @model_validator(mode="after")
    def _is_of_its_kind(self) -> Self:
        if (self.exclusion is not None, self.companion is not None) != _comes_to(self.kind):
            raise PydanticCustomError("fact", "an exclusion says what it excludes, a companion whom it tells")
        return self

    @property
    def name(self) -> FactName:
        return FactName(subject=self.subject, attribute=self.attribute)

    @property
    def told(self) -> str:
        """What it says, in a few words."""
        if self.kind in {"alias", "default"}:
            return f"{self.subject} {self.attribute} {self.value}"
        return self.value


def _comes_to(kind: FactKind) -> tuple[bool, bool]:
    """Whether what it excludes, and whether whom it tells, is said in it."""
    return kind == "exclusion", kind == "companion"


class PastFact(Frozen):
    """What a fact was before `until`. `value` is "" once it was forgotten."""

    value: str
    author: str
    at: datetime
    until: datetime
    ended: Literal["superseded", "forgotten"]


class KeptFact(Frozen):
    """All that is kept under one name: the one that is so now, None where it was forgotten, and what it was before, the
    newest first. `rev` counts how often that changed.
    """

    scope: str
    name: FactName
    rev: Annotated[int, Field(ge=1)]
    now: Fact | None = None
    before: tuple[PastFact, ...] = ()
    changed_at: datetime

    def superseded(self, by: Fact | None, at: datetime) -> KeptFact:
        """With another in the place of the one there is; with None forgotten, and every value of it with that."""
        before = self.before
        if self.now is not None:
            ended: Literal["superseded", "forgotten"] = "superseded" if by else "forgotten"
            was = PastFact(value=self.now.value, author=self.now.author.id, at=self.now.at, until=at, ended=ended)
            before = (was, *before)[:MOST_BEFORE]
        if by is None:
            before = tuple(one.model_copy(update={"value": "", "ended": "forgotten"}) for one in before)
        update = {"rev": self.rev + 1, "now": by, "before": before, "changed_at": at}
        return self.model_copy(update=update)

    @classmethod
    def first(cls, scope: str, fact: Fact) -> KeptFact:
        return cls(scope=scope, name=fact.name, rev=1, now=fact, changed_at=fact.at)

    def current(self, now: datetime) -> Fact | None:
        """The one that is so at this moment."""
        return self.now if self.now is not None and (self.now.until is None or now < self.now.until) else None
