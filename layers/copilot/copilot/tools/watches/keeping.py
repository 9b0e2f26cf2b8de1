"""Starting a watch, and stopping it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from pydantic import AwareDatetime, BaseModel, Field, JsonValue, ValidationError

from copilot.domain import (
    ACTS,
    AT_MOST_FOR,
    LOOK_EVERY,
    MOST_OF_ALL,
    MOST_OF_ONE,
    OUR_OWN,
    TARGET,
    USUALLY_FOR,
    Arguments,
    Call,
    Change,
    Channel,
    Frozen,
    Made,
    OutputClass,
    Permission,
    Preview,
    ResourceRef,
    Target,
    Undo,
    Verification,
    Watch,
    WatchId,
    digest,
    is_same,
    live,
)
from copilot.errors import Ambiguous, FatalError, NotFound, RetryableError, ToolInputError
from copilot.text.listing import listed
from copilot.text.nearness import there_are
from copilot.text.outside import quoted
from copilot.times.zones import known_zone
from copilot.tools.registry import Registry
from copilot.tools.tool import UNCHANGED, AnyTool, WriteTool, can_be_watched
from copilot.tools.watches.telling import how_in_words

EVERY: Mapping[OutputClass, int] = {"cost": 60, "logs": 10}
"""Minutes between two looks at what costs money to look at."""
USUAL_MINUTES = 10
"""Of what is asked over a time, so much is looked at each time."""
PERIOD = ("since", "until")
TRIES = 5
BEGUN = "what was to be done then is begun as a run of its own; cancel that one"


class StartWatchInput(Frozen):
    tool: str = Field(max_length=100, description="a tool that reads")
    arguments: Arguments = Field(default={}, description="what it is called with at each look, as that tool takes it")
    condition: str = Field(
        min_length=1,
        max_length=300,
        description="over that tool's output, as in `expect`: tell when it comes to be true",
    )
    what: str = Field(min_length=1, max_length=200, description="the condition in words")
    minutes: int | None = Field(
        default=None, ge=5, le=1440, description="over so many minutes back, in place of since; else 10"
    )
    once: bool = Field(default=False, description="ends when it was told")
    until: AwareDatetime | None = Field(default=None, description="else for a day; at most 7 days")
    to: Channel | None = Field(default=None, description="else who asks, where they ask", json_schema_extra=TARGET)
    time_zone: str = Field(default="UTC", max_length=64, description="an IANA name")
    seen: str = Field(default="", max_length=300, description="what of it is told", json_schema_extra=OUR_OWN)


class StopWatchInput(Frozen):
    watch: str = Field(
        default="",
        max_length=200,
        description="its id, or words of what is watched; empty: the only one there is",
        json_schema_extra=TARGET,
    )


StartedT = TypeVar("StartedT", bound=StartWatchInput)


class WatchOutput(Frozen):
    watch_id: WatchId = Field(description="the watch's id")
    until: datetime = Field(description="when it ends")
    summary: Made = Field(description="what is watched, how often, until when, and who is told")


class Then(NamedTuple):
    """What is done once it is so, and what else there is to know of it."""

    does: str = ""
    note: str = ""


class Starting(WriteTool[StartedT, WatchOutput]):
    """What starting a watch of either sort has in common. Its id follows from the call, so that no attempt makes a
    second one.
    """

    Output = WatchOutput
    of_environments = False
    also = "Channel"
    idempotent = True
    inverse = "stop_watch"
    watched = "condition"

    def _then(self, wanted: Watch, input: StartedT) -> Then:
        return Then()

    def preview(self, input: StartedT) -> Preview:
        wanted, there = self._wanted(input), self.clients.watches.watches()
        others = [one for one in live(there, self.clients.clock.now()) if one.id != wanted.id]
        twin = next((one for one in others if is_same(one, wanted)), None)
        if twin is None:
            _refuse_too_many(others, wanted.owner)
        then = self._then(wanted, input)
        ref = ResourceRef(type="watch", id=twin.id if twin else wanted.id)
        change = Change(
            ref=ref,
            name=input.what,
            action="skip" if twin else "create",
            before="watched" if twin else "none",
            after="; ".join(filter(None, [how_in_words(wanted), then.does])),
            reason=f"the watch {twin.id} does this already" if twin else then.note,
        )
        targets = [Target(ref=ref, name=input.what, tags={ACTS: "yes"} if wanted.then else {})]
        if input.to is not None:
            targets.append(Target(ref=ResourceRef(type="channel", id=input.to), name=input.to))
        return Preview(targets=tuple(targets), changes=(change,), state={"twin": twin.id if twin else None})

    def permissions(self, input: StartedT, preview: Preview) -> tuple[Permission, ...]:
        return tuple(self.clients.watches.permissions())

    def run(self, input: StartedT, preview: Preview) -> WatchOutput:
        watch = self.clients.watches.watch(preview.targets[0].ref.id)
        if watch is None:  # one that was begun is looked at already
            watch = self._wanted(input)
            self.clients.watches.put(watch)
        return _output(watch)

    def verify(self, input: StartedT, prior: Preview) -> Verification:
        watch_id = prior.targets[0].ref.id
        watch = self.clients.watches.watch(watch_id)
        if watch is None:
            return Verification(outcome="false", reason=f"there is no watch {watch_id}")
        return Verification(outcome="true", output=_output(watch).model_dump(mode="json"))

    @classmethod
    def undo(cls, input: StartedT, prior: Preview) -> Undo:
        """`stop_watch`; nothing where it was watched already."""
        if prior.is_idle:
            return UNCHANGED
        return Call(tool=cls.inverse, arguments={"watch": prior.targets[0].ref.id})

    def _wanted(self, input: StartedT) -> Watch:
        """Raises ToolInputError for what cannot be watched, or not so long."""
        now, tool = self.clients.clock.now(), _watched(input.tool)
        until = input.until or now + USUALLY_FOR
        if not known_zone(input.time_zone):
            raise ToolInputError(f"there is no time zone {input.time_zone!r}", ours=True)
        if until <= now:
            raise ToolInputError("the time until which it is to be watched has passed", ours=True)
        if until > now + AT_MOST_FOR + LOOK_EVERY:
            raise ToolInputError(f"something is watched for {AT_MOST_FOR.days} days at most", ours=True)
        takes_times = "since" in tool.Input.model_fields
        arguments = {name: value for name, value in input.arguments.items() if not takes_times or name not in PERIOD}
        watch = Watch(
            id="w" + digest([self.clients.call_id, "watch"])[:9],
            owner=self.clients.person.id,
            what=input.what,
            tool=f"{tool.name}@{tool.version}",
            arguments=arguments,
            minutes=(input.minutes or USUAL_MINUTES) if takes_times else None,
            condition=input.condition,
            seen=input.seen or "summary",
            once=input.once,
            every=EVERY.get("logs" if tool.logs else tool.shows, int(LOOK_EVERY / timedelta(minutes=1))),
            until=until,
            end_was_asked=input.until is not None,
            time_zone=input.time_zone,
            tell=input.to or "",
            where=self.clients.asked_at,
            made_at=now,
        )
        _given(tool, watch.looks_at(now))
        return watch


class StartWatch(Starting[StartWatchInput]):
    name = "start_watch"
    summary = "Watch: have a read repeated, and be told when a condition over it comes to be true. Ends by itself."
    Input = StartWatchInput
    resource = "Watch"


class StopWatch(WriteTool[StopWatchInput, WatchOutput]):
    """Only one of who asks: whatever others watch, they are told of."""

    name = "stop_watch"
    summary = "Stop watching something."
    Input = StopWatchInput
    Output = WatchOutput
    of_environments = False
    resource = "Watch"
    idempotent = True
    inverse = "start_watch"

    def preview(self, input: StopWatchInput) -> Preview:
        watch = self._meant(input.watch)
        ref = ResourceRef(type="watch", id=watch.id)
        change = Change(ref=ref, name=watch.what, action="delete", before=how_in_words(watch), after="not watched")
        state: JsonValue = {"made": _as_made(watch), "until": watch.until.isoformat()}
        return Preview(targets=(Target(ref=ref, name=watch.what),), changes=(change,), state=state)

    def permissions(self, input: StopWatchInput, preview: Preview) -> tuple[Permission, ...]:
        return tuple(self.clients.watches.permissions())

    def run(self, input: StopWatchInput, preview: Preview) -> WatchOutput:
        """Raises FatalError where what it was to do is a run by now; RetryableError where it changed all the time."""
        watches, id = self.clients.watches, preview.targets[0].ref.id
        for _ in range(TRIES):
            watch = watches.watch(id)
            if watch is not None and watch.ended == "begun":
                raise FatalError(f"{quoted(watch.what)} has come to be so, and {BEGUN}", ours=True)
            if watch is None or watches.remove(watch):
                return _stopped(preview)
        raise RetryableError(f"the watch {id} changed each time that it was to be stopped")

    def verify(self, input: StopWatchInput, prior: Preview) -> Verification:
        there = self.clients.watches.watch(prior.targets[0].ref.id) is not None
        return Verification(
            outcome="false" if there else "true",
            reason="its record is still there" if there else "",
            output=_stopped(prior).model_dump(mode="json"),
        )

    @classmethod
    def undo(cls, input: StopWatchInput, prior: Preview) -> Undo:
        """`start_watch`, of the same, or `watch_and_do`: a new watch, with an id of its own, which is told of what is
        so by then.
        """
        assert isinstance(prior.state, dict) and isinstance(prior.state["made"], dict)
        made = prior.state["made"]
        return Call(tool="watch_and_do" if "plan" in made else cls.inverse, arguments=made)

    def _meant(self, said: str) -> Watch:
        """Raises ToolInputError where none is, Ambiguous where several may be."""
        now, me = self.clients.clock.now(), self.clients.person.id
        there = live(self.clients.watches.watches(), now)
        mine = [one for one in there if one.owner == me]
        if not mine:
            raise ToolInputError("nothing is watched for you", ours=True)
        words = said.casefold().split()
        found = [one for one in mine if one.id == said] or [one for one in mine if _words(one, words) == words]
        if not found:
            named = listed([f"{one.id} ({quoted(one.what)})" for one in mine])
            raise ToolInputError(
                f"nothing like {quoted(said)} is watched for you; there is {named}", [one.id for one in mine], ours=True
            )
        if len(found) > 1:
            named = listed([f"{one.id} ({quoted(one.what)})" for one in found])
            raise Ambiguous(
                f"{len(found)} watches may be meant: {named}; which one?", [one.id for one in found], ours=True
            )
        return found[0]


def _words(watch: Watch, wanted: Sequence[str]) -> list[str]:
    """Those of the wanted words that stand in what is watched."""
    there = f"{watch.what} {watch.tool} {' '.join(map(str, watch.arguments.values()))}".casefold()
    return [word for word in wanted if word in there]


def _watched(name: str) -> AnyTool:
    """Raises ToolInputError, with the nearest, for what is no tool that can be watched."""
    registry = Registry()
    try:
        tool = registry.find(name)
    except NotFound as error:
        raise ToolInputError(f"no tool {name!r}{there_are(name, registry.names())}", ours=True) from error
    if not can_be_watched(tool):
        raise ToolInputError(f"{tool.name} cannot be watched; a read can be", ours=True)
    return tool


def _given(tool: AnyTool, arguments: Arguments) -> BaseModel:
    """Raises ToolInputError, naming the arguments that do not fit."""
    try:
        return tool.Input.model_validate(arguments)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc'])) or 'all'}: {one['msg']}" for one in error.errors(include_url=False)]
        raise ToolInputError(f"{tool.name} does not take these arguments: {'; '.join(faults)}") from error


def _refuse_too_many(there: Sequence[Watch], owner: str) -> None:
    mine = sum(one.owner == owner for one in there)
    if mine >= MOST_OF_ONE or len(there) >= MOST_OF_ALL:
        whose = f"{mine} things are watched for you" if mine >= MOST_OF_ONE else f"{len(there)} things are watched"
        raise ToolInputError(f"{whose} already, and there is no room for more; stop one first", ours=True)


def _as_made(watch: Watch) -> dict[str, JsonValue]:
    """What it is made anew with."""
    same = {"tool", "arguments", "condition", "what", "minutes", "once", "time_zone", "seen"}
    made: dict[str, JsonValue] = watch.model_dump(mode="json", include=same, exclude_none=True)
    made |= {"to": watch.tell} if watch.tell else {}
    if watch.then is not None:
        del made["once"]  # it always is
        made |= {"request": watch.then.request, "plan": watch.then.plan.model_dump_json(exclude_defaults=True)}
    return made | ({"until": watch.until.isoformat()} if watch.end_was_asked else {})


def _output(watch: Watch) -> WatchOutput:
    return WatchOutput(
        watch_id=watch.id,
        until=watch.until,
        summary=f"Watching {quoted(watch.what)}: {how_in_words(watch)}. Its id is {watch.id}.",
    )


def _stopped(prior: Preview) -> WatchOutput:
    (target,) = prior.targets
    state = prior.state if isinstance(prior.state, dict) else {}
    return WatchOutput(
        watch_id=target.ref.id,
        until=datetime.fromisoformat(str(state["until"])),
        summary=f"{quoted(target.name)} is not watched any more ({target.ref.id}).",
    )
