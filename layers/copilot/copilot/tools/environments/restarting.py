"""Restarting a service, which replaces its tasks by new ones of the same version; rebooting what is one machine."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from copilot.domain import (
    TARGET,
    Change,
    EnvironmentId,
    Frozen,
    Kind,
    Made,
    NothingToUndo,
    Permission,
    Preview,
    Resource,
    Rollout,
    ServiceName,
    ServiceState,
    Undo,
    Verification,
    WritePack,
)
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.tools.environments.changing import apply_each, left_alone, named_in, permissions_of, target_of
from copilot.tools.environments.failures import not_there
from copilot.tools.environments.inventory import members, type_of
from copilot.tools.environments.outcomes import state_in_words
from copilot.tools.environments.services import find_service
from copilot.tools.owning import owned
from copilot.tools.tool import UNCHANGED, WriteTool

RESTARTED = NothingToUndo(why="a restart leaves nothing to take back: what runs is of the version that ran before")
REBOOTED = NothingToUndo(why="a reboot leaves nothing to take back: it runs as it did before")

RestartState = Literal["restarted", "restarting", "failed", "left alone"]
RebootState = Literal["rebooted", "rebooting", "failed", "left alone"]


class RestartServiceInput(Frozen):
    environment_id: EnvironmentId = Field(
        min_length=1, max_length=256, description="an environment's id", json_schema_extra=TARGET
    )
    service: ServiceName = Field(
        min_length=1, max_length=200, description="the service's name", json_schema_extra=TARGET
    )


class RestartServiceOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    service: ServiceName = Field(description="the service's name")
    kind: Kind = Field(description="development, preview, staging or production")
    state: RestartState = Field(description="restarted, restarting, failed or left alone")
    summary: Made = Field(description="one line about it")


class Launched(Frozen):
    """What a restart of one service in one place depends on."""

    id: str
    launch: str
    definition: str
    stopped: bool


class Launches(Frozen):
    """The same in each place: the state of a Preview."""

    kind: Kind
    service: str
    places: tuple[Launched, ...]


class RestartService(WriteTool[RestartServiceInput, RestartServiceOutput]):
    name = "restart_service"
    summary = "Restart a service: its tasks begin anew, a rolling redeploy."
    Input = RestartServiceInput
    Output = RestartServiceOutput
    timeout = 1800
    resource = "Environment"
    idempotent = True
    pack: ClassVar[WritePack] = "restart"

    def preview(self, input: RestartServiceInput) -> Preview:
        platform = self.clients.platform
        found, survey = find_service(platform, input.service, input.environment_id)
        (environment,) = [one for one in survey.environments if one.name == found[0].environment]
        states = platform.services(found)
        changes = tuple(_change(one, states.get(one.ref.id)) for one in found)
        for one, change in zip(found, changes, strict=True):
            if change.action != "skip":
                platform.require(one, self.pack)
        rows = [_launched(one, states.get(one.ref.id)) for one in found]
        state = Launches(
            kind=environment.kind, service=found[0].name, places=tuple(sorted(rows, key=lambda row: row.id))
        )
        return Preview(
            targets=(target_of(environment, members(survey, environment.name)),),
            changes=owned(changes, found),
            state=state.model_dump(mode="json"),
        )

    def permissions(self, input: RestartServiceInput, preview: Preview) -> tuple[Permission, ...]:
        return permissions_of(self.clients.platform, preview.wanted)

    def run(self, input: RestartServiceInput, preview: Preview) -> RestartServiceOutput:
        prior = Launches.model_validate(preview.state)
        platform = self.clients.platform
        survey = platform.survey(input.environment_id)
        wanted = [one for one in survey.resources if one.ref.id in {change.ref.id for change in preview.wanted}]
        # Whatever is rolled out anew since it was looked at is the work of an attempt before this one.
        states, before = platform.services(wanted), {row.id: row.launch for row in prior.places}

        def made(change: Change) -> bool:
            now = states[change.ref.id].wanted if change.ref.id in states else None
            return now is not None and now.id != before[change.ref.id]

        apply_each(platform, preview.wanted, survey, made, f"{quoted(prior.service)} was not restarted")
        if not preview.wanted:
            return _output(
                input, prior, "left alone", listed([f"left alone ({one.reason})" for one in preview.changes])
            )
        # What it comes to, for whoever reads it once that was checked.
        new = listed([change.after for change in preview.wanted])
        return _output(input, prior, "restarting", f"restarted, {new}")

    def verify(self, input: RestartServiceInput, prior: Preview) -> Verification:
        before = Launches.model_validate(prior.state)
        if not prior.wanted:
            told = listed([f"left alone ({change.reason})" for change in prior.changes])
            alone = _output(input, before, "left alone", told)
            return Verification(outcome="true", output=alone.model_dump(mode="json"))
        survey = self.clients.platform.survey(input.environment_id)
        wanted = {change.ref.id for change in prior.wanted}
        there = {one.ref.id: one for one in survey.resources if one.ref.id in wanted}
        states = self.clients.platform.services(list(there.values()))
        coming, failed = list[str](), list[str]()
        for row in before.places:
            if row.id not in wanted:
                continue
            if row.id not in there or row.id not in states:
                (coming if survey.unreachable else failed).append(not_there(survey))
                continue
            outcome, told = _rolled_out(row, states[row.id])
            if outcome != "true":
                (failed if outcome == "false" else coming).append(told)
        state: RestartState = "restarting" if coming else "failed" if failed else "restarted"
        running = ", ".join(f"{one.running} of {one.size} tasks running" for one in there.values())
        told = listed([*coming, *failed])
        output = _output(input, before, state, ", ".join(filter(None, [state, told or running])))
        return Verification(
            outcome="not yet" if coming else "false" if failed else "true",
            reason=f"{quoted(before.service)}: {told}" if told else "",
            output=output.model_dump(mode="json"),
        )

    @classmethod
    def undo(cls, input: RestartServiceInput, prior: Preview) -> Undo:
        """Nothing: the same version runs as before."""
        return RESTARTED if prior.wanted else UNCHANGED


class RebootResourceInput(Frozen):
    environment_id: EnvironmentId = Field(
        min_length=1, max_length=256, description="an environment's id", json_schema_extra=TARGET
    )
    resource: str = Field(
        min_length=1, max_length=256, description="the instance or database, by name or id", json_schema_extra=TARGET
    )


class RebootResourceOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    resource: str = Field(description="its name")
    kind: Kind = Field(description="development, preview, staging or production")
    state: RebootState = Field(description="rebooted, rebooting, failed or left alone")
    summary: Made = Field(description="one line about it")


class Rebooted(Frozen):
    """What a reboot depends on: the state of a Preview."""

    kind: Kind
    id: str
    name: str
    state: str


class RebootResource(WriteTool[RebootResourceInput, RebootResourceOutput]):
    """Once at most: nothing tells afterwards whether it was done, so that a second one might be one too many."""

    name = "reboot_resource"
    summary = "Reboot one instance or database."
    Input = RebootResourceInput
    Output = RebootResourceOutput
    timeout = 1800
    resource = "Environment"
    idempotent = False
    pack: ClassVar[WritePack] = "restart"

    def preview(self, input: RebootResourceInput) -> Preview:
        platform = self.clients.platform
        environment, one, all, _ = named_in(platform, input.environment_id, input.resource, by_words=True)
        change = self._change(one)
        if change.action != "skip":
            platform.require(one, self.pack)
        state = Rebooted(kind=environment.kind, id=one.ref.id, name=one.name, state=one.state)
        return Preview(
            targets=(target_of(environment, all),), changes=owned((change,), all), state=state.model_dump(mode="json")
        )

    def permissions(self, input: RebootResourceInput, preview: Preview) -> tuple[Permission, ...]:
        return permissions_of(self.clients.platform, preview.wanted)

    def run(self, input: RebootResourceInput, preview: Preview) -> RebootResourceOutput:
        prior = Rebooted.model_validate(preview.state)
        platform = self.clients.platform
        survey = platform.survey(input.environment_id)
        apply_each(platform, preview.wanted, survey, lambda change: False, f"{quoted(prior.name)} was not rebooted")
        (change,) = preview.changes
        if not preview.wanted:
            return _rebooted(input, prior, "left alone", f"left alone ({change.reason})")
        return _rebooted(input, prior, "rebooting", "rebooted")

    def verify(self, input: RebootResourceInput, prior: Preview) -> Verification:
        before = Rebooted.model_validate(prior.state)
        if not prior.wanted:
            alone = _rebooted(input, before, "left alone", f"left alone ({prior.changes[0].reason})")
            return Verification(outcome="true", output=alone.model_dump(mode="json"))
        survey = self.clients.platform.survey(input.environment_id)
        now = next((one for one in survey.resources if one.ref.id == before.id), None)
        outcome: Literal["true", "false", "not yet"]
        if now is None:
            outcome, told = "not yet" if survey.unreachable else "false", not_there(survey)
        elif now.state == "running":
            outcome, told = "true", "rebooted, and running"
        else:
            outcome, told = "false" if now.is_down else "not yet", f"is {state_in_words(now)}"
        state: RebootState = "rebooted" if outcome == "true" else "rebooting" if outcome == "not yet" else "failed"
        output = _rebooted(input, before, state, told)
        return Verification(
            outcome=outcome,
            reason="" if outcome == "true" else f"{quoted(before.name)} {told}",
            tells=False,
            output=output.model_dump(mode="json"),
        )

    @classmethod
    def undo(cls, input: RebootResourceInput, prior: Preview) -> Undo:
        """Nothing: it runs as it did before."""
        return REBOOTED if prior.wanted else UNCHANGED

    def _change(self, one: Resource) -> Change:
        type = type_of(one.ref.type, self.clients.platform.types)
        now = state_in_words(one)
        if type.tier == "service":
            return left_alone(one, now, "it is a service, which is restarted and not rebooted")
        if one.counted or "cluster" in type.noun:
            return left_alone(one, now, f"one {type.noun} is not rebooted as a whole; name one of its members")
        if one.state != "running":
            return left_alone(one, now, f"it is {now}, and only what runs can be rebooted")
        notes = "its connections are cut" if type.tier == "database" else "what runs on it is cut off"
        if one.covered_by and type.tier == "machine":
            notes += f"; {quoted(one.covered_by)} may take it for ill, and replace it"
        return Change(ref=one.ref, name=one.name, action="restart", before=now, after="running", reason=notes)


def _change(one: Resource, state: ServiceState | None) -> Change:
    before = f"{one.running} of {one.size} tasks running"
    rollout = state.wanted if state else None
    if state is None or rollout is None:
        return left_alone(one, before, "its platform does not tell what it runs")
    if state.controller:
        return left_alone(one, before, f"{state.controller} alone deploys it; restart it there")
    if one.is_down:
        return left_alone(one, before, "it is stopped, so there is nothing to restart")
    under_way = rollout.state == "IN_PROGRESS"
    note = f"a deployment of {quoted(rollout.definition)} is under way, and begins anew" if under_way else ""
    after = f"new tasks of {quoted(rollout.definition)}"
    return Change(ref=one.ref, name=one.name, action="restart", before=before, after=after, reason=note)


def _launched(one: Resource, state: ServiceState | None) -> Launched:
    rollout = state.wanted if state else None
    launch, definition = (rollout.id, rollout.definition) if rollout else ("", "")
    return Launched(id=one.ref.id, launch=launch, definition=definition, stopped=one.is_down)


def _rolled_out(before: Launched, state: ServiceState) -> tuple[Literal["true", "false", "not yet"], str]:
    """Whether the one that followed that launch is through, and what it is instead."""
    now = state.wanted
    if now is None or now.id == before.launch:
        return "false", "was not restarted"
    if failed := next((one for one in state.rollouts if one.state == "FAILED" and one.id != before.launch), None):
        return "false", f"the new tasks did not come up{_why(failed)}"
    if now.definition != before.definition:
        return "false", f"somebody deployed {quoted(now.definition)} meanwhile"
    if now.state == "COMPLETED" or (not now.state and len(state.rollouts) == 1 and now.running >= now.wanted):
        return "true", ""
    return "not yet", f"{now.running} of {now.wanted} new tasks running{_why(now)}"


def _why(rollout: Rollout) -> str:
    return f" ({quoted(rollout.reason)})" if rollout.reason else ""


def _output(input: RestartServiceInput, prior: Launches, state: RestartState, told: str) -> RestartServiceOutput:
    return RestartServiceOutput(
        environment_id=input.environment_id,
        service=prior.service,
        kind=prior.kind,
        state=state,
        summary=f"{quoted(prior.service)} in {quoted(input.environment_id)}: {told}",
    )


def _rebooted(
    input: RebootResourceInput,
    prior: Rebooted,
    state: RebootState,
    told: str,
) -> RebootResourceOutput:
    return RebootResourceOutput(
        environment_id=input.environment_id,
        resource=prior.name,
        kind=prior.kind,
        state=state,
        summary=f"{quoted(prior.name)} in {quoted(input.environment_id)}: {told}",
    )
