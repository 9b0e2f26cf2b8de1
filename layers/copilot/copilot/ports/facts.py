"""Facts: what people asked to be remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from copilot.domain import FactName, KeptFact, Permission


class Facts(Protocol):
    """What is kept of the tenant's facts, by scope. Reads are consistent; every method raises RetryableError."""

    def facts(self, scope: str) -> list[KeptFact]:
        """All of a scope, by name; those that were forgotten among them. One query."""

    def fact(self, scope: str, name: FactName) -> KeptFact | None: ...

    def permissions(self) -> Sequence[Permission]:
        """What `put` needs from IAM."""

    def put(self, kept: KeptFact) -> None:
        """Keep it in the place of the revision before it. Raises Conflict where another is there."""
