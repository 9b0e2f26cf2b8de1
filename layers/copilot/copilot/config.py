"""What an installation is told: its accounts, its people, its limits. Kept as JSON in one SSM parameter."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from copilot.model import Channel, Frozen, Kind, Person
from copilot.times.zones import known_zone

AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]


def _zone(name: str) -> str:
    if not known_zone(name):
        raise ValueError(f"{name!r} is not the IANA name of a time zone, such as Europe/Paris or UTC")
    return name


TimeZone = Annotated[str, AfterValidator(_zone)]


class Account(Frozen):
    """An AWS account the copilot looks after. Without `write_role` nothing in it can be changed.

    `kind`, where given, is the kind of every environment in the account, whatever its tags say.
    """

    id: AccountId
    name: str
    regions: Annotated[tuple[str, ...], Field(min_length=1)]
    kind: Kind | None = None
    read_role: str
    write_role: str | None = None


class KnownPerson(Frozen):
    """`principals` are IAM ARNs; a trailing * stands for any session name of an assumed role."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._@-]*$", max_length=80)]
    name: str
    principals: tuple[str, ...]
    roles: tuple[str, ...]
    time_zone: TimeZone | None = None

    @property
    def person(self) -> Person:
        return Person(id=self.id, name=self.name, roles=self.roles)


class TagNames(Frozen):
    """The tags by which resources are grouped into environments.

    A resource whose `schedule` tag is "off" keeps its whole environment out of every schedule.
    """

    environment: str = "environment"
    kind: str = "kind"
    owner: str = "owner"
    schedule: str = "schedule"


class Budgets(Frozen):
    """The most one Run may use."""

    items: int = 1000
    attempts: int = 3
    wall_minutes: int = 24 * 60


class Configuration(Frozen):
    """The whole of it. `reports_to` is where owners are told of firings of their schedules that did not go well."""

    tenant: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")] = "main"
    accounts: tuple[Account, ...]
    people: tuple[KnownPerson, ...]
    tags: TagNames = TagNames()
    read_only: bool = False
    time_zone: TimeZone = "UTC"
    reports_to: Channel | None = None
    approval_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 60
    budgets: Budgets = Budgets()

    def current(self, person: Person) -> Person:
        """The person with the roles they have now: none, once they are no longer known."""
        known = next((known for known in self.people if known.id == person.id), None)
        return known.person if known else Person(id=person.id, name=person.name)

    def person(self, principal: str) -> Person | None:
        """The Person behind an IAM ARN, or None: unmapped people may do nothing."""
        for known in self.people:
            for pattern in known.principals:
                if principal == pattern or (pattern.endswith("/*") and principal.startswith(pattern[:-1])):
                    return known.person
        return None

    def known(self, person_id: str) -> KnownPerson | None:
        """The person of this id, as they are configured now; None for one who is gone."""
        return next((known for known in self.people if known.id == person_id), None)

    def zone_of(self, person_id: str) -> str:
        """The time zone in which this person names times: their own, or the tenant's."""
        known = self.known(person_id)
        return (known.time_zone if known else None) or self.time_zone
