"""What activities of Teams say, from raw payloads (events/)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from teams_events import APP, JSON, NAMES, TENANT, activity, said_by, setting

from copilot.domain import AnswerTo, ChatFile, ChatUser, Opened, Pressed, Said, conversation_at
from copilot.edges.chat.opening import Unreadable
from copilot.edges.chat.queued import read_queued
from copilot.edges.chat.teams.payloads import read

USER = ChatUser(platform="teams", workspace=TENANT, user="7faf8ab2-3d56-4244-b585-20c8a42ed2b8")
CHANNEL = AnswerTo(
    platform="teams",
    workspace=TENANT,
    place="19:253b1f341670408fb6fe51050b6e5ceb@thread.tacv2",
    thread="1772441900000",
)
PERSONAL = AnswerTo(platform="teams", workspace=TENANT, place=USER.user, person=True)
ANOTHER = "72f988bf-86f1-41af-91ab-2d7cd011db48"


def test_a_mention_in_a_channel_is_said_in_its_reply_chain_without_the_mention() -> None:
    said = said_by("mention")
    assert isinstance(said, Said)
    assert (said.user, said.where, said.message) == (USER, CHANNEL, "1772441998437")
    assert (said.direct, said.addressed, said.external, said.files) == (False, True, False, ())
    assert said.text == "stop uat & tell @Adele Vance when a < b"


def test_a_personal_chat_is_one_strand_by_the_person_whose_it_is() -> None:
    said, pressed = said_by("personal"), said_by("approve")
    assert isinstance(said, Said) and isinstance(pressed, Pressed)
    assert said.where == pressed.where == PERSONAL
    assert (said.direct, said.addressed, said.text) == (True, True, "which environments are idle?")
    assert conversation_at(said.where) == f"teams:{TENANT}/{USER.user}"


def test_what_was_quoted_is_not_what_was_said() -> None:
    said = said_by("personal_quoted")
    assert isinstance(said, Said) and said.text == "and staging?"


def test_a_file_in_a_personal_chat_is_one_to_be_read() -> None:
    said = said_by("personal_file")
    assert isinstance(said, Said)
    (file,) = said.files
    assert file == ChatFile(
        id="1150D938-8870-4044-9F2C-5BBDEBA70C9D",
        name="deploy.log",
        size=0,
        type="log",
        url="https://contoso-my.sharepoint.com/personal/meganb_contoso_com/_layouts/15/download.aspx"
        "?UniqueId=1150d938-8870-4044-9f2c-5bbdeba70c9d&tempauth=not-used",
    )


def test_buttons_say_what_they_do_and_about_what() -> None:
    approve, show, deny = said_by("approve"), said_by("show"), said_by("submit")
    assert isinstance(approve, Pressed) and isinstance(show, Pressed) and isinstance(deny, Pressed)
    assert (approve.action, approve.about, approve.user, approve.message) == ("approve", "a-1", USER, "1772441950000")
    assert (show.action, show.where) == ("show", CHANNEL)
    assert (deny.action, deny.where, deny.chosen) == ("deny", PERSONAL, ())
    assert len({approve.key, show.key, deny.key}) == 3


def test_what_was_ticked_comes_with_the_button() -> None:
    pressed = said_by("narrow")
    assert isinstance(pressed, Pressed) and pressed.chosen == ("stop.uat", "stop.a,b c")


def test_the_same_again_has_the_same_key_and_another_press_has_not() -> None:
    first, again = said_by("approve"), said_by("approve")
    other = said_by("approve", lambda body: body.update(id="f:another"))
    assert isinstance(first, Pressed) and first == again
    assert isinstance(other, Pressed) and other.key != first.key
    said, once_more = said_by("mention"), said_by("mention", lambda body: body.update(text="other words"))
    assert isinstance(said, Said) and isinstance(once_more, Said) and said.key == once_more.key


def test_who_adds_the_copilot_for_themselves_has_opened_it() -> None:
    for name in ("added", "members_added"):
        opened = said_by(name)
        assert isinstance(opened, Opened) and (opened.user, opened.where) == (USER, PERSONAL)


def test_what_is_of_bots_or_of_no_use_says_nothing() -> None:
    def in_team(body: dict[str, Any]) -> None:
        body["conversation"] = activity("mention")["conversation"]

    assert said_by("mention", lambda body: body["from"].update(role="bot")) is None
    assert said_by("mention", lambda body: body["from"].update(id=f"28:{APP}")) is None
    assert said_by("mention", lambda body: body["from"].pop("aadObjectId")) is None  # somebody without an account
    assert said_by("approve", lambda body: body["from"].pop("aadObjectId")) is None
    assert said_by("added", in_team) is None
    assert said_by("added", lambda body: body.update(action="remove")) is None
    assert said_by("members_added", lambda body: body.update(membersAdded=[{"id": "29:other"}])) is None
    assert said_by("approve", lambda body: body.update(name="fileConsent/invoke")) is None
    assert said_by("approve", lambda body: body["value"]["action"].update(verb="theirs.approve")) is None
    for kind in ("messageUpdate", "messageReaction", "typing", "endOfConversation", "event"):
        assert said_by("mention", setting("type", kind)) is None


def test_whoever_is_of_another_tenant_is_external() -> None:
    def sender(body: dict[str, Any]) -> None:
        body["from"]["tenantId"] = ANOTHER

    def channel(body: dict[str, Any]) -> None:
        body["channelData"]["tenant"]["id"] = ANOTHER

    for change in (sender, channel):
        for name in ("mention", "approve"):
            said = said_by(name, change)
            assert isinstance(said, Said | Pressed)
            assert said.external and said.user.workspace == TENANT


def test_a_message_in_a_channel_is_for_us_where_we_are_mentioned_by_our_id() -> None:
    def of_a_namesake(body: dict[str, Any]) -> None:
        body["entities"][0]["mentioned"]["id"] = "29:somebody-called-copilot"

    said = said_by("mention", of_a_namesake)
    assert isinstance(said, Said) and not said.addressed and said.text.startswith("@copilot stop uat")
    typed = said_by("mention", lambda body: body.update(entities=[], text="<at>copilot</at> stop"))
    assert isinstance(typed, Said) and not typed.addressed and typed.text == "<at>copilot</at> stop"


def test_a_mention_that_somebody_typed_is_not_taken_for_ours() -> None:
    """Each stands where its entity is in the order of the text."""

    def twice(body: dict[str, Any]) -> None:
        body["text"] = "<at>copilot</at> and <at>copilot</at>"
        namesake = {"type": "mention", "text": "<at>copilot</at>", "mentioned": {"id": "29:x", "name": "copilot"}}
        body["entities"] = [body["entities"][0], namesake]

    said = said_by("mention", twice)
    assert isinstance(said, Said) and said.text == "and @copilot"


def test_a_group_chat_is_answered_to_its_sender_alone() -> None:
    def group(body: dict[str, Any]) -> None:
        body["conversation"] |= {"conversationType": "groupChat", "id": "19:abc@thread.v2"}

    said = said_by("mention", group)
    assert isinstance(said, Said)
    assert (said.where.place, said.where.thread, said.direct) == ("19:abc@thread.v2", None, False)


def test_ids_are_compared_in_small_letters() -> None:
    said = said_by("mention", lambda body: body["from"].update(aadObjectId=USER.user.upper()))
    assert isinstance(said, Said) and said.user == USER


@pytest.mark.parametrize("name", NAMES)
def test_the_queue_gives_it_back_in_the_copilots_words(name: str) -> None:
    body = json.dumps(activity(name))
    queued = {"platform": "teams", "route": "messages", "content_type": JSON, "body": body}
    assert read_queued(queued, lambda platform: ()) == read(JSON, body)


@pytest.mark.parametrize("content_type", ["", "text/html", "application/x-www-form-urlencoded"])
def test_another_content_type_is_unreadable(content_type: str) -> None:
    with pytest.raises(Unreadable):
        read(content_type, json.dumps(activity("mention")))


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_stands_where_something_is_looked_for_it_is_read_or_unreadable(data: st.DataObject) -> None:
    body = activity(data.draw(st.sampled_from(NAMES)))
    odd = st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just([]), st.just({}), st.just([5])
    )
    place: Any = body
    for _ in range(data.draw(st.integers(1, 3))):
        if not isinstance(place, dict) or not place:
            break
        key = data.draw(st.sampled_from(sorted(place)))
        if data.draw(st.booleans()) or not isinstance(place[key], dict):
            place[key] = data.draw(odd)
            break
        place = place[key]
    try:
        read(JSON, json.dumps(body))
    except Unreadable as error:
        assert "Megan" not in str(error)
