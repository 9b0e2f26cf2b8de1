"""What every tool that writes promises, whatever happens in the middle of it: one suite, that a tool joins by being
registered, with a line of how to make a call of it in writing_worlds.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple, cast

import pytest
from one_write import ANN, Killed, OneWrite
from writing_worlds import WORLDS, WritingWorld

from copilot.adapters.aws.session_policies import PATTERNS
from copilot.adapters.in_memory import MemoryStore
from copilot.bootstrap.in_process import InProcess
from copilot.domain import (
    Approval,
    Call,
    Freeze,
    JournalEntry,
    Lease,
    Permission,
    Person,
    Plan,
    ResourceRef,
    Revision,
    Scope,
    Trigger,
    Verdict,
    leased,
)
from copilot.policy.decisions import Policy
from copilot.ports import Clients
from copilot.running.freezing import frozen_by
from copilot.text.spoken import tool_spoken
from copilot.tools.changes.foreseeing import WhatWouldHappen, WhatWouldHappenInput
from copilot.tools.registry import BUILT_IN, Registry
from copilot.tools.tool import WriteTool

REGISTRY = Registry()
WRITING = [one.partition("@")[0] for one, entry in sorted(BUILT_IN.items()) if entry.effect != "read"]
JOINED = [one for one in WRITING if one in WORLDS]
ALL = Scope(of="all")
OLGA = Person(id="olga", name="Olga", roles=("operator",))


def test_every_tool_that_writes_has_joined() -> None:
    missing, gone = {*WRITING} - {*WORLDS}, {*WORLDS} - {*WRITING}
    assert not missing, (
        f"{sorted(missing)}: add to WORLDS of writing_worlds.py a world in which a call changes something"
    )
    assert not gone, f"{sorted(gone)}: no tools that write; take them out of WORLDS"


@dataclass
class Write(OneWrite):
    """One write of a registered tool in a world of its own; `granting` says what of its permissions it is given."""

    there: WritingWorld = field(kw_only=True)
    granting: Callable[[Permission], bool] = lambda permission: True

    @classmethod
    def of(cls, name: str, there: WritingWorld | None = None, call: Call | None = None, **more: Any) -> Write:
        """The call that its world has, or this one."""
        there = there or WORLDS[name]()
        tool = REGISTRY.find(call.tool if call else name)
        arguments = call.arguments if call else there.arguments
        store = more.pop("store", None) or there.store
        return cls(tool, there=there, arguments=arguments, clock=there.clock, store=store, **more)

    @property
    def clients(self) -> Callable[..., Clients]:
        def given(run: Any, call_id: str, permissions: Any = None) -> Clients:
            some = None if permissions is None else [one for one in permissions if self.granting(one)]
            return self.there.clients(run, call_id, some)

        return given

    @property
    def asked(self) -> tuple[Permission, ...]:
        tool: Any = self.tool(self.clients(None, self.call().id))
        permissions: tuple[Permission, ...] = tool.permissions(
            self.tool.Input.model_validate(self.arguments), self.looked()
        )
        return permissions

    @property
    def begun(self) -> bool:
        return bool(self.store.effects("main", self.run_id))

    def dies(self, owner: str = "w1") -> None:
        with pytest.raises(Killed):
            self.execute(owner)
        self.there.before = self.there.after = lambda: None

    def ends(self, owner: str = "w1") -> Verdict:
        """What comes of it in the end: of the write itself, or of the look at it."""
        verdict = self.execute(owner)
        return verdict if verdict.settled else self.check()

    def untouched(self, was: Any) -> bool:
        return (self.there.calls, self.there.state()) == (0, was)


class Undisturbed(NamedTuple):
    """What a call comes to where nothing happens in the middle of it."""

    before: Any
    after: Any
    calls: int
    made: int
    asked: tuple[Permission, ...]
    used: frozenset[Permission]
    verdict: Verdict


@cache
def undisturbed(name: str) -> Undisturbed:
    write = Write.of(name)
    before, asked, there = write.there.state(), write.asked, write.there
    verdict = write.ends()
    return Undisturbed(before, there.state(), there.calls, there.made, asked, frozenset(there.used), verdict)


def kill() -> None:
    raise Killed


def at(call: int, act: Callable[[], object]) -> Callable[[], None]:
    """Does nothing until it is called the so manyth time, from 0, and then acts, once."""
    left = [call]

    def perhaps() -> None:
        left[0] -= 1
        if left[0] == -1:
            act()

    return perhaps


def freeze(write: Write, scope: Scope = ALL) -> None:
    entry = JournalEntry(at=write.clock.now(), id=scope.in_words, kind="freeze", run_id="", person="olga", data={})
    write.store.freeze("main", Freeze(scope=scope, reason="an incident", by=OLGA, at=write.clock.now()), entry)


# --- undisturbed ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", JOINED)
def test_a_call_of_it_changes_something_in_its_world(name: str) -> None:
    """Else all that follows would hold of nothing."""
    once = undisturbed(name)
    assert once.verdict.kind == "pass", once.verdict.reason
    assert once.made and once.before != once.after, (
        f"{name}: nothing changed; EFFECTS of writing_worlds.py names what does"
    )


@pytest.mark.parametrize("name", JOINED)
def test_a_look_at_it_changes_nothing_and_twice_says_the_same(name: str) -> None:
    write = Write.of(name)
    assert write.looked() == write.looked()
    assert write.untouched(undisturbed(name).before)


@pytest.mark.parametrize("name", JOINED)
def test_what_would_happen_is_what_policy_and_a_freeze_say_of_it_and_what_takes_it_back(name: str) -> None:
    there, policy = WORLDS[name](), Policy(REGISTRY, "main", False)
    # Nobody stops what is watched for another.
    asker = OLGA.model_copy(update={"id": ANN.id}) if name == "stop_watch" else OLGA
    was, clients = there.state(), cast(Any, there.clients(None, "call"))
    there_is = Freeze(scope=ALL, reason="an incident", by=OLGA, at=there.clock.now())
    clients.person = asker
    clients.would_decide = lambda tool, targets, **so: policy.decide(asker, REGISTRY.find(tool), targets, **so)
    clients.frozen = lambda preview: frozen_by([there_is], asker.id, preview)
    told = WhatWouldHappen(clients).run(WhatWouldHappenInput(tool=name, arguments=there.arguments))
    tool = REGISTRY.find(name)
    assert issubclass(tool, WriteTool) and told.would_change and there.state() == was
    assert told.decision == ("ask" if tool.effect == "destroy" else "allow") and "everything is frozen" in told.decided
    inverse = f"“{tool_spoken(tool.inverse)}” would undo it" if tool.inverse else ""
    assert told.undo.startswith(inverse if tool.inverse else ("Nothing would undo it", "It could not be taken back"))


# --- a worker dies --------------------------------------------------------------------------------

DEATHS = [
    (name, call, before) for name in JOINED for call in range(undisturbed(name).calls) for before in (True, False)
]


@pytest.mark.parametrize(("name", "call", "before"), DEATHS)
def test_killed_before_or_after_any_effect_it_is_made_once_or_honestly_unknown(
    name: str, call: int, before: bool
) -> None:
    once, write = undisturbed(name), Write.of(name)
    setattr(write.there, "before" if before else "after", at(call, kill))
    write.dies("w1")
    assert write.execute("w2").kind == "wait", "the first may be alive"
    write.clock.sleep(61)
    verdict = write.ends("w2")
    tool: Any = write.tool
    if write.entry.state == "unknown":
        assert not tool.idempotent, "what may be called again is never left unknown"
        assert verdict.kind == "unknown" and write.there.made <= once.made
    else:
        assert (write.entry.state, verdict.kind) == ("done", "pass"), verdict.reason
        assert (write.there.made, write.there.state()) == (once.made, once.after)


@pytest.mark.parametrize("name", JOINED)
def test_half_done_and_frozen_it_goes_on_when_it_is_thawed(name: str) -> None:
    once, write = undisturbed(name), Write.of(name)
    write.there.after = kill
    write.dies("w1")
    write.clock.sleep(61)
    freeze(write)
    calls = write.there.calls
    held_up = write.execute("w2")
    assert (held_up.kind, held_up.patient, write.there.calls) == ("retry", True, calls)
    write.store.thaw(
        "main",
        ALL,
        JournalEntry(at=write.clock.now(), id="t", kind="freeze", person="", data={}, run_id=""),
    )
    write.ends("w3")
    tool: Any = write.tool
    assert write.entry.state == ("done" if tool.idempotent else "unknown"), "what nothing tells of is never guessed"
    assert write.there.made <= once.made and write.there.state() == once.after


# --- delivered twice ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", JOINED)
@pytest.mark.parametrize("before", [True, False])
def test_delivered_again_while_it_is_at_work_it_is_made_once(name: str, before: bool) -> None:
    once, write = undisturbed(name), Write.of(name)
    second: list[Verdict] = []
    setattr(write.there, "before" if before else "after", at(0, lambda: second.append(write.execute("w2"))))
    assert write.ends("w1").kind == "pass"
    assert [one.kind for one in second] == ["wait"]
    assert (write.entry.owner, write.there.made, write.there.state()) == ("w1", once.made, once.after)


@pytest.mark.parametrize("name", JOINED)
def test_delivered_again_when_it_is_done_it_is_made_once(name: str) -> None:
    once, write = undisturbed(name), Write.of(name)
    write.ends("w1")
    assert write.ends("w2").kind == "pass"
    assert (write.there.calls, write.there.made, write.there.state()) == (once.calls, once.made, once.after)


# --- moved since it was approved ------------------------------------------------------------------


@pytest.mark.parametrize("name", JOINED)
def test_moved_since_it_was_approved_nothing_is_done_and_what_moved_is_said(name: str) -> None:
    write = Write.of(name)
    write.approved()
    if write.there.fixed:
        return
    write.there.moves()
    moved, now = write.there.state(), write.looked()
    verdict = write.execute()
    assert verdict.kind == "preview" and not write.begun and write.untouched(moved)
    assert verdict.reason.startswith("the target has changed since it was approved; now it would be ")
    would = [f"{one.name}: {one.before} -> {one.after}" for one in now.wanted] or ["nothing to do"]
    assert would[0][:100] in verdict.reason


@pytest.mark.parametrize("name", JOINED)
def test_moved_while_a_person_is_asked_the_approval_lapses_and_another_is_asked(name: str) -> None:
    there = WORLDS[name]()
    asked: list[Approval] = []

    def decide(approval: Approval) -> Any:
        asked.append(approval)
        if len(asked) == 1 and not there.fixed:
            there.moves()
        return "approve" if len(asked) == 1 else None

    view = _asked_for(name, there, decide)
    if there.fixed:
        assert (view["outcome"], len(asked)) == ("succeeded", 1)
        return
    assert there.calls == 0
    if len(asked) == 1:
        assert "nothing" in view["answer"] or view["outcome"] == "succeeded", "nothing is left to do"
    else:
        assert (view["status"], len({one.hash for one in asked})) == ("parked", 2)


def _asked_for(name: str, there: WritingWorld, decide: Callable[[Approval], Any]) -> dict[str, Any]:
    """Its call, by a plan that text of others may have steered: whatever policy says of it, a person is asked."""
    process = InProcess(
        there.clients, store=there.store, clock=there.clock, sleep=there.clock.sleep, decide=decide, workers=1
    )
    step = {"id": "one", "tool": name, "arguments": there.arguments}
    plan = Plan.model_validate({"goal": "g", "steps": [step], "answer": {"text": "{one.summary}"}})
    trigger = Trigger(
        kind="api",
        tenant="main",
        person=process.person,
        text="g",
        conversation="c",
        dedupe_key="k",
        received_at=there.clock.now(),
    )
    run, _ = process.use_cases.ingest(trigger)
    process.store.save_revision(run, Revision(plan=plan, read_untrusted=True, read="a file"))
    return process.go_on(run)


# --- what it may do -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", JOINED)
def test_it_asks_for_exactly_what_it_needs_each_a_single_thing(name: str) -> None:
    once = undisturbed(name)
    assert {*once.asked} == once.used, "what is asked for and not used, or used by way of another"
    assert [one for one in once.asked if PATTERNS & {*one.action, *one.arn}] == []


GRANTS = [(name, number) for name in JOINED for number in range(len(undisturbed(name).asked))]


@pytest.mark.parametrize(("name", "number"), GRANTS)
def test_with_one_right_less_it_does_not_do_what_that_is_for_and_says_so(name: str, number: int) -> None:
    once = undisturbed(name)
    lacking = once.asked[number]
    write = Write.of(name, granting=lambda one: one != lacking)
    verdict = write.ends()
    assert verdict.kind != "pass" and verdict.reason
    assert lacking not in write.there.used and write.there.made < once.made
    assert write.entry.state != "failed_clean" or write.there.state() == once.before, "said that nothing was changed"


# --- frozen, cancelled, at work elsewhere ---------------------------------------------------------


@pytest.mark.parametrize("name", JOINED)
@pytest.mark.parametrize("of", ["all", "person", "environment"])
def test_frozen_between_approval_and_beginning_it_does_not_begin(name: str, of: Any) -> None:
    write = Write.of(name)
    write.approved()
    named = {"person": ANN.id, "environment": "shop"}.get(of, "")
    if of == "environment" and "environment" not in {one.ref.type for one in write.looked().targets}:
        return
    freeze(write, Scope(of=of, name=named))
    verdict = write.execute()
    assert verdict.kind == "abort" and " is frozen by Olga since " in verdict.reason
    assert not write.begun and write.untouched(undisturbed(name).before)


class Frozen(MemoryStore):
    """Takes longer to record a beginning than a look at what is frozen may be old; in that time it is frozen."""

    write: Write

    def start_effect(self, *given: Any) -> None:
        super().start_effect(*given)
        self.write.clock.sleep(5.1)
        freeze(self.write)


@pytest.mark.parametrize("name", JOINED)
def test_frozen_while_its_beginning_is_recorded_it_does_not_begin(name: str) -> None:
    store = Frozen()
    store.write = write = Write.of(name, store=store)
    assert write.execute().kind == "abort"
    assert write.entry.state == "failed_clean" and write.untouched(undisturbed(name).before)


@pytest.mark.parametrize("name", JOINED)
def test_cancelled_before_it_begins_it_does_not_begin(name: str) -> None:
    write = Write.of(name)
    write.approved()
    write.store.cancel_run("main", write.run_id, "bob")
    verdict = write.execute()
    assert (verdict.kind, verdict.reason) == ("abort", "cancelled by bob")
    assert not write.begun and write.untouched(undisturbed(name).before)


@pytest.mark.parametrize("name", JOINED)
def test_where_another_run_is_at_work_it_does_not_begin(name: str) -> None:
    write = Write.of(name)
    targets = leased(write.looked().apart)
    write.put(write.item.model_copy(update={"targets": targets}))
    until = write.clock.now() + timedelta(minutes=5)
    for target in targets:
        write.store._leases["main", target] = Lease(target=target, run_id="r-other", fence=1, until=until)
    verdict = write.execute()
    if targets:
        assert (verdict.kind, verdict.patient) == ("retry", True) and "r-other is at work on" in verdict.reason
        assert not write.begun and write.untouched(undisturbed(name).before)


@pytest.mark.parametrize("name", ["keep_environment", "release_environment"])
def test_an_exception_from_schedules_waits_for_nobody_who_is_at_work_on_the_environment(name: str) -> None:
    """It changes nothing there; two that make an exception for it keep apart."""
    for type, begins in (("environment", True), ("exception", False)):
        there, target = WORLDS[name](), ResourceRef(type=type, id="shop")
        until = there.clock.now() + timedelta(hours=1)
        there.store._leases["main", target] = Lease(target=target, run_id="r-other", fence=1, until=until)
        view = _asked_for(name, there, lambda approval: "approve")
        assert (view["outcome"] == "succeeded", bool(there.made)) == (begins, begins), view["answer"]


# --- taken back -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", JOINED)
def test_taken_back_all_is_exactly_as_before_or_it_is_said_why_not(name: str) -> None:
    write = Write.of(name)
    write.ends()
    tool: Any = write.tool
    undone = tool.undo(tool.Input.model_validate(write.arguments), write.entry.prior)
    if not isinstance(undone, Call):
        assert undone.why and not undone.why.endswith(".") and undone.why[0].islower()
        return
    assert tool.inverse and issubclass(REGISTRY.find(undone.tool), WriteTool)
    back = Write.of(name, there=write.there, call=undone, dedupe_key="undo")
    verdict = back.ends()
    assert verdict.kind == "pass", verdict.reason
    assert write.there.state() == undisturbed(name).before


def _unverifiable(name: str) -> bool:
    tool: Any = REGISTRY.find(name)
    return bool(tool.unverifiable)
