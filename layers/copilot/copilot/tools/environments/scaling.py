"""Giving a service or a group of instances another size, and other limits where a person names them."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from copilot.domain import (
    OUR_OWN,
    TARGET,
    Call,
    Change,
    EnvironmentId,
    Frozen,
    Kind,
    Limits,
    Made,
    Permission,
    Preview,
    Resource,
    Undo,
    Verification,
    WritePack,
)
from copilot.errors import ToolInputError
from copilot.text.outside import quoted
from copilot.tools.environments.changing import apply_each, left_alone, named_in, permissions_of, target_of
from copilot.tools.environments.failures import not_there
from copilot.tools.environments.inventory import type_of
from copilot.tools.environments.outcomes import ALREADY, size_in_words, state_in_words
from copilot.tools.owning import owned
from copilot.tools.tool import UNCHANGED, WriteTool

MOST = 1000
State = Literal["scaled", "scaling", "failed", "left alone"]


class ScaledTo(Frozen):
    """A size, and its scaling's limits: null where nothing scales it. What an undo gives needs no words for a model."""

    size: int = Field(description="its size")
    minimum: int | None = Field(default=None, description="its minimum")
    maximum: int | None = Field(default=None, description="its maximum")


class ScaleInput(Frozen):
    environment_id: EnvironmentId = Field(
        min_length=1, max_length=256, description="an environment's id", json_schema_extra=TARGET
    )
    resource: str = Field(
        min_length=1, max_length=512, description="the service or group, by name or id", json_schema_extra=TARGET
    )
    size: int | None = Field(default=None, ge=1, le=MOST, description="how many tasks or instances")
    by: int | None = Field(default=None, ge=-MOST, le=MOST, description="or how many more; less than 0 for fewer")
    as_in: EnvironmentId | None = Field(
        default=None, min_length=1, max_length=256, description="or as many as in this environment"
    )
    minimum: int | None = Field(default=None, ge=0, le=MOST, description="of its scaling")
    maximum: int | None = Field(default=None, ge=1, le=MOST, description="of its scaling")
    only_if: ScaledTo | None = Field(
        default=None, description="leave it alone unless it is so now", json_schema_extra=OUR_OWN
    )


class ScaleOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    resource: str = Field(description="its name")
    kind: Kind = Field(description="development, preview, staging or production")
    state: State = Field(description="scaled, scaling, failed or left alone")
    size: int = Field(description="how many it is to have")
    running: int = Field(description="how many of them run")
    summary: Made = Field(description="one line about it")


class Scaled(Frozen):
    """What a change of size depends on: the state of a Preview."""

    kind: Kind
    id: str
    name: str
    size: int
    limits: Limits | None
    held: str


