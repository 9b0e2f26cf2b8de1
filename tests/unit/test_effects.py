"""What Execute does not do: begin anything in a cancelled run, or do again what it has the result of."""

from __future__ import annotations

from typing import Any

from fakes import Light, Look, Named, SwitchOff, World
from one_write import SECRET, OneWrite, Press

from copilot.adapters.in_memory import MemoryStore
from copilot.domain import Phase, Preview
from copilot.errors import FatalError, HalfDone, RetryableError
from copilot.tools.tool import AnyTool


def cancelled(write: OneWrite) -> OneWrite:
    write.store.cancel_run("main", write.run_id, "bob")
    return write


def looks(write: OneWrite) -> list[str]:
    """The names that are looked at from here on, for a read or a preview."""
    seen: list[str] = []
    write.world.on_look = write.world.before_preview = seen.append
    return seen


def raising(error: Exception) -> Any:
    def fail(name: str) -> None:
        raise error

    return fail


def test_in_a_cancelled_run_no_write_begins_and_nothing_is_looked_at_for_one() -> None:
    write = cancelled(OneWrite())
    seen = looks(write)
    verdict = write.execute()
    assert (verdict.kind, verdict.reason) == ("abort", "cancelled by bob")
    assert (seen, write.world.switched, write.store.effects("main", write.run_id)) == ([], [], [])


def test_a_write_that_was_previewed_when_its_run_is_cancelled_does_not_begin() -> None:
    write = OneWrite()
    write.world.before_preview = lambda name: cancelled(write)
    verdict = write.execute()
    assert (verdict.kind, write.world.switched) == ("abort", [])
    assert "cancelled or answered meanwhile" in verdict.reason
    assert write.store.effects("main", write.run_id) == []


def test_a_write_that_has_begun_when_its_run_is_cancelled_is_ended_and_recorded() -> None:
    write = OneWrite()
    write.world.before_switch = lambda name: cancelled(write)
    write.execute()
    assert (write.entry.state, write.world.switched) == ("done", ["a"])


def test_in_a_cancelled_run_nothing_is_read_or_previewed_any_more() -> None:
    either: list[tuple[AnyTool, Phase]] = [(Look, "execute"), (OneWrite().tool, "preview")]
    for tool, phase in either:
        write = cancelled(OneWrite(tool))
        seen = looks(write)
        verdict = write.execute(phase=phase)
        assert (verdict.kind, verdict.reason, seen) == ("abort", "cancelled by bob", []), phase


def test_a_read_whose_result_is_kept_is_not_made_again_and_stays_as_it_was() -> None:
    """The machine may call twice; what others were given must not change under them."""
    write = OneWrite(Look)
    seen = looks(write)
    write.execute()
    write.world.lights["a"] = False
    assert write.execute().kind == "pass"
    assert (seen, write.kept().output["on"]) == (["a"], True)
    write.execute(attempt=2)
    assert (seen, write.kept().output["on"]) == (["a", "a"], False), "another attempt is another read"


def test_a_preview_that_is_kept_is_not_made_again_and_stays_as_it_was() -> None:
    write = OneWrite()
    seen = looks(write)
    write.execute(phase="preview")
    write.world.lights["a"] = False
    write.execute(phase="preview")
    assert (seen, write.kept(preview=True).output["state"]) == (["a"], {"on": True})


def test_a_write_that_was_made_is_not_made_again() -> None:
    write = OneWrite()
    write.execute("w1")
    write.world.lights["a"] = True
    write.execute("w2")
    assert (write.world.switched, write.entry.owner) == (["a"], "w1")


class Labelled(SwitchOff):
    """Its state depends on a label that holds what nobody should keep."""

    name = "labelled"

    def preview(self, input: Named) -> Preview:
        seen = super().preview(input)
        change = seen.changes[0].model_copy(update={"before": f"on, {SECRET}"})
        return seen.model_copy(update={"state": {"on": True, "label": SECRET}, "changes": (change,)})


def test_what_a_write_changed_is_masked_before_it_is_kept_and_is_what_was_looked_at() -> None:
    write = OneWrite(Labelled)
    write.execute(phase="preview")
    seen = Preview.model_validate(write.kept(preview=True).output)
    write.put(write.item.model_copy(update={"state_hash": seen.state_hash}))
    write.execute()
    assert (write.entry.state, write.world.switched) == ("done", ["a"])
    assert write.entry.prior == seen and "hunter22" not in write.entry.model_dump_json()


