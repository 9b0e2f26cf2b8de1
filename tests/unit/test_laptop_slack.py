"""The laptop's Slack as an app meets it: by the client that the app uses, and judged by what Slack documents."""

from __future__ import annotations

import http.client
import itertools
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from cli.laptop.slack import Slack
from cli.laptop.slack.slack import TOKEN
from cli.laptop.slack.streaming import TASKS
from cli.laptop.slack.world import STREAM_SECONDS

PLATFORM = "C0PLATFORM"


class Clock:
    def __init__(self) -> None:
        self.time = 1_780_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack(clock: Clock) -> Iterator[Slack]:
    with Slack(now=clock) as running:
        yield running


@pytest.fixture
def app(slack: Slack) -> WebClient:
    return client(slack)


def client(slack: Slack, token: str | None = None) -> WebClient:
    return WebClient(slack.token() if token is None else token, base_url=slack.api_url, retry_handlers=[])


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(SlackApiError) as error:
        call(*args, **kwargs)
    return str(error.value.response["error"])


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "plain_text", "text": text}}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": "Approve"}, "action_id": "approve", **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


class TestWhoMayCall:
    def test_says_who_the_app_is(self, app: WebClient) -> None:
        told = app.auth_test()
        assert (told["team_id"], told["user_id"], told["bot_id"]) == ("T0WORKSHOP", "U0COPILOT", "B0COPILOT")

    def test_knows_no_other_token(self, slack: Slack) -> None:
        assert refused(client(slack, "another").auth_test) == "invalid_auth"

    def test_wants_a_token(self, slack: Slack) -> None:
        assert refused(client(slack, "").auth_test) == "not_authed"

    def test_of_a_workspace_without_the_app_there_is_none(self, slack: Slack) -> None:
        assert refused(client(slack, f"{TOKEN}-T0SUPPLIER").auth_test) == "invalid_auth"

    def test_wants_the_scope_of_what_is_called(self, slack: Slack, app: WebClient) -> None:
        slack.world.state.workspaces["T0WORKSHOP"].scopes.remove("chat:write")
        with pytest.raises(SlackApiError) as error:
            app.chat_postMessage(channel=PLATFORM, text="Hello")
        assert error.value.response["error"] == "missing_scope"
        assert error.value.response["needed"] == "chat:write"
        assert not slack.messages(PLATFORM)

    def test_does_not_know_what_it_does_not_know(self, app: WebClient) -> None:
        assert refused(app.api_call, "chat.command") == "unknown_method"


