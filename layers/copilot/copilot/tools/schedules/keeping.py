"""Exceptions from schedules: an environment that none of them stops for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, JsonValue

from copilot.domain import (
    AGAIN_MINUTES,
    EXCEPTION,
    TARGET,
    Call,
    Change,
    Environment,
    EnvironmentId,
    Frozen,
    Keep,
    Made,
    Permission,
    Preview,
    ResourceRef,
    Schedule,
    Target,
    Undo,
    Verification,
    is_chosen,
)
from copilot.errors import ToolInputError
from copilot.ports import Clients
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.times.recurrence import next_times
from copilot.times.windows import holds, kept_words, moment
from copilot.times.zones import known_zone
from copilot.tools.environments.inventory import look_up
from copilot.tools.schedules.scope import going_on
from copilot.tools.tool import UNCHANGED, WriteTool

LONGEST = timedelta(days=14)


class KeepEnvironmentInput(Frozen):
    environment_id: EnvironmentId = Field(
        min_length=1, max_length=256, description="an environment's id", json_schema_extra=TARGET
    )
    until: AwareDatetime = Field(description="at most 14 days from now")
    time_zone: str = Field(default="UTC", max_length=64, description="an IANA name")

    @property
    def told(self) -> str:
        """Until when, in words."""
        return moment(self.until.astimezone(ZoneInfo(self.time_zone)))


class ReleaseEnvironmentInput(Frozen):
    environment_id: EnvironmentId = Field(
        min_length=1, max_length=256, description="an environment's id", json_schema_extra=TARGET
    )


class KeepOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    until: AwareDatetime | None = Field(description="until when it is kept; null where it is not")
    then: Made = Field(description="which schedule stops it first after that, and when")
    summary: Made = Field(description="one line about it")


class KeepEnvironment(WriteTool[KeepEnvironmentInput, KeepOutput]):
    name = "keep_environment"
    summary = "Keep an environment from being stopped by any schedule until a time."
    Input = KeepEnvironmentInput
    Output = KeepOutput
    resource = "Environment"
    idempotent = True
    inverse = "release_environment"

    def preview(self, input: KeepEnvironmentInput) -> Preview:
        now = self.clients.clock.now()
        environment, _ = look_up(self.clients.platform, input.environment_id)
        kept = _kept(self.clients.schedules.keeps(), environment.name)
        if not known_zone(input.time_zone):
            raise ToolInputError(f"there is no time zone {input.time_zone!r}", ours=True)
        if not now < input.until <= now + LONGEST:
            raise ToolInputError(f"{input.told} is not within the next {LONGEST.days} days", ours=True)
        change = Change(
            ref=ResourceRef(type=EXCEPTION, id=environment.name),
            name=environment.name,
            action="keep",
            before=kept_words(kept) if kept else "not kept",
            after=f"kept until {input.told}",
        )
        state = _state(kept)
        return Preview(targets=(_target(environment),), changes=(change,), state=state)

    def permissions(self, input: KeepEnvironmentInput, preview: Preview) -> tuple[Permission, ...]:
        return tuple(self.clients.schedules.permissions())

    def run(self, input: KeepEnvironmentInput, preview: Preview) -> KeepOutput:
        keep = Keep(
            environment=input.environment_id,
            until=input.until,
            time_zone=input.time_zone,
            by=self.clients.person.id,
            made_at=self.clients.clock.now(),
        )
        self.clients.schedules.put_keep(keep)
        return self._output(input, preview)

    def verify(self, input: KeepEnvironmentInput, prior: Preview) -> Verification:
        kept = _kept(self.clients.schedules.keeps(), input.environment_id)
        is_so = kept is not None and kept.until == input.until
        return Verification(
            outcome="true" if is_so else "false",
            reason="" if is_so else f"{quoted(input.environment_id)} is {kept_words(kept) if kept else 'not kept'}",
            output=self._output(input, prior).model_dump(mode="json"),
        )

    @classmethod
    def undo(cls, input: KeepEnvironmentInput, prior: Preview) -> Undo:
        """`release_environment`; `keep_environment` until the time it was kept until before, where it was."""
        return _keep_again(input.environment_id, prior) or Call(
            tool=cls.inverse, arguments={"environment_id": input.environment_id}
        )

    def _output(self, input: KeepEnvironmentInput, prior: Preview) -> KeepOutput:
        those = _for(self.clients, input.environment_id, prior)
        then = _then(those, input.until, "after that ") if those else "no schedule there is would stop it"
        kept = f"{quoted(input.environment_id)} is kept until {input.told}"
        return KeepOutput(environment_id=input.environment_id, until=input.until, then=then, summary=f"{kept}; {then}")


class ReleaseEnvironment(WriteTool[ReleaseEnvironmentInput, KeepOutput]):
    name = "release_environment"
    summary = "End an exception: schedules may stop the environment again."
    Input = ReleaseEnvironmentInput
    Output = KeepOutput
    resource = "Environment"
    idempotent = True
    inverse = "keep_environment"

    def preview(self, input: ReleaseEnvironmentInput) -> Preview:
        environment, _ = look_up(self.clients.platform, input.environment_id)
        kept = _kept(self.clients.schedules.keeps(), environment.name)
        change = Change(
            ref=ResourceRef(type=EXCEPTION, id=environment.name),
            name=environment.name,
            action="release" if kept else "skip",
            before=kept_words(kept) if kept else "not kept",
            after="not kept",
            reason="" if kept else "it is not kept",
        )
        state = _state(kept)
        return Preview(targets=(_target(environment),), changes=(change,), state=state)

    def permissions(self, input: ReleaseEnvironmentInput, preview: Preview) -> tuple[Permission, ...]:
        return tuple(self.clients.schedules.permissions())

    def run(self, input: ReleaseEnvironmentInput, preview: Preview) -> KeepOutput:
        if preview.wanted:
            self.clients.schedules.remove_keep(input.environment_id)
        return self._released(input, preview)

    def verify(self, input: ReleaseEnvironmentInput, prior: Preview) -> Verification:
        kept = _kept(self.clients.schedules.keeps(), input.environment_id)
        output = self._released(input, prior).model_dump(mode="json")
        return Verification(outcome="false" if kept else "true", reason="it is kept still", output=output)

    def _released(self, input: ReleaseEnvironmentInput, prior: Preview) -> KeepOutput:
        was = bool(prior.wanted)
        then = _then(_for(self.clients, input.environment_id, prior), self.clients.clock.now())
        said = f"{quoted(input.environment_id)} {'is not kept any more' if was else 'was not kept'}"
        return KeepOutput(environment_id=input.environment_id, until=None, then=then, summary=f"{said}; {then}")

    @classmethod
    def undo(cls, input: ReleaseEnvironmentInput, prior: Preview) -> Undo:
        """`keep_environment`, until the same time."""
        return _keep_again(input.environment_id, prior) or UNCHANGED


def _kept(keeps: Sequence[Keep], environment: str) -> Keep | None:
    return next((keep for keep in keeps if keep.environment == environment), None)


def _state(kept: Keep | None) -> JsonValue:
    """What undo keeps again."""
    return {"until": kept.until.isoformat(), "time_zone": kept.time_zone} if kept else {}


def _keep_again(environment: str, prior: Preview) -> Call | None:
    """The call that makes the exception there was; None where there was none."""
    was = prior.state if isinstance(prior.state, dict) else {}
    return Call(tool="keep_environment", arguments={"environment_id": environment, **was}) if was else None


def _target(environment: Environment) -> Target:
    ref = ResourceRef(type="environment", id=environment.name)
    return Target(ref=ref, name=environment.name, kind=environment.kind)


def _for(clients: Clients, environment: str, prior: Preview) -> list[Schedule]:
    """The schedules that stop it where it is not kept."""
    kind = prior.targets[0].kind or "production"
    return [one for one in going_on(clients) if is_chosen(one, environment, kind) and not one.paused]


def _then(schedules: Sequence[Schedule], since: datetime, lead: str = "") -> str:
    """What stops it first from then on."""
    enforced = [one.id for one in schedules if "again" in one.times and holds(one.times, since, one.created_at)]
    if enforced:
        return f"{lead}{listed(enforced)} stops it within {AGAIN_MINUTES} minutes"
    stops = [(at, one.id) for one in schedules for at in next_times(one.times["stop"], since, 1)]
    if not stops:
        return f"{lead}no schedule stops it"
    at, first = min(stops, key=lambda stop: stop[0].timestamp())
    return f"{lead}{first} stops it on {moment(at)}"
