"""What stopping an environment and starting it again have in common: tier by tier, with exactly what ran before."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import ClassVar, Literal

from pydantic import Field, JsonValue

from copilot.domain import (
    OUR_OWN,
    TARGET,
    Arguments,
    Call,
    Change,
    Environment,
    EnvironmentId,
    Frozen,
    Limits,
    NothingToUndo,
    Permission,
    Preview,
    Resource,
    ResourceRef,
    ResourceType,
    Survey,
    Undo,
    Verification,
)
from copilot.errors import (
    CopilotError,
    NotReady,
    ToolInputError,
    Unfinished,
)
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.tools.environments.as_left import AsLeft
from copilot.tools.environments.as_left import gone as gone_since
from copilot.tools.environments.changing import target_of
from copilot.tools.environments.failures import gone, held_up, may_pass, not_there, nothing_done
from copilot.tools.environments.inventory import (
    look_up,
    members,
    might_be_elsewhere,
    type_of,
    unreachable,
)
from copilot.tools.environments.names import nearest_names
from copilot.tools.environments.outcomes import (
    ACCOUNT,
    ALREADY,
    COVERED,
    Direction,
    PowerOutput,
    PowerState,
    as_it_is,
    output,
    size_in_words,
    state_in_words,
)
from copilot.tools.environments.prior import Prior, PriorResource, prior_of
from copilot.tools.owning import owned
from copilot.tools.tool import UNCHANGED, WriteTool

CHANGED_AT_ONCE = 8
PUT_RIGHT = NothingToUndo(why="it ran before, and only how it is scaled was put right")


class EnvironmentInput(Frozen):
    environment_id: EnvironmentId = Field(
        min_length=1, max_length=256, description="an environment's id", json_schema_extra=TARGET
    )
    only: tuple[str, ...] = Field(default=(), description="ids of its resources; else all", json_schema_extra=TARGET)


class PowerInput(EnvironmentInput):
    as_left: tuple[AsLeft, ...] = Field(
        default=(),
        description="to put back only what is as it was left: how that is",
        json_schema_extra=OUR_OWN,
    )


class Power(WriteTool[PowerInput, PowerOutput]):
    """What stopping and starting have in common."""

    Input = PowerInput
    Output = PowerOutput
    timeout = 900
    resource = "Environment"
    idempotent = True

    direction: ClassVar[Direction]
    last_tier_first: ClassVar[bool]

    @abstractmethod
    def _change(self, resource: Resource) -> Change:
        """What is to be done with one resource, or why nothing."""

    @classmethod
    @abstractmethod
    def _left(cls, row: PriorResource) -> AsLeft:
        """As a resource is left that was so before."""

    @abstractmethod
    def _since(self, resource: Resource, left: AsLeft) -> tuple[Resource, str, str]:
        """What is to be put back, with what was set since in it; why not, "" where it is; and what to know of that."""

    @abstractmethod
    def _waits_for(self, change: Change, before: Resource | None, error: CopilotError) -> bool:
        """Whether a change is not to be made because of what kept this resource, whose turn came before, from its own.

        None stands for one that cannot be read.
        """

    @abstractmethod
    def _compare(self, resource: Resource, prior: PriorResource) -> tuple[Literal["true", "false", "not yet"], str]:
        """Whether a resource that was changed is as wanted, and what it is instead."""

    def preview(self, input: PowerInput) -> Preview:
        environment, survey = look_up(self.clients.platform, input.environment_id)
        resources = sorted(members(survey, environment.name), key=self._order)
        left = {one.resource: one for one in input.as_left}
        all_there([one for one in input.only if one not in left], environment.name, resources, survey)
        missing = gone_since(input.as_left, {one.ref.id for one in resources}, survey)
        spared = self._spared(input, environment)
        since = [(one, "", "") if one.ref.id not in left else self._since(one, left[one.ref.id]) for one in resources]
        resources = [one for one, _, _ in since]
        decided = [
            self._skip(resource, spared or why) if spared or why else _with(self._decide(resource, input.only), know)
            for resource, why, know in since
        ]
        return Preview(
            targets=(target_of(environment, resources),),
            changes=(*owned(decided, resources), *missing, *_unread(survey)),
            state=prior_of(environment, resources, spared).model_dump(mode="json"),
        )

    def permissions(self, input: PowerInput, preview: Preview) -> tuple[Permission, ...]:
        needed = [one for change in preview.wanted for one in self.clients.platform.permissions(change)]
        return tuple(dict.fromkeys(needed))

    def run(self, input: PowerInput, preview: Preview) -> PowerOutput:
        survey = self.clients.platform.survey(input.environment_id)
        fresh = {resource.ref.id: resource for resource in survey.resources}
        prior = Prior.model_validate(preview.state)
        before = {one.id: one for one in prior.resources}

        def apply(change: Change) -> CopilotError | None:
            """What went wrong, which must not keep the others from being changed."""
            try:
                resource = fresh.get(change.ref.id) or gone(change, survey)
                # What was previewed counts, and not what a first attempt has left.
                row = before[change.ref.id]
                previewed = {"saved": row.saved, "saved_limits": row.saved_limits, "limits": row.limits}
                self.clients.platform.apply(change, resource.model_copy(update=previewed))
            except CopilotError as error:
                return error
            return None

        def is_gone(id: str) -> bool:
            """Whether that is as good as stopped."""
            return self.direction.action == "stop" and id not in fresh and not survey.unreachable

        wanted = preview.wanted
        errors: dict[str, CopilotError] = {}

        def attempt(change: Change) -> CopilotError | None:
            failed = [one for one in wanted if one.ref.id in errors and not is_gone(one.ref.id)]
            waits = [one for one in failed if self._waits_for(change, fresh.get(one.ref.id), errors[one.ref.id])]
            return held_up(waits, errors) if waits else apply(change)

        with ThreadPoolExecutor(max_workers=CHANGED_AT_ONCE) as pool:
            # A tier begins when all of the one before is as wanted or on its way there. Waiting until it has arrived
            # would take longer than a worker may live, and is not needed: what stops is asked to finish before what it
            # uses is, and a task that starts before its database is up is started again by its service. What could not
            # be changed holds up only what depends on it.
            for _, tier in groupby(wanted, key=lambda change: self._type(change.ref).tier):
                changes = list(tier)
                found = list(pool.map(attempt, changes))
                errors |= {change.ref.id: error for change, error in zip(changes, found, strict=True) if error}
        done = len(errors) < len(wanted)
        failures = {id: error.told for id, error in errors.items()}
        if any(map(may_pass, errors.values())) and (done or any(isinstance(e, NotReady) for e in errors.values())):
            state: PowerState = "partial"
            now = output(input.environment_id, prior.kind, self.direction, preview.changes, state, failures, {})
            raise Unfinished(now.summary, ours=True)
        if wanted and not done:
            raise nothing_done(f"nothing in {quoted(input.environment_id)} was {self.direction.done}", wanted, errors)
        lost, after = self._lost(preview, survey)
        state = _at_rest(prior, survey) if not wanted else "partial" if errors or lost else self.direction.on_its_way
        failures |= lost
        return output(input.environment_id, prior.kind, self.direction, preview.changes, state, failures, after)

    def verify(self, input: PowerInput, prior: Preview) -> Verification:
        survey = self.clients.platform.survey(input.environment_id)
        fresh = {resource.ref.id: resource for resource in survey.resources}
        before = Prior.model_validate(prior.state)
        rows = {row.id: row for row in before.resources}
        failures, after = self._lost(prior, survey)
        coming: dict[str, str] = {}
        for change in prior.wanted:
            resource = fresh.get(change.ref.id)
            if resource is None:
                missing = coming if survey.unreachable else failures
                missing[change.ref.id] = not_there(survey)
                continue
            after[change.ref.id] = size_in_words(resource, resource.size, resource.limits)
            outcome, reason = self._compare(resource, rows[change.ref.id])
            if outcome != "true":
                (failures if outcome == "false" else coming)[change.ref.id] = reason
        state: PowerState = "partial" if failures else self.direction.on_its_way if coming else self.direction.wanted
        if not prior.wanted:
            state = _at_rest(before, survey)
        now = output(input.environment_id, before.kind, self.direction, prior.changes, state, failures, after)
        unlike = coming or failures
        names = {change.ref.id: change.name for change in prior.changes}
        return Verification(
            # What is on its way is waited for first, so that nothing is judged, or tried again, in the middle of it.
            outcome="not yet" if coming else "false" if failures else "true",
            reason=listed([f"{quoted(names[id])} {reason}" for id, reason in unlike.items()]),
            output=now.model_dump(mode="json"),
        )

    @classmethod
    def undo(cls, input: PowerInput, prior: Preview) -> Undo:
        """The other of `stop_environment` and `start_environment`, of what would be changed and no more, field by field
        where nobody has set that since.
        """
        rows = {row.id: row for row in Prior.model_validate(prior.state).resources} if prior.wanted else {}
        turned = [rows[change.ref.id] for change in prior.wanted if cls._turned(rows[change.ref.id])]
        if not turned:
            return PUT_RIGHT if prior.wanted else UNCHANGED
        # By name, though it may be all there is now: somebody may bring more there until it is undone.
        ids: list[JsonValue] = [row.id for row in turned]
        left: list[JsonValue] = [cls._left(row).model_dump(mode="json", exclude_none=True) for row in turned]
        given: Arguments = {"environment_id": input.environment_id, "only": ids, "as_left": left}
        return Call(tool=cls.inverse, arguments=given)

    @classmethod
    def _turned(cls, row: PriorResource) -> bool:
        """Whether it was off before it was started: of what ran already, only the scaling was put right."""
        return cls.direction.action == "stop" or row.state != "on"

    def _lost(self, preview: Preview, survey: Survey) -> tuple[dict[str, str], dict[str, str]]:
        """What was as wanted when it was previewed and, since somebody else is at it, is not any more.

        By ref.id: why that is a failure, and how it is. What is gone is as good as stopped.
        """
        fresh = {resource.ref.id: resource for resource in survey.resources}
        wants_down = self.direction.action == "stop"
        reasons, after = dict[str, str](), dict[str, str]()
        for change in preview.changes:
            if change.action != "skip" or not change.reason.startswith(ALREADY):
                continue
            was, now = change.reason.removeprefix(ALREADY), fresh.get(change.ref.id)
            if now is None:
                if not wants_down and not survey.unreachable:
                    reasons[change.ref.id] = f"was {was} and is no longer there"
            elif now.is_down != wants_down:
                reasons[change.ref.id] = f"was {was} and is {state_in_words(now)} now"
                after[change.ref.id] = size_in_words(now, now.size, now.limits)
        return reasons, after

    def _spared(self, input: PowerInput, environment: Environment) -> str:
        """Why all of it is to be left alone; "" where it is not."""
        return ""

    def _decide(self, resource: Resource, only: Sequence[str]) -> Change:
        if only and resource.ref.id not in only:
            return self._skip(resource, "not among those asked for")
        if resource.covered_by:
            return self._skip(resource, f"{COVERED}{quoted(resource.covered_by)}, which is changed as a whole")
        return self._change(resource)

    def _order(self, resource: Resource) -> tuple[int, str, str, str]:
        turn = self._type(resource.ref).turn
        return -turn if self.last_tier_first else turn, resource.cluster or "", resource.name, resource.ref.id

    def _type(self, ref: ResourceRef) -> ResourceType:
        return type_of(ref.type, self.clients.platform.types)

    def _skip(self, resource: Resource, reason: str) -> Change:
        now = size_in_words(resource, resource.size, resource.limits)
        return Change(ref=resource.ref, name=resource.name, action="skip", before=now, after=now, reason=reason)

    def _do(self, resource: Resource, size: int, limits: Limits | None, reason: str = "") -> Change:
        return Change(
            ref=resource.ref,
            name=resource.name,
            action="scale" if resource.counted else self.direction.action,
            before=size_in_words(resource, resource.size, resource.limits),
            after=size_in_words(resource, size, limits),
            reason=reason,
            size=size if resource.counted else None,
            uses=resource.uses,
        )


def _with(change: Change, know: str) -> Change:
    """The change, with what to know of it."""
    if not know or change.action == "skip":
        return change
    return change.model_copy(update={"reason": "; ".join(filter(None, (change.reason, know)))})


def _at_rest(prior: Prior, survey: Survey) -> PowerState:
    """The state where there was nothing to change."""
    return "spared" if prior.spared else as_it_is(survey.resources)


def _unread(survey: Survey) -> list[Change]:
    """What could not be read, as something left alone: more of the environment may be there."""
    return [
        Change(
            ref=ResourceRef(type=ACCOUNT, id=f"{place.account} {place.region}"),
            name=f"{place.account} in {place.region}",
            action="skip",
            before="unknown",
            after="unknown",
            reason=f"could not be read: {quoted(place.reason)}",
        )
        for place in survey.unreachable
    ]


def all_there(only: Sequence[str], environment: str, resources: Sequence[Resource], survey: Survey) -> None:
    """Raises ToolInputError, with the nearest there are, for what is asked for and is not in the environment."""
    ids = {resource.ref.id: resource.name for resource in resources}
    missing = [one for one in only if one not in ids]
    if not missing:
        return
    by_name = {name: id for id, name in ids.items()}
    near = [by_name.get(found, found) for one in missing for found in nearest_names(one, [*ids, *by_name])]
    hint = f"; nearest: {listed(list(map(quoted, dict.fromkeys(near))))}" if near else ""
    told = listed([repr(one) for one in missing])
    elsewhere = might_be_elsewhere(unreachable(survey.unreachable))
    raise ToolInputError(
        f"{quoted(environment)} has no resource with the id {told}{hint}{elsewhere}",
        list(dict.fromkeys(near)),
        ours=True,
    )