class TestPosting:
    def test_stands_where_it_was_posted(self, slack: Slack, app: WebClient) -> None:
        answer = app.chat_postMessage(channel=PLATFORM, text="Hello", blocks=[section("Hello")])
        (message,) = slack.messages("#platform")
        assert answer["ts"] == message.ts
        assert answer["message"]["bot_id"] == "B0COPILOT"
        assert message.text == "Hello"
        assert message.blocks[0]["text"]["text"] == "Hello"

    def test_by_name_and_to_a_person(self, slack: Slack, app: WebClient) -> None:
        assert app.chat_postMessage(channel="#dev", text="Hello")["channel"] == "C0DEV"
        direct = app.chat_postMessage(channel="U0DANA", text="Hello")["channel"]
        assert direct == slack.world.channel("@dana").id
        assert app.conversations_open(users="U0DANA")["channel"]["id"] == direct

    def test_in_a_thread(self, slack: Slack, app: WebClient) -> None:
        root = slack.say("dana", "#platform", "Anyone?").message
        reply = app.chat_postMessage(channel=PLATFORM, text="Yes", thread_ts=root.ts)
        assert [one.ts for one in slack.messages("#platform", root.ts)] == [root.ts, reply["ts"]]
        below = app.chat_postMessage(channel=PLATFORM, text="Still", thread_ts=reply["ts"])
        assert below["message"]["thread_ts"] == root.ts
        told = app.conversations_replies(channel=PLATFORM, ts=root.ts)["messages"]
        assert [one["text"] for one in told] == ["Anyone?", "Yes", "Still"]
        assert told[0]["reply_count"] == 2

    @pytest.mark.parametrize(
        ("channel", "error"),
        [
            ("C0NOWHERE", "channel_not_found"),
            ("#nowhere", "channel_not_found"),
            ("C0RANDOM", "not_in_channel"),
            ("C0ARCHIVE", "is_archived"),
            ("U0NOBODY", "channel_not_found"),
        ],
    )
    def test_not_where_the_app_is_not(self, app: WebClient, channel: str, error: str) -> None:
        assert refused(app.chat_postMessage, channel=channel, text="Hello") == error

    def test_of_a_private_channel_without_the_app_nothing_is_known(self, slack: Slack, app: WebClient) -> None:
        slack.world.channel("#oncall").members.remove("U0COPILOT")
        assert refused(app.chat_postMessage, channel="C0ONCALL", text="Hello") == "channel_not_found"
        assert refused(app.conversations_info, channel="C0ONCALL") == "channel_not_found"

    def test_threads_that_are_none(self, slack: Slack, app: WebClient) -> None:
        assert refused(app.chat_postMessage, channel=PLATFORM, text="x", thread_ts="1.000001") == "thread_not_found"
        assert refused(app.conversations_replies, channel=PLATFORM, ts="1.000001") == "thread_not_found"

    def test_nothing_is_not_posted(self, app: WebClient) -> None:
        assert refused(app.api_call, "chat.postMessage", json={"channel": PLATFORM, "text": " "}) == "no_text"

    def test_as_much_as_slack_takes(self, app: WebClient) -> None:
        app.chat_postMessage(channel=PLATFORM, text="x" * 40_000)
        assert refused(app.chat_postMessage, channel=PLATFORM, text="x" * 40_001) == "msg_too_long"
        app.chat_postMessage(channel=PLATFORM, markdown_text="x" * 12_000)
        assert refused(app.chat_postMessage, channel=PLATFORM, markdown_text="x" * 12_001) == "msg_too_long"
        assert refused(app.chat_postMessage, channel=PLATFORM, text="x", markdown_text="x") == "markdown_text_conflict"

    def test_metadata_is_kept(self, app: WebClient) -> None:
        metadata = {"event_type": "run", "event_payload": {"id": "r-1"}}
        ts = app.chat_postMessage(channel=PLATFORM, text="x", metadata=metadata)["ts"]
        told = app.conversations_replies(channel=PLATFORM, ts=ts, include_all_metadata=True)["messages"]
        assert told[0]["metadata"] == metadata

    def test_ephemeral_messages_are_for_one_alone(self, slack: Slack, app: WebClient) -> None:
        app.chat_postEphemeral(channel=PLATFORM, user="U0DANA", text="Only you")
        assert [one.text for one in slack.messages("#platform", seen_by="dana")] == ["Only you"]
        assert not slack.messages("#platform", seen_by="olga")
        assert not app.conversations_history(channel=PLATFORM)["messages"]
        wrong = refused(app.chat_postEphemeral, channel=PLATFORM, user="U0STRANGER", text="x")
        assert wrong == "user_not_in_channel"

    def test_ids_of_messages_are_never_the_same_and_grow(self, app: WebClient) -> None:
        posted = [app.chat_postMessage(channel=PLATFORM, text="x")["ts"] for _ in range(5)]
        assert posted == sorted(set(posted))


class TestChanging:
    def test_shows_something_else(self, slack: Slack, app: WebClient) -> None:
        ts = app.chat_postMessage(channel=PLATFORM, text="Running")["ts"]
        app.chat_update(channel=PLATFORM, ts=ts, text="Done", blocks=[section("Done")])
        (message,) = slack.messages("#platform")
        assert (message.ts, message.text, message.edited) == (ts, "Done", None)
        app.chat_update(channel=PLATFORM, ts=ts, text="Done, really")
        assert (message.text, message.blocks, bool(message.edited)) == ("Done, really", [], True)

    def test_not_what_others_wrote_nor_what_is_not_there(self, slack: Slack, app: WebClient) -> None:
        other = slack.say("dana", "#platform", "Mine").message
        assert refused(app.chat_update, channel=PLATFORM, ts=other.ts, text="x") == "cant_update_message"
        assert refused(app.chat_delete, channel=PLATFORM, ts=other.ts) == "cant_delete_message"
        assert refused(app.chat_update, channel=PLATFORM, ts="1.000001", text="x") == "message_not_found"

    def test_ephemeral_messages_cannot_be_changed(self, app: WebClient) -> None:
        ts = app.chat_postEphemeral(channel=PLATFORM, user="U0DANA", text="Only you")["message_ts"]
        assert refused(app.chat_update, channel=PLATFORM, ts=ts, text="x") == "message_not_found"

    def test_takes_less_text_than_posting(self, app: WebClient) -> None:
        ts = app.chat_postMessage(channel=PLATFORM, text="x")["ts"]
        app.chat_update(channel=PLATFORM, ts=ts, text="x" * 4_000)
        assert refused(app.chat_update, channel=PLATFORM, ts=ts, text="x" * 4_001) == "msg_too_long"

    def test_takes_away(self, slack: Slack, app: WebClient) -> None:
        ts = app.chat_postMessage(channel=PLATFORM, text="x")["ts"]
        app.chat_delete(channel=PLATFORM, ts=ts)
        assert not slack.messages("#platform")


RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}
OPTION = {"text": {"type": "plain_text", "text": "One"}, "value": "1"}


def option(number: int) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": f"Number {number}"}, "value": str(number)}


def table(rows: int, cells: int, text: str = "x") -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * cells] * rows}


FITS: dict[str, list[dict[str, Any]]] = {
    "50 blocks": [{"type": "divider"}] * 50,
    "section": [section("x" * 3000)],
    "fields": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 200}] * 10}],
    "header": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 150}}],
    "25 elements": [actions(*(button(action_id=f"a{n}") for n in range(25)))],
    "button": [actions(button(value="x" * 2000, style="danger"))],
    "context": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 10}],
    "block_id": [{"type": "divider", "block_id": "x" * 255}],
    "markdown": [{"type": "markdown", "text": "x" * 12_000}],
    "table": [table(100, 20)],
    "full table": [table(100, 1, "x" * 100)],
    "rich text": [RICH],
    "checkboxes": [actions({"type": "checkboxes", "action_id": "c", "options": [option(n) for n in range(10)]})],
    "select": [actions({"type": "multi_static_select", "action_id": "c", "options": [option(n) for n in range(100)]})],
    "plan": [
        {
            "type": "plan",
            "title": "Stop what is idle",
            "tasks": [{"type": "task_card", "task_id": "a", "title": "Look", "status": "complete", "details": RICH}],
        }
    ],
    "confirm": [
        actions(
            button(
                confirm={
                    "title": {"type": "plain_text", "text": "x" * 100},
                    "text": {"type": "mrkdwn", "text": "x" * 300},
                    "confirm": {"type": "plain_text", "text": "x" * 30},
                    "deny": {"type": "plain_text", "text": "x" * 30},
                }
            )
        )
    ],
}
DOES_NOT_FIT: dict[str, list[Any]] = {
    "51 blocks": [{"type": "divider"}] * 51,
    "section": [section("x" * 3001)],
    "empty section": [section("")],
    "section of nothing": [{"type": "section"}],
    "11 fields": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}],
    "field": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}],
    "header": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    "header with markup": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    "26 elements": [actions(*(button(action_id=f"a{n}") for n in range(26)))],
    "no elements": [actions()],
    "value": [actions(button(value="x" * 2001))],
    "action_id": [actions(button(action_id="x" * 256))],
    "same action_id": [actions(button(), button())],
    "words on a button": [actions({**button(), "text": {"type": "plain_text", "text": "x" * 76}})],
    "style": [actions(button(style="huge"))],
    "unknown key": [actions(button(colour="red"))],
    "confirm": [actions(button(confirm={"title": {"type": "plain_text", "text": "Sure?"}}))],
    "context": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
    "button in context": [{"type": "context", "elements": [button()]}],
    "block_id": [{"type": "divider", "block_id": "x" * 256}],
    "same block_id": [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}],
    "markdown": [{"type": "markdown", "text": "x" * 12_001}],
    "101 rows": [table(101, 1)],
    "21 cells": [table(1, 21)],
    "empty cell": [table(1, 1, "")],
    "10,001 characters in a table": [table(73, 1, "x" * 137)],
    "two tables": [table(1, 1), table(1, 1)],
    "11 checkboxes": [actions({"type": "checkboxes", "action_id": "c", "options": [option(n) for n in range(11)]})],
    "101 options": [
        actions({"type": "multi_static_select", "action_id": "c", "options": [option(n) for n in range(101)]})
    ],
    "option value": [actions({"type": "checkboxes", "action_id": "c", "options": [{**OPTION, "value": "x" * 151}]})],
    "unknown type": [{"type": "marquee"}],
    "no type": [{}],
    "no block": ["x"],
    "image without words": [{"type": "image", "image_url": "https://example.com/x.png"}],
    "rich text": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "b"}]}]}],
    "task state": [{"type": "task_card", "task_id": "a", "title": "Look", "status": "odd"}],
}


