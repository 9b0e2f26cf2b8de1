"""What is billed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from copilot.domain import Bill


class Bills(Protocol):
    """Asks those who bill the accounts that are looked after. Each question costs money."""

    def price(self, periods: int) -> float:
        """US dollars that it costs at least to ask about so many periods: a question for each account that may be."""

    def billed(self, since: date, until: date, *, daily: bool, environments: Sequence[str] | None, most: int) -> Bill:
        """From `since` until before `until`, days in UTC: a sum for each day, or for each month that it is in part of.

        With `environments` only what bears one of these names. At most `most` questions are asked; an account for
        which they do not reach, that may not be asked, or does not answer, is one that is not read. Raises nothing.
        """
