"""What is known of what there is: swept a place at a time, kept where it changed, as old as it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fakes import FakeClock
from fakes_platform import TYPES, FakePlatform, FakeSweeps, database, instance, service
from fakes_spending import caps
from inventory_cases import HERE, NOW, THERE, after, changed_by

from copilot.adapters.in_memory import MemoryStore
from copilot.adapters.memory_inventory import MemoryInventory
from copilot.adapters.memory_spending import MemorySpending
from copilot.config.configuration import Account, Configuration
from copilot.domain import Kind, KnownEnvironment, Payer, Person, Resource, Run, Trigger, Unreachable
from copilot.domain.inventory import Known, Place, Seen, Sweep
from copilot.errors import Capped
from copilot.spending.paying import Paying
from copilot.triggers.sweeping import ATTEMPTS, SWEPT_WITHIN, AskForSweeps, Publish, SweepAfter, SweepPlace

MAIN, FAR = "main (111111111111)", "far (222222222222)"
REFUSED = Unreachable(account=MAIN, region="eu-west-1", reason="AccessDenied")
BUSY = REFUSED.model_copy(update={"reason": "Throttling", "types": ("rds-instance",), "passing": True})

BUSY_IN_PART = BUSY.model_copy(update={"account": "nowhere"})
"""The fake hides everything of a place that it calls unreachable; here the rest of it is read."""


class Counting(MemoryInventory):
    """Counts what is written: a sweep, each row, and each time that something is published."""

    def __init__(self) -> None:
        super().__init__()
        self.written = list[str]()

    def publish(self, make: Any) -> None:
        before = self.known()
        super().publish(make)
        self.written += ["names"] if self.known() != before else []

    def note(self, sweep: Sweep, before: Sweep | None, changed: Sequence[Seen], gone: Sequence[Seen]) -> None:
        super().note(sweep, before, changed, gone)
        self.written += ["sweep", *(one.environment for one in [*changed, *gone])]


class World:
    """Two accounts, each of one region, and what is in them."""

    def __init__(self, *resources: Resource) -> None:
        self.clock, self.store, self.inventory, self.sweeps = FakeClock(NOW), MemoryStore(), Counting(), FakeSweeps()
        self.spending = MemorySpending()
        self.platforms = {"main": FakePlatform(list(resources)), "far": FakePlatform([])}
        self.config = Configuration(
            accounts=(
                _account("111111111111", "main", "eu-west-1"),
                _account("222222222222", "far", "us-east-1"),
            ),
            people=(),
        )
        self.looked_at: list[tuple[str, tuple[str, ...]]] = []

    @property
    def publish(self) -> Publish:
        return Publish(self.inventory, self.config, TYPES)

    def platform_of(self, config: Configuration) -> FakePlatform:
        (account,) = config.accounts
        self.looked_at.append((account.name, account.regions))
        return self.platforms[account.name]

    def sweep(
        self, place: Place = HERE, attempt: int = 1, at: datetime | None = None, asked_at: datetime | None = None
    ) -> Sweep | None:
        """One sweep, a minute after the one before; asked for since the last one, where nothing else is said."""
        self.clock.at = at or self.clock.at + timedelta(minutes=1)
        parts = (self.inventory, self.sweeps, self.platform_of, self.publish, self.config, self.clock)
        sweep = SweepPlace(*parts, Paying(lambda: self.spending, self.config.caps, UTC, self.clock, Payer(run="sweep")))
        return sweep(place, asked_at or datetime.max.replace(tzinfo=UTC), attempt)

    def ask(self) -> list[Place]:
        return AskForSweeps(self.inventory, self.sweeps, self.store, self.publish, self.config, self.clock)()

    def speak(self, kind: str = "api", at: datetime = NOW) -> Run:
        trigger = Trigger.model_validate(
            {
                "kind": kind,
                "tenant": "main",
                "person": Person(id="ann", name="Ann"),
                "text": "hi",
                "conversation": "ann/x",
                "dedupe_key": f"{kind} {at}",
                "received_at": at,
            }
        )
        return self.store.record_trigger(trigger)[0]

    @property
    def known(self) -> Known:
        return self.inventory.known()

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.known.environments]


def _account(id: str, name: str, region: str) -> Account:
    return Account(id=id, name=name, regions=(region,), read_role=f"arn:aws:iam::{id}:role/read")


def shop(**more: Any) -> list[Resource]:
    return [
        service("shop-1", "web", 2, **more),
        service("shop-1", "api", 2, **more),
        database("shop-1", "orders", **more),
        instance("shop-2", "batch", **more),
    ]


def test_one_word_names_are_known_after_a_sweep_of_one_place_alone() -> None:
    world = World(*shop())
    world.platforms["main"].kinds["shop-2"] = "staging"
    world.platforms["main"].owners["shop-1"] = "ann"
    world.sweep()
    found = world.known
    assert [(one.name, one.kind, one.owner, one.seen_at) for one in found.environments] == [
        ("shop-1", "development", "ann", after(1)),
        ("shop-2", "staging", "", after(1)),
    ]
    assert (found.services, found.resources) == (("api", "web"), ("batch", "orders"))
    assert (found.seen_at, found.unreachable) == (after(1), ("far (222222222222) in us-east-1",))
    assert world.looked_at == [("main", ("eu-west-1",))]


def test_an_environment_of_two_places_is_one_of_one_kind() -> None:
    world = World(*shop())
    world.platforms["far"].resources = [service("shop-1", "web", 1, account=FAR, region="us-east-1")]
    world.platforms["far"].kinds["shop-1"] = "staging"
    world.platforms["far"].owners["shop-1"] = "bob"
    world.platforms["main"].owners["shop-1"] = "ann"
    world.sweep()
    world.sweep(THERE)
    one = world.known.environments[0]
    assert (one.name, one.kind, one.owner, one.seen_at) == ("shop-1", "production", "ann, bob", after(2))
    assert (world.known.seen_at, world.known.unreachable) == (after(1), ())


def test_nothing_but_the_age_is_written_where_nothing_changed() -> None:
    world = World(*shop())
    world.sweep()
    assert world.inventory.written == ["sweep", "shop-1", "shop-2", "names"]
    world.inventory.written.clear()
    for _ in range(3):
        world.sweep()
    assert world.inventory.written == ["sweep"] * 3
    world.platforms["main"].resources.append(service("shop-2", "cron", 1))
    world.inventory.written.clear()
    world.sweep()
    assert world.inventory.written == ["sweep", "shop-2", "names"]


def test_what_is_there_is_as_old_as_its_last_reading_though_its_row_is_older() -> None:
    world = World(*shop())
    for _ in range(3):
        world.sweep()
    world.publish()
    assert {one.seen_at for one in world.known.environments} == {world.known.seen_at} == {after(3)}


def _counted(world: World, name: str = "shop-1") -> dict[str, tuple[int, int]] | None:
    (one,) = [one for one in world.known.environments if one.name == name]
    return None if one.tallies is None else {type: (tally[0], tally[1]) for type, tally in one.tallies.items()}


def test_what_is_up_and_what_is_down_is_known_with_where_it_is() -> None:
    world = World(*shop(), instance("shop-1", "batch"), instance("shop-1", "batch", "stopped"))
    world.platforms["main"].resources.append(instance("shop-1", "node", covered_by="web"))
    world.platforms["far"].resources = [service("shop-1", "web", 0, account=FAR, region="us-east-1")]
    world.sweep()
    world.sweep(THERE)
    one = world.known.environments[0]
    assert one.tallies == {"ecs-service": (2, 1), "ec2-instance": (1, 1), "rds-instance": (1, 0)}
    assert (one.accounts, one.regions) == ((FAR, MAIN), ("eu-west-1", "us-east-1"))
    assert one.as_of == after(1), "as old as what of it was read first"


def kinded(world: World, kind: Kind) -> KnownEnvironment:
    """As it is known after one more sweep that finds it to be of this kind."""
    world.platforms["main"].kinds["shop-1"] = kind
    world.sweep()
    world.publish()
    return next(one for one in world.known.environments if one.name == "shop-1")


def test_since_when_it_is_of_its_kind_is_kept_over_sweeps_and_begins_anew_with_another() -> None:
    world = World(*shop())
    first = kinded(world, "preview")
    assert first.kind_since == first.first_seen == world.clock.at
    for _ in range(3):
        again = kinded(world, "preview")
        assert (again.kind_since, again.first_seen) == (first.kind_since, first.first_seen)
    assert again.as_of == world.clock.at
    assert kinded(world, "production").kind_since == world.clock.at
    back = kinded(world, "preview")
    assert back.kind_since == world.clock.at and back.first_seen == first.first_seen


def test_since_when_begins_anew_where_it_was_gone_and_with_rows_that_do_not_say_it() -> None:
    world = World(*shop())
    kinded(world, "preview")
    there = [one for one in world.platforms["main"].resources if one.environment == "shop-1"]
    for one in there:
        world.platforms["main"].resources.remove(one)
    world.sweep()
    world.sweep()
    assert "shop-1" not in world.names
    world.platforms["main"].resources.extend(there)
    anew = kinded(world, "preview")
    assert anew.kind_since == anew.first_seen == world.clock.at
    row = next(one for one in world.inventory.seen(HERE) if one.environment == "shop-1")
    old = row.model_copy(update={"kind_since": None, "first_seen": None})
    before = world.inventory.last(HERE)
    assert before is not None
    world.inventory.note(before.model_copy(update={"at": before.at + timedelta(seconds=1)}), before, [old], [])
    assert kinded(world, "preview").kind_since == world.clock.at


def test_of_two_places_the_later_counts_and_of_two_kinds_none() -> None:
    world = World(*shop())
    world.platforms["far"] = FakePlatform([service("shop-1", "web", 1)], kinds={"shop-1": "preview"})
    kinded(world, "preview")
    world.sweep(THERE)
    both = kinded(world, "preview")
    rows = [one.kind_since for one in world.inventory.seen() if one.environment == "shop-1"]
    assert len(rows) == 2 and both.kind_since == max(one for one in rows if one)
    assert kinded(world, "staging").kind_since is None


def test_what_was_stopped_is_written_once() -> None:
    world = World(*shop())
    world.sweep()
    world.inventory.written.clear()
    world.platforms["main"].resources[0] = service("shop-1", "web", 0)
    for _ in range(3):
        world.sweep()
    assert world.inventory.written == ["sweep", "shop-1", "names", "sweep", "sweep"]
    assert _counted(world) == {"ecs-service": (1, 1), "rds-instance": (1, 0)}


def test_what_was_missed_once_or_not_read_counts_as_it_was_seen() -> None:
    world = World(*shop())
    world.sweep()
    world.platforms["main"].resources = [service("shop-1", "web", 0)]
    world.platforms["main"].unreachable = [BUSY_IN_PART]
    world.sweep()
    assert _counted(world) == {"ecs-service": (1, 1), "rds-instance": (1, 0)}
    world.sweep()
    assert _counted(world) == {"ecs-service": (0, 1), "rds-instance": (1, 0)}


def test_rows_of_before_states_were_kept_are_not_counted_until_they_are_read_again() -> None:
    world = World(*shop())
    world.sweep()
    bare = [one.model_copy(update={"tallies": {}}) for one in world.inventory.seen()]
    last = world.inventory.last(HERE)
    assert last is not None
    world.inventory.note(last, last, bare, [])
    world.publish()
    assert _counted(world) is None
    world.platforms["main"].unreachable = [BUSY_IN_PART]
    world.platforms["main"].resources = shop()[:2]
    world.sweep()
    assert _counted(world) is None, "its database was not read"
    world.platforms["main"].unreachable = []
    world.platforms["main"].resources = shop()
    world.sweep()
    assert _counted(world) == {"ecs-service": (2, 0), "rds-instance": (1, 0)}


def test_each_place_says_how_it_was_read() -> None:
    world = World(*shop())
    world.sweep()
    world.platforms["main"].unreachable = [BUSY_IN_PART]
    world.sweep()
    world.publish()
    here, there = world.known.places
    assert (here.place, here.account, here.swept_at, here.closed) == (HERE, MAIN, after(2), False)
    assert (here.unread, here.reason, here.since) == (("rds-instance",), "Throttling", after(1))
    assert (there.place, there.account, there.swept_at, there.unread) == (THERE, FAR, None, ())
    world.platforms["far"].unreachable = [
        Unreachable(account=FAR, region="us-east-1", reason="AccessDenied")
    ]  # fmt: skip
    world.sweep(THERE)
    there = world.known.places[1]
    assert (there.swept_at, there.closed, there.reason, there.since) == (after(3), True, "AccessDenied", None)


def test_what_was_asked_for_is_published_once_it_may_have_been_swept() -> None:
    world = World(*shop())
    world.ask()
    assert world.sweeps.to_publish == [SWEPT_WITHIN]
    for place in (HERE, THERE):
        world.sweep(place)
    world.ask()
    assert world.sweeps.to_publish == [SWEPT_WITHIN], "nothing was due"


def test_it_is_gone_only_after_two_complete_sweeps() -> None:
    world = World(*shop())
    world.sweep()
    world.platforms["main"].resources = [one for one in shop() if one.environment == "shop-1" and one.name != "api"]
    world.sweep()
    assert (world.names, world.known.services) == (["shop-1", "shop-2"], ("api", "web"))
    assert {one.name: one.seen_at for one in world.known.environments} == {"shop-1": after(2), "shop-2": after(1)}
    world.sweep()
    assert (world.names, world.known.services, world.known.resources) == (["shop-1"], ("web",), ("orders",))


def test_what_was_missed_once_and_is_there_again_has_to_be_missed_twice_more() -> None:
    world = World(*shop())
    for resources in (shop(), shop()[:3], shop(), shop()[:3]):
        world.platforms["main"].resources = resources
        world.sweep()
        assert world.names == ["shop-1", "shop-2"]
    world.sweep()
    assert world.names == ["shop-1"]


@pytest.mark.parametrize("unread", [REFUSED, BUSY.model_copy(update={"types": ("ec2-instance", "rds-instance")})])
def test_what_could_not_be_read_stays_named(unread: Unreachable) -> None:
    world = World(*shop())
    world.sweep()
    world.platforms["main"].unreachable = [unread]
    for _ in range(3):
        world.sweep()
    assert world.names == ["shop-1", "shop-2"]
    assert "orders" in world.known.resources
    assert world.known.unreachable == ("far (222222222222) in us-east-1", "main (111111111111) in eu-west-1")


def test_what_was_missed_once_is_not_gone_by_a_sweep_that_could_not_read_it() -> None:
    world = World(*shop())
    world.sweep()
    world.platforms["main"].resources = [one for one in shop() if one.name != "orders"]
    world.sweep()
    world.platforms["main"].unreachable = [BUSY_IN_PART]
    for _ in range(2):
        world.sweep()
    assert [*world.known.resources] == ["batch", "orders"]
    world.platforms["main"].unreachable = []
    world.sweep()
    assert world.known.resources == ("batch",)


def test_each_service_has_an_age_of_its_own() -> None:
    world = World(*shop())
    world.sweep()
    world.platforms["main"].unreachable = [BUSY]
    swept = world.sweep()
    assert swept is not None and swept.unread == ("rds-instance",)
    last = world.inventory.last(HERE)
    assert last is not None and (last.read_at["rds-instance"], last.read_at["ecs-service"]) == (after(1), after(2))
    world.publish()
    assert world.known.seen_at == after(1)


def test_a_sweep_that_read_in_part_counts_for_what_it_read() -> None:
    """A database that was not read is not missed; a service that was read and not found is."""
    world = World(*shop())
    world.sweep()
    world.platforms["main"].resources = []
    world.platforms["main"].unreachable = [BUSY_IN_PART]
    world.sweep()
    world.sweep()
    assert (world.known.services, world.known.resources) == ((), ("orders",))


def test_an_older_sweep_never_overwrites_a_newer() -> None:
    world = World(*shop())
    world.sweep(at=after(10))
    world.inventory.written.clear()
    world.platforms["main"].resources = shop()[:1]
    for _ in range(2):
        world.sweep(at=after(9))
    assert world.inventory.written == []
    assert world.known.services == ("api", "web")


def test_a_sweep_that_was_overtaken_is_compared_with_what_came_between() -> None:
    world = World(*shop())
    world.sweep()
    overtaking = [True]

    class Overtaken(FakePlatform):
        def survey(self, environment: str | None = None) -> Any:
            found = super().survey(environment)
            if overtaking:
                overtaking.clear()
                world.sweep(at=after(5))
            return found

    world.platforms["main"] = Overtaken(shop()[:3])
    world.sweep(at=after(4))
    assert world.inventory.last(HERE) == world.inventory.sweeps()[0]
    assert world.inventory.sweeps()[0].at == after(5)
    assert world.names == ["shop-1", "shop-2"], "missed once: the older one counts for nothing"


def test_a_sweep_is_noted_against_what_another_noted_while_it_was_compared() -> None:
    world = World(*shop())
    world.sweep()
    world.platforms["main"].resources = shop()[:1]

    class Meanwhile(Counting):
        def seen(self, place: Place | None = None) -> list[Seen]:
            found = super().seen(place)
            self.seen = super().seen  # type: ignore[method-assign]
            world.sweep(at=after(4))
            return found

    slow = Meanwhile()
    slow.__dict__ |= vars(world.inventory)
    world.inventory = slow
    world.sweep(at=after(5))
    assert world.inventory.sweeps()[0].at == after(5)
    assert world.known.services == ("web",), "missed by the one before, and by this one"


def test_what_was_swept_since_it_was_asked_for_is_not_swept_again() -> None:
    """Looks that come faster than their sweeps ask for the same once more."""
    world = World(*shop())
    assert world.sweep(at=after(5), asked_at=after(1)) is not None
    world.looked_at.clear()
    assert world.sweep(at=after(6), asked_at=after(2)) is None
    assert world.looked_at == []
    assert world.sweep(at=after(7), asked_at=after(6)) is not None


def test_where_the_cloud_is_too_busy_it_is_asked_again_later_each_time_and_not_for_ever() -> None:
    world = World(*shop())
    world.platforms["main"].unreachable = [BUSY]
    for attempt in range(1, ATTEMPTS + 1):
        world.sweep(attempt=attempt)
    seconds = [pause.total_seconds() for _, _, pause in world.sweeps.asked]
    assert [(place, attempt) for place, attempt, _ in world.sweeps.asked] == [(HERE, number) for number in (2, 3, 4, 5)]
    assert seconds == [30, 60, 120, 240]


def test_where_it_is_refused_it_is_not_asked_again() -> None:
    world = World(*shop())
    world.platforms["main"].unreachable = [REFUSED]
    world.sweep()
    assert world.sweeps.asked == []


def test_a_place_that_is_no_longer_configured_is_not_swept_and_forgotten() -> None:
    world = World(*shop())
    world.sweep()
    world.config = world.config.model_copy(update={"accounts": world.config.accounts[1:]})
    world.looked_at.clear()
    assert world.sweep() is None
    assert world.looked_at == []
    world.clock.at = after(120)
    world.ask()
    assert world.inventory.seen() == [] == world.inventory.sweeps()
    assert world.names == []


@pytest.mark.parametrize(
    ("kind", "spoken_hours_ago", "minutes", "due"),
    [
        ("api", 1, 5, False),
        ("api", 1, 14, True),
        ("chat", 7.9, 15, True),
        ("api", 8.1, 15, False),
        ("schedule", 1, 15, False),
        ("event", 1, 15, False),
        ("schedule", 1, 360, True),
        ("api", 9, 300, False),
        ("api", 9, 359, True),
    ],
)
def test_every_quarter_of_an_hour_for_eight_hours_after_somebody_spoke_else_every_six(
    kind: str, spoken_hours_ago: float, minutes: int, due: bool
) -> None:
    world = World(*shop())
    for place in (HERE, THERE):
        world.sweep(place, at=NOW)
    world.clock.at = after(minutes)
    world.speak(kind, world.clock.at - timedelta(hours=spoken_hours_ago))
    assert world.ask() == ([HERE, THERE] if due else [])
    assert [place for place, _, _ in world.sweeps.asked] == world.ask()


def test_what_was_never_swept_is_due_at_once() -> None:
    world = World()
    world.sweep(THERE)
    assert world.ask() == [HERE]


def test_the_age_is_published_at_the_next_look() -> None:
    world = World(*shop())
    for place in (HERE, THERE):
        world.sweep(place)
    for place in (HERE, THERE):
        world.sweep(place, at=after(16))
    assert world.known.seen_at == after(1)
    world.clock.at = after(30)
    world.ask()
    assert world.known.seen_at == after(16)


def test_idle_looks_publish_nothing() -> None:
    world = World(*shop())
    for place in (HERE, THERE):
        world.sweep(place)
    world.clock.at = after(120)
    world.inventory.written.clear()
    assert world.ask() == []
    assert world.inventory.written == []


def test_the_places_are_swept_in_which_a_run_changed_something() -> None:
    world = World()
    run = world.speak()
    ask = SweepAfter(world.store, world.sweeps, world.config)
    assert ask(run) == []
    changed_by(
        run,
        world.store,
        ("arn:aws:ecs:us-east-1:222222222222:service/a/b", "stop"),
        ("arn:aws:ecs:eu-west-1:111111111111:service/a/b", "skip"),
        ("arn:aws:ecs:eu-west-1:999999999999:service/a/b", "stop"),
        ("channel", "send"),
    )
    assert ask(run) == [THERE]
    assert world.sweeps.asked == [(THERE, 1, timedelta())]


@pytest.mark.parametrize(("most", "swept"), [(1, 1), (2, 2), (3, 2)])
def test_a_cap_pauses_sweeps_and_what_is_known_stays_as_old_as_it_is(most: int, swept: int) -> None:
    world = World(instance("a", "i-a"))
    world.config = world.config.model_copy(update={"caps": caps(tenant={"sweeps": {"day_calls": most}})})
    assert world.sweep() is not None
    first = world.inventory.last(HERE)
    if swept == 2:
        assert world.sweep() is not None and world.inventory.last(HERE) != first
    else:
        with pytest.raises(Capped, match=r"caps\.tenant\.sweeps\.day_calls"):
            world.sweep()
        assert world.inventory.last(HERE) == first
    assert len(world.looked_at) == swept
