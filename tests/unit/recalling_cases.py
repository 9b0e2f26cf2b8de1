"""A copilot in one process whose places are swept when a test says so: a cloud, what was seen of it, and requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from fakes import FakeClock
from fakes_platform import TYPES, FakeClients, FakeNotifier, FakePlatform, FakeSweeps, service
from inventory_cases import HERE, NOW, THERE

from copilot.adapters.in_memory import MemoryStore
from copilot.adapters.memory_inventory import MemoryInventory
from copilot.adapters.uncounted import Uncounted
from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Account, Configuration
from copilot.domain import Place, Plan, Resource
from copilot.triggers.sweeping import Publish, SweepPlace

MAIN, FAR = "main (111111111111)", "far (222222222222)"
CONFIG = Configuration(
    accounts=tuple(
        Account(id=place.account, name=name, regions=(place.region,), read_role=f"arn:aws:iam::{place.account}:role/r")
        for place, name in ((HERE, "main"), (THERE, "far"))
    ),
    people=(),
)


def dev(name: str = "shop-dev", wanted: int = 1, **more: Any) -> Resource:
    """A service of an environment in the first place."""
    return service(name, f"{name}-web", wanted, account=MAIN, region=HERE.region, **more)


class Swept:
    """`told` are its answers, `looked` for how many whole surveys it asked the cloud."""

    def __init__(self, *resources: Resource) -> None:
        self.clock, self.store, self.inventory, self.sweeps = (
            FakeClock(NOW),
            MemoryStore(),
            MemoryInventory(),
            FakeSweeps(),
        )
        self.platform, self.notifier = FakePlatform(list(resources)), FakeNotifier()
        self.process = InProcess(
            self._clients,
            config=CONFIG,
            store=self.store,
            inventory=self.inventory,
            clock=self.clock,
            sleep=self.clock.sleep,
            sweeps=self.sweeps,
        )
        self.sweep()

    def _clients(self, run: Any, call_id: str, permissions: Any) -> FakeClients:
        return FakeClients(self.platform, self.notifier, self.clock, call_id, self.process.use_cases.recall)

    def sweep(self, *places: Place) -> None:
        """A minute later, of all places where none is named; and what came of it is published."""
        self.clock.at += timedelta(minutes=1)
        publish = Publish(self.inventory, CONFIG, TYPES)
        for place in places or (HERE, THERE):
            only = FakePlatform(
                [one for one in self.platform.resources if one.region == place.region],
                kinds=self.platform.kinds,
                owners=self.platform.owners,
                unreachable=[one for one in self.platform.unreachable if one.region == place.region],
            )
            parts = (self.inventory, self.sweeps, lambda config, it=only: it, publish, CONFIG, self.clock)
            sweep = SweepPlace(*parts, Uncounted())
            sweep(place, datetime.max.replace(tzinfo=UTC))
        publish()

    def ask(self, request: str | Plan, later: float = 1) -> dict[str, Any]:
        """What came of a request, so many minutes later."""
        self.clock.at += timedelta(minutes=later)
        self.platform.surveys.clear()
        return self.process.run(request)

    def told(self, request: str | Plan, later: float = 1) -> str:
        return str(self.ask(request, later)["answer"])

    @property
    def looked(self) -> int:
        """For how many whole surveys the last request asked the cloud."""
        return self.platform.surveys.count(None)


def steps(*given: dict[str, Any]) -> Plan:
    return Plan.model_validate({"goal": "test", "steps": given, "answer": {"text": "Done."}})


def ids(found: Sequence[Any]) -> list[str]:
    return [one.id for one in found]
