"""A Deployment and the facts it is made of. A leaf like model: imports nothing of ours but that.

A Deployment is the set of what was reported of it, and everything else about it is computed from that set. So facts may
come in any order and any number of times: the union of sets is the same set.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, AwareDatetime, StringConstraints

from copilot.domain import Frozen

Stage = Literal["queue", "build", "push", "deploy", "health check"]
STAGES: tuple[Stage, ...] = ("queue", "build", "push", "deploy", "health check")
Status = Literal["started", "succeeded", "failed", "cancelled"]
Ended = Literal["succeeded", "failed", "cancelled"]
_RANK: dict[Status, int] = {"started": 0, "succeeded": 1, "cancelled": 2, "failed": 3}
"""Which of two statuses of the same moment counts: the higher."""

LONGEST_NAME = 200
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_ .:/@+-]*$", max_length=LONGEST_NAME)]
"""What services, environments and deployments may be called: nothing to be taken for markup or a part of a key. It is
the alphabet of AWS tags: these names are to be trusted as far as those of environments are (see inventory.py)."""


def _utc(at: datetime) -> datetime:
    if not 2000 <= at.year < 2200:
        raise ValueError(f"the year {at.year} is not one in which anything was deployed")
    return at.astimezone(UTC)


Utc = Annotated[AwareDatetime, AfterValidator(_utc)]

AccountOrNone = Annotated[str, StringConstraints(pattern=r"^(\d{12})?$")]

LONGEST_REASON = 400
Reason = Annotated[str, StringConstraints(max_length=LONGEST_REASON)]
LONGEST = timedelta(days=7)
"""How far apart the facts of one deployment may be; CodePipeline gives an approval that long."""


class DeploymentFact(Frozen):
    """One thing that was reported of a deployment. Without a `stage` it is about the deployment as a whole.

    `part` tells apart the pieces of a stage that begin and end on their own (an action, a build's phase); a part
    without a stage is a piece of the deployment outside of which it waits. `account` is the one it was reported from,
    as the bus says and nobody else can; "" where there is no bus. What two accounts give the same id are two
    deployments. `rollback` says that what it is about brings back what was there before: one fact that says so is
    enough, since not every event does.

    What else its sender says, "" where it does not: `version` of what is delivered (a tag, a commit), `revision` of the
    definition it runs by, `by` whom or what it was begun, `reason` for how it ended, in any words and without secrets,
    `build`, the ARN of the CodeBuild build that knows more of that, or the name of the CodeJob, and the `region` of the
    AWS service that sent it.
    """

    service: Name
    deployment: Name
    account: AccountOrNone = ""
    environment: Name | Literal[""] = ""
    source: Name
    stage: Stage | None = None
    part: str = ""
    status: Status
    at: Utc
    rollback: bool = False
    version: Name | Literal[""] = ""
    revision: Name | Literal[""] = ""
    by: Name | Literal[""] = ""
    reason: Reason = ""
    build: Name | Literal[""] = ""
    region: Name | Literal[""] = ""


class Deployment(Frozen):
    """One delivery of one service: all that was reported of it."""

    service: str
    id: str
    account: str = ""
    facts: frozenset[DeploymentFact]

    @cached_property
    def environment(self) -> str:
        """Where to, as last told; "" if nobody said."""
        told = [(fact.at, fact.environment) for fact in self.facts if fact.environment]
        return max(told)[1] if told else ""

    @cached_property
    def version(self) -> str:
        """Of what is delivered, as last told; "" if nobody said."""
        return self._last_told("version")

    @cached_property
    def revision(self) -> str:
        return self._last_told("revision")

    @cached_property
    def region(self) -> str:
        return self._last_told("region")

    @cached_property
    def by(self) -> str:
        """Who or what began it, as first told; "" if nobody said."""
        return min(((fact.at, fact.by) for fact in self.facts if fact.by), default=(None, ""))[1]

    @cached_property
    def reached(self) -> Stage | None:
        """The stage that was begun last; None where none was told of."""
        told = [(fact.at, STAGES.index(fact.stage), fact.stage) for fact in self.facts if fact.stage]
        return max(told)[2] if told else None

    @cached_property
    def failures(self) -> tuple[DeploymentFact, ...]:
        """What was told of it that failed or was cancelled: the parts first, of one time what has a reason first."""
        ended = [fact for fact in self.facts if fact.status in {"failed", "cancelled"}]
        return tuple(sorted(ended, key=lambda one: (not one.stage, one.at, not one.reason, one.part, one.reason)))

    @cached_property
    def sources(self) -> frozenset[str]:
        return frozenset(fact.source for fact in self.facts)

    @cached_property
    def is_rollback(self) -> bool:
        """Whether it brings back what was there before."""
        return any(fact.rollback for fact in self.facts)

    @cached_property
    def is_told_from_its_end(self) -> bool:
        """Whether nothing but its end is known."""
        return all(fact.status != "started" for fact in self.facts)

    @cached_property
    def started_at(self) -> datetime:
        return min(fact.at for fact in self.facts)

    @cached_property
    def outcome(self) -> Ended | None:
        """How it ended; None if it has not, as far as is known.

        The last word about the whole decides; where there is none, a stage that failed or was cancelled does, or a
        health check that succeeded.
        """
        whole = [fact for fact in self.facts if fact.stage is None and not fact.part]
        last = max(whole, key=_order, default=None)
        if last is not None and (last.status != "started" or any(fact.status != "started" for fact in whole)):
            return None if last.status == "started" else last.status
        ended = max((fact for fact in self.facts if fact.stage and fact.status != "started"), key=_order, default=None)
        if ended is None or ended.status == "started":
            return None
        return ended.status if ended.status != "succeeded" or ended.stage == "health check" else None

    @cached_property
    def ended_at(self) -> datetime | None:
        if self.outcome is None:
            return None
        whole = [fact for fact in self.facts if fact.stage is None and not fact.part and fact.status != "started"]
        return _end(whole) if whole else max(fact.at for fact in self.facts)

    @cached_property
    def seconds(self) -> float | None:
        """From the first that was reported to its end; None until then."""
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None

    def _last_told(self, name: Literal["version", "revision", "region"]) -> str:
        return max(
            ((fact.at, str(getattr(fact, name))) for fact in self.facts if getattr(fact, name)), default=("", "")
        )[1]

    @cached_property
    def stages(self) -> Mapping[Stage, float]:
        """Seconds each stage took: the time in which any of its parts was at work, where begin and end are known."""
        at_work: dict[Stage | None, list[_Interval]] = defaultdict(list)
        parts: dict[tuple[Stage | None, str], list[DeploymentFact]] = defaultdict(list)
        for fact in self.facts:
            parts[fact.stage, fact.part].append(fact)
        for (stage, part), facts in parts.items():
            starts = [fact.at for fact in facts if fact.status == "started"]
            ends = [fact for fact in facts if fact.status != "started"]
            if (stage or part) and starts and ends and _end(ends) >= min(starts):
                at_work[stage].append(_Interval(min(starts), _end(ends)))
        if pieces := at_work.pop(None, None):
            at_work["queue"] += _between(pieces)
        return {stage: _length(at_work[stage]) for stage in STAGES if at_work.get(stage)}


class History(NamedTuple):
    """Deployments by the time they started, and whether these are all there are."""

    deployments: Sequence[Deployment]
    complete: bool = True


def merged(facts: Iterable[DeploymentFact]) -> list[Deployment]:
    """The deployments that facts are about, by the time they started."""
    by_id: dict[tuple[str, str, str], set[DeploymentFact]] = defaultdict(set)
    for fact in facts:
        by_id[fact.service, fact.deployment, fact.account].add(fact)
    found = [
        Deployment(service=service, id=id, account=account, facts=frozenset(some))
        for (service, id, account), some in by_id.items()
        if _is_vouched_for(some)
    ]
    return sorted(found, key=lambda one: (one.started_at, one.service, one.id, one.account))


def _is_vouched_for(facts: Iterable[DeploymentFact]) -> bool:
    """Whether it is one at all. A job of a code host does not say whose code it runs, and a fork's is none: it counts
    once its pipeline is told of.
    """
    return any(fact.account or fact.source not in HOOKED or not (fact.stage or fact.part) for fact in facts)


def distinct(deployments: Sequence[Deployment]) -> list[Deployment]:
    """Without rollbacks, and without those that a pipeline made ECS do: they are the pipeline's, seen a second time.

    No event says which pipeline it was. It is taken for one that ran when ECS began and that has the service's name,
    but for the cluster's and such words as pipeline or deploy. One of ECS of which nothing but the end was told is an
    old one that ECS went back to when another failed, and completed again.
    """
    pipelines: dict[str, list[Deployment]] = defaultdict(list)
    for one in deployments:
        if one.sources != ECS:
            pipelines[one.service].append(one)

    def is_seen_again(one: Deployment) -> bool:
        return one.is_told_from_its_end or any(
            is_called_after(name, one.service, one.environment)
            and any(_runs(pipeline).has(one.started_at) for pipeline in some)
            for name, some in pipelines.items()
        )

    return [one for one in deployments if not one.is_rollback and not (one.sources == ECS and is_seen_again(one))]


def made_by(pipeline: Deployment, deployments: Sequence[Deployment]) -> list[Deployment]:
    """Those of ECS that this one made, as `distinct` takes them for."""
    return [
        one
        for one in deployments
        if one.sources == ECS
        and pipeline.sources != ECS
        and is_called_after(pipeline.service, one.service, one.environment)
        and _runs(pipeline).has(one.started_at)
    ]


def doubtful(deployments: Sequence[Deployment]) -> list[Deployment]:
    """Of distinct ones those of ECS that may be a pipeline's all the same: one of quite another name ran then."""
    ran = _joined(_runs(one) for one in deployments if one.sources != ECS)
    starts = [interval.start for interval in ran]
    found = []
    for one in deployments:
        last = bisect_right(starts, one.started_at) - 1
        if one.sources == ECS and last >= 0 and ran[last].has(one.started_at):
            found.append(one)
    return found


ECS = frozenset({"ecs"})
HOOKED = frozenset({"github", "gitlab"})
"""The sources that tell by web hooks, of no account."""
_SAY_NOTHING = frozenset("ci cd ecs deploy deployment delivery pipeline release rollout service svc".split())


@lru_cache(maxsize=4096)
def is_called_after(pipeline: str, service: str, cluster: str) -> bool:
    """`api-pipeline` or `deploy-api-prod` is, after the service api in the cluster prod."""
    if pipeline == service:
        return True
    named, wanted = words_of(pipeline), words_of(service) - _SAY_NOTHING
    return bool(wanted) and wanted <= named and named <= wanted | words_of(cluster) | _SAY_NOTHING


def words_of(name: str) -> frozenset[str]:
    """`deploy`, `healthcare` and `api` of `Deploy-healthcareAPI`."""
    return frozenset(word.casefold() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name))


