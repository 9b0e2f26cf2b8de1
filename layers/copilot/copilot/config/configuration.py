"""What an installation is told: its accounts, its people, its limits. Kept as JSON in one SSM parameter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from copilot.config.caps import Caps
from copilot.config.chats import ChatSettings
from copilot.config.destinations import DestinationSettings, Holds
from copilot.config.escalating import MOST_LEVELS, Level, escalation_faults
from copilot.config.names import about_account_role, about_principal, about_region, about_role, about_zone
from copilot.config.places import LOOPBACK, Endpoint, KeyArn
from copilot.config.reacting import Maintenance, Quiet, Reaction, cross_faults
from copilot.domain import (
    AnswerTo,
    Channel,
    ChatAddress,
    ChatUser,
    CodeAddress,
    CodeHostName,
    Frozen,
    Job,
    Kind,
    Pack,
    Person,
    Purpose,
    Retention,
    WritePack,
    way_of,
)
from copilot.text.nearness import there_are

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


MAILED = "mail="
"""What the id of a person by mail begins with: that of a KnownPerson has no such sign, so that none is the same."""
_MAIL = re.compile(r"[a-z0-9._+-]{1,64}@[a-z0-9.-]{1,190}")
_PLAIN_NAME = re.compile(r"[\w.@ -]+")
TimeZone = Annotated[str, AfterValidator(lambda name: _without_problem(name, about_zone(name)))]
Role = Annotated[str, AfterValidator(_role)]
Principal = Annotated[str, AfterValidator(_principal)]
Region = Annotated[str, AfterValidator(_region)]


class Account(Frozen):
    """An AWS account the copilot looks after."""

    id: AccountId = Field(description="its twelve digits, in quotes")
    name: str = Field(description="what people call it")
    regions: Annotated[tuple[Region, ...], Field(min_length=1)] = Field(description="the regions that are looked at")
    kind: Kind | None = Field(
        default=None, description="the kind of every environment in the account, whatever the tags in it say"
    )
    read_role: str = Field(description="ARN of the role it is read with; of this account")
    write_role: str | None = Field(
        default=None, description="ARN of the role it is changed with; without one nothing in it can be changed"
    )
    destroy_role: str | None = Field(
        default=None,
        description="ARN of the role that deletes in it; without one nothing in it can be deleted",
    )
    may_delete: bool = Field(
        default=False, description="whether preview environments in it may be deleted, each time with an approval"
    )
    packs: frozenset[Pack | WritePack] = Field(
        default=frozenset(),
        description="what may be read of it besides its resources, and changed besides stopping and starting, as its "
        "roles were deployed: of logs, parameters, trail, cost; of restart, scale, deploy",
    )

    @field_validator("read_role", "write_role", "destroy_role")
    @classmethod
    def _is_of_the_account(cls, arn: str | None, info: ValidationInfo) -> str | None:
        if arn is None or not _is_checked(info):
            return arn
        return _without_problem(arn, about_account_role(arn, info.data.get("id")))


class KnownPerson(Frozen):
    """Somebody, or some pipeline, that may ask. Who is not in the list may do nothing."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._@-]*$", max_length=80)] = Field(
        description="what the journal, the ledger and CloudTrail call them"
    )
    name: str = Field(description="what answers and approvals call them")
    principals: tuple[Principal, ...] = Field(
        default=(),
        description="IAM ARNs, as `aws sts get-caller-identity` prints them; a trailing /* is any session of that role",
    )
    roles: tuple[Role, ...] = Field(description="of reader, developer, operator, approver")
    time_zone: TimeZone | None = Field(
        default=None, description='where "6pm" is 6pm for them; else the `time_zone` of the whole'
    )
    chat: tuple[ChatAddress, ...] = Field(
        default=(),
        description="who they are in chats, as slack:WORKSPACE/USER by ids; others link themselves",
    )
    service: bool = Field(
        default=False, description="whether it is nobody, but has the rights of reactions: it cannot ask or approve"
    )

    @model_validator(mode="after")
    def _is_somebody(self, info: ValidationInfo) -> KnownPerson:
        somebody = self.principals or self.chat or self.code or self.job
        if self.service and (somebody or "approver" in self.roles):
            raise PydanticCustomError(
                "service",
                "nobody is a service person: it has no `principals`, `chat`, `code` or `job`, nor the role approver",
            )
        if not self.service and "principals" not in self.model_fields_set and _is_checked(info):
            raise PydanticCustomError("service", "`principals` is missing; with `service: true` there are none")
        return self

    code: tuple[CodeAddress, ...] = Field(
        default=(),
        description="who they are on code hosts, as github:583231 or gitlab:42, by the number of the user; nobody else "
        "is answered there",
    )
    job: Job | None = Field(
        default=None,
        description="of a pipeline's role: what jobs come by it, main, branch, pull_request or fork",
    )

    @property
    def person(self) -> Person:
        return Person(id=self.id, name=self.name, roles=self.roles, job=self.job)