class TestBlocks:
    @pytest.mark.parametrize("blocks", FITS.values(), ids=FITS.keys())
    def test_as_large_as_slack_takes_them(self, app: WebClient, blocks: list[dict[str, Any]]) -> None:
        assert app.chat_postMessage(channel=PLATFORM, text="x", blocks=blocks)["ok"]

    @pytest.mark.parametrize("blocks", DOES_NOT_FIT.values(), ids=DOES_NOT_FIT.keys())
    def test_no_larger_and_nothing_else(self, slack: Slack, app: WebClient, blocks: list[Any]) -> None:
        assert (
            refused(app.api_call, "chat.postMessage", json={"channel": PLATFORM, "blocks": blocks}) == "invalid_blocks"
        )
        assert not slack.messages(PLATFORM)

    def test_says_where_it_is_wrong(self, app: WebClient) -> None:
        with pytest.raises(SlackApiError) as error:
            app.chat_postMessage(channel=PLATFORM, text="x", blocks=[{"type": "divider"}, section("x" * 3001)])
        (said,) = error.value.response["response_metadata"]["messages"]
        assert said == "[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"

    def test_all_together_no_longer_than_was_measured(self, app: WebClient) -> None:
        """Thirteen thousand characters in all, whatever each block may hold."""
        app.chat_postMessage(channel=PLATFORM, text="x", blocks=[section("x" * 3000)] * 4)
        wrong = refused(app.chat_postMessage, channel=PLATFORM, text="x", blocks=[section("x" * 3000)] * 5)
        assert wrong == "msg_blocks_too_long"

    def test_blocks_that_are_no_list(self, app: WebClient) -> None:
        assert refused(app.chat_postMessage, channel=PLATFORM, text="x", blocks='{"a": 1}') == "invalid_blocks_format"
        assert refused(app.chat_postMessage, channel=PLATFORM, text="x", blocks="[") == "invalid_blocks_format"

    def test_blocks_of_the_client_s_own_classes(self, slack: Slack, app: WebClient) -> None:
        from slack_sdk.models.blocks import ActionsBlock, ButtonElement, MarkdownBlock

        blocks = [MarkdownBlock(text="**x**"), ActionsBlock(elements=[ButtonElement(text="Go", action_id="go")])]
        app.chat_postMessage(channel=PLATFORM, text="x", blocks=blocks)
        ids = [block["block_id"] for block in slack.messages(PLATFORM)[0].blocks]
        assert len(set(ids)) == 2


def task(id: str, status: str, **more: str) -> dict[str, Any]:
    return {"type": "task_update", "id": id, "title": id.title(), "status": status, **more}


