"""ports.Releases in memory, written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from copilot.domain import Permission, Resource, ResourceRef, Rollout
from copilot.domain.releases import (
    BuildLog,
    ContainerDefinition,
    Definition,
    FailedPhase,
    ReleaseSigns,
    Ringing,
    Running,
)
from copilot.errors import CopilotError, ToolInputError


@dataclass
class FakeReleases:
    """`signs_of` and `rang_of` by the name of a service, `phases` and `logs_of` by the ARN of a build, `revisions` by
    their names, the builds of `pipelines` by pipeline and execution.

    `runs` are the names of what services run by, by the name of the service; `rollouts` and `controllers` are by that
    too, `digests_of` by its cluster and name. What is brought is completed at once, but for what `outcome` says: the
    state of its rollout, with a reason; ROLLED_BACK is one that failed and was taken back.

    `rang_of` gives, for the time that is asked for, what rang then. `fails` by the name of a method.
    """

    signs_of: dict[str, ReleaseSigns] = field(default_factory=dict)
    phases: dict[str, list[FailedPhase]] = field(default_factory=dict)
    logs_of: dict[str, BuildLog] = field(default_factory=dict)
    pipelines: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    watching: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ringing: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    unknown: str = ""
    revisions: dict[str, Definition] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)
    rollouts: dict[str, tuple[Rollout, ...]] = field(default_factory=dict)
    controllers: dict[str, str] = field(default_factory=dict)
    digests_of: dict[str, dict[str, str]] = field(default_factory=dict)
    outcome: tuple[str, str] = ("COMPLETED", "")
    brought: list[tuple[str, str]] = field(default_factory=list)
    made: list[tuple[str, str]] = field(default_factory=list)
    fails: dict[str, CopilotError] = field(default_factory=dict)
    asked: list[tuple[str, object]] = field(default_factory=list)

    def signs(self, service: Resource, since: datetime, until: datetime) -> ReleaseSigns:
        self._called("signs", (service.name, since, until))
        return self.signs_of.get(service.name, ReleaseSigns())

    def failed_phases(self, build: str) -> Sequence[FailedPhase]:
        self._called("failed_phases", build)
        return self.phases.get(build, [])

    def build_log(self, build: str, most: int) -> BuildLog:
        self._called("build_log", build)
        found = self.logs_of.get(build, BuildLog())
        return found.model_copy(update={"lines": found.lines[-most:]})

    def builds_of(self, pipeline: str, execution: str, account: str) -> Sequence[str]:
        self._called("builds_of", (pipeline, execution, account))
        return self.pipelines.get((pipeline, execution), [])

    def rang(self, service: Resource, since: datetime, until: datetime) -> Ringing:
        """`ringing` are alarms with the time in which each rang."""
        self._called("rang", (service.name, since, until))
        names = self.watching.get(service.name, ())
        rang = tuple(name for name, begun, ended in self.ringing if name in names and begun <= until and ended >= since)
        return Ringing(watching=names, rang=rang, unknown=self.unknown)

    def definitions(self, service: Resource, wanted: Sequence[str | int]) -> Sequence[Definition]:
        """A number is one of the revisions that are called after the service, an id ends in the name."""
        self._called("definitions", list(wanted))
        names = [one.rpartition("/")[2] if isinstance(one, str) else f"{service.name}:{one}" for one in wanted]
        if missing := [name for name in names if name not in self.revisions]:
            raise ToolInputError(f"there is no revision {missing[0]}", ours=True)
        return [self.revisions[name] for name in names]

    def running(self, service: Resource) -> Running:
        self._called("running", service.name)
        return Running(
            definition=self.revisions[self.runs[service.name]].id,
            rollouts=self.rollouts.get(service.name, ()),
            controller=self.controllers.get(service.name, ""),
        )

    def digests(self, service: Resource) -> Mapping[str, str]:
        self._called("digests", service.name)
        return self.digests_of.get(f"{service.cluster}/{service.name}", {})

    def permissions(self, service: ResourceRef, roles: Sequence[str], base: str = "") -> Sequence[Permission]:
        making = [Permission(action="any:make", arn=base)] if base else []
        passing = [Permission(action="any:pass", arn=role) for role in roles]
        return [Permission(action="any:bring", arn=service.id), *making, *passing]

    def bring(self, service: Resource, definition: str) -> None:
        self._called("bring", (service.name, definition))
        before, name = self.runs[service.name], definition.rpartition("/")[2]
        state, reason = self.outcome
        self.brought.append((service.name, name))
        back = state == "ROLLED_BACK"
        self.runs[service.name] = before if back else name
        gone = [rollout(name, "FAILED" if back else state, reason)]
        self.rollouts[service.name] = (*([rollout(before, "COMPLETED")] if back else []), *gone)

    def make(self, service: Resource, base: str, images: Mapping[str, str], effect: str) -> str:
        self._called("make", (service.name, base, effect))
        for one in self.revisions.values():
            if one.effect == effect:
                return one.id
        of = next(one for one in self.revisions.values() if one.id == base)
        family, _, _ = of.name.rpartition(":")
        name = f"{family}:{1 + max(int(one.rpartition(':')[2]) for one in self.revisions if one.startswith(family))}"
        containers = tuple(one.model_copy(update={"image": images.get(one.name, one.image)}) for one in of.containers)
        update = {"name": name, "id": id_of(name), "effect": effect, "containers": containers}
        self.revisions[name] = of.model_copy(update=update)
        self.made.append((name, effect))
        return id_of(name)

    def _called(self, method: str, given: object) -> None:
        self.asked.append((method, given))
        if method in self.fails:
            raise self.fails[method]


TASK, EXECUTION = (f"arn:aws:iam::111111111111:role/{name}" for name in ("task", "execution"))


def revision(number: int, version: str, **more: Any) -> Definition:
    """One of the service web, with roles."""
    name = f"web:{number}"
    container = ContainerDefinition(name="web", image=f"registry/web:{version}")
    given = {"id": id_of(name), "task_role": TASK, "execution_role": EXECUTION, "containers": (container,), **more}
    return Definition(name=name, **given)


def id_of(name: str) -> str:
    return f"arn:aws:ecs:eu-west-1:111111111111:task-definition/{name}"


def rollout(
    definition: str, state: str, reason: str = "", since: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)
) -> Rollout:
    return Rollout(
        id=f"ecs-svc/{definition}",
        status="PRIMARY",
        state=state,
        reason=reason,
        definition=definition,
        since=since,
        wanted=2,
        running=1 if state == "IN_PROGRESS" else 2,
        pending=0,
        failed=0,
    )
