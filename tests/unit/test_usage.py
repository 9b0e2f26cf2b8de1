"""Usage statistics of random clouds, against figures computed another way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from fakes import FakeClock
from fakes_platform import FakePlatform, database, instance, service
from fakes_platform import group as scaled_group
from some_clients import SomeClients

from copilot.domain import AnsweredRun, Hourly, Kind, Limits, Resource, Size, Unreachable
from copilot.errors import ToolInputError
from copilot.ports import AnsweredRuns
from copilot.tools.usage.prices import TaskPrice, price_list
from copilot.tools.usage.rows import UsageStatistics
from copilot.tools.usage.statistics import CollectUsageStatistics, UsageStatisticsInput

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
KINDS: tuple[Kind, ...] = ("development", "preview", "staging", "production")
PRICED = {
    # What an hour costs in eu-west-1, written down a second time.
    "t4g.small": (Size(product="ec2", name="t4g.small", region="eu-west-1"), Decimal("0.0184")),
    "two small": (Size(product="rds", name="postgres db.t4g.small", region="eu-west-1", count=2), Decimal("0.072")),
    "tasks": (
        Size(product="fargate", name="X86_64", region="eu-west-1", count=3, vcpu=0.5, gb=1),
        3 * (Decimal("0.5") * Decimal("0.04048") + Decimal("0.004445")),
    ),
    "unheard of": (Size(product="ec2", name="x99.huge", region="eu-west-1"), None),
    "elsewhere": (Size(product="ec2", name="t4g.small", region="mars-north-1"), None),
    "not there": (None, None),
}


@dataclass
class UsedPlatform(FakePlatform):
    """`maxima` and `billed` are by name of the resource."""

    maxima: dict[str, list[float | None]] = field(default_factory=dict)
    billed: dict[str, Size | None] = field(default_factory=dict)
    asked: tuple[datetime, int] | None = None

    def hourly(self, resources: Sequence[Resource], since: datetime, hours: int) -> Mapping[str, Hourly]:
        self.asked = since, hours
        return {
            one.ref.id: Hourly(
                metric="any",
                unit="Count" if one.ref.type == "rds-instance" else "Percent",
                maxima=tuple(self.maxima.get(one.name, [None] * hours)),
            )
            for one in resources
        }

    def sizes(self, resources: Sequence[Resource]) -> Mapping[str, Size]:
        return {one.ref.id: size for one in resources if (size := self.billed.get(one.name)) is not None}


@dataclass
class FakeAnswers:
    runs: list[AnsweredRun] = field(default_factory=list)
    complete: bool = True

    def answered(self, day: date) -> AnsweredRuns:
        return AnsweredRuns([run for run in self.runs if run.at.date() == day], self.complete)


@dataclass
class Clients(SomeClients):
    platform: UsedPlatform
    answers: FakeAnswers = field(default_factory=FakeAnswers)
    at: datetime = NOW

    def __post_init__(self) -> None:
        self.clock = FakeClock(self.at)


def statistics(platform: UsedPlatform, days: int = 30, **more: Any) -> UsageStatistics:
    clients = Clients(platform, **{key: more.pop(key) for key in ("answers", "at") if key in more})
    return CollectUsageStatistics(clients).run(UsageStatisticsInput(days=days, **more))


# --- random clouds -----------------------------------------------------------------------------------


class Expected:
    """What a cloud's figures come to, hour by hour and resource by resource."""

    def __init__(self, random: Random, days: int) -> None:
        self.hours: dict[str, int] = {}
        self.idle: dict[str, int] = {}
        self.cost: dict[str, Decimal] = {}
        self.priced: set[str] = set()
        self.unpriced: set[str] = set()
        self.kinds: dict[str, Kind] = {}
        self.owners: dict[str, str] = {}
        resources, maxima, billed = [], {}, {}
        for number in range(random.randint(1, 8)):
            name = f"e{number}"
            self.kinds[name] = random.choice(KINDS)
            if random.random() < 0.8:
                self.owners[name] = random.choice("abc")
            some = []
            for index in range(random.randint(1, 4)):
                make = random.choice((instance, database, lambda e, n, **m: service(e, n, 2, **m)))
                one = make(name, f"{name}-{index}", held=random.choice(("", "", "", "a daemon")))
                on, busy = random.random(), random.random() * 0.2
                limit = 0 if one.ref.type == "rds-instance" else 5.0
                maxima[one.name] = [
                    None if random.random() > on else random.choice((limit, 0.0)) if random.random() > busy else 77.0
                    for _ in range(days * 24)
                ]
                which = random.choice(sorted(PRICED))
                billed[one.name] = PRICED[which][0]
                some.append((one, maxima[one.name], PRICED[which][1]))
            resources += [one for one, _, _ in some]
            self._count(name, some, days * 24)
        self.platform = UsedPlatform(resources, kinds=self.kinds, owners=self.owners, maxima=maxima, billed=billed)

    def _count(self, name: str, some: list[tuple[Resource, list[float | None], Decimal | None]], hours: int) -> None:
        self.hours[name] = self.idle[name] = 0
        self.cost[name] = Decimal(0)
        for hour in range(hours):
            up = [(one, figures[hour], price) for one, figures, price in some if figures[hour] is not None]
            if not up:
                continue
            self.hours[name] += 1
            if any(value == 77.0 for _, value, _ in up) or {one.held for one, _, _ in up} == {"a daemon"}:
                continue
            self.idle[name] += 1
            for one, _, price in up:
                self.cost[name] += price or 0
                (self.unpriced if price is None else self.priced).add(one.name)

    def is_known(self, name: str) -> bool:
        """Whether any of an environment's idle hours has a price, or none of them lacks one."""
        priced, unpriced = ({one.split("-")[0] for one in some} for some in (self.priced, self.unpriced))
        return name in priced or name not in unpriced


