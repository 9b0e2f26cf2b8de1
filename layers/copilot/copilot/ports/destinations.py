"""Where something is sent outside the chat."""

from __future__ import annotations

from typing import Protocol

from copilot.domain import Letter


class Destinations(Protocol):
    """Those that the configuration names, as mail:NAME, sns:NAME and webhook:NAME. There are no others."""

    def check(self, destination: str) -> None:
        """Raises ToolInputError, with the nearest there are, for one that is not named."""

    def send(self, destination: str, letter: Letter, key: str) -> str:
        """Send once, under a key of the caller's. What is sent again under the same key says of itself that it is the
        same: a mail by its Message-ID, a web hook by its id, a FIFO topic by its deduplication id.

        Returns where it went, in words. Raises as `check`; NotReady where surely nothing left yet and the same may be
        sent later, RetryableError where it may have left or not, FatalError and PermissionDenied where it was refused.
        """
