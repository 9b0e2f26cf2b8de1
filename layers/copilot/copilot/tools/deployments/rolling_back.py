"""A service brought back to a release that is known to be good."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field

from copilot.domain import OUR_OWN, TARGET, EnvironmentId, Frozen, Preview, ResourceRef, ServiceName, Undo
from copilot.domain.deployments import Deployment
from copilot.domain.releases import Definition
from copilot.errors import FatalError, ToolInputError
from copilot.text.durations import spoken
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.times.zones import moment
from copilot.tools.deployments.bringing import Bound, Bring, Found, back_again, passed_on
from copilot.tools.deployments.brought import REVISION, plain_version
from copilot.tools.deployments.finding import BACK
from copilot.tools.deployments.judging import LOOKED_AT, Judged, Judging
from copilot.tools.deployments.telling import named
from copilot.tools.deployments.told import Told, release_words, tag_of

BEFORE = re.compile(r"(?:the )?(?:previous|prior|last but one|one before)(?: (?:one|version|release|revision|it))*")
TAGS_LOOKED_AT = 15
"""So many revisions before the one that runs are looked at for an image's tag."""
UTC = ZoneInfo("UTC")


class RollBackServiceInput(Frozen):
    environment_id: EnvironmentId = Field(
        min_length=1, max_length=256, description="an environment's id", json_schema_extra=TARGET
    )
    service: ServiceName = Field(min_length=1, max_length=200, description="the service", json_schema_extra=TARGET)
    to: str = Field(
        default="",
        max_length=200,
        description="a version, revision, image tag or deployment id; else the last good release",
    )
    instead_of: str = Field(
        default="",
        max_length=200,
        description="only while it runs by this revision; empty for any",
        json_schema_extra=OUR_OWN,
    )


class RollBackService(Bring[RollBackServiceInput]):
    """To the last release before the one that runs that was completed, ran 30 minutes, and had none of its alarms ring
    in these; or to one that is named, which has to be such a one too. What takes back a change that the copilot made
    goes to what ran before that, good or not, as long as nobody has deployed since.
    """

    name = "roll_back_service"
    summary = "Roll back a service to its last good release, or to one that is named."
    Input = RollBackServiceInput
    done = "rolled back"

    def preview(self, input: RollBackServiceInput) -> Preview:
        found = self._found(input.environment_id, input.service)
        now = found.definition
        bound = Bound(kind=found.environment.kind, service=found.service.ref.id, before=now.id, before_name=now.name)
        if input.instead_of and input.instead_of not in {now.name, now.effect}:
            left = f"it runs by {quoted(now.name)} now: somebody else deployed it since"
            return self._preview(found, "", "", bound.model_copy(update={"left": left}))
        told = Told(self.clients.deployments, self.clients.clock.now(), found.service)
        told.refuse_pipelines()
        chosen = self._undone(input, found) or _Choosing(self, found, told).chosen(input.to)
        if chosen.definition.id == now.id:
            left = f"it runs by {quoted(now.name)} already"
            return self._preview(found, "", "", bound.model_copy(update={"left": left}))
        if not chosen.definition.usable:
            raise FatalError(
                f"revision {quoted(chosen.definition.name)} of {quoted(found.service.name)} was deregistered, so that "
                "nothing can be brought back to it; nothing was done",
                ours=True,
            )
        roles = passed_on(found, chosen.definition)
        bound = bound.model_copy(update={"to": chosen.definition.id, "to_name": chosen.definition.name, "roles": roles})
        words = release_words(chosen.definition, chosen.version)
        return self._preview(found, words, chosen.why, bound, before=told.in_words(now, found.running))

    @classmethod
    def undo(cls, input: RollBackServiceInput, prior: Preview) -> Undo:
        """`roll_back_service` to the revision that ran before, as long as nobody has deployed since."""
        return back_again(input.environment_id, input.service, prior)

    def _undone(self, input: RollBackServiceInput, found: Found) -> _Chosen | None:
        """What ran before the copilot's own change that is taken back; None where no such change is known."""
        if not input.instead_of:
            return None
        for entry in self.clients.effects.on(ResourceRef(type="environment", id=found.environment.name)):
            if entry.tool.partition("@")[0] not in MADE_BY or entry.state != "done" or not entry.prior.wanted:
                continue
            bound = Bound.model_validate(entry.prior.state)
            made = bound.to_name or bound.effect
            if bound.service == found.service.ref.id and (bound.before_name, made) == (input.to, input.instead_of):
                definition = self._definition(found.service, bound.before_name)
                return _Chosen(definition, f"{quoted(input.to)} ran before the copilot changed it")
        return None


MADE_BY = frozenset({"roll_back_service", "promote_release"})


class _Chosen(NamedTuple):
    definition: Definition
    why: str
    version: str = ""


