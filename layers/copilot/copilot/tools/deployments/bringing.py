"""Having a service run by another revision: what bringing one back and passing one on have in common."""

from __future__ import annotations

from typing import ClassVar, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, Field, JsonValue

from copilot.domain import (
    Call,
    Change,
    Environment,
    EnvironmentId,
    Frozen,
    Kind,
    Made,
    Permission,
    Preview,
    Resource,
    Rollout,
    ServiceName,
    Survey,
    Undo,
    Untrusted,
    Verification,
    WritePack,
)
from copilot.domain.releases import Definition, Running
from copilot.errors import CopilotError, FatalError, NotReady, RetryableError, ToolInputError
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.tools.deployments.told import release_words
from copilot.tools.environments.changing import target_of
from copilot.tools.environments.inventory import look_up, members
from copilot.tools.environments.services import find_service
from copilot.tools.owning import owned
from copilot.tools.tool import UNCHANGED, WriteTool

SCHEMA = "Changes of a database's schema are not reverted: what runs has to get on with the schema there is."
"""Of every change of what runs: a revision is code and settings, and no data."""


class Bound(Frozen):
    """What a change of a service's release depends on, as its preview keeps it.

    The service runs by `before`, `to` is what it is brought to, both by the platform's id and by name; `to` is "" where
    it is made, of `before` with `images` by container, by `effect`. `left` says why nothing is done, "" where it is.
    """

    kind: Kind
    service: str
    before: str
    before_name: str
    to: str = ""
    to_name: str = ""
    images: dict[str, str] = {}
    effect: str = ""
    roles: tuple[str, ...] = ()
    left: str = ""


class ReleaseOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    service: ServiceName = Field(description="the service")
    state: Made = Field(description="under way, completed, failed, or left as it was")
    before: str = Field(description="the revision it ran by before")
    after: str = Field(description="the revision it is brought to; empty of one that is not made yet")
    said: Untrusted = Field(description="what its platform says of a rollout that failed")
    notes: tuple[Made, ...] = Field(description="what to know about it")
    summary: Made = Field(description="one line about it")


class Found(NamedTuple):
    """The one service that is meant, and what it runs by now."""

    environment: Environment
    survey: Survey
    service: Resource
    running: Running
    definition: Definition


InputT = TypeVar("InputT", bound=BaseModel)


class Bring(WriteTool[InputT, ReleaseOutput], Generic[InputT]):
    """`done` is how the service is then, in words."""

    Output = ReleaseOutput
    timeout = 1800
    resource = "Environment"
    idempotent = True
    pack: ClassVar[WritePack] = "deploy"
    inverse = "roll_back_service"

    done: ClassVar[str]

    def permissions(self, input: InputT, preview: Preview) -> tuple[Permission, ...]:
        bound = Bound.model_validate(preview.state)
        base = "" if bound.to else bound.before
        return tuple(
            one for change in preview.wanted for one in self.clients.releases.permissions(change.ref, bound.roles, base)
        )

    def run(self, input: InputT, preview: Preview) -> ReleaseOutput:
        bound = Bound.model_validate(preview.state)
        if not preview.wanted:
            return _output(preview, bound, self.done, LEFT)
        service = self._service(preview, bound)
        now = self._definition(service, self.clients.releases.running(service).definition)
        if now.id == bound.before:
            self._bring(service, bound)
        elif not _is_wanted(now, bound):
            raise FatalError(f"{_named(preview)} was not changed: somebody else deployed it meanwhile", ours=True)
        return _output(preview, bound, self.done, UNDER_WAY)

    def verify(self, input: InputT, prior: Preview) -> Verification:
        """It is as wanted where it runs by the revision and its rollout is completed."""
        bound = Bound.model_validate(prior.state)
        if not prior.wanted:
            return Verification(outcome="true", output=_told(_output(prior, bound, self.done, LEFT)))
        service = self._service(prior, bound)
        running = self.clients.releases.running(service)
        now = self._definition(service, running.definition)
        if _is_wanted(now, bound):
            rollout = next((one for one in running.rollouts if one.definition == now.name), None)
            state = rollout.state if rollout else ""
            if state == "COMPLETED":
                return Verification(outcome="true", output=_told(_output(prior, bound, self.done, self.done, now.name)))
            if state != "FAILED":
                output = _told(_output(prior, bound, self.done, UNDER_WAY, now.name))
                return Verification(outcome="not yet", reason=_progress(rollout), output=output)
        else:
            rollout = self._gave_way(service, running, bound)
        if rollout is None:
            reason = f"{_named(prior)} runs by {quoted(now.name)} by now: somebody else deployed it"
            return Verification(outcome="false", reason=reason, output=_told(_output(prior, bound, self.done, OTHERS)))
        back = "" if _is_wanted(now, bound) else f", and ECS brought {quoted(now.name)} back"
        reason = f"the rollout of {quoted(rollout.definition)} failed{back}"
        output = _told(_output(prior, bound, self.done, reason, rollout.definition, rollout.reason))
        said = f": {quoted(rollout.reason)}" if rollout.reason else ""
        return Verification(outcome="false", reason=f"{reason}{said}", output=output)

    def _found(self, environment_id: str, said: str) -> Found:
        """The service as it is now, where it may be changed at all. Raises ToolInputError where there is none,
        PermissionDenied where its account does not allow it, FatalError where it is in several places, or something
        else deploys it.
        """
        environment, survey = look_up(self.clients.platform, environment_id)
        found, _ = find_service(self.clients.platform, said, environment.name)
        if len(found) > 1:
            places = listed([f"{quoted(one.cluster or '')} in {quoted(one.region)}" for one in found])
            raise FatalError(
                f"{quoted(found[0].name)} is in {len(found)} clusters of {quoted(environment.name)} ({places}), each "
                "with revisions of its own; that is not done in one go yet, and nothing was done",
                ours=True,
            )
        (service,) = found
        self.clients.platform.require(service, self.pack)
        running = self.clients.releases.running(service)
        if running.controller:
            raise FatalError(
                f"{quoted(service.name)} in {quoted(environment.name)} is deployed by {running.controller}, which "
                "takes no change of its release from anybody else; nothing was done, have it done there",
                ours=True,
            )
        return Found(environment, survey, service, running, self._definition(service, running.definition))

    def _definition(self, service: Resource, wanted: str | int) -> Definition:
        (found,) = self.clients.releases.definitions(service, [wanted])
        return found

    def _preview(self, found: Found, to: str, why: str, bound: Bound, before: str = "") -> Preview:
        """With what it is brought to and why in words; `bound` says what is left, and why."""
        change = Change(
            ref=found.service.ref,
            name=found.service.name,
            action="skip" if bound.left else "deploy",
            before=before or release_words(found.definition),
            after=to or release_words(found.definition),
            reason=bound.left or f"{why}. {SCHEMA}",
            uses=() if bound.left else bound.roles,
        )
        return Preview(
            targets=(target_of(found.environment, members(found.survey, found.environment.name)),),
            changes=owned((change,), (found.service,)),
            state=bound.model_dump(mode="json"),
        )

    def _service(self, preview: Preview, bound: Bound) -> Resource:
        (target,) = preview.targets
        survey = self.clients.platform.survey(target.ref.id)
        for one in survey.resources:
            if one.ref.id == bound.service:
                return one
        if survey.unreachable:
            raise RetryableError(f"{_named(preview)} could not be read", ours=True)
        raise ToolInputError(f"{_named(preview)} is no longer there", ours=True)

    def _gave_way(self, service: Resource, running: Running, bound: Bound) -> Rollout | None:
        """The rollout of what was wanted, which failed and was taken back."""
        failed = [one for one in running.rollouts if one.state == "FAILED"]
        return next((one for one in failed if _is_wanted(self._definition(service, one.definition), bound)), None)

    def _bring(self, service: Resource, bound: Bound) -> None:
        releases = self.clients.releases
        if bound.to:
            releases.bring(service, bound.to)
            return
        made = releases.make(service, bound.before, bound.images, bound.effect)
        try:
            releases.bring(service, made)
        except (RetryableError, NotReady):
            raise
        except CopilotError as error:
            made = quoted(made.rpartition("/")[2])
            raise FatalError(f"{error.told}; revision {made} was made, and nothing runs by it", ours=True) from error


