"""What changed between two revisions of what a service runs by. Of values only whether they are equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from pydantic import Field, SecretStr

from copilot.domain import Container, DeploymentId, EnvironmentId, Frozen, Made, Resource, ServiceName
from copilot.domain.releases import ContainerDefinition, Definition
from copilot.errors import ToolInputError
from copilot.text.listing import count
from copilot.text.outside import quoted
from copilot.tools.by_hand import FOR_COMMANDS, ByHand, Place, aws
from copilot.tools.deployments.brought import REVISION, VERSION, changed_by, revision_of, with_versions
from copilot.tools.deployments.finding import one_service, reported
from copilot.tools.environments.services import DEFINITION, image_words
from copilot.tools.tool import ReadTool

LISTED_AT_MOST = 60
_CONTAINER = (
    "name: name, image: image, cpu: cpu, memory: memory, ports: portMappings[].containerPort, "
    "variables: environment[].name, secrets: secrets[].name"
)
COMPARED = (
    "taskDefinition.{cpu: cpu, memory: memory, roles: [taskRoleArn, executionRoleArn], "
    f"containers: containerDefinitions[].{{{_CONTAINER}}}}}"
)
"""What of a task definition is shown of it, too: no value of a variable."""
NO_VALUES = "values of variables, secrets, commands and settings: only whether they are equal was looked at"
CODE = "what is in the images: what changed in their code is in their repositories"

Kind = Literal["added", "removed", "changed"]


class CompareRevisionsInput(Frozen):
    service: ServiceName | None = Field(default=None, min_length=1, max_length=200, description="the service")
    environment_id: EnvironmentId | None = Field(default=None, max_length=256, description="else any")
    before: str = Field(default="", max_length=200, description="a revision or version; else the last but one")
    after: str = Field(default="", max_length=200, description="else the last deployed")
    deployment: DeploymentId = Field(
        default="", max_length=200, description="in place of these: what it changed, by its id"
    )


class RevisionChange(Frozen):
    kind: Kind = Field(description="added, removed or changed")
    of: Made = Field(description="container, image, cpu, memory, port, variable, secret, command, setting, task role …")
    name: str = Field(description="its name; empty where there is but one")
    container: str = Field(description="the container it is of; empty of what is the whole's")
    before: str = Field(description="what it was; always empty for variables, secrets, commands and settings")
    after: str = Field(description="what it is; always empty for variables, secrets, commands and settings")
    summary: Made = Field(description="one line about it")


class CompareRevisionsOutput(Frozen):
    service: ServiceName = Field(description="the service")
    environment_id: EnvironmentId = Field(description="where it runs")
    before: str = Field(description="the earlier revision")
    after: str = Field(description="the later revision")
    changes: tuple[RevisionChange, ...] = Field(description="what differs, at most 60")
    summary: Made = Field(description="which two were compared, and how much differs")
    chosen: Made = Field(description="why these two; empty where both were named")
    more: Made = Field(description="how many changes are not listed; empty where all are")
    not_looked_at: tuple[Made, ...] = Field(description="what was not compared")
    by_hand: Place | None = Field(default=None, description=FOR_COMMANDS)


class CompareRevisions(ReadTool[CompareRevisionsInput, CompareRevisionsOutput]):
    name = "compare_revisions"
    summary = (
        "Compare revisions of a service: what changed between deployments in image, sizes, variables, ports, roles."
    )
    shows = "configuration"
    Input = CompareRevisionsInput
    Output = CompareRevisionsOutput
    shown_by = (f"aws {DEFINITION}",)

    @classmethod
    def by_hand(cls, input: CompareRevisionsInput, output: CompareRevisionsOutput) -> Sequence[ByHand]:
        if (place := output.by_hand) is None:
            return ()
        return [aws(place, DEFINITION, task_definition=one, query=COMPARED) for one in (output.before, output.after)]

    def run(self, input: CompareRevisionsInput) -> CompareRevisionsOutput:
        input, why = self._meant(input)
        found, hidden = one_service(self.clients, input.service or "", input.environment_id)
        service = found[0]
        chosen = self._chosen(input, service)
        chosen = chosen._replace(why=why or chosen.why)
        before, after = self.clients.releases.definitions(service, [chosen.before, chosen.after])
        changes = list(_changes(before, after))
        places = [f"the same service in {quoted(one.cluster or '')} {quoted(one.region)}" for one in found[1:]]
        pair = f"{quoted(before.name)} and {quoted(after.name)}"
        differ = f"{count(len(changes), 'change')}" if changes else "nothing that was compared differs"
        return CompareRevisionsOutput(
            service=service.name,
            environment_id=service.environment,
            before=before.name,
            after=after.name,
            changes=tuple(changes[:LISTED_AT_MOST]),
            summary=f"{quoted(service.name)} in {quoted(service.environment)}, {pair}: {differ}",
            chosen=chosen.why,
            more=f"{len(changes) - LISTED_AT_MOST} more are not listed." if changes[LISTED_AT_MOST:] else "",
            not_looked_at=(NO_VALUES, CODE, *places, *hidden.hidden),
            by_hand=Place(account=service.account, region=service.region),
        )

    def _meant(self, input: CompareRevisionsInput) -> tuple[CompareRevisionsInput, str]:
        """With revisions in place of versions, and of a deployment; and why these, where that is to be said."""
        deployments, now = self.clients.deployments, self.clients.clock.now()
        if input.deployment:
            meant = changed_by(deployments, now, input.deployment)
            given = {"service": meant.service, "environment_id": meant.environment or input.environment_id}
            return input.model_copy(update=given | {"before": meant.before, "after": meant.after}), meant.why
        if not input.service:
            raise ToolInputError("of which service, or by which deployment?", ours=True)
        said = {name: one for name in ("before", "after") if _is_version(one := getattr(input, name))}
        if not said:
            return input, ""
        place, revisions = with_versions(deployments, now, input.service, input.environment_id, list(said.values()))
        given = {"environment_id": place} | dict(zip(said, revisions, strict=True))
        return input.model_copy(update=given), ""

    def _chosen(self, input: CompareRevisionsInput, service: Resource) -> _Chosen:
        """Which two. Raises ToolInputError where there is but one."""
        if input.deployment and not input.before:
            return _Chosen(_one_before(input.after, service), input.after, "")
        if input.before and input.after:
            return _Chosen(_revision(input.before, service), _revision(input.after, service), "")
        deployed = self._deployed(service)
        if not input.before and not input.after and len(deployed) > 1:
            return _Chosen(deployed[1], deployed[0], "These are the last two that were reported as deployed.")
        state = self.clients.platform.services([service]).get(service.ref.id)
        if state is None or not state.definition:
            raise ToolInputError(f"what {quoted(service.name)} runs by is not known; name both revisions", ours=True)
        after = _revision(input.after, service) if input.after else state.definition
        if input.before:
            return _Chosen(_revision(input.before, service), after, "The later one is what it runs by now.")
        others = [one.definition for one in state.rollouts if one.definition not in {"", after}]
        if others and not input.after:
            return _Chosen(others[0], after, "These are the two that are being rolled out.")
        return _Chosen(
            _one_before(after, service),
            after,
            "The earlier one is the one before by its number: which was deployed before is not reported.",
        )

    def _deployed(self, service: Resource) -> list[str]:
        """What was reported as deployed there, the newest first, each once."""
        now = self.clients.clock.now()
        try:
            found = reported(self.clients.deployments, now, service.name, service.environment).deployments
        except ToolInputError:  # nothing was reported of a service of this name
            return []
        return [name for name in dict.fromkeys(revision_of(one) for one in found if one.outcome == "succeeded") if name]


class _Chosen(NamedTuple):
    before: str | int
    after: str | int
    why: str


def _is_version(said: str) -> bool:
    """Whether it may be one, and is not the number of a revision."""
    return bool(VERSION.fullmatch(said.strip())) and not said.strip().isdigit()


def _revision(said: str, service: Resource) -> str | int:
    """`42` and `web:42` of the service web are that number; any other is a name. Raises ToolInputError."""
    name, _, number = said.strip().rpartition(":")
    if number.isdigit() and name.casefold() in {"", service.name.casefold()}:
        return int(number)
    if not REVISION.fullmatch(said.strip()):
        raise ToolInputError(f"{quoted(said)} is no revision: a number, or a name with one, such as web:42", ours=True)
    return said.strip()


def _one_before(revision: str | int, service: Resource) -> str | int:
    name, _, number = str(revision).rpartition(":")
    if not number.isdigit() or int(number) < 2:
        of = f"of {quoted(service.name)} before {quoted(str(revision))}"
        raise ToolInputError(f"there is no revision {of} to compare it with", ours=True)
    return f"{name}:{int(number) - 1}" if name else int(number) - 1


def _changes(before: Definition, after: Definition) -> Iterator[RevisionChange]:
    """What people look for first comes first: images, then names of variables, then all else."""
    earlier, later = ({one.name: one for one in each.containers} for each in (before, after))
    both = [(earlier[name], later[name]) for name in sorted(earlier.keys() & later.keys())]
    for name in sorted(later.keys() - earlier.keys()):
        yield _change("added", "container", name, after=later[name].image)
    for name in sorted(earlier.keys() - later.keys()):
        yield _change("removed", "container", name, before=earlier[name].image)
    for one, other in both:
        if one.image != other.image:
            yield _change("changed", "image", "", other.name, one.image, other.image)
    for one, other in both:
        yield from _variables(one, other)
    yield from _sizes(before, after, "")
    for one, other in both:
        yield from _of_container(one, other)
    yield from _role("task role", before.task_role, after.task_role)
    yield from _role("execution role", before.execution_role, after.execution_role)
    yield from _wrapped("setting", before.settings, after.settings, "")


def _variables(before: ContainerDefinition, after: ContainerDefinition) -> Iterator[RevisionChange]:
    """One that was a variable and is a secret now is told as both."""
    for kind in ("variable", "secret"):
        was, now = ({one.name: one.value for one in each.variables if one.kind == kind} for each in (before, after))
        yield from _wrapped(kind, was, now, after.name)


def _of_container(before: ContainerDefinition, after: ContainerDefinition) -> Iterator[RevisionChange]:
    yield from _sizes(before, after, after.name)
    yield from (_change("added", "port", port, after.name) for port in after.ports if port not in before.ports)
    yield from (_change("removed", "port", port, after.name) for port in before.ports if port not in after.ports)
    if before.command != after.command:
        yield _change("changed", "command", "", after.name)
    yield from _wrapped("setting", before.settings, after.settings, after.name)


def _role(of: str, was: str, now: str) -> Iterator[RevisionChange]:
    """By their names, where those tell them apart."""
    if was != now:
        names = [each.rpartition("/")[2] for each in (was, now)]
        yield _change(_kind(was, now), of, "", "", *(names if names[0] != names[1] else (was, now)))


def _sizes(
    before: Definition | ContainerDefinition, after: Definition | ContainerDefinition, container: str
) -> Iterator[RevisionChange]:
    for size, was, now in (("cpu", before.cpu, after.cpu), ("memory", before.memory, after.memory)):
        if was != now:
            yield _change(_kind(was, now), size, "", container, was, now)


def _wrapped(
    of: str, before: Mapping[str, SecretStr], after: Mapping[str, SecretStr], container: str
) -> Iterator[RevisionChange]:
    """By name, and of the values only that they are not equal."""
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            kind: Kind = "added" if name not in before else "removed" if name not in after else "changed"
            yield _change(kind, of, name, container)


def _kind(was: str, now: str) -> Kind:
    return "changed" if was and now else "added" if now else "removed"


def _change(kind: Kind, of: str, name: str, container: str = "", before: str = "", after: str = "") -> RevisionChange:
    """The name comes last: behind the name of a secret nothing is to look like its value."""
    words = [_shown(of, each) for each in (before, after) if each]
    values = f": {' -> '.join(words)}" if words else ""
    within = f"in {quoted(container)}, " if container else ""
    which = f"{of} {quoted(name)}" if name else of
    summary = f"{within}{which} {kind}{values}" if values else f"{within}{kind} {which}"
    return RevisionChange(kind=kind, of=of, name=name, container=container, before=before, after=after, summary=summary)


def _shown(of: str, value: str) -> str:
    return image_words(Container(name="", image=value)) if of in {"image", "container"} else quoted(value)
