"""ports.Releases on AWS, over every account and region of the configuration.

What is asked about a service is read with the role of the account that its ARN names, and only where the configuration
has that account: what a deployment reported of itself may name any.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

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
from copilot.adapters.aws.resources.stoppable import ReadClient
from copilot.adapters.aws.sessions import Reader
from copilot.config.configuration import Configuration
from copilot.domain import Resource
from copilot.domain.releases import BuildLog, Definition, FailedPhase, ReleaseSigns, Ringing
from copilot.errors import FatalError, PermissionDenied, ToolInputError
from copilot.text.outside import quoted


class AwsReleases:
    """Reads with the read roles."""

    def __init__(self, config: Configuration, reader: Reader) -> None:
        self._accounts = {account.id: account for account in config.accounts}
        self._reader = reader

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