@pytest.mark.parametrize("seed", range(25))
def test_hours_and_cost_are_those_computed_another_way(seed: int) -> None:
    random = Random(seed)
    days = random.choice((1, 2, 7, 30))
    expected = Expected(random, days)
    found = statistics(expected.platform, days)
    rows = {one.name: one for one in found.environments}
    assert {name: row.hours for name, row in rows.items()} == expected.hours
    assert {name: row.idle_hours for name, row in rows.items()} == expected.idle
    assert {name: row.idle_cost for name, row in rows.items()} == {
        name: pytest.approx(float(cost), abs=0.005001) if expected.is_known(name) else None
        for name, cost in expected.cost.items()
    }
    assert {name for name, row in rows.items() if row.partly_priced} == {n.split("-")[0] for n in expected.unpriced}
    whole = pytest.approx(float(sum(expected.cost.values())), abs=0.005001)
    assert found.idle_cost == (whole if expected.priced or not expected.unpriced else None)
    for groups, of in ((found.by_kind, expected.kinds), (found.by_owner, expected.owners)):
        for group in groups:
            names = [name for name in expected.hours if of.get(name, "no owner") == group.name]
            assert (group.environments, group.hours, group.idle_hours) == (
                len(names),
                sum(expected.hours[name] for name in names),
                sum(expected.idle[name] for name in names),
            )
        assert sum(group.environments for group in groups) == len(expected.hours)
    assert sum(day.hours for day in found.by_day) == found.hours == sum(expected.hours.values())
    assert sum(day.idle_hours for day in found.by_day) == found.idle_hours == sum(expected.idle.values())


# --- the period ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("silent", "said"), [(0, False), (24, False), (25, True), (100, True)])
def test_with_less_history_than_asked_for_it_says_of_when_the_first_figures_are(silent: int, said: bool) -> None:
    young: list[float | None] = [None] * silent + [1.0] * (30 * 24 - silent)
    later: list[float | None] = [None] * 700 + [1.0] * 20
    platform = UsedPlatform([service("new", "a", 1), service("newer", "b", 1)], maxima={"a": young, "b": later})
    found = statistics(platform, 30)
    first = datetime(2026, 1, 31, 12, tzinfo=UTC) + timedelta(hours=silent)
    assert (f"; the first figures are of {first:%Y-%m-%d %H:%M} UTC" in found.summary) is said
    assert found.hours == 30 * 24 - silent + 20, "what was before is not made up for"


