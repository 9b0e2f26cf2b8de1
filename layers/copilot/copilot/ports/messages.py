"""Messages to people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from copilot.domain import Permission


class Notifier(Protocol):
    """Sends messages to people: to a channel, or to one person alone (person:ID)."""

    def check(self, channel: str) -> None:
        """Raises ToolInputError, with the nearest there are, for one that cannot be told."""

    def permissions(self, channel: str, key: str) -> Sequence[Permission]:
        """What `send` needs from IAM; empty where the message leaves by another way."""

    def send(self, channel: str, text: str, key: str) -> str:
        """Send once, under a key of the caller's: what comes later under the same key is not sent, whatever it says.

        Returns where it went, in words of its own.
        """
