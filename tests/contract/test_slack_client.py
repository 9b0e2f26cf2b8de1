"""What is asked of Slack's Web API, over HTTP, and what its answers mean."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fake_slack import Answer, Asked, FakeSlack, fake_slack
from fakes import FakeClock

from copilot.adapters.slack.calls import Calls
from copilot.adapters.slack.client import MOST_MEMBERS, SlackClient
from copilot.config.chats import ChatSettings
from copilot.domain import AnswerTo, ChatFile, ChatUser, Shown, Words
from copilot.errors import (
    Conflict,
    CopilotError,
    FatalError,
    NotFound,
    PermissionDenied,
    RetryableError,
    ToolInputError,
)

TOKEN = "xoxb-1-not-a-real-token"
HOME = "T024BE7LD"
CHANNEL = AnswerTo(platform="slack", workspace=HOME, place="C1", thread="1.2")
DANA = ChatUser(platform="slack", workspace=HOME, user="U1")
HELLO = Shown(brief="hello <!channel>", parts=(Words(text="hello <!channel>"),))


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack({}) as one:
        yield one


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(slack: FakeSlack, clock: FakeClock) -> SlackClient:
    return SlackClient(settings(slack.endpoint), lambda _: TOKEN, clock)


def settings(endpoint: str | None = None, id: str = HOME) -> ChatSettings:
    token = "arn:aws:ssm:eu-west-1:111111111111:parameter/copilot/slack"
    return ChatSettings.model_validate(
        {"workspaces": [{"id": id, "name": "Home", "token": token, "endpoint": endpoint}]}
    )


def user(**changes: Any) -> dict[str, Any]:
    profile = {"display_name": "Dana", "email": "Dana@Example.com"}
    return {
        "ok": True,
        "user": {"id": "U1", "team_id": HOME, "profile": profile, "is_email_confirmed": True, "tz": "Europe/Berlin"}
        | changes,
    }


def channel(**changes: Any) -> dict[str, Any]:
    return {"ok": True, "channel": {"id": "C1", "name": "dev", "is_member": True} | changes}


def members(*ids: str) -> dict[str, Any]:
    return {"ok": True, "members": list(ids), "response_metadata": {"next_cursor": ""}}


class TestPosting:
    def test_a_message_goes_to_its_thread_and_names_nobody(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["chat.postMessage"] = {"ok": True, "ts": "17.1"}
        (sent,) = client.post(CHANNEL, HELLO)
        (asked,) = slack.asked
        assert asked.headers["authorization"] == f"Bearer {TOKEN}"
        assert asked.arguments["channel"] == "C1"
        assert asked.arguments["thread_ts"] == "1.2"
        assert asked.arguments["text"] == "hello &lt;!channel&gt;"
        told = {
            name: asked.arguments[name] for name in ("parse", "link_names", "unfurl_links", "unfurl_media", "mrkdwn")
        }
        assert told == {
            "parse": "none",
            "link_names": False,
            "unfurl_links": False,
            "unfurl_media": False,
            "mrkdwn": False,
        }
        assert sent.message == "17.1"
        assert sent.sent == f"chat.postMessage {json.dumps(asked.arguments)}"

    def test_what_is_long_is_as_many_messages_as_it_takes(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["chat.postMessage"] = [{"ok": True, "ts": str(n)} for n in range(1, 9)]
        sent = client.post(CHANNEL, Shown(brief="log", parts=(Words(text="line\n" * 5_000),)))
        assert [one.message for one in sent] == ["1", "2", "3"]

    def test_one_person_alone_is_told_among_others(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["chat.postEphemeral"] = {"ok": True, "message_ts": "17.2"}
        (sent,) = client.post(CHANNEL, HELLO, only_for=DANA)
        assert slack.asked[0].arguments["user"] == "U1"
        assert sent.message == "17.2"

    def test_a_message_is_changed_in_its_place(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["chat.update"] = {"ok": True, "ts": "17.1"}
        sent = client.update(CHANNEL, "17.1", Shown(brief="log", parts=(Words(text="line\n" * 5_000),)))
        assert sent.message == "17.1"
        assert slack.methods == ["chat.update"]
        assert "There is more than fits here" in slack.asked[0].body.decode()

    def test_a_direct_message_is_opened(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["conversations.open"] = {"ok": True, "channel": {"id": "D1"}}
        assert client.direct(DANA) == AnswerTo(platform="slack", workspace=HOME, place="D1")
        assert slack.asked[0].arguments == {"users": "U1"}

    def test_a_file_is_put_where_slack_says_and_then_shown(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers |= {
            "files.getUploadURLExternal": {"ok": True, "file_id": "F1", "upload_url": f"{slack.url}/upload/1"},
            "/upload/1": Answer(b"OK"),
            "files.completeUploadExternal": {"ok": True, "files": [{"id": "F1"}]},
        }
        assert client.attach(CHANNEL, "usage.png", b"\x89PNG", "Usage").message == "F1"
        begun, put, ended = slack.asked
        assert begun.arguments == {"filename": "usage.png", "length": "4"}
        assert put.body == b"\x89PNG"
        assert "authorization" not in put.headers
        assert ended.arguments == {"files": [{"id": "F1", "title": "Usage"}], "channel_id": "C1", "thread_ts": "1.2"}

    def test_a_file_is_put_nowhere_else(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["files.getUploadURLExternal"] = {"ok": True, "file_id": "F1", "upload_url": "https://e.example/1"}
        with pytest.raises(ToolInputError, match="not one of Slack's own"):
            client.attach(CHANNEL, "usage.png", b"x", "Usage")


class TestChannels:
    def test_a_channel_is_found_by_its_name_on_any_page(self, slack: FakeSlack, client: SlackClient) -> None:
        def answer(asked: Asked) -> dict[str, Any]:
            name, more = ("dev", "") if asked.arguments.get("cursor") else ("ops", "next")
            found = [{"id": f"C-{name}", "name": name}]
            return {"ok": True, "channels": found, "response_metadata": {"next_cursor": more}}

        slack.answers["users.conversations"] = answer
        found = client.channel(HOME, "#dev")
        assert found is not None and found.place == "C-dev"
        assert client.channel(HOME, "#nowhere") is None
        assert slack.methods == ["users.conversations"] * 2, "it is remembered for a while"

    def test_each_workspace_is_asked_with_its_own_token(self, slack: FakeSlack, clock: FakeClock) -> None:
        slack.answers["chat.postMessage"] = {"ok": True, "ts": "17.1"}
        both = settings(slack.endpoint).workspaces + settings(slack.endpoint, "T0BERLIN").workspaces
        client = SlackClient(ChatSettings(workspaces=both), lambda workspace: f"xoxb-{workspace.id}", clock)
        for workspace in ("T0BERLIN", HOME, "T0BERLIN"):
            client.post(CHANNEL.model_copy(update={"workspace": workspace}), HELLO)
        assert [one.headers["authorization"] for one in slack.asked] == [
            "Bearer xoxb-T0BERLIN",
            f"Bearer xoxb-{HOME}",
            "Bearer xoxb-T0BERLIN",
        ]

    def test_of_an_organisation_channels_are_listed_by_workspace(self, slack: FakeSlack, clock: FakeClock) -> None:
        """A name that two of them have is of neither."""
        there = {"T1": [("C1", "dev"), ("C2", "general"), ("C9", "all")], "T2": [("C3", "general"), ("C9", "all")]}

        def answer(asked: Asked) -> dict[str, Any]:
            team = asked.arguments.get("team_id")
            if team is None:
                return {"ok": False, "error": "missing_argument"}
            return {"ok": True, "channels": [{"id": id, "name": name} for id, name in there[team]]}

        slack.answers["users.conversations"] = answer
        slack.answers["auth.teams.list"] = {"ok": True, "teams": [{"id": id, "name": id} for id in there]}
        client = SlackClient(settings(slack.endpoint, "E0ORG"), lambda _: TOKEN, clock)
        assert client.channels("E0ORG") == {"dev": "C1", "all": "C9"}
        assert client.channel("E0ORG", "#general") is None

    def test_of_one_workspace_no_other_is_asked_about(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["users.conversations"] = {"ok": True, "channels": [{"id": "C1", "name": "dev"}]}
        assert client.channels(HOME) == {"dev": "C1"}
        assert slack.methods == ["users.conversations"] and "team_id" not in slack.asked[0].arguments

    def test_a_new_channel_is_seen_in_a_few_minutes(
        self, slack: FakeSlack, client: SlackClient, clock: FakeClock
    ) -> None:
        slack.answers["users.conversations"] = {"ok": True, "channels": []}
        assert client.channel(HOME, "#dev") is None
        slack.answers["users.conversations"] = {"ok": True, "channels": [{"id": "C1", "name": "dev"}]}
        clock.at += timedelta(minutes=5)
        assert client.channel(HOME, "#dev") is not None

    @pytest.mark.parametrize(
        ("changes", "shown"),
        [
            ({}, {}),
            ({"is_archived": True}, {"archived": True}),
            ({"is_member": False}, {"joined": False}),
            ({"is_ext_shared": True}, {"shared": True}),
            ({"is_pending_ext_shared": True}, {"shared": True}),
            ({"pending_connected_team_ids": ["T2"]}, {"shared": True}),
            ({"is_org_shared": True}, {"shared": True}),
        ],
    )
    def test_a_place_is_as_it_is_now(
        self, slack: FakeSlack, client: SlackClient, changes: dict[str, Any], shown: dict[str, Any]
    ) -> None:
        slack.answers |= {"conversations.info": channel(**changes), "conversations.members": members("U1")}
        slack.answers["users.info"] = user()
        usual = {
            "name": "#dev",
            "direct": False,
            "shared": False,
            "guests": False,
            "uncounted": False,
            "archived": False,
            "joined": True,
            "aside": True,
        }
        assert client.place(CHANNEL).model_dump() == usual | shown

    def test_a_channel_of_the_whole_organisation_is_its_own_where_it_is_installed_in_all_of_it(
        self, slack: FakeSlack, clock: FakeClock
    ) -> None:
        client = SlackClient(settings(slack.endpoint, id="E1"), lambda _: TOKEN, clock)
        slack.answers |= {"conversations.info": channel(is_org_shared=True), "conversations.members": members("U1")}
        slack.answers["users.info"] = user(enterprise_user={"enterprise_id": "E1"})
        place = client.place(CHANNEL.model_copy(update={"workspace": "E1"}))
        assert not place.shared and not place.guests

    @pytest.mark.parametrize("changes", [{"is_restricted": True}, {"is_ultra_restricted": True}, {"team_id": "T2"}])
    def test_guests_are_seen_among_the_members(
        self, slack: FakeSlack, client: SlackClient, changes: dict[str, Any]
    ) -> None:
        slack.answers |= {"conversations.info": channel(), "conversations.members": members("U1", "U2")}
        slack.answers["users.info"] = lambda asked: user(**(changes if asked.arguments["user"] == "U2" else {}))
        assert client.place(CHANNEL).guests

    def test_bots_are_no_guests(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers |= {"conversations.info": channel(), "conversations.members": members("U1")}
        slack.answers["users.info"] = user(is_bot=True, team_id="T2")
        assert not client.place(CHANNEL).guests

    @pytest.mark.parametrize(
        "reply",
        [
            members(*(f"U{n}" for n in range(MOST_MEMBERS + 1))),
            members(),
            members("U1") | {"response_metadata": {"next_cursor": "more"}},
            {"ok": False, "error": "missing_scope", "needed": "channels:read"},
        ],
    )
    def test_where_it_cannot_be_told_there_are_guests(
        self, slack: FakeSlack, client: SlackClient, reply: dict[str, Any]
    ) -> None:
        slack.answers |= {"conversations.info": channel(), "conversations.members": reply, "users.info": user()}
        place = client.place(CHANNEL)
        assert place.guests and place.uncounted

    def test_a_direct_message_is_as_the_one_who_is_in_it(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["conversations.info"] = {"ok": True, "channel": {"id": "D1", "is_im": True, "user": "U1"}}
        slack.answers["users.info"] = user(is_restricted=True)
        place = client.place(CHANNEL)
        assert (place.direct, place.guests, place.shared, place.joined) == (True, True, False, True)

    def test_where_a_workspace_is_not_named_it_is_the_home(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["chat.postMessage"] = {"ok": True, "ts": "1"}
        assert client.post(AnswerTo(platform="slack", place="C1"), HELLO)

    def test_no_other_workspace_is_asked(self, client: SlackClient) -> None:
        with pytest.raises(FatalError, match="not installed in that workspace"):
            client.post(CHANNEL.model_copy(update={"workspace": "T9"}), HELLO)


class TestPeople:
    @pytest.mark.parametrize(
        ("changes", "shown"),
        [
            ({}, {}),
            ({"is_email_confirmed": False}, {"mail": None}),
            ({"is_bot": True}, {"bot": True}),
            ({"is_restricted": True}, {"guest": True}),
            ({"is_ultra_restricted": True}, {"guest": True}),
            ({"deleted": True}, {"gone": True}),
            ({"is_stranger": True}, {"external": True}),
            ({"team_id": "T2"}, {"external": True}),
            ({"team_id": "T2", "enterprise_user": {"teams": [HOME]}}, {}),
        ],
    )
    def test_a_person_is_as_slack_knows_them_now(
        self, slack: FakeSlack, client: SlackClient, changes: dict[str, Any], shown: dict[str, Any]
    ) -> None:
        slack.answers["users.info"] = user(**changes)
        usual = {"name": "Dana", "mail": "dana@example.com", "time_zone": "Europe/Berlin"}
        flags = dict.fromkeys(("bot", "guest", "gone", "external"), False)
        assert client.person(DANA).model_dump() == usual | flags | shown


class TestFiles:
    def file(self, url: str, **changes: Any) -> ChatFile:
        return ChatFile.model_validate({"id": "F1", "name": "a.log", "size": 5, "url": url} | changes)

    def test_a_file_is_read_with_the_token(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["/files/a.log"] = Answer(b"lines", headers={"Content-Type": "text/plain"})
        assert client.file(CHANNEL, self.file(f"{slack.url}/files/a.log"), 5) == b"lines"
        assert slack.asked[0].headers["authorization"] == f"Bearer {TOKEN}"

    def test_what_says_that_it_is_larger_is_not_asked_for(self, slack: FakeSlack, client: SlackClient) -> None:
        with pytest.raises(ToolInputError, match="it has 5 bytes, and at most 4 are read"):
            client.file(CHANNEL, self.file(f"{slack.url}/files/a.log"), 4)
        assert not slack.asked

    def test_what_is_larger_than_it_says_is_not_read_to_its_end(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["/files/a.log"] = Answer(b"x" * 100, headers={"Content-Type": "text/plain"})
        with pytest.raises(ToolInputError, match="more than 50 bytes"):
            client.file(CHANNEL, self.file(f"{slack.url}/files/a.log"), 50)

    def test_a_redirect_is_not_followed(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["/files/a.log"] = Answer(b"", 302, {"Location": f"{slack.url}/elsewhere"})
        with pytest.raises(PermissionDenied, match="files:read"):
            client.file(CHANNEL, self.file(f"{slack.url}/files/a.log"), 50)
        assert len(slack.asked) == 1

    def test_a_page_that_wants_a_login_is_no_file(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["/files/a.log"] = Answer(b"<html>", headers={"Content-Type": "text/html; charset=utf-8"})
        with pytest.raises(PermissionDenied, match="files:read"):
            client.file(CHANNEL, self.file(f"{slack.url}/files/a.log"), 50)
        page = self.file(f"{slack.url}/files/a.log", name="report.html")
        assert client.file(CHANNEL, page, 50) == b"<html>"

    def test_a_file_that_is_gone_is_not_found(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["/files/a.log"] = Answer(b"", 404)
        with pytest.raises(NotFound):
            client.file(CHANNEL, self.file(f"{slack.url}/files/a.log"), 50)

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/a",
            "https://files.slack.com.evil.example/a",
            "https://files.slack.com@evil.example/a",
            "https://evilslack.com/a",
            "https://evil.example\\@files.slack.com/a",
            "http://files.slack.com/a",
            "https://files.slack.com:8443/a",
            "https://files.slack.com/a\r\nHost: evil.example",
            "https://[::1/a",
            "file:///etc/passwd",
            "ftp://files.slack.com/a",
            "http://127.0.0.1:1/a",
            "http://169.254.169.254/latest/meta-data",
            "",
        ],
    )
    def test_nothing_is_asked_of_other_hosts(self, slack: FakeSlack, clock: FakeClock, url: str) -> None:
        for endpoint in (None, slack.endpoint):
            client = SlackClient(settings(endpoint), lambda _: TOKEN, clock)
            with pytest.raises(ToolInputError, match="not one of Slack's own") as raised:
                client.file(CHANNEL, self.file(url), 50)
            assert TOKEN not in str(raised.value)

    @pytest.mark.parametrize(
        "url", ["https://files.slack.com/a", "https://slack-files.com/a", "https://acme.slack.com/a"]
    )
    def test_slacks_own_hosts_are_not_asked_where_the_endpoint_is_this_machine(
        self, slack: FakeSlack, url: str
    ) -> None:
        assert Calls(TOKEN)._is_ours(url)
        assert not Calls(TOKEN, slack.endpoint)._is_ours(url)


class TestRefusals:
    @pytest.mark.parametrize(
        ("answer", "error", "words"),
        [
            ({"ok": False, "error": "invalid_auth"}, PermissionDenied, "devops-copilot chat slack setup"),
            ({"ok": False, "error": "token_revoked"}, PermissionDenied, "install the app again"),
            ({"ok": False, "error": "missing_scope", "needed": "chat:write"}, PermissionDenied, "chat:write"),
            ({"ok": False, "error": "not_in_channel"}, PermissionDenied, "/invite"),
            ({"ok": False, "error": "channel_not_found"}, NotFound, "channel_not_found"),
            ({"ok": False, "error": "user_not_found"}, NotFound, "user_not_found"),
            ({"ok": False, "error": "msg_blocks_too_long"}, FatalError, "msg_blocks_too_long"),
            ({"ok": False, "error": f"no such {TOKEN}"}, FatalError, "something else"),
            ({"ok": False}, FatalError, "something else"),
            ({"ok": False, "error": "internal_error"}, RetryableError, "internal_error"),
            (Answer({"ok": False}, 503), RetryableError, "503"),
            (Answer(TOKEN.encode(), 500, {"Content-Type": "text/html"}), RetryableError, "500"),
            (Answer(TOKEN.encode(), 200, {"Content-Type": "text/html"}), FatalError, "something else"),
            (Answer(b"\xff\xfe", 200), FatalError, "something else"),
            (Answer([1], 200), FatalError, "something else"),
            (Answer({"ok": True}, 302, {"Location": "http://127.0.0.1:1/"}), FatalError, "sends elsewhere"),
            (Answer(breaks_off=True), RetryableError, "could not be reached"),
        ],
    )
    def test_each_says_what_to_do_and_no_secret(
        self,
        slack: FakeSlack,
        client: SlackClient,
        caplog: pytest.LogCaptureFixture,
        answer: Any,
        error: type[CopilotError],
        words: str,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        slack.answers["chat.postMessage"] = answer
        with pytest.raises(CopilotError, match=words) as raised:
            client.post(CHANNEL, HELLO)
        assert type(raised.value) is error
        assert raised.value.ours
        assert TOKEN not in str(raised.value)
        assert TOKEN not in caplog.text
        assert len(slack.asked) == 1, "it is not asked again"

    @pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("0", 1), ("99999", 3600), ("soon", 30), ("", 30)])
    def test_it_is_asked_again_when_slack_says(
        self, slack: FakeSlack, client: SlackClient, said: str, seconds: int
    ) -> None:
        slack.answers["chat.postMessage"] = Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": said})
        with pytest.raises(RetryableError) as raised:
            client.post(CHANNEL, HELLO)
        assert raised.value.seconds == seconds
        assert len(slack.asked) == 1

    def test_a_redirect_takes_no_token_along(self, slack: FakeSlack, client: SlackClient) -> None:
        slack.answers["chat.postMessage"] = Answer({}, 302, {"Location": f"{slack.url}/api/chat.stolen"})
        with pytest.raises(FatalError):
            client.post(CHANNEL, HELLO)
        assert slack.methods == ["chat.postMessage"]

    def test_no_proxy_leads_to_this_machine(
        self, slack: FakeSlack, client: SlackClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        slack.answers["chat.postMessage"] = {"ok": True, "ts": "1"}
        assert client.post(CHANNEL, HELLO)

    def test_nobody_listens(self, clock: FakeClock) -> None:
        client = SlackClient(settings("http://127.0.0.1:1/api"), lambda _: TOKEN, clock)
        with pytest.raises(RetryableError, match="could not be reached") as raised:
            client.post(CHANNEL, HELLO)
        assert raised.value.seconds is None


def test_the_sdk_is_imported_only_where_slack_is_asked() -> None:
    code = "import sys, copilot.adapters.slack.client; assert 'slack_sdk' not in sys.modules"
    layer = Path(__file__).parents[2] / "layers/copilot"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=layer)


class TestHome:
    def test_it_is_published_for_one_user_under_what_it_was_known_by(
        self, slack: FakeSlack, client: SlackClient
    ) -> None:
        slack.answers["views.publish"] = {"ok": True, "view": {"id": "V1", "hash": "17.h"}}
        sent = client.show_home(DANA, HELLO)
        assert sent.message == "17.h" and client.show_home(DANA, HELLO, sent.message).sent.startswith("views.publish ")
        first, second = (one.arguments for one in slack.asked)
        assert (first["user_id"], first["view"]["type"], "hash" in first) == ("U1", "home", False)
        assert second["hash"] == "17.h"

    @pytest.mark.parametrize(
        ("word", "error"),
        [
            ("hash_conflict", Conflict),
            ("not_enabled", PermissionDenied),
            ("view_too_large", FatalError),
            ("user_not_found", NotFound),
            ("ratelimited", RetryableError),
        ],
    )
    def test_what_it_refuses(self, slack: FakeSlack, client: SlackClient, word: str, error: type[CopilotError]) -> None:
        slack.answers["views.publish"] = {"ok": False, "error": word}
        with pytest.raises(error):
            client.show_home(DANA, HELLO, "17.h")
