"""Messages that tools send, in Slack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fake_slack import Answer, FakeSlack, fake_slack
from fakes import FakeClock

from copilot.adapters.chat_notifier import ChatNotifier
from copilot.adapters.slack.client import MOST_MEMBERS, SlackClient
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import ChatUser
from copilot.errors import HalfDone, NotReady, PermissionDenied, RetryableError, ToolInputError

HOME, OTHER = "T024BE7LD", "T2"
TOKEN = "arn:aws:ssm:eu-west-1:111111111111:parameter/copilot/slack"
DANA = KnownPerson(id="dana", name="Dana", principals=(), roles=("reader",), chat=(f"slack:{HOME}/U1",))
BEN = KnownPerson(id="ben", name="Ben", principals=(), roles=("reader",))
JOINED = {"ok": True, "channels": [{"id": "C1", "name": "platform"}, {"id": "C2", "name": "oncall"}]}
POSTED = {"ok": True, "ts": "1.1"}


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    user = {"ok": True, "user": {"id": "U1", "team_id": HOME, "profile": {"display_name": "Dana"}}}
    opened = {"ok": True, "channel": {"id": "D1"}}
    answers = {"users.conversations": JOINED, "users.info": user, "conversations.open": opened}
    answers |= {"conversations.info": {"ok": True, "channel": {"id": "C1", "name": "platform", "is_member": True}}}
    answers |= {"conversations.members": {"ok": True, "members": ["U1"]}}
    with fake_slack({**answers, "chat.postMessage": POSTED}) as one:
        yield one


def notifier(slack: FakeSlack, linked: dict[str, list[ChatUser]] | None = None, **config: Any) -> ChatNotifier:
    sends = config.pop("sends", True)
    chat = {"workspaces": [{"id": id, "name": id, "token": TOKEN, "endpoint": slack.endpoint} for id in (HOME, OTHER)]}
    whole = Configuration.model_validate({"accounts": (), "people": (DANA, BEN), "chat": chat, **config})
    assert whole.chat is not None
    client = SlackClient(whole.chat, lambda _: "xoxb-not-real", FakeClock())
    return ChatNotifier(lambda _: client, whole, lambda person: (linked or {}).get(person, ()), sends=sends)


def told(slack: FakeSlack) -> list[tuple[str, str]]:
    posted = [one.arguments for one in slack.asked if one.method == "chat.postMessage"]
    return [(one["channel"], one["text"]) for one in posted]


def test_a_channel_of_the_home_workspace_is_told(slack: FakeSlack) -> None:
    assert notifier(slack).send("#platform", "Stopped dev.", "key") == "Slack, #platform"
    assert told(slack) == [("C1", "Stopped dev.")]


def test_a_channel_that_is_shared_with_another_organisation_is_told_nothing(slack: FakeSlack) -> None:
    shared = {"id": "C1", "name": "platform", "is_member": True, "is_ext_shared": True}
    slack.answers["conversations.info"] = {"ok": True, "channel": shared}
    with pytest.raises(ToolInputError, match="#platform is shared with another organisation"):
        notifier(slack).check("#platform")
    with pytest.raises(ToolInputError):
        notifier(slack).send("#platform", "Costs.", "key")
    assert told(slack) == []


def test_a_channel_with_guests_is_told_nothing(slack: FakeSlack) -> None:
    guest = {"id": "U1", "team_id": HOME, "is_restricted": True, "profile": {"display_name": "Visitor"}}
    slack.answers["users.info"] = {"ok": True, "user": guest}
    for channels in ((), ("#platform",)):
        with pytest.raises(ToolInputError, match="#platform has guests in it"):
            notifier(slack, channels=channels).send("#platform", "Costs.", "key")
    assert told(slack) == []


def test_a_channel_too_large_to_know_is_told_where_the_configuration_names_it(slack: FakeSlack) -> None:
    slack.answers["conversations.members"] = {"ok": True, "members": [f"U{n}" for n in range(MOST_MEMBERS + 1)]}
    with pytest.raises(ToolInputError, match="it is told where `channels` names it"):
        notifier(slack).check("#platform")
    assert notifier(slack, channels=("#platform",)).send("#platform", "Stopped dev.", "key") == "Slack, #platform"
    assert told(slack) == [("C1", "Stopped dev.")]


def test_what_is_sent_is_no_markup(slack: FakeSlack) -> None:
    text = "<!channel> *now* <https://evil.example|here>"
    notifier(slack).send("#platform", text, "key")
    (section,) = slack.asked[-1].arguments["blocks"]
    assert section["elements"][0]["elements"] == [{"type": "text", "text": text}]


def test_a_person_is_told_alone(slack: FakeSlack) -> None:
    notifier(slack).send("person:dana", "It is done.", "key")
    assert told(slack) == [("D1", "It is done.")]
    assert [one.arguments for one in slack.asked if one.method == "conversations.open"] == [{"users": "U1"}]


def test_a_person_is_told_where_they_said_they_are(slack: FakeSlack) -> None:
    linked = {"ben": [ChatUser.at(f"slack:{OTHER}/U7"), ChatUser.at(f"slack:{HOME}/U5"), ChatUser.at("slack:T9/U9")]}
    notifier(slack, linked).check("person:ben")
    assert [one.arguments["user"] for one in slack.asked] == ["U5"], "the home workspace comes first"


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("#plaform", "there is no channel #plaform to be told; nearest: #platform"),
        ("#zzz", "there is no channel #zzz to be told; there are #oncall, #platform"),
        ("person:danna", "nobody is person:danna; nearest: person:dana"),
        ("person:ben", "person:ben is known in no chat"),
    ],
)
def test_who_cannot_be_told_is_not(slack: FakeSlack, channel: str, words: str) -> None:
    for act in (notifier(slack).check, lambda one: notifier(slack).send(one, "x", "key")):
        with pytest.raises(ToolInputError, match=words):
            act(channel)
    assert told(slack) == []


def test_of_a_list_of_channels_only_those_are_told(slack: FakeSlack) -> None:
    listed = notifier(slack, channels=("#platform", "#elsewhere"))
    listed.check("#platform")
    with pytest.raises(ToolInputError, match="there is no channel #oncall to be told; there are #platform"):
        listed.check("#oncall")
    with pytest.raises(ToolInputError, match="the copilot is not in #elsewhere"):
        listed.check("#elsewhere")


def test_where_it_is_in_no_channel_none_is_told(slack: FakeSlack) -> None:
    slack.answers["users.conversations"] = {"ok": True, "channels": []}
    with pytest.raises(ToolInputError, match="there is no channel #platform to be told"):
        notifier(slack).check("#platform")


def test_who_is_gone_is_not_told(slack: FakeSlack) -> None:
    slack.answers["users.info"] = {"ok": True, "user": {"id": "U1", "team_id": HOME, "deleted": True}}
    with pytest.raises(ToolInputError, match="known in no chat"):
        notifier(slack).check("person:dana")
    slack.answers["users.info"] = {"ok": False, "error": "user_not_found"}
    with pytest.raises(ToolInputError, match="known in no chat"):
        notifier(slack).check("person:dana")


def test_what_only_reads_sends_nothing(slack: FakeSlack) -> None:
    with pytest.raises(PermissionDenied, match="no message was sent"):
        notifier(slack, sends=False).send("#platform", "x", "key")
    assert not slack.asked


LATER = Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "7"})
LOST = Answer(breaks_off=True)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"chat.postMessage": LATER}, NotReady),
        ({"chat.postMessage": LOST}, RetryableError),
        ({"users.conversations": LOST}, NotReady),
        ({"chat.postMessage": {"ok": False, "error": "not_in_channel"}}, PermissionDenied),
    ],
)
def test_whether_it_may_have_been_sent_is_told_apart(
    slack: FakeSlack, answers: dict[str, Any], error: type[Exception]
) -> None:
    slack.answers |= answers
    with pytest.raises(error) as raised:
        notifier(slack).send("#platform", "x", "key")
    assert type(raised.value) is error


def test_what_is_long_and_was_sent_in_part_is_half_done(slack: FakeSlack) -> None:
    slack.answers["chat.postMessage"] = [POSTED, LATER]
    with pytest.raises(
        HalfDone, match=r"the beginning of the message was sent \(1 of its parts\), and then: posting a message"
    ):
        notifier(slack).send("#platform", "家" * 4_000, "key")
