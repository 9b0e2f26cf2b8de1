"""Who owns what a run changed is told, once and directly."""

from __future__ import annotations

from typing import Any

import pytest
from chat_world import CHANNEL, HOME, Chat, user
from fakes import TOOLS, FakeClock, SwitchOff, World

from copilot.answering.chat import owners, telling
from copilot.config.chats import ChatWorkspace
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import (
    AnswerTo,
    Asked,
    Change,
    ChatPerson,
    ChatUser,
    Delivery,
    Kind,
    LedgerEntry,
    Person,
    Preview,
    ResourceRef,
    Run,
    Target,
    Trigger,
)
from copilot.errors import NotFound, PermissionDenied, RetryableError
from copilot.tools.registry import Registry

DIRECT = AnswerTo(platform="slack", workspace="T0HOME", place="DUASKER", thread="7.1")
TEXT = "all lights off <!channel> *now*"


def asked(world: World, text: str = TEXT, **more: Any) -> Chat:
    chat = Chat(world, **more)
    chat.say(text, where=DIRECT)
    chat.work()
    return chat


def told(chat: Chat) -> dict[str, int]:
    """How many messages the others have."""
    return {id: len(chat.chat.to(id)) for id in ("UBOSS", "UOTHER")}


def test_an_owner_is_told_who_changed_what_of_theirs_when_and_why() -> None:
    chat = asked(World(lights={"a": True, "b": True}, owners={"a": "olga", "b": "zoe"}))
    (message,) = chat.chat.to("UBOSS")
    first, line, why, how = message.text.splitlines()
    assert (first, line) == ("Dana changed what is yours:", "switch off a, Mon 02 Mar 2026 09:00 UTC")
    assert why.startswith("Asked for: \u201call lights off") and not {"<!channel>", "*now*"} & set(why.split())
    assert how == f"The command devops-copilot runs show {chat.runs[0].run_id} has all of it."
    assert message.shown.brief == f"{first} {line}" and told(chat) == {"UBOSS": 1, "UOTHER": 0}


@pytest.mark.parametrize(("inverse", "buttons"), [("switch_on", ["Undo"]), ("", [])])
def test_undo_is_offered_where_something_of_theirs_can_be_taken_back(
    monkeypatch: pytest.MonkeyPatch, inverse: str, buttons: list[str]
) -> None:
    monkeypatch.setattr(SwitchOff, "inverse", inverse)
    chat = asked(World(lights={"a": True}, owners={"a": "olga"}))
    (message,) = chat.chat.to("UBOSS")
    assert message.buttons() == buttons
    if inverse:
        chat.press("undo", chat.runs[0].run_id)
        assert chat.runs[-1].trigger.text == f"undo run {chat.runs[0].run_id}"
        assert chat.runs[-1].trigger.person.id == "olga"


def test_a_tag_names_several_by_id_or_by_a_name_that_is_theirs_alone() -> None:
    chat = asked(World(lights={"a": True, "b": True}, owners={"a": "Olga, omar ,zoe", "b": "omar"}))
    assert told(chat) == {"UBOSS": 1, "UOTHER": 1}
    assert chat.chat.to("UOTHER")[0].text.count("switch off") == 2


def test_who_asked_is_not_told_and_nobody_of_what_was_off_already() -> None:
    chat = asked(World(lights={"a": True, "b": False}, owners={"a": "dana", "b": "olga"}))
    assert told(chat) == {"UBOSS": 0, "UOTHER": 0} and len(chat.chat.to("UASKER")) == 1


def test_who_approved_it_is_not_told_and_the_others_are_by_whom_it_was() -> None:
    live: dict[str, Any] = {"kinds": {"a": "production"}}
    chat = asked(World(lights={"a": True}, owners={"a": "olga, omar"}, **live))
    before = told(chat)
    chat.press("approve", chat.runs[0].approval_id or "")
    chat.go_on()
    assert told(chat) == {"UBOSS": before["UBOSS"], "UOTHER": before["UOTHER"] + 1}
    assert "Approved by Olga\n" in chat.chat.to("UOTHER")[-1].text


