"""Lists and finding over 1, 10 and 100 accounts: by the inventory, and by reading the cloud; and what a sweep takes.

Simulated: see accounts.py. A list is the tool alone, in a process that has its code loaded and has not listed before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import NamedTuple, TypeVar

from some_clients import SomeClients

from bench.accounts import CALL, HOME, OWN, Accounts, simulated
from copilot.adapters.aws.sessions import ClientFactory, ReadSessions
from copilot.adapters.aws.sweeps import SweepQueue
from copilot.adapters.dynamodb.inventory import DynamoInventory
from copilot.adapters.dynamodb.rows import pack
from copilot.adapters.dynamodb.store import DynamoStore
from copilot.adapters.system_clock import SystemClock
from copilot.adapters.uncounted import Uncounted
from copilot.bootstrap.clients import platform_over
from copilot.config.configuration import Configuration
from copilot.domain import AsSwept, Place
from copilot.ports import Platform
from copilot.tools.environments.looking import (
    FindEnvironment,
    FindEnvironmentInput,
    ListEnvironments,
    ListEnvironmentsInput,
    ListEnvironmentsOutput,
)
from copilot.triggers.recalling import Recall
from copilot.triggers.sweeping import Publish, SweepPlace, places_of

T = TypeVar("T")

ACCOUNTS = (1, 10, 100)
ENVIRONMENTS = 1_000
AT_ONCE = 5
"""Sweeps at a time: MaximumConcurrency in template.yaml."""

GB_SECOND, INVOCATION, TRACE, SQS, WRITE, READ, LOGGED = (
    0.0000133334,
    0.20e-6,
    5e-6,
    0.40e-6,
    0.625e-6,
    0.125e-6,
    0.50e-9,
)
"""Dollars, by the list prices of docs/operating.md."""


class Took(NamedTuple):
    """Seconds, and calls of the accounts and of the copilot's own table, object and queue."""

    seconds: float
    calls: int
    own: int


class Inventoried(NamedTuple):
    """`swept` are out of the inventory, `read` of the cloud; `sweep` is one of a place that found nothing new, and
    `cents` what it costs. `size` is the object's, in bytes.
    """

    places: int
    listed: Took
    found: Took
    read_list: Took
    read_find: Took
    sweep: Took
    cents: float
    size: int

    @property
    def round(self) -> float:
        """Seconds until each place was swept once."""
        return ceil(self.places / AT_ONCE) * self.sweep.seconds


class Looker(SomeClients):
    """What the tools are given; without `recalled` they read the cloud."""

    def __init__(self, platform: Platform, recalled: Callable[[], AsSwept | None] | None = None) -> None:
        self.platform, self.clock, self._recalled = platform, SystemClock(), recalled

    def recall(self) -> AsSwept | None:
        return self._recalled() if self._recalled else None


class Silent(Publish):
    """Publishes nothing: while all is swept for the first time."""

    def __call__(self) -> None: ...


def list_and_sweep(
    accounts: tuple[int, ...] = ACCOUNTS, environments: int = ENVIRONMENTS, call: float = CALL
) -> dict[int, Inventoried]:
    """By number of accounts."""
    return {number: _measured(Accounts(number, environments), environments, call) for number in accounts}


def _measured(accounts: Accounts, environments: int, call: float) -> Inventoried:
    with simulated(accounts) as factory:
        one = _Copilot(accounts, factory)
        places = list(places_of(accounts.config))
        for place in places:
            one.sweep(place)
        one.publish()
        accounts.call = call
        listed, out = _took(accounts, one.list_swept)
        assert out.as_of and len(out.environments) == environments
        found, _ = _took(accounts, one.find_swept)
        platform = one.platform_of(accounts.config)
        read_list, read = _took(accounts, lambda: ListEnvironments(Looker(platform)).run(ListEnvironmentsInput()))
        assert read.environments == out.environments
        read_find, _ = _took(accounts, lambda: one.find(Looker(platform)))
        sweep, _ = _took(accounts, lambda: one.sweep(places[0]))
        rows = sum(len(value) for row in one.inventory.seen(places[0]) for value in pack(row).values())
        size = factory.own("s3", HOME).head_object(Bucket="kept", Key="inventory/main/names")["ContentLength"]
        return Inventoried(
            len(places), listed, found, read_list, read_find, sweep, _cents(sweep.seconds, rows), size
        )  # fmt: skip


def _cents(seconds: float, rows: int) -> float:
    """Of a sweep that found nothing new: three requests of the queue, a row written, its rows and itself twice read."""
    reads = 2 + ceil(rows / 4096)
    used = seconds * 0.5 * GB_SECOND + INVOCATION + TRACE + 3 * SQS + WRITE + reads * READ + 1_500 * LOGGED
    return used * 100


def _took(accounts: Accounts, do: Callable[[], T]) -> tuple[Took, T]:
    accounts.calls.clear()
    begun = time.perf_counter()
    out = do()
    seconds = time.perf_counter() - begun
    own = sum(accounts.calls[service] for service in OWN)
    return Took(seconds, accounts.calls.total() - own, own), out


class _Copilot:
    """Its use cases over its own adapters, as its functions have them."""

    def __init__(self, accounts: Accounts, factory: ClientFactory) -> None:
        self._factory, self._config, self._clock = factory, accounts.config, SystemClock()
        database, objects = factory.own("dynamodb", HOME), factory.own("s3", HOME)
        self.store = DynamoStore("copilot", "kept", database, objects)
        self.inventory = self._new_inventory()
        self.queue = SweepQueue("sweeps", factory.own("sqs", HOME))
        self.publish = Publish(self.inventory, self._config, self.platform_of(self._config).types)
        self._silent = Silent(self.inventory, self._config, self.publish.types)

    def _new_inventory(self) -> DynamoInventory:
        own = self._factory.own
        return DynamoInventory("copilot", "kept", own("dynamodb", HOME), own("s3", HOME), "main")

    def platform_of(self, config: Configuration) -> Platform:
        return platform_over(
            config, ReadSessions(config.accounts, "bench", self._factory, self._clock), None, self._clock
        )

    def sweep(self, place: Place) -> None:
        parts = (self.inventory, self.queue, self.platform_of, self._silent, self._config, self._clock)
        sweep = SweepPlace(*parts, Uncounted())
        assert sweep(place, datetime.now(UTC) + timedelta(days=1)) is not None

    def list_swept(self) -> ListEnvironmentsOutput:
        return ListEnvironments(self._recalling()).run(ListEnvironmentsInput())

    def find_swept(self) -> None:
        self.find(self._recalling())

    def find(self, clients: Looker) -> None:
        found = FindEnvironment(clients).run(FindEnvironmentInput(name="squad-7"))
        assert found.environment.id == "squad-7"

    def _recalling(self) -> Looker:
        """In a process that knows nothing yet."""
        recall = Recall(self._new_inventory(), lambda: self.queue, self.store, lambda: self._config, self._clock)
        return Looker(self.platform_of(self._config), recall)
