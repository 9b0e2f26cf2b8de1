"""Approvals that nobody answered are told outside the chats, level by level; the outcome resolves what was opened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from escalation_world import LEVELS, Crash, Unanswered
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.domain import Delivery
from copilot.errors import CopilotError, FatalError, NotReady, PermissionDenied, RetryableError


def test_each_level_is_told_when_it_is_due_and_once() -> None:
    asked = Unanswered()
    asked.until(59)
    assert asked.minutes() == [
        (10, "open", "mail:oncall"),
        (10, "open", "sns:oncall"),
        (25, "open", "pagerduty:oncall"),
        (40, "open", "opsgenie:oncall"),
    ]


def test_silence_never_approves_and_its_end_resolves_all_that_was_opened() -> None:
    asked = Unanswered()
    asked.until(100)
    assert asked.approval.state == "pending" and asked.approval.state_at(asked.clock.now()) == "expired"
    assert asked.world.switched == [] and asked.pagers.open_now() == set()
    assert {at for at, what, _ in asked.minutes() if what == "resolve"} == {60}
    assert "Nobody decided in time" in asked.pagers.taken[-1][3].summary


@pytest.mark.parametrize(
    ("decision", "said"), [("approve", "Approved by Olga at Mon 02 Mar 2026 09:30 UTC"), ("deny", "Denied by Olga")]
)
def test_a_decision_is_told_to_who_was_told_and_nobody_is_told_after_it(decision: str, said: str) -> None:
    asked = Unanswered()
    asked.until(30)
    asked.decide(decision)  # type: ignore[arg-type]
    asked.until(100)
    assert asked.pagers.told("open") == ["mail:oncall", "sns:oncall", "pagerduty:oncall"]
    assert asked.pagers.told("resolve") == asked.pagers.told("open") and asked.pagers.open_now() == set()
    assert said in asked.pagers.taken[-1][3].text


def test_one_that_is_decided_in_time_is_told_to_nobody() -> None:
    asked = Unanswered()
    asked.decide()
    asked.until(100)
    assert asked.pagers.taken == []


def test_a_run_that_is_cancelled_is_told_so() -> None:
    asked = Unanswered()
    asked.until(30)
    asked.parts.ingest.cancel("main", asked.run.run_id, asked.process.person)
    advanced = asked.parts.advance("main", asked.run.run_id, asked.run.wave, [])
    assert advanced.waited_for == asked.approval.id
    asked.parts.show_decided("main", asked.run.run_id, advanced.waited_for)
    asked.until(35)
    assert asked.pagers.open_now() == set() and "Denied by" in asked.pagers.taken[-1][3].text


def test_a_run_that_goes_on_otherwise_is_told_that_it_is_not_asked_any_more() -> None:
    asked = Unanswered()
    asked.until(30)
    asked.approval  # noqa: B018
    asked.parts.reply("main", asked.run.run_id, "it was aborted")
    asked.parts.show_decided("main", asked.run.run_id, asked.approval.id)
    asked.until(35)
    assert asked.pagers.open_now() == set() and "not asked any more" in asked.pagers.taken[-1][3].text


def test_without_levels_nothing_is_put_anywhere() -> None:
    asked = Unanswered(levels=())
    asked.decide()
    assert asked.queue.waiting == []


def test_a_level_that_would_come_after_it_has_ended_is_never_told() -> None:
    asked = Unanswered(approval_minutes=25)
    asked.until(100)
    assert asked.pagers.told() == ["mail:oncall", "sns:oncall"]


def test_what_is_delivered_again_is_told_once() -> None:
    asked = Unanswered()
    asked.until(59, again=iter([True] * 8 + [False] * 50).__next__)
    assert sorted(asked.pagers.told()) == ["mail:oncall", "opsgenie:oncall", "pagerduty:oncall", "sns:oncall"]


def test_where_nobody_of_a_level_can_be_told_the_next_is_told_at_once() -> None:
    asked = Unanswered()
    asked.pagers.fails = lambda to: PermissionDenied("the key was refused") if to.startswith(("mail", "sns")) else None
    asked.until(59)
    assert asked.minutes() == [(10, "open", "pagerduty:oncall"), (40, "open", "opsgenie:oncall")]
    assert asked.states()["escalation/1/mail:oncall"] == "failed"
    assert [one.level for one in asked.queue.left] == [1] and asked.counted["EscalationsFailed"] == 1


def test_where_one_of_a_level_was_told_the_next_waits_for_its_time() -> None:
    asked = Unanswered()
    asked.pagers.fails = lambda to: FatalError("no such topic") if to == "sns:oncall" else None
    asked.until(59)
    assert [at for at, _, _ in asked.minutes()] == [10, 25, 40]


@pytest.mark.parametrize("error", [RetryableError, NotReady])
def test_a_service_that_is_down_is_tried_again_and_then_the_next_level_is_told(error: type[CopilotError]) -> None:
    asked = Unanswered(levels=LEVELS[1:])
    asked.pagers.fails = lambda to: error("it does not answer") if to == "pagerduty:oncall" else None
    asked.until(24)
    assert asked.minutes() == [(17, "open", "opsgenie:oncall")]
    assert asked.states()["escalation/1/pagerduty:oncall"] == "unknown"


def test_a_service_that_is_back_is_told_and_no_other_before_its_time() -> None:
    asked = Unanswered(levels=LEVELS[1:])
    tries = iter([RetryableError("away"), RetryableError("away")])
    asked.pagers.fails = lambda to: next(tries, None)
    asked.until(29)
    assert asked.minutes() == [(16, "open", "pagerduty:oncall")]


def test_a_crash_after_it_was_sent_leaves_one_page_and_it_is_resolved() -> None:
    asked = Unanswered(levels=LEVELS[1:])

    def crash(to: str) -> None:
        asked.pagers.breaks = lambda to: None
        raise Crash

    asked.pagers.breaks = crash
    asked.until(15)
    asked.decide()
    asked.until(100)
    assert asked.pagers.told("open") == ["pagerduty:oncall"] == asked.pagers.told("resolve")


def test_one_that_may_have_been_opened_and_was_refused_then_is_resolved() -> None:
    asked = Unanswered(levels=LEVELS[1:])
    tries = iter([FatalError("refused")])

    def crash(to: str) -> None:
        asked.pagers.breaks, asked.pagers.fails = lambda to: None, lambda to: next(tries, None)
        raise Crash

    asked.pagers.breaks = crash
    asked.until(20)
    asked.decide()
    asked.until(21)
    assert asked.pagers.told("resolve") == ["pagerduty:oncall", "opsgenie:oncall"] and not asked.pagers.open_now()


def test_what_was_resolved_by_halves_is_resolved_in_the_end() -> None:
    asked = Unanswered()
    asked.until(30)
    tries = iter([RetryableError("away"), RetryableError("away"), FatalError("refused")])
    asked.pagers.fails = lambda to: next(tries, None)
    asked.decide()
    asked.until(100)
    assert asked.pagers.open_now() == set()


def test_what_was_opened_and_cannot_be_resolved_is_kept_with_why_and_left_with_the_dead_letters() -> None:
    asked = Unanswered(levels=LEVELS[1:])
    asked.until(20)
    asked.pagers.fails = lambda to: PermissionDenied("PagerDuty answered with 403: its key is not good, or no longer")
    asked.decide()
    asked.until(21)
    kept = asked.kept()[f"resolution/{asked.approval.id}/1/pagerduty:oncall"]
    assert (kept.state, "403" in kept.reason) == ("failed", True)
    assert [one.kind for one in asked.queue.left] == ["resolution"]


def test_a_chat_that_hangs_holds_up_no_escalation() -> None:
    of = {"tenant": "main", "run_id": "r", "approval_id": "a1"}
    shown = Delivery.model_validate({"kind": "approval", **of})
    told = [Delivery.model_validate({"kind": kind, **of}) for kind in ("escalation", "resolution")]
    assert told[0].group == told[1].group != shown.group
    assert len({one.once for one in [*told, told[0].model_copy(update={"level": 1})]}) == 3


FAULTS = st.lists(
    st.sampled_from(["", "", "", "away", "not ready", "refused", "dies before", "dies after"]), max_size=12
)


@settings(max_examples=30, deadline=None)
@given(
    decided=st.none() | st.tuples(st.integers(0, 75), st.sampled_from(["approve", "deny"])),
    faults=FAULTS,
    again=st.lists(st.booleans(), max_size=12),
    minutes=st.tuples(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20)),
)
def test_whatever_happens_each_is_told_once_none_after_the_outcome_and_all_of_it_is_resolved(
    decided: tuple[int, str] | None, faults: list[str], again: list[bool], minutes: tuple[int, int, int]
) -> None:
    levels = [{**one, "after": after} for one, after in zip(LEVELS, minutes, strict=True)]
    asked = Unanswered(levels=levels)
    left, more = iter(faults), iter(again)
    errors = {"away": RetryableError("away"), "not ready": NotReady("away"), "refused": FatalError("refused")}
    dies = list[str]()

    def fails(to: str) -> CopilotError | None:
        fault = next(left, "")
        if fault == "dies before":
            raise Crash
        dies[:] = [fault] if fault == "dies after" else []
        return errors.get(fault)

    def breaks(to: str) -> None:
        if dies:
            raise Crash

    asked.pagers.fails, asked.pagers.breaks = fails, breaks
    ended = 60.0
    if decided is not None:
        asked.until(decided[0], lambda: next(more, False))
        if asked.approval.state_at(asked.clock.now()) == "pending":
            asked.decide(decided[1])  # type: ignore[arg-type]
            ended = decided[0]
    asked.until(200, lambda: next(more, False))
    asked.moved_back()
    opened = [(at, to) for at, what, to in asked.minutes() if what == "open"]
    assert all(at <= ended for at, _ in opened)
    assert len({told.key for _, _, _, told in asked.pagers.taken}) <= 1
    crashes = faults.count("dies after")
    assert len(opened) - len({to for _, to in opened}) <= crashes
    assert asked.pagers.open_now() == set()
    assert (asked.approval.state == "approved") == (ended < 60 and decided is not None and decided[1] == "approve")
    assert asked.approval.expires_at == asked.asked_at + timedelta(minutes=60)
