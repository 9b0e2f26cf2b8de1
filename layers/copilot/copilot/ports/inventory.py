"""What there is, as it was last seen, and the sweeps that see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Protocol

from copilot.domain.inventory import Known, Place, Seen, Sweep


class Inventory(Protocol):
    """One tenant's. Every method raises RetryableError."""

    def known(self) -> Known:
        """What is known by name: NOTHING_KNOWN before the first sweep.

        One read of one object by its version; what was read is kept in the process until another version is there.
        """

    def publish(self, make: Callable[[], Known]) -> None:
        """Keep what `make` gives as what is known; made again where another came first. Nothing where it is the same.

        Raises Conflict where others come first each time: what they published is as new.
        """

    def sweeps(self) -> list[Sweep]:
        """The last one of each Place."""

    def last(self, place: Place) -> Sweep | None:
        """The last one of this Place."""

    def seen(self, place: Place | None = None) -> list[Seen]:
        """What there is in a Place, or in all of them."""

    def note(self, sweep: Sweep, before: Sweep | None, changed: Sequence[Seen], gone: Sequence[Seen]) -> None:
        """Keep a sweep and what it found to be other than what was seen as of `before`.

        Raises Conflict, and nothing is changed, where the last sweep of the Place is not `before` any more.
        """

    def forget(self, place: Place) -> None:
        """Keep nothing of a Place any more."""


class Sweeps(Protocol):
    """Asks for Places to be swept, soon and by somebody else. Raises RetryableError, PermissionDenied, FatalError."""

    def ask(self, places: Iterable[Place], attempt: int = 1, after: timedelta = timedelta()) -> None:
        """A sweep of each, and how often it was tried with this one; 15 minutes ahead at most."""

    def ask_whose_turn(self) -> None:
        """That it is looked at whose turn it is."""

    def ask_to_publish(self, after: timedelta) -> None:
        """That what was swept by then becomes what is known; 15 minutes ahead at most."""

    def ask_to_look(self, watches: Iterable[str]) -> None:
        """A look of each of these watches, by id."""
