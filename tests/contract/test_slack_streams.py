"""How far a run is, streamed into a Slack that judges what comes as Slack does, refuses it, and ends it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fake_slack import fake_slack
from fakes import FakeClock
from hypothesis import given
from hypothesis import strategies as st

from cli.laptop.slack import Slack
from cli.laptop.slack.world import STREAM_SECONDS, Message
from copilot.adapters.slack import streams
from copilot.adapters.slack.client import SlackClient
from copilot.config.chats import ChatSettings
from copilot.domain import AnswerTo, Shown, ShownStep, StepMark, Steps, Words
from copilot.errors import RetryableError
from copilot.ports import Sent

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOME = "T0WORKSHOP"
WORDS = Shown(brief="Thinking", parts=(Words(text="Thinking"),))
MARKS: list[StepMark] = ["waiting", "running", "asking", "done", "failed", "skipped"]


def steps(*marks: StepMark, title: str = "At work: all lights off", details: str = "") -> Shown:
    shown = [ShownStep(id=f"s{n}", title=f"step {n}", mark=mark, details=details) for n, mark in enumerate(marks)]
    return Shown(brief=title, parts=(Steps(title=title, steps=tuple(shown)),))


class There:
    """A direct message with Dana, and the copilot's client of it."""

    def __init__(self, slack: Slack, clock: FakeClock) -> None:
        self.slack, self.clock = slack, clock
        token = "arn:aws:ssm:eu-west-1:111111111111:parameter/copilot/slack"
        given = {"id": HOME, "name": "Home", "token": token, "endpoint": slack.api_url}
        self.client = SlackClient(ChatSettings.model_validate({"workspaces": [given]}), lambda _: slack.token(), clock)
        self.where = self.in_thread("@dana")

    def in_thread(self, channel: str) -> AnswerTo:
        said = self.slack.say("dana", channel, "all lights off").message
        return AnswerTo(platform="slack", workspace=HOME, place=said.channel, thread=said.ts)

    @property
    def methods(self) -> list[str]:
        changes = ("chat.", "assistant.")
        return [one.method for one in self.slack.called if one.method.startswith(changes)]

    def message(self, sent: Sent) -> Message:
        (found,) = [one for one in self.slack.world.state.messages if one.ts == sent.message]
        return found

    def tasks(self, sent: Sent) -> list[tuple[str, str]]:
        (plan,) = self.message(sent).blocks
        return [(one["title"], one["status"]) for one in plan["tasks"]]

    def text(self, sent: Sent) -> str:
        return json.dumps(self.message(sent).blocks, ensure_ascii=False)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def there(clock: FakeClock) -> Iterator[There]:
    with Slack(now=lambda: clock.now().timestamp()) as slack:
        yield There(slack, clock)