def test_where_nothing_ran_nothing_is_said_of_first_figures() -> None:
    platform = UsedPlatform([service("off", "a", 0)], maxima={"a": [None] * 720})
    assert "first figures" not in statistics(platform, 30).summary


def test_the_period_is_full_hours_up_to_the_last(platform: UsedPlatform) -> None:
    found = statistics(platform, 2)
    assert platform.asked == (datetime(2026, 2, 28, 12, tzinfo=UTC), 48)
    assert (found.since, found.until) == ("2026-02-28T12:00:00+00:00", "2026-03-02T12:00:00+00:00")
    assert [day.day for day in found.by_day] == ["2026-02-28", "2026-03-01", "2026-03-02"]
    assert [day.hours for day in found.by_day] == [12, 24, 12]
    assert "2 days" in found.period and "2026-02-28 12:00 to 2026-03-02 12:00 UTC" in found.period


def test_days_that_are_over_are_counted_from_midnight_to_midnight(platform: UsedPlatform) -> None:
    end = datetime(2026, 3, 1, tzinfo=UTC)
    at = (end - timedelta(days=28), end - timedelta(minutes=1), end, end + timedelta(hours=3))
    answers = FakeAnswers([AnsweredRun(at=one, person="ana", outcome="succeeded") for one in at])
    platform.maxima = {}
    found = statistics(platform, 28, until=end, answers=answers)
    assert platform.asked == (datetime(2026, 2, 1, tzinfo=UTC), 28 * 24)
    assert found.period == "28 days, 2026-02-01 00:00 to 2026-03-01 00:00 UTC"
    assert [day.day for day in found.by_day] == [f"2026-02-{number:02}" for number in range(1, 29)]
    assert found.runs == 2


@pytest.mark.parametrize("until", [NOW + timedelta(hours=1), NOW - timedelta(days=190)])
def test_days_to_come_and_long_gone_are_refused(platform: UsedPlatform, until: datetime) -> None:
    with pytest.raises(ToolInputError, match="over the last 200 days"):
        statistics(platform, 30, until=until)


@pytest.mark.parametrize("days", [0, 93])
def test_no_other_number_of_days_is_taken(days: int) -> None:
    with pytest.raises(ValueError, match="days"):
        UsageStatisticsInput(days=days)


@pytest.fixture
def platform() -> UsedPlatform:
    """box ran all the time, unused; gone never."""
    return UsedPlatform(
        [instance("dev", "box"), instance("old", "gone")],
        maxima={"box": [*([1.0] * 90 * 24)]},
        billed={"box": PRICED["t4g.small"][0]},
        kinds={"old": "preview"},
    )


# --- what is said ----------------------------------------------------------------------------------


def test_cost_is_labelled_an_estimate_with_the_price_lists_date(platform: UsedPlatform) -> None:
    found = statistics(platform, 1)
    assert "estimate" in found.cost_summary and str(price_list().date) in found.cost_summary
    assert "0.44 USD" in found.cost_summary
    assert "2 environments ran 24 hours in all, 24 of them idle (100%); 1 did not run at all" in found.summary


def test_what_has_no_price_is_named_and_left_out(platform: UsedPlatform) -> None:
    platform.billed["box"] = PRICED["unheard of"][0]
    found = statistics(platform, 1)
    assert found.unpriced == ("x99.huge in eu-west-1 (box), 24 idle hours",)
    assert found.idle_cost is None and "0.00" not in found.model_dump_json()
    assert found.cost_summary.startswith("What idle time cost is not known: 1 idle resource, and none with a known")
    assert "cost not known" in found.top_idle[0] and "cost not known" in found.by_kind[0].summary
    assert found.by_kind[0].idle_cost is None


def test_where_some_prices_are_known_it_is_the_sum_of_these_and_how_many_are_not(platform: UsedPlatform) -> None:
    platform.resources += [instance("dev", "crate"), instance("far", "chest")]
    platform.maxima["crate"] = platform.maxima["chest"] = [*([1.0] * 90 * 24)]
    platform.billed |= {"crate": PRICED["elsewhere"][0], "chest": PRICED["elsewhere"][0]}
    found = statistics(platform, 1)
    assert found.cost_summary.startswith(
        "Idle time cost about 0.44 USD, not counting 2 idle resources without a known price. This is an estimate"
    )
    assert found.idle_cost == 0.44
    assert {one.name: one.idle_cost for one in found.environments} == {"dev": 0.44, "far": None, "old": 0}