class ScaleResource(WriteTool[ScaleInput, ScaleOutput]):
    name = "scale_resource"
    summary = "Scale a service or instance group to a size, by a step, or as elsewhere."
    Input = ScaleInput
    Output = ScaleOutput
    timeout = 1800
    resource = "Environment"
    idempotent = True
    inverse = "scale_resource"
    pack: ClassVar[WritePack] = "scale"

    def preview(self, input: ScaleInput) -> Preview:
        platform = self.clients.platform
        environment, one, all, _ = named_in(platform, input.environment_id, input.resource)
        change = self._change(input, one)
        if change.action != "skip":
            platform.require(one, self.pack)
        state = Scaled(
            kind=environment.kind, id=one.ref.id, name=one.name, size=one.size, limits=one.limits, held=one.held
        )
        return Preview(
            targets=(target_of(environment, all),), changes=owned((change,), all), state=state.model_dump(mode="json")
        )

    def permissions(self, input: ScaleInput, preview: Preview) -> tuple[Permission, ...]:
        return permissions_of(self.clients.platform, preview.wanted)

    def run(self, input: ScaleInput, preview: Preview) -> ScaleOutput:
        prior = Scaled.model_validate(preview.state)
        platform = self.clients.platform
        survey = platform.survey(input.environment_id)
        apply_each(platform, preview.wanted, survey, lambda change: False, f"{quoted(prior.name)} was not scaled")
        (change,) = preview.changes
        if not preview.wanted:
            return _output(input, prior, "left alone", prior.size, prior.size, f"left alone ({change.reason})")
        return _output(input, prior, "scaling", change.size or 0, 0, f"{change.before} -> {change.after}")

    def verify(self, input: ScaleInput, prior: Preview) -> Verification:
        before = Scaled.model_validate(prior.state)
        (change,) = prior.changes
        survey = self.clients.platform.survey(input.environment_id)
        now = next((one for one in survey.resources if one.ref.id == before.id), None)
        wanted = change.size or before.size
        outcome: Literal["true", "false", "not yet"]
        if now is None:
            outcome, told, running = "not yet" if survey.unreachable else "false", not_there(survey), 0
        elif not prior.wanted:
            outcome, told, running = "true", f"left alone ({change.reason})", now.running
        else:
            outcome, told, running = *_as_wanted(now, change), now.running
        state: State = "scaling" if outcome == "not yet" else "scaled" if outcome == "true" else "failed"
        state = state if prior.wanted else "left alone"
        done = f"{change.before} -> {change.after}" if outcome == "true" and prior.wanted else ""
        output = _output(input, before, state, wanted, running, ", ".join(filter(None, [done, told])))
        return Verification(
            outcome=outcome,
            reason="" if outcome == "true" else f"{quoted(before.name)} {told}",
            output=output.model_dump(mode="json"),
        )

    @classmethod
    def undo(cls, input: ScaleInput, prior: Preview) -> Undo:
        """The size and the limits it had, where nobody has changed them since."""
        if not prior.wanted:
            return UNCHANGED
        before, (change,) = Scaled.model_validate(prior.state), prior.wanted
        arguments: dict[str, Any] = {
            "environment_id": input.environment_id,
            "resource": before.id,
            "size": before.size,
            "only_if": _as_it_is(change.size or before.size, change.limits or before.limits),
        }
        if change.limits and before.limits:
            arguments |= {"minimum": before.limits.minimum, "maximum": before.limits.maximum}
        return Call(tool=cls.name, arguments=arguments)

    def _change(self, input: ScaleInput, one: Resource) -> Change:
        now = size_in_words(one, one.size, one.limits)
        type = type_of(one.ref.type, self.clients.platform.types)
        if not one.counted:
            raise ToolInputError(f"{type.noun} {quoted(one.name)} is one, and does not come in numbers", ours=True)
        if one.held:
            return left_alone(one, now, one.held)
        if one.is_down:
            return left_alone(one, now, f"it is {state_in_words(one)}; start it first, with as many as it had")
        if input.only_if is not None and (other := _unlike(one, input.only_if)):
            return left_alone(one, now, other)
        size, limits = self._size(input, one), _limits(input, one)
        if size < 1:
            raise ToolInputError(
                f"{quoted(one.name)} would have {size} {type.unit}; to have none of it is to stop it, which is "
                f"stop_environment with only that",
                ours=True,
            )
        within = limits or one.limits
        if within is not None and not within.at_rest and not within.minimum <= size <= within.maximum:
            bound = f"a maximum of {size}" if size > within.maximum else f"a minimum of {size}"
            raise ToolInputError(
                f"{quoted(one.name)} is scaled between {within.minimum} and {within.maximum}, and {size} is outside "
                f"that. Ask for a size within these limits, or for {size} with {bound}",
                ours=True,
            )
        if size == one.size and limits in {None, one.limits}:
            return left_alone(one, now, f"{ALREADY}{now}")
        new = limits if limits != one.limits else None
        return Change(
            ref=one.ref,
            name=one.name,
            action="resize",
            before=now,
            after=size_in_words(one, size, within),
            reason=_note(within),
            size=size,
            limits=new,
            uses=one.uses if new else (),
        )

    def _size(self, input: ScaleInput, one: Resource) -> int:
        """How many it is to have. Raises ToolInputError where not exactly one of the ways says that."""
        ways = [way for way in (input.size, input.by, input.as_in) if way is not None]
        if not ways and (input.minimum is not None or input.maximum is not None):
            return one.size
        if len(ways) != 1:
            raise ToolInputError(
                f"say how many {quoted(one.name)} is to have in one way: size, by, or as_in", ours=True
            )
        if input.size is not None:
            return input.size
        if input.by is not None:
            return one.size + input.by
        _, other, _, _ = named_in(self.clients.platform, str(input.as_in), one.name)
        if not other.counted or other.is_down:
            raise ToolInputError(
                f"{quoted(one.name)} in {quoted(str(input.as_in))} is {state_in_words(other)}, so it says no size",
                ours=True,
            )
        return other.size


