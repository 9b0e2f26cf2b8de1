"""What a tool is given when a person runs it here: the copilot's adapters over the person's own AWS credentials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from cli.commands.configuring import PARAMETER, read_configuration
from cli.exits import Refused
from cli.laptop import LaptopFile
from cli.laptop.clients import Clients as LaptopClients
from cli.wording import line
from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.outbox import Outbox
from copilot.adapters.aws.platform import AwsPlatform
from copilot.adapters.aws.reports import S3Reports
from copilot.adapters.aws.sessions import ClientFactory, ReadSessions, WriteSessions
from copilot.adapters.dynamodb.answers import DynamoAnswers
from copilot.adapters.dynamodb.deployments import DynamoDeployments
from copilot.adapters.dynamodb.effects import DynamoEffects
from copilot.adapters.dynamodb.report_links import DynamoReportLinks
from copilot.adapters.hadolint import Hadolint
from copilot.config.configuration import Configuration
from copilot.config.faults import faults, in_a_line
from copilot.errors import FatalError, PermissionDenied
from copilot.ports import AnsweredRuns, Answers, Clock, Deployments, Linter, Notifier, Platform, Reports, Schedules
from copilot.tools.environments.restoring import Restoring


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class OwnAws:
    """AWS clients with the person's own credentials; on the laptop with those of each account's root. Thread safe."""

    def __init__(self, laptop: LaptopFile | None) -> None:
        self._laptop = LaptopClients(laptop.endpoint) if laptop else None
        self._factory = ClientFactory(boto3.Session().client)

    def client(self, account_id: str, region: str, service: str) -> Any:
        """Raises as `open` does."""
        if self._laptop:
            return self._laptop(service, account_id, region)
        self.open(account_id)
        return self._factory.own(service, region)

    def open(self, account_id: str) -> None:
        """Raises PermissionDenied for an account the credentials are not of."""
        if self._laptop is None and account_id != self._account:
            raise PermissionDenied(f"your AWS credentials are of account {self._account}, not of {account_id}")

    @cached_property
    def _account(self) -> str:
        with translated("asking whose your AWS credentials are"):
            return str(self._factory.own("sts", "us-east-1").get_caller_identity()["Account"])


@dataclass(frozen=True)
class OwnWriter:
    """What a write gets: the person's credentials again, as far as they reach."""

    aws: OwnAws

    def client(self, action: str, arn: str) -> Any:
        where = parse_arn(arn)
        return self.aws.client(where.account, where.region, action.partition(":")[0])


class NoJournal:
    """The journal of a copilot is its own: from outside it nothing is known of its runs."""

    def answered(self, day: date) -> AnsweredRuns:
        return AnsweredRuns([], complete=False)


@dataclass(frozen=True)
class OwnClients:
    """ports.Clients; the configuration is read when a tool first asks for the platform.

    It comes from `file`, or else from the parameter of the laptop's or the person's own installation.
    """

    call_id: str
    laptop: LaptopFile | None
    file: str | None = None
    may_write: bool = False

    @property
    def clock(self) -> Clock:
        return SystemClock()

    @cached_property
    def platform(self) -> Platform:
        # Another pair of sessions with the same two methods each: what they are made of is nobody's business there.
        reader = cast(ReadSessions, self._aws)
        writer = cast(WriteSessions, OwnWriter(self._aws)) if self.may_write else None
        platform = AwsPlatform(self.configuration, reader, writer, self.clock)
        if self.laptop is None:
            return platform  # the ledger is a copilot's own, and so are its notes where nobody has removed them
        database = self._aws.client(self.laptop.account, self.laptop.region, "dynamodb")
        return Restoring(platform, DynamoEffects(self.laptop.outputs["Table"], database, self.configuration.tenant))

    @cached_property
    def notifier(self) -> Notifier:
        laptop = self.laptop
        if laptop is None:
            raise FatalError("messages are sent by a deployed copilot only; nothing was sent")
        s3 = self._aws.client(laptop.account, laptop.region, "s3")
        return Outbox(laptop.outputs["Bucket"], lambda permissions: s3, self.clock)

    @property
    def answers(self) -> Answers:
        laptop = self.laptop
        if laptop is None:
            return NoJournal()
        database = self._aws.client(laptop.account, laptop.region, "dynamodb")
        return DynamoAnswers(laptop.outputs["Table"], database, self.configuration.tenant)

    @property
    def deployments(self) -> Deployments:
        laptop = self.laptop
        if laptop is None:
            raise FatalError("deployments are kept by a deployed copilot only; ask it")
        database = self._aws.client(laptop.account, laptop.region, "dynamodb")
        return DynamoDeployments(laptop.outputs["Table"], database, self.configuration.tenant)

    @property
    def dockerfile_linter(self) -> Linter:
        return Hadolint()

    @property
    def schedules(self) -> Schedules:
        raise FatalError("schedules are a copilot's own, with the rights of who made them; ask it, or see `schedules`")

    @property
    def reports(self) -> Reports:
        laptop = self.laptop
        if laptop is None:
            raise FatalError("reports are kept by a deployed copilot only; nothing was made")
        s3 = self._aws.client(laptop.account, laptop.region, "s3")
        database = self._aws.client(laptop.account, laptop.region, "dynamodb")
        links = DynamoReportLinks(laptop.outputs["Table"], database, self.configuration.tenant)
        base = f"{laptop.endpoint}/_aws/execute-api/{laptop.api_id}"
        return S3Reports(laptop.outputs["Bucket"], s3, self.clock, self.call_id, links, base)

    @cached_property
    def configuration(self) -> Configuration:
        """Raises Refused."""
        if self.file:
            return read_configuration(Path(self.file))
        name = self.laptop.outputs["ConfigurationParameter"] if self.laptop else PARAMETER
        try:
            kept = self._ssm.get_parameter(Name=name)["Parameter"]["Value"]
        except (BotoCoreError, ClientError) as error:
            raise Refused(
                f"The configuration could not be read from the SSM parameter {name}: {line(error)}. "
                "--configuration FILE.yaml takes it from a file."
            ) from error
        try:
            return Configuration.model_validate_json(kept)
        except ValidationError as error:
            raise Refused(
                f"The configuration in the SSM parameter {name} cannot be used. {in_a_line(faults(error))}. "
                "--configuration FILE.yaml takes it from a file."
            ) from error

    @property
    def _ssm(self) -> Any:
        if self.laptop:
            return self._aws.client(self.laptop.account, self.laptop.region, "ssm")
        return boto3.client("ssm")

    @cached_property
    def _aws(self) -> OwnAws:
        return OwnAws(self.laptop)