class TagNames(Frozen):
    """The names of the tags by which resources are grouped into environments."""

    environment: str = Field(
        default="environment", description="holds the environment's name; without it, not looked at"
    )
    kind: str = Field(default="kind", description="holds its kind; missing, unknown or contradictory is production")
    owner: str = Field(default="owner", description="holds who owns it")
    schedule: str = Field(
        default="schedule", description='a resource where it is "off" keeps its environment out of every schedule'
    )


ParameterPath = Annotated[str, StringConstraints(pattern=r"^/?(?:[\w.-]+/)*\{environment\}(?:/[\w.-]+)*/?$")]


class ModelSettings(Frozen):
    """Which model plans what no known request covers, and where it is. Without it, known requests and runbooks work."""

    provider: Literal["anthropic", "bedrock", "openai_compatible"] = Field(
        description="the protocol that is spoken: Anthropic's Messages API, the same on Bedrock, or chat completions"
    )
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="the provider's name for the model"
    )
    routing: str | None = Field(
        default=None, description="a cheaper model that is asked first whether a request needs a plan at all"
    )
    repair: str | None = Field(
        default=None, description="a cheaper model that puts right a call that was wrong; else the one that plans"
    )
    endpoint: Endpoint | None = Field(
        default=None, description="base URL of a server that speaks the protocol; else the provider's own"
    )
    region: str | None = Field(default=None, description="Bedrock's region")
    key: KeyArn | None = Field(
        default=None,
        description="where the key is kept: ARN of a Secrets Manager secret or an SSM parameter, never the key itself; "
        "Bedrock needs none, there the functions' role counts",
    )
    timeout_seconds: Annotated[int, Field(ge=1, le=120)] = Field(
        default=60, description="how long one question may take, with what is asked again"
    )
    max_output_tokens: Annotated[int, Field(ge=100, le=32_000)] | None = Field(
        default=None,
        description="the most it may put out; for a model that thinks, whose thoughts count as output. Else what an "
        "answer alone needs",
    )
    effort: Literal["low", "medium", "high"] | None = Field(
        default=None, description="how much it thinks, where that can be told"
    )

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
    """The most one run may use. What goes beyond is not begun, and the answer says so."""

    items: int = Field(default=1000, description="items: a step of a plan, or each element of its for_each")
    attempts: int = Field(default=8, description="attempts at one call that fails for a passing reason")
    revisions: int = Field(default=4, description="changes of the plan")
    rounds: int = Field(default=3, description="looks of the model at what its plan came to, to go on with that")
    model_calls: int = Field(default=10, description="calls of a model")
    tokens: int = Field(default=100_000, description="tokens of all model calls, in and out")
    dollars: float = Field(default=1.0, description="what they cost, by the list of prices")
    log_search_dollars: Annotated[float, Field(ge=0)] = Field(
        default=0.25, description="what one search of logs may cost, as it is reckoned before; above that it is refused"
    )
    wall_minutes: int = Field(default=24 * 60, description="minutes from the request on")


