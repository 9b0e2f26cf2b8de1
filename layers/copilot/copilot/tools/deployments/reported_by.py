"""Those of AWS who reported deployments, and the commands that show by hand what they have of these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, get_args

from pydantic import Field

from copilot.domain.deployments import Deployment
from copilot.text.outside import quoted
from copilot.tools.by_hand import ByHand, Place, aws

Source = Literal["codepipeline", "codebuild", "ecs"]
EXECUTIONS, ACTIONS = "codepipeline list-pipeline-executions", "codepipeline list-action-executions"
BUILDS, ROLLOUTS = "codebuild batch-get-builds", "ecs list-service-deployments"
SHOWN_BY = tuple(f"aws {one}" for one in (EXECUTIONS, BUILDS, ROLLOUTS))
AT_MOST = 10
_BUILD = "builds[].{id: id, status: buildStatus, began: startTime, ended: endTime, version: sourceVersion}"
PHASES = "builds[].phases[]"
_ACTION = "actionExecutionDetails[].{stage: stageName, action: actionName, status: status, why: output.executionResult}"
"""Nothing else of these, in which values of variables stand."""


class Reported(Place):
    source: Source = Field(description="who has it")
    name: str = Field(description="the pipeline, project or service")
    deployment: str = Field(description="its id there")
    cluster: str = Field(description="the cluster of a service")


def reported_by(some: Iterable[Deployment], accounts: Mapping[str, str] | None = None) -> tuple[Reported, ...]:
    """Of what AWS itself reported; a pipeline of one's own is nobody's to be asked. `accounts` are called so, by id."""
    return tuple(
        Reported(
            account=(accounts or {}).get(one.account, quoted(one.account)),
            region=one.region,
            source=source,
            name=one.service,
            deployment=one.id,
            cluster=one.environment,
        )
        for one in some
        if one.region and one.account
        for source in [name for name in get_args(Source) if name in one.sources][:1]
    )


def deployments_by_hand(found: Iterable[Reported]) -> Iterator[ByHand]:
    """A command for each pipeline, for all builds of a place, and for each service."""
    builds: dict[Place, list[str]] = defaultdict(list)
    seen: dict[ByHand, None] = {}
    for one in found:
        place = Place(account=one.account, region=one.region)
        match one.source:
            case "codepipeline":
                seen[aws(place, EXECUTIONS, pipeline_name=one.name)] = None
            case "codebuild":
                builds[place].append(one.deployment)
            case "ecs":
                seen[aws(place, ROLLOUTS, cluster=one.cluster, service=one.name)] = None
    yield from seen
    for place, ids in builds.items():
        for first in range(0, len(ids), AT_MOST):
            yield aws(place, BUILDS, ids=ids[first : first + AT_MOST], query=_BUILD)


def actions_by_hand(found: Iterable[Reported]) -> Iterator[ByHand]:
    """What each action of an execution came to, and why, as its pipeline has it."""
    for one in found:
        if one.source == "codepipeline":
            only = {"pipelineExecutionId": one.deployment}
            yield aws(one, ACTIONS, pipeline_name=one.name, filter=only, query=_ACTION)