class TestGrowing:
    def test_a_step_is_a_task_and_is_what_it_is_now(self, there: There) -> None:
        begun = there.client.begin(there.where, steps("running", "waiting"))
        assert there.tasks(begun) == [("step 0", "in_progress"), ("step 1", "pending")]
        there.client.grow(there.where, begun.message, steps("done", "running", details="1 of 2 items"))
        assert there.tasks(begun)[1] == ("step 1 — 1 of 2 items", "in_progress")
        there.client.grow(there.where, begun.message, steps("done", "failed", "asking", "skipped"))
        assert there.tasks(begun) == [
            ("step 0", "complete"),
            ("step 1", "error"),
            ("step 2 — asks for an approval", "in_progress"),
            ("step 3 — skipped", "pending"),
        ]
        assert there.message(begun).thread_ts == there.where.thread
        assert there.methods == ["chat.startStream", "chat.appendStream", "chat.appendStream"]

    def test_the_plan_stays_where_all_of_it_is_over(self, there: There) -> None:
        begun = there.client.begin(there.where, steps("running"))
        ended = there.client.update(there.where, begun.message, steps("done", "failed", title="Done"), grows=True)
        assert there.tasks(begun) == [("step 0", "complete"), ("step 1", "error")]
        assert there.methods == ["chat.startStream", "chat.stopStream"]
        assert ended.sent == f"chat.stopStream {json.dumps(there.slack.called[-1].arguments)}"
        assert ended.grows_until is None

    @pytest.mark.parametrize("mark", ["waiting", "running", "asking", "skipped"])
    def test_a_plan_that_is_not_over_is_no_plan_once_it_is_stopped(self, there: There, mark: StepMark) -> None:
        begun = there.client.begin(there.where, steps("running"))
        there.client.update(there.where, begun.message, steps("done", mark, title="Waiting"), grows=True)
        assert there.methods == ["chat.startStream", "chat.stopStream", "chat.update"]
        assert '"plan"' not in there.text(begun) and "✓ done  step 0" in there.text(begun)

    def test_what_was_sent_is_kept_as_it_was_sent(self, there: There) -> None:
        begun = there.client.begin(there.where, steps("running"))
        grown = there.client.grow(there.where, begun.message, steps("done"))
        ended = there.client.update(there.where, begun.message, steps("done", "waiting"), grows=True)
        called = [one for one in there.slack.called if one.method.startswith("chat.")]
        sent = [line for one in (begun, grown, ended) for line in one.sent.split("\n")]
        assert sent == [f"{one.method} {json.dumps(one.arguments)}" for one in called]

    def test_it_grows_for_four_minutes_since_it_was_begun(self, there: There) -> None:
        begun = there.client.begin(there.where, steps("running"))
        assert begun.grows_until is not None
        assert timedelta(minutes=4) <= begun.grows_until - NOW < timedelta(seconds=STREAM_SECONDS - 30)
        there.clock.sleep(60)
        grown = there.client.grow(there.where, begun.message, steps("done"))
        assert grown.grows_until == begun.grows_until

    def test_what_is_long_is_cut(self, there: There) -> None:
        begun = there.client.begin(there.where, steps("running", title="long " * 100, details="long " * 100))
        assert begun.grows_until
        assert there.tasks(begun)[0][0].startswith("step 0 — long") and there.tasks(begun)[0][0].endswith("…")

    def test_what_is_no_plan_any_more_is_none(self, there: There) -> None:
        begun = there.client.begin(there.where, steps("running"))
        there.client.grow(there.where, begun.message, WORDS)
        assert there.methods[-2:] == ["chat.stopStream", "chat.update"]
        assert '"plan"' not in there.text(begun) and "Thinking" in there.text(begun)

    def test_in_an_organisation_the_team_is_that_of_the_person(self, clock: FakeClock) -> None:
        token = "arn:aws:ssm:eu-west-1:111111111111:parameter/copilot/slack"
        with fake_slack(
            {
                "conversations.info": {"ok": True, "channel": {"id": "D1", "is_im": True, "user": "U1"}},
                "users.info": {"ok": True, "user": {"id": "U1", "team_id": "T1"}},
                "chat.startStream": {"ok": True, "ts": "1772442000.000100"},
            }
        ) as slack:
            given = {"id": "E0ORG", "name": "Org", "token": token, "endpoint": slack.endpoint}
            client = SlackClient(ChatSettings.model_validate({"workspaces": [given]}), lambda _: "token", clock)
            client.begin(AnswerTo(platform="slack", workspace="E0ORG", place="D1", thread="1.2"), steps("running"))
            arguments = slack.asked[-1].arguments
            assert (arguments["recipient_user_id"], arguments["recipient_team_id"]) == ("U1", "T1")

    def test_whom_it_is_for_is_said(self, there: There) -> None:
        there.client.begin(there.where, steps("running"))
        arguments = there.slack.called[-1].arguments
        assert (arguments["recipient_user_id"], arguments["recipient_team_id"]) == ("U0DANA", HOME)


class TestNotStreamed:
    def check(self, there: There, where: AnswerTo, shown: Shown) -> None:
        sent = there.client.begin(where, shown)
        assert (there.methods[-1], sent.grows_until) == ("chat.postMessage", None)
        assert there.message(sent).stream is None

    def test_in_a_channel_where_others_would_see_none_of_it(self, there: There) -> None:
        self.check(there, there.in_thread("#platform"), steps("running"))
        assert there.methods == ["chat.postMessage"]

    def test_outside_a_thread(self, there: There) -> None:
        self.check(there, there.where.model_copy(update={"thread": None}), steps("running"))
        assert there.methods == ["chat.postMessage"]

    def test_what_is_no_plan(self, there: There) -> None:
        self.check(there, there.where, WORDS)
        self.check(there, there.where, steps(*MARKS[1:2] * 51))
        assert "chat.startStream" not in there.methods


REFUSALS = [
    "unknown_method",
    "channel_type_not_supported",
    "missing_recipient_user_id",
    "missing_scope",
    "invalid_chunks",
    "not_allowed_token_type",
    "user_not_found",
    "surprise",
]


