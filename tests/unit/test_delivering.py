"""What people see in a chat of a run: how far it is, its answer, approvals where those are who may decide them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chat_world import CHANNEL, Chat, FakeChat, text_of, user
from fakes import World
from test_runs import OFF_ALL, one

from copilot.adapters.chats import Paced
from copilot.answering.chat import approvals, runs
from copilot.answering.chat.following import Picture
from copilot.answering.chat.messages import latest
from copilot.config.chats import Duty
from copilot.domain import (
    AnswerTo,
    Approval,
    ApprovalCall,
    ChatPerson,
    ChatPlace,
    Delivered,
    Delivery,
    Letter,
    Person,
    Preview,
    Run,
    Shown,
)
from copilot.errors import CopilotError, NotFound, NotReady, PermissionDenied, RetryableError
from copilot.ports import Sent

LIVE: dict[str, Any] = {"kinds": {"a": "production", "b": "production"}}
THREAD = CHANNEL.model_copy(update={"thread": "7.1"})
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DIRECT = AnswerTo(platform="slack", workspace="T0HOME", place="DUASKER", thread="7.1")


def asked(world: World, where: AnswerTo = DIRECT, **more: Any) -> Chat:
    chat = Chat(world, **more)
    chat.say("all lights off", where=where)
    chat.work()
    return chat


def test_the_answer_stands_where_it_was_asked_for() -> None:
    chat = asked(World(lights={"a": True, "b": False}))
    (message,) = chat.chat.messages
    assert (message.where, message.text) == (DIRECT, "Off: a.")


def test_a_delivery_that_comes_again_shows_nothing_twice() -> None:
    chat = asked(World(lights={"a": True}))
    run = chat.runs[0]
    chat.process.use_cases.deliver(Delivery(kind="answer", tenant="main", run_id=run.run_id))
    assert len(chat.chat.messages) == 1


def test_a_crash_between_posting_and_noting_shows_it_twice_and_never_not_at_all() -> None:
    chat = Chat(World(lights={"a": True}))

    def crash() -> None:
        chat.chat.breaks = lambda: None
        raise SystemExit

    chat.chat.breaks = crash
    chat.say("all lights off", where=DIRECT)
    with pytest.raises(SystemExit):
        chat.work()
    chat.process.use_cases.deliver(Delivery(kind="answer", tenant="main", run_id=chat.runs[0].run_id))
    assert [message.text for message in chat.chat.messages] == ["Off: a.", "Off: a."]


def test_one_message_shows_how_far_it_is_and_is_kept_up_to_date() -> None:
    chat = asked(World(lights={"a": True, "b": True}, **LIVE))
    progress = chat.chat.to("UASKER")[0]
    assert progress.text.splitlines()[:3] == [
        "Waiting for an approval: all lights off",
        "done list lights",
        "asking switch off 0 of 2 items",
    ]
    chat.press("approve", chat.runs[0].approval_id or "")
    chat.go_on()
    assert progress.text.splitlines() == ["Done: all lights off", "done list lights", "done switch off 2 of 2 items"]
    assert [message.text for message in chat.chat.to("UASKER")][-1] == "Off: a, b."


def test_those_who_may_decide_are_shown_everything_directly_and_the_asker_that_it_waits() -> None:
    chat = asked(World(lights={"a": True}, **LIVE))
    (card,) = chat.chat.to("UBOSS")
    assert card.buttons() == ["Approve", "Deny", "Freeze everything"]
    for told in (
        "Dana asks for an approval",
        "all lights off",
        "switch off a",
        "on -> off",
        "production environment a",
    ):
        assert told in card.text
    brief = chat.chat.to("UASKER")[-1]
    assert brief.text.startswith("This needs an approval, until ") and "olga, omar" in brief.text
    assert brief.buttons() == ["Show everything", "Deny"]


def test_every_copy_shows_what_became_of_it() -> None:
    chat = asked(World(lights={"a": True}, **LIVE))
    chat.press("approve", chat.runs[0].approval_id or "")
    chat.show()
    cards = [chat.chat.to("UBOSS")[0], chat.chat.to("UOTHER")[0], chat.chat.to("UASKER")[-1]]
    assert all(card.text.startswith("Approved by Olga at ") and not card.buttons() for card in cards)


def test_who_is_on_duty_is_told_first_and_the_others_ten_minutes_later() -> None:
    duty = Duty(people=("omar",), since="08:00", until="17:00")
    chat = asked(World(lights={"a": True}, **LIVE), on_duty=(duty,))
    assert (len(chat.chat.to("UOTHER")), len(chat.chat.to("UBOSS"))) == (1, 0)
    chat.show(timedelta(minutes=9))
    assert not chat.chat.to("UBOSS")
    chat.show(timedelta(minutes=10))
    assert (len(chat.chat.to("UOTHER")), len(chat.chat.to("UBOSS"))) == (1, 1)


def test_before_it_expires_it_is_shown_again() -> None:
    chat = asked(World(lights={"a": True}, **LIVE))
    chat.process.sleep(60 * 50)
    chat.show(timedelta(minutes=50))
    assert [card.shown.brief.split(":")[0] for card in chat.chat.to("UBOSS")] == [
        "Dana asks for an approval",
        "Still waiting",
    ]


def test_what_was_decided_meanwhile_is_shown_to_nobody_else() -> None:
    chat = asked(World(lights={"a": True}, **LIVE), on_duty=(Duty(people=("omar",)),))
    chat.press("show", chat.runs[0].approval_id or "")
    chat.show()
    chat.press("approve", chat.runs[0].approval_id or "")
    before = len(chat.chat.to("UBOSS"))
    chat.show(timedelta(hours=1))
    assert len(chat.chat.to("UBOSS")) == before


def test_an_approval_that_reached_nobody_is_told_to_the_asker() -> None:
    chat = Chat(World(lights={"a": True}, **LIVE))
    chat.chat.fails = lambda where: NotFound("no such channel") if where.place in {"DUBOSS", "DUOTHER"} else None
    chat.say("all lights off", where=DIRECT)
    chat.work()
    told = chat.chat.to("UASKER")[-1].text
    assert told.startswith("Nobody was told of this approval: olga, omar cannot be reached here.")
    failed = [one for one in chat.deliveries.of_run(chat.runs[0].run_id) if one.state == "failed"]
    assert [one.reason for one in failed] == ["no such channel", "no such channel"]


def test_approvers_who_are_gone_from_the_chat_are_nobody_who_was_told() -> None:
    chat = Chat(World(lights={"a": True}, **LIVE))
    chat.chat.people |= {user(id): ChatPerson(name=id, gone=True) for id in ("UBOSS", "UOTHER")}
    chat.say("all lights off", where=DIRECT)
    chat.work()
    assert not chat.chat.to("UBOSS") and not chat.chat.to("UOTHER")
    assert chat.chat.to("UASKER")[-1].text.startswith("Nobody was told of this approval: olga, omar")


def test_what_cannot_be_shown_now_comes_again_and_at_last_is_noted() -> None:
    chat = Chat(World(lights={"a": True}))
    chat.say("all lights off", where=DIRECT)
    chat.chat.fails = lambda where: RetryableError("asked too often", seconds=3)
    with pytest.raises(RetryableError):
        chat.work()
    delivery = Delivery(kind="answer", tenant="main", run_id=chat.runs[0].run_id)
    assert not chat.deliveries.of_run(delivery.run_id)
    with pytest.raises(RetryableError):
        chat.process.use_cases.deliver(delivery, last=True)
    (noted,) = chat.deliveries.of_run(delivery.run_id)
    assert (noted.key, noted.state, noted.reason) == ("answer", "failed", "asked too often")
    chat.chat.fails = lambda where: None
    chat.process.use_cases.deliver(delivery)
    assert [message.text for message in chat.chat.messages] == ["Off: a."]


def test_what_a_channel_may_not_hold_comes_to_the_asker_alone() -> None:
    chat = asked(World(lights={"a": True}, kinds={"a": "production"}), THREAD, plan=one("look", "a"))
    (answer,) = chat.chat.to("UASKER")
    assert answer.text.startswith("You asked: all lights off\na is yes.")
    assert chat.chat.alone("UASKER") == ["The answer is not for this channel: I sent it to you directly."]
    assert not [message for message in chat.chat.to("C0DEV") if message.where == THREAD]


def test_a_place_that_became_shared_meanwhile_is_told_nothing() -> None:
    chat = Chat(World(lights={"a": True}))
    chat.say("all lights off", where=THREAD)
    chat.chat.places["C0DEV"] = ChatPlace(name="#dev", shared=True)
    chat.work()
    assert [message.text for message in chat.chat.messages] == [
        "What this is about is not for this channel, whoever asks. Ask me directly, in a direct message."
    ]


def test_somebody_is_told_alone_where_they_are_or_directly_where_they_are_not_there_any_more() -> None:
    chat = Chat(World())
    chat.chat.fails = lambda where: NotFound("not in channel") if where == THREAD else None
    words = {"kind": "notice", "tenant": "main", "to": user("UASKER"), "text": "psst"}
    chat.process.use_cases.deliver(Delivery.model_validate(words | {"where": THREAD}))
    (message,) = chat.chat.messages
    assert (message.where.place, message.text) == ("DUASKER", "psst")


def test_what_was_not_done_is_tried_again_by_a_button() -> None:
    world = World(lights={"a": True, "b": True}, slow={"b": 99}, kinds=dict.fromkeys("ab", "development"))
    chat = asked(world)
    answer = chat.chat.to("UASKER")[-1]
    run_id = chat.runs[0].run_id
    assert ("Retry" in answer.buttons()) == (f"etry run {run_id}\u201d" in answer.text)
    chat.press("retry", run_id, by="UASKER", where=DIRECT)
    assert chat.runs[-1].trigger.text == f"retry run {run_id}"


TOKEN = "a" * 22
CHART = {
    "goal": "g",
    "steps": [{"id": "it", "tool": "look", "arguments": {"environment_id": "a"}}],
    "answer": {"text": f"Usage of {{it.name}}\n- chart: https://api.example/r/{TOKEN}"},
}


def test_a_picture_that_an_answer_leads_to_stands_beside_it_once() -> None:
    chat = Chat(World(lights={"a": True}), plan=CHART)
    opened: list[str] = []

    def picture(url: str) -> Picture | None:
        opened.append(url)
        return Picture("usage.png", b"PNG")

    vars(chat.process.use_cases).update(picture=picture)
    chat.say("chart it", where=DIRECT)
    chat.work()
    chat.process.use_cases.deliver(Delivery(kind="answer", tenant="main", run_id=chat.runs[0].run_id))
    assert chat.chat.attached == [(DIRECT, "usage.png", b"PNG")]
    assert set(opened) == {f"https://api.example/r/{TOKEN}"}
    (message,) = chat.chat.messages
    assert f"chart https://api.example/r/{TOKEN}" in message.text


def test_a_picture_stands_nowhere_where_its_answer_may_not() -> None:
    chat = Chat(World(lights={"a": True}), plan=CHART)
    vars(chat.process.use_cases).update(picture=lambda url: Picture("usage.png", b"PNG"))
    chat.say("chart it", where=THREAD)
    chat.chat.places["C0DEV"] = ChatPlace(name="#dev", shared=True)
    chat.work()
    assert not chat.chat.attached


REPORT = Delivery(kind="report", tenant="main", channel="#ops", text="For Dana: it failed", key="firing-1")


def test_a_report_stands_in_its_channel_once() -> None:
    chat = Chat(World())
    chat.chat.channels = {"#ops": CHANNEL}
    for _ in range(2):
        assert chat.process.use_cases.deliver(REPORT) == ""
    assert [message.text for message in chat.chat.to("C0DEV")] == ["For Dana: it failed"]


class Outside:
    """Takes what is sent there, once it is ready."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Letter, str]] = []
        self.ready = False

    def check(self, destination: str) -> None: ...

    def send(self, destination: str, letter: Letter, key: str) -> str:
        if not self.ready:
            raise NotReady("it takes nothing at the moment", ours=True)
        self.sent.append((destination, letter, key))
        return destination


