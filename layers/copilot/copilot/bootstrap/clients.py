"""What tools are built with: the copilot's adapters over the roles of an installation, or over a person's own AWS."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from copilot.adapters.system_clock import SystemClock
from copilot.bootstrap.installation import Installation
from copilot.bootstrap.records import NoRecords, Records, only_read
from copilot.config.configuration import Configuration
from copilot.domain import (
    AnswerTo,
    AsSwept,
    ChatUser,
    Decision,
    KnownEnvironment,
    Letter,
    Permission,
    Person,
    Preview,
    SpendBy,
    SpendSheet,
    Target,
    letter_of,
)
from copilot.errors import FatalError, PermissionDenied
from copilot.ports import (
    Answers,
    Bills,
    Clock,
    Configured,
    Deployments,
    Effects,
    Facts,
    History,
    KnownReactions,
    Linter,
    Logs,
    Metrics,
    Notifier,
    Platform,
    Purse,
    Releases,
    Reports,
    Runbooks,
    Scheduler,
    Schedules,
    Trail,
    Watches,
)

if TYPE_CHECKING:
    from copilot.adapters.aws.sessions import Reader, RoleSession, Writer


def platform_over(config: Configuration, reader: Reader, writer: Writer | None, clock: Clock) -> Platform:
    """What these may see and change, wherever it is."""
    from copilot.adapters.aws.platform import AwsPlatform
    from copilot.adapters.platforms import Platforms

    return Platforms((AwsPlatform(config, reader, writer, clock),), config)


def releases_over(config: Configuration, reader: Reader, writer: Writer | None) -> Releases:
    """What these may see and change."""
    from copilot.adapters.aws.releases import AwsReleases

    return AwsReleases(config, reader, writer)


def trail_over(config: Configuration, reader: Reader) -> Trail:
    """Who else changed something, as far as these may see it."""
    from copilot.adapters.aws.trail import CloudTrail

    return CloudTrail(config, reader)


def bills_over(config: Configuration, reader: Reader, purse: Purse) -> Bills:
    """What these may ask of what it cost, each question paid out of the purse."""
    from copilot.adapters.aws.cost_explorer import CostExplorer

    return CostExplorer(config, reader, purse)


def configured_over(config: Configuration, reader: Reader) -> Configured:
    """What these may see of what services are told."""
    from copilot.adapters.aws.configured import AwsConfigured

    return AwsConfigured(config, reader)


class _OverRecords(ABC):
    """The part of ports.Clients that is the same whoever's credentials a call goes by."""

    @property
    @abstractmethod
    def clock(self) -> Clock: ...

    @property
    @abstractmethod
    def records(self) -> Records | NoRecords: ...

    def recall(self) -> AsSwept | None:
        return None

    def known(self, environment: str) -> KnownEnvironment | None:
        return None

    def would_decide(
        self, tool: str, targets: Sequence[Target], *, irreversible: bool = False, owned: bool = False
    ) -> Decision | None:
        return None

    def people(self) -> Mapping[str, str]:
        return {}

    def spend_sheet(self, since: datetime | None, until: datetime | None, by: SpendBy) -> SpendSheet:
        raise FatalError("what a copilot costs is counted by a deployed one only; ask it, or see `spend`")

    def frozen(self, preview: Preview) -> str:
        return ""

    def no_alias(self, word: str, means: str) -> str:
        return ""

    @property
    def deployments(self) -> Deployments:
        return self.records.deployments

    @property
    @abstractmethod
    def trail(self) -> Trail: ...

    @property
    def effects(self) -> History:
        if self.records.effects is None:
            raise FatalError("what was changed is kept by a deployed copilot only; ask it")
        return self.records.effects

    @property
    def answers(self) -> Answers:
        return self.records.answers

    @property
    def dockerfile_linter(self) -> Linter:
        from copilot.adapters.hadolint import Hadolint

        return Hadolint()

    def _platform(
        self, config: Configuration, reader: Reader, writer: Writer | None, effects: Effects | None
    ) -> Platform:
        """As `platform_over`; with effects it knows from them what it was stopped from."""
        platform = platform_over(config, reader, writer, self.clock)
        if effects is None:
            return platform
        from copilot.tools.environments.restoring import Restoring

        return Restoring(platform, effects)