UNDER_WAY, LEFT, OTHERS = "under way", "left as it was", "deployed by somebody else meanwhile"


def back_again(environment_id: str, service: str, prior: Preview) -> Undo:
    """The call that brings back what ran before."""
    if not prior.wanted:
        return UNCHANGED
    bound = Bound.model_validate(prior.state)
    arguments = {"environment_id": environment_id, "service": service, "to": bound.before_name}
    return Call(tool="roll_back_service", arguments={**arguments, "instead_of": bound.to_name or bound.effect})


def passed_on(found: Found, to: Definition) -> tuple[str, ...]:
    """The roles of what it is brought to. Raises FatalError where these are not the ones that it has now: who changes a
    release changes no rights.
    """
    differ = [
        f"{of} is {_role(now)} now and {_role(then)} there"
        for of, now, then in (
            ("the task role", found.definition.task_role, to.task_role),
            ("the execution role", found.definition.execution_role, to.execution_role),
        )
        if now != then
    ]
    if differ:
        raise FatalError(
            f"{quoted(to.name)} was not brought to {quoted(found.service.name)}: {listed(differ)}, and its rights are "
            "not changed with a release. Nothing was done; whoever looks after the roles can deploy it",
            ours=True,
        )
    return to.roles


def _role(arn: str) -> str:
    return quoted(arn.rpartition("/")[2]) if arn else "none"


def _named(preview: Preview) -> str:
    (change,), (target,) = preview.changes, preview.targets
    return f"{quoted(change.name)} in {quoted(target.name)}"


def _progress(rollout: Rollout | None) -> str:
    if rollout is None:
        return "its rollout has not begun to be told of"
    failed = f", {rollout.failed} failed to start" if rollout.failed else ""
    return f"{rollout.running} of {rollout.wanted} tasks of {quoted(rollout.definition)} running{failed}"


def _is_wanted(definition: Definition, bound: Bound) -> bool:
    return definition.id == bound.to if bound.to else definition.effect == bound.effect


def _told(output: ReleaseOutput) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = output.model_dump(mode="json")
    return told


def _output(preview: Preview, bound: Bound, done: str, state: str, name: str = "", said: str = "") -> ReleaseOutput:
    """Of what is under way the summary says what is done, as nobody is told before it is completed."""
    (change,), (target,) = preview.changes, preview.targets
    named, went = _named(preview), f"{change.before} -> {change.after}"
    if bound.left:
        summary = f"{named} was left as it was: {bound.left}"
    elif state in {UNDER_WAY, done}:
        summary = f"{named} was {done}: {went}"
    else:
        summary = f"{named}, {went}: {state}"
    return ReleaseOutput(
        environment_id=target.ref.id,
        service=change.name,
        state=state,
        before=bound.before_name,
        after=bound.before_name if bound.left else bound.to_name or name,
        said=said,
        notes=() if bound.left else (SCHEMA,),
        summary=summary,
    )
