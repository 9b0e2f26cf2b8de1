"""What Discord's interactions say, from the samples in events/."""

from __future__ import annotations

from typing import Any

import pytest
from discord_events import (
    CHANNEL,
    DANA,
    DIRECT,
    NAMES,
    OTHER_SERVER,
    SERVER,
    THREAD,
    changed,
    payload,
    said_by,
)

from copilot.domain import AnswerTo, ChatUser, Pressed, Said, conversation_at
from copilot.edges.chat.discord.payloads import read
from copilot.edges.chat.opening import Unreadable
from copilot.triggers.linking import code_in

USER = ChatUser(platform="discord", workspace=SERVER, user=DANA)


def at(place: str, thread: str) -> AnswerTo:
    return AnswerTo(platform="discord", workspace=SERVER, place=place, thread=thread)


def test_a_command_is_what_its_option_says_as_it_was_typed() -> None:
    said = said_by("command")
    assert isinstance(said, Said)
    assert (said.text, said.user, said.where) == ("stop uat & tell #platform", USER, at(CHANNEL, DANA))
    assert said.addressed and not said.direct and not said.quoted and said.files == ()
    assert (said.key, said.token) == (payload("command")["id"], "not-a-token-0001")


def test_each_person_has_a_conversation_of_their_own_in_a_channel_and_all_have_one_in_a_thread() -> None:
    def other(found: dict[str, Any]) -> None:
        found["member"]["user"]["id"] = "1290000000000000199"

    def conversation(name: str, change: Any = lambda found: None) -> str:
        said = said_by(name, change)
        assert isinstance(said, Said)
        return conversation_at(said.where)

    assert conversation("command") == conversation("message") != conversation("command", other)
    assert conversation("command_thread") == conversation("command_thread", other)
    assert said_by("command_thread").where == at(THREAD, THREAD)  # type: ignore[union-attr]


def test_a_direct_message_may_be_of_any_of_our_servers() -> None:
    said = said_by("command_direct", servers=(OTHER_SERVER, SERVER))
    assert isinstance(said, Said) and said.direct and code_in(said.text) == "7K3M-4H2P-9QWX"
    assert (said.user.workspace, [one.workspace for one in said.perhaps]) == (OTHER_SERVER, [SERVER])
    assert (said.where.place, said.where.thread, said.where.workspace) == (DIRECT, DIRECT, OTHER_SERVER)
    assert said_by("command_direct", servers=()) is None


def test_a_file_is_told_of_and_not_read() -> None:
    said = said_by("command_file")
    assert isinstance(said, Said)
    (file,) = said.files
    assert (file.name, file.size, file.type) == ("Dockerfile.txt", 36, "text/plain")
    assert file.url.startswith("https://cdn.discordapp.com/")


def test_a_message_is_a_request_of_who_wrote_it_alone() -> None:
    own = said_by("message")
    assert isinstance(own, Said) and own.text == "which environments are idle?" and not own.quoted

    def of_another(found: dict[str, Any]) -> None:
        (message,) = found["data"]["resolved"]["messages"].values()
        message["author"]["id"] = "1290000000000000199"

    quoted = said_by("message", of_another)
    assert isinstance(quoted, Said) and quoted.quoted and (quoted.text, quoted.files) == ("", ())


@pytest.mark.parametrize(
    ("name", "action", "chosen"), [("approve", "approve", ()), ("deny", "deny", ()), ("narrow", "narrow", ("stop.1",))]
)
def test_a_button_and_a_dialog_say_what_they_do_and_what_was_chosen(
    name: str, action: str, chosen: tuple[str, ...]
) -> None:
    pressed = said_by(name)
    assert isinstance(pressed, Pressed)
    assert (pressed.action, pressed.about, pressed.chosen) == (action, "a-4kq7", chosen)
    assert (pressed.user, pressed.where) == (USER, at(DIRECT, DIRECT))
    assert (pressed.message, pressed.key) == ("1290000000000000400", payload(name)["id"])


@pytest.mark.parametrize("name", ["approve_asked", "leave_out", "ping"])
def test_what_only_asks_says_nothing(name: str) -> None:
    assert said_by(name) is None


def test_what_a_list_in_the_message_shows_chosen_counts_for_nothing() -> None:
    """Whatever became of it: only what the dialog shows does."""

    def chosen_before(found: dict[str, Any]) -> None:
        container = found["message"]["components"][0]
        container["components"][3]["components"][0]["options"][0]["default"] = True

    assert said_by("narrow", chosen_before).chosen == ("stop.1",)  # type: ignore[union-attr]
    assert said_by("approve", chosen_before).chosen == ()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "id", ["other", "copilot.deny", "copilot.deny:", "copilot.deny:a b", "copilot.deny:" + "a" * 81]
)
def test_what_is_none_of_ours_says_nothing(id: str) -> None:
    assert said_by("deny", lambda found: found["data"].update(custom_id=id)) is None


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("command", lambda found: found["data"].update(options=[])),
        ("command", lambda found: found["data"].update(options="x")),
        ("command", lambda found: found["data"]["options"][0].update(value=7)),
        ("command", lambda found: found["member"]["user"].update(id="U1")),
        ("command", lambda found: found.update(guild_id="T024BE7LD")),
        ("command", lambda found: found.pop("id")),
        ("command_file", lambda found: found["data"].update(resolved={})),
        ("deny", lambda found: found["data"].update(custom_id="copilot.explode:a")),
        ("narrow", lambda found: found["data"]["components"][0]["component"].update(values="stop.1")),
        ("narrow", lambda found: found["data"].update(components={})),
    ],
)
def test_what_is_not_as_discord_has_it_is_unreadable(name: str, change: Any) -> None:
    with pytest.raises(Unreadable) as raised:
        said_by(name, change)
    assert "not-a-token" not in str(raised.value)


@pytest.mark.parametrize("name", NAMES)
def test_the_token_is_nowhere_but_where_it_is_kept(name: str) -> None:
    said = read(changed(name, lambda found: None), (SERVER,))
    assert "not-a-token" not in repr(said) and "not-a-token" not in str(said)
