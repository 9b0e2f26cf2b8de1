"""What a service runs: its image and version, how its deployment goes, the health of what takes its traffic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import Field

from copilot.domain import (
    Container,
    EnvironmentId,
    Frozen,
    Kind,
    Made,
    Resource,
    ResourceId,
    Rollout,
    ServiceName,
    ServiceState,
    Survey,
    TargetGroup,
    Untrusted,
)
from copilot.errors import Ambiguous, ToolInputError
from copilot.ports import Platform
from copilot.text.listing import listed
from copilot.text.nearness import nearest, squashed
from copilot.text.outside import quoted
from copilot.tools.by_hand import ByHand, Place, aws
from copilot.tools.environments.inventory import (
    Types,
    UnreachableSummary,
    look_up,
    members,
    might_be_elsewhere,
    type_of,
    unreachable,
)
from copilot.tools.environments.where import where_of
from copilot.tools.tool import MOMENTS, ReadTool

SHORT_DIGEST = len("sha256:") + 12
DEFINITION = "ecs describe-task-definition"
IMAGES = "taskDefinition.containerDefinitions[].[name, image]"
"""Nothing else of a task definition, in which values of variables stand."""
ROLLED_OUT = {"IN_PROGRESS": "under way", "COMPLETED": "completed", "FAILED": "failed"}


class ServiceDetailsInput(Frozen):
    service: ServiceName = Field(min_length=1, max_length=200, description="the service")
    environment_id: EnvironmentId | None = Field(default=None, min_length=1, max_length=256, description="else any")


class ImageSummary(Frozen):
    container: str = Field(description="the container's name")
    image: str = Field(description="where its image is kept, without tag and digest")
    tag: str = Field(description="the image's tag; empty where only a digest is named")
    digest: str = Field(description="the image's digest; empty where none is named")


class TargetGroupSummary(Frozen):
    name: str = Field(description="the target group's name")
    healthy: int = Field(description="how many of its targets are healthy")
    targets: int = Field(description="how many targets it has")


class RolloutSummary(Frozen):
    state: Made = Field(description="under way, completed, failed, or the platform's own word")
    task_definition: str = Field(description="what it brings, with its revision")
    since: datetime = Field(description="when it began")
    failed: int = Field(description="how many of its tasks failed to start")
    reason: Untrusted = Field(description="what the platform says of it")


class ServiceInPlace(Frozen):
    """The service in one cluster."""

    id: ResourceId = Field(description="what other tools take in `only`")
    cluster: str = Field(description="the cluster it runs in")
    account: Made = Field(description="the account it is in")
    region: str = Field(description="the region it is in")
    task_definition: str = Field(description="its task definition, with its revision")
    images: tuple[ImageSummary, ...] = Field(description="of each of its containers, the main one first")
    wanted: int = Field(description="how many tasks it is to have")
    running: int = Field(description="how many of them run")
    rollouts: tuple[RolloutSummary, ...] = Field(description="deployments under way and the last one, newest first")
    target_groups: tuple[TargetGroupSummary, ...] = Field(description="what takes its traffic")


class ServiceDetailsOutput(Frozen):
    service: ServiceName = Field(description="the service's name")
    environment_id: EnvironmentId = Field(description="the id of the environment it is in")
    kind: Kind = Field(description="development, preview, staging or production")
    places: tuple[ServiceInPlace, ...] = Field(description="it, in each cluster where it runs")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    lines: tuple[Made, ...] = Field(description="the details in words, a line each")
    why: tuple[str, ...] = Field(
        description="what the platform says of a deployment that is not completed, and of what it did not tell",
        json_schema_extra={"untrusted": True},
    )
    summary: Made = Field(description="one line about it: image, version and tasks")


class ServiceDetails(ReadTool[ServiceDetailsInput, ServiceDetailsOutput]):
    name = "service_details"
    summary = (
        "Say what a service runs: image and version, task definition, tasks, rollout, health of load balancer targets."
    )
    Input = ServiceDetailsInput
    Output = ServiceDetailsOutput
    lasts = MOMENTS
    shows = "configuration"
    shown_by = ("aws ecs describe-services", f"aws {DEFINITION}")

    @classmethod
    def by_hand(cls, input: ServiceDetailsInput, output: ServiceDetailsOutput) -> Sequence[ByHand]:
        found: list[ByHand] = []
        for one in output.places:
            place = Place(account=one.account, region=one.region)
            found.append(aws(place, "ecs describe-services", cluster=one.cluster, services=[output.service]))
            found.append(aws(place, DEFINITION, task_definition=one.task_definition, query=IMAGES))
        return found

    def run(self, input: ServiceDetailsInput) -> ServiceDetailsOutput:
        platform = self.clients.platform
        found, kind, survey = service_with_kind(platform, input.service, input.environment_id)
        states = platform.services(found)
        places = [_Place(one, states[one.ref.id], where_of(one, found)) for one in found if one.ref.id in states]
        name, environment_id = found[0].name, found[0].environment
        return ServiceDetailsOutput(
            service=name,
            environment_id=environment_id,
            kind=kind,
            places=tuple(map(_in_place, places)),
            unreachable=unreachable(survey.unreachable),
            lines=tuple(line for place in places for line in _lines(place)),
            why=tuple(words for place in places for words in _why(place.state)),
            summary=f"{quoted(name)} in {quoted(environment_id)} ({kind}): {'; '.join(map(_words, places))}",
        )


def find_service(platform: Platform, said: str, environment_id: str | None) -> tuple[list[Resource], Survey]:
    """It in each cluster of the one environment, from a fresh read. Raises ToolInputError where there is none,
    Ambiguous where several environments have one, or several may be meant.
    """
    if environment_id is None:
        survey = platform.survey()
        return _the_one(said, _services(survey.resources, platform.types), "anywhere", survey), survey
    environment, survey = look_up(platform, environment_id)
    services = _services(members(survey, environment.name), platform.types)
    return _the_one(said, services, f"in {quoted(environment.name)}", survey), survey


def service_with_kind(platform: Platform, said: str, environment_id: str | None) -> tuple[list[Resource], Kind, Survey]:
    """As `find_service`, with the kind of its environment."""
    found, survey = find_service(platform, said, environment_id)
    (kind,) = {one.kind for one in survey.environments if one.name == found[0].environment}
    return found, kind, survey


class _Place(NamedTuple):
    """`where` tells it from the others of its name in the environment; "" of the only one."""

    resource: Resource
    state: ServiceState
    where: str


def _services(resources: Sequence[Resource], types: Types) -> list[Resource]:
    return [one for one in resources if type_of(one.ref.type, types).tier == "service"]


def _the_one(said: str, services: Sequence[Resource], where: str, survey: Survey) -> list[Resource]:
    """Those of one name in one environment. Raises ToolInputError where there are none, Ambiguous for several."""
    readings: tuple[Callable[[str], str], ...] = (str.strip, str.casefold, squashed)
    if by_id := [one for one in services if one.ref.id == said]:
        return by_id
    found = next((some for read in readings if (some := [one for one in services if read(one.name) == read(said)])), [])
    if not found:
        near = nearest(said, sorted({one.name for one in services}), 3)
        hint = f"; nearest: {', '.join(map(quoted, near))}" if near else ""
        elsewhere = might_be_elsewhere(unreachable(survey.unreachable))
        message = f"there is no service {quoted(said)} {where}{hint}{elsewhere}"
        raise ToolInputError(message, near, ours=True, all=not survey.unreachable)
    for several, are in (
        (sorted({one.environment for one in found}), f"the service {quoted(said)} is in {{}} environments"),
        (sorted({one.name for one in found}), f"{quoted(said)} may be any of {{}} services"),
    ):
        if len(several) > 1:
            named = listed(list(map(quoted, several)))
            raise Ambiguous(f"{are.format(len(several))}: {named}; which one is meant?", several, ours=True)
    return found


def _in_place(place: _Place) -> ServiceInPlace:
    resource, state = place.resource, place.state
    return ServiceInPlace(
        id=resource.ref.id,
        cluster=resource.cluster or "",
        account=resource.account,
        region=resource.region,
        task_definition=state.definition,
        images=tuple(map(_image, state.containers)),
        wanted=resource.size,
        running=resource.running,
        rollouts=tuple(map(_rollout, state.rollouts)),
        target_groups=tuple(map(_group, state.target_groups)),
    )


def _image(container: Container) -> ImageSummary:
    """As `registry/repository:tag@digest`: what names neither means the tag latest."""
    rest, _, digest = container.image.partition("@")
    image, tag = rest, "" if digest else "latest"
    if ":" in rest.rpartition("/")[2]:
        image, _, tag = rest.rpartition(":")
    return ImageSummary(container=container.name, image=image, tag=tag, digest=digest)


def image_words(container: Container) -> str:
    """An image by name, tag and digest, without the registry it is kept in."""
    found = _image(container)
    host, slash, path = found.image.partition("/")
    is_host = slash and ("." in host or ":" in host or host == "localhost")
    named = f"{path if is_host else found.image}{f':{found.tag}' if found.tag else ''}"
    return quoted(named) + (f" ({quoted(found.digest[:SHORT_DIGEST])})" if found.digest else "")


def _rollout(rollout: Rollout) -> RolloutSummary:
    return RolloutSummary(
        state=ROLLED_OUT.get(rollout.state) or quoted((rollout.state or rollout.status).lower()),
        task_definition=rollout.definition,
        since=rollout.since,
        failed=rollout.failed,
        reason=rollout.reason,
    )


def _rollout_words(rollout: Rollout) -> str:
    parts = [f"deployment of {quoted(rollout.definition)}: {_rollout(rollout).state}, begun {_moment(rollout.since)}"]
    if rollout.state != "COMPLETED":
        parts.append(f"{rollout.running} of {rollout.wanted} tasks running")
        parts += [f"{rollout.pending} starting"] if rollout.pending else []
    parts += [f"{rollout.failed} failed to start"] if rollout.failed else []
    return ", ".join(parts)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _group(group: TargetGroup) -> TargetGroupSummary:
    healthy = sum(target.state == "healthy" for target in group.targets)
    return TargetGroupSummary(name=group.name, healthy=healthy, targets=len(group.targets))


def _group_words(group: TargetGroup) -> str:
    ill = Counter((one.state, one.reason) for one in group.targets if one.state != "healthy")
    words = [" ".join([str(number), *map(quoted, filter(None, why))]) for why, number in ill.items()]
    found = f"{_group(group).healthy} of {len(group.targets)} targets healthy" if group.targets else "no targets"
    return f"target group {quoted(group.name)}: {found}{f' ({listed(words)})' if words else ''}"


def _words(place: _Place) -> str:
    images = [image_words(container) for container in place.state.containers]
    beside = f" with {listed(images[1:])} beside it" if images[1:] else ""
    running = f"{place.resource.running} of {place.resource.size} tasks running"
    scaled = "scaled to none" if not place.resource.size and not place.resource.running else running
    where = f"in {place.where} " if place.where else ""
    return f"{where}{images[0] if images else 'no image is known'}{beside}, {scaled}"


def _lines(place: _Place) -> list[str]:
    at = f", {place.where}" if place.where else ""
    unread = ["the health of its targets could not be read"] if place.state.unread else []
    return [
        f"task definition {quoted(place.state.definition)}{at}",
        *(f"{_rollout_words(one)}{at}" for one in place.state.rollouts),
        *(f"{_group_words(one)}{at}" for one in place.state.target_groups),
        *(f"{line}{at}" for line in unread),
    ]


def _why(state: ServiceState) -> list[str]:
    reasons = [one.reason for one in state.rollouts if one.state != "COMPLETED" and one.reason]
    return [*reasons, *([state.unread] if state.unread else [])]
