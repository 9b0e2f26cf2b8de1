"""What an installation is told: its accounts, its people, its limits. Kept as JSON in one SSM parameter."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator, model_validator

from copilot.config.names import about_account_role, about_principal, about_region, about_role, about_zone
from copilot.domain import Channel, Frozen, Kind, Person, Purpose

AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
CHECKED = {"checked": True}
"""The context of a validation that takes no role, principal or region it does not know, see `checked`."""


def _without_problem(name: str, problem: str) -> str:
    if problem:
        raise ValueError(problem)
    return name


def _is_checked(info: ValidationInfo) -> bool:
    return bool(info.context and info.context.get("checked"))


def _role(name: str, info: ValidationInfo) -> str:
    return _without_problem(name, about_role(name) if _is_checked(info) else "")


def _principal(arn: str, info: ValidationInfo) -> str:
    return _without_problem(arn, about_principal(arn) if _is_checked(info) else "")


def _region(name: str, info: ValidationInfo) -> str:
    return _without_problem(name, about_region(name) if _is_checked(info) else "")


TimeZone = Annotated[str, AfterValidator(lambda name: _without_problem(name, about_zone(name)))]
Role = Annotated[str, AfterValidator(_role)]
Principal = Annotated[str, AfterValidator(_principal)]
Region = Annotated[str, AfterValidator(_region)]


class Account(Frozen):
    """An AWS account the copilot looks after. Without `write_role` nothing in it can be changed.

    `kind`, where given, is the kind of every environment in the account, whatever its tags say.
    """

    id: AccountId
    name: str
    regions: Annotated[tuple[Region, ...], Field(min_length=1)]
    kind: Kind | None = None
    read_role: str
    write_role: str | None = None

    @field_validator("read_role", "write_role")
    @classmethod
    def _is_of_the_account(cls, arn: str | None, info: ValidationInfo) -> str | None:
        if arn is None or not _is_checked(info):
            return arn
        return _without_problem(arn, about_account_role(arn, info.data.get("id")))


class KnownPerson(Frozen):
    """`principals` are IAM ARNs; a trailing * stands for any session name of an assumed role."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._@-]*$", max_length=80)]
    name: str
    principals: tuple[Principal, ...]
    roles: tuple[Role, ...]
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


LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("an endpoint holds no user and no password: a key is named by `key`, and kept elsewhere")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError(
            f"http:// would send the key and every request to {parts.hostname} in clear over the network; "
            "use https://, or http:// to this machine alone (127.0.0.1)"
        )
    return url


Endpoint = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$"), AfterValidator(_endpoint)]


def _key_arn(arn: str) -> str:
    if not re.fullmatch(
        r"arn:aws[a-z-]*:(secretsmanager:[^:\s]+:\d{12}:secret:|ssm:[^:\s]+:\d{12}:parameter/)\S+", arn
    ):
        raise ValueError(
            "this says where the key is kept, as the ARN of a Secrets Manager secret or an SSM parameter; the key "
            "itself belongs nowhere else, so have the provider replace one that was written here"
        )
    return arn


KeyArn = Annotated[str, AfterValidator(_key_arn)]


class ModelSettings(Frozen):
    """Which model plans, and where it is. Without these, only known intents and runbooks are.

    `name` is the provider's name for it. `routing` and `repair` may name cheaper ones: for deciding first whether a
    request needs a plan at all, and for putting right a call that was wrong. `endpoint` is the base URL of a server
    that speaks the provider's protocol; without one it is the provider's own. `region` is Bedrock's. `key` says where
    the key is kept: the ARN of a Secrets Manager secret or of an SSM parameter; never the key itself. Bedrock needs
    none: there the functions' role counts. `effort` is how much a model thinks, where that can be told. What it thinks
    counts as output: for models that do, `max_output_tokens` takes the place of what an answer alone may have.
    """

    provider: Literal["anthropic", "bedrock", "openai_compatible"]
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    routing: str | None = None
    repair: str | None = None
    endpoint: Endpoint | None = None
    region: str | None = None
    key: KeyArn | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=120)] = 60
    max_output_tokens: Annotated[int, Field(ge=100, le=32_000)] | None = None
    effort: Literal["low", "medium", "high"] | None = None

    @model_validator(mode="after")
    def _has_a_key(self) -> ModelSettings:
        if self.provider != "bedrock" and self.endpoint is None and self.key is None:
            raise ValueError(
                "the provider's own server wants a key: `key` is the ARN of the secret or SSM parameter that holds it; "
                "`devops-copilot configure FILE --model-key-env NAME` makes one from an environment variable"
            )
        return self

    def named(self, purpose: Purpose) -> str | None:
        """The model for this; None for routing where no model is named for it."""
        if purpose == "route":
            return self.routing
        return (self.repair or self.name) if purpose == "repair" else self.name

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine, where no proxy leads."""
        return self.endpoint is not None and urlsplit(self.endpoint).hostname in LOOPBACK


class Budgets(Frozen):
    """The most one Run may use. `tokens` are those of all model calls, in and out; `dollars` is what they cost."""

    items: int = 1000
    attempts: int = 8
    revisions: int = 4
    model_calls: int = 10
    tokens: int = 100_000
    dollars: float = 1.0
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
    model: ModelSettings | None = None

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


def checked(document: object) -> Configuration:
    """A configuration of which all is known: one that has a role or a principal nobody knows gives somebody less than
    was meant, and does not say so. Raises ValidationError, with all that is wrong.
    """
    return Configuration.model_validate(document, context=CHECKED)


def checked_json(text: str) -> Configuration:
    """The same from JSON."""
    return Configuration.model_validate_json(text, context=CHECKED)