class Limits(Frozen):
    """How much may be changed at once: by one run, and by all runs in an account within an hour. Each environment
    counts once, however often it is changed. What goes beyond is not begun, and the answer says so.
    """

    asks_above: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=5, description="environments that may be changed without an approval; more need one"
    )
    asks_above_percent: Annotated[int, Field(ge=0, le=100)] = Field(
        default=20,
        description="of staging and of production also this many percent of the environments of that kind, as they "
        "were last seen; one may always be",
    )
    most: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=25, description="environments that may be changed at all; no approval lifts this"
    )
    production_accounts: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=1, description="accounts in which one run may change production; no approval lifts this"
    )

    @model_validator(mode="after")
    def _asks_below_the_most(self) -> Limits:
        if self.asks_above > self.most:
            raise ValueError(f"`asks_above` ({self.asks_above}) is above `most` ({self.most}): nothing would be asked")
        return self


DeployedName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_ .:/@+-]*$", max_length=200)]


class Repository(Frozen):
    """A repository, or a project of GitLab's, whose pipelines deploy something, or in which people may ask."""

    id: Annotated[int, Field(ge=1)] = Field(
        description="its number there; what its name says may be another's tomorrow, and only the number counts"
    )
    name: Annotated[str, StringConstraints(pattern=r"^\w[\w.-]*(/\w[\w.-]*)+$", max_length=255)] = Field(
        description="its name with whose it is, such as octo-org/shop"
    )
    service: DeployedName | None = Field(
        default=None, description="what it deploys, as deployments call it; without one nothing it reports counts"
    )
    environment: DeployedName | None = Field(
        default=None, description="where its `pipelines` deploy to: each of their runs is one deployment"
    )
    pipelines: tuple[Annotated[str, StringConstraints(min_length=1, max_length=200)], ...] = Field(
        default=(),
        description="which of them deploy, by name or, of GitHub's workflows, by file, such as deploy.yml; on GitLab "
        "all do where none is named",
    )
    environments: dict[str, DeployedName] = Field(
        default={},
        description="or, in place of `environment`, what the host's own environments are called here, as in "
        "{production: shop-production}: each deployment to one of these is one, and runs are not",
    )
    branches: tuple[Annotated[str, StringConstraints(min_length=1, max_length=200)], ...] = Field(
        default=(),
        description="from which branches or tags `pipelines` deploy, such as main or v*; without any from the default "
        "branch. A fork's never count",
    )

    @model_validator(mode="after")
    def _says_where_to(self) -> Repository:
        if self.service is not None and bool(self.environment) == bool(self.environments):
            raise ValueError("say with `service` either `environment` or `environments`: where it is deployed to")
        if self.service is None and (self.environment or self.environments or self.pipelines):
            raise ValueError("say which `service` it deploys")
        return self


class CodeHost(Frozen):
    """GitHub or GitLab, whose web hooks are let in where the template names their secret."""

    platform: CodeHostName = Field(description="github or gitlab")
    endpoint: Endpoint | None = Field(
        default=None,
        description="base URL of its API where it is your own: https://HOST/api/v3 of GitHub, https://HOST/api/v4 of "
        "GitLab",
    )
    token: KeyArn | None = Field(
        default=None,
        description="where the token is kept that reads: ARN of a secret or an SSM parameter. Without one no job's log "
        "is read, and nobody is answered",
    )
    comment_token: KeyArn | None = Field(
        default=None, description="where the token is kept that comments; without one nobody is answered there"
    )
    repositories: Annotated[tuple[Repository, ...], Field(min_length=1)] = Field(
        description="of which it is heard; what others send is dropped, and counted"
    )

    @model_validator(mode="after")
    def _names_pipelines(self) -> CodeHost:
        if len({one.id for one in self.repositories}) < len(self.repositories):
            raise ValueError("a repository is named twice")
        for one in self.repositories:
            if self.platform == "github" and one.environment and not one.pipelines:
                raise ValueError(f"say which `pipelines` of {one.name} deploy: not every workflow does")
        return self

    def repository(self, id: int) -> Repository | None:
        return next((one for one in self.repositories if one.id == id), None)