def test_a_report_to_a_destination_outside_the_chat_leaves_once_and_is_tried_again_where_it_did_not() -> None:
    chat, outside = Chat(World()), Outside()
    parts = chat.process.use_cases
    vars(parts)["destinations"] = outside
    report = REPORT.model_copy(update={"channel": "mail:ops"})
    with pytest.raises(RetryableError, match="takes nothing"):
        parts.deliver(report)
    outside.ready = True
    for _ in range(2):
        assert parts.deliver(report) == ""
    ((destination, letter, key),) = outside.sent
    assert (destination, letter.text, key) == ("mail:ops", REPORT.text, REPORT.key) and letter.recurring
    assert not chat.chat.messages


def test_reports_of_one_cause_stand_in_the_thread_of_the_first_for_a_day() -> None:
    chat = Chat(World())
    chat.chat.channels["#ops"] = CHANNEL
    reports = [REPORT.model_copy(update={"key": f"k{number}", "under": "on-alarm/c1"}) for number in range(3)]
    for report in (*reports[:2], *reports[:2]):
        assert chat.process.use_cases.deliver(report) == ""
    first, second = chat.chat.messages
    assert (first.where, second.where) == (CHANNEL, CHANNEL.model_copy(update={"thread": first.id}))
    other = REPORT.model_copy(update={"key": "k9", "under": "on-alarm/c2"})
    chat.process.use_cases.deliver(other)
    chat.process.sleep(86_400)
    chat.process.use_cases.deliver(reports[2])
    assert [message.where for message in chat.chat.messages[2:]] == [CHANNEL, CHANNEL]


