"""ports.Releases on AWS, over every account and region of the configuration.

What is asked about a service is read with the role of the account that its ARN names, and only where the configuration
has that account: what a deployment reported of itself may name any.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from copilot.adapters.aws.alarm_history import ringing
from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.builds import failed_phases
from copilot.adapters.aws.definitions import definition
from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.metrics import watched
from copilot.adapters.aws.release_signs import signs
from copilot.adapters.aws.resources import kinds
from copilot.adapters.aws.resources.ecs import EcsServices
from copilot.adapters.aws.resources.stoppable import ReadClient
from copilot.adapters.aws.sessions import Reader
from copilot.config.configuration import Configuration
from copilot.domain import Resource
from copilot.domain.releases import Definition, FailedPhase, ReleaseSigns, Ringing
from copilot.errors import FatalError, PermissionDenied
from copilot.text.outside import quoted


class AwsReleases:
    """Reads with the read roles."""

    def __init__(self, config: Configuration, reader: Reader) -> None:
        self._regions = {(account.id, region) for account in config.accounts for region in account.regions}
        self._reader = reader

    def signs(self, service: Resource, since: datetime, until: datetime) -> ReleaseSigns:
        return signs(service, self._ecs(service), since, until)

    def failed_phases(self, build: str) -> Sequence[FailedPhase]:
        codebuild = self._reading(build)("codebuild")
        with translated("reading a build"):
            return failed_phases(codebuild, parse_arn(build).resource.removeprefix("build/"))

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
        if (where.account, where.region) not in self._regions:
            place = f"{quoted(where.account)} {quoted(where.region)}"
            raise PermissionDenied(f"{place} is not among the accounts and regions of the configuration", ours=True)
        return lambda service: self._reader.client(where.account, where.region, service)
