"""Several platforms as one: an environment may have something on each of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from copilot.config.configuration import Configuration
from copilot.config.kinds import environments
from copilot.domain import (
    Activity,
    Alarm,
    Change,
    Fixture,
    Fixtures,
    Hourly,
    Permission,
    PlatformEvent,
    Resource,
    ResourceType,
    ServiceState,
    Size,
    Survey,
    Use,
    WritePack,
)
from copilot.errors import FatalError
from copilot.ports import Platform
from copilot.text.outside import quoted

T = TypeVar("T")
R = TypeVar("R", Resource, Resource | Fixture)


class Platforms:
    """Asks each platform about its own: whose a resource is, its type says."""

    def __init__(self, platforms: Sequence[Platform], config: Configuration) -> None:
        """Raises FatalError where two declare the same type."""
        self._platforms = platforms
        self._config = config
        self._owner: dict[str, Platform] = {}
        for platform in platforms:
            if twice := platform.types.keys() & self._owner.keys():
                raise FatalError(f"two platforms declare the type {quoted(min(twice))}")
            self._owner |= dict.fromkeys([*platform.types, *platform.fixture_types], platform)

    @property
    def types(self) -> Mapping[str, ResourceType]:
        found = [type for platform in self._platforms for type in platform.types.values()]
        return {type.name: type for type in sorted(found, key=lambda type: type.turn)}

    @property
    def environment_tag(self) -> str:
        return self._config.tags.environment

    def survey(self, environment: str | None = None) -> Survey:
        """Of what each found: an environment that is on two of them is one, of one kind."""
        with ThreadPoolExecutor(max_workers=len(self._platforms)) as pool:
            surveys = list(pool.map(lambda platform: platform.survey(environment), self._platforms))
        resources = [resource for survey in surveys for resource in survey.resources]
        resources.sort(key=lambda resource: (resource.environment, resource.ref.type, resource.ref.id))
        return Survey(
            resources=tuple(resources),
            environments=environments(resources, self._config),
            unreachable=tuple(place for survey in surveys for place in survey.unreachable),
        )

    @property
    def fixture_types(self) -> Mapping[str, str]:
        return {name: noun for platform in self._platforms for name, noun in platform.fixture_types.items()}

    def fixtures(self, environment: str, types: Collection[str] | None = None) -> Fixtures:
        found = [platform.fixtures(environment, types) for platform in self._platforms]
        return Fixtures(
            fixtures=tuple(one for some in found for one in some.fixtures),
            unreachable=tuple(place for some in found for place in some.unreachable),
            others=tuple(one for some in found for one in some.others),
            others_cut=any(some.others_cut for some in found),
        )

    def activity(self, resources: Sequence[Resource], since: datetime) -> Mapping[str, Activity]:
        return self._merged(resources, lambda platform, some: platform.activity(some, since))

    def hourly(self, resources: Sequence[Resource], since: datetime, hours: int) -> Mapping[str, Hourly]:
        return self._merged(resources, lambda platform, some: platform.hourly(some, since, hours))

    def uses(
        self, ones: Sequence[Resource | Fixture], since: datetime, hours: int, cpu_below: float
    ) -> Mapping[str, Sequence[Use]]:
        return self._merged(ones, lambda platform, some: platform.uses(some, since, hours, cpu_below))

    def sizes(self, resources: Sequence[Resource]) -> Mapping[str, Size]:
        return self._merged(resources, lambda platform, some: platform.sizes(some))

    def alarms(self, resources: Sequence[Resource], since: datetime) -> Sequence[Alarm]:
        found = [alarm for platform, some in self._split(resources) for alarm in platform.alarms(some, since)]
        return sorted(found, key=lambda alarm: alarm.since, reverse=True)

    def events(self, resources: Sequence[Resource]) -> Mapping[str, Sequence[PlatformEvent]]:
        return self._merged(resources, lambda platform, some: platform.events(some))

    def services(self, resources: Sequence[Resource]) -> Mapping[str, ServiceState]:
        return self._merged(resources, lambda platform, some: platform.services(some))

    def permissions(self, change: Change) -> Sequence[Permission]:
        return self._of(change.ref.type).permissions(change)

    def require(self, resource: Resource, pack: WritePack) -> None:
        self._of(resource.ref.type).require(resource, pack)

    def apply(self, change: Change, resource: Resource) -> None:
        self._of(change.ref.type).apply(change, resource)

    def _merged(self, resources: Sequence[R], ask: Callable[[Platform, list[R]], Mapping[str, T]]) -> dict[str, T]:
        return {id: one for platform, some in self._split(resources) for id, one in ask(platform, some).items()}

    def _split(self, resources: Sequence[R]) -> list[tuple[Platform, list[R]]]:
        """The platforms that have some of these, with what each has."""
        owned = [(self._of(resource.ref.type), resource) for resource in resources]
        split = [(one, [resource for owner, resource in owned if owner is one]) for one in self._platforms]
        return [(platform, some) for platform, some in split if some]

    def _of(self, type: str) -> Platform:
        if type not in self._owner:
            raise FatalError(f"no platform declares the type {quoted(type)}", ours=True)
        return self._owner[type]
