"""What the copilot changed, when, and for whom; and what others changed of one environment, as AWS has it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from copilot.domain import (
    TOLD,
    Change,
    EnvironmentId,
    Frozen,
    LedgerEntry,
    Made,
    MadeEffect,
    People,
    Resource,
    ResourceRef,
    ScheduleId,
    TrailEvent,
)
from copilot.errors import ToolInputError
from copilot.ports import Trail
from copilot.text.listing import count, listed
from copilot.text.nearness import squashed, there_are
from copilot.text.outside import quoted, quoted_people
from copilot.times.zones import moment, zone_of
from copilot.tools.by_hand import FOR_COMMANDS, TOOL_RUN, ByHand, Place, tool_run
from copilot.tools.changes.looked_up import COMMAND, LookedUp, places_of, trail_by_hand
from copilot.tools.tool import ReadTool

OF_ALL = timedelta(days=1)
OF_ONE = timedelta(days=90)
FURTHEST = timedelta(days=35)
"""Of all there is, no longer back than this is looked: each day is one read, or more."""
LOOKED_AT = 500
DONE = {
    "stop_environment": "stopped",
    "start_environment": "started",
    "keep_environment": "kept",
    "release_environment": "released",
    "notify": "told",
    "create_schedule": "made",
    "delete_schedule": "deleted",
    "pause_schedule": "paused",
    "resume_schedule": "resumed",
}
ONLY_OURS = "only what the copilot did: “who changed NAME?” tells of one what others did in AWS, by CloudTrail"
OTHERS_TOLD = 20
ONE_PERSON = "It takes one person's id or name; a team, a reaction or a runbook is none."


class ChangesInput(Frozen):
    environment_id: EnvironmentId | None = Field(default=None, max_length=256, description="only those of this one")
    schedule_id: ScheduleId | None = Field(default=None, description="only those of this one")
    tool: str = Field(default="", max_length=100, description="only those by this tool")
    person: str = Field(default="", max_length=100, description="their id or name")
    mine: bool = Field(default=False, description="those of whoever asks")
    since: AwareDatetime | None = Field(default=None, description="else a day ago, of one thing 90")
    until: AwareDatetime | None = Field(default=None, description="else now")
    most: int = Field(default=20, ge=1, le=100, description="the newest")
    time_zone: str = Field(default="UTC", max_length=64, description="an IANA name")


class MadeChange(Frozen):
    at: AwareDatetime = Field(description="when it was begun")
    person: str = Field(description="the id of the person on whose behalf")
    schedule: ScheduleId | None = Field(description="the schedule whose firing did it; null where it was asked for")
    tool: str = Field(description="the tool that did it")
    state: str = Field(description="done, started (under way) or unknown")
    environment_id: EnvironmentId | None = Field(description="the environment that was changed")
    summary: Made = Field(description="one line about it")


class ChangeByOthers(Frozen):
    at: AwareDatetime = Field(description="when it was done")
    who: People = Field(description="who did it, as CloudTrail calls them")
    action: str = Field(description="what was done, such as ecs:UpdateService")
    name: str = Field(description="what it was done to")
    refused: bool = Field(description="whether AWS refused it")
    summary: Made = Field(description="one line about it")


class ChangesOutput(Frozen):
    environment_id: EnvironmentId | None = Field(description="the environment that was asked about")
    schedule_id: ScheduleId | None = Field(description="the schedule that was asked about")
    changes: tuple[MadeChange, ...] = Field(description="the newest first")
    lines: tuple[Made, ...] = Field(description="the same in lines")
    others: tuple[ChangeByOthers, ...] = Field(description="what others did to one environment in AWS, newest first")
    not_looked_at: tuple[Made, ...] = Field(description="where others may have changed it, which was not looked at")
    none: Made = Field(description="that there were none, in a sentence; empty else")
    more: Made = Field(description="that there were more than are told; empty where there were not")
    looked_at: Made = Field(description="from when to when was looked, and what is not among it")
    by_hand: LookedUp | None = Field(default=None, description=FOR_COMMANDS)


class Changes(ReadTool[ChangesInput, ChangesOutput]):
    """What began and changed nothing is left out. What was asked for is not told, nor in which run: whoever may list
    everybody's runs finds that there.
    """

    name = "changes"
    summary = "Say what the copilot changed, when and for whom; of one environment also what others did to it in AWS."
    Input = ChangesInput
    Output = ChangesOutput
    shows = "security"
    shown_by = (f"aws {COMMAND}", TOOL_RUN)

    @classmethod
    def by_hand(cls, input: ChangesInput, output: ChangesOutput) -> Sequence[ByHand]:
        """What the copilot did it alone knows, of its own ledger."""
        return [*(trail_by_hand(output.by_hand) if output.by_hand else []), tool_run(cls.name, input)]

    def run(self, input: ChangesInput) -> ChangesOutput:
        target, zone = _target(input), zone_of(input.time_zone)
        until = input.until or self.clients.clock.now()
        since = input.since or until - (OF_ONE if target else OF_ALL)
        if since > until:
            raise ToolInputError("since is after until", ours=True)
        if not target and until - since > FURTHEST:
            raise ToolInputError(f"of all there is, at most {FURTHEST.days} days can be looked at at once", ours=True)
        person = self.clients.person.id if input.mine else input.person
        ids = self._ids(person)
        made = self.clients.effects.made(since, until, target)
        told: list[MadeChange] = []
        more = ""
        for at, one in enumerate(made):  # each of which is read as it comes
            if at == LOOKED_AT:
                more = f"No more than the newest {LOOKED_AT} changes were looked at."
                break
            if _is_asked_for(one, input.tool, ids):
                if len(told) == input.most:
                    more = f"There were more; these are the newest {input.most}."
                    break
                told.append(told_of(one, zone))
        # Of one tool, or of one person, only the copilot's own can be: AWS knows neither.
        whole = bool(input.environment_id) and not (input.tool or person)
        by_others = self._by_others(input.environment_id, since, until, zone) if whole else ByOthers()
        return ChangesOutput(
            environment_id=input.environment_id,
            schedule_id=input.schedule_id,
            changes=tuple(told),
            lines=tuple(one.summary for one in told),
            others=by_others.changes,
            not_looked_at=by_others.not_looked_at,
            none="" if told else self._none(input, target),
            more=more,
            looked_at=f"From {moment(since, zone)} to {moment(until, zone)}{'' if whole else f', and {ONLY_OURS}'}.",
            by_hand=LookedUp(since=since, until=until, places=by_others.places) if by_others.places else None,
        )

    def _ids(self, said: str) -> Collection[str]:
        """Of whoever is called that: by id, by name, by first name. Who left the configuration has their id still."""
        wanted = squashed(said)
        called = {
            id: {squashed(id), squashed(name), squashed(name.split()[0] if name.split() else "")}
            for id, name in self.clients.people().items()
        }
        return {said.casefold(), *(id.casefold() for id, names in called.items() if wanted in names)} if said else ()

    def _none(self, input: ChangesInput, target: ResourceRef | None) -> str:
        of = f"{_named(target.type, target.id)}: nothing" if target else "Nothing"
        did = f"{of} was {DONE.get(input.tool, 'changed')} by the copilot"
        if input.mine or not input.person:
            return f"{did}{' for you' if input.mine else ''} in that time."
        said, people = input.person, self.clients.people()
        none = f"{did} for {quoted_people(said)} in that time."
        if not people or {id.casefold() for id in people} & {*self._ids(said)}:
            return none
        near = there_are(said, sorted(people))
        return f"{none} There is no person {quoted_people(said)} in the configuration{near}. {ONE_PERSON}"

    def _by_others(self, environment_id: str | None, since: datetime, until: datetime, zone: ZoneInfo) -> ByOthers:
        resources = self.clients.platform.survey(environment_id).resources
        return by_others(self.clients.trail, resources, since, until, zone)


class ByOthers(NamedTuple):
    """What others did, where that was looked for, and what of it was not looked at."""

    changes: tuple[ChangeByOthers, ...] = ()
    not_looked_at: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


def by_others(
    trail: Trail, resources: Sequence[Resource], since: datetime, until: datetime, zone: ZoneInfo
) -> ByOthers:
    """What CloudTrail has of these resources."""
    found = trail.changes(resources, since, until)
    gaps = [f"what others did in {place.account} in {place.region}: {quoted(place.reason)}" for place in found.unread]
    gaps += [f"what others did in AWS: {why}" for why in found.off]
    gaps += [f"what others did in {place}, as there was very much" for place in found.cut]
    if len(found.events) > OTHERS_TOLD:
        gaps.append(f"{count(len(found.events) - OTHERS_TOLD, 'older change')} by others")
    told = tuple(_by_other(one, zone) for one in found.events[:OTHERS_TOLD])
    return ByOthers(told, tuple(gaps), places_of(found.read))


def _by_other(event: TrailEvent, zone: ZoneInfo) -> ChangeByOthers:
    did = f"{moment(event.at, zone)}: {quoted_people(event.who)} called {quoted(event.action)} on {quoted(event.name)}"
    return ChangeByOthers(
        at=event.at.astimezone(UTC),
        who=event.who,
        action=event.action,
        name=event.name,
        refused=bool(event.error),
        summary=f"{did}, which was refused ({quoted(event.error)})" if event.error else did,
    )


def has_changed(made: MadeEffect) -> bool:
    """Whether it did something, or may have."""
    return made.entry.state != "failed_clean" and bool(made.entry.prior.wanted)


def _is_asked_for(made: MadeEffect, tool: str, ids: Collection[str]) -> bool:
    return has_changed(made) and tool in {"", _tool(made.entry)} and (not ids or made.person.casefold() in ids)


def _target(input: ChangesInput) -> ResourceRef | None:
    """Raises ToolInputError where several are asked for at once."""
    asked = {"environment": input.environment_id, "schedule": input.schedule_id}
    found = [ResourceRef(type=type, id=id) for type, id in asked.items() if id]
    if len(found) > 1:
        raise ToolInputError("of an environment or of a schedule, not both", ours=True)
    return found[0] if found else None


def _tool(entry: LedgerEntry) -> str:
    return entry.tool.partition("@")[0]


def told_of(made: MadeEffect, zone: ZoneInfo) -> MadeChange:
    """An effect as it is told."""
    entry = made.entry
    by = f"schedule {made.schedule} of {quoted_people(made.person)}" if made.schedule else quoted_people(made.person)
    targets = entry.prior.targets
    names = [_named(one.ref.type, one.ref.id, one.name) for one in targets]
    did = f"{DONE.get(_tool(entry), f'called {_tool(entry)} on')} {listed(names)}"
    failed = entry.output.get("failed") if isinstance(entry.output, dict) else 0
    ends = {
        "done": f"; {failed} of it could not be" if isinstance(failed, int) and failed else "",
        "started": "; it is under way, or its end was not seen",
        "unknown": "; how it ended is not known",
    }
    return MadeChange(
        at=entry.started_at.astimezone(UTC),
        person=made.person,
        schedule=made.schedule,
        tool=_tool(entry),
        state=entry.state,
        environment_id=next((one.ref.id for one in targets if one.ref.type == "environment"), None),
        summary=f"{moment(entry.started_at, zone)}: {by} {did}{_what(entry.prior.wanted)}{ends.get(entry.state, '')}",
    )


def _named(type: str, id: str, name: str = "") -> str:
    """A channel is called as whoever asked wrote it, in the form that channels have."""
    if type == "schedule":
        return f"schedule {quoted(id)}"
    return id if re.fullmatch(TOLD, id) else quoted(name or id)


def _what(changes: Sequence[Change]) -> str:
    """What of it, for what has parts."""
    parts = [f"{quoted(one.name)} {one.before} -> {one.after}" for one in changes if one.direction]
    return f" ({listed(parts) if len(parts) <= 2 else count(len(parts), 'resource')})" if parts else ""