class TestStreams:
    @pytest.fixture
    def stream(self, slack: Slack, app: WebClient) -> dict[str, Any]:
        root = slack.say("dana", "#platform", "@copilot stop it").message
        started = app.chat_startStream(
            channel=PLATFORM,
            thread_ts=root.ts,
            recipient_user_id="U0DANA",
            recipient_team_id="T0WORKSHOP",
            task_display_mode="plan",
        )
        return {"channel": PLATFORM, "ts": started["ts"]}

    def test_grow_as_tasks_of_a_plan(self, slack: Slack, app: WebClient, stream: dict[str, Any]) -> None:
        chunks = [{"type": "plan_update", "title": "Stopping"}, task("look", "in_progress", details="one")]
        app.chat_appendStream(**stream, chunks=chunks)
        app.chat_appendStream(**stream, chunks=[task("look", "complete", details=" two"), task("stop", "pending")])
        app.chat_stopStream(**stream, markdown_text="Done.", blocks=[section("Fine")])
        plan, text, last = slack.messages("#platform")[-1].blocks
        assert plan["title"] == "Stopping"
        assert [(one["title"], one["status"]) for one in plan["tasks"]] == [("Look", "complete"), ("Stop", "pending")]
        assert plan["tasks"][0]["details"]["elements"][0]["elements"][0]["text"] == "one two"
        assert (text["text"], last["text"]["text"]) == ("Done.", "Fine")

    def test_are_over_once_they_are_stopped(self, app: WebClient, stream: dict[str, Any]) -> None:
        assert refused(app.chat_update, **stream, text="x") == "streaming_state_conflict"
        app.chat_stopStream(**stream)
        assert refused(app.chat_appendStream, **stream, markdown_text="x") == "message_not_in_streaming_state"
        assert refused(app.chat_stopStream, **stream) == "message_not_in_streaming_state"
        app.chat_update(**stream, text="x")

    def test_do_not_last_for_ever(self, clock: Clock, app: WebClient, stream: dict[str, Any]) -> None:
        clock.time += STREAM_SECONDS - 1
        app.chat_appendStream(**stream, markdown_text="x")
        clock.time += 2
        assert refused(app.chat_appendStream, **stream, markdown_text="x") == "message_not_in_streaming_state"
        app.chat_update(**stream, text="x")

    def test_have_so_many_tasks(self, app: WebClient, stream: dict[str, Any]) -> None:
        app.chat_appendStream(**stream, chunks=[task(f"t{n}", "pending") for n in range(TASKS)])
        app.chat_appendStream(**stream, chunks=[task("t0", "complete")])
        assert refused(app.chat_appendStream, **stream, chunks=[task("more", "pending")]) == "invalid_chunks"

    def test_take_all_chunks_or_none(self, slack: Slack, app: WebClient, stream: dict[str, Any]) -> None:
        chunks = [task("look", "in_progress"), {"type": "dance"}]
        assert refused(app.chat_appendStream, **stream, chunks=chunks) == "invalid_chunks"
        assert not slack.messages("#platform")[-1].blocks
        app.chat_appendStream(**stream, chunks=[task("stop", "pending")])
        (plan,) = slack.messages("#platform")[-1].blocks
        assert [one["task_id"] for one in plan["tasks"]] == ["stop"]

    @pytest.mark.parametrize(
        ("chunk", "error"),
        [
            (task("look", "odd"), "invalid_chunks"),
            ({**task("look", "pending"), "title": "x" * 257}, "invalid_chunks"),
            (task("look", "pending", details="x" * 257), "invalid_chunks"),
            (task("look", "pending", output="x" * 257), "invalid_chunks"),
            ({"type": "markdown_text", "text": "x" * 12_001}, "msg_too_long"),
            ({"type": "blocks", "blocks": [section("x" * 3001)]}, "invalid_blocks"),
        ],
    )
    def test_chunks_have_limits(self, app: WebClient, stream: dict[str, Any], chunk: Any, error: str) -> None:
        assert refused(app.api_call, "chat.appendStream", json={**stream, "chunks": [chunk]}) == error

    @pytest.mark.parametrize("left_out", ["recipient_user_id", "recipient_team_id"])
    def test_are_for_somebody(self, slack: Slack, app: WebClient, left_out: str) -> None:
        root = slack.say("dana", "#platform", "x").message
        to = {"recipient_user_id": "U0DANA", "recipient_team_id": "T0WORKSHOP"}
        del to[left_out]
        wrong = refused(app.chat_startStream, channel=PLATFORM, thread_ts=root.ts, **to)
        assert wrong == f"missing_{left_out}"

    def test_can_be_taken_away(self, slack: Slack, app: WebClient) -> None:
        slack.take_away("chat.startStream")
        assert refused(app.chat_startStream, channel=PLATFORM, thread_ts="1.2") == "unknown_method"


