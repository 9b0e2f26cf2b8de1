"""ports.Releases in memory, written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from copilot.domain import Resource
from copilot.domain.releases import BuildLog, Definition, FailedPhase, ReleaseSigns, Ringing
from copilot.errors import CopilotError, ToolInputError


@dataclass
class FakeReleases:
    """`signs_of` and `rang_of` by the name of a service, `phases` and `logs_of` by the ARN of a build, `revisions` by
    their names, the builds of `pipelines` by pipeline and execution.

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
        """A number is one of the revisions that are called after the service."""
        self._called("definitions", list(wanted))
        names = [one if isinstance(one, str) else f"{service.name}:{one}" for one in wanted]
        if missing := [name for name in names if name not in self.revisions]:
            raise ToolInputError(f"there is no revision {missing[0]}", ours=True)
        return [self.revisions[name] for name in names]

    def _called(self, method: str, given: object) -> None:
        self.asked.append((method, given))
        if method in self.fails:
            raise self.fails[method]