class TestRefused:
    @pytest.mark.parametrize("error", REFUSALS)
    def test_a_message_that_may_not_be_streamed_is_posted(self, there: There, error: str) -> None:
        there.slack.fail("chat.startStream", error)
        sent = there.client.begin(there.where, steps("running"))
        assert (there.methods, sent.grows_until) == (["chat.startStream", "chat.postMessage"], None)
        there.client.update(there.where, sent.message, steps("done"))
        assert "✓ done  step 0" in there.text(sent)

    def test_a_place_that_takes_none_is_not_asked_again_for_an_hour(self, there: There) -> None:
        there.slack.take_away("chat.startStream")
        for _ in range(3):
            there.client.begin(there.where, steps("running"))
        assert there.methods == ["chat.startStream", *["chat.postMessage"] * 3]
        there.slack.mishaps.forget()
        there.clock.sleep(3601)
        assert there.client.begin(there.where, steps("running")).grows_until

    def test_too_many_at_once_are_streamed_when_slack_says(self, there: There) -> None:
        there.slack.refuse_for_now("chat.startStream", retry_after=7)
        with pytest.raises(RetryableError) as error:
            there.client.begin(there.where, steps("running"))
        assert error.value.seconds == 7
        assert there.client.begin(there.where, steps("running")).grows_until
        assert there.methods == ["chat.startStream"] * 2

    def test_what_may_have_begun_is_not_posted_before_it_comes_again(self, there: There) -> None:
        there.slack.lose_answers("chat.startStream")
        with pytest.raises(RetryableError):
            there.client.begin(there.where, steps("running"))
        assert there.methods == ["chat.startStream"]
        sent = there.client.begin(there.where, steps("running"))
        assert there.methods == ["chat.startStream", "chat.postMessage"]
        assert "… running  step 0" in there.text(sent)

    def test_a_fault_of_slacks_is_not_waited_out_where_a_post_is_taken(self, there: There) -> None:
        there.slack.fail("chat.startStream", "internal_error")
        with pytest.raises(RetryableError):
            there.client.begin(there.where, steps("running"))
        assert not there.client.begin(there.where, steps("running")).grows_until
        there.slack.mishaps.forget()
        there.clock.sleep(601)
        assert there.client.begin(there.where, steps("running")).grows_until

    @pytest.mark.parametrize("error", ["unknown_method", "message_not_in_streaming_state", "stopped_by_user", "odd"])
    def test_what_takes_no_more_is_updated(self, there: There, error: str) -> None:
        begun = there.client.begin(there.where, steps("running"))
        there.slack.fail("chat.appendStream", error)
        grown = there.client.grow(there.where, begun.message, steps("done", "running"))
        assert grown.grows_until is None
        assert "… running  step 1" in there.text(begun)

    def test_a_stream_that_slack_ended_is_updated(self, there: There) -> None:
        begun = there.client.begin(there.where, steps("running"))
        there.clock.sleep(STREAM_SECONDS + 1)
        there.client.grow(there.where, begun.message, steps("done", "running"))
        assert "… running  step 1" in there.text(begun)
        there.client.update(there.where, begun.message, steps("done", "done"), grows=True)
        assert "✓ done  step 1" in there.text(begun)

    def test_an_end_that_comes_again_ends_it(self, there: There) -> None:
        """Its first answer was lost, or nobody noted it."""
        begun = there.client.begin(there.where, steps("running"))
        there.slack.lose_answers("chat.stopStream")
        with pytest.raises(RetryableError):
            there.client.update(there.where, begun.message, steps("done"), grows=True)
        there.client.update(there.where, begun.message, steps("done"), grows=True)
        assert "✓ done  step 0" in there.text(begun)

    def test_one_that_slack_neither_ends_nor_changes_comes_again(self, there: There) -> None:
        begun = there.client.begin(there.where, steps("running"))
        there.slack.fail("chat.stopStream", "team_not_found")
        with pytest.raises(RetryableError, match="still streams it"):
            there.client.update(there.where, begun.message, steps("done"), grows=True)
        there.clock.sleep(STREAM_SECONDS + 1)
        there.client.update(there.where, begun.message, steps("done"), grows=True)
        assert "✓ done  step 0" in there.text(begun)

    @pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
    def test_it_is_asked_again_when_slack_says(self, there: There, method: str) -> None:
        begun = there.client.begin(there.where, steps("running"))
        there.slack.refuse_for_now(method, retry_after=7)
        with pytest.raises(RetryableError) as error:
            if method == "chat.stopStream":
                there.client.update(there.where, begun.message, steps("done"), grows=True)
            else:
                there.client.grow(there.where, begun.message, steps("done"))
        assert error.value.seconds == 7
        assert there.methods[-1] == method


SHOWN = st.builds(
    lambda title, shown: Shown(brief="x", parts=(Steps(title=title, steps=tuple(shown)),)),
    st.text(max_size=400),
    st.lists(
        st.builds(
            ShownStep, id=st.text("abc", min_size=1), title=st.text(), mark=st.sampled_from(MARKS), details=st.text()
        ),
        max_size=50,
        unique_by=lambda one: one.id,
    ),
)


@given(SHOWN)
def test_no_chunk_is_longer_than_slack_takes_nor_holds_markup(shown: Shown) -> None:
    made: Sequence[dict[str, Any]] = streams.chunks(shown)
    assert len(made) == len(shown.parts[0].steps) + 1  # type: ignore[union-attr]
    for chunk in made:
        assert 0 < len(chunk["title"]) <= 256
        assert not {*"<>\n"} & {*chunk["title"]}
        assert not chunk.keys() & {"details", "output"}
