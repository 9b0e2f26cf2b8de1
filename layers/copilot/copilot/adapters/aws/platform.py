"""AWS as a Platform, over every account and region of the configuration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.fixtures import fixture_kinds
from copilot.adapters.aws.fixtures.fixture_kind import FixtureKind
from copilot.adapters.aws.fixtures.tagged import PAGES_AT_MOST, Tagged, is_of, others, tagged
from copilot.adapters.aws.metrics import alarms, hourly, maxima, watched
from copilot.adapters.aws.packs import require
from copilot.adapters.aws.resources import kinds
from copilot.adapters.aws.resources.stoppable import Client, Metric, Place, ReadClient, Stoppable, WriteClient
from copilot.adapters.aws.sessions import Reader, Writer, label, write_role
from copilot.adapters.aws.uses import Gauge, uses
from copilot.config.configuration import Account, Configuration
from copilot.config.kinds import environments
from copilot.domain import (
    Activity,
    Alarm,
    Change,
    Fixture,
    Fixtures,
    Hourly,
    Others,
    Permission,
    PlatformEvent,
    Resource,
    ResourceType,
    ServiceState,
    Size,
    Survey,
    Unreachable,
    Use,
    WritePack,
)
from copilot.errors import CopilotError, FatalError, HalfDone, PermissionDenied, RetryableError, ToolInputError
from copilot.ports import Clock
from copilot.text.outside import quoted

READ_AT_ONCE = 8
EVENTS_AT_MOST = 3
"""Of one resource, the newest."""

T = TypeVar("T")
U = TypeVar("U")


class AwsPlatform:
    """Reads with the read roles; changes something only with a `writer`, which is made for one call."""

    def __init__(self, config: Configuration, reader: Reader, writer: Writer | None, clock: Clock) -> None:
        self._config = config
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._stoppables = kinds()

    @property
    def types(self) -> Mapping[str, ResourceType]:
        return {name: stoppable.type for name, stoppable in self._stoppables.items()}

    @property
    def environment_tag(self) -> str:
        return self._config.tags.environment

    def survey(self, environment: str | None = None) -> Survey:
        closed = dict(zip(self._config.accounts, _parallel(self._open, self._config.accounts), strict=True))
        reads = [
            (Place(account, region, self._config.tags.environment, environment), stoppable)
            for account, closing in closed.items()
            if closing is None
            for region in account.regions
            for stoppable in self._stoppables.values()
        ]
        resources: list[Resource] = []
        unread: dict[tuple[str, str], dict[str, CopilotError]] = defaultdict(dict)
        read = _parallel(lambda one: self._read(*one), reads)
        for (place, stoppable), (found, error) in zip(reads, read, strict=True):
            resources += found
            if error is not None:
                unread[label(place.account), place.region][stoppable.type.name] = error
        for account, closing in closed.items():
            if closing is not None:
                everything = dict.fromkeys(self.types, closing)
                unread.update({(label(account), region): everything for region in account.regions})
        resources = covered(resources)
        resources.sort(key=lambda resource: (resource.environment, resource.ref.type, resource.ref.id))
        return Survey(
            resources=tuple(resources),
            environments=environments(resources, self._config),
            unreachable=tuple(_unreachable(*place, unread[place]) for place in sorted(unread)),
        )

    @property
    def fixture_types(self) -> Mapping[str, str]:
        return {name: kind.noun for name, kind in fixture_kinds().items()}

    def fixtures(self, environment: str, types: Collection[str] | None = None) -> Fixtures:
        places = [
            Place(account, region, self._config.tags.environment, environment)
            for account in self._config.accounts
            for region in account.regions
        ]
        wanted = [kind for name, kind in fixture_kinds().items() if types is None or name in types]
        filters = sorted({one for kind in wanted for one in kind.filters})
        found = _parallel(lambda place: self._tagged(place, filters), places)
        reads = [
            (place, kind, arns)
            for place, (index, error) in zip(places, found, strict=True)
            if error is None
            for kind in wanted
            if (arns := {arn: tags for arn, tags in index.found.items() if is_of(arn, kind.filters)})
        ]
        unread: dict[tuple[str, str], dict[str, CopilotError]] = defaultdict(dict)
        for place, (index, error) in zip(places, found, strict=True):
            if error is None and index.cut:
                error = FatalError(
                    f"more than {PAGES_AT_MOST * 100:,} are tagged, the rest was not looked at", ours=True
                )
            if error is not None:
                unread[label(place.account), place.region] = {kind.type: error for kind in wanted}
        fixtures: list[Fixture] = []
        for (place, kind, _), (some, error) in zip(reads, _parallel(lambda one: self._look(*one), reads), strict=True):
            fixtures += some
            if error is not None:
                unread[label(place.account), place.region][kind.type] = error
        beside, cut = self._others(places) if types is None else ((), False)
        return Fixtures(
            fixtures=tuple(fixtures),
            unreachable=tuple(_unreachable(*place, unread[place]) for place in sorted(unread)),
            others=beside,
            others_cut=cut,
        )

    def activity(self, resources: Sequence[Resource], since: datetime) -> Mapping[str, Activity]:
        now = self._clock.now()
        places = _by_place(resources)

        def ask(place: tuple[str, str]) -> dict[str, Activity]:
            asked = {resource.ref.id: self._metric(resource) for resource in places[place]}
            with translated(f"reading metrics in {' '.join(place)}"):
                return maxima(self._reader.client(*place, "cloudwatch"), asked, since, now)

        return {id: found for some in _parallel(ask, places) for id, found in some.items()}

    def hourly(self, resources: Sequence[Resource], since: datetime, hours: int) -> Mapping[str, Hourly]:
        places = _by_place(resources)

        def ask(place: tuple[str, str]) -> dict[str, Hourly]:
            asked = {resource.ref.id: self._metric(resource) for resource in places[place]}
            with translated(f"reading metrics in {' '.join(place)}"):
                return hourly(self._reader.client(*place, "cloudwatch"), asked, since, hours)

        return {id: found for some in _parallel(ask, places) for id, found in some.items()}

    def uses(
        self, ones: Sequence[Resource | Fixture], since: datetime, hours: int, cpu_below: float
    ) -> Mapping[str, Sequence[Use]]:
        places: dict[tuple[str, str], list[Resource | Fixture]] = defaultdict(list)
        for one in ones:
            places[one.ref.account, one.ref.region].append(one)

        def ask(place: tuple[str, str]) -> dict[str, tuple[Use, ...]]:
            asked = {one.ref.id: self._gauges(one, cpu_below) for one in places[place]}
            with translated(f"reading metrics in {' '.join(place)}"):
                return uses(self._reader.client(*place, "cloudwatch"), asked, since, hours)

        return {id: found for some in _parallel(ask, places) for id, found in some.items()}

    def sizes(self, resources: Sequence[Resource]) -> Mapping[str, Size]:
        places = _by_place(resources)

        def ask(place: tuple[str, str]) -> dict[str, Size]:
            with translated(f"reading sizes in {' '.join(place)}"):
                return {
                    id: size
                    for type, some in _by_type(places[place]).items()
                    for id, size in self._stoppable(type).sizes(some, self._reading(*place), place[1])
                }

        return {id: found for some in _parallel(ask, places) for id, found in some.items()}

    def alarms(self, resources: Sequence[Resource], since: datetime) -> Sequence[Alarm]:
        places = _by_place(resources)

        def ask(place: tuple[str, str]) -> list[Alarm]:
            named = watched(self._metric(resource) for resource in places[place])
            with translated(f"reading alarms in {' '.join(place)}"):
                client = self._reader.client(*place, "cloudwatch")
                now = self._clock.now()
                return list(alarms(client, named, since, now, places[place][0].account, place[1]))

        found = [alarm for some in _parallel(ask, places) for alarm in some]
        return sorted(found, key=lambda alarm: alarm.since, reverse=True)

    def events(self, resources: Sequence[Resource]) -> Mapping[str, Sequence[PlatformEvent]]:
        def ask(resource: Resource) -> list[PlatformEvent]:
            where = parse_arn(resource.ref.id)
            with translated(f"reading what happened to {resource.name}"):
                stoppable = self._stoppable(resource.ref.type)
                found = stoppable.events(resource, self._reading(where.account, where.region))
                return sorted(found, key=lambda event: event.at, reverse=True)[:EVENTS_AT_MOST]

        return dict(zip([one.ref.id for one in resources], _parallel(ask, resources), strict=True))

    def services(self, resources: Sequence[Resource]) -> Mapping[str, ServiceState]:
        def ask(resource: Resource) -> ServiceState | None:
            where = parse_arn(resource.ref.id)
            with translated(f"reading what {resource.name} runs"):
                stoppable = self._stoppable(resource.ref.type)
                return stoppable.service_state(resource, self._reading(where.account, where.region))

        found = zip(resources, _parallel(ask, resources), strict=True)
        return {resource.ref.id: state for resource, state in found if state is not None}

    def permissions(self, change: Change) -> Sequence[Permission]:
        return self._stoppable(change.ref.type).permissions(change) if change.action != "skip" else ()

    def require(self, resource: Resource, pack: WritePack) -> None:
        account = next(one for one in self._config.accounts if one.id == parse_arn(resource.ref.id).account)
        write_role(account)
        require(account, pack)

    def apply(self, change: Change, resource: Resource) -> None:
        if self._writer is None:
            raise PermissionDenied(
                f"{quoted(resource.name)} was not changed: this part of the copilot can only read", ours=True
            )
        stoppable = self._stoppable(change.ref.type)
        where = parse_arn(change.ref.id)
        read, write = self._reading(where.account, where.region), _Counted(self._writer.client)
        doing = f"{change.action} {resource.name}"
        match change.direction or change.action:
            case "stop":
                self._stop(stoppable, resource, read, write, doing)
            case "start":
                _in_parts(lambda: stoppable.start(resource, read, write), write, doing)
            case "restart":
                _in_parts(lambda: stoppable.restart(resource, read, write), write, doing)
            case "resize" if change.size is not None:
                size, limits = change.size, change.limits
                _in_parts(lambda: stoppable.resize(resource, size, limits, read, write), write, doing)
            case _:
                raise FatalError(
                    f"{quoted(resource.name)} was not changed: AWS resources cannot {change.action}", ours=True
                )

    def _stop(self, stoppable: Stoppable, resource: Resource, read: ReadClient, write: _Counted, doing: str) -> None:
        """Stop it; where AWS will not have it, leave it as it was: nothing is noted of what was never stopped.

        Raises HalfDone where that cannot be done either.
        """
        try:
            with translated(doing):
                stoppable.stop(resource, read, write, self._clock.now())
        except (FatalError, PermissionDenied, ToolInputError) as error:
            made = write.made - 1
            try:
                with translated(doing):
                    stoppable.forget(resource, read, write)
            except CopilotError as left:
                if made < 1:
                    raise error from left
                raise HalfDone(
                    f"{error.told}; what had been set and noted of it before could not be put back ({left.told}): "
                    "look at its scaling limits",
                    ours=True,
                ) from error
            raise

    def _open(self, account: Account) -> CopilotError | None:
        """Why an account cannot be read at all, if so."""
        try:
            self._reader.open(account.id)
        except CopilotError as error:
            return error
        return None

    def _read(self, place: Place, stoppable: Stoppable) -> tuple[list[Resource], CopilotError | None]:
        """What there is of one type, or why that cannot be said."""
        try:
            with translated(f"reading {stoppable.service}"):
                return list(stoppable.survey(self._reading(place.account.id, place.region), place)), None
        except CopilotError as error:
            return [], error

    def _tagged(self, place: Place, filters: Sequence[str]) -> tuple[Tagged, CopilotError | None]:
        """What has an environment's tag, or why that cannot be said."""
        try:
            with translated("reading what is tagged"):
                return tagged(self._reading(place.account.id, place.region), place, filters), None
        except CopilotError as error:
            return Tagged({}, cut=False), error

    def _look(
        self, place: Place, kind: FixtureKind, found: Mapping[str, Mapping[str, str]]
    ) -> tuple[list[Fixture], CopilotError | None]:
        """What there is of one kind, or why that cannot be said."""
        try:
            with translated(f"reading {kind.service}"):
                read = self._reading(place.account.id, place.region)
                return list(kind.fixtures(found, read, place, self._clock.now())), None
        except CopilotError as error:
            return [], error

    def _others(self, places: Sequence[Place]) -> tuple[tuple[Others, ...], bool]:
        """What else is tagged, as far as that can be read: it is told beside what was asked for."""
        found = [index for index, _ in _parallel(lambda place: self._tagged(place, ()), places)]
        # Once each: what is in no region may be told in several.
        return others({arn for index in found for arn in index.found}), any(index.cut for index in found)

    def _reading(self, account: str, region: str) -> ReadClient:
        return lambda service: self._reader.client(account, region, service)

    def _metric(self, resource: Resource) -> Metric:
        return self._stoppable(resource.ref.type).metric(resource)

    def _gauges(self, one: Resource | Fixture, cpu_below: float) -> Sequence[Gauge]:
        if isinstance(one, Fixture):
            return fixture_kinds()[one.ref.type].gauges(one)
        metric = self._metric(one)
        percent = metric.unit == "Percent"
        return (Gauge("% of CPU" if percent else "connections", (metric,), quiet=cpu_below if percent else 0),)

    def _stoppable(self, type: str) -> Stoppable:
        if type not in self._stoppables:
            raise FatalError(f"AWS has no resource of type {type} that can be stopped", ours=True)
        return self._stoppables[type]


