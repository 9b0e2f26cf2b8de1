"""Check: what is made of a write that Execute could not settle, from the ledger and a fresh read."""

from __future__ import annotations

import pytest
from fakes import Look, Named, Shout, World, failing
from one_write import SECRET, OneWrite, Press, died, kill

from copilot.domain import Preview, Verification
from copilot.errors import CopilotError, FatalError, NotReady, PermissionDenied, RetryableError, ToolInputError
from copilot.running.checking import Check
from copilot.running.verdicts import verdict_of_error


class Cluttered(Press):
    """Says more than it should of what it reads."""

    name = "cluttered"
    outcome, said = "true", f"it is on: {SECRET}"

    def verify(self, input: Named, prior: Preview) -> Verification:
        super().verify(input, prior)
        output = {"name": "a", "on": False, "summary": self.said}
        return Verification(outcome=self.outcome, reason=self.said, output=output)  # type: ignore[arg-type]


def test_a_write_that_a_fresh_read_does_not_find_is_not_done() -> None:
    write = OneWrite()
    write.execute()
    write.world.lights["a"] = True
    assert write.check().kind == "wait", "reads may lag behind a write for a while"
    write.clock.sleep(31)
    verdict = write.check()
    assert (verdict.kind, verdict.reason) == ("abort", "done, but a fresh read says otherwise: it is on")


def test_a_write_that_a_fresh_read_finds_on_its_way_is_waited_for() -> None:
    write = OneWrite()
    write.execute()
    write.world.slow["a"] = 1
    assert [write.check().kind for _ in range(2)] == ["wait", "pass"]


@pytest.mark.parametrize(
    ("expect", "kind"), [("!on", "pass"), ("on", "abort"), ("name == 'b'", "abort"), ("name", "abort")]
)
def test_what_is_read_back_of_a_write_has_to_be_as_its_step_expects(expect: str, kind: str) -> None:
    write = OneWrite(expect=expect)
    write.execute()
    verdict = write.check()
    assert verdict.kind == kind
    assert kind == "pass" or verdict.reason == f"the output is (expected: {expect})"


def test_a_write_of_which_nobody_can_say_whether_it_was_made_is_not_done() -> None:
    write = died(Shout, done=False)
    write.execute("w2")
    verdict = write.check()
    assert (verdict.kind, verdict.reason) == ("unknown", write.entry.reason)
    assert "it may have been done, or not" in verdict.reason


def test_a_write_that_nobody_began_is_tried_again() -> None:
    assert OneWrite().check().kind == "retry"


def test_a_write_that_failed_before_anything_was_changed_is_tried_again_whatever_a_read_says() -> None:
    write = OneWrite()
    write.world.before_switch = failing(1, FatalError("no right to a"))
    write.execute()
    write.world.lights["a"] = False
    verdict = write.check()
    assert (verdict.kind, verdict.reason) == ("retry", "no right to a")


@pytest.mark.parametrize("error", [RetryableError, NotReady])
def test_a_read_that_fails_in_passing_is_waited_for_and_counts_as_no_attempt(error: type[CopilotError]) -> None:
    write = OneWrite(Press)
    write.execute()
    write.world.on_look = failing(1, error("throttled"))
    assert [write.check().kind for _ in range(2)] == ["wait", "pass"]


def test_a_call_that_came_to_nothing_is_made_again_and_not_taken_for_the_one_before() -> None:
    read = OneWrite(Look)
    read.execute(attempt=1)
    check = Check(read.store, read.registry, read.clock, lambda run, call_id: pytest.fail("nothing is read"))
    assert check(read.call(attempt=1)).verdict.kind == "pass"
    verdict = check(read.call(attempt=2)).verdict
    assert (verdict.kind, verdict.reason) == ("retry", "the call took too long")


def test_a_write_whose_worker_may_be_alive_is_waited_for_and_one_whose_worker_died_tried_again() -> None:
    write = OneWrite(world=World(lights={"a": True}, after_switch=kill))
    write.dies()
    write.clock.sleep(59)
    assert (write.check().kind, write.check().seconds) == ("wait", 2)
    write.clock.sleep(2)
    assert write.check().kind == "retry"


@pytest.mark.parametrize("outcome", ["not yet", "false", "true"])
def test_what_check_says_of_a_write_holds_no_secret(outcome: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write = OneWrite(Cluttered, expect="on")
    monkeypatch.setattr(Cluttered, "outcome", outcome)
    write.execute()
    write.clock.sleep(31)
    reason = write.check().reason
    assert "it is on: password=[masked]" in reason


@pytest.mark.parametrize("error", [RetryableError, NotReady, ToolInputError, PermissionDenied, FatalError])
def test_why_check_could_not_read_holds_no_secret(error: type[CopilotError]) -> None:
    write = OneWrite(Press)
    write.execute()
    write.world.on_look = failing(1, error(f"no answer to {SECRET}"))
    assert "no answer to password=[masked]" in write.check().reason


@pytest.mark.parametrize("error", [RetryableError, NotReady, ToolInputError, PermissionDenied, FatalError])
def test_a_secret_at_the_end_of_what_is_told_of_an_error_is_masked_whole(error: type[CopilotError]) -> None:
    said = verdict_of_error(error("x" * 370 + " https://ann:hunter22-and-much-more@there/")).reason
    assert "hunter22" not in said and len(said) <= 400


def test_the_names_that_an_error_calls_nearest_hold_no_secret() -> None:
    said = verdict_of_error(ToolInputError("there is no light zz", ["a", SECRET])).reason
    assert said.startswith("there is no light zz (nearest: a, password=[masked]") and "hunter22" not in said
