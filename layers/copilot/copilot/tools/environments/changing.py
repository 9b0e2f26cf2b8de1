"""What changes of single resources of an environment have in common: the environment is their target."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from copilot.domain import Change, Environment, Permission, Resource, ResourceRef, Survey, Target
from copilot.errors import Ambiguous, CopilotError, HalfDone, ToolInputError, Unfinished
from copilot.ports import Platform
from copilot.text.listing import listed
from copilot.text.nearness import nearest, squashed
from copilot.text.outside import quoted
from copilot.tools.environments.failures import gone, may_pass, nothing_done
from copilot.tools.environments.inventory import (
    look_up,
    members,
    might_be_elsewhere,
    uncovered,
    unreachable,
)
from copilot.tools.environments.names import called_so

OWN_TAGS = "devops-copilot:"


def target_of(environment: Environment, resources: Sequence[Resource]) -> Target:
    """An environment as what is changed. Its tags are those that all its resources share, without those the copilot
    puts there.
    """
    shared = set.intersection(*(set(resource.tags.items()) for resource in uncovered(resources)))
    return Target(
        ref=ResourceRef(type="environment", id=environment.name),
        name=environment.name,
        kind=environment.kind,
        owner=environment.owner or "",
        tags={name: value for name, value in sorted(shared) if not name.startswith(OWN_TAGS)},
    )


def named_in(
    platform: Platform, environment_id: str, said: str, *, by_words: bool = False
) -> tuple[Environment, Resource, Sequence[Resource], Survey]:
    """The one resource of that id or name in an environment, with all there are, from a fresh read. `by_words`: where
    none has that name, the one that has it as whole words in its name.

    Raises ToolInputError where there is none, with the nearest; Ambiguous where several are called so.
    """
    environment, survey = look_up(platform, environment_id)
    resources = members(survey, environment.name)
    readings: tuple[Callable[[str], str], ...] = (str.strip, str.casefold, squashed)
    found = [one for one in resources if one.ref.id == said] or next(
        (some for read in readings if (some := [one for one in resources if read(one.name) == read(said)])), []
    )
    if not found and by_words:
        found = called_so(said, resources)
    if not found:
        near = nearest(said, sorted({one.name for one in resources}), 3)
        hint = f"; nearest: {listed(list(map(quoted, near)))}" if near else ""
        elsewhere = might_be_elsewhere(unreachable(survey.unreachable))
        message = f"{quoted(environment.name)} has nothing called {quoted(said)}{hint}{elsewhere}"
        raise ToolInputError(message, near, ours=True, all=not survey.unreachable)
    if len(found) > 1:
        ids = sorted(one.ref.id for one in found)
        told = f"{quoted(environment.name)} has {len(found)} called {quoted(said)}: {listed(list(map(quoted, ids)))}"
        raise Ambiguous(f"{told}; which one is meant?", ids, ours=True)
    return environment, found[0], resources, survey


def left_alone(resource: Resource, before: str, reason: str) -> Change:
    return Change(ref=resource.ref, name=resource.name, action="skip", before=before, after=before, reason=reason)


def permissions_of(platform: Platform, changes: Sequence[Change]) -> tuple[Permission, ...]:
    return tuple(dict.fromkeys(one for change in changes for one in platform.permissions(change)))


def apply_each(
    platform: Platform, changes: Sequence[Change], survey: Survey, made: Callable[[Change], bool], what: str
) -> None:
    """Make each change of `survey`'s resources that is not `made` yet. `what` says what was not done where none was.

    Raises Unfinished where some were made and the rest may be later, HalfDone where it may not; else as `apply` does.
    """
    fresh = {resource.ref.id: resource for resource in survey.resources}
    errors: dict[str, CopilotError] = {}
    for change in changes:
        if made(change):
            continue
        try:
            platform.apply(change, fresh.get(change.ref.id) or gone(change, survey))
        except CopilotError as error:
            errors[change.ref.id] = error
    if not errors:
        return
    failed = nothing_done(what, [one for one in changes if one.ref.id in errors], errors)
    if len(errors) == len(changes):
        raise failed
    raise (Unfinished if all(map(may_pass, errors.values())) else HalfDone)(f"{failed.told}; the rest was", ours=True)