def test_it_is_told_once_however_often_the_end_is() -> None:
    chat = asked(World(lights={"a": True}, owners={"a": "olga"}))
    chat.process.use_cases.deliver(Delivery(kind="owners", tenant="main", run_id=chat.runs[0].run_id))
    assert told(chat)["UBOSS"] == 1


def test_after_a_crash_those_who_were_told_are_not_told_again() -> None:
    chat = Chat(World(lights={"a": True}, owners={"a": "olga, omar"}))
    chat.chat.fails = lambda where: RetryableError("asked too often") if where.place == "DUOTHER" else None
    chat.say(TEXT, where=DIRECT)
    with pytest.raises(RetryableError):
        chat.work()
    chat.chat.fails = lambda where: None
    chat.process.use_cases.deliver(Delivery(kind="owners", tenant="main", run_id=chat.runs[0].run_id))
    assert told(chat) == {"UBOSS": 1, "UOTHER": 1}


def test_one_who_cannot_be_told_keeps_no_other_from_it() -> None:
    chat = Chat(World(lights={"a": True}, owners={"a": "olga, omar"}))
    chat.chat.fails = lambda where: NotFound("no such user") if where.place == "DUBOSS" else None
    chat.say(TEXT, where=DIRECT)
    chat.work()
    assert told(chat) == {"UBOSS": 0, "UOTHER": 1}
    failed = [one for one in chat.deliveries.of_run(chat.runs[0].run_id) if one.state == "failed"]
    assert [(one.key, one.reason) for one in failed] == [("owner/olga", "no such user")]
    chat.chat.fails = lambda where: None
    chat.process.use_cases.deliver(Delivery(kind="owners", tenant="main", run_id=chat.runs[0].run_id))
    assert told(chat) == {"UBOSS": 1, "UOTHER": 1}


ABROAD = ChatUser(platform="slack", workspace="T0OTHER", user="UBOSS")
"""Olga in a workspace that she names before the home one."""


def in_two(chat: Chat) -> None:
    config, token = chat.process.config, "arn:aws:ssm:eu-west-1:111111111111:parameter/chat/other"
    assert config.chat is not None
    another = ChatWorkspace(id=ABROAD.workspace, name="other", token=token)
    settings = config.chat.model_copy(update={"workspaces": (*config.chat.workspaces, another)})
    people = [
        one.model_copy(update={"chat": (ABROAD.address, *one.chat)}) if one.id == "olga" else one
        for one in config.people
    ]
    chat.process.config = config.model_copy(update={"chat": settings, "people": tuple(people)})
    chat.chat.people[ABROAD] = ChatPerson(name="olga")


def told_where(chat: Chat) -> list[str]:
    chat.say(TEXT, where=DIRECT)
    chat.work()
    chat.process.use_cases.deliver(Delivery(kind="owners", tenant="main", run_id=chat.runs[0].run_id))
    return [one.where.workspace or "" for one in chat.chat.to("UBOSS")]


def test_an_owner_who_is_two_users_is_told_once_in_the_home_workspace() -> None:
    chat = Chat(World(lights={"a": True}, owners={"a": "olga"}))
    in_two(chat)
    assert told_where(chat) == [HOME]


@pytest.mark.parametrize("there", [None, ChatPerson(name="olga", gone=True)])
def test_who_is_gone_from_the_home_workspace_is_told_in_the_next(there: ChatPerson | None) -> None:
    chat = Chat(World(lights={"a": True}, owners={"a": "olga"}))
    in_two(chat)
    del chat.chat.people[user("UBOSS")]
    chat.chat.people |= {user("UBOSS"): there} if there else {}
    assert told_where(chat) == [ABROAD.workspace]


