"""Which deployment and which service a question is about, where one alone is meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from copilot.domain import Kind, Resource, Survey
from copilot.domain.deployments import Deployment, distinct, is_called_after
from copilot.errors import Ambiguous, ToolInputError
from copilot.ports import Clients, Deployments, Platform
from copilot.text.listing import listed
from copilot.text.nearness import squashed
from copilot.text.outside import quoted
from copilot.tools.deployments.period import service_named
from copilot.tools.environments.inventory import type_of, unreachable

BACK = timedelta(days=60)
"""Of one service, so far back is looked for the deployment that is meant."""


class Reported(NamedTuple):
    """What was reported of a service's deployments, or of all: the newest first, with `rollbacks` apart."""

    service: str | None
    deployments: Sequence[Deployment]
    rollbacks: Sequence[Deployment]
    complete: bool


class Serving(NamedTuple):
    """The resources that a deployment's service is, where its environment is known, and why there may be more. `kind`
    is that of their environment, None where it is not known or they are of several.
    """

    resources: Sequence[Resource]
    hidden: Sequence[str]
    kind: Kind | None


def reported(deployments: Deployments, now: datetime, service: str | None, environment: str | None) -> Reported:
    """Raises ToolInputError, for a service of which nothing was reported."""
    since = now - BACK
    name = service_named(service, deployments.services(since)) if service else None
    history = deployments.between(since, now, name)
    to = [one for one in history.deployments if not environment or squashed(one.environment) == squashed(environment)]
    newest = sorted(to, key=lambda one: (one.started_at, one.id), reverse=True)
    return Reported(
        name,
        sorted(distinct(newest[::-1]), key=lambda one: (one.started_at, one.id), reverse=True),
        [one for one in newest if one.is_rollback],
        history.complete,
    )


def by_id(deployments: Deployments, now: datetime, said: str) -> Deployment:
    """Raises ToolInputError where there is none of this id, Ambiguous for several."""
    history, id = deployments.between(now - BACK, now).deployments, said.casefold()
    found = [one for one in history if id in {one.id.casefold(), f"{one.service}/{one.id}".casefold()}]
    if not found:
        raise ToolInputError(f"no deployment {quoted(said)} was reported in the last {BACK.days} days", ours=True)
    if len(found) > 1:
        names = [f"{one.service}/{one.id}" for one in found]
        message = f"{quoted(said)} may be any of {listed(list(map(quoted, names)))}; which is meant?"
        raise Ambiguous(message, names, ours=True)
    return found[0]


def serving(platform: Platform, service: str, environment: str) -> Serving:
    """What a service is called in reports may be its pipeline's name, its environment the name of a cluster."""
    survey = platform.survey(environment) if environment else platform.survey()
    found = _called(survey, platform, service, environment)
    if not found and environment:
        survey = platform.survey()
        found = _called(survey, platform, service, environment)
    kind_of = {one.name: one.kind for one in survey.environments}
    kinds = {kind_of.get(one.environment) for one in found}
    kind = kinds.pop() if len(kinds) == 1 else None
    return Serving(found, [one.summary for one in unreachable(survey.unreachable)], kind)


def one_service(clients: Clients, service: str, environment_id: str | None) -> tuple[list[Resource], Serving]:
    """The service of this name in one environment. Raises ToolInputError where there is none, Ambiguous for several."""
    found = serving(clients.platform, service, environment_id or "")
    if not found.resources:
        where = f" in {quoted(environment_id)}" if environment_id else ""
        hidden = f" (it may be where nothing could be read: {'; '.join(found.hidden)})" if found.hidden else ""
        raise ToolInputError(f"there is no service {quoted(service)}{where}{hidden}", ours=True)
    places = sorted({one.environment for one in found.resources})
    if len(places) > 1:
        named = listed(list(map(quoted, places)))
        message = f"the service {quoted(service)} is in {len(places)} environments: {named}; which one is meant?"
        raise Ambiguous(message, places, ours=True)
    return list(found.resources), found


def _called(survey: Survey, platform: Platform, service: str, environment: str) -> list[Resource]:
    here = [
        one
        for one in survey.resources
        if type_of(one.ref.type, platform.types).tier == "service"
        and (not environment or squashed(environment) in {squashed(one.environment), squashed(one.cluster or "")})
    ]
    same = [one for one in here if squashed(one.name) == squashed(service)]
    return same or [one for one in here if is_called_after(service, one.name, one.cluster or "")]
