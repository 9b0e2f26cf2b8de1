"""What the laptop's Slack sends to an app: signed, whole, and again where it was not taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
from slack_app import App, app
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from cli.laptop.slack import SECRET, NotThere, Slack
from cli.laptop.slack.signing import signed

__all__ = ["app"]  # a fixture

EXAMPLE = (
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
    "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14"
    "d10d2c447fce8b6703c"
)
"""The example of docs.slack.dev/authentication/verifying-requests-from-slack, with its secret and signature below."""


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def slack(app: App, waits: list[float]) -> Iterator[Slack]:
    with Slack(f"{app.url}/events", wait=waits.append) as running:
        yield running


def client(slack: Slack) -> WebClient:
    return WebClient(slack.token(), base_url=slack.api_url, retry_handlers=[])


def test_signs_as_in_slack_s_example() -> None:
    headers = signed("8f742231b10e8888abcd99yyyzzz85a5", 1531420618, EXAMPLE.encode())
    assert headers == {
        "X-Slack-Request-Timestamp": "1531420618",
        "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    }


class TestEvents:
    def test_are_signed_over_what_is_sent(self, slack: Slack, app: App) -> None:
        slack.say("dana", "#platform", "@copilot – wie geht’s? 🙂")
        for one in app.received:
            assert one.path == "/v1/chat/slack/events"
            assert one.headers["content-type"] == "application/json"
            assert abs(int(one.headers["x-slack-request-timestamp"]) - time.time()) < 60
            assert SignatureVerifier(SECRET).is_valid_request(one.body, one.headers)
            text = f"v0:{one.headers['x-slack-request-timestamp']}:".encode() + one.body
            digest = hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
            assert one.headers["x-slack-signature"] == f"v0={digest}"

    def test_of_a_mention_come_as_message_and_as_mention(self, slack: Slack, app: App) -> None:
        said = slack.say("dana", "#platform", "@copilot how is production?")
        message, mention = [json.loads(one.body) for one in app.received]
        assert message["event"]["type"] == "message" and message["event"]["channel_type"] == "channel"
        assert mention["event"]["type"] == "app_mention" and "channel_type" not in mention["event"]
        assert message["event_id"] != mention["event_id"]
        for one in (message, mention):
            assert one["type"] == "event_callback"
            assert one["team_id"] == "T0WORKSHOP"
            assert one["authorizations"] == [
                {
                    "enterprise_id": None,
                    "team_id": "T0WORKSHOP",
                    "user_id": "U0COPILOT",
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ]
            assert one["is_ext_shared_channel"] is False
            event = one["event"]
            assert event["text"] == "<@U0COPILOT> how is production?"
            assert (event["user"], event["channel"], event["ts"]) == ("U0DANA", "C0PLATFORM", said.message.ts)
            assert event["client_msg_id"] and event["blocks"][0]["elements"][0]["elements"][0]["type"] == "user"
            assert "thread_ts" not in event

    def test_of_direct_messages(self, slack: Slack, app: App) -> None:
        slack.say("dana", "@dana", "@copilot how is production?")
        (one,) = app.received
        assert (one.event["type"], one.event["channel_type"]) == ("message", "im")
        assert one.event["channel"].startswith("D")

    def test_of_private_channels_and_threads(self, slack: Slack, app: App) -> None:
        root = slack.say("olga", "#oncall", "Who is on duty?").message
        slack.say("you", "#oncall", "I am", thread_ts=root.ts)
        assert [one.event["channel_type"] for one in app.received] == ["group", "group"]
        assert app.received[1].event["thread_ts"] == root.ts
        assert app.received[1].event["parent_user_id"] == "U0OLGA"

    def test_are_none_where_the_app_is_not(self, slack: Slack, app: App) -> None:
        slack.say("dana", "#random", "@copilot are you here?")
        assert not app.received
        slack.invite("#random")
        slack.say("dana", "#random", "@copilot and now?")
        assert len(app.received) == 2

    def test_of_strangers_say_whose_they_are(self, slack: Slack, app: App) -> None:
        slack.say("sam", "#ext-northwind", "@copilot stop everything")
        for one in app.received:
            whole = json.loads(one.body)
            assert whole["is_ext_shared_channel"] is True and whole["team_id"] == "T0WORKSHOP"
            assert (one.event["user_team"], one.event["source_team"]) == ("T0SUPPLIER", "T0SUPPLIER")

    def test_write_what_is_named_as_slack_does(self, slack: Slack, app: App) -> None:
        slack.say(
            "dana", "@dana", "tell #platform & @olga <b>: https://example.com/a?b=1, api.example.com or x@example.com"
        )
        assert app.received[0].event["text"] == (
            "tell <#C0PLATFORM|platform> &amp; <@U0OLGA> &lt;b&gt;: <https://example.com/a?b=1>, "
            "<http://api.example.com|api.example.com> or <mailto:x@example.com|x@example.com>"
        )

    def test_carry_files(self, slack: Slack, app: App) -> None:
        slack.say("dana", "@dana", "this", files=[("log.txt", b"x" * 10)])
        event = app.received[0].event
        assert event["subtype"] == "file_share"
        assert (event["files"][0]["name"], event["files"][0]["size"]) == ("log.txt", 10)
        assert event["files"][0]["url_private_download"].startswith(slack.url)

    def test_of_strangers_files_only_the_id(self, slack: Slack, app: App) -> None:
        slack.say("sam", "#ext-northwind", "this", files=[("log.txt", b"x")])
        (file,) = app.received[0].event["files"]
        assert file["file_access"] == "check_file_info" and "url_private" not in file
        assert client(slack).files_info(file=file["id"])["file"]["name"] == "log.txt"

    def test_of_changes_and_deletions(self, slack: Slack, app: App) -> None:
        message = slack.say("dana", "@dana", "one").message
        slack.edit(message, "two")
        slack.delete(message)
        changed, deleted = (one.event for one in app.received[1:])
        assert (changed["subtype"], changed["message"]["text"], changed["previous_message"]["text"]) == (
            "message_changed",
            "two",
            "one",
        )
        assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", message.ts)

    def test_when_somebody_opens_the_app(self, slack: Slack, app: App) -> None:
        slack.open_home("dana")
        event = app.received[0].event
        assert (event["type"], event["tab"], event["user"]) == ("app_home_opened", "messages", "U0DANA")

    def test_when_somebody_leaves_and_when_the_app_does(self, slack: Slack, app: App) -> None:
        slack.deactivate("dana")
        assert app.received[0].event["user"]["id"] == "U0DANA" and app.received[0].event["user"]["deleted"]
        with pytest.raises(NotThere, match="no longer here"):
            slack.say("dana", "#platform", "x")
        slack.uninstall("T0WORKSHOP")
        assert [one.event["type"] for one in app.received[1:]] == ["tokens_revoked", "app_uninstalled"]
        assert slack.world.by_token("token-of-this-laptop-T0WORKSHOP") is None

    def test_of_the_app_s_own_messages_where_it_wants_them(self, app: App) -> None:
        with Slack(f"{app.url}/events", echoes=True) as slack:
            client(slack).chat_postMessage(channel="#platform", text="Hello")
            slack.wait_for(lambda: app.received)
        event = app.received[0].event
        assert (event["type"], event["bot_id"], event["user"]) == ("message", "B0COPILOT", "U0COPILOT")

    def test_only_of_what_is_subscribed(self, app: App) -> None:
        with Slack(f"{app.url}/events", events=["app_mention"]) as slack:
            slack.say("dana", "#platform", "hello")
            slack.say("dana", "#platform", "@copilot hello")
        assert [one.event["type"] for one in app.received] == ["app_mention"]

    def test_of_an_organisation_s_installation(self, slack: Slack, app: App) -> None:
        home = slack.world.state.workspaces["T0WORKSHOP"]
        home.enterprise, home.org_wide = "E0WORKSHOP", True
        slack.say("dana", "@dana", "hello")
        (authorization,) = json.loads(app.received[0].body)["authorizations"]
        assert (authorization["enterprise_id"], authorization["team_id"]) == ("E0WORKSHOP", None)
        assert authorization["is_enterprise_install"]

    def test_any_event_at_all(self, slack: Slack, app: App) -> None:
        slack.tell({"type": "star_added", "user": "U0DANA"}, minute_rate_limited=1)
        assert app.received[0].event["type"] == "star_added"
        assert json.loads(app.received[0].body)["minute_rate_limited"] == 1


class TestRetries:
    def test_until_it_is_taken(self, slack: Slack, app: App, waits: list[float]) -> None:
        app.answer(500)
        app.answer(503)
        (sent,) = slack.say("dana", "@dana", "hello").sent
        assert [one.headers.get("x-slack-retry-num") for one in app.received] == [None, "1", "2"]
        assert [one.headers.get("x-slack-retry-reason") for one in app.received] == [None, "http_error", "http_error"]
        assert len({json.loads(one.body)["event_id"] for one in app.received}) == 1
        assert waits == [0, 60]
        assert sent.taken and len(sent.attempts) == 3 and not sent.comes_again

    def test_three_times_and_no_more(self, slack: Slack, app: App, waits: list[float]) -> None:
        for _ in range(9):
            app.answer(500)
        (sent,) = slack.say("dana", "@dana", "hello").sent
        assert (len(app.received), sent.taken, waits) == (4, False, [0, 60, 300])
        assert not sent.comes_again

    def test_not_where_the_app_says_so(self, slack: Slack, app: App) -> None:
        app.answer(500, X_Slack_No_Retry="1")
        slack.say("dana", "@dana", "hello")
        assert len(app.received) == 1

    def test_what_came_too_late_comes_again(self, app: App) -> None:
        app.held = threading.Event()
        with Slack(f"{app.url}/events", patience=0.05, wait=lambda seconds: None) as slack:
            (sent,) = slack.say("dana", "@dana", "hello").sent
            app.held.set()
        assert [one.failure for one in sent.attempts] == ["http_timeout"] * 4
        assert app.received[1].headers["x-slack-retry-reason"] == "http_timeout"

    def test_nobody_there(self) -> None:
        with Slack("http://127.0.0.1:9/v1/chat/slack/events", wait=lambda seconds: None) as slack:
            (sent,) = slack.say("dana", "@dana", "hello").sent
        assert [one.failure for one in sent.attempts] == ["connection_failed"] * 4

    def test_signed_anew_with_its_own_time(self, app: App) -> None:
        times = iter(range(1_780_000_000, 1_790_000_000, 60))
        with Slack(f"{app.url}/events", now=lambda: next(times), wait=lambda seconds: None) as slack:
            app.answer(500)
            slack.say("dana", "@dana", "hello")
        first, second = (int(one.headers["x-slack-request-timestamp"]) for one in app.received)
        assert second > first

    def test_the_same_again_by_hand(self, slack: Slack, app: App) -> None:
        (sent,) = slack.say("dana", "@dana", "hello").sent
        slack.again(sent)
        first, second = app.received
        assert first.body == second.body and second.headers["x-slack-retry-num"] == "1"

    def test_the_challenge(self, slack: Slack, app: App) -> None:
        app.answer(200, b"no")
        assert not slack.verify_urls()
        assert json.loads(app.received[0].body)["type"] == "url_verification"


BUTTONS = {
    "type": "actions",
    "block_id": "decide",
    "elements": [
        {"type": "button", "text": {"type": "plain_text", "text": "Approve"}, "action_id": "approve", "value": "ap-1"},
        {"type": "button", "text": {"type": "plain_text", "text": "Deny"}, "action_id": "deny", "value": "ap-1"},
    ],
}
TICKS = {
    "type": "actions",
    "block_id": "which",
    "elements": [
        {
            "type": "checkboxes",
            "action_id": "leave_out",
            "options": [{"text": {"type": "plain_text", "text": one}, "value": one} for one in ("api", "web")],
        }
    ],
}


class TestInteractions:
    def test_a_button(self, slack: Slack, app: App) -> None:
        client(slack).chat_postMessage(channel="#platform", text="Sure?", blocks=[TICKS, BUTTONS])
        message = slack.messages("#platform")[0]
        slack.choose("olga", message, "leave_out", ["web"])
        slack.press("olga", message, "Deny")
        ticked, pressed = (one.payload for one in app.received)
        assert app.received[1].path == "/v1/chat/slack/interactions"
        assert SignatureVerifier(SECRET).is_valid_request(app.received[1].body, app.received[1].headers)
        assert ticked["actions"][0]["selected_options"][0]["value"] == "web"
        assert pressed["type"] == "block_actions"
        (action,) = pressed["actions"]
        assert (action["action_id"], action["value"], action["block_id"]) == ("deny", "ap-1", "decide")
        state = pressed["state"]["values"]["which"]["leave_out"]
        assert state["type"] == "checkboxes" and [one["value"] for one in state["selected_options"]] == ["web"]
        assert pressed["user"] == {"id": "U0OLGA", "username": "olga", "name": "olga", "team_id": "T0WORKSHOP"}
        assert pressed["team"]["id"] == "T0WORKSHOP" and pressed["channel"]["id"] == "C0PLATFORM"
        assert pressed["container"]["message_ts"] == message.ts == pressed["message"]["ts"]

    def test_is_sent_once_whatever_comes_of_it(self, slack: Slack, app: App) -> None:
        client(slack).chat_postMessage(channel="#platform", text="Sure?", blocks=[BUTTONS])
        app.answer(500)
        sent = slack.press("olga", slack.messages("#platform")[0], "approve")
        assert (len(app.received), sent.taken) == (1, False)

    def test_by_a_stranger(self, slack: Slack, app: App) -> None:
        client(slack).chat_postMessage(channel="#ext-northwind", text="Sure?", blocks=[BUTTONS])
        slack.press("sam", slack.messages("#ext-northwind")[0], "approve")
        payload = app.received[0].payload
        assert (payload["team"]["id"], payload["user"]["team_id"]) == ("T0WORKSHOP", "T0SUPPLIER")

    def test_of_an_organisation_s_installation_names_no_team(self, slack: Slack, app: App) -> None:
        home = slack.world.state.workspaces["T0WORKSHOP"]
        home.enterprise, home.org_wide = "E0WORKSHOP", True
        client(slack).chat_postMessage(channel="#platform", text="Sure?", blocks=[BUTTONS])
        slack.press("olga", slack.messages("#platform")[0], "approve")
        payload = app.received[0].payload
        assert (payload["team"], payload["enterprise"]["id"]) == (None, "E0WORKSHOP")

    def test_on_what_one_alone_sees_the_message_is_left_out(self, slack: Slack, app: App) -> None:
        client(slack).chat_postEphemeral(channel="#platform", user="U0OLGA", text="Sure?", blocks=[BUTTONS])
        message = slack.messages("#platform")[0]
        with pytest.raises(NotThere):
            slack.press("dana", message, "approve")
        slack.press("olga", message, "approve")
        payload = app.received[0].payload
        assert "message" not in payload and payload["container"]["is_ephemeral"]

    def test_only_by_who_is_there(self, slack: Slack) -> None:
        client(slack).chat_postMessage(channel="#oncall", text="Sure?", blocks=[BUTTONS])
        with pytest.raises(NotThere):
            slack.press("dana", slack.messages("#oncall")[0], "approve")

    def test_a_modal_and_what_was_wrong_in_it(self, slack: Slack, app: App) -> None:
        client(slack).chat_postMessage(channel="#platform", text="Sure?", blocks=[BUTTONS])
        slack.press("olga", slack.messages("#platform")[0], "approve")
        element = {"type": "plain_text_input", "action_id": "why"}
        view = {
            "type": "modal",
            "callback_id": "deny",
            "title": {"type": "plain_text", "text": "Deny"},
            "submit": {"type": "plain_text", "text": "Deny"},
            "blocks": [
                {"type": "input", "block_id": "b", "label": {"type": "plain_text", "text": "Why"}, "element": element}
            ],
        }
        client(slack).views_open(trigger_id=app.received[0].payload["trigger_id"], view=view)
        (modal,) = slack.world.state.modals
        app.answer(200, json.dumps({"response_action": "errors", "errors": {"b": "Say more"}}).encode())
        sent, wrong = slack.submit(modal, {"why": "no"})
        assert wrong == {"b": "Say more"} and slack.world.state.modals == [modal]
        payload = app.received[1].payload
        assert payload["view"]["state"]["values"] == {"b": {"why": {"type": "plain_text_input", "value": "no"}}}
        assert payload["view"]["app_installed_team_id"] == "T0WORKSHOP" and sent.what == "view_submission"
        assert slack.submit(modal, {"why": "because"})[1] == {}
        assert not slack.world.state.modals


class TestCommands:
    def test_are_a_form(self, slack: Slack, app: App) -> None:
        app.answer(200, b"On it.")
        slack.command("dana", "#platform", "how is production?")
        (one,) = app.received
        assert one.path == "/v1/chat/slack/commands"
        fields = dict(parse_qsl(one.body.decode()))
        assert (fields["command"], fields["text"], fields["user_id"], fields["team_id"], fields["channel_id"]) == (
            "/copilot",
            "how is production?",
            "U0DANA",
            "T0WORKSHOP",
            "C0PLATFORM",
        )
        assert SignatureVerifier(SECRET).is_valid_request(one.body, one.headers)
        (answer,) = slack.messages("#platform")
        assert (answer.text, answer.only_for) == ("On it.", "U0DANA")

    def test_are_only_where_the_app_is(self, slack: Slack) -> None:
        with pytest.raises(NotThere, match="does not have the app"):
            slack.command("sam", "#ext-northwind", "x")

    def test_nothing_said_is_nothing_shown(self, slack: Slack, app: App) -> None:
        slack.command("dana", "#platform", "x")
        assert not slack.messages("#platform")

    def test_can_be_answered_later_and_five_times(self, slack: Slack, app: App) -> None:
        slack.command("dana", "#platform", "x")
        url = dict(parse_qsl(app.received[0].body.decode()))["response_url"]
        for number in range(5):
            answer = {"text": f"{number}", "response_type": "in_channel" if number else "ephemeral"}
            urllib.request.urlopen(urllib.request.Request(url, json.dumps(answer).encode())).close()
        seen = slack.messages("#platform")
        assert [bool(one.only_for) for one in seen] == [True, False, False, False, False]
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(urllib.request.Request(url, b'{"text": "6"}'))
        assert json.loads(error.value.read())["error"] == "used_url"

    def test_an_answer_can_take_the_place_of_what_was_pressed(self, slack: Slack, app: App) -> None:
        client(slack).chat_postMessage(channel="#platform", text="Sure?", blocks=[BUTTONS])
        slack.press("olga", slack.messages("#platform")[0], "approve")
        url = app.received[0].payload["response_url"]
        answer = json.dumps({"text": "Approved.", "replace_original": True}).encode()
        urllib.request.urlopen(urllib.request.Request(url, answer)).close()
        (message,) = slack.messages("#platform")
        assert (message.text, message.blocks) == ("Approved.", [])


class TestPage:
    def ask(self, slack: Slack, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = headers or {"X-Requested-By": "page"}
        request = urllib.request.Request(
            slack.url + path, data, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        try:
            with urllib.request.urlopen(request) as reply:
                return reply.status, json.loads(reply.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def test_shows_each_person_what_they_see(self, slack: Slack) -> None:
        client(slack).chat_postEphemeral(channel="#platform", user="U0OLGA", text="Only Olga")
        _, olga = self.ask(slack, "/page/state?as=olga")
        _, dana = self.ask(slack, "/page/state?as=dana")
        assert [one["text"] for one in olga["messages"]["C0PLATFORM"]] == ["Only Olga"]
        assert dana["messages"]["C0PLATFORM"] == []
        assert "C0ONCALL" in olga["messages"] and "C0ONCALL" not in dana["messages"]

    def test_what_is_done_there_reaches_the_app(self, slack: Slack, app: App) -> None:
        content = base64.b64encode(b"x").decode()
        asked = {
            "as": "dana",
            "channel": "C0PLATFORM",
            "text": "@copilot hi",
            "files": [{"name": "a", "content": content}],
        }
        assert self.ask(slack, "/page/do/say", asked)[0] == 200
        slack.wait_for(lambda: len(app.received) == 2)
        client(slack).chat_postMessage(channel="#platform", text="Sure?", blocks=[TICKS, BUTTONS])
        at = {"as": "olga", "channel": "C0PLATFORM", "ts": slack.messages("#platform")[-1].ts}
        self.ask(slack, "/page/do/choose", {**at, "element": "leave_out", "chosen": ["web"]})
        slack.wait_for(lambda: len(app.received) == 3)
        self.ask(slack, "/page/do/press", {**at, "element": "approve"})
        slack.wait_for(lambda: len(app.received) == 4)
        state = app.received[3].payload["state"]["values"]["which"]["leave_out"]["selected_options"]
        assert [one["value"] for one in state] == ["web"]

    def test_says_why_something_cannot_be_done(self, slack: Slack) -> None:
        status, told = self.ask(slack, "/page/do/say", {"as": "dana", "channel": "C0ONCALL", "text": "x"})
        assert (status, told["error"]) == (409, "dana is not in C0ONCALL")
        assert self.ask(slack, "/page/do/say", {"as": "dana", "channel": "C0NONE", "text": "x"})[0] == 409
        assert self.ask(slack, "/page/do/press", {"as": "dana"})[0] == 409
        assert self.ask(slack, "/page/state?as=copilot")[0] == 409

    @pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
    def test_no_other_page_acts_here(self, slack: Slack, app: App, headers: dict[str, str]) -> None:
        asked = {"as": "dana", "channel": "C0PLATFORM", "text": "@copilot stop it"}
        if "Host" in headers:
            headers = {**headers, "X-Requested-By": "page"}
        assert self.ask(slack, "/page/do/say", asked, **headers)[0] == 403
        assert not slack.messages("#platform") and not app.received

    def test_by_another_name_nothing_is_shown(self, slack: Slack) -> None:
        assert self.ask(slack, "/page/state?as=dana", Host="evil.example")[0] == 403

    def test_changes_are_waited_for(self, slack: Slack) -> None:
        since = slack.world.changed
        threading.Timer(0.05, lambda: slack.say("dana", "#random", "x")).start()
        assert self.ask(slack, f"/page/changes?since={since}")[1]["version"] > since

    def test_files_are_for_who_is_there(self, slack: Slack) -> None:
        id = slack.say("olga", "#oncall", "x", files=[("page.html", b"<script>alert(1)</script>")]).message.files[0]
        with urllib.request.urlopen(f"{slack.url}/page/file?as=you&id={id}") as reply:
            assert reply.headers["Content-Type"] == "application/octet-stream"
            assert reply.headers["Content-Disposition"].startswith("attachment")
        assert self.ask(slack, f"/page/file?as=dana&id={id}")[0] == 409

    @pytest.mark.parametrize("path", ["/../web.py", "/%2e%2e/web.py", "/assets", "/web.py"])
    def test_serves_nothing_else(self, slack: Slack, path: str) -> None:
        assert self.ask(slack, path)[0] == 404
