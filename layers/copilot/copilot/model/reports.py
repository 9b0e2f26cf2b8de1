"""What the copilot gives, and what a linter found."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from copilot.model.frozen import Frozen, Untrusted


class AnsweredRun(Frozen):
    """That a Run was answered: when, whose it was, what came of it."""

    at: datetime
    person: str
    outcome: str


class Link(Frozen):
    """Where a file can be opened by whoever has the link, until then at the latest."""

    url: str
    until: datetime


class Finding(Frozen):
    """What a linter found on one line of a file."""

    code: str = Field(description="the rule's code, such as DL3006")
    level: Literal["error", "warning", "info", "style"] = Field(description="how bad it is")
    line: int = Field(description="the line it is on, from 1")
    message: Untrusted = Field(description="what is wrong, in the linter's words")
