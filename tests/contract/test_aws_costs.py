"""What is billed, as Cost Explorer tells of it: in the shapes of its API reference, as moto counts nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from aws_accounts import DEV, PROD, Cloud, account, simulated
from fakes_spending import caps, purse

from copilot.adapters.aws.cost_explorer import CostExplorer
from copilot.adapters.memory_spending import MemorySpending
from copilot.adapters.uncounted import Uncounted
from copilot.config.configuration import Account, Configuration
from copilot.domain import Bill
from copilot.ports import Purse

ASKED = "COST-EXPLORER.GetCostAndUsage"
SINCE, UNTIL = date(2026, 2, 1), date(2026, 3, 1)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def page(*groups: tuple[str, str, str], day: str = "2026-02-01", token: str = "", **more: Any) -> dict[str, Any]:
    found = {
        "TimePeriod": {"Start": day, "End": "2026-03-01"},
        "Total": {},
        "Groups": [
            {
                "Keys": [f"environment${environment}", service],
                "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}},
            }
            for environment, service, amount in groups
        ],
        "Estimated": False,
    }
    answer = {"ResultsByTime": [found | more], "DimensionValueAttributes": []}
    return answer | ({"NextPageToken": token} if token else {})


def billed(
    cloud: Cloud,
    *accounts: Account,
    daily: bool = False,
    only: list[str] | None = None,
    most: int = 9,
    purse: Purse | None = None,
) -> Bill:
    bills = CostExplorer(Configuration(accounts=accounts, people=()), cloud.reader(*accounts), purse or Uncounted())
    return bills.billed(SINCE, UNTIL, daily=daily, environments=only, most=most)


def test_unblended_costs_by_tag_and_service_of_the_account_alone(cloud: Cloud) -> None:
    cloud.pages[ASKED] = [page(("shop", "Amazon RDS", "12.3456789"), ("", "Tax", "1.5"), Estimated=True)]
    found = billed(cloud, account(packs=["cost"]))
    (one,) = found.accounts
    assert (one.account, one.not_read) == (f"dev ({DEV})", "")
    assert [(each.environment, each.service, each.amount, each.day) for each in one.charges] == [
        ("shop", "Amazon RDS", Decimal("12.3456789"), SINCE),
        ("", "Tax", Decimal("1.5"), SINCE),
    ]
    assert (found.questions, found.price, found.provisional) == (1, Decimal("0.01"), True)
    (asked,) = cloud.parameters(ASKED)
    assert asked == {
        "TimePeriod": {"Start": "2026-02-01", "End": "2026-03-01"},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "TAG", "Key": "environment"}, {"Type": "DIMENSION", "Key": "SERVICE"}],
        "Filter": {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [DEV]}},
    }


def test_days_and_environments_are_asked_for_where_only_they_are_wanted(cloud: Cloud) -> None:
    cloud.pages[ASKED] = [page(("shop", "Amazon RDS", "1"))]
    billed(cloud, account(packs=["cost"]), daily=True, only=["shop"])
    (asked,) = cloud.parameters(ASKED)
    assert asked["Granularity"] == "DAILY"
    assert asked["Filter"]["And"][1] == {"Tags": {"Key": "environment", "Values": ["shop"]}}


def test_of_very_many_environments_all_is_asked_and_the_rest_left_out(cloud: Cloud) -> None:
    cloud.pages[ASKED] = [page(("e3", "Amazon RDS", "1"), ("other", "Amazon RDS", "2"))]
    found = billed(cloud, account(packs=["cost"]), only=[f"e{number}" for number in range(30)])
    assert [one.environment for one in found.accounts[0].charges] == ["e3"]
    assert "And" not in cloud.parameters(ASKED)[0]["Filter"]


def test_each_page_is_a_question(cloud: Cloud) -> None:
    cloud.pages[ASKED] = [page(("a", "S", "1"), token="more"), page(("b", "S", "2"))]
    found = billed(cloud, account(packs=["cost"]))
    assert sum(one.amount for one in found.accounts[0].charges) == 3
    assert found.price == Decimal("0.02") and cloud.parameters(ASKED)[1]["NextPageToken"] == "more"


def test_no_more_questions_are_asked_than_may_be_and_what_is_half_read_is_not_read(cloud: Cloud) -> None:
    cloud.pages[ASKED] = [page(("a", "S", "1")), page(("b", "S", "2"), token="more"), page(("c", "S", "3"))]
    accounts = (account(packs=["cost"]), account(PROD, "live", packs=["cost"]))
    found = billed(cloud, *accounts, most=2)
    first, second = found.accounts
    assert (len(first.charges), second.charges, found.questions) == (1, (), 2)
    assert "the 2 questions" in second.not_read


def test_an_account_with_the_pack_off_is_not_asked_and_it_is_said_how_it_may_be(cloud: Cloud) -> None:
    cloud.pages[ASKED] = [page(("a", "S", "1"))]
    found = billed(cloud, account(), account(PROD, "live", packs=["cost"]))
    off, on = found.accounts
    assert "the pack cost is off for account dev" in off.not_read and "Cost=enabled" in off.not_read
    assert len(on.charges) == 1 and cloud.count(ASKED) == 1


def test_an_account_that_does_not_answer_says_why(cloud: Cloud) -> None:
    cloud.refuse(ASKED, message="User not enabled for cost explorer access")
    (one,) = billed(cloud, account(packs=["cost"])).accounts
    assert "User not enabled for cost explorer access" in one.not_read and not one.charges


@pytest.mark.parametrize(("most", "asked"), [(1, 1), (2, 2), (3, 2)])
def test_under_a_cap_as_many_questions_are_asked_as_it_leaves_and_of_the_rest_it_is_said_why(
    cloud: Cloud, most: int, asked: int
) -> None:
    cloud.pages[ASKED] = [page(("shop", "Amazon RDS", "1")), page(("shop", "Amazon RDS", "2"))]
    mine = purse(caps(person={"cost_explorer": {"day_dollars": most / 100}}), MemorySpending(), person="ann")
    found = billed(cloud, account(packs=["cost"]), account(PROD, "prod", packs=["cost"]), purse=mine)
    assert (len(cloud.parameters(ASKED)), found.questions) == (asked, asked)
    refused = [one.not_read for one in found.accounts if one.not_read]
    assert len(refused) == 2 - asked and all("caps.person.cost_explorer.day_dollars" in why for why in refused)