class Configuration(Frozen):
    """The whole of it."""

    tenant: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")] = Field(
        default="main", description="whose copilot it is; in the key of every row, so leave it as it is once used"
    )
    accounts: tuple[Account, ...] = Field(description="the accounts it looks after")
    people: tuple[KnownPerson, ...] = Field(description="who may ask, and what their roles are")
    tags: TagNames = Field(default=TagNames(), description="what your tags are called")
    parameters: tuple[ParameterPath, ...] = Field(
        default=("app/{environment}", "{environment}"),
        description="the paths at which an environment's parameters and secrets are; {environment} is its name",
    )
    read_only: bool = Field(default=False, description="policy denies every change, messages included")
    time_zone: TimeZone = Field(default="UTC", description='IANA name of where "6pm" is 6pm')
    channels: tuple[Channel, ...] = Field(
        default=(), description="the channels that may be told, `reports_to` as well; without any it is every one"
    )
    reports_to: Channel | None = Field(
        default=None,
        description="channel, or destination, in which owners are told of firings of their schedules that did not run, "
        "failed or wait",
    )
    destinations: DestinationSettings = Field(
        default=DestinationSettings(), description="whom messages and reports may be sent to outside the chat"
    )
    job_summaries: Literal["channel", "named", "shared"] = Field(
        default="channel",
        description="what summaries and logs of pipelines may hold: what a channel may, what one may that was "
        "named for it, or nothing but how it ended, where the repository is public",
    )
    most_at_once: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=20,
        description="how many environments a request in words may change without a question whether they are meant",
    )
    approval_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = Field(
        default=60, description="how long an approval may be given"
    )
    escalate_to: Annotated[tuple[Level, ...], Field(max_length=MOST_LEVELS)] = Field(
        default=(),
        description="whom an approval is told to that nobody answered, level after level; that never gives it",
    )
    budgets: Budgets = Field(default=Budgets(), description="the most one run may use")
    limits: Limits = Field(default=Limits(), description="how much may be changed at once")
    caps: Caps = Field(default=Caps(), description="the most that the copilot may spend, by day and month")
    retention: Retention = Field(default=Retention(), description="for how many days what is kept of requests is kept")
    model: ModelSettings | None = Field(default=None, description="the model that plans what is not known")
    chat: ChatSettings | None = Field(default=None, description="where people reach it in a chat; else nowhere")
    reactions: Annotated[tuple[Reaction, ...], Field(max_length=50)] = Field(
        default=(), description="events that start a request or a runbook"
    )
    quiet_hours: tuple[Quiet, ...] = Field(default=(), description="when reactions are held, and told once that ends")
    maintenance: tuple[Maintenance, ...] = Field(
        default=(), description="when what is worked on starts no reaction, and is told once that ends"
    )
    code_hosts: Annotated[tuple[CodeHost, ...], Field(max_length=2)] = Field(
        default=(), description="the code hosts whose pipelines and comments it hears of; one of each at most"
    )

    @model_validator(mode="after")
    def _has_each_code_host_once(self) -> Configuration:
        if len({one.platform for one in self.code_hosts}) < len(self.code_hosts):
            raise ValueError("a platform is named twice among `code_hosts`")
        return self

    @property
    def may_be_told(self) -> tuple[str, ...]:
        """The channels there are, none where any may be one, and the destinations outside, see domain `is_told`."""
        more = [self.reports_to] if self.reports_to and self.channels else []
        return tuple(dict.fromkeys([*self.channels, *more, *self.destinations.names]))

    def may_hold(self, channel: str) -> Holds:
        """As what kind of place policy takes whom a message is sent to: a channel is named for it by being told."""
        return self.destinations.holds(channel) if way_of(channel) else "named"

    @property
    def account_names(self) -> dict[str, str]:
        """What people call each account, by id."""
        return {account.id: account.name for account in self.accounts}

    def current(self, person: Person) -> Person:
        """The person with the roles they have now: none, once they are no longer known."""
        known = self.known(person.id)
        if known:
            return known.person.narrowed(person.job)
        mailed = person.id.removeprefix(MAILED) if person.id.startswith(MAILED) else None
        return (self.reader_by_mail(mailed) if mailed else None) or Person(id=person.id, name=person.name)

    def person(self, principal: str) -> Person | None:
        """The Person behind an IAM ARN, or None: unmapped people may do nothing."""
        for known in self.people:
            for pattern in known.principals:
                if principal == pattern or (pattern.endswith("/*") and principal.startswith(pattern[:-1])):
                    return known.person
        return None

    def person_in_chat(self, user: ChatUser) -> Person | None:
        """The Person whom the configuration says this user is."""
        return next((known.person for known in self.people if user.address in known.chat), None)

    def code_host(self, platform: str) -> CodeHost | None:
        return next((one for one in self.code_hosts if one.platform == platform), None)

    def service_at(self, where: AnswerTo | None) -> str:
        """What the repository deploys in which that place is; "" where it is in none, or that deploys nothing."""
        host = self.code_host(where.platform) if where is not None else None
        repository = host.repository(int(where.place)) if host and where and where.place.isdecimal() else None
        return (repository.service if repository else None) or ""

    def person_on_code_host(self, address: str) -> Person | None:
        """The Person whom the configuration says the user at this CodeAddress is."""
        return next((known.person for known in self.people if address in known.code), None)

    def reader_by_mail(self, mail: str) -> Person | None:
        """Whoever has confirmed this mail address in the home workspace, where such a one may read: called by that
        address, since anybody may choose the name that a chat shows.
        """
        mail = mail.lower()
        allowed = self.chat.readers_by_mail if self.chat else ()
        if not _MAIL.fullmatch(mail) or f"@{mail.rpartition('@')[2]}" not in allowed:
            return None
        return Person(id=f"{MAILED}{mail}", name=mail, roles=("reader",))

    def known(self, person_id: str) -> KnownPerson | None:
        """The person of this id, as they are configured now; None for one who is gone."""
        return next((known for known in self.people if known.id == person_id), None)

    def reaction(self, name: str) -> Reaction | None:
        """The one of this name, as it is configured now."""
        return next((one for one in self.reactions if one.name == name), None)

    def owned_as(self, person: Person) -> tuple[str, ...]:
        """How an owner is written who is this person and nobody else: their id, and their name where it is theirs alone
        and can stand in a filter as it is.
        """
        others = {name for one in self.people if one.id != person.id for name in (one.id, one.name)}
        names = dict.fromkeys((person.id, person.name))
        return tuple(name for name in names if name not in others and _PLAIN_NAME.fullmatch(name))

    def zone_of(self, person_id: str) -> str:
        """The time zone in which this person names times: their own, or the tenant's."""
        known = self.known(person_id)
        return (known.time_zone if known else None) or self.time_zone


