"""Asked, answered, approved and narrowed in Discord: its own payloads and limits, in this process."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from discord_world import APP, OnDiscord
from fakes import World
from test_runs import OFF_ALL

from cli.laptop.discord import SERVER, Channel, Dialog, Guild, Message, Used
from copilot.domain import ChatUser
from copilot.errors import PermissionDenied

LIVE: dict[str, Any] = {"kinds": {"a": "production", "b": "production", "c": "production"}}
OTHER = "1290000000000000012"


@pytest.fixture
def made() -> Iterator[list[OnDiscord]]:
    some: list[OnDiscord] = []
    yield some
    for one in some:
        one.discord.close()


def chat_in(
    made: list[OnDiscord], world: World | None = None, plan: dict[str, Any] = OFF_ALL, **more: Any
) -> OnDiscord:
    chat = OnDiscord(world or World(lights={"a": True}), plan, **more)
    made.append(chat)
    return chat


def parked(made: list[OnDiscord], *lights: str) -> OnDiscord:
    """All lights off is asked for in a channel, and waits for an approval."""
    chat = chat_in(made, World(lights=dict.fromkeys(lights, True), **LIVE), OFF_ALL)
    chat.discord.command("dana", "#dev", "all lights off")
    chat.take()
    return chat


def submitted(chat: OnDiscord, dialog: Used | Dialog, *values: str) -> Used:
    assert isinstance(dialog, Dialog)
    used = chat.discord.submit(dialog, *values)
    chat.take()
    return used


def test_the_address_is_taken_and_no_forged_interaction_is(made: list[OnDiscord]) -> None:
    assert chat_in(made).discord.register()


def test_a_command_is_answered_where_it_was_given_and_says_what_was_asked(made: list[OnDiscord]) -> None:
    chat = chat_in(made)
    used = chat.discord.command("dana", "#dev", "which *lights* are on, @everyone?")
    (awaited,) = chat.discord.messages("#dev")
    assert used.answer == {"type": 5} and awaited.awaited
    chat.take()
    receipt, *_, answer = chat.discord.messages("#dev")
    assert receipt.id == awaited.id and not receipt.awaited
    assert "Dana asked: “which lights are on, (at)everyone?”" in chat.read("#dev")[0]
    assert chat.read("#dev")[-1] == "Off: a." and answer.author == APP
    assert not any(one.pings for one in chat.discord.world.messages)


def test_a_secret_in_what_was_asked_is_not_repeated_for_all_to_read(made: list[OnDiscord]) -> None:
    chat = chat_in(made)
    chat.discord.command("dana", "#dev", "which lights are on? password=hunter2hunter2")
    chat.take()
    assert "hunter2" not in chat.read("#dev")[0] and chat.read("#dev")[0].startswith("Dana asked: “which lights")


def test_what_is_sent_again_is_acknowledged_and_nothing_more_comes_of_it(made: list[OnDiscord]) -> None:
    chat = chat_in(made)
    used = chat.discord.command("dana", "#dev", "which lights are on?")
    chat.take()
    before = [(one.id, one.components) for one in chat.discord.world.messages]
    assert chat.discord.again(used) == 200
    chat.seen.clear()  # the queue has forgotten it, too
    assert chat.discord.again(used) == 200
    chat.take()
    assert len(chat.runs) == 1 and [(one.id, one.components) for one in chat.discord.world.messages] == before
    chat.time += 301
    assert chat.discord.again(used) == 401


def test_who_is_nobody_is_told_so_alone_and_the_others_that_there_was_something(made: list[OnDiscord]) -> None:
    chat = chat_in(made)
    chat.discord.command("you", "#dev", "a secret of mine")
    chat.take()
    assert [text for text in chat.read("#dev", "dana")] == ["I answered whoever asked this, and nobody else."]
    assert "does not know who you are" in chat.read("#dev", "you")[-1] and "secret" not in str(
        chat.read("#dev", "dana")
    )
    assert chat.runs == []


def test_what_is_told_alone_stays_so_where_what_all_see_was_not_taken(made: list[OnDiscord]) -> None:
    """The first that follows what is awaited takes its place, as all see it."""
    chat = chat_in(made)
    chat.discord.fail("PATCH", "/webhooks/", 400, code=50035)
    chat.discord.command("you", "#dev", "hello")
    chat.take()
    assert chat.read("#dev", "dana") == ["I have it."] and "does not know who you are" in chat.read("#dev", "you")[-1]


def test_once_the_time_of_a_token_is_over_they_are_told_directly(made: list[OnDiscord]) -> None:
    chat = chat_in(made)
    chat.discord.command("you", "#dev", "hello")
    chat.time += 901
    chat.take()
    assert "does not know who you are" in chat.read("@you")[0]
    assert [one.awaited for one in chat.discord.messages("#dev")] == [True] and chat.queue.left == []


def test_in_a_direct_message_what_is_told_is_the_answer(made: list[OnDiscord]) -> None:
    chat = chat_in(made)
    chat.discord.command("you", "@you", "hello")
    chat.take()
    (only,) = chat.read("@you")
    assert "does not know who you are" in only
    chat.discord.command("you", "@you", "hello again")
    chat.time += 901
    chat.take()
    assert "does not know who you are" in chat.read("@you")[-1] and len(chat.read("@you")) == 3


def test_a_code_is_taken_in_a_direct_message_and_refused_where_others_may_read_it(made: list[OnDiscord]) -> None:
    chat = chat_in(made)
    config = chat.process.config
    arn = "arn:aws:iam::111111111111:user/olga"
    people = [
        one.model_copy(update={"chat": (), "principals": (arn,)} if one.id == "olga" else {}) for one in config.people
    ]
    chat.process.config = config.model_copy(update={"people": tuple(people)})
    vars(chat.process.use_cases).pop("link", None)
    code = chat.process.use_cases.link.make_code(chat.person("olga"), arn, "discord")
    chat.discord.command("olga", "#dev", code.code)  # type: ignore[union-attr]
    chat.take()
    assert "taken in a direct message only" in chat.read("#dev", "olga")[-1]
    assert code.code not in str(chat.read("#dev"))  # type: ignore[union-attr]
    code = chat.process.use_cases.link.make_code(chat.person("olga"), arn, "discord")
    chat.discord.command("olga", "@olga", code.code)  # type: ignore[union-attr]
    chat.take()
    assert "You are Olga here from now on" in chat.read("@olga")[0]
    user = ChatUser(platform="discord", workspace=SERVER, user=chat.discord.world.user("olga").id)
    assert chat.process.use_cases.link.who(user) == chat.person("olga")


def test_of_several_servers_a_direct_message_is_of_the_one_that_its_author_is_known_in(made: list[OnDiscord]) -> None:
    chat = chat_in(made, servers=(OTHER, SERVER))
    chat.discord.world.guilds[OTHER] = Guild(OTHER, "Other", [APP, chat.discord.world.user("dana").id])
    for who in ("dana", "olga", "you"):  # dana is a member of both, and configured in the second
        chat.discord.command(who, f"@{who}", "which lights are on?")
    chat.take()
    assert [run.trigger.answer_to.workspace for run in chat.runs if run.trigger.answer_to] == [SERVER, SERVER]
    assert "Off: " in chat.read("@dana")[-1] and "does not know who you are" in chat.read("@you")[0]


@pytest.mark.parametrize("is_still_in", [{SERVER, OTHER}, {OTHER}, {SERVER}], ids=["both", "the other", "the first"])
def test_who_is_in_several_servers_is_told_once_and_decides_there(made: list[OnDiscord], is_still_in: set[str]) -> None:
    """Their direct message is the same, whichever server they are asked in."""
    chat = chat_in(made, World(lights={"a": True}, **LIVE), servers=(OTHER, SERVER))
    olga, guilds = chat.discord.world.user("olga").id, chat.discord.world.guilds
    guilds[OTHER] = Guild(OTHER, "Other", [APP, olga])
    for left in {SERVER, OTHER} - is_still_in:
        guilds[left].members.remove(olga)
    config, addresses = chat.process.config, tuple(f"discord:{one}/{olga}" for one in (SERVER, OTHER))
    people = [one.model_copy(update={"chat": addresses}) if one.id == "olga" else one for one in config.people]
    chat.process.config = config.model_copy(update={"people": tuple(people)})
    chat.discord.command("dana", "#dev", "all lights off")
    chat.take()
    (card,) = chat.discord.messages("@olga")
    chat.discord.press("olga", card, "Approve")
    chat.take()
    assert chat.process.store.approval("main", chat.runs[0].approval_id or "").state == "approved"


def test_a_server_that_lets_the_copilot_in_no_more_keeps_nobody_from_another(made: list[OnDiscord]) -> None:
    """What is asked in direct messages is looked for in both."""
    chat = chat_in(made, servers=(OTHER, SERVER))
    chat.discord.fail("GET", f"/guilds/{OTHER}/", 403, code=50001, times=10)
    for who in ("dana", "you"):
        chat.discord.command(who, f"@{who}", "which lights are on?")
    chat.take()
    assert "Off: " in chat.read("@dana")[-1] and "does not know who you are" in chat.read("@you")[0]


def test_where_no_server_says_who_somebody_is_it_is_for_the_dead_letters(made: list[OnDiscord]) -> None:
    chat = chat_in(made, servers=(OTHER, SERVER))
    chat.discord.fail("GET", "/guilds/", 403, code=50001, times=10)
    chat.discord.command("dana", "@dana", "which lights are on?")
    with pytest.raises(PermissionDenied, match="50001"):
        chat.take()


def test_a_file_is_read_along_and_only_from_discord_s_own_host(made: list[OnDiscord]) -> None:
    chat = chat_in(made)
    chat.discord.command("dana", "#dev", "what is wrong?", chat.discord.keep("Dockerfile", b"FROM scratch"))
    chat.discord.command("dana", "#platform", "what is wrong?", ("x.txt", "http://127.0.0.1:9/x.txt", 3))
    chat.discord.command("dana", "#operators", "what is wrong?", chat.discord.keep("x.png", b"\x89"))
    chat.take()
    (run,) = chat.runs
    assert [(one.name, one.text) for one in run.trigger.attachments] == [("Dockerfile", "FROM scratch")]
    assert "not one of Discord's own" in chat.read("#platform", "dana")[-1]
    assert "Not read" not in str(chat.read("#platform", "olga"))


def test_a_message_is_asked_about_by_who_wrote_it(made: list[OnDiscord]) -> None:
    chat = chat_in(made)
    dana, place = chat.discord.world.user("dana").id, chat.discord.world.channel("#dev").id
    said = chat.discord.world.put(Message("1", place, dana, content="which lights are on?"))
    chat.discord.ask_about("olga", said)
    chat.take()
    assert chat.runs == [] and "somebody else's" in chat.read("#dev", "olga")[-1]
    chat.discord.ask_about("dana", said)
    chat.take()
    assert chat.runs[0].trigger.text == "which lights are on?" and chat.read("#dev")[-1] == "Off: a."


def test_where_anybody_may_come_and_read_nothing_is_done(made: list[OnDiscord]) -> None:
    chat = chat_in(made)
    chat.discord.world.guilds[SERVER].features.append("COMMUNITY")
    chat.discord.command("dana", "#dev", "which lights are on?")
    chat.take()
    assert chat.runs == [] and "in a direct message" in chat.read("#dev", "dana")[-1]
    chat.discord.command("dana", "#operators", "which lights are on?")  # which not everybody sees
    chat.take()
    assert len(chat.runs) == 1


def test_people_of_one_channel_do_not_wait_for_each_other(made: list[OnDiscord]) -> None:
    chat = chat_in(made)
    for who in ("dana", "olga"):
        chat.discord.command(who, "#dev", "which lights are on?")
    chat.take()
    assert len({run.conversation for run in chat.runs}) == 2
    thread = Channel("77", 11, "why", SERVER, chat.discord.world.channel("#dev").id)
    chat.discord.world.channels[thread.id] = thread
    for who in ("dana", "olga"):
        chat.discord.command(who, "77", "which lights are on?")
    chat.take()
    assert len({run.conversation for run in chat.runs}) == 3


def test_an_approval_is_shown_narrowed_and_decided_by_components(made: list[OnDiscord]) -> None:
    chat = parked(made, "a", "b", "c")
    (card,) = chat.discord.messages("@olga")
    brief = chat.with_button("#dev", "Show everything")
    assert "production" not in chat.read("#dev")[-1]
    dialog = chat.discord.choose("olga", card, "off.1")
    assert isinstance(dialog, Dialog) and dialog.chosen == ["off.1"] and chat.waits == []
    submitted(chat, dialog, "off.1", "off.2")
    approval = chat.process.store.approval("main", chat.runs[0].approval_id or "")
    assert (approval.state, [one.target for one in approval.left_out]) == ("approved", ["b", "c"])
    chat.go_on()
    assert chat.runs[0].outcome == "succeeded"
    for message in (card, brief):
        assert "Approved by Olga" in json.dumps(message.components)
        assert "copilot.approve" not in json.dumps(message.components)


def test_what_looks_chosen_counts_for_nothing_unless_its_dialog_is_sent(made: list[OnDiscord]) -> None:
    """It was chosen and the dialog put away: whoever approves then is shown that it is all of it."""
    chat = parked(made, "a", "b")
    (card,) = chat.discord.messages("@olga")
    chat.discord.choose("olga", card, "off.0")
    dialog = chat.discord.press("olga", card, "Approve")
    assert isinstance(dialog, Dialog) and "nothing is left out" in json.dumps(dialog.data) and chat.waits == []
    submitted(chat, dialog)
    approval = chat.process.store.approval("main", chat.runs[0].approval_id or "")
    assert (approval.state, approval.left_out) == ("approved", ())


def test_of_one_change_approving_takes_one_press(made: list[OnDiscord]) -> None:
    chat = parked(made, "a")
    (card,) = chat.discord.messages("@olga")
    used = chat.discord.press("olga", card, "Approve")
    assert isinstance(used, Used) and used.answer == {"type": 6}
    chat.take()
    chat.go_on()
    assert chat.runs[0].outcome == "succeeded" and "Approved by Olga" in json.dumps(card.components)


def test_who_may_not_is_told_alone_and_nothing_is_decided(made: list[OnDiscord]) -> None:
    chat = parked(made, "a")
    brief = chat.with_button("#dev", "Show everything")
    submitted(chat, chat.discord.press("noah", brief, "Deny"))
    assert "has no role" in chat.read("#dev", "noah")[-1] and "has no role" not in str(chat.read("#dev", "dana"))
    assert chat.process.store.approval("main", chat.runs[0].approval_id or "").state == "pending"


def test_an_approver_who_takes_no_direct_messages_is_noted(made: list[OnDiscord]) -> None:
    chat = chat_in(made, World(lights={"a": True}, **LIVE), OFF_ALL)
    chat.discord.world.user("olga").takes_direct = False
    chat.discord.command("dana", "#dev", "all lights off")
    chat.take()
    kept = {one.key: one for one in chat.deliveries.of_run(chat.runs[0].run_id)}
    (failed,) = [one for one in kept.values() if one.state == "failed"]
    assert "takes no direct messages" in failed.reason and "Nobody was told of this approval" in str(chat.read("#dev"))


def test_a_token_is_in_no_row_and_no_log(
    made: list[OnDiscord], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Not even where all that is logged is kept, with the libraries' own lines."""
    caplog.set_level(logging.DEBUG)
    chat = parked(made, "a", "b")
    chat.discord.command("you", "#dev", "hello")
    chat.take()
    tokens = [*chat.discord.world.interactions]
    assert len(tokens) == 2
    rows = [one.model_dump_json() for run in chat.runs for one in chat.deliveries.of_run(run.run_id)]
    rows += [run.model_dump_json() for run in chat.runs] + [json.dumps(chat.noted)]
    printed = capsys.readouterr()
    assert not any(token in text for token in tokens for text in (*rows, printed.out, printed.err, caplog.text))
    assert all(one.authorization == "" for one in chat.discord.calls("PATCH", "/webhooks/"))