def test_a_report_stands_once_in_the_place_or_with_the_person_that_it_is_for() -> None:
    chat = Chat(World())
    in_thread = REPORT.model_copy(update={"channel": "", "where": THREAD, "key": "watch/w1/1"})
    directly = REPORT.model_copy(update={"channel": "", "to": user("UASKER"), "key": "watch/w1/2"})
    for report in (in_thread, directly) * 2:
        assert chat.process.use_cases.deliver(report) == ""
    assert [message.text for message in chat.chat.to(THREAD.place)] == ["For Dana: it failed"]
    assert [message.text for message in chat.chat.to("UASKER")] == ["For Dana: it failed"]


def test_a_report_to_a_channel_that_is_not_there_says_what_to_do() -> None:
    chat = Chat(World())
    told = chat.process.use_cases.deliver(REPORT)
    assert told == "the copilot is in no channel #ops; invite it there, or name another"


def test_owners_of_schedules_are_told_in_the_chat_where_there_is_one() -> None:
    chat = Chat(World())
    chat.process.use_cases.notifier.send("#ops", "For Dana: it failed", "firing-1")
    assert [one for one, _ in chat.queue.waiting] == [REPORT]


def test_of_what_a_message_showed_the_latest_is_kept_within_a_row() -> None:
    states = [str(number) * 30_000 for number in range(10)]
    assert latest(states) == tuple(states[-3:])
    assert latest(["x" * 300_000]) == ("x" * 300_000,)
    assert latest(["a", "b"]) == ("a", "b")


