"""Who else changed something."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from copilot.domain import Resource, TrailReading


class Trail(Protocol):
    """A cloud's own records of what was done in it; what the copilot itself did is not among what it gives."""

    def changes(self, resources: Sequence[Resource], since: datetime, until: datetime) -> TrailReading:
        """What was done to these from then up to then. Where that may not be, or could not be, read is said in it."""
