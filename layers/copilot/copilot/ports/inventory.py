"""What there is, as it was last seen."""

from __future__ import annotations

from typing import Protocol

from copilot.domain.inventory import Known


class Inventory(Protocol):
    """One tenant's."""

    def known(self) -> Known:
        """What is known by name: NOTHING_KNOWN before the first sweep.

        One read of one object by its version; what was read is kept in the process until another version is there.
        Raises RetryableError.
        """