def test_who_takes_no_direct_message_at_home_is_told_in_the_next() -> None:
    chat = Chat(World(lights={"a": True}, owners={"a": "olga"}))
    in_two(chat)
    home = chat.chat.direct(user("UBOSS"))
    chat.chat.fails = lambda where: PermissionDenied("refused") if where == home else None
    assert told_where(chat) == [ABROAD.workspace]


def test_where_no_user_of_theirs_is_there_it_is_noted_once_why() -> None:
    chat = Chat(World(lights={"a": True}, owners={"a": "olga"}))
    in_two(chat)
    chat.chat.people = {user("UASKER"): ChatPerson(name="dana"), ABROAD: ChatPerson(name="olga", gone=True)}
    assert told_where(chat) == []
    (failed,) = [one for one in chat.deliveries.of_run(chat.runs[0].run_id) if one.state == "failed"]
    assert failed.reason == "no such user; they are no longer of that workspace"


def test_a_home_workspace_that_is_away_is_waited_for() -> None:
    chat = Chat(World(lights={"a": True}, owners={"a": "olga"}))
    in_two(chat)
    home = chat.chat.direct(user("UBOSS"))
    chat.chat.fails = lambda where: RetryableError("away") if where == home else None
    with pytest.raises(RetryableError):
        told_where(chat)
    assert not chat.chat.to("UBOSS")


def test_what_could_not_be_told_at_last_is_noted() -> None:
    chat = Chat(World(lights={"a": True}, owners={"a": "olga"}))
    chat.say(TEXT, where=DIRECT)
    chat.process.go_on(chat.runs[0])
    chat.chat.fails = lambda where: RetryableError("asked too often")
    with pytest.raises(RetryableError):
        chat.process.use_cases.deliver(Delivery(kind="owners", tenant="main", run_id=chat.runs[0].run_id), last=True)
    (noted,) = chat.deliveries.of_run(chat.runs[0].run_id)
    assert (noted.key, noted.state, noted.reason) == ("owners", "failed", "asked too often")


def test_nobody_is_told_of_a_run_before_its_end() -> None:
    world = World(lights={"a": True, "b": True}, owners={"a": "olga"}, kinds={"b": "production"})
    chat = asked(world)
    before = told(chat)
    assert world.switched == ["a"] and chat.runs[0].status == "parked"
    chat.process.use_cases.deliver(Delivery(kind="owners", tenant="main", run_id=chat.runs[0].run_id))
    assert told(chat) == before


def test_who_may_not_be_shown_how_it_is_or_is_in_no_chat_is_not_told() -> None:
    chat = Chat(World(lights={"a": True}, owners={"a": "olga, omar, ben"}))
    people = {one.id: one for one in chat.process.config.people}
    changed = (
        people["olga"].model_copy(update={"roles": ()}),
        people["dana"],
        people["omar"],
        KnownPerson(id="ben", name="Ben", principals=(), roles=("approver",)),
    )
    chat.process.config = chat.process.config.model_copy(update={"people": changed})
    chat.say(TEXT, where=DIRECT)
    chat.work()
    assert told(chat) == {"UBOSS": 0, "UOTHER": 1}


def test_wherever_it_was_asked_for() -> None:
    chat = Chat(World(lights={"a": True}, owners={"a": "olga"}))
    dana = next(one for one in chat.process.config.people if one.id == "dana").person
    request = Asked(text=TEXT, dedupe_key="k1", kind="api")
    chat.process.use_cases.ingest(Trigger.asked(request, "main", dana, chat.process.use_cases.clock.now()))
    chat.work()
    assert [message.where.place for message in chat.chat.messages] == ["DUBOSS"]


def test_at_most_so_many_are_told_of_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "MOST_OWNERS", 1)
    chat = asked(World(lights={"a": True}, owners={"a": "olga, omar"}))
    assert told(chat) == {"UBOSS": 1, "UOTHER": 0}


