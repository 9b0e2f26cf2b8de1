"""Bills and estimates added up by row. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from copilot.domain import Charge, Kind
from copilot.tools.usage.cost_rows import By
from copilot.tools.usage.period import Period
from copilot.tools.usage.spent import Spent

GONE = "no longer there"
NO_ENVIRONMENT = ""


class Sums(NamedTuple):
    """What a row comes to. `idle` is by estimate, whatever the rest is from; `before` is of the period before."""

    billed: Decimal = Decimal(0)
    estimated: Decimal = Decimal(0)
    idle: Decimal = Decimal(0)
    before: Decimal = Decimal(0)

    @property
    def amount(self) -> Decimal:
        return self.billed + self.estimated

    @property
    def growth(self) -> Decimal:
        return self.amount - self.before


class Counting:
    """`rows` are by environment (NO_ENVIRONMENT of what has none), kind, service or day, as asked for. By day there
    is no period before: its days are others.
    """

    def __init__(self, by: By, kinds: Mapping[str, Kind]) -> None:
        self._by, self._kinds = by, kinds
        self._found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    @property
    def rows(self) -> dict[str, Sums]:
        return {key: Sums(**row) for key, row in self._found.items()}

    def bill(self, charge: Charge, *, before: bool) -> None:
        match self._by:
            case "aws_service":
                key = charge.service
            case "day":
                key = charge.day.isoformat()
            case _:
                key = self._where(charge.environment)
        self._found[key]["before" if before else "billed"] += charge.amount

    def estimate(self, one: Spent, period: Period, begins: int, *, is_billed: bool) -> None:
        """Of the hours of the period; those before the one at `begins` are of the period before. Of what is billed
        only what was idle is of interest.
        """
        price = one.price or Decimal(0)
        for key, hours in self._hours(one, one.idle, period, begins).items():
            self._found[key]["idle"] += hours * price
        if is_billed:
            return
        for key, hours in self._hours(one, one.ran, period, begins).items():
            self._found[key]["estimated"] += hours * price
        if begins:
            self._found[self._key(one)]["before"] += sum(one.ran[:begins]) * price

    def _hours(self, one: Spent, hours: Sequence[bool], period: Period, begins: int) -> Mapping[str, int]:
        if self._by != "day":
            return {self._key(one): sum(hours[begins:])}
        return Counter(
            period.date_of(hour).isoformat() for hour, counts in enumerate(hours) if counts and hour >= begins
        )

    def _key(self, one: Spent) -> str:
        if self._by == "aws_service":
            return one.service
        if self._by == "service":
            return f"{one.resource.name} in {one.resource.environment}"
        return self._where(one.resource.environment)

    def _where(self, environment: str) -> str:
        if self._by != "kind" or environment == NO_ENVIRONMENT:
            return environment
        return self._kinds.get(environment, GONE)