def _limits(input: ScaleInput, one: Resource) -> Limits | None:
    """Those that are asked for; None where none are. Raises ToolInputError where nothing has limits, or none fit."""
    if input.minimum is None and input.maximum is None:
        return None
    if one.limits is None:
        raise ToolInputError(f"nothing scales {quoted(one.name)} by itself, so it has no limits to change", ours=True)
    minimum = one.limits.minimum if input.minimum is None else input.minimum
    maximum = one.limits.maximum if input.maximum is None else input.maximum
    if minimum > maximum:
        raise ToolInputError(f"a minimum of {minimum} is more than a maximum of {maximum}", ours=True)
    return one.limits.model_copy(update={"minimum": minimum, "maximum": maximum})


def _moves(limits: Limits | None) -> bool:
    """Whether its platform may give it another size by itself."""
    return limits is not None and limits.minimum < limits.maximum and len(limits.suspended) < 3


def _note(limits: Limits | None) -> str:
    moves = limits is not None and _moves(limits)
    return f"its scaling may change that again, from {limits.minimum} to {limits.maximum}" if limits and moves else ""


def _as_it_is(size: int, limits: Limits | None) -> dict[str, Any]:
    bounds = {"minimum": limits.minimum, "maximum": limits.maximum} if limits else {}
    return {"size": size, **bounds}


def _unlike(one: Resource, wanted: ScaledTo) -> str:
    """What somebody changed since it was so; "" where nobody did: its platform may have moved it."""
    limits = one.limits
    bounds = (limits.minimum, limits.maximum) if limits else (None, None)
    if bounds != (wanted.minimum, wanted.maximum):
        return f"somebody changed its limits since: it is {size_in_words(one, one.size, limits)} now"
    if one.size != wanted.size and not _moves(limits):
        return f"somebody changed its size since: it is {one.size} now, and not {wanted.size}"
    return ""


def _as_wanted(now: Resource, change: Change) -> tuple[Literal["true", "false", "not yet"], str]:
    size = change.size or 0
    if change.limits is not None and now.limits != change.limits:
        return "false", f"has other limits: {size_in_words(now, now.size, now.limits)}"
    moved = _moves(now.limits) and now.limits is not None and now.limits.minimum <= now.size <= now.limits.maximum
    if now.size != size and not moved:
        return "false", f"is to have {now.size}, not {size}"
    if now.state != "running" or now.running > now.size:
        return "not yet", f"has {now.running} of {now.size} running"
    return "true", f"{now.running} running"


def _output(input: ScaleInput, prior: Scaled, state: State, size: int, running: int, told: str) -> ScaleOutput:
    return ScaleOutput(
        environment_id=input.environment_id,
        resource=prior.name,
        kind=prior.kind,
        state=state,
        size=size,
        running=running,
        summary=f"{quoted(prior.name)} in {quoted(input.environment_id)}: {told}",
    )
