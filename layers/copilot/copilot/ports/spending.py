"""What the copilot's own calls cost, counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from copilot.domain import Held, Room, Spender, SpendKind, Spent, Sum


class Purse(Protocol):
    """What is paid out of, on somebody's behalf. Whatever costs is begun before it is asked for, and settled after."""

    def begin(self, kind: SpendKind, dollars: float, calls: int = 1) -> Held:
        """Count so many calls with the most that they may cost. Raises Capped where a cap leaves no room for it, and
        nothing is counted; RetryableError.
        """

    def settle(self, held: Held, dollars: float) -> None:
        """Count what it came to in place of that. Raises nothing: of what is not settled the most goes on counting."""


class Spending(Protocol):
    """The tenant's sums. Every method raises RetryableError when the database is throttled or away."""

    def spent(self, spenders: Sequence[Spender]) -> dict[Spender, Spent]:
        """Those of these in which anything is counted."""

    def add(self, kind: SpendKind, sum: Sum, rooms: Mapping[Spender, Room]) -> None:
        """Add it to all of these at once, if in none what is there before is more than its room.

        Raises Conflict where it is, and nothing is added.
        """

    def tell_once(self, spender: Spender, cap: str, most: str, run: str) -> bool:
        """Note in which piece of work it is told that a cap of this size is nearly reached; whether none had yet."""

    def of_period(self, period: str) -> list[Spent]:
        """All that is counted in a day or a month, of everybody."""