class _Interval(NamedTuple):
    start: datetime
    end: datetime

    def has(self, at: datetime) -> bool:
        return self.start <= at <= self.end


def _runs(one: Deployment) -> _Interval:
    """When it was under way, as far as is known."""
    return _Interval(one.started_at, one.ended_at or one.started_at + LONGEST)


def _order(fact: DeploymentFact) -> tuple[datetime, int, str]:
    return fact.at, _RANK[fact.status], fact.stage or ""


def _end(facts: Iterable[DeploymentFact]) -> datetime:
    """The first success (a rollback to a deployment completes it again), or else the last that was reported."""
    succeeded = [fact.at for fact in facts if fact.status == "succeeded"]
    return min(succeeded) if succeeded else max(fact.at for fact in facts)


def _joined(intervals: Iterable[_Interval]) -> list[_Interval]:
    """The same time, in intervals that do not overlap."""
    joined: list[_Interval] = []
    for interval in sorted(intervals):
        if joined and interval.start <= joined[-1].end:
            joined[-1] = _Interval(joined[-1].start, max(joined[-1].end, interval.end))
        else:
            joined.append(interval)
    return joined


def _length(intervals: Iterable[_Interval]) -> float:
    return sum((interval.end - interval.start).total_seconds() for interval in _joined(intervals))


def _between(intervals: Iterable[_Interval]) -> list[_Interval]:
    """The gaps."""
    joined = _joined(intervals)
    return [_Interval(one.end, next.start) for one, next in itertools.pairwise(joined)]
