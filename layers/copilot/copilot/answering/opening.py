"""Open a report: the token of a short link becomes an address at which the file can be fetched, for a few minutes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC

from copilot.domain import token_hash
from copilot.errors import Expired, NotFound
from copilot.ports import Clock, ReportLinks

TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
"""128 bits as base64 has them in addresses."""


@dataclass(frozen=True)
class OpenReport:
    """`sign` gives the address of a file by its key."""

    links: ReportLinks
    sign: Callable[[str], str]
    clock: Clock

    def __call__(self, token: str) -> str:
        """Raises NotFound for a token that nobody was given, and Expired.

        A token is looked up by its hash: how long that takes says nothing of the tokens there are.
        """
        link = self.links.find(token_hash(token)) if TOKEN.fullmatch(token) else None
        if link is None:
            raise NotFound("no such link")
        if link.until <= self.clock.now():
            raise Expired(f"This link ended on {link.until.astimezone(UTC):%Y-%m-%d at %H:%M} UTC.")
        return self.sign(link.key)
