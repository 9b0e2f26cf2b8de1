"""Where an Approval is told that nobody answered: outside the chats."""

from __future__ import annotations

from typing import Protocol

from copilot.domain import Escalation


class Pagers(Protocol):
    """Destinations by the names that the configuration gives them: `pagerduty:oncall`, `mail:oncall`.

    Each gives what was sent, as it was sent, without any key. Raises NotReady where surely nothing left yet and the
    same may be sent later, RetryableError where it may have taken it or not; PermissionDenied where it refuses the key,
    NotFound where there is no such destination, FatalError where it refuses what was sent.
    """

    def open(self, to: str, escalation: Escalation) -> str:
        """Tell it. Under the same key again a page is the one that is open; a mail or a message is another."""

    def resolve(self, to: str, outcome: Escalation) -> str:
        """Tell what became of it: the page under this key is resolved, mail and messages are told in a second one. A
        page that is not open stays so.
        """
