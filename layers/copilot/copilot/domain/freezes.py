"""What is frozen: scopes in which no effect begins."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from copilot.domain.frozen import Frozen
from copilot.domain.requests import Person
from copilot.domain.targets import Preview
from copilot.text.outside import quoted

SPEAKS_OF_FREEZING = re.compile(r"(?i)freez|froze|thaw")
"""What every request in words about it has in it, and few others."""
FREEZE = "freeze"
"""What a Decision names in the place of policies where a freeze decided; and the intent of a Revision that says what
was frozen, or thawed.
"""
FrozenScope = Literal["all", "account", "environment", "person"]


class Scope(Frozen):
    """`name` is the id of the account, environment or person; "" for all."""

    of: FrozenScope
    name: str = ""

    @property
    def in_words(self) -> str:
        return "everything" if self.of == "all" else f"{self.of} {self.name}"

    def covers(self, person: str, preview: Preview) -> bool:
        """Whether what the preview shows, done on behalf of this person, would be an effect in it."""
        match self.of:
            case "all":
                return True
            case "account":
                return any(change.ref.account == self.name for change in preview.wanted)
            case "environment":
                # However its letters are written: before anything was swept nobody says how they are.
                named = ("environment", self.name.casefold())
                return any((one.ref.type, one.ref.id.casefold()) == named for one in preview.targets)
            case "person":
                return person == self.name


class Freeze(Frozen):
    """From `at` on, until it is thawed, no effect begins in the scope."""

    scope: Scope
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    by: Person
    at: datetime

    @property
    def told(self) -> str:
        """To somebody whose change does not begin: what is frozen, by whom, since when and why."""
        since = f"{self.at:%d %b %H:%M} UTC"
        return f"{self.scope.in_words} is frozen by {self.by.name} since {since}: {quoted(self.reason)}"
