"""Stopping an environment and starting it again, with exactly what ran before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import ClassVar, Literal

from pydantic import Field

from copilot.errors import CopilotError, FatalError, NotReady, PermissionDenied, RetryableError
from copilot.model import (
    Call,
    Change,
    Environment,
    Frozen,
    Kind,
    Permission,
    Preview,
    Resource,
    ResourceRef,
    Survey,
    Target,
    Verification,
)
from copilot.tools.inventory import DATABASE, DOWN, listed, look_up, members
from copilot.tools.tool import WriteTool

CHANGED_AT_ONCE = 8
OWN_TAGS = "devops-copilot:"

Outcome = Literal["done", "skipped", "failed"]
PowerState = Literal["stopped", "stopping", "running", "starting", "partial"]


class EnvironmentInput(Frozen):
    environment_id: str = Field(min_length=1, max_length=256, description="an environment's id")


class ResourceOutcome(Frozen):
    """What came of one resource."""

    name: str = Field(description="the resource's name")
    type: str = Field(description="what it is, such as ecs-service")
    action: Literal["stop", "start", "skip"] = Field(description="what was to be done")
    outcome: Outcome = Field(description="whether that was done")
    before: str = Field(description="how it was")
    after: str = Field(description="how it is, or is about to be")
    reason: str = Field(description="why it was left alone or failed; empty otherwise")


class PowerOutput(Frozen):
    environment_id: str = Field(description="the environment's id")
    name: str = Field(description="the environment's name")
    kind: Kind = Field(description="development, preview, staging or production")
    state: PowerState = Field(description="how what could be changed is now; partial where some of it failed")
    resources: tuple[ResourceOutcome, ...] = Field(description="what came of each resource")
    changed: int = Field(description="how many were changed")
    skipped: int = Field(description="how many were left alone")
    failed: int = Field(description="how many could not be changed")
    summary: str = Field(description="one line about it")


class PriorResource(Frozen):
    """What a change of one resource depends on. On and off are all that counts of its state: tasks come and go."""

    id: str
    size: int
    state: Literal["on", "off", "between"]
    saved: int | None
    held: str


class Prior(Frozen):
    """What a change of an environment depends on."""

    kind: Kind
    resources: tuple[PriorResource, ...]


class Outcomes(Frozen):
    """Each previewed change with why it failed, if it did, and the resource as last read."""

    changes: tuple[Change, ...]
    errors: dict[str, str] = {}
    fresh: dict[str, Resource] = {}


class _Power(WriteTool[EnvironmentInput, PowerOutput]):
    """What stopping and starting share: they differ in what they leave alone, in order, and in the state they want."""

    Input = EnvironmentInput
    Output = PowerOutput
    timeout = 900
    resource = "Environment"
    idempotent = True

    action: ClassVar[Literal["stop", "start"]]
    inverse: ClassVar[str]
    done_word: ClassVar[str]
    on_its_way: ClassVar[Literal["stopping", "starting"]]
    wanted: ClassVar[Literal["stopped", "running"]]
    databases_first: ClassVar[bool]

    def preview(self, input: EnvironmentInput) -> Preview:
        environment, survey = look_up(self.clients.platform, input.environment_id)
        resources = sorted(members(survey, environment.name), key=self._order)
        prior = Prior(kind=environment.kind, resources=tuple(map(_prior, sorted(resources, key=lambda r: r.ref.id))))
        return Preview(
            targets=(_target(environment, resources),),
            changes=(*(self._change(resource) for resource in resources), *_hidden(survey)),
            state=prior.model_dump(mode="json"),
        )

    def permissions(self, input: EnvironmentInput, preview: Preview) -> tuple[Permission, ...]:
        changes = [change for change in preview.changes if change.action != "skip"]
        found = [one for change in changes for one in self.clients.platform.permissions(change)]
        return tuple(dict.fromkeys(found))

    def run(self, input: EnvironmentInput, preview: Preview) -> PowerOutput:
        fresh = self._read(input, preview)
        errors: dict[str, CopilotError] = {}
        wanted = [change for change in preview.changes if change.action != "skip"]
        with ThreadPoolExecutor(max_workers=CHANGED_AT_ONCE) as pool:
            # Databases and the rest one after the other; within each, nothing depends on anything else.
            for _, tier in groupby(wanted, key=lambda change: change.ref.type == DATABASE):
                some = list(tier)
                found = pool.map(lambda change: self._apply(change, fresh.get(change.ref.id)), some)
                errors |= {change.ref.id: error for change, error in zip(some, found, strict=True) if error}
        if errors and len(errors) == len(wanted):
            raise self._nothing_done(input, list(errors.values()))
        return self._output(input, preview, {id: str(error) for id, error in errors.items()}, self._state(errors, preview, fresh))

    def verify(self, input: EnvironmentInput, prior: Preview) -> Verification:
        survey = self.clients.platform.survey(input.environment_id)
        fresh = self._as_previewed(survey, prior)
        ...

    @classmethod
    def undo(cls, input: EnvironmentInput, prior: Preview) -> Call | None:
        if all(change.action == "skip" for change in prior.changes):
            return None
        return Call(tool=cls.inverse, arguments={"environment_id": input.environment_id})