@dataclass(frozen=True)
class AwsClients(_OverRecords):
    """ports.Clients over an installation's roles, each made when a tool first asks for it.

    With `permissions` they can do what these name, on behalf of the person; without, they read. `recurring` says what
    has the call made again and again, where something does. Who checks what a call
    did goes by what the call itself noted, not by the ledger of others, and so does not know it.
    """

    installation: Installation
    config: Configuration
    session: str
    call_id: str
    person: Person
    purse: Purse
    permissions: tuple[Permission, ...] | None = None
    knows_ledger: bool = True
    recalled: Callable[[], AsSwept | None] = lambda: None
    decided: Callable[..., Decision | None] = lambda tool, targets, **so: None
    keeps_back: Callable[[Preview], str] = lambda preview: ""
    refuses: Callable[[str, str], str] = lambda word, means: ""
    asked_at: AnswerTo | None = None
    recurring: str = ""
    sheets: Callable[[datetime | None, datetime | None, SpendBy], SpendSheet] | None = None

    @property
    def clock(self) -> Clock:
        return self.installation.clock

    @property
    def records(self) -> Records:
        return self.installation.records(self.config.tenant)

    def recall(self) -> AsSwept | None:
        return self.recalled()

    def known(self, environment: str) -> KnownEnvironment | None:
        there = self.records.inventory.known().environments
        return next((one for one in there if one.name == environment), None)

    def would_decide(
        self, tool: str, targets: Sequence[Target], *, irreversible: bool = False, owned: bool = False
    ) -> Decision | None:
        return self.decided(tool, targets, irreversible=irreversible, owned=owned)

    def people(self) -> Mapping[str, str]:
        return {one.id: one.name for one in self.config.people}

    def spend_sheet(self, since: datetime | None, until: datetime | None, by: SpendBy) -> SpendSheet:
        return self.sheets(since, until, by) if self.sheets else super().spend_sheet(since, until, by)

    def frozen(self, preview: Preview) -> str:
        return self.keeps_back(preview)

    def no_alias(self, word: str, means: str) -> str:
        return self.refuses(word, means)

    @cached_property
    def platform(self) -> Platform:
        accounts = self.config.accounts
        effects = self.records.effects if self.knows_ledger else None
        return self._platform(self.config, self.installation.readers(accounts), self._writer(), effects)

    @property
    def bills(self) -> Bills:
        return bills_over(self.config, self.installation.readers(self.config.accounts), self.purse)

    @property
    def configured(self) -> Configured:
        return configured_over(self.config, self.installation.readers(self.config.accounts))

    @cached_property
    def releases(self) -> Releases:
        releases = releases_over(self.config, self.installation.readers(self.config.accounts), self._writer())
        if not self.config.code_hosts:
            return releases
        from copilot.adapters.code_hosts.releases import WithCodeHosts

        return WithCodeHosts(releases, self.config, self.installation.code_host)

    @cached_property
    def trail(self) -> Trail:
        return trail_over(self.config, self.installation.readers(self.config.accounts))

    @cached_property
    def logs(self) -> Logs:
        from copilot.adapters.aws.logs import AwsLogs

        return AwsLogs(self.config, self.installation.readers(self.config.accounts), self.purse)

    @cached_property
    def metrics(self) -> Metrics:
        from copilot.adapters.aws.measuring import AwsMetrics

        return AwsMetrics(self.installation.readers(self.config.accounts))

    @cached_property
    def notifier(self) -> Notifier:
        from copilot.adapters.outside_notifier import EachItsWay

        return EachItsWay(lambda: self._inside, lambda: self._outside)

    @cached_property
    def _outside(self) -> Notifier:
        from copilot.adapters.outside_notifier import OutsideNotifier

        known = self.config.known(self.person.id)
        asker = known.name if known else ""

        def letter(text: str) -> Letter:
            return letter_of(text, self.installation.links_base, self.records.picture, asker, self.recurring)

        destinations = self.installation.destinations(self.config.destinations)
        return OutsideNotifier(destinations, letter, sends=self.permissions is not None)

    @cached_property
    def _inside(self) -> Notifier:
        config = self.config
        people = [known.id for known in config.people]
        if config.chat is None:
            return self.records.outbox(self._outbox_client, self.person.id, config.may_be_told, people)
        from copilot.adapters.chat_notifier import ChatNotifier

        on, sends = partial(self.installation.chat, config.chat), self.permissions is not None
        return ChatNotifier(on, config, self._linked, sends=sends)

    def _linked(self, person: str) -> list[ChatUser]:
        """The users whom a person has said to be, as long as that counts."""
        now = self.clock.now()
        return [link.user for link in self.records.chat_links.links_of(person) if link.until > now]

    @property
    def reactions(self) -> KnownReactions:
        from copilot.adapters.known_reactions import ConfiguredReactions

        return ConfiguredReactions(self.config, self.records.reactions)

    @cached_property
    def scheduler(self) -> Scheduler:
        from copilot.adapters.aws.scheduler import Addresses, EventBridgeScheduler

        variables = ("SCHEDULE_GROUP", "SCHEDULE_TARGET", "SCHEDULE_INVOKE_ROLE", "DEAD_LETTERS")
        addresses = Addresses(*(self.installation.told.get(name, "") for name in variables))
        read = self.installation.own_client("scheduler")
        return EventBridgeScheduler(addresses, self.config.tenant, read, lambda: self._schedules_client("scheduler"))

    @cached_property
    def schedules(self) -> Schedules:
        table_arn = self.installation.told.get("TABLE_ARN", "")
        return self.records.schedules(table_arn, lambda: self._schedules_client("dynamodb"))

    @cached_property
    def runbooks(self) -> Runbooks:
        table_arn = self.installation.told.get("TABLE_ARN", "")
        return self.records.runbooks(table_arn, lambda: self._schedules_client("dynamodb"))

    @cached_property
    def facts(self) -> Facts:
        table_arn = self.installation.told.get("TABLE_ARN", "")
        return self.records.facts(table_arn, lambda: self._schedules_client("dynamodb"))

    @cached_property
    def watches(self) -> Watches:
        table_arn = self.installation.told.get("TABLE_ARN", "")
        return self.records.watches(table_arn, lambda: self._schedules_client("dynamodb"))

    @cached_property
    def reports(self) -> Reports:
        return self.records.reports(self.session)

    def _writer(self) -> Writer | None:
        if self.permissions is None:
            return None
        from copilot.adapters.aws.sessions import WriteSessions

        return WriteSessions(
            self.config.accounts,
            self.permissions,
            self.person,
            self.session,
            self.installation.factory,
            self.clock,
            emulator=self.installation.is_emulated,
        )

    def _outbox_client(self, permissions: Sequence[Permission]) -> Any:
        """An S3 client from the outbox role, cut down to the one object. Raises PermissionDenied."""
        if not {*permissions} <= {*(self.permissions or ())}:
            raise PermissionDenied("no message was sent: that is not among what this call was granted")
        return self._role("OUTBOX_ROLE", permissions).client("s3", self.installation.region)

    def _schedules_client(self, service: str) -> Any:
        """A client from the schedules role, cut down to what this call keeps. Raises PermissionDenied."""
        if self.permissions is None or "SCHEDULES_ROLE" not in self.installation.told:
            only_read()
        return self._schedules_role.client(service, self.installation.region)

    @cached_property
    def _schedules_role(self) -> RoleSession:
        return self._role("SCHEDULES_ROLE", self.permissions or ())

    def _role(self, name: str, permissions: Sequence[Permission]) -> RoleSession:
        """A role of this installation's own, cut down to what one call was granted."""
        from copilot.adapters.aws.session_policies import session_policies
        from copilot.adapters.aws.sessions import RoleSession

        installation = self.installation
        (policy,) = session_policies(permissions, installation.is_emulated)
        return RoleSession(
            installation.factory,
            self.clock,
            installation.told[name],
            self.session,
            installation.region,
            policy.document,
            self.person,
        )


