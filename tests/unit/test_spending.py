"""What the copilot may spend: caps at their bounds, told at 80 percent, counted once, not passed by many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes import FakeClock
from fakes_platform import FakeNotifier
from fakes_spending import NO_CAPS, caps, purse

from copilot.adapters.memory_spending import MemorySpending
from copilot.config.caps import Caps
from copilot.domain import Payer, Spender, Sum
from copilot.errors import Capped, RetryableError
from copilot.spending.paying import Paying, TellOfCaps

TODAY = "2026-03-02"
ME = Spender(TODAY, "person", "me")


def spent(spending: MemorySpending, spender: Spender = ME, kind: Any = "models") -> Sum:
    found = spending.spent([spender])
    return found[spender].sum_of(kind) if found else Sum()


@pytest.mark.parametrize("scope", ["tenant", "person", "channel", "reaction"])
@pytest.mark.parametrize("period", ["day", "month"])
@pytest.mark.parametrize(("more", "fits"), [(0.499999, True), (0.5, True), (0.500001, False)])
def test_what_just_fits_under_a_cap_is_begun_and_what_is_a_millionth_more_is_not(
    scope: str, period: str, more: float, fits: bool
) -> None:
    most = caps(**{scope: {"models": {f"{period}_dollars": 1.0}}})
    paying = purse(most, MemorySpending(), person="me", channel="slack:C1", reaction="alarms")
    paying.begin("models", 0.5)
    if fits:
        paying.begin("models", more)
    else:
        with pytest.raises(Capped, match=rf"raises caps\.{scope}\.models\.{period}_dollars"):
            paying.begin("models", more)


@pytest.mark.parametrize(("most", "fits"), [(1, False), (2, True), (3, True)])
def test_calls_are_counted_to_the_last(most: int, fits: bool) -> None:
    paying = purse(caps(person={"models": {"day_calls": most}}), MemorySpending(), person="me")
    paying.begin("models", 0)
    if fits:
        paying.begin("models", 0)
    else:
        with pytest.raises(Capped, match="1 of the 1 call a day for models of person me are used up"):
            paying.begin("models", 0)


def test_what_was_refused_is_not_counted_anywhere() -> None:
    spending = MemorySpending()
    paying = purse(caps(person={"models": {"day_dollars": 1}}), spending, person="me")
    with pytest.raises(Capped):
        paying.begin("models", 1.01)
    assert spent(spending) == Sum() and spent(spending, Spender(TODAY, "tenant")) == Sum()


def test_a_cap_of_one_person_holds_no_other_and_that_of_the_tenant_holds_all() -> None:
    spending = MemorySpending()
    most = caps(person={"models": {"day_dollars": 1}}, tenant={"models": {"day_dollars": 1.5}})
    purse(most, spending, person="me").begin("models", 1)
    purse(most, spending, person="you").begin("models", 0.5)
    with pytest.raises(Capped, match="of everybody"):
        purse(most, spending, person="them").begin("models", 0.01)


def test_what_it_came_to_counts_in_place_of_what_it_might_have() -> None:
    spending = MemorySpending()
    paying = purse(caps(person={"models": {"day_dollars": 1}}), spending, person="me")
    for _ in range(9):
        paying.settle(paying.begin("models", 0.9), 0.01)
    assert spent(spending) == Sum(90_000, 9)


def test_what_was_begun_and_never_settled_goes_on_counting_with_the_most() -> None:
    spending = MemorySpending()
    paying = purse(caps(person={"models": {"day_dollars": 1}}), spending, person="me")
    paying.begin("models", 0.6)
    with pytest.raises(Capped):
        paying.begin("models", 0.6)


def test_what_cannot_be_settled_is_not_lost_and_counts_with_the_most() -> None:
    class Away(MemorySpending):
        def add(self, kind: Any, sum: Sum, rooms: Any) -> None:
            if sum.micros < 0:
                raise RetryableError("the database is busy")
            super().add(kind, sum, rooms)

    spending = Away()
    paying = purse(caps(person={"models": {"day_dollars": 1}}), spending, person="me")
    paying.settle(paying.begin("models", 0.6), 0.1)
    assert spent(spending) == Sum(600_000, 1)


def test_many_at_once_do_not_pass_a_cap() -> None:
    spending = MemorySpending()
    most = caps(tenant={"models": {"day_calls": 7}})

    def one(number: int) -> bool:
        try:
            purse(most, spending, person=f"p{number}").begin("models", 0)
        except (Capped, RetryableError):  # of the cap, or of the others' haste
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        begun = sum(pool.map(one, range(40)))
    assert begun <= 7 and spent(spending, Spender(TODAY, "tenant")).calls == begun


def test_a_new_day_has_its_own_cap_and_the_month_goes_on() -> None:
    spending, clock = MemorySpending(), FakeClock()
    paying = purse(caps(person={"models": {"day_dollars": 1, "month_dollars": 1.5}}), spending, clock, person="me")
    paying.begin("models", 1)
    with pytest.raises(Capped, match=r"from Tue 3 Mar 00:00 UTC on"):
        paying.begin("models", 0.1)
    clock.at += timedelta(days=1)
    paying.begin("models", 0.5)
    with pytest.raises(Capped, match=r"from Wed 1 Apr 00:00 UTC on.*caps\.person\.models\.month_dollars"):
        paying.begin("models", 0.1)


def test_days_are_those_of_the_tenants_time_zone() -> None:
    spending = MemorySpending()
    late = FakeClock(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    paying = Paying(lambda: spending, NO_CAPS, ZoneInfo("Europe/Berlin"), late, Payer(person="me"))
    paying.begin("models", 1)
    assert spent(spending, Spender("2027-01-01", "person", "me")).calls == 1
    assert spent(spending, Spender("2027-01", "person", "me")).calls == 1


@pytest.mark.parametrize(("cost", "told"), [(0.799999, 0), (0.8, 1), (0.800001, 1)])
def test_a_cap_is_told_of_from_80_percent_on(cost: float, told: int) -> None:
    paying = purse(caps(person={"models": {"day_dollars": 1}}), MemorySpending(), person="me", run="r1")
    paying.settle(paying.begin("models", 1), cost)
    assert len(paying.told()) == told


def test_it_is_told_once_in_the_run_that_came_to_it_and_again_when_the_cap_is_another() -> None:
    spending = MemorySpending()

    def pay(run: str, most: float, cost: float) -> int:
        paying = purse(caps(person={"models": {"day_dollars": most}}), spending, person="me", run=run)
        paying.settle(paying.begin("models", cost), cost)
        return len(paying.told())

    assert [pay("r1", 1, 0.5), pay("r2", 1, 0.3), pay("r3", 1, 0.1), pay("r4", 1.125, 0.1)] == [0, 1, 0, 1]


def test_who_keeps_the_configuration_is_told_once_of_what_everybody_may_spend_whatever_came_near_to_it() -> None:
    spending, notifier = MemorySpending(), FakeNotifier()
    most = caps(tenant={"sweeps": {"day_calls": 5}}, person={"models": {"day_dollars": 1}})
    tell = TellOfCaps(purse(most, spending), lambda: notifier, "#platform")
    sweeping = purse(most, spending, run="sweep")
    found = []
    for _ in range(5):
        sweeping.settle(sweeping.begin("sweeps", 0.1), 0.1)
        found.append(tell())
    assert found == [0, 0, 0, 1, 1]
    own = purse(most, spending, person="me", run="r1")
    own.settle(own.begin("models", 1), 1)  # of which the answer of that run says so
    assert tell() == 1
    ((channel, said),) = notifier.sent.values()
    assert channel == "#platform" and said.startswith("4 of the 5 calls a day for sweeps of everybody are used; ")
    assert TellOfCaps(purse(most, spending), lambda: notifier, None)() == 0


def test_whoever_raises_one_cap_keeps_the_others_and_null_lifts_one() -> None:
    given = Caps.model_validate({"person": {"models": {"day_dollars": 9, "month_dollars": None}}})
    assert given.person.models.day_dollars == 9 and given.person.models.month_dollars is None
    assert given.person.models.day_calls == Caps().person.models.day_calls is not None
    assert given.person.log_searches == Caps().person.log_searches and given.tenant == Caps().tenant


def test_a_cap_of_what_there_is_not_is_refused() -> None:
    for wrong in ({"person": {"sweeps": {"day_calls": 1}}}, {"person": {"models": {"week_dollars": 1}}}):
        with pytest.raises(ValueError, match="Extra inputs"):
            Caps.model_validate(wrong)