class _Choosing:
    """What of the releases that were reported may be brought back."""

    def __init__(self, tool: RollBackService, found: Found, told: Told) -> None:
        self._tool, self._found, self._told = tool, found, told
        now = tool.clients.clock.now()
        self._judging = Judging(tool.clients, found.service.name, found.environment.name, told.reported, now)

    def chosen(self, said: str) -> _Chosen:
        """Raises FatalError where it is not known to be good, ToolInputError where there is no such one."""
        if not said:
            return self._last_good()
        if BEFORE.fullmatch(said.strip().casefold()):
            return self._good(self._one_before())
        name = said.strip()
        completed = self._told.completed
        by_id = next((one for one in completed if one.id.casefold() == name.casefold()), None)
        by_version = next((one for one in completed if plain_version(one.version) == plain_version(name)), None)
        one = by_id or (by_version if not name.isdigit() else None)
        if one is not None:
            return self._good(one)
        definition = self._named(name)
        deployed = next((one for one in completed if self._told.revision(one) == definition.name), None)
        if definition.id == self._found.definition.id:
            return _Chosen(definition, "")
        if deployed is None:
            raise FatalError(
                f"{quoted(definition.name)} is not known to be good: no deployment of it that was completed was "
                f"reported in the last {BACK.days} days. {self._told.service} was not changed",
                ours=True,
            )
        return self._good(deployed)

    def _last_good(self) -> _Chosen:
        passed: list[str] = []
        for one in self._before_now()[:LOOKED_AT]:
            if not self._told.revision(one):
                passed.append(f"{named(one)}: its revision was not reported")
                continue
            judged = self._judging.judged(one)
            if not judged.why_not:
                return self._of(one, judged)
            passed.append(f"{named(one)}: {judged.why_not}")
        why = f" {'; '.join(passed)}." if passed else " None before it was reported as completed."
        raise FatalError(
            f"{self._told.service} was not rolled back: no release before "
            f"{quoted(self._found.definition.name)} is known to be good.{why}",
            ours=True,
        )

    def _good(self, one: Deployment) -> _Chosen:
        """This one, if it is."""
        if not self._told.revision(one):
            raise FatalError(
                f"the revision that {named(one)} runs by was not reported, so that it cannot be brought back", ours=True
            )
        judged = self._judging.judged(one)
        if judged.why_not and self._told.revision(one) != self._found.definition.name:
            raise FatalError(
                f"{named(one)} is not known to be good: {judged.why_not}. {self._told.service} was not changed",
                ours=True,
            )
        return self._of(one, judged)

    def _of(self, one: Deployment, judged: Judged) -> _Chosen:
        done, ran = moment(one.ended_at or one.started_at, UTC), spoken(judged.ran.total_seconds())
        definition = self._tool._definition(self._found.service, self._told.revision(one))
        why = f"{named(one)} was good: completed {done}, ran {ran} from then, {judged.quiet}"
        return _Chosen(definition, why, one.version)

    def _named(self, said: str) -> Definition:
        """By its number, its name, or the tag of one of its images."""
        now = self._found.definition
        family, _, number = now.name.rpartition(":")
        if said.isdigit() or REVISION.fullmatch(said):
            return self._tool._definition(self._found.service, int(said) if said.isdigit() else said)
        newest = int(number) if number.isdigit() else 0
        numbers = range(newest, max(0, newest - TAGS_LOOKED_AT), -1)
        for one in self._known(f"{family}:{each}" for each in numbers):
            if any(tag_of(container.image).casefold() == said.casefold() for container in one.containers):
                return one
        versions = list(dict.fromkeys(one.version for one in self._told.completed if one.version))[:5]
        hint = f"; there are {listed(list(map(quoted, versions)))}" if versions else ""
        message = f"there is no release {quoted(said)} of {quoted(self._found.service.name)} to bring back{hint}"
        raise ToolInputError(message, versions, ours=True)

    def _known(self, names: Iterable[str]) -> Iterable[Definition]:
        for name in names:
            try:
                yield self._tool._definition(self._found.service, name)
            except ToolInputError:  # that one was deleted
                continue

    def _one_before(self) -> Deployment:
        one = next((one for one in self._before_now() if self._told.revision(one)), None)
        if one is None:
            raise FatalError(
                f"what {quoted(self._found.service.name)} ran by before {quoted(self._found.definition.name)} was not "
                "reported; nothing was done",
                ours=True,
            )
        return one

    def _before_now(self) -> Sequence[Deployment]:
        """What was completed before the one that runs was first deployed, the newest first; all where that is not
        known.
        """
        now = self._found.definition.name
        first = min((one.started_at for one in self._told.all if self._told.revision(one) == now), default=None)
        older = [one for one in self._told.completed if first is None or one.started_at < first]
        return [one for one in older if self._told.revision(one) != now]