def test_of_a_card_of_many_messages_so_much_is_kept_as_a_row_has_room_for() -> None:
    chat = Chat(World(lights={"a": True}, **LIVE))
    pages = tuple(Sent(f"{page}.0", "x" * 40_000) for page in range(20))
    vars(chat.chat)["post"] = lambda where, shown, only_for=None: pages
    chat.say("all lights off", where=DIRECT)
    chat.work()
    kept = chat.deliveries.of_run(chat.runs[0].run_id)
    assert kept and all(sum(map(len, one.sent)) <= 100_000 for one in kept)
    assert all(len(one.earlier) == 19 for one in kept)


def test_a_picture_of_what_a_channel_may_not_have_does_not_stand_there_either() -> None:
    """Of who is a reader by their mail alone it is not known as whom they are here."""
    chat = Chat(World(lights={"a": True}, kinds={"a": "production"}), plan=CHART)
    vars(chat.process.use_cases).update(picture=lambda url: Picture("usage.png", b"PNG"), chat_users_of=lambda id: ())
    chat.say("chart it", where=THREAD)
    chat.work()
    assert not chat.chat.attached
    assert "not for this channel" in chat.chat.to("C0DEV")[-1].text


def test_how_far_it_is_says_in_a_channel_nothing_that_a_step_was_given() -> None:
    world = World(lights={"a": True}, kinds={"a": "development"})
    chat = asked(world, THREAD, plan=one("switch_off", "a"))
    run = chat.process.store.load_run("main", chat.runs[0].run_id)
    channel, direct = (runs.progress(run, steps=True, values=values) for values in (False, True))
    assert "switch off a" not in text_of(channel.parts) and "switch off a" in text_of(direct.parts)


def test_an_approval_reaches_those_who_decide_it_though_its_channel_takes_nothing() -> None:
    chat = Chat(World(lights={"a": True}, **LIVE))
    chat.chat.fails = lambda where: PermissionDenied("not in channel") if where.place == "C0DEV" else None
    chat.say("all lights off", where=THREAD)
    chat.work()
    assert chat.chat.to("UBOSS") and chat.chat.to("UOTHER")
    assert any(delivery.stage == 3 for delivery, _ in chat.queue.waiting)


