"""Code hosts, as far as they are asked who may ask, and where."""

from __future__ import annotations

from typing import Protocol

from copilot.domain import AnswerTo, ChatPlace, Commented


class CodeHosts(Protocol):
    """Reads a code host now. Raises NotFound for what is not there, RetryableError where it does not answer or wants to
    be asked later, PermissionDenied where the copilot's token may not.
    """

    def place(self, where: AnswerTo) -> ChatPlace:
        """`shared` where others may read the repository than those it was given to."""

    def may_write(self, comment: Commented) -> bool:
        """Whether who wrote it may, at this moment, write to the repository it was written in."""
