"""What environments and services are configured with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from copilot.domain import Resource, Settings


class Configured(Protocol):
    """Reads names, types and versions. Of values, with `values`, no more than whether they are the same as others."""

    def named(self, environment: str, resources: Sequence[Resource], *, values: bool = False) -> Settings:
        """The parameters and secrets of an environment, where these resources of it are. Raises RetryableError."""

    def variables(self, services: Sequence[Resource], *, values: bool = False) -> Settings:
        """The variables of these services. Raises ToolInputError for one that is gone, and as `named` does."""