def test_all_that_a_call_is_given_is_shown_whole_to_who_decides() -> None:
    text = "x" * 500 + "END"
    arguments: Any = {"environment_id": "a", "note": text, "force": True, "sizes": {"reader": 3}}
    preview = Preview(targets=(), changes=(), state={})
    call = ApprovalCall(step="s", item=0, tool="t@1", arguments=arguments, preview=preview)
    approval = Approval(
        id="a1", tenant="main", run_id="r1", calls=(call,), requested_by=Person(id="d", name="D"), request="r",
        created_at=NOW, expires_at=NOW,
    )  # fmt: skip
    told = text_of(approvals.whole(approval, "UTC", {}).parts)
    assert text in told and "force: true" in told and '"reader": 3' in told


def test_where_it_does_not_last_long_nobody_is_alone_with_it() -> None:
    chat = Chat(World(lights={"a": True}, **LIVE), on_duty=(Duty(people=("omar",)),))
    chat.process.config = chat.process.config.model_copy(update={"approval_minutes": 10})
    chat.say("all lights off", where=DIRECT)
    chat.work()
    assert chat.chat.to("UBOSS") and chat.chat.to("UOTHER")


def test_those_on_duty_who_cannot_be_told_are_not_all_there_are() -> None:
    chat = Chat(World(lights={"a": True}, **LIVE), on_duty=(Duty(people=("omar",)),))
    chat.chat.fails = lambda where: NotFound("gone") if where.place == "DUOTHER" else None
    chat.say("all lights off", where=DIRECT)
    chat.work()
    assert not any("Nobody was told" in message.text for message in chat.chat.messages)
    chat.show(timedelta(minutes=10))
    assert chat.chat.to("UBOSS")


def test_what_is_shown_of_a_decided_approval_asks_nothing_any_more() -> None:
    chat = asked(World(lights={"a": True}, **LIVE))
    approval = chat.runs[0].approval_id or ""
    chat.press("deny", approval)
    late = Delivery(kind="show", tenant="main", approval_id=approval, to=user("UOTHER"), key="late")
    chat.process.use_cases.deliver(late)
    card = chat.chat.to("UOTHER")[-1]
    assert card.text.startswith("Denied by Olga") and not card.buttons()


def test_each_change_is_followed_by_a_rest() -> None:
    chat, rests = Chat(World(lights={"a": True})), list[float]()
    vars(chat.process.use_cases).update(pause=rests.append)
    chat.say("all lights off", where=DIRECT)
    chat.work()
    assert rests == [1.0]


class Live(Chat):
    """How far a run is stands there after each wave, as the machine has it; what is begun in it grows."""

    def __init__(self, world: World, **more: Any) -> None:
        super().__init__(world, **more)
        self.chat.grows_until = lambda: self.began + timedelta(minutes=4)
        self.began = self.process.clock.now()
        self._advance = self.process.use_cases.advance
        vars(self.process.use_cases).update(advance=self.advanced)

    def advanced(self, tenant: str, run_id: str, *more: Any) -> Any:
        advanced = self._advance(tenant, run_id, *more)
        self.progress(run_id)
        return advanced

    def progress(self, run_id: str) -> None:
        self.process.use_cases.deliver(Delivery(kind="progress", tenant="main", run_id=run_id))

    def begun(self, where: AnswerTo = DIRECT) -> str:
        """A run that is at work on its first step."""
        self.say("all lights off", where=where)
        run_id = self.runs[0].run_id
        self.process.use_cases.advance("main", run_id, 0, [])
        return run_id

    def kept(self, run_id: str) -> Delivered:
        (one,) = [one for one in self.deliveries.of_run(run_id) if one.key == "progress"]
        return one


def test_a_message_grows_while_the_run_is_at_work_and_ends_with_it() -> None:
    chat = Live(World(lights={"a": True}))
    chat.say("all lights off", where=DIRECT)
    chat.work()
    progress, answer = chat.chat.to("UASKER")
    assert (progress.done[0], progress.done[-1], progress.grows) == ("begin", "update", False)
    assert progress.done.count("begin") == progress.done.count("update") == 1 and "grow" in progress.done
    assert progress.text.splitlines()[0] == "Done: all lights off"
    assert chat.kept(chat.runs[0].run_id).grows is None
    sent = chat.kept(chat.runs[0].run_id).sent
    assert (len(sent), sent[-2]) == (len(progress.done) + 1, "ended")
    assert answer.done == ["post"]


def test_a_step_that_found_nothing_to_do_waits_for_nothing() -> None:
    chat = Live(World(lights={"a": False}))
    chat.say("all lights off", where=DIRECT)
    chat.work()
    assert chat.chat.to("UASKER")[0].text.splitlines()[1:] == ["done list lights", "done switch off nothing to do"]


