"""Where environments are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

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


class Platform(Protocol):
    """Where environments live. Every method reads or changes the world now; nothing is cached."""

    @property
    def types(self) -> Mapping[str, ResourceType]:
        """The types of the resources it has, by name, in the order in which they are stopped, and counted."""

    @property
    def environment_tag(self) -> str:
        """The tag by which what it has says to which environment it belongs."""

    def survey(self, environment: str | None = None) -> Survey:
        """Every resource that belongs to an environment (or the one named), in every configured account and region.

        What the one named costs does not grow with what else there is.
        """

    @property
    def fixture_types(self) -> Mapping[str, str]:
        """What people call the types of what it has that is looked at and never stopped, by name."""

    def fixtures(self, environment: str, types: Collection[str] | None = None) -> Fixtures:
        """What an environment has of these types; without any named, of all of them, and what else it has."""

    def activity(self, resources: Sequence[Resource], since: datetime) -> Mapping[str, Activity]:
        """The most each resource did since then, by ref.id."""

    def hourly(self, resources: Sequence[Resource], since: datetime, hours: int) -> Mapping[str, Hourly]:
        """The most each resource did in each of so many hours from then, by ref.id. `since` is a full hour."""

    def uses(
        self, ones: Sequence[Resource | Fixture], since: datetime, hours: int, cpu_below: float
    ) -> Mapping[str, Sequence[Use]]:
        """What each did in so many hours from then, a full hour, by ref.id: first what shows that it was used.

        Up to `cpu_below` percent of CPU a machine is not used. None of what is not measured.
        """

    def sizes(self, resources: Sequence[Resource]) -> Mapping[str, Size]:
        """What each resource is billed by, by ref.id; without those that are no longer there."""

    def alarms(self, resources: Sequence[Resource], since: datetime) -> Sequence[Alarm]:
        """Alarms on these resources or their clusters that are ringing, or rang since then; newest first."""

    def events(self, resources: Sequence[Resource]) -> Mapping[str, Sequence[PlatformEvent]]:
        """The last things that happened to each resource, newest first, by ref.id; at most a few."""

    def services(self, resources: Sequence[Resource]) -> Mapping[str, ServiceState]:
        """What each of these services runs, by ref.id; without what is no service.

        Raises ToolInputError for one that is no longer there.
        """

    def permissions(self, change: Change) -> Sequence[Permission]:
        """What `apply` of this change needs from IAM."""

    def require(self, resource: Resource, pack: WritePack) -> None:
        """Raises PermissionDenied where whoever has it has not allowed changes of this kind, with how they are."""

    def apply(self, change: Change, resource: Resource) -> None:
        """Change one resource; on return the wanted state is on its way.

        Reads first and acts only on what is not yet as wanted, so that it may be called again: but a restart is one
        each time.

        Raises PermissionDenied, NotReady, RetryableError, FatalError.
        """