def test_of_many_things_the_first_are_named_and_the_others_counted() -> None:
    lights = [f"a{number:02}" for number in range(12)]
    chat = asked(World(lights=dict.fromkeys(lights, True), owners=dict.fromkeys(lights, "olga")))
    (message,) = chat.chat.to("UBOSS")
    assert message.text.count("switch off") == 10 and "\nand 2 more\n" in message.text


def test_nothing_waits_to_be_told_of_a_run_that_changed_nothing() -> None:
    chat = Chat(World(lights={"a": False}, owners={"a": "olga"}))
    chat.say(TEXT, where=CHANNEL)
    (run,) = chat.runs
    chat.process.go_on(run)
    chat.ended(run.run_id)
    assert [one.kind for one, _ in chat.queue.waiting] == ["answer"]


# --- the words, and whose things are -----------------------------------------------------------------

NOW = FakeClock().at


def entry(name: str = "a", state: str = "done", *, idle: bool = False, kind: Kind | None = "preview") -> LedgerEntry:
    ref = ResourceRef(type="environment", id="a")
    target = Target(ref=ref, name=name, kind=kind, tags={"owner": "Ann"})
    change = Change(ref=ref, name=name, action="skip" if idle else "stop", before="on", after="off")
    prior = Preview(targets=(target,), changes=(change,), state=None)
    made = {"step": "off", "item": 0, "tool": "switch_off@1", "arguments_hash": "h", "state": state, "prior": prior}
    return LedgerEntry.model_validate(made | {"owner": "w", "attempt": 1, "started_at": NOW, "dead_after": NOW})


def people(*names: tuple[str, str]) -> Configuration:
    known = [KnownPerson(id=id, name=name, principals=(), roles=("reader",)) for id, name in names]
    return Configuration(accounts=(), people=tuple(known))


@pytest.mark.parametrize(
    ("made", "whose"),
    [
        (entry(), ["ann"]),
        (entry(idle=True), []),
        (entry(state="failed_clean"), []),
        (entry(state="started"), []),
        (entry(state="unknown"), []),
    ],
)
def test_what_was_done_is_theirs_to_know(made: LedgerEntry, whose: list[str]) -> None:
    assert [person.id for person, _ in owners.owned([made], people(("ann", "Ann"), ("ben", "Ben")))] == whose


def test_a_name_that_two_have_is_nobodys() -> None:
    assert not list(owners.owned([entry()], people(("ann", "Ann"), ("ann2", "Ann"))))


def test_what_is_of_no_known_kind_is_told_as_the_strictest_is() -> None:
    assert [owners.about([entry(kind=kind)]).kind for kind in ("preview", None)] == ["preview", "production"]
    assert owners.about([entry(), entry(kind="staging")]).kind == "staging"


def test_nothing_from_outside_calls_or_links_and_what_is_long_is_cut() -> None:
    asks = Asked(text="see https://evil.example @here " + "x" * 500, dedupe_key="k")
    trigger = Trigger.asked(asks, "main", Person(id="eve", name="Eve @here"), NOW)
    run = Run(run_id="r1", trigger=trigger)
    said = owners.told(run, [entry("a<!channel>")], ["Ben @here"], Registry(TOOLS), "UTC")
    text = said.model_dump_json()
    assert not any(bad in text for bad in ("<!channel>", "@here", "https://evil.example")) and text.count("x") < 150


def test_a_firing_is_said_to_be_one() -> None:
    eve = Person(id="eve", name="Eve")
    trigger = Trigger.of_schedule("s1", "Stop, as s1 says", "main", eve, NOW, kind="schedule", dedupe_key="k")
    said = owners.told(Run(run_id="r1", trigger=trigger), [entry()], [], Registry(TOOLS), "UTC")
    assert said.brief.startswith("A schedule of Eve changed what is yours: switch off a, ")