def test_a_message_does_not_grow_while_a_person_is_waited_for_nor_after() -> None:
    chat = Live(World(lights={"a": True}, **LIVE))
    chat.say("all lights off", where=DIRECT)
    chat.work()
    progress = chat.chat.to("UASKER")[0]
    assert (progress.done[-1], progress.grows) == ("update", False)
    assert progress.text.startswith("Waiting for an approval")
    before = len(progress.done)
    chat.press("approve", chat.runs[0].approval_id or "")
    chat.go_on()
    assert {*progress.done[before:]} == {"update"}
    assert progress.text.startswith("Done")


def test_a_message_ends_to_grow_before_its_platform_ends_that_though_nothing_happens() -> None:
    chat = Live(World(lights={"a": True}))
    run_id = chat.begun()
    (progress,) = chat.chat.to("UASKER")
    chat.show(timedelta(minutes=3))
    assert progress.grows
    chat.process.sleep(4 * 60)
    chat.show(timedelta(minutes=4))
    assert (progress.grows, progress.done) == (False, ["begin", "update"])
    chat.progress(run_id)
    assert progress.done == ["begin", "update"]


def test_a_step_that_a_revision_took_away_is_not_left_standing() -> None:
    chat = Live(World(lights={"a": True}))
    run_id = chat.begun()
    kept = chat.kept(run_id)
    assert kept.grows is not None and kept.grows.steps
    gone = kept.grows.model_copy(update={"steps": (*kept.grows.steps, "gone")})
    chat.deliveries.note(kept.model_copy(update={"grows": gone}))
    chat.progress(run_id)
    assert chat.chat.to("UASKER")[0].done == ["begin", "update"]


def test_what_is_shown_again_the_same_changes_no_message_that_grows() -> None:
    chat = Live(World(lights={"a": True}))
    run_id = chat.begun()
    chat.progress(run_id)
    assert chat.chat.to("UASKER")[0].done == ["begin"]


def test_a_message_that_was_begun_and_not_noted_is_begun_again() -> None:
    chat = Live(World(lights={"a": True}))

    def crash() -> None:
        chat.chat.breaks = lambda: None
        raise SystemExit

    chat.chat.breaks = crash
    with pytest.raises(SystemExit):
        chat.begun()
    chat.progress(chat.runs[0].run_id)
    chat.work()
    lost, progress, answer = chat.chat.to("UASKER")
    assert (lost.done, progress.done[0], progress.grows, answer.text) == (["post"], "begin", False, "Off: a.")


def test_where_nothing_grows_a_message_is_kept_up_to_date() -> None:
    chat = Live(World(lights={"a": True}))
    chat.say("all lights off", where=THREAD)
    chat.work()
    progress = chat.chat.to("C0DEV")[0]
    assert {*progress.done[1:]} == {"update"}
    assert not [one for one in chat.queue.waiting if one[0].kind == "progress"]


@pytest.mark.parametrize("live", [True, False])
def test_a_message_that_somebody_took_away_keeps_nobody_from_the_answer(live: bool) -> None:
    chat = Live(World(lights={"a": True}, **LIVE)) if live else Chat(World(lights={"a": True}, **LIVE))
    chat.say("all lights off", where=DIRECT)
    chat.work()
    chat.press("approve", chat.runs[0].approval_id or "")
    chat.chat.messages.clear()
    chat.go_on()
    assert chat.chat.to("UASKER")[-1].text == "Off: a."


def test_between_two_changes_of_any_kind_it_rests() -> None:
    rests: list[float] = []
    chat = FakeChat(grows_until=lambda: NOW)
    paced = Paced(chat, rests.append)
    shown = Shown(brief="x", parts=())
    message = paced.begin(DIRECT, shown).message
    paced.grow(DIRECT, message, shown)
    paced.update(DIRECT, message, shown, grows=True)
    paced.post(DIRECT, shown)
    paced.attach(DIRECT, "a", b"", "A")
    assert rests == [1.0] * 4
    for _ in range(2):
        paced.rest()
    assert rests == [1.0] * 5


@pytest.mark.parametrize("times", [1, 3])
def test_progress_that_comes_after_the_answer_says_nothing_any_more(times: int) -> None:
    chat = Chat(World(lights={"a": True}))
    chat.say("all lights off", where=THREAD)
    chat.work()
    (run,) = chat.runs
    before = [(one.id, one.text) for one in chat.chat.messages]
    for _ in range(times):
        late = Delivery(kind="progress", tenant="main", run_id=run.run_id)
        assert chat.process.use_cases.deliver(late) == ""
    assert [(one.id, one.text) for one in chat.chat.messages] == before and before


