"""A write whose worker died: who goes on with it, when, and whether it is made again."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import Light, Named, Shout, SwitchOff, World, failing, failing_then
from one_write import SECRET, OneWrite, Press, died, kill

from copilot.adapters.in_memory import MemoryStore
from copilot.domain import LedgerEntry, Preview, Verification
from copilot.errors import RetryableError, Unfinished
from copilot.tools.tool import AnyTool


@pytest.mark.parametrize("tool", [SwitchOff, Press, Shout])
def test_a_write_is_left_to_its_worker_as_long_as_that_may_be_alive(tool: AnyTool) -> None:
    write = OneWrite(tool, world=World(lights={"a": True}, after_switch=kill))
    write.dies("w1")
    write.clock.sleep(58)
    verdict = write.execute("w2")
    assert (verdict.kind, verdict.seconds) == ("wait", 3)
    assert "may still be at it" in verdict.reason
    assert (write.entry.owner, write.entry.state, write.world.switched) == ("w1", "started", ["a"])


def test_a_repeatable_write_is_made_again_once_its_worker_is_dead() -> None:
    write = died(SwitchOff, done=False)
    write.execute("w2")
    assert (write.entry.state, write.entry.owner, write.world.switched) == ("done", "w2", ["a"])


@pytest.mark.parametrize("done", [True, False])
def test_what_can_neither_be_repeated_nor_read_back_is_never_made_again(done: bool) -> None:
    write = died(Shout, done=done)
    for worker in ("w2", "w3"):
        verdict = write.execute(worker)
        assert verdict.kind == "unknown" and "it may have been done, or not" in verdict.reason
    assert (write.entry.state, write.world.switched) == ("unknown", ["a"] if done else [])


def test_what_cannot_be_repeated_is_read_back_and_not_made_again_where_it_was_done() -> None:
    write = died(Press, done=True)
    assert write.execute("w2").kind == "pass"
    assert (write.entry.state, write.entry.output) == ("done", {"name": "a", "on": False})
    assert write.world.switched == ["a"]


def test_what_cannot_be_repeated_is_made_where_a_fresh_read_says_it_was_not_done() -> None:
    write = died(Press, done=False)
    write.execute("w2")
    assert (write.entry.state, write.world.switched) == ("done", ["a"])


def test_what_cannot_be_repeated_is_not_made_again_where_it_may_be_on_its_way() -> None:
    write = died(Press, done=False)
    write.world.slow["a"] = 1
    assert write.execute("w2").kind == "unknown"
    assert (write.entry.state, write.world.switched) == ("unknown", [])


def test_what_cannot_be_repeated_is_not_made_again_where_it_cannot_be_read_back_just_then() -> None:
    write = died(Press, done=False)
    write.world.on_look = failing(1, RetryableError("throttled"))
    verdict = write.execute("w2")
    assert verdict.kind == "unknown" and "throttled" in verdict.reason
    assert (write.entry.state, write.world.switched) == ("unknown", [])


class Raced(MemoryStore):
    """Lets something happen just before a write is begun, or taken over."""

    race: Any = None

    def start_effect(self, tenant: str, run_id: str, entry: LedgerEntry, *given: Any) -> None:
        self._happen()
        super().start_effect(tenant, run_id, entry, *given)

    def take_over_effect(self, tenant: str, run_id: str, entry: LedgerEntry, dead_owner: str, *given: Any) -> None:
        self._happen()
        super().take_over_effect(tenant, run_id, entry, dead_owner, *given)

    def _happen(self) -> None:
        race, self.race = self.race, None
        if race is not None:
            race()


def begun_by(write: OneWrite, owner: str) -> Any:
    """That this worker begins the write, or takes it over, and comes no further for now."""

    def begin() -> None:
        write.world.before_switch = kill
        write.dies(owner)

    return begin


@pytest.mark.parametrize("tool", [SwitchOff, Press, Shout])
def test_of_two_workers_that_begin_a_write_only_the_first_makes_it(tool: AnyTool) -> None:
    store = Raced()
    write = OneWrite(tool, store=store)
    store.race = begun_by(write, "w1")
    verdict = write.execute("w2")
    assert (verdict.kind, verdict.settled, write.world.switched) == ("wait", False, [])
    assert (write.entry.owner, write.entry.state) == ("w1", "started")


@pytest.mark.parametrize("tool", [SwitchOff, Press, Shout])
def test_a_worker_that_finds_a_write_begun_while_it_looks_leaves_it_to_the_other(tool: AnyTool) -> None:
    write = OneWrite(tool)
    begin = begun_by(write, "w1")
    write.world.before_preview = failing_then(0, lambda name: begin())
    verdict = write.execute("w2")
    assert (verdict.kind, write.entry.owner, write.world.switched) == ("wait", "w1", [])


@pytest.mark.parametrize("tool", [SwitchOff, Press, Shout])
def test_of_two_workers_that_find_a_dead_one_only_the_first_goes_on(tool: AnyTool) -> None:
    store = Raced()
    write = OneWrite(tool, world=World(lights={"a": True}, before_switch=kill), store=store)
    write.dies("w1")
    write.clock.sleep(61)
    if tool is Shout:  # the first comes to its end at once: it cannot be said what became of it
        store.race = lambda: write.execute("w2")
    else:
        store.race = begun_by(write, "w2")
    verdict = write.execute("w3")
    assert "another worker has taken this write over" in verdict.reason
    assert (write.entry.owner, write.world.switched) == ("w2", [])


@pytest.mark.parametrize("tool", [SwitchOff, Press])
def test_who_took_a_write_over_has_its_own_time_for_it(tool: AnyTool) -> None:
    write = died(tool, done=False)
    begun_by(write, "w2")()
    write.clock.sleep(58)
    verdict = write.execute("w3")
    assert (verdict.kind, verdict.seconds, write.entry.owner, write.world.switched) == ("wait", 3, "w2", [])


@pytest.mark.parametrize(("tool", "state"), [(SwitchOff, "started"), (Press, "unknown"), (Shout, "unknown")])
def test_what_is_half_done_goes_on_only_where_it_may_be_made_again(tool: AnyTool, state: str) -> None:
    write = OneWrite(tool)
    write.world.after_switch = failing(1, Unfinished("the database is backing up"))
    verdict = write.execute("w1")
    assert (write.entry.state, write.world.switched) == (state, ["a"])
    assert "the database is backing up" in verdict.reason
    write.world.lights["a"] = True
    write.execute("w2")
    assert write.world.switched == (["a", "a"] if tool is SwitchOff else ["a"])


class LeakyLight(Light):
    comment: str = ""


class Leaky(Press):
    """Gives away a secret wherever it says something."""

    name, Output = "leaky", LeakyLight

    def run(self, input: Named, preview: Preview) -> LeakyLight:
        return LeakyLight(**super().run(input, preview).model_dump(), comment=SECRET)

    def verify(self, input: Named, prior: Preview) -> Verification:
        found = super().verify(input, prior)
        return found.model_copy(update={"output": {**(found.output or {}), "comment": SECRET}})


def test_what_a_write_gives_is_masked_before_it_is_kept() -> None:
    write = OneWrite(Leaky)
    write.execute()
    assert write.entry.output == {"name": "a", "on": False, "lumen": 1.5, "note": "", "comment": "password=[masked]"}


def test_what_is_read_back_of_a_write_that_was_taken_over_is_masked_before_it_is_kept() -> None:
    write = died(Leaky, done=True)
    write.execute("w2")
    assert write.entry.output == {"name": "a", "on": False, "comment": "password=[masked]"}


def test_why_a_write_that_was_taken_over_cannot_be_read_back_is_masked_before_it_is_kept() -> None:
    write = died(Press, done=False)
    said = "no answer " * 33 + "from https://ann:hunter22-and-more@there/"  # longer than what is kept of a reason
    write.world.on_look = failing(1, RetryableError(said))
    verdict = write.execute("w2")
    assert "no answer" in verdict.reason and "hunter22" not in verdict.reason + write.entry.reason


class Reboot(Press):
    """A write after which all is well either way: that tells nothing of whether it was made."""

    def verify(self, input: Named, prior: Preview) -> Verification:
        return super().verify(input, prior).model_copy(update={"outcome": "true", "tells": False})


@pytest.mark.parametrize("done", [True, False])
def test_that_all_is_well_is_not_taken_for_its_having_been_made(done: bool) -> None:
    write = died(Reboot, done=done)
    verdict = write.execute("w2")
    assert verdict.kind == "unknown" and "it may have been done, or not" in verdict.reason
    assert (write.entry.state, write.world.switched) == ("unknown", ["a"] if done else [])