class TestWhoIsThere:
    def test_channels(self, app: WebClient) -> None:
        shared = app.conversations_info(channel="C0NORTHWIND", include_num_members=True)["channel"]
        assert shared["is_ext_shared"] and shared["is_member"] and shared["num_members"] == 4
        plain = app.conversations_info(channel=PLATFORM)["channel"]
        assert not plain["is_ext_shared"] and "num_members" not in plain
        assert app.conversations_info(channel="C0ARCHIVE")["channel"]["is_archived"]
        assert not app.conversations_info(channel="C0RANDOM")["channel"]["is_member"]

    def test_lists_come_in_pages(self, app: WebClient) -> None:
        found, cursor = [], ""
        for _ in range(10):
            page = app.conversations_list(limit=2, cursor=cursor, types="public_channel,private_channel")
            found += [one["name"] for one in page["channels"]]
            if not (cursor := page["response_metadata"]["next_cursor"]):
                break
        assert sorted(found) == ["agency", "dev", "ext-northwind", "old-project", "oncall", "platform", "random"]
        kept = app.conversations_list(exclude_archived=True)["channels"]
        assert "old-project" not in {one["name"] for one in kept}
        assert "oncall" not in {one["name"] for one in kept}

    def test_with_an_organisation_s_token_it_is_said_of_which_workspace(self, slack: Slack, app: WebClient) -> None:
        home = slack.world.state.workspaces["T0WORKSHOP"]
        home.enterprise, home.org_wide = "E0WORKSHOP", True
        assert [one["id"] for one in app.auth_teams_list()["teams"]] == ["T0WORKSHOP"]
        for team, error in ((None, "missing_argument"), ("T0SUPPLIER", "team_not_found")):
            with pytest.raises(SlackApiError, match=error):
                app.users_conversations(team_id=team)
        assert app.users_conversations(team_id="T0WORKSHOP")["channels"]
        of_it = app.users_info(user="U0OLGA")["user"]["enterprise_user"]
        assert (of_it["enterprise_id"], of_it["teams"]) == ("E0WORKSHOP", ["T0WORKSHOP"])

    def test_own_channels(self, app: WebClient) -> None:
        names = {one["name"] for one in app.users_conversations()["channels"]}
        assert "platform" in names and "random" not in names

    def test_members(self, app: WebClient) -> None:
        assert "U0STRANGER" in app.conversations_members(channel="C0NORTHWIND")["members"]

    def test_joining(self, app: WebClient) -> None:
        app.conversations_join(channel="C0RANDOM")
        app.chat_postMessage(channel="C0RANDOM", text="x")
        assert refused(app.conversations_join, channel="C0ARCHIVE") == "is_archived"

    def test_people(self, app: WebClient) -> None:
        dana = app.users_info(user="U0DANA")["user"]
        assert (dana["profile"]["email"], dana["is_email_confirmed"], dana["tz"]) == (
            "dana@example.com",
            True,
            "America/New_York",
        )
        assert not app.users_info(user="U0NOAH")["user"]["is_email_confirmed"]
        assert app.users_info(user="U0GUEST")["user"]["is_restricted"]
        stranger = app.users_info(user="U0STRANGER")["user"]
        assert (stranger["team_id"], stranger["is_stranger"]) == ("T0SUPPLIER", True)
        assert "email" not in stranger["profile"]
        assert refused(app.users_info, user="U0NOBODY") == "user_not_found"

    def test_who_has_gone(self, slack: Slack, app: WebClient) -> None:
        direct = app.conversations_open(users="U0DANA")["channel"]["id"]
        slack.deactivate("dana")
        assert app.conversations_info(channel=direct)["channel"]["is_user_deleted"]
        assert app.users_info(user="U0DANA")["user"]["deleted"]
        assert refused(app.conversations_open, users="U0DANA") == "user_disabled"
        assert refused(app.users_lookupByEmail, email="dana@example.com") == "users_not_found"

    def test_mail_only_with_its_scope(self, slack: Slack, app: WebClient) -> None:
        assert app.users_lookupByEmail(email="OLGA@example.com")["user"]["id"] == "U0OLGA"
        slack.world.state.workspaces["T0WORKSHOP"].scopes.remove("users:read.email")
        assert "email" not in app.users_info(user="U0OLGA")["user"]["profile"]
        assert refused(app.users_lookupByEmail, email="olga@example.com") == "missing_scope"

    def test_list_of_the_workspace(self, app: WebClient) -> None:
        assert "U0STRANGER" not in {one["id"] for one in app.users_list()["members"]}


class TestFiles:
    def test_are_put_and_shared(self, slack: Slack, app: WebClient) -> None:
        root = slack.say("dana", "#platform", "A report?").message
        app.files_upload_v2(
            channel=PLATFORM, thread_ts=root.ts, filename="report.md", content="# All well", title="Report"
        )
        message = slack.messages("#platform", root.ts)[-1]
        file = slack.world.state.files[message.files[0]]
        assert (file.name, file.title, file.content) == ("report.md", "Report", b"# All well")

    def test_as_long_as_was_said(self, slack: Slack, app: WebClient) -> None:
        url = app.files_getUploadURLExternal(filename="x.txt", length=3)["upload_url"]
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(urllib.request.Request(url, b"four"))
        assert error.value.code == 400

    def test_what_was_not_put_cannot_be_shared(self, app: WebClient) -> None:
        id = app.files_getUploadURLExternal(filename="x.txt", length=3)["file_id"]
        wrong = refused(app.files_completeUploadExternal, files=[{"id": id}], channel_id=PLATFORM)
        assert wrong == "file_not_found"

    def test_are_read_by_token(self, slack: Slack, app: WebClient) -> None:
        said = slack.say("dana", "#platform", "Look", files=[("notes.txt", b"some words")]).message
        told = app.files_info(file=said.files[0])["file"]
        assert (told["name"], told["size"], told["mimetype"]) == ("notes.txt", 10, "text/plain")
        request = urllib.request.Request(told["url_private"], headers={"Authorization": f"Bearer {slack.token()}"})
        assert urllib.request.urlopen(request).read() == b"some words"
        nobody = urllib.request.urlopen(told["url_private"])
        assert nobody.headers["Content-Type"] == "text/html" and b"some words" not in nobody.read()

    def test_not_those_of_where_the_app_is_not(self, slack: Slack, app: WebClient) -> None:
        said = slack.say("dana", "#random", "Look", files=[("notes.txt", b"some words")]).message
        assert refused(app.files_info, file=said.files[0]) == "file_not_found"


MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "All of it"}, "blocks": [section("x")]}


class TestViews:
    @pytest.fixture
    def trigger(self, slack: Slack) -> str:
        return slack.handed.trigger("U0DANA")

    def test_a_modal_opens_for_who_acted(self, slack: Slack, app: WebClient, trigger: str) -> None:
        view = app.views_open(trigger_id=trigger, view=MODAL)["view"]
        (open_now,) = slack.world.state.modals
        assert (open_now.user, open_now.id, view["app_installed_team_id"]) == ("U0DANA", view["id"], "T0WORKSHOP")
        app.views_update(view_id=view["id"], hash=view["hash"], view={**MODAL, "blocks": [section("y")]})
        assert slack.world.state.modals[0].view["blocks"][0]["text"]["text"] == "y"
        assert refused(app.views_update, view_id=view["id"], hash=view["hash"], view=MODAL) == "hash_conflict"
        assert refused(app.views_update, view_id="V0NONE", view=MODAL) == "not_found"

    def test_a_trigger_lives_three_seconds_and_once(self, clock: Clock, app: WebClient, trigger: str) -> None:
        clock.time += 3.1
        assert refused(app.views_open, trigger_id=trigger, view=MODAL) == "expired_trigger_id"
        clock.time -= 2
        app.views_open(trigger_id=trigger, view=MODAL)
        assert refused(app.views_open, trigger_id=trigger, view=MODAL) == "exchanged_trigger_id"
        assert refused(app.views_open, trigger_id="1.2.3", view=MODAL) == "invalid_trigger_id"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"title": {"type": "plain_text", "text": "x" * 25}},
            {"submit": {"type": "plain_text", "text": "x" * 25}},
            {"private_metadata": "x" * 3001},
            {"callback_id": "x" * 256},
            {"blocks": [section("x")] * 101},
            {"colour": "red"},
            {
                "blocks": [
                    {
                        "type": "input",
                        "label": {"type": "plain_text", "text": "Why"},
                        "element": {"type": "plain_text_input", "action_id": "why"},
                    }
                ]
            },
        ],
    )
    def test_views_have_limits(self, app: WebClient, trigger: str, wrong: dict[str, Any]) -> None:
        asked = {"trigger_id": trigger, "view": json.dumps({**MODAL, **wrong})}
        assert refused(app.api_call, "views.open", params=asked) == "invalid_arguments"

    def test_a_home_is_published(self, slack: Slack, app: WebClient) -> None:
        app.views_publish(user_id="U0DANA", view={"type": "home", "blocks": [section("x")]})
        assert slack.world.state.homes["U0DANA"].view["blocks"]

    def test_a_home_has_limits(self, app: WebClient) -> None:
        def published(**view: Any) -> str:
            return refused(app.views_publish, user_id="U0DANA", view={"type": "home", **view})

        app.views_publish(user_id="U0DANA", view={"type": "home", "blocks": [section("x")] * 100})
        assert published(blocks=[section("x")] * 101) == "invalid_arguments"
        assert published(blocks=[section("x" * 2_900)] * 90) == "view_too_large"
        assert published(blocks=[section("x")], type="modal", title=MODAL["title"]) == "invalid_arguments"
        assert refused(app.views_publish, user_id="U0NONE", view={"type": "home", "blocks": []}) == "user_not_found"

    def test_a_home_that_was_changed_since_is_not_published_over(self, slack: Slack, app: WebClient) -> None:
        home = {"type": "home", "blocks": [section("x")]}
        before = app.views_publish(user_id="U0DANA", view=home)["view"]["hash"]
        after = app.views_publish(user_id="U0DANA", view=home, hash=before)["view"]["hash"]
        assert refused(app.views_publish, user_id="U0DANA", view=home, hash=before) == "hash_conflict"
        app.views_publish(user_id="U0DANA", view=home, hash=after)
        slack.world.state.has_home = False
        assert refused(app.views_publish, user_id="U0DANA", view=home) == "not_enabled"

    def test_what_it_is_doing_until_it_says_something(self, slack: Slack, app: WebClient) -> None:
        root = slack.say("dana", "@dana", "Hello").message
        app.assistant_threads_setStatus(channel_id=root.channel, thread_ts=root.ts, status="is looking")
        assert slack.world.state.statuses == {f"{root.channel}/{root.ts}": "is looking"}
        app.chat_postMessage(channel=root.channel, thread_ts=root.ts, text="Hello")
        assert not slack.world.state.statuses

    def test_what_could_be_asked(self, slack: Slack, app: WebClient) -> None:
        direct = slack.world.channel("@dana").id
        prompts = [{"title": "Production", "message": "How is production?"}]
        app.assistant_threads_setSuggestedPrompts(channel_id=direct, prompts=prompts)
        assert slack.world.state.prompts[direct]["prompts"] == prompts
        many = prompts * 5
        wrong = refused(app.assistant_threads_setSuggestedPrompts, channel_id=direct, prompts=many)
        assert wrong == "invalid_arguments"