def checked(document: object) -> Configuration:
    """A configuration of which all is known: one that has a role or a principal nobody knows gives somebody less than
    was meant, and does not say so. Raises ValidationError, with all that is wrong.
    """
    return _whole(Configuration.model_validate(document, context=CHECKED))


def checked_json(text: str) -> Configuration:
    """The same from JSON."""
    return _whole(Configuration.model_validate_json(text, context=CHECKED))


def _untold(config: Configuration) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Where somebody is to be told outside the chat who is none of the destinations."""
    told: list[tuple[tuple[int | str, ...], str | None]] = [
        *((("channels", at), one) for at, one in enumerate(config.channels)),
        (("reports_to",), config.reports_to),
        *((("reactions", at, "tells"), one.tells) for at, one in enumerate(config.reactions)),
    ]
    there = config.destinations.names
    for place, one in told:
        if one and way_of(one) and one not in there:
            yield place, f"{one} is none of `destinations`{there_are(one, there)}"


def _whole(config: Configuration) -> Configuration:
    """With parts that fit each other."""
    people = {one.id: one.service for one in config.people}
    found = [
        *_untold(config),
        *cross_faults(config.reactions, people, {one.id for one in config.accounts}),
        *escalation_faults(config.escalate_to, config.destinations.escalated_to, config.approval_minutes),
    ]
    if not found:
        return config
    raise ValidationError.from_exception_data(
        "Configuration",
        [
            {"type": PydanticCustomError("unfit", "{problem}", {"problem": said}), "loc": place, "input": None}
            for place, said in found
        ],
    )
