"""What Slack's payloads say to us, from raw ones (events/) of each surface."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_events import FORM, JSON, NAMES, body_of, changed, request, route_of, said_by

from copilot.domain import Action, AnswerTo, ChatFile, ChatUser, Gone, Opened, Pressed, Said
from copilot.edges.chat.opening import Unreadable
from copilot.edges.chat.slack.opening import LARGEST, Route
from copilot.edges.chat.slack.payloads import read
from copilot.edges.chat.slack.plain import LONGEST, plain

TEAM, CHANNEL, DIRECT, BOT = "T000000001", "C000000001", "D000000001", "U00000BOT1"
ADA = ChatUser(platform="slack", workspace=TEAM, user="U000000001")
THREAD = AnswerTo(platform="slack", workspace=TEAM, place=CHANNEL, thread="1772441900.000100")


def said(name: str, change: Any = lambda payload: None) -> Said:
    found = said_by(name, change)
    assert isinstance(found, Said)
    return found


def pressed(name: str, change: Any = lambda payload: None) -> Pressed:
    found = said_by(name, change)
    assert isinstance(found, Pressed)
    return found


def of_event(**fields: Any) -> Any:
    """A change of what is in the event."""
    return lambda payload: payload["event"].update(fields)


# what each surface says


def test_a_mention_is_said_to_us_without_it() -> None:
    assert said("mention") == Said(
        key=f"{TEAM}/{CHANNEL}/1772441999.000100",
        user=ADA,
        where=AnswerTo(platform="slack", workspace=TEAM, place=CHANNEL, thread="1772441999.000100"),
        message="1772441999.000100",
        addressed=True,
        text="stop uat & tell #platform",
    )


def test_the_message_that_a_mention_is_in_says_the_same_as_the_mention() -> None:
    as_message = said_by("mention", of_event(type="message", channel_type="channel"))
    assert as_message == said("mention")
    assert said_by("mention", lambda payload: payload.update(event_id="Ev0000000099")) == said("mention")


def test_a_direct_message_begins_a_thread_of_its_own() -> None:
    found = said("message_im")
    assert (found.direct, found.addressed, found.text) == (True, True, "what is running in uat?")
    assert found.where == AnswerTo(platform="slack", workspace=TEAM, place=DIRECT, thread=found.message)


def test_an_answer_in_a_direct_thread_is_of_that_thread() -> None:
    found = said("message_im", of_event(thread_ts="1772441900.000100"))
    assert found.where.thread == "1772441900.000100" and found.message == "1772441999.000200"


def test_a_message_in_a_thread_is_not_said_to_us_by_its_form() -> None:
    found = said("message_thread")
    assert (found.where, found.addressed, found.direct) == (THREAD, False, False)
    assert found.text == "@U000000002 shall it stay on?"


def test_an_answer_that_goes_to_the_channel_too_is_of_its_thread() -> None:
    assert said("message_thread", of_event(subtype="thread_broadcast")).where == THREAD


def test_a_file_comes_with_what_was_said_about_it() -> None:
    url = f"https://files.slack.com/files-pri/{TEAM}-F000000001/download/dockerfile"
    file = ChatFile(id="F000000001", name="Dockerfile", size=412, type="text/plain", url=url)
    found = said("message_file")
    assert found.files == (file,) and found.text == "what is wrong with this?"


def test_a_file_that_slack_tells_nothing_of_is_named_by_its_id_and_has_no_address() -> None:
    bare = said("message_file", of_event(files=[{"id": "F000000002", "file_access": "check_file_info"}]))
    assert bare.files == (ChatFile(id="F000000002", name="F000000002", size=0, url=""),)


def test_a_command_is_said_to_us_in_no_thread() -> None:
    assert said("command") == Said(
        key="command/1000000000005.1000000000006.0123456789abcdef0123456789abcdef",
        user=ADA,
        where=AnswerTo(platform="slack", workspace=TEAM, place=CHANNEL),
        addressed=True,
        text="stop uat",
    )
    assert said("command", lambda form: form.update(channel_id=DIRECT)).direct


def test_a_command_that_nothing_tells_from_another_is_refused() -> None:
    with pytest.raises(Unreadable):
        said_by("command", lambda form: form.pop("trigger_id"))


def test_slacks_look_whether_the_command_is_there_says_nothing() -> None:
    assert said_by("command", lambda form: form.update(ssl_check="1")) is None


def test_approve_is_pressed_in_the_thread_of_its_message() -> None:
    found = pressed("approve")
    assert (found.user, found.external, found.where) == (ADA, False, THREAD)
    assert (found.action, found.about, found.message) == ("approve", "a-0000000001", "1772441990.000900")


def test_a_button_of_a_message_in_no_thread_is_pressed_in_that_which_it_begins() -> None:
    def out(payload: dict[str, Any]) -> None:
        del payload["container"]["thread_ts"], payload["message"]["thread_ts"]

    assert pressed("approve", out).where.thread == "1772441990.000900"


def test_a_second_press_is_another_and_a_second_delivery_the_same() -> None:
    def later(payload: dict[str, Any]) -> None:
        payload["actions"][0]["action_ts"] = "1772442001.000100"

    def bo(payload: dict[str, Any]) -> None:
        payload["user"]["id"] = "U000000002"

    def again(payload: dict[str, Any]) -> None:
        payload.update(trigger_id="another", response_url="https://hooks.slack.com/another")

    keys = {pressed("approve", change).key for change in (later, bo, again)}
    assert pressed("approve").key in keys and len(keys) == 3


@pytest.mark.parametrize("action", get_args(Action))
def test_every_button_of_ours_is_known_by_its_action(action: str) -> None:
    assert pressed("approve", lambda p: p["actions"][0].update(action_id=f"copilot.{action}")).action == action


@pytest.mark.parametrize("action_id", ["approve", "copilot.", "copilot.destroy", "leave_out", "", None])
def test_what_is_no_button_of_ours_says_nothing(action_id: str | None) -> None:
    assert said_by("approve", lambda payload: payload["actions"][0].update(action_id=action_id)) is None


def test_what_is_ticked_beside_the_button_is_chosen() -> None:
    boxes = {"type": "checkboxes", "selected_options": [{"value": "i-1"}, {"value": "i-2"}]}
    several = {"type": "multi_static_select", "selected_options": [{"value": "i-2"}, {"value": "i-3"}]}
    empty = {"type": "checkboxes", "selected_options": []}
    other = {"type": "plain_text_input", "value": "i-9"}
    values = {"a": {"x": boxes, "y": other}, "b": {"z": several}, "c": {"w": empty}}
    found = pressed("approve", lambda payload: payload.update(state={"values": values}))
    assert found.chosen == ("i-1", "i-2", "i-3")


def test_narrow_says_what_is_left_out() -> None:
    found = pressed("narrow")
    assert (found.user, found.where, found.action, found.about) == (ADA, THREAD, "narrow", "a-0000000001")
    assert found.chosen == ("i-00000000000000001", "i-00000000000000002")


def test_opening_where_we_are_talked_with_or_our_home_is_told_and_opening_another_tab_is_not() -> None:
    where = AnswerTo(platform="slack", workspace=TEAM, place=DIRECT)
    assert said_by("home_opened") == Opened(key="Ev0000000005", user=ADA, where=where)
    assert said_by("home_tab") == Opened(key="Ev0000000006", user=ADA, where=where, home=True)
    assert said_by("home_tab", of_event(tab="about")) is None


def test_what_stands_in_the_event_of_what_the_home_shows_says_nothing() -> None:
    view = {"id": "V1", "hash": "1.2", "blocks": [], "team_id": "T0ELSE"}
    assert said_by("home_tab", of_event(view=view)) == said_by("home_tab")


def test_pressed_at_home_it_is_answered_directly() -> None:
    found = pressed("home_pressed")
    assert (found.user, found.external, found.home) == (ADA, False, True)
    assert found.where == AnswerTo(platform="slack", workspace=TEAM, place=ADA.user, person=True)
    assert (found.action, found.about, found.message, found.chosen) == ("pause", "s000000001", "", ())
    assert not pressed("approve").home


def test_who_presses_at_home_and_is_of_another_organisation_is_from_outside() -> None:
    assert pressed("home_pressed", lambda payload: payload["user"].update(team_id="T0ELSE")).external


def test_who_was_deactivated_is_gone_and_who_changed_their_name_is_not() -> None:
    assert said_by("user_gone") == Gone(platform="slack", workspace=TEAM, user="U000000002")
    assert said_by("user_gone", lambda payload: payload["event"]["user"].update(deleted=False)) is None


def test_with_the_app_everybody_is_gone() -> None:
    everybody = Gone(platform="slack", workspace=TEAM)
    assert said_by("uninstalled") == everybody
    assert said_by("uninstalled", of_event(type="tokens_revoked", tokens={"oauth": [], "bot": [BOT]})) == everybody
    assert said_by("uninstalled", of_event(type="tokens_revoked", tokens={"oauth": ["U000000009"]})) is None


# what says nothing to us


@pytest.mark.parametrize(
    "fields",
    [
        {"user": BOT},
        {"user": "USLACKBOT"},
        {"user": None},
        {"bot_id": "B000000009"},
        {"bot_profile": {"id": "B000000009"}},
        {"edited": {"user": "U000000001", "ts": "1772442000.000100"}},
        {"hidden": True},
        {"type": "reaction_added"},
        {"type": "app_context_changed"},
        {"type": None},
    ],
)
@pytest.mark.parametrize("name", ["mention", "message_im", "message_thread"])
def test_what_nobody_wrote_to_us_says_nothing(name: str, fields: dict[str, Any]) -> None:
    assert said_by(name, of_event(**fields)) is None


@pytest.mark.parametrize(
    "subtype",
    "bot_message channel_join channel_leave channel_topic message_changed message_deleted message_replied "
    "assistant_app_thread me_message reminder_add".split(),
)
def test_what_slack_or_a_bot_says_or_what_changes_what_was_said_says_nothing(subtype: str) -> None:
    assert said_by("message_im", of_event(subtype=subtype)) is None


@pytest.mark.parametrize("name", ["url_verification", "rate_limited"])
def test_what_is_for_the_door_alone_says_nothing(name: str) -> None:
    assert said_by(name) is None


@pytest.mark.parametrize(
    "type", ["shortcut", "message_action", "view_submission", "view_closed", "block_suggestion", "", None]
)
def test_other_interactions_say_nothing(type: str | None) -> None:
    assert said_by("approve", lambda payload: payload.update(type=type)) is None


# whose it is


ORGANISATION = {"team_id": None, "enterprise_id": "E000000001", "user_id": BOT, "is_bot": True}


def for_an_organisation(payload: dict[str, Any]) -> None:
    payload.update(team_id=None, authorizations=[ORGANISATION | {"is_enterprise_install": True}])


def test_an_installation_of_an_organisation_goes_by_the_organisation() -> None:
    found = said("mention", for_an_organisation)
    assert found.user.workspace == found.where.workspace == "E000000001" and not found.external

    def interaction(payload: dict[str, Any]) -> None:
        payload.update(team=None, enterprise={"id": "E000000001"}, is_enterprise_install=True)

    by_button = pressed("approve", interaction)
    assert by_button.user.workspace == by_button.where.workspace == "E000000001" and not by_button.external
    of_command = said(
        "command", lambda form: form.update(is_enterprise_install="true", enterprise_id="E000000001", team_id="")
    )
    assert of_command.user.workspace == "E000000001"


def test_an_installation_in_one_workspace_of_an_organisation_goes_by_the_workspace() -> None:
    one = ORGANISATION | {"team_id": TEAM, "is_enterprise_install": False}
    assert said("mention", lambda payload: payload.update(authorizations=[one], team_id=None)).user == ADA
    assert pressed("approve", lambda payload: payload.update(team=None, enterprise={"id": "E1"})).user == ADA


def shared(**fields: Any) -> Any:
    def change(payload: dict[str, Any]) -> None:
        payload["is_ext_shared_channel"] = True
        payload["event"].update(fields)

    return change


@pytest.mark.parametrize("name", ["mention", "message_thread"])
def test_in_a_shared_channel_who_is_not_known_to_be_ours_is_external(name: str) -> None:
    assert not said(name, shared()).external
    assert not said(name, shared(user_team=TEAM, team="T000000002")).external
    for fields in (
        {"user_team": "T000000002"},
        {"user_team": "E000000002"},
        {"user_team": "E000000001"},
        {"team": "T000000002"},
        {"team": None},
    ):
        assert said(name, shared(**fields)).external


def test_an_organisations_own_people_are_not_external_in_a_channel_it_shares() -> None:
    def ours(payload: dict[str, Any]) -> None:
        for_an_organisation(payload)
        shared(user_team="E000000001")(payload)

    def theirs(payload: dict[str, Any]) -> None:
        for_an_organisation(payload)
        shared(user_team="E000000002")(payload)

    def unknown(payload: dict[str, Any]) -> None:
        for_an_organisation(payload)
        shared(team=None)(payload)

    assert not said("mention", ours).external
    assert said("mention", theirs).external and said("mention", unknown).external


def test_of_another_workspace_is_external_where_the_channel_is_not_said_to_be_shared() -> None:
    assert said("mention", of_event(user_team="T000000002")).external


@pytest.mark.parametrize("name", ["approve", "narrow"])
def test_who_presses_from_another_workspace_or_from_none_is_external(name: str) -> None:
    assert pressed(name, lambda payload: payload["user"].update(team_id="T000000002")).external
    assert pressed(name, lambda payload: payload["user"].update(team_id=None)).external
    assert not pressed(name).external


def test_who_presses_in_an_organisations_installation_is_external_unless_known_to_be_of_it() -> None:
    def pressing(team: Any, user_team: str | None = TEAM) -> Any:
        def change(payload: dict[str, Any]) -> None:
            payload.update(team=team, enterprise={"id": "E000000001"}, is_enterprise_install=True)
            payload["user"]["team_id"] = user_team

        return change

    ours = {"id": TEAM, "domain": "example", "enterprise_id": "E000000001"}
    assert not pressed("approve", pressing(ours)).external
    assert not pressed("approve", pressing(None, "E000000001")).external
    assert pressed("approve", pressing(None, None)).external
    assert pressed("approve", pressing(None, "E000000002")).external
    assert pressed("approve", pressing(ours | {"enterprise_id": "E000000002"})).external


# text as it was typed


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("stop uat in <#C1|platform>", "stop uat in #platform"),
        ("stop uat in <#C1>", "stop uat in #C1"),
        ("stop uat in <#C1|>", "stop uat in #C1"),
        ("ask <@U1>", "ask @U1"),
        ("ask <@U1|bo>", "ask @bo"),
        ("<@UB> stop uat", "stop uat"),
        ("<@UB|copilot>: stop uat", "stop uat"),
        ("please <@UB>, stop uat", "please stop uat"),
        ("stop uat <@UB>", "stop uat"),
        ("<@UB>", ""),
        ("<@UB> ask <@U1>", "ask @U1"),
        ("cpu &gt; 80 &amp;&amp; memory &lt; 20", "cpu > 80 && memory < 20"),
        ("&amp;lt;@UB&amp;gt;", "&lt;@UB&gt;"),
        ("&lt;@UB&gt; stop", "<@UB> stop"),
        ("see <http://uat.example.com|uat.example.com>", "see uat.example.com"),
        ("see <https://example.com/a?b=1&amp;c=2>", "see https://example.com/a?b=1&c=2"),
        ("<mailto:ada@example.com|ada@example.com>", "ada@example.com"),
        ("<!here> and <!channel> and <!subteam^S1|@ops> and <!subteam^S2>", "@here and @channel and @ops and @S2"),
        ("<!here|here>", "@here"),
        ("<!date^1392734382^{date}|18 February>", "18 February"),
        ("a < b", "a < b"),
        ("<> <|x>", "<> x"),
        ("one\n<@UB> two", "one\n two"),
    ],
)
def test_text_is_read_as_it_was_typed(sent: str, typed: str) -> None:
    assert plain(sent, {"UB"}) == typed


@given(st.text())
def test_what_slack_escapes_comes_back(typed: str) -> None:
    typed = typed.strip()
    escaped = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert plain(escaped) == typed


def test_text_is_bounded_and_always_text() -> None:
    assert len(plain("a" * 100_000)) == LONGEST
    assert plain("a\ud800b") == "a?b"


# what is no payload of Slack's


@pytest.mark.parametrize(
    ("route", "content_type", "body"),
    [
        ("events", FORM, "{}"),
        ("events", "text/plain", "{}"),
        ("events", "", "{}"),
        ("interactions", JSON, "payload=%7B%7D"),
        ("commands", JSON, "a=b"),
        ("events", JSON, ""),
        ("events", JSON, "[]"),
        ("events", JSON, "null"),
        ("events", JSON, "{"),
        ("events", JSON, "[" * 100_000),
        ("events", JSON, '{"a": ' + "9" * 10_000 + "}"),
        ("events", JSON, '{"a": "' + "a" * LARGEST + '"}'),
        ("interactions", FORM, ""),
        ("interactions", FORM, "payload=1"),
        ("interactions", FORM, "payload=%ff%fe"),
        ("commands", FORM, "&".join("a=b" for _ in range(200))),
        ("commands", FORM, ""),
    ],
)
def test_anything_else_is_refused(route: Route, content_type: str, body: str) -> None:
    with pytest.raises(Unreadable):
        read(route, content_type, body)


def test_the_charset_of_a_type_does_not_matter() -> None:
    event = request("mention")
    assert read("events", "Application/JSON; charset=utf-8", body_of(event)) == said("mention")


@pytest.mark.parametrize("name", NAMES)
def test_every_event_is_of_its_route_alone(name: str) -> None:
    event = request(name)
    read(route_of(event), event["headers"]["content-type"], body_of(event))


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where anything stands in a payload."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path] * bool(path) + [found for key, one in inner for found in places(one, (*path, key))]


@given(st.sampled_from([name for name in NAMES if name != "command"]), st.data())
def test_whatever_stands_anywhere_in_a_payload_it_is_read_or_refused(name: str, data: st.DataObject) -> None:
    def change(payload: dict[str, Any]) -> None:
        *path, last = data.draw(st.sampled_from(places(payload)))
        inside: Any = payload
        for key in path:
            inside = inside[key]
        inside[last] = data.draw(JSONS)

    arguments = changed(name, change)
    try:
        read(*arguments)
    except Unreadable as refused:
        assert len(str(refused)) < 200


@given(st.sampled_from(["events", "interactions", "commands"]), JSONS, st.text())
def test_whatever_comes_it_is_read_or_refused(route: Route, value: Any, other: str) -> None:
    for body in (json.dumps(value), f"payload={json.dumps(value)}", other):
        for content_type in (JSON, FORM):
            with suppress(Unreadable):
                read(route, content_type, body)


def test_a_refusal_repeats_nothing_of_what_came() -> None:
    with pytest.raises(Unreadable) as refused:
        said_by("mention", of_event(user="sEcReT words"))
    assert "sEcReT" not in str(refused.value) and refused.value.__cause__ is None