class TestMishaps:
    def test_fails_as_often_as_wanted(self, slack: Slack, app: WebClient) -> None:
        slack.fail("chat.postMessage", "fatal_error", times=2)
        assert refused(app.chat_postMessage, channel=PLATFORM, text="x") == "fatal_error"
        assert refused(app.chat_postMessage, channel=PLATFORM, text="x") == "fatal_error"
        app.chat_postMessage(channel=PLATFORM, text="x")
        assert len(slack.messages(PLATFORM)) == 1

    def test_is_done_and_never_answered(self, slack: Slack, app: WebClient) -> None:
        slack.lose_answers("chat.postMessage")
        with pytest.raises((OSError, http.client.HTTPException)):
            app.chat_postMessage(channel=PLATFORM, text="x")
        assert len(slack.messages(PLATFORM)) == 1
        assert [one.answer for one in slack.calls("chat.postMessage")] == [None]

    def test_too_many(self, slack: Slack, app: WebClient) -> None:
        slack.refuse_for_now("chat.update", retry_after=7)
        with pytest.raises(SlackApiError) as error:
            app.chat_update(channel=PLATFORM, ts="1.2", text="x")
        response = error.value.response
        assert (response.status_code, response["error"], response.headers["Retry-After"]) == (429, "ratelimited", "7")

    def test_one_message_a_second_and_channel_where_it_is_wanted(
        self, slack: Slack, clock: Clock, app: WebClient
    ) -> None:
        slack.rates.limit_as_slack_does()
        app.chat_postMessage(channel=PLATFORM, text="x")
        app.chat_postMessage(channel="C0DEV", text="x")
        assert refused(app.chat_postMessage, channel=PLATFORM, text="x") == "ratelimited"
        clock.time += 1
        app.chat_postMessage(channel=PLATFORM, text="x")
        assert len(slack.messages(PLATFORM)) == 2

    def test_what_was_called_is_known(self, slack: Slack, app: WebClient) -> None:
        app.chat_postMessage(channel=PLATFORM, text="x")
        (call,) = slack.calls("chat.postMessage")
        assert call.arguments["text"] == "x" and call.answer and call.answer["ok"]
        assert slack.token() not in str(call)


def test_all_of_it_is_there_after_a_restart(tmp_path: Path) -> None:
    kept = tmp_path / "slack.json"
    with Slack(kept_in=kept) as slack:
        root = slack.say("dana", "#platform", "Look", files=[("a.bin", bytes(range(256)))]).message
        token = slack.token()
    assert kept.stat().st_mode & 0o077 == 0
    with Slack(kept_in=kept) as again:
        assert again.messages("#platform") == [root]
        assert again.world.state.files[root.files[0]].content == bytes(range(256))
        assert again.token() == token
        assert again.say("dana", "#platform", "More").message.ts > root.ts


def test_channels_in_which_nobody_is_known_are_none(slack: Slack) -> None:
    assert all(one.members for one in slack.world.state.channels.values())
    handles = [one.name for one in slack.world.state.users.values()]
    assert not any(one == other for one, other in itertools.combinations(handles, 2))
