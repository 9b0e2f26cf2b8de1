"""What the copilot gives, and what a linter found."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from copilot.domain.classes import OutputClass
from copilot.domain.frozen import Frozen, Untrusted

OF_SOURCES: dict[str, JsonValue] = {"of_sources": True}
"""In the schema of a parameter: the class of what a call is given. Code sets it, whatever a plan says."""


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
