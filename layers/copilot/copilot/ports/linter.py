"""What judges a Dockerfile by rules of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from copilot.domain import Finding


class Linter(Protocol):
    """Finds fault with a file."""

    def lint(self, text: str) -> Sequence[Finding]:
        """Everything it finds, in the order of the lines. Raises FatalError where it is not there or cannot tell."""
