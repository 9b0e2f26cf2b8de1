"""ports.Releases on AWS, over every account and region of the configuration.

What is asked about a service is read with the role of the account that its ARN names, and only where the configuration
has that account: what a deployment reported of itself may name any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from copilot.adapters.aws import bringing
from copilot.adapters.aws.alarm_history import ringing
from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.build_logs import PACK, build_log
from copilot.adapters.aws.builds import failed_phases
from copilot.adapters.aws.definitions import definition
from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.metrics import watched
from copilot.adapters.aws.packs import require
from copilot.adapters.aws.pipelines import failed_builds
from copilot.adapters.aws.release_signs import signs
from copilot.adapters.aws.resources import kinds
from copilot.adapters.aws.resources.ecs import EcsServices
from copilot.adapters.aws.resources.stoppable import ReadClient, WriteClient
from copilot.adapters.aws.sessions import Reader, Writer
from copilot.config.configuration import Configuration
from copilot.domain import Permission, Resource, ResourceRef
from copilot.domain.releases import BuildLog, Definition, FailedPhase, ReleaseSigns, Ringing, Running
from copilot.errors import FatalError, PermissionDenied, ToolInputError
from copilot.text.outside import quoted


class AwsReleases:
    """Reads with the read roles; changes something only with a `writer`, which is made for one call."""

    def __init__(self, config: Configuration, reader: Reader, writer: Writer | None = None) -> None:
        self._accounts = {account.id: account for account in config.accounts}
        self._reader = reader
        self._writer = writer

    def signs(self, service: Resource, since: datetime, until: datetime) -> ReleaseSigns:
        return signs(service, self._ecs(service), since, until)

    def failed_phases(self, build: str) -> Sequence[FailedPhase]:
        codebuild = self._reading(build)("codebuild")
        with translated("reading a build"):
            return failed_phases(codebuild, parse_arn(build).resource.removeprefix("build/"))

    def build_log(self, build: str, most: int) -> BuildLog:
        reading, where = self._reading(build), parse_arn(build)
        require(self._accounts[where.account], PACK)
        return build_log(reading("codebuild"), reading("logs"), where.resource.removeprefix("build/"), most)

    def builds_of(self, pipeline: str, execution: str, account: str) -> Sequence[str]:
        """Which region it is in no report says: the first that has it."""
        for region in self._accounts[account].regions if account in self._accounts else ():
            with suppress(ToolInputError), translated(f"reading pipeline {pipeline}"):
                codepipeline = self._reader.client(account, region, "codepipeline")
                return list(failed_builds(codepipeline, pipeline, execution, account, region))
        return []

    def rang(self, service: Resource, since: datetime, until: datetime) -> Ringing:
        cloudwatch = self._reading(service.ref.id)("cloudwatch")
        with translated(f"reading the alarms of {service.name}"):
            return ringing(cloudwatch, watched([kinds()[service.ref.type].metric(service)]), since, until)

    def definitions(self, service: Resource, wanted: Sequence[str | int]) -> Sequence[Definition]:
        with translated(f"reading revisions of {service.name}"):
            return [definition(service, self._ecs(service), one) for one in wanted]

    def running(self, service: Resource) -> Running:
        with translated(f"reading what {service.name} runs by"):
            return bringing.running(service, self._ecs(service))

    def digests(self, service: Resource) -> Mapping[str, str]:
        with translated(f"reading which images {service.name} runs"):
            return bringing.digests(service, self._ecs(service))

    def permissions(self, service: ResourceRef, roles: Sequence[str], base: str = "") -> Sequence[Permission]:
        return bringing.permissions(service, roles, base)

    def bring(self, service: Resource, definition: str) -> None:
        ecs, write = self._ecs(service), self._writing(service)
        with translated(f"bringing {service.name} to {parse_arn(definition).name}"):
            bringing.bring(service, definition, ecs, write)

    def make(self, service: Resource, base: str, images: Mapping[str, str], effect: str) -> str:
        ecs, write = self._ecs(service), self._writing(service)
        with translated(f"making a revision for {service.name}"):
            return bringing.make(base, images, effect, ecs, write)

    def _writing(self, service: Resource) -> WriteClient:
        if self._writer is None:
            raise PermissionDenied(
                f"{quoted(service.name)} was not changed: this part of the copilot can only read", ours=True
            )
        return self._writer.client

    def _ecs(self, service: Resource) -> Any:
        if service.ref.type != EcsServices.type.name:
            raise FatalError(f"{quoted(service.name)} is no service of ECS", ours=True)
        return self._reading(service.ref.id)("ecs")

    def _reading(self, arn: str) -> ReadClient:
        where = parse_arn(arn)
        account = self._accounts.get(where.account)
        if account is None or where.region not in account.regions:
            place = f"{quoted(where.account)} {quoted(where.region)}"
            raise PermissionDenied(f"{place} is not among the accounts and regions of the configuration", ours=True)
        return lambda service: self._reader.client(where.account, where.region, service)