def _in_parts(do: Callable[[], None], write: _Counted, doing: str) -> None:
    """Raises HalfDone where AWS refuses what comes after the first part of it."""
    try:
        with translated(doing):
            do()
    except (FatalError, PermissionDenied, ToolInputError) as error:
        if write.made > 1:
            raise HalfDone(f"{error.told}; what comes before that was done", ours=True) from error
        raise


def _unreachable(account: str, region: str, unread: Mapping[str, CopilotError]) -> Unreachable:
    """Of a place, by the type of what could not be read there."""
    return Unreachable(
        account=account,
        region=region,
        reason="; ".join(dict.fromkeys(map(str, unread.values()))),
        types=tuple(unread),
        passing=any(isinstance(error, RetryableError) for error in unread.values()),
    )


def covered(resources: Sequence[Resource]) -> list[Resource]:
    """These resources, with members left to the group or cluster they are in where that is among them."""
    wholes = {(one.ref.type, one.account, one.region, one.environment, one.name) for one in resources}

    def settled(one: Resource) -> Resource:
        whole = (kinds()[one.ref.type].part_of, one.account, one.region, one.environment, one.covered_by)
        if not one.covered_by:
            return one
        if whole not in wholes:
            return one.model_copy(update={"covered_by": ""})
        return one.model_copy(update={"held": f"covered by {one.covered_by}, which is changed as a whole"})

    return [settled(one) for one in resources]


def _by_place(resources: Iterable[Resource]) -> dict[tuple[str, str], list[Resource]]:
    """Resources by account id and region."""
    found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for resource in resources:
        arn = parse_arn(resource.ref.id)
        found[arn.account, arn.region].append(resource)
    return found


def _by_type(resources: Iterable[Resource]) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        found[resource.ref.type].append(resource)
    return found


def _parallel(do: Callable[[T], U], what: Iterable[T]) -> list[U]:
    with ThreadPoolExecutor(max_workers=READ_AT_ONCE) as pool:
        return list(pool.map(do, what))


class _Counted:
    """A WriteClient that counts for how many changes it was asked: all but the last of them were made."""

    def __init__(self, write: WriteClient) -> None:
        self._write = write
        self.made = 0

    def __call__(self, action: str, arn: str) -> Client:
        self.made += 1
        return self._write(action, arn)
