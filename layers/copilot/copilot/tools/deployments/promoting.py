"""The release of another environment, passed on: the service's own definition with the images that run there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import Field

from copilot.domain import TARGET, EnvironmentId, Frozen, Preview, Resource, ServiceName, Undo
from copilot.domain.releases import ContainerDefinition, Definition, Running
from copilot.errors import CopilotError, FatalError, ToolInputError
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.tools.deployments.bringing import Bound, Bring, Found, back_again
from copilot.tools.deployments.brought import plain_version
from copilot.tools.deployments.told import Told, tag_of
from copilot.tools.environments.services import SHORT_DIGEST, find_service


class PromoteReleaseInput(Frozen):
    environment_id: EnvironmentId = Field(
        min_length=1, max_length=256, description="to this one", json_schema_extra=TARGET
    )
    service: ServiceName = Field(min_length=1, max_length=200, description="the service", json_schema_extra=TARGET)
    from_environment_id: EnvironmentId = Field(
        min_length=1, max_length=256, description="from this one", json_schema_extra=TARGET
    )
    revision: str = Field(default="", max_length=200, description="only if this runs there")


class PromoteRelease(Bring[PromoteReleaseInput]):
    """A new revision of the service's own definition, in which only the images are others: those that its tasks run in
    the other environment, by their digests. Where one of these cannot be had, nothing is done.
    """

    name = "promote_release"
    summary = "Promote a service: deploy to one environment what runs in another."
    Input = PromoteReleaseInput
    done = "promoted"

    def preview(self, input: PromoteReleaseInput) -> Preview:
        if input.environment_id == input.from_environment_id:
            raise ToolInputError(f"{quoted(input.environment_id)} cannot be given its own release", ours=True)
        found = self._found(input.environment_id, input.service)
        now = found.definition
        told = Told(self.clients.deployments, self.clients.clock.now(), found.service)
        told.refuse_pipelines()
        at_rest(found.service, found.running, "IN_PROGRESS")
        source = self._source(input)
        images = _images(found, source)
        bound = Bound(
            kind=found.environment.kind,
            service=found.service.ref.id,
            before=now.id,
            before_name=now.name,
            images=images,
            effect=self.clients.call_id,
            roles=now.roles,
        )
        if self._runs_them(found, source):
            left = f"it runs the images of {source.where} already"
            return self._preview(found, "", "", bound.model_copy(update={"left": left, "images": {}, "effect": ""}))
        version = source.version
        to = f"a new revision of {quoted(now.name.rpartition(':')[0])} with {listed(list(_in_words(images)))}"
        kept = sorted(one.name for one in now.containers if one.name not in images)
        beside = f"; {listed(list(map(quoted, kept)))} stays as it is" if kept else ""
        why = f"{source.where} runs {f'{quoted(version)}, ' if version else ''}by {quoted(source.definition.name)}"
        return self._preview(found, to, f"{why}{beside}", bound, before=told.in_words(now, found.running))

    @classmethod
    def undo(cls, input: PromoteReleaseInput, prior: Preview) -> Undo:
        """`roll_back_service` to the revision that ran before, as long as nobody has deployed since."""
        return back_again(input.environment_id, input.service, prior)

    def _source(self, input: PromoteReleaseInput) -> _Source:
        """What runs in the other environment, wherever it does there: everywhere the same."""
        places, _ = find_service(self.clients.platform, input.service, input.from_environment_id)
        where = f"{quoted(places[0].name)} in {quoted(places[0].environment)}"
        found = [self._in_place(one, where, input.revision) for one in places]
        if any(one.digests != found[0].digests for one in found):
            raise FatalError(
                f"{where} runs different images in its {len(places)} clusters; nothing was done", ours=True
            )
        return found[0]

    def _in_place(self, place: Resource, where: str, said: str) -> _Source:
        running = self.clients.releases.running(place)
        at_rest(place, running, "IN_PROGRESS", "FAILED")
        definition = self._definition(place, running.definition)
        version = self._version(place, definition)
        number = definition.name.rpartition(":")[2]
        tags = {tag_of(one.image) for one in definition.containers}
        called = {definition.name, number, plain_version(version), *map(plain_version, tags)}
        if said and said.strip() not in called and plain_version(said.strip()) not in called:
            runs = f"{quoted(definition.name)}" + (f" ({quoted(version)})" if version else "")
            raise FatalError(
                f"{where} runs by {runs} and not by {quoted(said)}: which images another was is not known; nothing was "
                "done",
                ours=True,
            )
        by_tasks = self.clients.releases.digests(place)
        digests = {one.name: _digest(one.image) or by_tasks.get(one.name, "") for one in definition.containers}
        return _Source(where, definition, version, digests)

    def _version(self, service: Resource, definition: Definition) -> str:
        told = Told(self.clients.deployments, self.clients.clock.now(), service)
        reported = next((one.version for one in told.completed if told.revision(one) == definition.name), "")
        return reported or next((tag for one in definition.containers if (tag := tag_of(one.image))), "")

    def _runs_them(self, found: Found, source: _Source) -> bool:
        """Whether its tasks run just these, as far as that can be seen."""
        shared = [one for one in found.definition.containers if one.name in source.digests]
        try:
            by_tasks: Mapping[str, str] = self.clients.releases.digests(found.service)
        except CopilotError:
            by_tasks = {}
        return all((_digest(one.image) or by_tasks.get(one.name)) == source.digests[one.name] for one in shared)


def at_rest(service: Resource, running: Running, *but: str) -> None:
    """Raises FatalError where its newest rollout is in one of these states."""
    state = running.rollouts[0].state if running.rollouts else ""
    if state in but:
        went = "is under way" if state == "IN_PROGRESS" else "failed"
        where = f"{quoted(service.name)} in {quoted(service.environment)}"
        raise FatalError(f"the rollout of {where} {went}; nothing was done", ours=True)


class _Source(NamedTuple):
    """`digests` by container, "" where there is none."""

    where: str
    definition: Definition
    version: str
    digests: Mapping[str, str]


def _images(found: Found, source: _Source) -> dict[str, str]:
    """By container, those that are others. Raises FatalError where one cannot be had."""
    there = {one.name: one for one in source.definition.containers}
    shared = [(one, there[one.name]) for one in found.definition.containers if one.name in there]
    if not shared:
        names = listed([quoted(one.name) for one in source.definition.containers])
        raise FatalError(
            f"{quoted(found.service.name)} in {quoted(found.environment.name)} has none of the containers of "
            f"{source.where} ({names}); nothing was done",
            ours=True,
        )
    for one, other in shared:
        if _repository(one.image) != _repository(other.image):
            raise FatalError(
                f"the image of {quoted(one.name)} comes from {quoted(_repository(other.image))} in {source.where} and "
                f"from {quoted(_repository(one.image))} here, which need not have it; nothing was done",
                ours=True,
            )
    missing = [one.name for one, _ in shared if not source.digests[one.name]]
    if missing:
        raise FatalError(
            f"which image {listed(list(map(quoted, missing)))} of {source.where} is cannot be had by its digest: its "
            "tasks do not tell it. Nothing was done",
            ours=True,
        )
    return {one.name: _image(one, source.digests[one.name]) for one, _ in shared}


def _image(container: ContainerDefinition, digest: str) -> str:
    return f"{_repository(container.image)}@{digest}"


def _in_words(images: Mapping[str, str]) -> Iterator[str]:
    for image in images.values():
        repository, _, digest = image.partition("@")
        yield f"{quoted(repository.rpartition('/')[2])} ({quoted(digest[:SHORT_DIGEST])})"


def _repository(image: str) -> str:
    """Where it is kept, without tag and digest."""
    rest = image.partition("@")[0]
    return rest.rpartition(":")[0] if ":" in rest.rpartition("/")[2] else rest


def _digest(image: str) -> str:
    return image.partition("@")[2]
