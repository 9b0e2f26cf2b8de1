"""Who else changed something, and with what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from copilot.domain import Resource, ResourceRef, TrailReading


class Trail(Protocol):
    """A cloud's own records of what was done in it; what the copilot itself did is not among what it gives."""

    def changes(self, resources: Sequence[Resource], since: datetime, until: datetime) -> TrailReading:
        """What was done to these from then up to then. Where that may not be, or could not be, read is said in it."""

    def changed_with(self, names: Mapping[ResourceRef, str], until: datetime) -> Mapping[str, str]:
        """With what each of these, by its name, was last changed before then, by ref.id: a tool that applies code, else
        the console. Without those of which the newest few records say neither, or where these may not, or could not,
        be read.
        """
