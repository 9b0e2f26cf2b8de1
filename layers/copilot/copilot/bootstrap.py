"""The only place where adapters meet use cases. Each adapter and tool is imported when it is asked for."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any, cast

from copilot.config.configuration import Account, Configuration, ModelSettings
from copilot.domain import Permission, Person, Purpose, Run, Runtime
from copilot.edges.observing import count, logger
from copilot.errors import PermissionDenied
from copilot.ports import (
    Answers,
    Clients,
    Clock,
    Deployments,
    LanguageModel,
    Linter,
    Notifier,
    Platform,
    ReportLinks,
    Reports,
    Scheduler,
    Schedules,
    Store,
    Workflow,
)
from copilot.tools.registry import Registry

if TYPE_CHECKING:
    from copilot.adapters.aws.sessions import ClientFactory, ReadSessions, RoleSession
    from copilot.answering.opening import OpenReport
    from copilot.answering.replying import Reply
    from copilot.answering.telling_owners import TellOwner
    from copilot.config.last_good import InForce, LastGood
    from copilot.intents import Intents
    from copilot.language_model.consulting import Consult
    from copilot.language_model.retrieval import ToolIndex
    from copilot.planning.drafting import Draft
    from copilot.planning.make_plan import MakePlan
    from copilot.policy.decisions import Policy
    from copilot.running.advancing import Advance
    from copilot.running.approving import Approve
    from copilot.running.checking import Check
    from copilot.running.executing import Execute
    from copilot.triggers.firing import Fire
    from copilot.triggers.ingesting import Ingest
    from copilot.triggers.noting_deployments import NoteDeployments

CONFIGURATION_SECONDS = 60
MODEL_KEY_SECONDS = 300


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@cache
def registry() -> Registry:
    return Registry()


def configuration() -> Configuration:
    """The installation's configuration, read again after a minute; the last good one, where that cannot be used."""
    return _in_force(int(time.monotonic() // CONFIGURATION_SECONDS)).configuration


def configuration_note(*, in_full: bool) -> str:
    """What was wrong with the configuration when it was last read, "" where nothing was; in full with what it holds."""
    if not _read:
        return ""
    return _read[-1].problem if in_full else _read[-1].brief


@cache
def store() -> Store:
    from copilot.adapters.dynamodb.store import DynamoStore

    return DynamoStore(os.environ["TABLE"], os.environ["BUCKET"], _own_client("dynamodb"), _own_client("s3"))


def deployments() -> Deployments:
    return _deployments(configuration().tenant)


def note_deployments() -> NoteDeployments:
    from copilot.triggers.noting_deployments import NoteDeployments

    return NoteDeployments(deployments())


def make_plan() -> MakePlan:
    from copilot.planning.make_plan import MakePlan

    return MakePlan(store(), registry(), _intents(), configuration().zone_of, _draft())


def language_model(purpose: Purpose) -> LanguageModel | None:
    """The model for this; None where none is configured for it. Only what calls it imports what speaks to it.

    Raises as `read_model_key` does.
    """
    settings = configuration().model
    name = settings.named(purpose) if settings else None
    if settings is None or name is None:
        return None
    period = int(time.monotonic() // MODEL_KEY_SECONDS)
    return _language_model(settings, name, _model_key(settings.key, period) if settings.key else None)


def advance() -> Advance:
    from copilot.running.advancing import Advance

    functions = {
        "read": os.environ["EXECUTE_READ"],
        "write": os.environ["EXECUTE_WRITE"],
        "render": os.environ["EXECUTE_RENDER"],
        "check": os.environ["CHECK_STEP"],
    }
    config = configuration()
    return Advance(store(), registry(), policy(), SystemClock(), config, functions, config.model is not None)


def execute() -> Execute:
    from copilot.running.executing import Execute

    runtime = cast(Runtime, os.environ["RUNTIME"])
    return Execute(store(), registry(), SystemClock(), reading, writing, runtime)


def check() -> Check:
    from copilot.running.checking import Check

    return Check(store(), registry(), SystemClock(), reading_back)


def reply() -> Reply:
    from copilot.answering.replying import Reply

    return Reply(store(), registry(), SystemClock())


def reply_composed() -> Reply:
    """The same with a model at hand, for answers that a template cannot give."""
    from copilot.answering.composing import Compose
    from copilot.answering.replying import Reply

    return Reply(store(), registry(), SystemClock(), Compose(_consult()))


def ingest() -> Ingest:
    from copilot.triggers.ingesting import Ingest

    return Ingest(store(), workflow(), SystemClock())


def fire() -> Fire:
    from copilot.triggers.firing import Fire

    return Fire(schedules(), ingest(), registry(), configuration(), SystemClock())


def tell_owner() -> TellOwner:
    """Of firings, with the function's own right to put messages of that kind into the outbox."""
    from copilot.adapters.aws.outbox import Outbox
    from copilot.answering.telling_owners import TellOwner

    outbox = Outbox(os.environ["BUCKET"], lambda permissions: _own_client("s3"), SystemClock())
    return TellOwner(schedules(), store(), outbox, configuration())


def schedules() -> Schedules:
    """The tenant's schedules, to be read, and firings of theirs to be recorded."""
    return _schedules(None)


def approve() -> Approve:
    from copilot.running.approving import Approve

    return Approve(store(), policy(), workflow(), SystemClock())


def open_report() -> OpenReport:
    from copilot.adapters.aws.reports import signer
    from copilot.answering.opening import OpenReport

    sign = signer(os.environ["BUCKET"], _own_client("s3"))
    return OpenReport(_report_links(configuration().tenant), sign, SystemClock())


def policy() -> Policy:
    return _policy(configuration().tenant, configuration().read_only)


def workflow() -> Workflow:
    from copilot.adapters.aws.stepfunctions import Machine

    return Machine(os.environ.get("MACHINE_ARN", ""), _own_client("stepfunctions"))


def announce_parked(tenant: str, conversation: str, run_id: str) -> None:
    from copilot.adapters.aws.events import announce_parked

    announce_parked(_own_client("events"), tenant, conversation, run_id)


def reading(run: Run, call_id: str) -> Clients:
    """Clients that read, with the read roles."""
    return AwsClients(configuration(), run.run_id, call_id, run.trigger.person)


def reading_back(run: Run, call_id: str) -> Clients:
    """The same for who checks what a call did: that goes by what the call itself noted, not by the ledger of others."""
    return AwsClients(configuration(), run.run_id, call_id, run.trigger.person, knows_ledger=False)


def writing(run: Run, call_id: str, permissions: Sequence[Permission]) -> Clients:
    """Clients that can do what the permissions name and nothing else, on behalf of the run's person."""
    return AwsClients(configuration(), run.run_id, call_id, run.trigger.person, tuple(permissions))


@dataclass(frozen=True)
class AwsClients:
    """ports.Clients over AWS, each made when a tool first asks for it."""

    config: Configuration
    session: str
    call_id: str
    person: Person
    permissions: tuple[Permission, ...] | None = None
    knows_ledger: bool = True

    @property
    def clock(self) -> Clock:
        return SystemClock()

    @cached_property
    def platform(self) -> Platform:
        from copilot.adapters.aws.platform import AwsPlatform
        from copilot.adapters.aws.sessions import WriteSessions
        from copilot.adapters.platforms import Platforms

        accounts, clock = self.config.accounts, self.clock
        writer = None
        if self.permissions is not None:
            writer = WriteSessions(
                accounts, self.permissions, self.person, self.session, _factory(), clock, emulator=_emulated()
            )
        aws = AwsPlatform(self.config, _readers(accounts), writer, clock)
        platform = Platforms((aws,), self.config)
        if not self.knows_ledger:
            return platform
        from copilot.adapters.dynamodb.effects import DynamoEffects
        from copilot.tools.environments.restoring import Restoring

        return Restoring(platform, DynamoEffects(os.environ["TABLE"], _own_client("dynamodb"), self.config.tenant))

    @cached_property
    def notifier(self) -> Notifier:
        from copilot.adapters.aws.outbox import Outbox

        return Outbox(os.environ["BUCKET"], self._outbox_client, self.clock, self.person.id)

    @property
    def deployments(self) -> Deployments:
        return _deployments(self.config.tenant)

    @cached_property
    def scheduler(self) -> Scheduler:
        from copilot.adapters.aws.scheduler import Addresses, EventBridgeScheduler

        variables = ("SCHEDULE_GROUP", "SCHEDULE_TARGET", "SCHEDULE_INVOKE_ROLE", "DEAD_LETTERS")
        addresses = Addresses(*(os.environ.get(name, "") for name in variables))
        read = _own_client("scheduler")
        return EventBridgeScheduler(addresses, self.config.tenant, read, lambda: self._schedules_client("scheduler"))

    @cached_property
    def schedules(self) -> Schedules:
        return _schedules(lambda: self._schedules_client("dynamodb"))

    @cached_property
    def answers(self) -> Answers:
        from copilot.adapters.dynamodb.answers import DynamoAnswers

        return DynamoAnswers(os.environ["TABLE"], _own_client("dynamodb"), self.config.tenant)

    @cached_property
    def reports(self) -> Reports:
        from copilot.adapters.aws.reports import S3Reports

        links = _report_links(self.config.tenant)
        return S3Reports(os.environ["BUCKET"], _own_client("s3"), self.clock, self.session, links, _links_base())

    @property
    def dockerfile_linter(self) -> Linter:
        from copilot.adapters.hadolint import Hadolint

        return Hadolint()

    def _outbox_client(self, permissions: Sequence[Permission]) -> Any:
        """An S3 client from the outbox role, cut down to the one object. Raises PermissionDenied."""
        if not {*permissions} <= {*(self.permissions or ())}:
            raise PermissionDenied("no message was sent: that is not among what this call was granted")
        return self._session("OUTBOX_ROLE", permissions).client("s3", os.environ["AWS_REGION"])

    def _schedules_client(self, service: str) -> Any:
        """A client from the schedules role, cut down to this call's schedule. Raises PermissionDenied."""
        if self.permissions is None or "SCHEDULES_ROLE" not in os.environ:
            raise PermissionDenied("no schedule was changed: this part of the copilot can only read")
        return self._schedules_session.client(service, os.environ["AWS_REGION"])

    @cached_property
    def _schedules_session(self) -> RoleSession:
        return self._session("SCHEDULES_ROLE", self.permissions or ())

    def _session(self, role: str, permissions: Sequence[Permission]) -> RoleSession:
        """A role of this installation's own, cut down to what one call was granted."""
        from copilot.adapters.aws.session_policies import session_policies
        from copilot.adapters.aws.sessions import RoleSession

        (policy,) = session_policies(permissions, _emulated())
        return RoleSession(
            _factory(),
            self.clock,
            os.environ[role],
            self.session,
            os.environ["AWS_REGION"],
            policy.document,
            self.person,
        )


def _schedules(write: Callable[[], Any] | None) -> Schedules:
    from copilot.adapters.dynamodb.schedules import DynamoSchedules

    def nobody() -> Any:
        raise PermissionDenied("no schedule was changed: this part of the copilot can only read")

    tenant = configuration().tenant
    table_arn = os.environ.get("TABLE_ARN", "")
    return DynamoSchedules(os.environ["TABLE"], table_arn, tenant, _own_client("dynamodb"), write or nobody)


def _draft() -> Draft | None:
    consult = _consult()
    if consult is None:
        return None
    from copilot.planning.drafting import Draft

    return Draft(consult, store(), registry(), _tool_index(), SystemClock(), configuration())


@cache
def _tool_index() -> ToolIndex:
    from copilot.language_model.retrieval import ToolIndex

    return ToolIndex(registry())


def _consult() -> Consult | None:
    config = configuration()
    if config.model is None:
        return None
    from copilot.language_model.consulting import Consult
    from copilot.language_model.prices import dollars

    return Consult(store(), SystemClock(), config.budgets, language_model, dollars)


_read: deque[InForce] = deque(maxlen=1)
"""What the last reading of the configuration found."""


@lru_cache(maxsize=1)
def _in_force(period: int) -> InForce:
    found = _last_good()()
    _read.append(found)
    if found.problem:
        count("ConfigurationNotUsed")
        logger().warning("the configuration is not used as it is kept", problem=found.problem)
    return found


@cache
def _last_good() -> LastGood:
    from copilot.adapters.aws.parameters import Parameter
    from copilot.config.last_good import LastGood

    return LastGood(Parameter(os.environ["CONFIG_PARAMETER"], _own_client("ssm")))


@lru_cache(maxsize=2)  # a key that was replaced is not kept for long
def _model_key(arn: str, period: int) -> str:
    from copilot.adapters.language_models.keys import read_model_key

    return read_model_key(arn, _factory().own)


@lru_cache(maxsize=6)
def _language_model(settings: ModelSettings, name: str, key: str | None) -> LanguageModel:
    if settings.provider == "openai_compatible":
        from copilot.adapters.language_models.openai_compatible import OpenAiCompatible, completions_client

        return OpenAiCompatible(completions_client(settings, key), settings, name, SystemClock())
    from copilot.adapters.language_models.anthropic_messages import AnthropicMessages, messages_client

    return AnthropicMessages(messages_client(settings, key), settings, name, SystemClock())


@cache
def _intents() -> Intents:
    from copilot.intents import load_intents

    return load_intents()


@cache
def _deployments(tenant: str) -> Deployments:
    from copilot.adapters.dynamodb.deployments import DynamoDeployments

    return DynamoDeployments(os.environ["TABLE"], _own_client("dynamodb"), tenant)


@cache
def _readers(accounts: tuple[Account, ...]) -> ReadSessions:
    """Shared by all calls of this process: what a role may read does not depend on who asks."""
    from copilot.adapters.aws.sessions import ReadSessions

    return ReadSessions(accounts, "devops-copilot", _factory(), SystemClock())


@cache
def _policy(tenant: str, read_only: bool) -> Policy:
    from copilot.policy.decisions import Policy

    return Policy(registry(), tenant, read_only)


@cache
def _factory() -> ClientFactory:
    import boto3

    from copilot.adapters.aws.sessions import ClientFactory

    return ClientFactory(boto3.Session().client)


@cache
def _report_links(tenant: str) -> ReportLinks:
    from copilot.adapters.dynamodb.report_links import DynamoReportLinks

    return DynamoReportLinks(os.environ["TABLE"], _own_client("dynamodb"), tenant)


def _links_base() -> str:
    """The address of the HTTP API; on the laptop's AWS the form of it that needs no name to be resolved."""
    url = os.environ["API_URL"]
    if not _emulated():
        return url
    api_id = url.partition("://")[2].partition(".")[0]
    return f"{os.environ['AWS_ENDPOINT_URL']}/_aws/execute-api/{api_id}"


def _own_client(service: str) -> Any:
    return _factory().own(service, os.environ["AWS_REGION"])


def _emulated() -> bool:
    return "AWS_ENDPOINT_URL" in os.environ