def test_a_processor_alone_is_not_named_as_a_thing_with_a_price(platform: UsedPlatform) -> None:
    platform.billed["box"] = Size(product="fargate", name="X86_64", region="mars-north-1", vcpu=1, gb=2)
    assert statistics(platform, 1).unpriced == ("Fargate tasks (X86_64) in mars-north-1 (box), 24 idle hours",)


def test_only_the_kinds_asked_for(platform: UsedPlatform) -> None:
    found = statistics(platform, 1, kinds=("preview",))
    assert [one.name for one in found.environments] == ["old"]
    assert found.top_idle == () and found.hours == 0


def test_what_could_not_be_read_is_said(platform: UsedPlatform) -> None:
    platform.unreachable = [Unreachable(account="live", region="eu-west-1", reason="closed")]
    assert "live in eu-west-1" in statistics(platform, 1).unreachable[0].summary


def test_runs_are_counted_to_the_minute_by_outcome_person_and_day(platform: UsedPlatform) -> None:
    runs = [
        AnsweredRun(at=NOW - timedelta(hours=ago), person=person, outcome=outcome)
        for ago, person, outcome in [
            (0.1, "dana", "succeeded"),
            (3, "dana", "not_understood"),
            (13, "you", "succeeded"),
            (24.4, "you", "succeeded"),
            (25, "you", "too old"),
        ]
    ]
    found = statistics(platform, 1, answers=FakeAnswers(runs))
    assert found.runs == 4 and found.runs_summary == "4 runs of the copilot"
    assert [one.summary for one in found.runs_by_outcome] == ["succeeded: 3", "not understood: 1"]
    assert [(one.name, one.runs) for one in found.runs_by_person] == [("dana", 2), ("you", 2)]
    assert [day.runs for day in found.by_day] == [2, 2]
    assert "not all" in statistics(platform, 1, answers=FakeAnswers(runs, complete=False)).runs_summary


def test_very_many_environments_are_summed_and_not_all_listed() -> None:
    many = [instance(f"env-{number:03}", f"box-{number}") for number in range(300)]
    owners = {f"env-{number:03}": f"owner-{number}" for number in range(300)}
    platform = UsedPlatform(many, owners=owners, maxima={one.name: [9.0] * 24 for one in many})
    found = statistics(platform, 1)
    assert (len(found.environments), found.more_environments, found.hours) == (200, 100, 300 * 24)
    assert len(found.by_owner) == 41 and sum(owner.environments for owner in found.by_owner) == 300
    assert len(found.model_dump_json()) < 100_000


def test_the_price_list_says_when_and_whence_and_what_currency() -> None:
    prices = price_list()
    assert prices.currency == "USD" and prices.source and date(2026, 1, 1) < prices.date
    found = [price for table in prices.products.values() for region in table.values() for price in region.values()]
    listed = [part for one in found for part in ((one.vcpu, one.gb) if isinstance(one, TaskPrice) else (one,))]
    assert len(listed) > 40 and all(Decimal(0) < price < Decimal(5) for price in listed)


def test_members_count_with_their_group_alone() -> None:
    """Neither their hours, nor their price: by figures of their own they would be busy, and idle hours paid twice."""
    fleet = scaled_group("dev", "fleet", 2, Limits(minimum=0, maximum=4))
    some = [fleet, instance("dev", "box", covered_by="fleet", held="covered by fleet")]
    billed = {"fleet": Size(product="other", name="a group's instances", region="eu-west-1"), "box": PRICED["tasks"][0]}
    platform = UsedPlatform(some, maxima={"fleet": [1.0] * 12 + [None] * 12, "box": [77.0] * 24}, billed=billed)
    found = statistics(platform, 1)
    assert (found.hours, found.idle_hours, found.idle_cost) == (12, 12, None)
    assert found.unpriced == ("a group's instances in eu-west-1 (fleet), 12 idle hours",)
