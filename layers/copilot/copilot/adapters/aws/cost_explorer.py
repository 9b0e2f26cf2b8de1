"""What AWS bills, from Cost Explorer: unblended costs by service and by the tag that names environments.

It is asked in each account about that account alone; that of an organisation's management account has all others in it.
A question costs 0.01 USD (AWS Cost Management, pricing), and so does each further page of its answer. It is asked in
us-east-1 whatever the regions. The tag has to be activated as a cost allocation tag, and counts from then on. Costs
are there a day late, and what it calls estimated may still change (Cost Management User Guide; November 2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.packs import require
from copilot.adapters.aws.sessions import Reader, label
from copilot.config.configuration import Account, Configuration
from copilot.domain import AccountBill, Bill, Charge, Pack
from copilot.errors import CopilotError
from copilot.ports import Purse

READS = frozenset({"ce:GetCostAndUsage"})
PACK: Pack = "cost"
REGION = "us-east-1"
PRICE = Decimal("0.01")
METRIC = "UnblendedCost"
MOST_NAMED = 20
"""So many environments are asked for by name; of more everything is asked, and the rest left out."""


class CostExplorer:
    """`purse` is what each question is paid out of."""

    def __init__(self, config: Configuration, reader: Reader, purse: Purse) -> None:
        self._config = config
        self._reader = reader
        self._purse = purse

    def price(self, periods: int) -> float:
        return float(periods * PRICE * sum(PACK in account.packs for account in self._config.accounts))

    def billed(self, since: date, until: date, *, daily: bool, environments: Sequence[str] | None, most: int) -> Bill:
        asking = _Asking(self._purse, self._config.tags.environment, since, until, daily, environments, most)
        accounts = []
        for account in self._config.accounts:
            try:
                require(account, PACK)
                charges = tuple(asking.of(account, self._reader))
            except CopilotError as error:
                accounts.append(AccountBill(account=label(account), not_read=error.told))
            except _Spent:
                why = f"the {most} questions that are asked of Cost Explorer at a time did not reach for it"
                accounts.append(AccountBill(account=label(account), not_read=why))
            else:
                accounts.append(AccountBill(account=label(account), id=account.id, charges=charges))
        return Bill(
            accounts=tuple(accounts),
            questions=asking.asked,
            price=asking.asked * PRICE,
            provisional=asking.provisional,
            tag=self._config.tags.environment,
        )


class _Spent(Exception):
    """No question is left."""


class _Asking:
    """The questions about one period."""

    def __init__(
        self,
        purse: Purse,
        tag: str,
        since: date,
        until: date,
        daily: bool,
        environments: Sequence[str] | None,
        most: int,
    ) -> None:
        self._purse, self._tag, self._wanted, self._left = purse, tag, environments, most
        self._question = {
            "TimePeriod": {"Start": since.isoformat(), "End": until.isoformat()},
            "Granularity": "DAILY" if daily else "MONTHLY",
            "Metrics": [METRIC],
            "GroupBy": [{"Type": "TAG", "Key": tag}, {"Type": "DIMENSION", "Key": "SERVICE"}],
        }
        self.asked = 0
        self.provisional = False

    def of(self, account: Account, reader: Reader) -> Iterator[Charge]:
        for period in self._answer(account, reader):
            self.provisional |= bool(period.get("Estimated"))
            day = date.fromisoformat(period["TimePeriod"]["Start"])
            for group in period["Groups"]:
                key, service = group["Keys"]
                # "environment$dev"; "environment$" of what has no such tag.
                environment = key.partition("$")[2]
                amount = group["Metrics"][METRIC]
                if self._wanted is None or environment in self._wanted:
                    yield Charge(
                        environment=environment,
                        service=service,
                        day=day,
                        amount=Decimal(amount["Amount"]),
                        currency=amount["Unit"],
                    )

    def _answer(self, account: Account, reader: Reader) -> Iterator[Any]:
        """Raises _Spent; Capped, with which as little is asked."""
        only: dict[str, Any] = {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [account.id]}}
        if self._wanted is not None and len(self._wanted) <= MOST_NAMED:
            only = {"And": [only, {"Tags": {"Key": self._tag, "Values": [*self._wanted]}}]}
        further: dict[str, str] = {}
        while True:
            if not self._left:
                raise _Spent
            held = self._purse.begin("cost_explorer", float(PRICE))
            with translated(f"asking Cost Explorer in account {label(account)}"):
                client = reader.client(account.id, REGION, "ce")
                self._left, self.asked = self._left - 1, self.asked + 1
                found = client.get_cost_and_usage(**self._question, **further, Filter=only)
            self._purse.settle(held, float(PRICE))
            yield from found["ResultsByTime"]
            if not found.get("NextPageToken"):
                return
            further = {"NextPageToken": found["NextPageToken"]}
