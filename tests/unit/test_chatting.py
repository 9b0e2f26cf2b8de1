"""What is said and pressed in a chat: by whom, once, and nothing by anybody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from chat_world import CHANNEL, HOME, Chat, user
from fakes import World
from test_runs import one

from copilot.domain import AnswerTo, Approval, ChatFile, ChatPerson, ChatPlace, Gone, Opened, Pressed
from copilot.errors import PermissionDenied, RetryableError

LIVE: dict[str, Any] = {"kinds": {"a": "production", "b": "production", "c": "production"}}
THREAD = CHANNEL.model_copy(update={"thread": "7.1"})
DIRECT = AnswerTo(platform="slack", workspace=HOME, place="DUASKER", thread="7.1")


def parked(*lights: str) -> tuple[Chat, World]:
    world = World(lights=dict.fromkeys(lights or "ab", True), **LIVE)
    chat = Chat(world)
    chat.say("all lights off", where=DIRECT)
    chat.work()
    return chat, world


# --- what was said ---------------------------------------------------------------------------------


def test_a_mention_begins_a_run_in_the_conversation_of_its_thread() -> None:
    chat = Chat(World())
    said = chat.say("all lights off")
    (run,) = chat.runs
    assert (run.trigger.person.id, run.trigger.kind, run.trigger.answer_to) == ("dana", "chat", said.where)
    assert run.conversation == f"slack:{HOME}/C0DEV/{said.where.thread}"


def test_a_delivery_that_comes_again_begins_nothing() -> None:
    chat = Chat(World())
    for _ in range(3):
        chat.say("all lights off", key="Ev1", where=THREAD)
    assert len(chat.runs) == 1


def test_in_a_channel_it_hears_only_what_is_said_to_it_or_in_its_own_thread() -> None:
    chat = Chat(World())
    chat.say("lunch?", addressed=False, where=THREAD)
    assert not chat.runs
    chat.say("all lights off", where=THREAD)
    chat.say("and again", addressed=False, where=THREAD)
    chat.say("lunch?", addressed=False, where=CHANNEL.model_copy(update={"thread": "8.1"}))
    assert [run.trigger.text for run in chat.runs] == ["all lights off", "and again"]


def test_what_is_said_while_a_run_is_at_work_waits_and_is_told_so() -> None:
    chat = Chat(World())
    chat.say("all lights off", where=DIRECT)
    chat.say("all lights off again", where=DIRECT)
    chat.show()
    assert [run.status for run in chat.runs] == ["running", "queued"]
    assert chat.chat.alone("UASKER") == [
        "Another request of this thread is at work. Yours is next, and I begin it by myself."
    ]


def test_that_it_waits_is_told_though_it_broke_off_between_the_two_and_once() -> None:
    """It was begun, and what takes it died: it comes again, and is not new any more."""
    chat = Chat(World())
    chat.say("all lights off", where=DIRECT)

    def dies(*_: Any) -> None:
        raise SystemExit

    vars(chat.queue)["put"] = dies
    with pytest.raises(SystemExit):
        chat.say("all lights off again", where=DIRECT, key="Ev9")
    del vars(chat.queue)["put"]
    for _ in range(3):
        chat.say("all lights off again", where=DIRECT, key="Ev9")
        vars(chat.queue)["_seen"].clear()  # as it is after five minutes
        chat.show()
    assert len(chat.runs) == 2 and len(chat.chat.alone("UASKER")) == 1


@pytest.mark.parametrize(
    ("person", "external", "why"),
    [
        (ChatPerson(name="who"), False, "The copilot does not know who you are."),
        (ChatPerson(name="who", guest=True), False, "The copilot does nothing for guests"),
        (ChatPerson(name="who", gone=True), False, "You are no longer of this workspace."),
        (ChatPerson(name="who"), True, "The copilot does nothing for guests, and for people of other organisations."),
    ],
)
def test_who_is_nobody_starts_nothing_and_is_told_so_alone(person: ChatPerson, external: bool, why: str) -> None:
    chat = Chat(World())
    chat.chat.people[user("UWHO")] = person
    chat.say("all lights off", by="UWHO", external=external)
    chat.show()
    (told,) = chat.chat.alone("UWHO")
    assert told.startswith(why) and not chat.runs


def test_others_who_talk_in_its_thread_are_not_bothered() -> None:
    chat = Chat(World())
    chat.chat.people[user("UWHO")] = ChatPerson(name="who")
    chat.say("all lights off", where=THREAD)
    chat.say("I think that is fine", by="UWHO", addressed=False, where=THREAD)
    chat.show()
    assert len(chat.runs) == 1 and not chat.chat.alone("UWHO")


@pytest.mark.parametrize("place", [ChatPlace(name="#x", shared=True), ChatPlace(name="#x", guests=True)])
def test_where_others_read_along_nothing_is_done_whoever_asks(place: ChatPlace) -> None:
    chat = Chat(World())
    chat.chat.places["C0DEV"] = place
    chat.say("all lights off", where=THREAD)
    chat.show()
    assert not chat.runs and "Ask me directly" in chat.chat.alone("UASKER")[0]


def test_a_workspace_that_is_not_configured_is_not_heard() -> None:
    chat = Chat(World())
    chat.process.use_cases.take_chat(
        Opened(key="E1", user=user("UASKER").model_copy(update={"workspace": "T0OTHER"}), where=DIRECT)
    )
    assert not chat.queue.waiting


def test_what_is_too_long_or_nothing_begins_nothing_and_says_what_to_do() -> None:
    chat = Chat(World())
    chat.say("x" * 4001, where=DIRECT)
    chat.say("  ", where=DIRECT)
    chat.show()
    long, empty = chat.chat.alone("UASKER")
    assert "4,001 characters, and I read at most 4,000. Nothing was done" in long and empty.startswith("Ask me")
    assert not chat.runs


FILE = ChatFile(id="F1", name="app.log", size=5, type="text/plain", url="https://files.example/F1")


def test_text_files_come_along_and_others_are_named() -> None:
    chat = Chat(World())
    chat.chat.files = {"F1": b"hello", "F2": b"\xff\xfe\x00", "F3": b""}
    files = (
        FILE,
        FILE.model_copy(update={"id": "F2", "name": "odd.txt"}),
        FILE.model_copy(update={"id": "F3", "name": "cat.png", "type": "image/png"}),
        FILE.model_copy(update={"id": "F4", "name": "big.log", "size": 10**9}),
    )
    chat.say("what is wrong here?", where=DIRECT, files=files)
    chat.show()
    (run,) = chat.runs
    assert [(file.name, file.text) for file in run.trigger.attachments] == [("app.log", "hello")]
    (told,) = chat.chat.alone("UASKER")
    assert "odd.txt (it is no text in UTF-8)" in told and "cat.png (only text files are read)" in told
    assert "big.log (it has 1,000,000,000 bytes, and all files together may have 102,400)" in told
    assert told.endswith("The rest was.")


def test_a_file_that_cannot_be_read_now_has_the_message_come_again() -> None:
    chat = Chat(World())

    def away(*given: Any) -> bytes:
        raise RetryableError("slow")

    vars(chat.chat)["file"] = away
    with pytest.raises(RetryableError):
        chat.say("what is wrong here?", where=DIRECT, files=(FILE,))
    assert not chat.runs


def test_who_opens_it_is_told_what_to_ask() -> None:
    chat = Chat(World())
    chat.process.use_cases.take_chat(Opened(key="E1", user=user("UASKER"), where=DIRECT))
    chat.show()
    assert chat.chat.alone("UASKER")[0].startswith("Ask me in your own words")


# --- codes ----------------------------------------------------------------------------------------------


def linked(chat: Chat, where: AnswerTo = DIRECT) -> list[str]:
    chat.chat.people[user("UNEW")] = ChatPerson(name="new")
    config = chat.process.config
    arn = "arn:aws:iam::111111111111:user/olga"
    people = [
        one.model_copy(update={"principals": (arn,), "chat": ()}) if one.id == "olga" else one for one in config.people
    ]
    chat.process.config = config.model_copy(update={"people": tuple(people)})
    olga = next(one for one in people if one.id == "olga").person
    code = chat.process.use_cases.link.make_code(olga, arn, "slack")
    chat.say(f"link {code.code}", by="UNEW", where=where)  # type: ignore[union-attr]
    chat.show()
    return chat.chat.alone("UNEW")


def test_a_code_in_a_direct_message_says_who_somebody_is() -> None:
    chat = Chat(World(lights={"a": True}, **LIVE))
    assert linked(chat, DIRECT.model_copy(update={"place": "DUNEW"}))[0].startswith("You are Olga here from now on")
    chat.say("all lights off", by="UNEW")
    assert chat.runs[0].trigger.person.id == "olga"


def test_a_code_that_others_could_read_says_nothing_of_anybody() -> None:
    chat = Chat(World())
    assert linked(chat, THREAD)[0].startswith("A code is taken in a direct message only.")
    chat.say("all lights off", by="UNEW")
    assert not chat.runs


def test_who_is_gone_asks_and_decides_nothing_though_the_configuration_names_them() -> None:
    chat, world = parked("a")
    chat.chat.people |= {user(id): ChatPerson(name=id, gone=True) for id in ("UASKER", "UBOSS")}
    chat.press("approve", chat.runs[0].approval_id or "")
    chat.say("all lights off", where=DIRECT)
    chat.show()
    assert len(chat.runs) == 1 and world.lights == {"a": True}
    assert chat.process.store.approval("main", chat.runs[0].approval_id or "").state == "pending"
    for told in (chat.chat.alone("UBOSS"), chat.chat.alone("UASKER")):
        assert told[-1].startswith("You are no longer of this workspace.")


def test_the_same_id_in_another_workspace_is_another_person() -> None:
    chat, world = parked("a")
    config = chat.process.config
    assert config.chat is not None
    (home,) = config.chat.workspaces
    both = config.chat.model_copy(update={"workspaces": (home, home.model_copy(update={"id": "T0OTHER"}))})
    chat.process.config = config.model_copy(update={"chat": both})
    there = user("UBOSS").model_copy(update={"workspace": "T0OTHER"})
    chat.chat.people[there] = ChatPerson(name="not olga")
    about = chat.runs[0].approval_id or ""
    pressed = Pressed(key="P1", user=there, where=chat.chat.direct(there), message="1.0", action="approve", about=about)
    chat.process.use_cases.take_chat(pressed)
    chat.show()
    assert chat.process.store.approval("main", about).state == "pending" and world.lights == {"a": True}
    (told,) = [one.text for one in chat.chat.messages if one.only_for == there]
    assert told.startswith("The copilot does not know who you are.")


def test_who_somebody_is_already_is_told_of_a_second_user() -> None:
    """By the configuration, and by a link."""
    chat, arn = Chat(World()), "arn:aws:iam::111111111111:user/olga"
    people = [
        one.model_copy(update={"principals": (arn,)}) if one.id == "olga" else one for one in chat.process.config.people
    ]
    chat.process.config = chat.process.config.model_copy(update={"people": tuple(people)})
    olga = next(one for one in people if one.id == "olga").person

    def linked_as(id: str, name: str) -> None:
        code = chat.process.use_cases.link.make_code(olga, arn, "slack", another=True)
        chat.chat.people[user(id)] = ChatPerson(name=name)
        for _ in range(2):
            said = f"link {code.code}"  # type: ignore[union-attr]
            chat.say(said, by=id, where=DIRECT.model_copy(update={"place": f"D{id}"}), key=f"Ev{id}")
        chat.show()
        assert chat.chat.alone(id)[0].startswith("You are Olga here")

    linked_as("UNEW", "new")
    linked_as("UTHIEF", "<!channel> Thief")
    assert [len(chat.chat.to(one)) for one in ("UBOSS", "UNEW", "UTHIEF", "UOTHER")] == [2, 1, 0, 0]
    for first in ("UBOSS", "UNEW"):
        text = chat.chat.to(first)[-1].text
        assert "<!" not in text and "Thief (slack:T0HOME/UTHIEF) sent me a code of yours" in text
        assert "`devops-copilot link remove slack:T0HOME/UTHIEF` ends it" in text


def test_a_link_ends_with_who_is_gone() -> None:
    chat = Chat(World())
    linked(chat, DIRECT.model_copy(update={"place": "DUNEW"}))
    chat.process.use_cases.take_chat(Gone(platform="slack", workspace=HOME, user="UNEW"))
    chat.say("all lights off", by="UNEW")
    assert not chat.runs


# --- what was pressed --------------------------------------------------------------------------------------


def test_who_was_shown_everything_approves() -> None:
    chat, world = parked()
    chat.press("approve", chat.runs[0].approval_id or "")
    chat.go_on()
    assert sorted(world.switched) == ["a", "b"]


def test_who_was_not_shown_everything_is_shown_it_first() -> None:
    chat = Chat(World(lights={"a": True}, **LIVE))
    chat.say("all lights off", where=THREAD)
    run = chat.runs[0]
    chat.process.go_on(run)  # and nobody was told yet
    approval = chat.runs[0].approval_id or ""
    chat.press("approve", approval, where=THREAD)
    assert chat.process.store.approval("main", approval).state == "pending"
    chat.show()
    assert chat.chat.alone("UBOSS") == [
        "Look at all of it first: I sent it to you directly, and there you can approve it."
    ]
    assert "switch off a" in chat.chat.to("UBOSS")[0].text
    chat.press("approve", approval)
    assert chat.process.store.approval("main", approval).decided_by == "olga"


def test_what_one_was_shown_lets_no_other_approve() -> None:
    chat = Chat(World(lights={"a": True}, **LIVE))
    chat.say("all lights off", where=THREAD)
    chat.process.go_on(chat.runs[0])
    approval = chat.runs[0].approval_id or ""
    chat.press("show", approval)
    chat.show()
    chat.press("approve", approval, by="UOTHER")
    assert chat.process.store.approval("main", approval).state == "pending"


@pytest.mark.parametrize(
    ("by", "more", "why"),
    [
        ("UASKER", {}, "Dana may not approve this"),
        ("UWHO", {}, "The copilot does not know who you are. Nothing was changed."),
        ("UBOSS", {"external": True}, "The copilot does nothing for guests, and for people of other organisations."),
    ],
)
def test_who_may_not_decide_changes_nothing_and_is_told_alone(by: str, more: dict[str, Any], why: str) -> None:
    chat, world = parked()
    chat.chat.people[user("UWHO")] = ChatPerson(name="who")
    approval = chat.runs[0].approval_id or ""
    chat.press("show", approval, by=by)
    chat.show()
    chat.press("approve", approval, by=by, where=THREAD, **more)
    chat.show()
    assert chat.chat.alone(by)[-1].startswith(why)
    assert chat.process.store.approval("main", approval).state == "pending" and not world.switched


def test_two_who_decide_have_one_outcome_and_both_see_it() -> None:
    chat, world = parked()
    approval = chat.runs[0].approval_id or ""
    chat.press("deny", approval, by="UBOSS")
    chat.press("approve", approval, by="UOTHER", key="late", where=THREAD)
    chat.press("deny", approval, by="UBOSS")
    chat.go_on()
    assert not world.switched
    assert chat.chat.alone("UOTHER") == [f"approval {approval} was denied by olga already"]
    cards = [chat.chat.to("UBOSS")[0], chat.chat.to("UOTHER")[0]]
    assert all(card.text.startswith("Denied by Olga at ") and not card.buttons() for card in cards)


def test_a_press_on_an_old_message_decides_nothing_and_makes_it_show_what_is_so() -> None:
    chat, world = parked()
    approval = chat.runs[0].approval_id or ""
    chat.process.sleep(3601)
    chat.press("approve", approval, where=THREAD)
    chat.show()
    assert "expired" in chat.chat.alone("UBOSS")[0] and not world.switched
    assert chat.chat.to("UBOSS")[0].text.startswith("Nobody decided in time")


def test_what_is_ticked_is_left_out_and_the_rest_is_done() -> None:
    chat, world = parked("a", "b", "c")
    approval = chat.runs[0].approval_id or ""
    chat.press("narrow", approval, where=THREAD)
    chat.show()
    assert chat.chat.alone("UBOSS")[0].startswith("Nothing was ticked to be left out, so nothing was decided.")
    chat.press("narrow", approval, chosen=("off.1",))
    chat.go_on()
    assert sorted(world.switched) == ["a", "c"]


def test_an_approval_that_is_not_there_is_said_to_be_none() -> None:
    chat, _ = parked()
    chat.press("approve", "nosuch", where=THREAD)
    chat.show()
    assert chat.chat.alone("UBOSS") and "nosuch" in chat.chat.alone("UBOSS")[0]


def test_undo_is_a_request_of_who_pressed_it_once() -> None:
    chat = Chat(World(lights={"a": True}), plan=one("look", "a"))
    for _ in range(2):
        chat.press("undo", "r123", by="UASKER", key="P9", where=THREAD)
    (run,) = chat.runs
    assert (run.trigger.text, run.trigger.person.id) == ("undo run r123", "dana")


def test_freezing_takes_an_operator() -> None:
    chat = Chat(World())
    chat.press("freeze", "r1", by="UBOSS", where=THREAD)
    chat.show()
    assert chat.chat.alone("UBOSS") and not chat.process.store.freezes("main")


def test_approve_with_something_ticked_decides_nothing() -> None:
    chat, world = parked("a", "b")
    approval = chat.runs[0].approval_id or ""
    chat.press("approve", approval, chosen=("off.1",), where=THREAD)
    chat.show()
    assert chat.chat.alone("UBOSS")[0].startswith("Something is ticked to be left out, so nothing was decided")
    assert chat.process.store.approval("main", approval).state == "pending" and not world.switched


def test_who_neither_asked_nor_may_decide_is_not_shown_all_of_it() -> None:
    chat, _ = parked()
    people = tuple(
        one.model_copy(update={"roles": ("reader",)}) if one.id == "omar" else one for one in chat.process.config.people
    )
    chat.process.config = chat.process.config.model_copy(update={"people": people})
    before = len(chat.chat.to("UOTHER"))
    chat.press("show", chat.runs[0].approval_id or "", by="UOTHER", where=THREAD)
    chat.show()
    assert len(chat.chat.to("UOTHER")) == before
    assert chat.chat.alone("UOTHER")[0].startswith("All of it is for who asked for it")


def test_a_command_is_answered_to_who_gave_it_alone() -> None:
    chat = Chat(World(lights={"a": True}))
    chat.say("all lights off", where=CHANNEL.model_copy(update={"thread": None}))
    chat.work()
    assert [message.where.place for message in chat.chat.messages] == ["DUASKER"]
    assert chat.runs[0].conversation == f"slack:{HOME}/UASKER"


@pytest.mark.parametrize("place", [ChatPlace(name="#x", joined=False), ChatPlace(name="#x", archived=True)])
def test_where_it_cannot_answer_it_does_nothing(place: ChatPlace) -> None:
    chat = Chat(World())
    chat.chat.places["C0DEV"] = place
    chat.say("all lights off", where=THREAD)
    chat.show()
    assert not chat.runs and chat.chat.alone("UASKER")[0].startswith("I am not in this channel, so nothing was done")


def test_a_message_that_comes_otherwise_a_second_time_is_taken() -> None:
    chat = Chat(World())
    chat.say("all lights off", key="Ev1", where=THREAD)
    chat.say("all lights  off!", key="Ev1", where=THREAD)
    assert len(chat.runs) == 1


def test_who_is_nobody_is_not_greeted_and_nobody_twice() -> None:
    chat = Chat(World())
    chat.chat.people[user("UWHO")] = ChatPerson(name="who")
    for by in ("UWHO", "UASKER", "UASKER"):
        chat.process.use_cases.take_chat(Opened(key=f"E{len(chat.queue.waiting)}", user=user(by), where=DIRECT))
    chat.show()
    assert (len(chat.chat.alone("UWHO")), len(chat.chat.alone("UASKER"))) == (0, 1)


def test_what_is_wrong_with_the_copilot_itself_while_a_button_is_taken_is_for_the_dead_letters() -> None:
    chat, _ = parked("a")

    def denied(*_: Any, **__: Any) -> Approval:
        raise PermissionDenied("dynamodb:PutItem is not allowed", ours=True)

    parts = chat.process.use_cases
    vars(parts).update(take_chat=replace(parts.take_chat, approve=denied))
    with pytest.raises(PermissionDenied):
        chat.press("approve", chat.runs[0].approval_id or "")
    assert not chat.chat.alone("UBOSS")


def test_a_button_begins_nothing_where_words_would_not() -> None:
    chat = Chat(World(lights={"a": True}))
    chat.say("all lights off", where=THREAD)
    chat.work()
    chat.chat.places["C0DEV"] = ChatPlace(name="#dev", shared=True)
    chat.press("undo", chat.runs[0].run_id, by="UASKER", where=THREAD)
    chat.show()
    assert len(chat.runs) == 1 and "in a direct message" in chat.chat.alone("UASKER")[-1]
