"""What the copilot gives, and what a linter found."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from copilot.domain.frozen import Frozen, Untrusted
from copilot.domain.targets import STRICTER, Kind

OutputClass = Literal["status", "cost", "configuration", "logs", "security"]
"""What an output tells of, for whoever decides who may have it."""
PRIVATE: tuple[OutputClass, ...] = ("status", "cost", "configuration", "security", "logs")
"""The same, what may be known by most first."""
Destination = Literal["direct", "channel", "shared", "link", "others", "provider"]
"""Where an output goes: to who asked, alone; into a channel; into one shared with another organisation or with guests;
behind a link; to others who look at the Run; to the provider of the model.
"""
OF_SOURCES: dict[str, JsonValue] = {"of_sources": True}
"""In the schema of a parameter: the class of what a call is given. Code sets it, whatever a plan says."""


class About(Frozen):
    """What something tells of: its class, and the strictest kind of environment; None where it speaks of none."""

    shows: OutputClass
    kind: Kind | None

    @classmethod
    def all_of(cls, abouts: Iterable[About]) -> About:
        """What these tell of together; nothing is what may be known by most."""
        given = list(abouts)
        kinds = (one.kind for one in given if one.kind is not None)
        return cls(
            shows=max((one.shows for one in given), key=PRIVATE.index, default=PRIVATE[0]),
            kind=max(kinds, key=STRICTER.index, default=None),
        )


NOT_KNOWN = About(shows=PRIVATE[-1], kind=STRICTER[-1])
"""Of what nobody has said what it tells of."""


class AnsweredRun(Frozen):
    """That a Run was answered: when, whose it was, what came of it."""

    at: datetime
    person: str
    outcome: str


class Link(Frozen):
    """Where a file can be opened by whoever has the link, until then."""

    url: str
    until: datetime


class ReportLink(Frozen):
    """What a short link leads to: a file by its key, what it tells of, and until when. Its token is kept as a hash."""

    key: str
    about: OutputClass
    until: datetime


def token_hash(token: str) -> str:
    """What a token is kept and found under. It is 128 random bits, so that no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


class Finding(Frozen):
    """What a linter found on one line of a file."""

    code: str = Field(description="the rule's code, such as DL3006")
    level: Literal["error", "warning", "info", "style"] = Field(description="how bad it is")
    line: int = Field(description="the line it is on, from 1")
    message: Untrusted = Field(description="what is wrong, in the linter's words")
