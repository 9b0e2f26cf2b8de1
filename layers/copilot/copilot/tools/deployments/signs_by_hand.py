"""What said why a deployment failed, as commands show it by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import AwareDatetime, Field

from copilot.domain import Frozen, Resource
from copilot.domain.deployments import Deployment
from copilot.text.outside import quoted
from copilot.tools.by_hand import ByHand, Named, Place, aws, by_place, moment
from copilot.tools.deployments.reported_by import (
    ACTIONS,
    BUILDS,
    PHASES,
    ROLLOUTS,
    Reported,
    actions_by_hand,
    reported_by,
)
from copilot.tools.environments import shown_by
from copilot.tools.environments.shown_by import Shown, shown
from copilot.tools.observing.looked_through import COMMAND, LookedThrough, logs_by_hand

TASKS = "ecs list-tasks"
SHOWN_BY = ("aws ecs describe-services", *(f"aws {one}" for one in (ACTIONS, BUILDS, ROLLOUTS, TASKS, COMMAND)))


class SignsByHand(Frozen):
    since: AwareDatetime = Field(description="when the deployment began")
    until: AwareDatetime = Field(description="until when its platform was asked about it")
    reported: tuple[Reported, ...] = Field(description="who of AWS reported it")
    builds: tuple[Named, ...] = Field(description="the builds that were asked about, by their ids")
    services: tuple[Shown, ...] = Field(description="the services that it is of")
    logs: LookedThrough | None = Field(description="the logs that were looked through")


def signs_of(
    failed: Deployment,
    builds: Iterable[str],
    services: Iterable[Resource],
    until: datetime,
    logs: LookedThrough | None,
) -> SignsByHand:
    """Of builds by their ARNs, arn:aws:codebuild:REGION:ACCOUNT:build/PROJECT:ID."""
    found = tuple(map(shown, services))
    accounts = {id: one.account for one in found if (id := one.account.rpartition("(")[2].rstrip(")"))}
    parts = [one.split(":", 5) for one in builds]
    places = by_place(
        (accounts.get(one[4], quoted(one[4])), one[3], one[5].removeprefix("build/")) for one in parts if len(one) == 6
    )
    return SignsByHand(
        since=failed.started_at,
        until=until,
        reported=reported_by([failed], accounts),
        builds=tuple(Named(account=at.account, region=at.region, names=tuple(ids)) for at, ids in places.items()),
        services=found,
        logs=logs,
    )


def signs_by_hand(signs: SignsByHand) -> list[ByHand]:
    found = [*actions_by_hand(signs.reported)]
    found += [aws(one, BUILDS, ids=one.names, query=PHASES) for one in signs.builds]
    found += shown_by.resources(signs.services)
    begun = {"after": moment(signs.since), "before": moment(signs.until)}
    for one in signs.services:
        place = Place(account=one.account, region=one.region)
        found.append(aws(place, ROLLOUTS, cluster=one.cluster, service=one.name, created_at=begun))
        found.append(aws(place, TASKS, cluster=one.cluster, service_name=one.name, desired_status="STOPPED"))
    return [*found, *logs_by_hand(signs.logs)]