def test_fifty_threads_at_once_are_each_answered_once() -> None:
    """By as many workers as the queue hands groups to: what is of one channel one after the other, each of it twice."""
    looks = {"goal": "g", "steps": [OFF_ALL["steps"][0]], "answer": {"text": "There is {all.lights[].name}."}}
    chat = Chat(World(lights={"a": True}), looks)
    threads = [CHANNEL.model_copy(update={"place": f"DU{n % 10}", "thread": f"{n}.1"}) for n in range(50)]

    def said(number: int, turn: int) -> None:
        chat.say("all lights off", where=threads[number], key=f"Ev{number}-{turn}")

    def go_on(run: Run) -> None:
        chat.process.go_on(run)
        chat.ended(run.run_id)

    def show(group: list[Delivery]) -> None:
        for delivery in group:
            for _ in range(2):
                assert chat.process.use_cases.deliver(delivery) == ""

    with ThreadPoolExecutor(16) as pool:
        for turn in range(2):
            list(pool.map(said, range(50), [turn] * 50))
        every = chat.process.store.recent_runs("main", 100)
        list(pool.map(go_on, every))
        groups: dict[str, list[Delivery]] = {}
        for delivery, _ in chat.queue.waiting:
            groups.setdefault(delivery.group, []).append(delivery)
        list(pool.map(show, groups.values()))
    answered: dict[AnswerTo, list[str]] = {}
    for run in every:
        (one,) = (one for one in chat.deliveries.of_run(run.run_id) if one.key == "answer")
        assert one.where is not None
        answered.setdefault(one.where, []).append(one.message)
    assert (len(every), {*answered}) == (100, {*threads})
    assert len({message for some in answered.values() for message in some}) == 100
    for thread in threads:
        of_it = {delivery.group for delivery, _ in chat.queue.waiting if f"/{thread.thread}" in delivery.conversation}
        assert len(of_it) == 1, "what is of one thread is shown one after the other"
    shown = [one.where for one in chat.chat.messages if one.text == "There is a."]
    assert {where: shown.count(where) for where in threads} == dict.fromkeys(threads, 2)


def test_what_became_of_an_approval_says_no_more_in_a_channel_than_that_it_waited_did() -> None:
    chat = asked(World(lights={"a": True, "b": True}, **LIVE), THREAD)
    (brief,) = [one for one in chat.chat.to("C0DEV") if one.text.startswith("This needs an approval")]
    chat.press("narrow", chat.runs[0].approval_id or "", chosen=("off.1",))
    chat.go_on()
    assert brief.text.startswith("Approved by Olga at ") and ", in part" in brief.text
    assert "production" not in brief.text and "1 change" not in brief.text and "without b" not in brief.text
    (card,) = chat.chat.to("UBOSS")
    assert "without b" in card.text and "1 change in 1 production environment" in card.text


def test_one_chat_that_is_away_keeps_no_other_from_an_approval() -> None:
    chat = Chat(World(lights={"a": True}, **LIVE))
    chat.chat.fails = lambda where: RetryableError("away", seconds=3) if where.place == "DUBOSS" else None
    chat.say("all lights off", where=DIRECT)
    with pytest.raises(RetryableError):
        chat.work()
    assert len(chat.chat.to("UOTHER")) == 1 and "needs an approval" in chat.chat.to("UASKER")[-1].text


def test_of_an_approval_that_no_chat_took_in_all_its_time_the_asker_is_told() -> None:
    chat = Chat(World(lights={"a": True}, **LIVE))
    chat.chat.fails = lambda where: RetryableError("away", seconds=3) if where.place in {"DUBOSS", "DUOTHER"} else None
    chat.say("all lights off", where=DIRECT)
    with pytest.raises(RetryableError):
        chat.work()
    run = chat.runs[0]
    delivery = Delivery(kind="approval", tenant="main", run_id=run.run_id, approval_id=run.approval_id or "")
    with pytest.raises(RetryableError):
        chat.process.use_cases.deliver(delivery, last=True)
    assert chat.chat.to("UASKER")[-1].text.startswith("Nobody was told of this approval: olga, omar")