class Odd(Look):
    """Leaves out what its Output says it always gives."""

    name = "odd"

    def run(self, input: Named) -> Light:
        return Light.model_construct(name=input.environment_id)


def test_what_does_not_fit_its_tools_own_schema_is_not_handed_on() -> None:
    write = OneWrite(Odd)
    verdict = write.execute()
    assert (verdict.kind, verdict.reason) == ("abort", "odd gave an output that does not fit its own schema")
    assert (write.kept().status, write.kept().output) == ("error", None)


def test_why_a_write_failed_is_masked_before_it_is_kept() -> None:
    write = OneWrite()
    write.world.before_switch = raising(FatalError(f"refused: {SECRET}"))
    verdict = write.execute()
    assert (write.entry.state, write.entry.reason) == ("failed_clean", "refused: password=[masked]")
    assert "hunter22" not in verdict.reason


def test_what_could_neither_be_finished_nor_taken_back_is_never_said_to_have_changed_nothing() -> None:
    write = OneWrite()
    write.world.before_switch = raising(HalfDone("refused; its limits could not be put back", ours=True))
    verdict = write.execute()
    assert (verdict.kind, write.entry.state) == ("unknown", "unknown")
    assert write.entry.reason == verdict.reason == "refused; its limits could not be put back"


def test_why_a_read_failed_is_masked_before_it_is_kept() -> None:
    write = OneWrite(Look)
    write.world.on_look = raising(RetryableError(f"no answer: {SECRET}"))
    assert write.execute().reason == "no answer: password=[masked]"
    assert (write.kept().error, write.kept().verdict.reason) == ("no answer: password=[masked]",) * 2


def test_a_write_is_not_made_on_a_target_that_is_another_one_than_was_decided_on() -> None:
    """Policy decided on a development environment; that it is one of production now is a change like any other."""
    write = OneWrite()
    write.world.kinds["a"] = "production"
    verdict = write.execute()
    assert (verdict.kind, write.world.switched) == ("preview", [])
    assert "the target has changed since it was looked at" in verdict.reason


def test_a_write_is_not_made_where_things_are_otherwise_than_was_looked_at() -> None:
    write = OneWrite(world=World(lights={"a": False}))
    write.world.lights["a"] = True
    assert (write.execute().kind, write.world.switched) == ("preview", [])


def test_an_approval_of_other_arguments_begins_nothing() -> None:
    write = OneWrite()
    write.approved(arguments={"environment_id": "b"})
    verdict = write.execute()
    assert (verdict.kind, write.world.switched) == ("abort", [])
    assert verdict.reason == "approval a1 does not stand for this call"


def test_an_approval_of_another_state_begins_nothing_although_that_was_looked_at_since() -> None:
    write = OneWrite()
    before = write.looked()
    write.world.kinds["a"] = "production"
    write.approved(preview=before)
    write.put(write.item.model_copy(update={"state_hash": write.looked().state_hash}))
    verdict = write.execute()
    assert (verdict.reason, write.world.switched) == ("approval a1 does not stand for this call", [])


def test_an_approved_write_is_made() -> None:
    write = OneWrite(kind="production")
    write.approved()
    write.execute()
    assert (write.entry.state, write.entry.approval_id, write.world.switched) == ("done", "a1", ["a"])


class Busy(MemoryStore):
    """One whose record of a beginning comes to nothing so often, before or after it was kept."""

    def __init__(self, times: int, *, kept: bool) -> None:
        super().__init__()
        self.times, self.kept = times, kept

    def start_effect(self, *given: Any) -> None:
        self.times -= 1
        if self.times < 0 or self.kept:
            super().start_effect(*given)
        if self.times >= 0:
            raise RetryableError("the database is busy")


def test_a_write_that_could_not_be_recorded_as_begun_is_tried_again_and_made_once() -> None:
    write = OneWrite(Press, store=Busy(2, kept=False))
    assert [write.execute().kind, write.execute().kind] == ["retry", "retry"]
    assert write.world.switched == []
    assert (write.execute().kind, write.world.switched) == ("pass", ["a"])


def test_a_write_whose_beginning_was_recorded_though_the_answer_was_lost_is_made_once() -> None:
    write = OneWrite(store=Busy(1, kept=True))
    assert (write.execute().kind, write.world.switched) == ("retry", [])
    assert write.execute().kind == "wait"
    write.clock.sleep(1200)
    assert (write.execute().kind, write.world.switched) == ("pass", ["a"])
