"""Fakes of our own ports, and tools that tests can watch and break."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from some_clients import SomeClients

from copilot.domain import (
    Call,
    Change,
    EnvironmentId,
    Focus,
    Frozen,
    Kind,
    Permission,
    Person,
    Preview,
    Reference,
    ResourceRef,
    Target,
    Trigger,
    Turn,
    Undo,
    Verification,
)
from copilot.errors import CopilotError
from copilot.intents import Intents
from copilot.planning.hearing import Hear
from copilot.policy.rights import Outcome, Rights
from copilot.ports import Clients, Store
from copilot.tools.registry import Registry
from copilot.tools.tool import ReadTool, WriteTool


class FakeClock:
    """Stands still until told; `sleep` moves it."""

    def __init__(self, at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self.at = at
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@dataclass
class World:
    """Lights that can be switched; everything a test wants to see or to go wrong."""

    lights: dict[str, bool] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    switched: list[str] = field(default_factory=list)
    granted: list[tuple[Permission, ...]] = field(default_factory=list)
    before_preview: Callable[[str], object] = lambda name: None
    before_switch: Callable[[str], object] = lambda name: None
    after_switch: Callable[[str], object] = lambda name: None
    on_look: Callable[[str], object] = lambda name: None
    slow: dict[str, int] = field(default_factory=dict)
    guard: Lock = field(default_factory=Lock)


class FakeClients(SomeClients):
    def __init__(self, world: World, clock: FakeClock, call_id: str, permissions: Any) -> None:
        self.world, self.clock, self.call_id, self.permissions = world, clock, call_id, permissions


def world_of(clients: Clients) -> World:
    assert isinstance(clients, FakeClients)
    return clients.world


def clients_of(world: World, clock: FakeClock) -> Callable[..., FakeClients]:
    def clients(run: Any, call_id: str, permissions: Any = None) -> FakeClients:
        if permissions is not None:
            world.granted.append(tuple(permissions))
        return FakeClients(world, clock, call_id, permissions)

    return clients


class Nothing(Frozen):
    pass


class Named(Frozen):
    environment_id: EnvironmentId


class Light(Frozen):
    name: str
    on: bool
    lumen: float = 1.5
    note: str = ""


class Lights(Frozen):
    lights: list[Light]


class ListLights(ReadTool[Nothing, Lights]):
    name, summary, Input, Output = "list_lights", "Every light.", Nothing, Lights

    def run(self, input: Nothing) -> Lights:
        world = world_of(self.clients)
        return Lights(lights=[Light(name=name, on=on) for name, on in sorted(world.lights.items())])


class Look(ReadTool[Named, Light]):
    name, summary, Input, Output = "look", "One light.", Named, Light

    def run(self, input: Named) -> Light:
        world = world_of(self.clients)
        world.on_look(input.environment_id)
        return Light(name=input.environment_id, on=world.lights[input.environment_id])


class SwitchOff(WriteTool[Named, Light]):
    """Switches one light off: reads first, acts only where it is on, may take a while (world.slow polls)."""

    name, summary, Input, Output = "switch_off", "Switch one light off.", Named, Light
    resource = "Environment"
    idempotent = True
    timeout = 60

    def preview(self, input: Named) -> Preview:
        world, name = world_of(self.clients), input.environment_id
        world.before_preview(name)
        ref = ResourceRef(type="environment", id=name)
        on = world.lights[name]
        wired = world.accounts.get(name)
        of = ResourceRef(type="light", id=f"arn:aws:light:eu-west-1:{wired}:light/{name}") if wired else ref
        change = Change(ref=of, name=name, action="stop" if on else "skip", before="on" if on else "off", after="off")
        tags = {"owner": world.owners[name]} if name in world.owners else {}
        target = Target(ref=ref, name=name, kind=world.kinds.get(name, "development"), tags=tags)
        return Preview(targets=(target,), changes=(change,), state={"on": on})

    def permissions(self, input: Named, preview: Preview) -> tuple[Permission, ...]:
        return (Permission(action="light:Switch", arn=f"arn:light:{input.environment_id}"),)

    def run(self, input: Named, preview: Preview) -> Light:
        world, name = world_of(self.clients), input.environment_id
        world.before_switch(name)
        with world.guard:
            if world.lights[name]:
                world.lights[name] = False
                world.switched.append(name)
        world.after_switch(name)
        return Light(name=name, on=False)

    def verify(self, input: Named, prior: Preview) -> Verification:
        world, name = world_of(self.clients), input.environment_id
        if world.slow.get(name, 0) > 0:
            world.slow[name] -= 1
            return Verification(outcome="not yet", reason="still glowing")
        on = world.lights[name]
        return Verification(outcome="false" if on else "true", reason="it is on", output={"name": name, "on": on})

    @classmethod
    def undo(cls, input: Named, prior: Preview) -> Undo:
        return Call(tool="switch_on", arguments={"environment_id": input.environment_id})


class Shout(SwitchOff):
    """A write that can neither be repeated nor read back."""

    name, summary = "shout", "Shout one name."
    idempotent = False
    unverifiable = True

    def run(self, input: Named, preview: Preview) -> Light:
        world = world_of(self.clients)
        world.before_switch(input.environment_id)
        world.switched.append(input.environment_id)
        world.after_switch(input.environment_id)
        return Light(name=input.environment_id, on=True)


def focus_on(environments: Sequence[str] = (), marked: Sequence[str] = (), listed: bool = False, **more: Any) -> Focus:
    """One that last spoke of these environments; of a list of them, where they were `listed`."""
    found = [
        Reference(
            type="environment",
            id=name,
            name=name,
            turn=1,
            role="listed" if listed else "named",
            ordinal=at if listed else None,
            trusted=name not in marked,
        )
        for at, name in enumerate(environments, start=1)
    ]
    rest = tuple(one for one in marked if one not in environments)
    return Focus(rev=1, turn=1, references=tuple(found), marked=rest, **more)


def environments_in(focus: Focus) -> tuple[str, ...]:
    """Those that were spoken of last."""
    return tuple(one.id for one in focus.spoken_of("environment"))


def spoken_of(store: Store, focus: Focus, conversation: str = "ana/in-process") -> None:
    """That the Conversation speaks of this since a Run that was answered."""
    at = FakeClock().at
    trigger = Trigger(
        kind="api",
        tenant="main",
        person=Person(id="ana", name="Ana"),
        text="and that?",
        conversation=conversation,
        dedupe_key=f"{conversation} {len(store.turns('main', conversation))}",
        received_at=at,
    )
    run, _ = store.record_trigger(trigger)
    done = run.model_copy(update={"answer": "done", "outcome": "succeeded", "answered_at": at})
    focus = focus.model_copy(update={"rev": store.focus("main", conversation).rev + 1})
    store.answer_run(done, Turn(run_id=run.run_id, author="copilot", text="done", at=at), [], focus)


TOOLS = (ListLights, Look, SwitchOff, Shout)


def failing(times: int, error: CopilotError) -> Callable[[str], None]:
    """Raises the error the first `times` times it is called."""
    left = [times]

    def fail(name: str) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise error

    return fail


def failing_then(calls: int, act: Callable[[str], object]) -> Callable[[str], None]:
    """Does nothing the first `calls` times it is called, then acts once."""
    left = [calls, 1]

    def perhaps(name: str) -> None:
        if left[0] > 0:
            left[0] -= 1
        elif left[1] > 0:
            left[1] -= 1
            act(name)

    return perhaps


def hearing(intents: Intents, registry: Registry | None = None, **more: Any) -> Hear:
    """For somebody who may look at everything, and change and approve nothing but development."""
    changes: dict[Kind, Outcome] = {"development": "allow", "preview": "allow", "staging": "ask", "production": "ask"}
    rights = Rights(looks=True, changes=changes, approves=frozenset(), schedules=changes)
    return Hear(intents, registry or Registry(), lambda person: rights, **more)
