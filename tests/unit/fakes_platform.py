"""A Platform and a Notifier in memory, written by hand, for tests of the tools."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from some_clients import SomeClients

from copilot.adapters.recipients import check_channel, check_person
from copilot.domain import (
    Activity,
    Alarm,
    AsSwept,
    Change,
    Container,
    Deletion,
    Environment,
    Fixture,
    Fixtures,
    Hourly,
    Kind,
    KnownEnvironment,
    Limits,
    Others,
    Permission,
    Place,
    PlatformEvent,
    Remains,
    Resource,
    ResourceRef,
    ResourceType,
    Rollout,
    ServiceState,
    Size,
    Survey,
    Unreachable,
    Use,
    WritePack,
)
from copilot.errors import CopilotError, PermissionDenied
from copilot.ports import Clock

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
TYPES = {
    one.name: one
    for one in (
        ResourceType(name="ecs-service", noun="service", tier="service", unit="tasks"),
        ResourceType(name="ec2-instance", noun="instance", tier="machine"),
        ResourceType(name="auto-scaling-group", noun="instance group", tier="machine", unit="instances"),
        ResourceType(name="rds-instance", noun="database", tier="database"),
        ResourceType(name="rds-cluster", noun="database cluster", tier="database"),
    )
}
FIXTURE_TYPES = {
    "load-balancer": "load balancer",
    "lambda-function": "Lambda function",
    "sqs-queue": "queue",
    "elasticache": "cache",
}
"""What the fake declares."""


def service(environment: str, name: str, wanted: int, running: int | None = None, **more: object) -> Resource:
    """A service in a cluster named after its environment."""
    up = wanted if running is None else running
    state = ("stopping" if up else "stopped") if wanted == 0 else "running" if up >= wanted else "starting"
    return _resource("ecs-service", environment, name, state, wanted, up, cluster=f"{environment}-cluster", **more)


def instance(environment: str, name: str, state: str = "running", **more: object) -> Resource:
    return _on_or_off("ec2-instance", environment, name, state, **more)


def group(
    environment: str, name: str, wanted: int, limits: Limits, running: int | None = None, **more: object
) -> Resource:
    """An Auto Scaling group."""
    up = wanted if running is None else running
    state = ("stopping" if up else "stopped") if wanted == 0 else "running" if up >= wanted else "starting"
    return _resource("auto-scaling-group", environment, name, state, wanted, up, limits=limits, **more)


def cluster(environment: str, name: str, state: str = "running", **more: object) -> Resource:
    """A cluster of databases."""
    return _on_or_off("rds-cluster", environment, name, state, **more)


def database(environment: str, name: str, state: str = "running", **more: object) -> Resource:
    return _on_or_off("rds-instance", environment, name, state, **more)


def runs(definition: str = "web:7", state: str = "COMPLETED", controller: str = "", **more: object) -> ServiceState:
    """What a service runs, of which one release is wanted."""
    rollout = Rollout.model_validate(
        {
            "id": "launch-1",
            "status": "PRIMARY",
            "state": state,
            "reason": "",
            "definition": definition,
            "since": NOW,
            "wanted": 3,
            "running": 3,
            "pending": 0,
            "failed": 0,
            **more,
        }
    )
    return ServiceState(
        definition=definition,
        containers=(Container(name="web", image="web:7"),),
        rollouts=(rollout,),
        controller=controller,
    )


def _on_or_off(type: str, environment: str, name: str, state: str, **more: object) -> Resource:
    return _resource(
        type, environment, name, state, int(state not in {"stopped", "stopping"}), int(state == "running"), **more
    )


def _resource(type: str, environment: str, name: str, state: str, size: int, running: int, **more: object) -> Resource:
    fields = {"account": "main (111111111111)", "region": "eu-west-1", **more}
    ref = ResourceRef(type=type, id=f"{fields['account']}/{fields['region']}/{environment}/{type}/{name}")
    return Resource.model_validate(
        {
            "ref": ref,
            "name": name,
            "environment": environment,
            "state": state,
            "size": size,
            "running": running,
            **fields,
        }
    )


@dataclass
class FakePlatform:
    """Environments of the given resources. What is changed settles at once, unless `slow` names it."""

    resources: list[Resource]
    kinds: dict[str, Kind] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    opted_out: dict[str, str] = field(default_factory=dict)
    figures: dict[str, Activity] = field(default_factory=dict)
    ringing: list[Alarm] = field(default_factory=list)
    alarms_fail: dict[str, CopilotError] = field(default_factory=dict)
    unreachable: list[Unreachable] = field(default_factory=list)
    failing: dict[str, CopilotError] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    applied: list[tuple[str, str, int | None]] = field(default_factory=list)
    surveys: list[str | None] = field(default_factory=list)
    sized: dict[str, Size] = field(default_factory=dict)
    sizes_fail: CopilotError | None = None
    used: dict[str, Sequence[Use]] = field(default_factory=dict)
    uses_fail: CopilotError | None = None
    asked_of_use: list[str] | None = None
    fixed: list[Fixture] = field(default_factory=list)
    fixtures_hidden: list[Unreachable] = field(default_factory=list)
    others: list[Others] = field(default_factory=list)
    others_cut: bool = False
    asked_of_fixtures: Collection[str] | None = ("nothing yet",)
    serving: dict[str, ServiceState] = field(default_factory=dict)
    services_fail: CopilotError | None = None
    asked_since: datetime | None = None
    happened: dict[str, list[PlatformEvent]] = field(default_factory=dict)
    events_fail: CopilotError | None = None
    asked_what_happened: list[str] = field(default_factory=list)
    deleted_so: dict[str, Deletion] = field(default_factory=dict)
    snapshots: list[str] = field(default_factory=list)
    going: set[str] = field(default_factory=set)
    types: Mapping[str, ResourceType] = field(default_factory=lambda: TYPES)
    packs_off: set[WritePack] = field(default_factory=set)
    restarts: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def survey(self, environment: str | None = None) -> Survey:
        self.surveys.append(environment)
        closed = {(place.account, place.region) for place in self.unreachable}
        found = [
            one
            for one in self.resources
            if environment in {None, one.environment} and (one.account, one.region) not in closed
        ]
        names = sorted({one.environment for one in found})
        return Survey(
            resources=tuple(found),
            environments=tuple(
                Environment(
                    name=name,
                    kind=self.kinds.get(name, "development"),
                    kind_reason="",
                    owner=self.owners.get(name),
                    opted_out=self.opted_out.get(name, ""),
                )
                for name in names
            ),
            unreachable=tuple(self.unreachable),
        )

    @property
    def environment_tag(self) -> str:
        return "environment"

    @property
    def fixture_types(self) -> Mapping[str, str]:
        return FIXTURE_TYPES

    def fixtures(self, environment: str, types: Collection[str] | None = None) -> Fixtures:
        self.asked_of_fixtures = types
        return Fixtures(
            fixtures=tuple(
                one for one in self.fixed if one.environment == environment and (types is None or one.ref.type in types)
            ),
            unreachable=tuple(self.fixtures_hidden),
            others=tuple(self.others) if types is None else (),
            others_cut=self.others_cut,
        )

    def activity(self, resources: Sequence[Resource], since: datetime) -> Mapping[str, Activity]:
        self.asked_since = since
        return {one.ref.id: self.figures.get(one.name, _nothing(one)) for one in resources}

    def hourly(self, resources: Sequence[Resource], since: datetime, hours: int) -> Mapping[str, Hourly]:
        raise AssertionError("what was used by the hour is for a platform that was used")

    def uses(
        self, ones: Sequence[Resource | Fixture], since: datetime, hours: int, cpu_below: float
    ) -> Mapping[str, Sequence[Use]]:
        if self.uses_fail:
            raise self.uses_fail
        self.asked_of_use = [one.name for one in ones]
        return {one.ref.id: self.used[one.name] for one in ones if one.name in self.used}

    def sizes(self, resources: Sequence[Resource]) -> Mapping[str, Size]:
        if self.sizes_fail:
            raise self.sizes_fail
        return {one.ref.id: self.sized[one.name] for one in resources if one.name in self.sized}

    def alarms(self, resources: Sequence[Resource], since: datetime) -> Sequence[Alarm]:
        for one in resources:
            if one.account in self.alarms_fail:
                raise self.alarms_fail[one.account]
        accounts = {one.account for one in resources}
        return [alarm for alarm in self.ringing if alarm.account in accounts]

    def events(self, resources: Sequence[Resource]) -> Mapping[str, Sequence[PlatformEvent]]:
        self.asked_what_happened = [one.name for one in resources]
        if self.events_fail:
            raise self.events_fail
        return {one.ref.id: self.happened.get(one.name, []) for one in resources}

    def services(self, resources: Sequence[Resource]) -> Mapping[str, ServiceState]:
        if self.services_fail:
            raise self.services_fail
        return {one.ref.id: self.serving[one.name] for one in resources if one.name in self.serving}

    def deletions(self, resources: Sequence[Resource]) -> Mapping[str, Deletion]:
        return {one.ref.id: self.deleted_so.get(one.name, _deletion(one)) for one in resources}

    def remains(self, changes: Sequence[Change]) -> Mapping[str, Remains]:
        there = {one.ref.id: one.name for one in self.resources}
        found = {change.ref.id: "there" if change.ref.id in there else "gone" for change in changes}
        found |= {id: "going" for id, name in there.items() if name in self.going and id in found}
        return {id: Remains(state=state) for id, state in found.items()}  # type: ignore[arg-type]

    def permissions(self, change: Change) -> Sequence[Permission]:
        return [Permission(action=f"any:{change.action}", arn=change.ref.id)]

    def require(self, resource: Resource, pack: WritePack) -> None:
        if pack in self.packs_off:
            raise PermissionDenied(f"the pack {pack} is off for account {resource.account}", ours=True)

    def apply(self, change: Change, resource: Resource) -> None:
        with self._lock:
            self.applied.append((change.direction or change.action, resource.name, resource.saved))
            if resource.name in self.failing:
                raise self.failing[resource.name]
            at = next(index for index, one in enumerate(self.resources) if one.ref == change.ref)
            match change.direction or change.action:
                case "stop":
                    self.resources[at] = self._stopped(self.resources[at])
                case "start":
                    self.resources[at] = self._started(resource)
                case "delete":
                    self.snapshots += [change.snapshot] if change.snapshot else []
                    if resource.name in self.slow:
                        self.going.add(resource.name)
                    else:
                        del self.resources[at]
                case "restart":
                    self._restarted(resource)
                case "resize":
                    self.resources[at] = self._resized(self.resources[at], change)
                case other:
                    raise AssertionError(f"the fake knows no {other}")

    def now(self, name: str) -> Resource:
        """The one resource of that name, as it is."""
        (found,) = [one for one in self.resources if one.name == name]
        return found

    def _restarted(self, one: Resource) -> None:
        """A service is rolled out anew; of what else runs nothing can be seen but here."""
        self.restarts[one.name] = self.restarts.get(one.name, 0) + 1
        if state := self.serving.get(one.name):
            (*before,) = state.rollouts
            told = {"state": "IN_PROGRESS" if one.name in self.slow else "COMPLETED", "reason": ""}
            newest = before[0].model_copy(update={"id": f"{before[0].id}+", "status": "PRIMARY", **told})
            self.serving[one.name] = state.model_copy(update={"rollouts": (newest,)})

    def _resized(self, one: Resource, change: Change) -> Resource:
        size = change.size or 0
        slow = one.name in self.slow
        running = one.running if slow else size
        state = "starting" if running < size else "running"
        limits = change.limits or one.limits
        return one.model_copy(update={"size": size, "running": running, "state": state, "limits": limits})

    def _stopped(self, one: Resource) -> Resource:
        if one.size == 0:
            return one
        slow = one.name in self.slow
        update = {"state": "stopping" if slow else "stopped", "size": 0, "saved": one.size, "saved_limits": one.limits}
        return one.model_copy(update=update | {"running": one.running if slow else 0, "limits": _at_rest(one)})

    def _started(self, one: Resource) -> Resource:
        if one.size:
            return one.model_copy(
                update={"limits": one.saved_limits or one.limits, "saved": None, "saved_limits": None, "saved_at": None}
            )
        slow = one.name in self.slow
        now = {"state": "starting" if slow else "running", "size": one.saved, "running": 0 if slow else one.saved}
        saved = {"saved": None, "saved_limits": None, "saved_at": None}
        return one.model_copy(update={**now, "limits": one.saved_limits, **saved})


def _deletion(one: Resource) -> Deletion:
    return Deletion(lost=f"the {one.name}", keeps=one.ref.type.startswith("rds-"), down_since=one.saved_at)


def _at_rest(one: Resource) -> Limits | None:
    if one.limits is None:
        return None
    if one.ref.type == "auto-scaling-group":
        return Limits(minimum=0, maximum=0)
    return Limits(minimum=0, maximum=one.limits.maximum, suspended=("in", "out", "scheduled"))


def cpu(percent: float | None, since: datetime | None = None) -> Activity:
    return Activity(metric="CPUUtilization", unit="Percent", maximum=percent, since=since)


def connections(number: float | None) -> Activity:
    return Activity(metric="DatabaseConnections", unit="Count", maximum=number)


def _nothing(one: Resource) -> Activity:
    return connections(None) if one.ref.type.startswith("rds-") else cpu(None)


@dataclass
class FakeNotifier:
    sent: dict[str, tuple[str, str]] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    people: tuple[str, ...] | None = None
    looked_for: list[str] = field(default_factory=list)

    def check(self, channel: str) -> None:
        self.looked_for.append(channel)
        if channel.startswith("person:"):
            if self.people is not None:
                check_person(channel, self.people)
        elif self.channels:
            check_channel(channel, self.channels)

    def permissions(self, channel: str, key: str) -> Sequence[Permission]:
        return [Permission(action="any:send", arn=f"{channel}/{key}")]

    def send(self, channel: str, text: str, key: str) -> str:
        self.sent.setdefault(key, (channel, text))
        return "memory"


@dataclass
class FakeSweeps:
    asked: list[tuple[Place, int, timedelta]] = field(default_factory=list)
    looks: int = 0
    to_publish: list[timedelta] = field(default_factory=list)
    to_look_at: list[str] = field(default_factory=list)

    def ask(self, places: Iterable[Place], attempt: int = 1, after: timedelta = timedelta()) -> None:
        self.asked += [(place, attempt, after) for place in places]

    def ask_whose_turn(self) -> None:
        self.looks += 1

    def ask_to_publish(self, after: timedelta) -> None:
        self.to_publish.append(after)

    def ask_to_look(self, watches: Iterable[str]) -> None:
        self.to_look_at += watches


class FixedClock:
    def now(self) -> datetime:
        return NOW


@dataclass
class FakeClients(SomeClients):
    platform: FakePlatform = field(default_factory=lambda: FakePlatform([]))
    notifier: FakeNotifier = field(default_factory=FakeNotifier)
    clock: Clock = field(default_factory=FixedClock)
    call_id: str = "run-1/step/0"
    recalling: Callable[[], AsSwept | None] = lambda: None
    noted: dict[str, KnownEnvironment] = field(default_factory=dict)

    def known(self, environment: str) -> KnownEnvironment | None:
        return self.noted.get(environment)

    def recall(self) -> AsSwept | None:
        return self.recalling()