@dataclass(frozen=True)
class OwnClients(_OverRecords):
    """ports.Clients over a person's own AWS credentials, as far as these reach; no policy asks anybody before a write.

    `configure` gives the configuration when a tool first asks for the platform. `of_tenant` gives the records of a
    copilot that the credentials may read; without it there are none. Its schedules stay its own either way.
    """

    call_id: str
    person: Person
    credentials: Reader
    configure: Callable[[], Configuration]
    of_tenant: Callable[[str], Records] | None = None
    may_write: bool = False

    @property
    def clock(self) -> Clock:
        return SystemClock()

    @property
    def purse(self) -> Purse:
        """What a person asks with their own credentials is no copilot's to count."""
        from copilot.adapters.uncounted import Uncounted

        return Uncounted()

    @cached_property
    def config(self) -> Configuration:
        return self.configure()

    @cached_property
    def records(self) -> Records | NoRecords:
        return self.of_tenant(self.config.tenant) if self.of_tenant else NoRecords()

    @cached_property
    def platform(self) -> Platform:
        return self._platform(self.config, self.credentials, self._writer(), self.records.effects)

    @property
    def bills(self) -> Bills:
        return bills_over(self.config, self.credentials, self.purse)

    @property
    def configured(self) -> Configured:
        return configured_over(self.config, self.credentials)

    @cached_property
    def releases(self) -> Releases:
        return releases_over(self.config, self.credentials, self._writer())

    @cached_property
    def trail(self) -> Trail:
        return trail_over(self.config, self.credentials)

    @cached_property
    def logs(self) -> Logs:
        from copilot.adapters.aws.logs import AwsLogs

        return AwsLogs(self.config, self.credentials, self.purse)

    @cached_property
    def metrics(self) -> Metrics:
        from copilot.adapters.aws.measuring import AwsMetrics

        return AwsMetrics(self.credentials)

    @cached_property
    def notifier(self) -> Notifier:
        return self.records.outbox(channels=self.config.may_be_told, people=[one.id for one in self.config.people])

    @property
    def reports(self) -> Reports:
        return self.records.reports(self.call_id)

    def _writer(self) -> Writer | None:
        from copilot.adapters.aws.own_sessions import OwnWriter

        return OwnWriter(self.credentials) if self.may_write else None

    @property
    def scheduler(self) -> Scheduler:
        raise FatalError(NO_SCHEDULES)

    @property
    def schedules(self) -> Schedules:
        raise FatalError(NO_SCHEDULES)

    @property
    def runbooks(self) -> Runbooks:
        raise FatalError(NO_RUNBOOKS)

    @property
    def facts(self) -> Facts:
        raise FatalError(NO_FACTS)

    @property
    def watches(self) -> Watches:
        raise FatalError(NO_WATCHES)

    @property
    def reactions(self) -> KnownReactions:
        raise FatalError(NO_REACTIONS)

    @property
    def asked_at(self) -> AnswerTo | None:
        return None


def own_session() -> Reader:
    """Reads with the AWS credentials that are found here, the one account that they are of."""
    from copilot.adapters.aws.own_sessions import OwnSession

    return OwnSession()


NO_FACTS = "facts are kept by a deployed copilot only; ask it, or see `facts list`"
NO_RUNBOOKS = "runbooks are kept by a deployed copilot only; ask it, or see `runbooks list`"
NO_REACTIONS = "reactions are a deployed copilot's own; ask it, or see `reactions list`"
NO_WATCHES = "what is watched is a deployed copilot's own, for who asked it; ask it, or see `watches list`"
NO_SCHEDULES = "schedules are a copilot's own, with the rights of who made them; ask it, or see `schedules`"
