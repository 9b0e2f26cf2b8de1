"""The world the task is about: environments of one service each, two in three of them idle, and a channel."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from some_clients import SomeClients

from copilot.domain import (
    Activity,
    Alarm,
    Change,
    Deletion,
    Environment,
    Fixtures,
    Hourly,
    Permission,
    Person,
    PlatformEvent,
    Remains,
    Resource,
    ResourceRef,
    ResourceType,
    ServiceState,
    Size,
    Survey,
    Use,
)


@dataclass
class World(SomeClients):
    """ports.Platform and ports.Notifier, and a Clients of both. `busy` says from when to when a tool was at work, by
    time.monotonic(); each call of one takes `pause` seconds.
    """

    size: int
    pause: float = 0
    busy: list[tuple[float, float]] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    call_id: str = "call"
    person: Person = Person(id="me", name="Me", roles=("developer",))
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.platform = self.notifier = self.clock = self
        names = [f"dev-{number:03}" for number in range(1, self.size + 1)]
        self._resources = {name: _service(name) for name in names}
        self._environments = {
            name: Environment(name=name, kind="development", kind_reason="its tag", owner=f"team-{index % 5 + 1}")
            for index, name in enumerate(names)
        }
        self.idle = [name for index, name in enumerate(names) if index % 3]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        begun = time.monotonic()
        time.sleep(self.pause)
        try:
            yield
        finally:
            self.busy.append((begun, time.monotonic()))

    @property
    def stopped(self) -> list[str]:
        return sorted(name for name, resource in self._resources.items() if resource.state == "stopped")

    # ports.Clients

    def now(self) -> datetime:
        return datetime.now(UTC)

    # ports.Platform

    types = {"ecs-service": ResourceType(name="ecs-service", noun="service", tier="service", unit="tasks")}

    def survey(self, environment: str | None = None) -> Survey:
        names = self._environments if environment is None else {environment} & self._environments.keys()
        return Survey(
            resources=tuple(self._resources[name] for name in names),
            environments=tuple(self._environments[name] for name in names),
        )

    def activity(self, resources: Sequence[Resource], since: datetime) -> Mapping[str, Activity]:
        idle = set(self.idle)
        return {
            one.ref.id: Activity(
                metric="CPUUtilization", unit="Percent", maximum=0.4 if one.environment in idle else 61.5
            )
            for one in resources
        }

    def hourly(self, resources: Sequence[Resource], since: datetime, hours: int) -> Mapping[str, Hourly]:
        raise AssertionError("the task asks for no figures by the hour")

    def uses(self, *what: object) -> Mapping[str, Sequence[Use]]:
        raise AssertionError("the task asks for no last use")

    def sizes(self, resources: Sequence[Resource]) -> Mapping[str, Size]:
        raise AssertionError("the task asks for no sizes")

    def alarms(self, resources: Sequence[Resource], since: datetime) -> Sequence[Alarm]:
        raise AssertionError("the task asks for no alarms")

    def events(self, resources: Sequence[Resource]) -> Mapping[str, Sequence[PlatformEvent]]:
        raise AssertionError("the task asks for nothing that happened")

    @property
    def environment_tag(self) -> str:
        return "environment"

    @property
    def fixture_types(self) -> Mapping[str, str]:
        return {}

    def fixtures(self, environment: str, types: object = None) -> Fixtures:
        raise AssertionError("the task asks for nothing beside what is stopped")

    def services(self, resources: Sequence[Resource]) -> Mapping[str, ServiceState]:
        raise AssertionError("the task asks for nothing that a service runs")

    def deletions(self, resources: Sequence[Resource]) -> Mapping[str, Deletion]:
        raise AssertionError("the task deletes nothing")

    def remains(self, changes: Sequence[Change]) -> Mapping[str, Remains]:
        raise AssertionError("the task deletes nothing")

    def permissions(self, *what: object) -> Sequence[Permission]:
        return ()

    def require(self, resource: Resource, pack: object) -> None:
        raise AssertionError("the task needs no pack")

    def apply(self, change: Change, resource: Resource) -> None:
        stopped = resource.model_copy(update={"state": "stopped", "size": 0, "running": 0, "saved": resource.size})
        with self._lock:
            self._resources[resource.environment] = stopped

    # ports.Notifier

    def check(self, channel: str) -> None:
        """Every channel is one."""

    def send(self, channel: str, text: str, key: str) -> str:
        self.sent.append((channel, text))
        return "the bench"


def _service(environment: str) -> Resource:
    return Resource(
        ref=ResourceRef(type="ecs-service", id=f"arn:aws:ecs:eu-west-1:111111111111:service/{environment}/web"),
        name="web",
        environment=environment,
        account="main (111111111111)",
        region="eu-west-1",
        cluster=environment,
        state="running",
        size=1,
        running=1,
    )
