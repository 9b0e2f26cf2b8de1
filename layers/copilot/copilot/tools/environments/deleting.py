"""Deleting a preview environment: what uses others first, databases last, and these with final snapshots.

Nothing is deleted but what a fresh read shows to be a preview, which the sweeps have long seen as one, and which has
been down for days; where any of that is not known it is refused. What protects a resource is never lifted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Literal

from pydantic import Field

from copilot.domain import (
    TARGET,
    Change,
    Deletion,
    Environment,
    EnvironmentId,
    Fixtures,
    Frozen,
    Irreversible,
    Kind,
    Made,
    Permission,
    Preview,
    Remains,
    Resource,
    ResourceRef,
    Survey,
    Undo,
    Verification,
    digest,
    said,
)
from copilot.errors import CopilotError, FatalError, NotReady, RetryableError, Unfinished
from copilot.text.listing import count, listed
from copilot.text.outside import quoted
from copilot.tools.environments.changing import target_of
from copilot.tools.environments.failures import held_up, may_pass, nothing_done
from copilot.tools.environments.inventory import look_up, members, type_of
from copilot.tools.environments.outcomes import COVERED, size_in_words, state_in_words
from copilot.tools.environments.outlived import no_preview, not_at_rest, not_watched
from copilot.tools.environments.power import CHANGED_AT_ONCE, EnvironmentInput, all_there
from copilot.tools.owning import owned
from copilot.tools.tool import UNCHANGED, WriteTool

OTHERS = "other"
NOT_LISTED = "what has no tag of it: log groups, images, DNS records"
SNAPSHOT = "devops-copilot-{name}-{mark}"
"""The destroy role may make those that begin so. No longer than RDS takes, and unlike every other there is."""
LONGEST_NAME = 63
RUNNING_TOO = (
    r"\b(?:even (?:though|if|when|while)|although|though|despite|regardless|no matter|whether or not)\b"
    r".*\b(?<!not )(?:runs?|running|up|on|live|used|in use|started|busy)\b"
)
"""How a person says that it may be running."""

DeletedState = Literal["deleted", "deleting", "partial"]


class DeleteEnvironmentInput(EnvironmentInput):
    environment_id: EnvironmentId = Field(
        min_length=1, max_length=256, description="a preview's id", json_schema_extra=TARGET
    )
    running_too: bool = Field(
        default=False,
        description="only if the person says so",
        json_schema_extra=said(RUNNING_TOO),
    )


class DeletedResource(Frozen):
    """What came of one resource."""

    name: Made = Field(description="the resource's name")
    type: str = Field(description="what it is, such as ecs-service")
    outcome: Literal["gone", "going", "there", "kept"] = Field(description="how much of it there still is")
    snapshot: str = Field(description="the name of its final snapshot; empty where none is made")
    reason: Made = Field(description="why it stays, or what went with it")


class DeletedOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    name: str = Field(description="the environment's name")
    kind: Kind = Field(description="its kind, which is preview")
    state: DeletedState = Field(description="deleted, deleting or partial")
    resources: tuple[DeletedResource, ...] = Field(description="what came of each resource")
    snapshots: tuple[str, ...] = Field(description="what databases can be restored from")
    summary: Made = Field(description="one line about it")


class PriorDeletion(Frozen):
    """What deleting one resource depends on."""

    id: str
    down: bool
    snapshot: str


class PriorEnvironment(Frozen):
    """What deleting an environment depends on: the state of a Preview."""

    kind: Kind
    running_too: bool
    resources: tuple[PriorDeletion, ...]


class DeleteEnvironment(WriteTool[DeleteEnvironmentInput, DeletedOutput]):
    name = "delete_environment"
    summary = "Delete an environment for good: tear down, clean up. Databases leave a final snapshot."
    Input = DeleteEnvironmentInput
    Output = DeletedOutput
    effect = "destroy"
    timeout = 3600
    resource = "Environment"
    idempotent = True

    def preview(self, input: DeleteEnvironmentInput) -> Preview:
        """Raises FatalError, with every reason, for what is not to be deleted."""
        environment, survey = look_up(self.clients.platform, input.environment_id)
        resources = sorted(members(survey, environment.name), key=self._order)
        all_there(input.only, environment.name, resources, survey)
        if why := no_preview(environment, survey) or not_watched(self.clients.known(environment.name), resources):
            raise _refused(environment.name, why)
        wanted = [one for one in resources if not self._kept(one, input.only)]
        if not wanted:
            kept = [f"{quoted(one.name)}: {self._kept(one, input.only)}" for one in resources]
            raise _refused(environment.name, f"nothing of it can be: {'; '.join(kept)}")
        deletions = self.clients.platform.deletions(wanted)
        refused = [f"{quoted(one.name)}: {why}" for one in wanted if (why := deletions[one.ref.id].refused)]
        if refused:
            raise _refused(environment.name, "; ".join(refused))
        awake = list(not_at_rest(wanted, deletions, self.clients.clock.now()))
        if awake and not input.running_too:
            rule = "all of it has to be down for 72 hours, unless you say “even though it is running”"
            raise _refused(environment.name, f"{listed(awake)}; {rule}")
        deleted = {one.ref.id: self._deleted(one, deletions[one.ref.id]) for one in wanted}
        changes = [deleted.get(one.ref.id) or _stays(one, self._kept(one, input.only)) for one in resources]
        state = PriorEnvironment(
            kind=environment.kind,
            running_too=input.running_too,
            resources=tuple(
                PriorDeletion(id=one.ref.id, down=one.is_down, snapshot=deleted[one.ref.id].snapshot)
                for one in sorted(wanted, key=lambda one: one.ref.id)
            ),
        )
        return Preview(
            targets=(target_of(environment, resources),),
            changes=(*owned(changes, resources), *self._beside(environment)),
            state=state.model_dump(mode="json"),
        )

    def permissions(self, input: DeleteEnvironmentInput, preview: Preview) -> tuple[Permission, ...]:
        needed = [one for change in preview.wanted for one in self.clients.platform.permissions(change)]
        return tuple(dict.fromkeys(needed))

    def run(self, input: DeleteEnvironmentInput, preview: Preview) -> DeletedOutput:
        survey = self.clients.platform.survey(input.environment_id)
        fresh = {one.ref.id: one for one in survey.resources if one.environment == input.environment_id}
        self._still_a_preview(input.environment_id, survey)
        errors: dict[str, CopilotError] = {}

        def attempt(change: Change) -> CopilotError | None:
            """What went wrong, which must not keep the others that come with it from being deleted."""
            resource = fresh.get(change.ref.id)
            if resource is None:  # the work of an attempt before, or of somebody else: verify says which
                return None
            try:
                self.clients.platform.apply(change, resource)
            except CopilotError as error:
                return error
            return None

        with ThreadPoolExecutor(max_workers=CHANGED_AT_ONCE) as pool:
            # Whatever still runs may use what comes after it: that waits for all that comes before.
            for _, phase in groupby(preview.wanted, key=lambda change: self._phase(change.ref)):
                changes = list(phase)
                failed = [one for one in preview.wanted if one.ref.id in errors]
                if failed:
                    errors |= {change.ref.id: held_up(failed, errors) for change in changes}
                    continue
                found = list(pool.map(attempt, changes))
                errors |= {change.ref.id: error for change, error in zip(changes, found, strict=True) if error}
        remains = {change.ref.id: Remains(state="gone") for change in preview.wanted if change.ref.id not in errors}
        remains |= {id: Remains(state="there", detail=error.told) for id, error in errors.items()}
        begun = len(errors) < len(preview.wanted)
        now = _output(input.environment_id, preview, remains)
        waits = any(isinstance(error, NotReady) for error in errors.values())
        if any(map(may_pass, errors.values())) and (begun or waits):
            raise Unfinished(now.summary, ours=True)
        if preview.wanted and not begun:
            raise nothing_done(f"nothing of {quoted(input.environment_id)} was deleted", preview.wanted, errors)
        # It is on its way, and told as done where a fresh read then shows that it is.
        return now.model_copy(update={"state": "deleting"}) if now.state == "deleted" and preview.wanted else now

    def verify(self, input: DeleteEnvironmentInput, prior: Preview) -> Verification:
        # What is covered by a group or a cluster has to be gone with it.
        wholes = {_covered_by(change.name) for change in prior.wanted}
        with_it = [change for change in prior.changes if change.action == "skip" and change.reason in wholes]
        now = _output(input.environment_id, prior, self.clients.platform.remains([*prior.wanted, *with_it]))
        left = [one for one in now.resources if one.outcome in {"there", "going"}]
        going = any(one.outcome == "going" for one in left)
        return Verification(
            # What is on its way is waited for first, so that nothing is judged, or tried again, in the middle of it.
            outcome="not yet" if going else "false" if left else "true",
            reason=listed([f"{one.name} is {_left(one)}" for one in left]),
            output=now.model_dump(mode="json"),
        )

    @classmethod
    def undo(cls, input: DeleteEnvironmentInput, prior: Preview) -> Undo:
        """None: what is deleted is gone for good. Databases can be restored from their final snapshots."""
        if not prior.wanted:
            return UNCHANGED
        kept = [f"{quoted(change.name)} from {change.snapshot}" for change in prior.wanted if change.snapshot]
        restored = f"; a person can restore {', '.join(kept)}" if kept else ""
        return Irreversible(why=f"what is deleted is gone for good{restored}")

    def _still_a_preview(self, name: str, survey: Survey) -> None:
        """Raises FatalError where what is there is not what was previewed: an attempt before may have deleted some."""
        for environment in survey.environments:
            if environment.name == name and (why := no_preview(environment, survey)):
                raise _refused(name, why)
        if survey.unreachable:
            raise RetryableError(f"not all of {quoted(name)} can be read now", ours=True)

    def _kept(self, resource: Resource, only: Sequence[str]) -> str:
        """Why one is left alone; "" where it is to be deleted."""
        if resource.covered_by:
            return _covered_by(resource.covered_by)
        if only and resource.ref.id not in only:
            return "not among those asked for"
        return resource.held

    def _deleted(self, resource: Resource, deletion: Deletion) -> Change:
        lost = f"lost for good: {deletion.lost}" if deletion.lost else ""
        left = f"stays: {deletion.left}" if deletion.left else ""
        snapshot = self._snapshot(resource) if deletion.keeps else ""
        return Change(
            ref=resource.ref,
            name=resource.name,
            action="delete",
            before=state_in_words(resource),
            after=f"deleted; final snapshot {snapshot}" if snapshot else "deleted",
            reason="; ".join(filter(None, (lost, left))),
            uses=deletion.uses,
            snapshot=snapshot,
        )

    def _snapshot(self, resource: Resource) -> str:
        """The same for every attempt of this call, and of no other."""
        name = re.sub(r"-+", "-", re.sub(r"[^a-z0-9]", "-", resource.name.lower())).strip("-")
        mark = digest([self.clients.call_id, resource.ref.id])[:10]
        room = LONGEST_NAME - len(SNAPSHOT.format(name="", mark=mark))
        return SNAPSHOT.format(name=name[:room].strip("-") or "db", mark=mark)

    def _beside(self, environment: Environment) -> Iterator[Change]:
        """What belongs to it and stays, as it is of no kind that is deleted here."""
        try:
            found = self.clients.platform.fixtures(environment.name)
        except CopilotError as error:
            found = None
            yield _staying("what else it has", f"could not be read: {error.told}")
        nouns = self.clients.platform.fixture_types
        for one in found.fixtures if found else ():
            noun = nouns.get(one.ref.type, one.ref.type)
            yield _staying(one.name, f"stays: a {noun} is not deleted", ref=one.ref)
        yield from _uncounted(found) if found else ()
        yield _staying(NOT_LISTED, "stays: not looked at")

    def _phase(self, ref: ResourceRef) -> tuple[int, bool]:
        """Services first, then groups, then instances, databases last."""
        type = type_of(ref.type, self.clients.platform.types)
        return type.turn, not type.unit

    def _order(self, resource: Resource) -> tuple[tuple[int, bool], str, str, str]:
        return self._phase(resource.ref), resource.cluster or "", resource.name, resource.ref.id


def _refused(name: str, why: str) -> FatalError:
    return FatalError(f"{quoted(name)} is not deleted: {why}", ours=True)


def _stays(resource: Resource, why: str) -> Change:
    now = size_in_words(resource, resource.size, resource.limits)
    return Change(ref=resource.ref, name=resource.name, action="skip", before=now, after=now, reason=why)


def _staying(name: str, why: str, ref: ResourceRef | None = None) -> Change:
    ref = ref or ResourceRef(type=OTHERS, id=name)
    return Change(ref=ref, name=name, action="skip", before="there", after="there", reason=why)


def _uncounted(found: Fixtures) -> Iterator[Change]:
    for one in found.others:
        number = f"at least {one.number}" if found.others_cut else str(one.number)
        yield _staying(f"{number} {one.noun}", "stays: of no kind that is deleted")


def _output(name: str, preview: Preview, remains: Mapping[str, Remains]) -> DeletedOutput:
    resources = tuple(_resource(change, remains.get(change.ref.id)) for change in preview.changes)
    outcomes = {one.outcome for one in resources} - {"kept"}
    state: DeletedState = "partial" if "there" in outcomes else "deleting" if "going" in outcomes else "deleted"
    made = tuple(change.snapshot for change in preview.wanted if change.snapshot and _has_its_data(change, remains))
    return DeletedOutput(
        environment_id=name,
        name=name,
        kind=PriorEnvironment.model_validate(preview.state).kind,
        state=state,
        resources=resources,
        snapshots=made,
        summary=f"{quoted(name)}: {'; '.join(_parts(resources, made))}",
    )


def _covered_by(name: str) -> str:
    """Why a member of that is left alone."""
    return f"{COVERED}{quoted(name)}, which is deleted as a whole"


def _has_its_data(change: Change, remains: Mapping[str, Remains]) -> bool:
    return change.ref.id not in remains or remains[change.ref.id].state != "there"


def _resource(change: Change, remains: Remains | None) -> DeletedResource:
    outcome = remains.state if remains else "kept" if change.action == "skip" else "gone"
    return DeletedResource(
        name=change.name if change.ref.type == OTHERS else quoted(change.name),
        type=change.ref.type,
        outcome=outcome,
        snapshot=change.snapshot,
        reason=remains.detail if remains and outcome in {"there", "going"} else change.reason,
    )


def _parts(resources: Sequence[DeletedResource], snapshots: Sequence[str]) -> Iterator[str]:
    resources = [one for one in resources if not (one.outcome == "gone" and one.reason.startswith(COVERED))]
    by = {
        outcome: [one for one in resources if one.outcome == outcome] for outcome in ("gone", "going", "there", "kept")
    }
    if by["gone"]:
        yield f"deleted {listed([one.name for one in by['gone']])}"
    if by["going"]:
        yield f"being deleted: {listed([one.name for one in by['going']])}"
    if by["there"]:
        yield f"still there: {listed([f'{one.name} ({_left(one)})' for one in by['there']])}"
    if not any((by["gone"], by["going"], by["there"])):
        yield "nothing to delete"
    if snapshots:
        yield f"{count(len(snapshots), 'final snapshot')}: {', '.join(snapshots)}"
    stays = [one for one in by["kept"] if not one.reason.startswith(COVERED)]
    if stays:
        yield f"stays: {listed([one.name for one in stays])}"


def _left(one: DeletedResource) -> str:
    return one.reason or ("being deleted" if one.outcome == "going" else "still there")
