"""The only place where adapters meet use cases. Each adapter and tool is imported when it is asked for."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from copilot.config import Account, Configuration
from copilot.model import Permission, Person, Run
from copilot.ports import Clients, Clock, Linter, Notifier, Platform, Store, Workflow
from copilot.tools.registry import Registry

if TYPE_CHECKING:
    from copilot.adapters.aws.sessions import ClientFactory, ReadSessions
    from copilot.advancing import Advance
    from copilot.approving import Approve
    from copilot.checking import Check
    from copilot.executing import Execute
    from copilot.ingesting import Ingest
    from copilot.planning import MakePlan
    from copilot.policy import Policy
    from copilot.replying import Reply

CONFIGURATION_SECONDS = 60


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@cache
def registry() -> Registry:
    return Registry()


def configuration() -> Configuration:
    """The installation's configuration, read again after a minute."""
    return _configuration(int(time.monotonic() // CONFIGURATION_SECONDS))


@cache
def store() -> Store:
    from copilot.adapters.dynamodb.store import DynamoStore

    return DynamoStore(os.environ["TABLE"], os.environ["BUCKET"], _own_client("dynamodb"), _own_client("s3"))


def make_plan() -> MakePlan:
    from copilot.intents import load_intents
    from copilot.planning import MakePlan

    return MakePlan(store(), registry(), cache(load_intents)())


def advance() -> Advance:
    from copilot.advancing import Advance

    functions = {
        "read": os.environ["EXECUTE_READ"],
        "write": os.environ["EXECUTE_WRITE"],
        "render": os.environ["EXECUTE_RENDER"],
        "check": os.environ["CHECK_STEP"],
    }
    return Advance(store(), registry(), policy(), SystemClock(), configuration(), functions)


def execute() -> Execute:
    from copilot.executing import Execute

    return Execute(store(), registry(), SystemClock(), reading, writing)


def check() -> Check:
    from copilot.checking import Check

    return Check(store(), registry(), SystemClock(), reading)


def reply() -> Reply:
    from copilot.replying import Reply

    return Reply(store(), registry(), SystemClock())


def ingest() -> Ingest:
    from copilot.ingesting import Ingest

    return Ingest(store(), workflow(), SystemClock())


def approve() -> Approve:
    from copilot.approving import Approve

    return Approve(store(), policy(), workflow(), SystemClock())


def policy() -> Policy:
    return _policy(configuration().tenant, configuration().read_only)


def workflow() -> Workflow:
    from copilot.adapters.stepfunctions import Machine

    return Machine(os.environ.get("MACHINE_ARN", ""), _own_client("stepfunctions"))


def announce_parked(tenant: str, conversation: str, run_id: str) -> None:
    from copilot.adapters.events import announce_parked

    announce_parked(_own_client("events"), tenant, conversation, run_id)


def reading(run: Run, call_id: str) -> Clients:
    """Clients that read, with the read roles."""
    return AwsClients(configuration(), run.run_id, call_id, run.trigger.person)


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

    @property
    def clock(self) -> Clock:
        return SystemClock()

    @cached_property
    def platform(self) -> Platform:
        from copilot.adapters.aws.platform import AwsPlatform
        from copilot.adapters.aws.sessions import WriteSessions

        accounts, clock = self.config.accounts, self.clock
        writer = None
        if self.permissions is not None:
            writer = WriteSessions(
                accounts, self.permissions, self.person, self.session, _factory(), clock, emulator=_emulated()
            )
        return AwsPlatform(self.config, _readers(accounts), writer, clock)

    @cached_property
    def notifier(self) -> Notifier:
        from copilot.adapters.outbox import Outbox

        return Outbox(os.environ["BUCKET"], self._outbox_client, self.clock, self.person.id)

    @property
    def dockerfile_linter(self) -> Linter:
        from copilot.adapters.hadolint import Hadolint

        return Hadolint()

    def _outbox_client(self, permissions: Sequence[Permission]) -> Any:
        """An S3 client from the outbox role, cut down to the one object."""
        from copilot.adapters.aws.session_policies import session_policies
        from copilot.adapters.aws.sessions import RoleSession

        (policy,) = session_policies(permissions, _emulated())
        region, role_arn = os.environ["AWS_REGION"], os.environ["OUTBOX_ROLE"]
        role = RoleSession(_factory(), self.clock, role_arn, self.session, region, policy.document, self.person)
        return role.client("s3", region)


@cache
def _configuration(period: int) -> Configuration:
    found = _own_client("ssm").get_parameter(Name=os.environ["CONFIG_PARAMETER"])
    return Configuration.model_validate_json(found["Parameter"]["Value"])


@cache
def _readers(accounts: tuple[Account, ...]) -> ReadSessions:
    """Shared by all calls of this process: what a role may read does not depend on who asks."""
    from copilot.adapters.aws.sessions import ReadSessions

    return ReadSessions(accounts, "devops-copilot", _factory(), SystemClock())


@cache
def _policy(tenant: str, read_only: bool) -> Policy:
    from copilot.policy import Policy

    return Policy(registry(), tenant, read_only)


@cache
def _factory() -> ClientFactory:
    import boto3

    from copilot.adapters.aws.sessions import ClientFactory

    return ClientFactory(boto3.Session().client)


def _own_client(service: str) -> Any:
    return _factory().own(service, os.environ["AWS_REGION"])


def _emulated() -> bool:
    return "AWS_ENDPOINT_URL" in os.environ
