"""Why a deployment failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import Field

from copilot.domain import (
    CODE_HOSTS,
    DeploymentId,
    EnvironmentId,
    Frozen,
    Kind,
    Made,
    Resource,
    ServiceName,
    Untrusted,
    is_on_code_host,
)
from copilot.domain.deployments import Deployment, DeploymentFact, Stage, made_by
from copilot.domain.releases import EndedContainer, FailedPhase, ReleaseSigns, StoppedTask
from copilot.errors import CopilotError
from copilot.text.listing import count, listed
from copilot.text.outside import quoted
from copilot.times.zones import zone_of
from copilot.tools.by_hand import FOR_COMMANDS, TOOL_RUN, ByHand, tool_run
from copilot.tools.deployments.builds import NOT_IN_COMMENTS, built
from copilot.tools.deployments.finding import BACK, Serving, by_id, reported, serving
from copilot.tools.deployments.last_lines import LINES, LastLines, last_lines
from copilot.tools.deployments.period import SERVICE
from copilot.tools.deployments.signs_by_hand import SHOWN_BY, SignsByHand, signs_by_hand, signs_of
from copilot.tools.deployments.telling import line
from copilot.tools.tool import ReadTool

AFTER = timedelta(minutes=10)
"""So long after its end a platform may still say something of it."""
KEPT_FOR = timedelta(hours=1)
"""So long ECS surely shows a task that stopped."""
AT_MOST = 10
BEFORE_THE_PLATFORM: frozenset[Stage] = frozenset({"queue", "build", "push"})
EXITS = {
    1: "an error of its own",
    2: "an error of its own",
    126: "its command could not be run",
    127: "its command was not found",
    134: "it aborted",
    137: "killed, as when memory ran out or it did not stop in time",
    139: "a memory fault",
    143: "told to stop, and did",
    255: "an error of its own",
}
SOURCES = {"codebuild": "CodeBuild", "codepipeline": "CodePipeline", "ecs": "ECS", **CODE_HOSTS}
UNPLACED = f"{LINES}: it is not known where it runs"


class SaidOfIt(Frozen):
    """What somebody else says of why it failed, in their words."""

    source: Made = Field(description="who says it, and of what")
    text: Untrusted = Field(description="what they say")
    line: Untrusted = Field(description="both in a line")


class StoppedTasks(Frozen):
    """Tasks that stopped in the same way."""

    number: int = Field(description="how many")
    container: str = Field(description="the container that ended; empty where none is told")
    exit_code: int | None = Field(description="its exit code; none where it never ran")
    reason: Untrusted = Field(description="why they stopped, in the platform's words")
    line: Untrusted = Field(description="one line about them")


class DeploymentFailureInput(Frozen):
    service: ServiceName | None = Field(default=None, min_length=1, max_length=200, description=SERVICE)
    environment_id: EnvironmentId | None = Field(default=None, max_length=256, description="only to this environment")
    deployment: DeploymentId = Field(
        default="", max_length=200, description="this one, by its id; else the last that failed"
    )
    time_zone: str = Field(default="UTC", max_length=64, description="an IANA name")


class DeploymentFailureOutput(Frozen):
    deployment: DeploymentId = Field(description="the id of the one that failed; empty where none did")
    service: ServiceName | None = Field(description="its service")
    environment_id: EnvironmentId | None = Field(description="where it went to")
    kind: Kind | None = Field(description="of that environment, where it is known")
    summary: Made = Field(description="which one failed, where and after how long; or that none did")
    said: tuple[SaidOfIt, ...] = Field(description="the reasons that were reported or found, the likeliest cause first")
    tasks: tuple[StoppedTasks, ...] = Field(description="its tasks that stopped, most often first")
    build_logged: Made = Field(description="which lines of its build these are, or that there are none")
    build_lines: Untrusted = Field(description="what its build logged last before it failed, laid out")
    logged: Made = Field(description="which the last lines are, or why there are none")
    last_lines: Untrusted = Field(description="what was logged last before it failed, laid out")
    notes: tuple[Made, ...] = Field(description="what was done about it, such as a rollback; what came after it")
    not_looked_at: tuple[Made, ...] = Field(description="what was not looked at, or could not be read")
    by_hand: SignsByHand | None = Field(default=None, description=FOR_COMMANDS)


class DeploymentFailure(ReadTool[DeploymentFailureInput, DeploymentFailureOutput]):
    """What was reported of it, and what says more: the phases of its build; its service's events, deployments and
    stopped tasks of that time; and, where the account has the pack logs on, the last lines of its build before that
    failed, and the last lines that were logged in the five minutes before the last of its tasks stopped, or else before
    it ended, as far as reading them has no price.
    """

    name = "deployment_failure"
    summary = (
        "Say why a deployment failed: failing stage or build phase, rollback, stopped tasks with their exit codes."
    )
    Input = DeploymentFailureInput
    Output = DeploymentFailureOutput
    logs = frozenset({"build_lines", "last_lines"})
    lines = frozenset({"build_lines", "last_lines"})
    shown_by = (*SHOWN_BY, TOOL_RUN)

    @classmethod
    def by_hand(cls, input: DeploymentFailureInput, output: DeploymentFailureOutput) -> Sequence[ByHand]:
        """What was reported of it the copilot alone knows."""
        return [*(signs_by_hand(output.by_hand) if output.by_hand else []), tool_run(cls.name, input)]

    def run(self, input: DeploymentFailureInput) -> DeploymentFailureOutput:
        zone = zone_of(input.time_zone)
        now = self.clients.clock.now()
        failed, notes, none = self._which(input, now)
        if failed is None:
            return DeploymentFailureOutput(
                deployment="",
                service=input.service,
                environment_id=input.environment_id,
                kind=None,
                summary=none,
                said=(),
                tasks=(),
                build_logged="",
                build_lines="",
                logged="",
                last_lines="",
                notes=(),
                not_looked_at=(),
            )
        rolled_out, at = self._rolled_out(failed, now)
        # In a comment others read along; who may read a log finds it by its link.
        lines = not is_on_code_host(self.clients.asked_at)
        build = built(self.clients.releases, failed, zone, lines=lines)
        phases = _Found(said=[one for phase in build.phases for one in _of_phase(phase)], unread=build.unread)
        found = _together(_reported(failed, self._of_ecs(failed)), phases, rolled_out)
        logged = LastLines()
        if at.resources and not lines:
            logged = LastLines(unread=[f"{LINES}: {NOT_IN_COMMENTS}"])
        elif at.resources:
            ended = min(now, failed.ended_at or now)
            services = at.resources[:AT_MOST]
            logged = last_lines(self.clients.logs, services, found.tasks, failed.started_at, ended, zone)
        return DeploymentFailureOutput(
            deployment=failed.id,
            service=failed.service,
            environment_id=failed.environment or None,
            kind=at.kind,
            summary=line(failed, zone),
            said=tuple(_once(found.said))[:AT_MOST],
            tasks=tuple(_grouped(found.tasks))[:AT_MOST],
            build_logged=build.log.of,
            build_lines=build.log.text,
            logged=logged.of,
            last_lines=logged.text,
            notes=(*found.notes, *(f"{note}: {line(one, zone)}" for note, one in notes)),
            not_looked_at=(*found.unread, *build.log.unread, *logged.unread),
            by_hand=signs_of(
                failed, build.builds[:AT_MOST], at.resources[:AT_MOST], _asked_until(failed, now), logged.looked
            ),
        )

    def _which(
        self, input: DeploymentFailureInput, now: datetime
    ) -> tuple[Deployment | None, list[tuple[str, Deployment]], str]:
        """The one that is meant, what is to be said beside it; or that there is none."""
        deployments = self.clients.deployments
        if input.deployment:
            one = by_id(deployments, now, input.deployment)
            if one.outcome in {"failed", "cancelled"}:
                return one, [], ""
            went = one.outcome or "has not ended, as far as was reported"
            return None, [], f"The deployment {quoted(one.id)} of {quoted(one.service)} {went}: it did not fail."
        found = reported(deployments, now, input.service, input.environment_id).deployments
        failed = next((one for one in found if one.outcome == "failed"), None)
        if failed is None:
            of = f" of {quoted(input.service)}" if input.service else ""
            to = f" to {quoted(input.environment_id)}" if input.environment_id else ""
            return None, [], f"No deployment{of}{to} that failed was reported in the last {BACK.days} days."
        later = [one for one in found if one.service == failed.service and one.environment == failed.environment]
        after = later[: later.index(failed)]
        good = next((one for one in after if one.outcome == "succeeded"), None)
        return failed, [("A later one succeeded", good)] if good else [], ""

    def _of_ecs(self, failed: Deployment) -> list[Deployment]:
        """What ECS reported of it, where a pipeline made it."""
        until = (failed.ended_at or failed.started_at) + timedelta(seconds=1)
        return made_by(failed, self.clients.deployments.between(failed.started_at, until).deployments)

    def _rolled_out(self, failed: Deployment, now: datetime) -> tuple[_Found, Serving]:
        """What the platform says of the service in that time, and what it is, where the deployment came so far."""
        nowhere = Serving((), (), None)
        stages = {one.stage for one in failed.failures if one.stage}
        if stages and stages <= BEFORE_THE_PLATFORM:
            return _Found(notes=[f"It failed in {failed.reached}, before anything was rolled out."]), nowhere
        try:
            found = serving(self.clients.platform, failed.service, failed.environment)
        except CopilotError as error:
            unread = [f"the platform it runs on, which could not be read: {error.told}", UNPLACED]
            return _Found(unread=unread), nowhere
        if not found.resources:
            missing = f"the platform: no service {quoted(failed.service)} was found there"
            return _Found(unread=[missing, UNPLACED, *found.hidden]), nowhere
        until = _asked_until(failed, now)
        each = [self._signs(one, failed.started_at, until) for one in found.resources[:AT_MOST]]
        if not any(one.tasks for one in each) and now - until > KEPT_FOR:
            each.append(_Found(unread=["tasks that stopped then: ECS shows them for about an hour only"]))
        return _together(*each), found

    def _signs(self, service: Resource, since: datetime, until: datetime) -> _Found:
        where = f"{quoted(service.name)} in {quoted(service.cluster or service.environment)}"
        try:
            signs = self.clients.releases.signs(service, since, until)
        except CopilotError as error:
            return _Found(unread=[f"{where}, which could not be read: {error.told}"])
        return _of_signs(signs, where)


def _asked_until(failed: Deployment, now: datetime) -> datetime:
    return min(now, (failed.ended_at or now) + AFTER)


class _Found(NamedTuple):
    said: Sequence[SaidOfIt] = ()
    tasks: Sequence[StoppedTask] = ()
    notes: Sequence[str] = ()
    unread: Sequence[str] = ()


def _together(*found: _Found) -> _Found:
    return _Found(*([one for each in part for one in each] for part in zip(*found, strict=True)))


def _once(said: Sequence[SaidOfIt]) -> Iterable[SaidOfIt]:
    """Without what was said before in the same words."""
    first: dict[str, SaidOfIt] = {}
    for one in said:
        first.setdefault(one.text, one)
    return first.values()


def _reported(failed: Deployment, of_ecs: Sequence[Deployment]) -> _Found:
    """The reasons that came with its events."""
    facts = [fact for one in (failed, *of_ecs) for fact in one.failures if fact.reason]
    return _Found(said=[_said(_source(fact), fact.reason) for fact in facts])


def _said(source: str, text: str) -> SaidOfIt:
    return SaidOfIt(source=source, text=text, line=f"{source}: {text}")


def _source(fact: DeploymentFact) -> str:
    """A part is the name of a phase of CodeBuild; of others it is an id, which says nothing to a person, or the reason
    names it.
    """
    who = SOURCES.get(fact.source) or quoted(fact.source)
    of = f"phase {quoted(fact.part)}" if fact.source == "codebuild" and fact.part else fact.stage
    return f"{who}, {of}" if of else who


def _of_phase(phase: FailedPhase) -> list[SaidOfIt]:
    source = f"CodeBuild, phase {quoted(phase.phase)}"
    return [_said(source, message) for message in phase.messages or (phase.status,)]


def _of_signs(signs: ReleaseSigns, where: str) -> _Found:
    said: list[SaidOfIt] = []
    notes: list[str] = []
    for one in signs.deployments:
        said += [_said(f"ECS, deployment of {where}", text) for text in (one.reason, one.rollback) if text]
        if one.rollback:
            notes.append(f"ECS rolled {where} back.")
        if one.failures:
            notes.append(f"The circuit breaker of {where} counted {count(one.failures, 'failed task')}.")
        if one.alarms:
            notes.append(f"Alarms that rang for it: {listed(list(map(quoted, one.alarms)))}.")
    said += [_said(f"ECS, {where}", event.text) for event in signs.events]
    return _Found(said, signs.tasks, list(dict.fromkeys(notes)), [f"{where}: {quoted(one)}" for one in signs.unread])


def _grouped(tasks: Sequence[StoppedTask]) -> list[StoppedTasks]:
    """Those that ended alike, most often first."""
    ends = Counter((_ended(task), task.reason) for task in tasks)
    return [_stopped(number, container, reason) for (container, reason), number in ends.most_common()]


def _ended(task: StoppedTask) -> EndedContainer | None:
    """The container that ended the task: one that failed before one that was only told to stop with it."""
    ended = [one for one in task.containers if one.exit_code or one.reason]
    return min(ended, key=lambda one: (one.exit_code == 143, one.exit_code == 0, not one.reason), default=None)


def _stopped(number: int, container: EndedContainer | None, reason: str) -> StoppedTasks:
    words = f"{count(number, 'task')} stopped"
    code = container.exit_code if container else None
    if container and code is not None:
        meaning = f" ({EXITS[code]})" if code in EXITS else ""
        words += f": container {quoted(container.name)} ended with exit code {code}{meaning}"
    elif container:
        words += f": container {quoted(container.name)} never ran"
    said = "; ".join(filter(None, [reason, container.reason if container else ""]))
    return StoppedTasks(
        number=number,
        container=container.name if container else "",
        exit_code=code,
        reason=said,
        line=f"{words}: {said}" if said else words,
    )
