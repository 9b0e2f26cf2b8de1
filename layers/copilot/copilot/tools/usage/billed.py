"""What was asked of those who bill, as commands ask it by hand. Each costs what the copilot's own question does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pydantic import Field

from copilot.domain import Frozen, Made
from copilot.tools.by_hand import ByHand, Place, aws

COMMAND = "ce get-cost-and-usage"
REGION = "us-east-1"
"""Cost Explorer is there alone."""
MOST_NAMED = 20
"""So many environments are asked for by name; of more everything is asked."""


class BilledAccount(Frozen):
    account: Made = Field(description="the account")
    id: str = Field(description="its id")


class Billed(Frozen):
    since: date = Field(description="the first day")
    until: date = Field(description="the day after the last")
    tag: str = Field(description="the tag that names environments")
    accounts: tuple[BilledAccount, ...] = Field(description="the accounts that were asked about")


def bill_by_hand(billed: Billed, environments: Sequence[str] | None, *, daily: bool) -> list[ByHand]:
    return [
        aws(
            Place(account=one.account, region=REGION),
            COMMAND,
            time_period={"Start": billed.since.isoformat(), "End": billed.until.isoformat()},
            granularity="DAILY" if daily else "MONTHLY",
            metrics=["UnblendedCost"],
            group_by=[{"Type": "TAG", "Key": billed.tag}, {"Type": "DIMENSION", "Key": "SERVICE"}],
            filter=_only(one, billed.tag, environments),
        )
        for one in billed.accounts
    ]


def _only(one: BilledAccount, tag: str, environments: Sequence[str] | None) -> dict[str, object]:
    account: dict[str, object] = {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [one.id]}}
    if environments is None or len(environments) > MOST_NAMED:
        return account
    return {"And": [account, {"Tags": {"Key": tag, "Values": [*environments]}}]}
