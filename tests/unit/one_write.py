"""One write of one run, as Execute and Check are called for it: what a test lets happen to the worker that makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from fakes import FakeClock, Light, Named, SwitchOff, World, clients_of, world_of

from copilot.adapters.in_memory import MemoryStore
from copilot.adapters.memory_facts import MemoryFacts
from copilot.domain import (
    Advanced,
    Approval,
    ApprovalCall,
    Arguments,
    Item,
    ItemCall,
    Kind,
    LedgerEntry,
    Person,
    Phase,
    Preview,
    Run,
    StepState,
    Trigger,
    Verdict,
    Verification,
)
from copilot.ports import Clients, ResultKey
from copilot.running.checking import Check
from copilot.running.excluding import exclusions_in
from copilot.running.executing import Execute
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, WriteTool

SECRET = "password=hunter22"
ANN = Person(id="ann", name="Ann", roles=("developer",))


class Press(SwitchOff):
    """A write that must not be made twice (each call counts) and can be read back (which calls `on_look`)."""

    name = "press"
    idempotent = False

    def run(self, input: Named, preview: Preview) -> Light:
        world, name = world_of(self.clients), input.environment_id
        world.before_switch(name)
        world.lights[name] = False
        world.switched.append(name)
        world.after_switch(name)
        return Light(name=name, on=False)

    def verify(self, input: Named, prior: Preview) -> Verification:
        world_of(self.clients).on_look(input.environment_id)
        return super().verify(input, prior)


class Killed(Exception):
    """What ends a worker in the middle of its work."""


def kill(name: str) -> None:
    raise Killed


@dataclass
class OneWrite:
    """A step of one item, open to be executed on the light `a`, which is on."""

    tool: AnyTool = SwitchOff
    kind: Kind = "development"
    expect: str | None = None
    arguments: Arguments = field(default_factory=lambda: {"environment_id": "a"})
    world: World = field(default_factory=lambda: World(lights={"a": True}))
    clock: FakeClock = field(default_factory=FakeClock)
    store: MemoryStore = field(default_factory=MemoryStore)
    dedupe_key: str = "k"
    facts: MemoryFacts = field(default_factory=MemoryFacts)

    def __post_init__(self) -> None:
        self.world.kinds.setdefault("a", self.kind)
        self.registry = Registry([self.tool])
        trigger = Trigger(
            kind="api",
            tenant="main",
            person=ANN,
            text="off with it",
            conversation="ann/x",
            dedupe_key=self.dedupe_key,
            received_at=self.clock.now(),
        )
        run, _ = self.store.record_trigger(trigger)
        self.run_id = run.run_id
        looked = self.looked().state_hash if self.tool.effect != "read" else None
        self.put(Item(index=0, arguments=self.arguments, state_hash=looked))

    @property
    def run(self) -> Run:
        return self.store.run("main", self.run_id)

    @property
    def item(self) -> Item:
        return self.store.load_step("main", self.run_id, "off").items[0]

    @property
    def entry(self) -> LedgerEntry:
        (entry,) = self.store.effects("main", self.run_id)
        return entry

    @property
    def clients(self) -> Callable[..., Clients]:
        return clients_of(self.world, self.clock)

    def looked(self) -> Preview:
        """The write's preview, from a look at how things are now."""
        tool = self.tool(self.clients(None, self.call().id))
        assert isinstance(tool, WriteTool)
        preview: Preview = tool.preview(self.tool.Input.model_validate(self.arguments))
        return preview

    def put(self, item: Item, approval: Approval | None = None) -> None:
        wave = self.run.wave + 1
        advanced = Advanced(next="items", wave=wave)
        step = StepState(step_id="off", tool=self.tool.name, expect=self.expect, items=(item,))
        self.store.save_wave(self.run.model_copy(update={"wave": wave, "advanced": advanced}), [step], approval, [])

    def approved(self, arguments: Arguments | None = None, preview: Preview | None = None) -> None:
        """The write was asked for, with these arguments on what this preview saw, and a person has approved it."""
        call = ApprovalCall(
            step="off",
            item=0,
            tool=self.tool.name,
            arguments=self.arguments if arguments is None else arguments,
            preview=preview or self.looked(),
        )
        now = self.clock.now()
        approval = Approval(
            id="a1",
            tenant="main",
            run_id=self.run_id,
            state="approved",
            calls=(call,),
            requested_by=ANN,
            request="off with it",
            created_at=now,
            expires_at=now + timedelta(hours=1),
        )
        self.put(self.item.model_copy(update={"approval_id": "a1"}), approval)

    def call(self, attempt: int = 1, phase: Phase = "execute") -> ItemCall:
        return ItemCall(
            function="f",
            tenant="main",
            run_id=self.run_id,
            conversation="ann/x",
            step="off",
            item=0,
            attempt=attempt,
            phase=phase,
        )

    def execute(self, owner: str = "w1", attempt: int = 1, phase: Phase = "execute") -> Verdict:
        """What this worker, who has a minute to live, says of the write."""
        excluded = exclusions_in(lambda: self.facts, self.clock)
        parts = (self.store, self.registry, self.clock, self.clients, self.clients)
        execute = Execute(*parts, exclusions_for=excluded)
        return execute(self.call(attempt, phase), owner, self.clock.now() + timedelta(minutes=1)).verdict

    def dies(self, owner: str = "w1") -> None:
        """A worker begins the write and does not come back, wherever the world kills it."""
        with pytest.raises(Killed):
            self.execute(owner)
        self.world.before_switch = self.world.after_switch = lambda name: None

    def check(self) -> Verdict:
        check = Check(self.store, self.registry, self.clock, self.clients)
        return check(self.call(phase="check")).verdict

    def kept(self, preview: bool = False) -> Any:
        return self.store.results("main", self.run_id, [ResultKey("off", 0, preview)])[ResultKey("off", 0, preview)]


def died(tool: AnyTool, *, done: bool) -> OneWrite:
    """A write whose worker died before (or after) it was `done`, and cannot be alive any more."""
    write = OneWrite(tool)
    write.world = replace(write.world, after_switch=kill) if done else replace(write.world, before_switch=kill)
    write.dies()
    write.clock.sleep(61)
    return write
