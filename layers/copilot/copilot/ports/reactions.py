"""What is kept of reactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from copilot.domain.reactions import KnownReaction, Reacted


class Reactions(Protocol):
    """The tenant's. Reads are consistent; every method raises RetryableError."""

    def reacted(self, name: str) -> Reacted:
        """What is kept of the reaction of this name: a new one where nothing is."""

    def change(self, before: Reacted, after: Reacted) -> bool:
        """Keep it in place of what was read before. False, and nothing is changed, where it is otherwise by now."""


class KnownReactions(Protocol):
    """Those of the configuration."""

    def all(self) -> Sequence[KnownReaction]:
        """In its order, with what is kept of each. Raises RetryableError."""
