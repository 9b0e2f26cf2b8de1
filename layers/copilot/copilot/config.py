"""What an installation is told: its accounts, its people, its limits. Kept as JSON in one SSM parameter."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from copilot.model import Frozen, Kind, Person

AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]


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

    @property
    def person(self) -> Person:
        return Person(id=self.id, name=self.name, roles=self.roles)


class TagNames(Frozen):
    """The tags by which resources are grouped into environments."""

    environment: str = "environment"
    kind: str = "kind"
    owner: str = "owner"


class Budgets(Frozen):
    """The most one Run may use."""

    items: int = 1000
    attempts: int = 3
    wall_minutes: int = 24 * 60


class Configuration(Frozen):
    """The whole of it."""

    tenant: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")] = "main"
    accounts: tuple[Account, ...]
    people: tuple[KnownPerson, ...]
    tags: TagNames = TagNames()
    read_only: bool = False
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