@pytest.mark.parametrize("error", [NotFound("no such message"), RetryableError("away", seconds=3)])
def test_a_copy_that_cannot_be_changed_leaves_no_other_as_it_was(error: CopilotError) -> None:
    chat = asked(World(lights={"a": True}, **LIVE))
    first = chat.chat.to("UBOSS")[0]
    chat.chat.lost = {first.id: error}
    chat.press("deny", chat.runs[0].approval_id or "", by="UOTHER")
    if isinstance(error, RetryableError):
        with pytest.raises(RetryableError):
            chat.show()
    else:
        chat.show()
    assert first.text.startswith("Dana asks") and chat.chat.to("UOTHER")[0].text.startswith("Denied by Omar")


def test_a_person_who_is_two_users_is_answered_as_the_one_who_asked() -> None:
    chat = Chat(World(lights={"a": True}, **LIVE))
    people = chat.process.config.people
    both = (user("UFIRST").address, *people[0].chat)
    with_two = people[0].model_copy(update={"chat": both})
    chat.process.config = chat.process.config.model_copy(update={"people": (with_two, *people[1:])})
    chat.say("all lights off", where=THREAD)
    chat.work()
    chat.press("deny", chat.runs[0].approval_id or "")
    chat.go_on()
    assert chat.chat.to("UASKER") and not chat.chat.to("UFIRST")


@pytest.mark.parametrize(
    "place",
    [
        ChatPlace(name="#ops", shared=True),
        ChatPlace(name="#ops", guests=True),
        ChatPlace(name="#ops", guests=True, uncounted=True),
    ],
)
def test_a_report_is_not_told_where_others_may_read_along(place: ChatPlace) -> None:
    chat = Chat(World())
    chat.chat.channels["#ops"] = CHANNEL
    chat.chat.places["C0DEV"] = place
    report = Delivery(kind="report", tenant="main", channel="#ops", text="It failed.", key="k")
    assert "others in it than this organisation" in chat.process.use_cases.deliver(report)
    assert not chat.chat.messages


def test_a_channel_that_the_configuration_names_is_told_though_it_is_too_large_to_know() -> None:
    chat = Chat(World())
    chat.process.config = chat.process.config.model_copy(update={"reports_to": "#ops"})
    chat.chat.channels["#ops"] = CHANNEL
    chat.chat.places["C0DEV"] = ChatPlace(name="#ops", guests=True, uncounted=True)
    chat.process.use_cases.deliver(Delivery(kind="report", tenant="main", channel="#ops", text="It failed.", key="k"))
    assert [one.text for one in chat.chat.messages] == ["It failed."]


def test_that_the_answer_is_elsewhere_is_said_though_it_breaks_off_between_the_two() -> None:
    chat = Chat(World(lights={"a": True}, kinds={"a": "production"}), one("look", "a"))
    chat.say("all lights off", where=THREAD)
    chat.chat.fails = lambda where: RetryableError("away", seconds=3) if where == THREAD else None
    with pytest.raises(RetryableError):
        chat.work()
    assert len(chat.chat.to("UASKER")) == 1 and chat.chat.alone("UASKER") == []
    chat.chat.fails = lambda where: None
    run = chat.runs[0]
    for _ in range(2):
        delivery = Delivery(kind="answer", tenant="main", conversation=run.conversation, run_id=run.run_id)
        assert chat.process.use_cases.deliver(delivery) == ""
    assert len(chat.chat.to("UASKER")) == 1 and len(chat.chat.alone("UASKER")) == 1


def test_who_left_the_channel_still_has_their_answer() -> None:
    chat = Chat(World(lights={"a": True}, kinds={"a": "production"}), one("look", "a"))
    chat.say("all lights off", where=THREAD)
    chat.chat.fails = lambda where: NotFound("not in channel") if where == THREAD else None
    chat.work()
    assert len(chat.chat.to("UASKER")) == 1 and chat.queue.left == []


def test_what_a_freeze_denied_is_frozen_and_not_denied() -> None:
    """Whoever asked may do it, at another time; what policy or a person denies is denied."""
    for freezes, state in ((True, "Frozen"), (False, "Denied")):
        chat = Chat(World(lights={"a": True}, kinds={"a": "development" if freezes else "production"}))
        if freezes:
            ops = Person(id="ops", name="ops", roles=("operator", "approver"))
            chat.process.use_cases.freezing.freeze(ops, "all", "", "an incident")
        chat.say("all lights off", where=DIRECT)
        chat.work()
        if not freezes:
            chat.press("deny", chat.runs[0].approval_id or "")
            chat.go_on()
        record = chat.process.store.load_run("main", chat.runs[0].run_id)
        assert runs.progress(record, steps=True, values=True).brief == f"{state}: all lights off"
