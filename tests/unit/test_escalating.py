"""Approvals that nobody answered are told outside the chats, level by level; the outcome resolves what was opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from chat_world import Chat
from escalation_world import LEVELS, PLACES, Crash, Unanswered
from fakes import World
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.answering.escalations import wording
from copilot.config.escalating import Level
from copilot.domain import Delivery, Person, escalation_key
from copilot.edges.escalation_views import view_escalated
from copilot.errors import CopilotError, FatalError, NotReady, PermissionDenied, RetryableError
from copilot.text.outside import spoken_parts


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


def test_what_is_decided_while_a_level_is_told_is_told_to_no_more_of_it() -> None:
    asked = Unanswered()
    asked.pagers.breaks = lambda to: asked.decide() if len(asked.pagers.taken) == 1 else None
    asked.until(70)
    assert asked.minutes() == [(10, "open", "mail:oncall"), (10, "resolve", "mail:oncall")]


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


def test_the_outcome_is_told_to_nobody_while_there_is_none() -> None:
    asked = Unanswered()
    asked.until(30)
    asked.parts.show_decided("main", asked.run.run_id, asked.approval.id)
    asked.until(35)
    assert asked.pagers.told("resolve") == []


def test_an_approval_that_another_has_taken_the_place_of_is_told_to_nobody_new() -> None:
    asked = Unanswered()
    asked.until(12)
    moved = asked.run.model_copy(update={"approval_id": "a999999999", "wave": asked.run.wave + 1})
    asked.process.store.save_wave(moved, (), None, ())
    asked.parts.show_decided("main", asked.run.run_id, asked.approval.id)
    asked.until(59)
    assert asked.pagers.told() == asked.pagers.told("resolve") == ["mail:oncall", "sns:oncall"]


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
    assert asked.minutes() == [(17, "open", "pagerduty:oncall")]


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


def test_an_approval_of_which_nothing_is_kept_any_more_is_told_to_nobody() -> None:
    asked = Unanswered()
    gone = Delivery(kind="escalation", tenant="main", run_id="r1", approval_id="a0", level=1)
    assert "a0" in asked.parts.escalate(gone) and asked.pagers.taken == []


# what is told


def told(asked: Unanswered, to: str) -> str:
    asked.until(59)
    return next(f"{one.summary}\n{one.text}\n{one.details}" for _, _, there, one in asked.pagers.taken if there == to)


def test_who_asks_how_much_until_when_and_how_it_is_decided_is_told_and_nothing_of_what_it_is_of() -> None:
    asked = Unanswered()
    said = told(asked, "pagerduty:oncall")
    assert (
        "asks for an approval: 2 changes in 2 production environments" in said and "Mon 02 Mar 2026 10:00 UTC" in said
    )
    assert f"devops-copilot approve {asked.approval.id}   or   devops-copilot deny {asked.approval.id}" in said
    assert "decides nothing" in said and "What it is for is not told here." in said
    assert asked.approval.request not in said and "olga" not in said
    assert not any(f"{call.arguments}" in said for call in asked.approval.calls)


def test_where_policy_lets_a_destination_have_it_the_words_and_who_may_are_told_too() -> None:
    places = {**PLACES, "pagerduty": {"oncall": {**PLACES["pagerduty"]["oncall"], "holds": "named"}}}
    asked = Unanswered(destinations=places)
    said = told(asked, "pagerduty:oncall")
    assert f"The request: {asked.approval.request}" in said and "Who may approve it: olga." in said
    assert "What it is for is not told here." in told(asked, "opsgenie:oncall")


def test_words_of_others_do_nothing_there_and_have_an_end() -> None:
    asked = Unanswered()
    worst = Person(id="dana", name="<@U1> [x](https://evil.example/a) " * 60, roles=("developer",))
    long = asked.approval.model_copy(
        update={"requested_by": worst, "request": "https://evil.example/ <b>now</b>\n" * 900}
    )
    one = wording.unanswered(long, asked.clock.now(), "UTC", {}, whole=True, in_chat=True)
    assert not [*spoken_parts(one.text.replace("[:]//", "")), *spoken_parts(one.summary)]
    assert len(one.summary) < 400 and len(one.text) < 2000 and "<" not in one.text


def test_the_key_is_one_for_an_approval_and_another_for_each() -> None:
    asked = Unanswered()
    other = asked.approval.model_copy(update={"tenant": "other"})
    assert escalation_key(asked.approval) == escalation_key(asked.approval) != escalation_key(other)


# who sets it going


@pytest.mark.parametrize("levels", [LEVELS, ()])
def test_what_asks_for_an_approval_has_its_levels_begin_and_what_ends_it_its_outcome_told(levels: Any) -> None:
    asked = Unanswered(levels=levels)
    asked.parts.show_decided("main", asked.run.run_id, asked.approval.id)
    put = [(one.kind, one.approval_id) for one, _ in asked.queue.waiting]
    assert put == ([("escalation", asked.approval.id), ("resolution", asked.approval.id)] if levels else [])


def test_whatever_woke_the_run_the_machines_next_decision_says_what_it_had_waited_for() -> None:
    asked = Unanswered()
    run = asked.run
    asked.until(61)
    advanced = asked.parts.advance("main", run.run_id, run.wave, [])
    assert (advanced.next, advanced.waited_for) == ("reply", asked.approval.id)
    assert asked.parts.advance("main", run.run_id, run.wave, []).waited_for == asked.approval.id, "as a replay has it"


def test_a_run_that_waits_on_for_the_same_approval_has_not_ended_it() -> None:
    asked = Unanswered()
    advanced = asked.parts.advance("main", asked.run.run_id, asked.run.wave, [])
    assert (advanced.next, advanced.waited_for) == ("approve", None)


def test_what_is_pressed_in_a_chat_is_told_outside_it() -> None:
    chat = Chat(World(lights={"a": True}, kinds={"a": "production"}))
    chat.process.config = chat.process.config.model_copy(update={"escalate_to": (Level(after=5, to=("sns:oncall",)),)})
    chat.say("all lights off")
    chat.work()
    approval = chat.runs[0].approval_id or ""
    chat.press("deny", approval)
    assert {one.kind for one, _ in chat.queue.waiting if one.approval_id == approval} >= {"decided", "resolution"}


def test_approvals_that_wait_say_whom_they_were_told_to() -> None:
    asked = Unanswered()
    asked.pagers.fails = lambda to: FatalError("no such topic") if to == "sns:oncall" else None
    asked.until(30)
    seen: Any = view_escalated(asked.deliveries, asked.run.run_id, asked.approval.id)
    assert [(one["to"], one["state"], one["reason"]) for one in seen] == [
        ("mail:oncall", "sent", ""),
        ("sns:oncall", "failed", "no such topic"),
        ("pagerduty:oncall", "sent", ""),
    ]
    assert view_escalated(asked.deliveries, asked.run.run_id, "another") == []
