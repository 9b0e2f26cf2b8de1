"""What was reported of one service's deployments in one environment, whoever reported it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from copilot.domain import Resource
from copilot.domain.deployments import Deployment, distinct, is_called_after, made_by
from copilot.domain.releases import Definition, Running
from copilot.errors import FatalError
from copilot.ports import Deployments
from copilot.text.nearness import squashed
from copilot.text.outside import quoted, quoted_people
from copilot.times.zones import moment
from copilot.tools.deployments.brought import revision_of
from copilot.tools.deployments.finding import BACK, Reported
from copilot.tools.deployments.telling import who

UTC = ZoneInfo("UTC")
PIPELINE = "codepipeline"
ONE_ROLLOUT = timedelta(hours=2)
"""What began so long after it was reported is another rollout of the same."""


class Told:
    """`service` is the service in its environment, in words."""

    def __init__(self, deployments: Deployments, now: datetime, service: Resource) -> None:
        self.service = f"{quoted(service.name)} in {quoted(service.environment)}"
        self._read(deployments, now, service)

    @property
    def completed(self) -> Sequence[Deployment]:
        """The newest first."""
        return [one for one in self.reported.deployments if one.outcome == "succeeded"]

    @property
    def all(self) -> Sequence[Deployment]:
        """With what brought something back, the newest first."""
        both = (*self.reported.deployments, *self.reported.rollbacks)
        return sorted(both, key=lambda one: one.started_at, reverse=True)

    def revision(self, one: Deployment) -> str:
        """Its own, or what ECS reported of it where a pipeline made it; "" where neither did."""
        if name := revision_of(one):
            return name
        return next((name for other in made_by(one, self._there) if (name := revision_of(other))), "")

    def in_words(self, now: Definition, running: Running) -> str:
        """What it runs by: `web:12 (1.4), since Mon 2 Mar 12:00 UTC, by jo`, as far as it is known. What was
        brought back or restarted since it was deployed is not of who deployed it.
        """
        one = next((one for one in self.all if self.revision(one) == now.name), None)
        rollout = next((one for one in running.rollouts if one.definition == now.name), None)
        since = rollout.since if rollout else one.started_at if one else None
        at = f", since {moment(since, UTC)}" if since else ""
        by = f"by {quoted_people(who(one.by))}" if one and one.by else ""
        again = one is not None and since is not None and since - one.started_at > ONE_ROLLOUT
        by = f", deployed {moment(one.started_at, UTC)} {by}" if one and by and again else f", {by}" if by else ""
        return f"{release_words(now, one.version if one else '')}{at}{by}"

    def refuse_pipelines(self) -> None:
        """Of what anybody else brings back the pipeline that deployed it last knows nothing."""
        last = next((one for one in reversed(self._there) if one.outcome == "succeeded"), None)
        for pipeline in self._pipelines if last else ():
            if pipeline is last or (last and made_by(pipeline, [last])):
                raise FatalError(
                    f"{self.service} was deployed last by the pipeline {quoted(pipeline.service)} of "
                    "CodePipeline; nothing was done, have it done there",
                    ours=True,
                )

    def _read(self, deployments: Deployments, now: datetime, service: Resource) -> None:
        """What was reported of it there: under its own name, or that of a pipeline that is called after it. What ECS
        reports is of its cluster, what a pipeline does need not say where.
        """
        cluster, since = service.cluster or "", now - BACK
        names = [one for one in deployments.services(since) if is_called_after(one, service.name, cluster)]
        all_of_it = [one for name in names for one in deployments.between(since, now, name).deployments]
        here = {squashed(service.environment), squashed(cluster)}
        there = [one for one in all_of_it if squashed(one.environment) in here]
        there.sort(key=lambda one: (one.started_at, one.id))
        found = [*reversed(distinct(there))]
        rollbacks = [one for one in reversed(there) if one.is_rollback]
        self.reported = Reported(service.name, found, rollbacks, True)
        self._there, self._pipelines = there, [one for one in all_of_it if PIPELINE in one.sources]


def release_words(definition: Definition, version: str = "") -> str:
    """`web:12 (2.14.0)`, of a version or else the image of the first container."""
    image = version or (definition.containers[0].image.rpartition("/")[2] if definition.containers else "")
    return quoted(definition.name) + (f" ({quoted(image)})" if image else "")


def tag_of(image: str) -> str:
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]
