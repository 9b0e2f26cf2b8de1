"""What is kept of reactions."""

from __future__ import annotations

from typing import Protocol

from copilot.domain.reactions import Reacted


class Reactions(Protocol):
    """The tenant's. Reads are consistent; every method raises RetryableError."""

    def reacted(self, name: str) -> Reacted:
        """What is kept of the reaction of this name: a new one where nothing is."""

    def change(self, before: Reacted, after: Reacted) -> bool:
        """Keep it in place of what was read before. False, and nothing is changed, where it is otherwise by now."""
