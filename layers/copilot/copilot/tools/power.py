"""Stopping an environment and starting it again, with exactly what ran before."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
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
from copilot.tools.inventory import DATABASE, DOWN, listed, look_up, members, unreachable
from copilot.tools.outcomes import (
    ACCOUNT,
    ALREADY,
    Direction,
    PowerOutput,
    PowerState,
    as_it_is,
    output,
    size_in_words,
)
from copilot.tools.tool import WriteTool

CHANGED_AT_ONCE = 8
OWN_TAGS = "devops-copilot:"


class EnvironmentInput(Frozen):
    environment_id: str = Field(min_length=1, max_length=256, description="an environment's id")
    only: tuple[str, ...] = Field(default=(), description="only these of its resources, by id; none given means all")


class PriorResource(Frozen):
    """What a change of one resource depends on. Of its state only on or off counts: tasks come and go."""

    id: str
    size: int
    state: Literal["on", "off", "between"]
    saved: int | None
    held: str


class Prior(Frozen):
    """What a change of an environment depends on: the state of a Preview."""

    kind: Kind
    resources: tuple[PriorResource, ...]


class _Power(WriteTool[EnvironmentInput, PowerOutput]):
    """What stopping and starting have in common."""

    Input = EnvironmentInput
    Output = PowerOutput
    timeout = 900
    resource = "Environment"
    idempotent = True

    direction: ClassVar[Direction]
    inverse: ClassVar[str]
    databases_first: ClassVar[bool]

    @abstractmethod
    def _change(self, resource: Resource) -> Change:
        """What is to be done with one resource, or why nothing."""

    @abstractmethod
    def _compare(self, resource: Resource, prior: PriorResource) -> tuple[Literal["true", "false", "not yet"], str]:
        """Whether a resource that was changed is as wanted, and what it is instead."""

    def preview(self, input: EnvironmentInput) -> Preview:
        environment, survey = look_up(self.clients.platform, input.environment_id)
        resources = sorted(members(survey, environment.name), key=self._order)
        return Preview(
            targets=(_target(environment, resources),),
            changes=(*(self._change_of(resource, input.only) for resource in resources), *_unread(survey)),
            state=_prior(environment, resources).model_dump(mode="json"),
        )

    def permissions(self, input: EnvironmentInput, preview: Preview) -> tuple[Permission, ...]:
        needed = [one for change in _wanted(preview) for one in self.clients.platform.permissions(change)]
        return tuple(dict.fromkeys(needed))

    def run(self, input: EnvironmentInput, preview: Preview) -> PowerOutput:
        survey = self.clients.platform.survey(input.environment_id)
        fresh = {resource.ref.id: resource for resource in survey.resources}
        prior = Prior.model_validate(preview.state)
        saved = {one.id: one.saved for one in prior.resources}

        def apply(change: Change) -> CopilotError | None:
            """What went wrong, which must not keep the others from being changed."""
            try:
                resource = fresh.get(change.ref.id) or _gone(change, survey)
                # What was previewed counts, and not what a first attempt has left.
                as_previewed = resource.model_copy(update={"saved": saved[change.ref.id]})
                self.clients.platform.apply(change, as_previewed)
            except CopilotError as error:
                return error
            return None

        wanted = _wanted(preview)
        errors: dict[str, CopilotError] = {}
        with ThreadPoolExecutor(max_workers=CHANGED_AT_ONCE) as pool:
            for _, tier in groupby(wanted, key=lambda change: change.ref.type == DATABASE):
                changes = list(tier)
                for change, error in zip(changes, pool.map(apply, changes), strict=True):
                    if error is not None:
                        errors[change.ref.id] = error
        if wanted and len(errors) == len(wanted):
            raise _nothing_done(f"nothing in {input.environment_id} was {self.direction.done}", wanted, errors)
        state: PowerState = "partial" if errors else self.direction.on_its_way if wanted else as_it_is(survey.resources)
        failures = {id: str(error) for id, error in errors.items()}
        return output(input.environment_id, prior.kind, self.direction, preview.changes, state, failures, {})

    def verify(self, input: EnvironmentInput, prior: Preview) -> Verification:
        survey = self.clients.platform.survey(input.environment_id)
        fresh = {resource.ref.id: resource for resource in survey.resources}
        before = Prior.model_validate(prior.state)
        rows = {row.id: row for row in before.resources}
        after: dict[str, str] = {}
        failures: dict[str, str] = {}
        coming: dict[str, str] = {}
        for change in _wanted(prior):
            resource = fresh.get(change.ref.id)
            if resource is None:
                missing = coming if survey.unreachable else failures
                missing[change.ref.id] = _not_there(survey)
                continue
            after[change.ref.id] = size_in_words(resource, resource.size)
            outcome, reason = self._compare(resource, rows[change.ref.id])
            if outcome != "true":
                (failures if outcome == "false" else coming)[change.ref.id] = reason
        state: PowerState = "partial" if failures else self.direction.on_its_way if coming else self.direction.wanted
        if not _wanted(prior):
            state = as_it_is(survey.resources)
        now = output(input.environment_id, before.kind, self.direction, prior.changes, state, failures, after)
        unlike = failures or coming
        names = {change.ref.id: change.name for change in prior.changes}
        return Verification(
            outcome="false" if failures else "not yet" if coming else "true",
            reason=listed([f"{names[id]} {reason}" for id, reason in unlike.items()]),
            output=now.model_dump(mode="json"),
        )

    @classmethod
    def undo(cls, input: EnvironmentInput, prior: Preview) -> Call | None:
        arguments = input.model_dump(mode="json", exclude_defaults=True)
        return Call(tool=cls.inverse, arguments=arguments) if _wanted(prior) else None

    def _change_of(self, resource: Resource, only: Sequence[str]) -> Change:
        if only and resource.ref.id not in only:
            return self._skip(resource, "not among those asked for")
        return self._change(resource)

    def _order(self, resource: Resource) -> tuple[bool, str, str, str]:
        """Databases go after what uses them when stopping, and before it when starting."""
        is_database = resource.ref.type == DATABASE
        return is_database != self.databases_first, resource.cluster or "", resource.name, resource.ref.id

    def _skip(self, resource: Resource, reason: str) -> Change:
        now = size_in_words(resource, resource.size)
        return Change(ref=resource.ref, name=resource.name, action="skip", before=now, after=now, reason=reason)

    def _do(self, resource: Resource, size: int) -> Change:
        return Change(
            ref=resource.ref,
            name=resource.name,
            action=self.direction.action,
            before=size_in_words(resource, resource.size),
            after=size_in_words(resource, size),
        )


class StopEnvironment(_Power):
    name = "stop_environment"
    summary = "Stop an environment's services, instances and databases, so that start_environment can restore them."
    direction = Direction("stop", "stopped", "stopping", "stopped")
    inverse = "start_environment"
    databases_first = False

    def _change(self, resource: Resource) -> Change:
        if resource.held:
            return self._skip(resource, resource.held)
        if resource.state in DOWN:
            return self._skip(resource, f"{ALREADY}{resource.state}")
        return self._do(resource, 0)

    def _compare(self, resource: Resource, prior: PriorResource) -> tuple[Literal["true", "false", "not yet"], str]:
        if resource.state == "stopped":
            return "true", ""
        return "not yet" if resource.state == "stopping" else "false", f"is {_now(resource)}"


class StartEnvironment(_Power):
    name = "start_environment"
    summary = "Start what stop_environment stopped in an environment, at the size it had."
    direction = Direction("start", "started", "starting", "running")
    inverse = "stop_environment"
    databases_first = True

    def _change(self, resource: Resource) -> Change:
        if resource.held:
            return self._skip(resource, resource.held)
        if resource.state not in DOWN:
            return self._skip(resource, f"{ALREADY}{_now(resource)}")
        if resource.saved is None:
            return self._skip(resource, "was not stopped by the copilot")
        return self._do(resource, resource.saved)

    def _compare(self, resource: Resource, prior: PriorResource) -> tuple[Literal["true", "false", "not yet"], str]:
        if resource.state in DOWN:
            return "false", f"is {_now(resource)}"
        if resource.cluster and resource.size != prior.saved:
            return "false", f"is to have {resource.size}, not {prior.saved}"
        return ("true", "") if resource.state == "running" else ("not yet", f"is {_now(resource)}")


def _now(resource: Resource) -> str:
    """The state in words; what the platform calls it where we have no word."""
    if resource.state == "other":
        return resource.detail or "in an unknown state"
    return f"{resource.state} ({resource.detail})" if resource.cluster and resource.detail else resource.state


def _wanted(preview: Preview) -> list[Change]:
    return [change for change in preview.changes if change.action != "skip"]


def _target(environment: Environment, resources: Sequence[Resource]) -> Target:
    """Its tags are those that all its resources share, without those the copilot puts there."""
    shared = set.intersection(*(set(resource.tags.items()) for resource in resources))
    return Target(
        ref=ResourceRef(type="environment", id=environment.name),
        name=environment.name,
        kind=environment.kind,
        tags={name: value for name, value in sorted(shared) if not name.startswith(OWN_TAGS)},
    )


def _prior(environment: Environment, resources: Sequence[Resource]) -> Prior:
    rows = [
        PriorResource(
            id=resource.ref.id,
            size=resource.size,
            state="off" if resource.state in DOWN else "between" if resource.state == "other" else "on",
            saved=resource.saved,
            held=resource.held,
        )
        for resource in resources
    ]
    return Prior(kind=environment.kind, resources=tuple(sorted(rows, key=lambda row: row.id)))


def _unread(survey: Survey) -> list[Change]:
    """What could not be read, as something left alone: more of the environment may be there."""
    return [
        Change(
            ref=ResourceRef(type=ACCOUNT, id=f"{place.account} {place.region}"),
            name=f"{place.account} in {place.region}",
            action="skip",
            before="unknown",
            after="unknown",
            reason=f"could not be read: {place.reason}",
        )
        for place in survey.unreachable
    ]


def _not_there(survey: Survey) -> str:
    unread = [place.summary for place in unreachable(survey.unreachable)]
    return f"could not be read ({'; '.join(unread)})" if unread else "is no longer there"


def _gone(change: Change, survey: Survey) -> Resource:
    message = f"{change.name} {_not_there(survey)}"
    raise RetryableError(message) if survey.unreachable else FatalError(message)


def _nothing_done(what: str, changes: Sequence[Change], errors: dict[str, CopilotError]) -> CopilotError:
    """One error for all: worth another try only where each of them is."""
    message = f"{what}: {listed([f'{change.name} ({errors[change.ref.id]})' for change in changes])}"
    if all(isinstance(error, RetryableError | NotReady) for error in errors.values()):
        return RetryableError(message)
    refused = any(isinstance(error, PermissionDenied) for error in errors.values())
    return PermissionDenied(message) if refused else FatalError(message)
