"""What is kept of a person or a Conversation that is no evidence: found by the list of Runs, and deleted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from copilot.domain import JournalEntry, ListedRun, Turn, Whose


class KeptOf(Protocol):
    """Every method may be called again, wherever it was cut short. Every method raises RetryableError."""

    def listed(self, whose: Whose) -> list[ListedRun]:
        """The Runs there are anything of, oldest first."""

    def turns(self, conversation: str) -> list[Turn]:
        """All there are, oldest first."""

    def delete_turns(self, conversation: str, run_ids: Collection[str] | None) -> None:
        """What was said in these Runs, or in all, with who waits there."""

    def delete_focus(self, conversation: str, person: str | None) -> None:
        """What the Conversation speaks of; of a person, by id, alone where one is named. An answer that was begun
        before does not bring it back.
        """

    def delete_run(self, run: ListedRun) -> None:
        """All that is kept of it but evidence; that it is listed last of all, as it is found by that."""

    def facts(self, person: str) -> int:
        """How many rows of facts of theirs there are, forgotten ones among them."""

    def learned(self, person: str) -> int:
        """Of how many shapes of requests plans are kept that models made for them."""

    def delete_remembered(self, person: str) -> None:
        """Facts and learned plans of theirs."""

    def note(self, entry: JournalEntry) -> None: ...
