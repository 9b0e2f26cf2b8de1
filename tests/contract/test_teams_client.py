"""What is asked of the Bot Connector and of Entra, over HTTP, and what their answers mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fakes import FakeClock

from cli.laptop.teams import APP, SECRET, TEAM, TENANT, Teams
from copilot.adapters.chat_notifier import ChatNotifier
from copilot.adapters.recent import FRESH
from copilot.adapters.teams.calls import CONNECTOR, LAPSES, Calls
from copilot.adapters.teams.client import LARGEST_PICTURE, MEMBERS, WIDEST_PICTURE, TeamsClient
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import AnswerTo, Button, Buttons, ChatFile, ChatPlace, ChatUser, Shown, Words
from copilot.errors import (
    CopilotError,
    FatalError,
    NotFound,
    NotReady,
    PermissionDenied,
    RetryableError,
    ToolInputError,
)

HELLO = Shown(brief="hello", parts=(Words(text="hello *you* <at>all</at>"),))
LONG = Shown(brief="long", parts=(Words(text="x" * 60_000),))
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


@pytest.fixture
def teams() -> Iterator[Teams]:
    with Teams() as one:
        yield one


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(teams: Teams, clock: FakeClock) -> TeamsClient:
    return TeamsClient(ChatSettings(workspaces=(workspace(teams),)), lambda _: SECRET, clock)


def workspace(teams: Teams, **other: Any) -> ChatWorkspace:
    arn = "arn:aws:ssm:eu-west-1:111111111111:parameter/copilot/teams"
    told = {"platform": "teams", "id": TENANT, "name": "Home", "token": arn, "app": APP, "team": TEAM}
    return ChatWorkspace.model_validate(told | {"endpoint": teams.endpoint} | other)


def user(teams: Teams, handle: str) -> ChatUser:
    return ChatUser(platform="teams", workspace=TENANT, user=teams.world.person(handle).id)


def channel(teams: Teams, name: str, thread: str | None = None) -> AnswerTo:
    return AnswerTo(platform="teams", workspace=TENANT, place=teams.world.conversation(name), thread=thread)


def methods(teams: Teams) -> list[str]:
    return [f"{one.method} {one.path.split('/')[-1]}" for one in teams.called]


# where and who


def test_places_say_who_reads_there(teams: Teams, client: TeamsClient) -> None:
    assert client.place(channel(teams, "#dev")) == ChatPlace(name="#dev", aside=False)
    guests, shared = client.place(channel(teams, "#with-guests")), client.place(channel(teams, "#shared"))
    assert (guests.guests, guests.shared, guests.is_read_by_others(named=True)) == (True, False, True)
    assert (shared.guests, shared.shared, shared.is_read_by_others(named=True)) == (False, True, True)
    own = AnswerTo(platform="teams", workspace=TENANT, place=user(teams, "dana").user, person=True)
    assert client.place(own) == ChatPlace(name="Dana Developer", direct=True)
    assert client.place(client.direct(user(teams, "dana"))).direct
    with pytest.raises(NotFound, match="the copilot is not there"):
        client.place(AnswerTo(platform="teams", workspace=TENANT, place="19:elsewhere@thread.tacv2"))


def test_a_channel_with_more_members_than_a_page_is_uncounted(teams: Teams, client: TeamsClient) -> None:
    members = teams.world.channels[TEAM].members
    members += members[:1] * (MEMBERS - len(members))
    assert not client.place(channel(teams, "#General")).uncounted
    members.append(members[0])
    big = TeamsClient(ChatSettings(workspaces=(workspace(teams),)), lambda _: SECRET, FakeClock())
    place = big.place(channel(teams, "#General"))
    assert place.uncounted and place.guests and not place.is_read_by_others(named=True)


def test_people_are_as_the_roster_has_them(teams: Teams, client: TeamsClient) -> None:
    dana = client.person(user(teams, "dana"))
    assert (dana.name, dana.mail, dana.guest, dana.external, dana.gone) == (
        "Dana Developer",
        "dana@example.com",
        False,
        False,
        False,
    )
    guest = client.person(user(teams, "gast"))
    assert guest.guest and guest.mail is None
    with pytest.raises(NotFound):  # of another tenant: nobody in ours
        client.person(user(teams, "ada"))
    teams.world.person("olga").gone = True
    with pytest.raises(NotFound):
        client.person(user(teams, "olga"))


def test_who_may_not_be_written_to_is_found_in_the_team(teams: Teams, client: TeamsClient) -> None:
    teams.fail(403, "MessageWritesBlocked", of="POST")
    assert client.person(user(teams, "olga")).name == "Olga Owner"
    alone = TeamsClient(ChatSettings(workspaces=(workspace(teams, team=None),)), lambda _: SECRET, FakeClock())
    teams.fail(403, "MessageWritesBlocked", of="POST")
    with pytest.raises(NotFound, match="blocked or removed"):
        alone.person(user(teams, "olga"))


def test_channels_go_by_their_names_in_small_letters(teams: Teams, client: TeamsClient) -> None:
    found = client.channel(TENANT, "#ops-room")
    assert found is not None and found.place == teams.world.conversation("#Ops Room")
    general = client.channel(TENANT, "#general")
    assert general is not None and general.place == TEAM
    assert client.channel(TENANT, "#nowhere") is None
    teams.world.channels["19:another@thread.tacv2"] = teams.world.channels[TEAM].__class__(
        "19:another@thread.tacv2", "OPS room", []
    )
    assert client.channel(TENANT, "#ops-room") is not None  # as it was seen a moment ago
    again = TeamsClient(ChatSettings(workspaces=(workspace(teams),)), lambda _: SECRET, FakeClock())
    assert again.channel(TENANT, "#ops-room") is None  # which of both?
    no_team = TeamsClient(ChatSettings(workspaces=(workspace(teams, team=None),)), lambda _: SECRET, FakeClock())
    assert no_team.channels(TENANT) == {}


def test_what_was_seen_is_remembered_for_a_while(teams: Teams, client: TeamsClient, clock: FakeClock) -> None:
    for _ in range(3):
        client.person(user(teams, "dana"))
        client.place(channel(teams, "#dev"))
    asked = len(teams.called)
    clock.sleep(FRESH.total_seconds())
    client.person(user(teams, "dana"))
    assert asked == 4 and len(teams.called) == asked + 2


# what is posted


def test_a_message_in_a_thread_goes_under_it_and_one_in_a_channel_begins_one(teams: Teams, client: TeamsClient) -> None:
    (begun,) = client.post(channel(teams, "#dev"), HELLO)
    (under,) = client.post(channel(teams, "#dev", begun.message), HELLO)
    first, second = teams.messages("#dev", begun.message)
    assert (first.id, second.id, second.thread) == (begun.message, under.message, begun.message)
    assert first.text == "hello *you* <at>all</at>" and not first.activity.get("entities")
    assert begun.sent.startswith("POST v3/conversations {") and SECRET not in begun.sent


def test_one_message_is_updated_wherever_it_stands(teams: Teams, client: TeamsClient) -> None:
    own = AnswerTo(platform="teams", workspace=TENANT, place=user(teams, "dana").user, person=True)
    for where in (channel(teams, "#dev"), own, client.direct(user(teams, "dana"))):
        (sent,) = client.post(where, HELLO)
        assert client.update(where, sent.message, Shown(brief="now", parts=())).message == sent.message
        assert client.grow(where, sent.message, Shown(brief="more", parts=())).grows_until is None
    in_thread = channel(teams, "#dev", teams.messages("#dev")[0].id)
    begun = client.begin(in_thread, HELLO)
    client.update(in_thread, begun.message, Shown(brief="over", parts=()), grows=True)
    everywhere = [*teams.messages("#dev"), *teams.messages("@dana")]
    assert [one.text for one in everywhere] == ["more", "over", "more", "more"]
    with pytest.raises(NotFound):
        client.update(in_thread, "1", HELLO)


def test_what_is_for_one_alone_goes_to_their_own_chat_and_says_from_where(teams: Teams, client: TeamsClient) -> None:
    client.post(channel(teams, "#dev", "1"), HELLO, only_for=user(teams, "dana"))
    assert not teams.messages("#dev")
    (told,) = teams.messages("@dana")
    assert told.text.startswith("About what you said or pressed in #dev:\nhello")
    own = AnswerTo(platform="teams", workspace=TENANT, place=user(teams, "dana").user, person=True)
    client.post(own, HELLO, only_for=user(teams, "dana"))
    assert teams.messages("@dana")[1].text == "hello *you* <at>all</at>"
    with pytest.raises(NotFound):
        client.post(channel(teams, "#dev"), HELLO, only_for=user(teams, "ada"))


def test_what_is_long_is_several_messages_and_each_is_taken(teams: Teams, client: TeamsClient) -> None:
    sent = client.post(client.direct(user(teams, "dana")), LONG)
    assert len(sent) == len(teams.messages("@dana")) == 3
    first, *more = client.post(channel(teams, "#dev"), LONG)
    assert [one.id for one in teams.messages("#dev", first.message)] == [first.message, *(one.message for one in more)]


def test_a_picture_stands_in_the_message_at_its_bounds_and_beyond_them_words_do(
    teams: Teams, client: TeamsClient
) -> None:
    def picture(width: int, height: int, size: int = 100) -> bytes:
        head = PNG + width.to_bytes(4) + height.to_bytes(4)
        return head + b"x" * (size - len(head))

    where = client.direct(user(teams, "dana"))
    for content in (picture(WIDEST_PICTURE, WIDEST_PICTURE), picture(1, 1, LARGEST_PICTURE)):
        sent = client.attach(where, "a.png", content, "Cost")
        (attached,) = teams.messages("@dana")[-1].activity["attachments"]
        assert attached["contentUrl"].startswith("data:image/png;base64,") and attached["name"] == "Cost"
        assert len(sent.sent) < 500
    for content in (picture(WIDEST_PICTURE + 1, 1), picture(1, 1025), picture(1, 1, LARGEST_PICTURE + 1), b"<svg/>"):
        client.attach(where, "a.png", content, "Cost")
        assert teams.messages("@dana")[-1].text == "Cost is too large to be shown here: the answer has the link to it."


def test_a_file_is_read_from_where_files_lie_and_without_the_token(teams: Teams, client: TeamsClient) -> None:
    said = teams.say("dana", "@dana", "look", files=[("a.log", b"12345")])
    (info,) = [one for one in said.sent.payload["attachments"] if "content" in one and "name" in one]
    url = info["content"]["downloadUrl"]
    where = channel(teams, "#dev")

    def file(url: str) -> ChatFile:
        return ChatFile(id="1", name="a.log", size=0, url=url)

    assert client.file(where, file(url), 5) == b"12345"
    with pytest.raises(ToolInputError, match="more than 4 bytes"):
        client.file(where, file(url), 4)
    with pytest.raises(NotFound):
        client.file(where, file(f"{teams.url}/files/other"), 5)
    for elsewhere in (
        "http://127.0.0.1:1/files/x",
        "https://evil.example/x",
        f"http://you@{teams.url[7:]}/files/x",
        "",
    ):
        with pytest.raises(ToolInputError, match="not one of SharePoint's"):
            client.file(where, file(elsewhere), 5)


@pytest.mark.parametrize(
    ("url", "is_read"),
    [
        ("https://contoso-my.sharepoint.com/x?tempauth=1", True),
        ("https://contoso.sharepoint.com:443/x", True),
        ("http://contoso-my.sharepoint.com/x", False),
        ("https://sharepoint.com.evil.example/x", False),
        ("https://evilsharepoint.com/x", False),
        ("https://a.sharepoint.com@evil.example/x", False),
        ("https://a.sharepoint.com:8443/x", False),
        ("https://a.sharepoint.com\\@evil.example/x", False),
        ("https://169.254.169.254/latest", False),
        ("http://127.0.0.1/x", False),
    ],
)
def test_in_the_cloud_files_are_read_from_sharepoint_alone(url: str, is_read: bool) -> None:
    calls = Calls(TENANT, APP, lambda: SECRET, FakeClock())
    assert calls._has_files(url) == is_read
    assert calls._base == CONNECTOR.rstrip("/")


# tokens


def test_a_token_is_used_until_shortly_before_it_lapses(teams: Teams, clock: FakeClock) -> None:
    read: list[str] = []

    def secret(workspace: ChatWorkspace) -> str:
        read.append(workspace.id)
        return SECRET

    client = TeamsClient(ChatSettings(workspaces=(workspace(teams),)), secret, clock)
    where = channel(teams, "#dev")
    client.post(where, HELLO)
    clock.sleep(3600 - LAPSES.total_seconds() - 1)
    client.post(where, HELLO)
    assert len(read) == 1
    clock.sleep(1)
    client.post(where, HELLO)
    assert len(read) == 2


def test_a_token_that_is_not_taken_any_more_is_asked_for_anew_once(teams: Teams, client: TeamsClient) -> None:
    client.post(channel(teams, "#dev"), HELLO)
    teams.connector.forget_tokens()
    client.post(channel(teams, "#dev"), HELLO)
    assert len(teams.messages("#dev")) == 2
    teams.fail(401, "Unauthorized", times=2)
    with pytest.raises(PermissionDenied, match="chat teams check"):
        client.post(channel(teams, "#dev"), HELLO)


@pytest.mark.parametrize(
    ("changes", "secret", "said"),
    [
        ({}, "wrong", "AADSTS7000215.*not its id"),
        ({"app": "22222222-0000-4000-8000-000000000009"}, SECRET, "AADSTS700016.*check `app`"),
        ({"id": "11111111-0000-4000-8000-000000000009"}, SECRET, "AADSTS90002.*no such tenant"),
    ],
)
def test_without_a_token_it_is_said_what_to_do(teams: Teams, changes: Any, secret: str, said: str) -> None:
    there = workspace(teams, **changes)
    client = TeamsClient(ChatSettings(workspaces=(there,)), lambda _: secret, FakeClock())
    with pytest.raises(PermissionDenied, match=said) as raised:
        client.post(channel(teams, "#dev").model_copy(update={"workspace": there.id}), HELLO)
    assert secret not in str(raised.value)


# what is refused


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "BadSyntax", FatalError),
        (403, "BotDisabledByAdmin", PermissionDenied),
        (403, "MessageWritesBlocked", NotFound),
        (403, "words of <somebody>", PermissionDenied),
        (404, "ConversationNotFound", NotFound),
        (412, "PreconditionFailed", RetryableError),
        (413, "MessageSizeTooBig", FatalError),
        (500, "ServiceError", RetryableError),
        (302, "", FatalError),
    ],
)
def test_what_is_refused_says_what_to_do_about_it(
    teams: Teams, client: TeamsClient, status: int, code: str, expected: type[CopilotError]
) -> None:
    teams.fail(status, code)
    with pytest.raises(expected) as raised:
        client.post(channel(teams, "#dev"), HELLO)
    assert type(raised.value) is expected and raised.value.ours and "somebody" not in str(raised.value)
    assert not teams.messages("#dev")


def test_what_is_too_fast_is_to_come_again_when_teams_says(teams: Teams, client: TeamsClient) -> None:
    teams.connector.most, teams.connector.seconds = 2, 30.0
    where = channel(teams, "#dev")
    client.post(where, HELLO)
    client.post(where, HELLO)
    with pytest.raises(RetryableError) as raised:
        client.post(where, HELLO)
    assert raised.value.seconds is not None and 28 <= raised.value.seconds <= 30


def test_where_nobody_answers_it_is_to_come_again(teams: Teams, client: TeamsClient) -> None:
    teams.close()
    with pytest.raises(RetryableError) as raised:
        client.post(channel(teams, "#dev"), HELLO)
    assert raised.value.seconds is None  # nobody knows whether it stands there


def test_the_connector_takes_nothing_that_is_no_card_or_too_large(teams: Teams, client: TeamsClient) -> None:
    calls = client._at(TENANT)
    path = f"v3/conversations/{teams.world.conversation('@dana')}/activities"
    with pytest.raises(FatalError, match="BadSyntax"):
        calls.send("posting", "POST", path, {"type": "message"})
    with pytest.raises(FatalError, match="MessageSizeTooBig"):
        calls.send("posting", "POST", path, {"type": "message", "text": "x" * 60_000})


# messages that nobody asked for here


def test_tools_tell_channels_and_people_of_teams(teams: Teams, client: TeamsClient) -> None:
    people = [KnownPerson(id="dana", name="Dana", principals=(), roles=(), chat=(user(teams, "dana").address,))]
    config = Configuration(
        accounts=(), people=tuple(people), chat=ChatSettings(workspaces=(workspace(teams),)), channels=("#dev",)
    )
    notifier = ChatNotifier(lambda platform: client, config, sends=True)
    assert notifier.send("#dev", "told", "key") == "Microsoft Teams, #dev"
    assert notifier.send("person:dana", "told", "key") == "Microsoft Teams, person:dana"
    assert [teams.messages(place)[0].text for place in ("#dev", "@dana")] == ["told", "told"]
    with pytest.raises(ToolInputError):
        notifier.send("#ops-room", "told", "key")
    teams.fail(429, "TooManyRequests", retry_after=7, of="POST")
    with pytest.raises(NotReady):
        notifier.send("#dev", "told", "key")


def test_a_pressed_button_comes_with_what_was_ticked_and_the_opaque_id_alone(teams: Teams, client: TeamsClient) -> None:
    button = Button(action="approve", about="a-1", label="Approve")
    client.post(client.direct(user(teams, "dana")), Shown(brief="b", parts=(Buttons(buttons=(button,)),)))
    sent = teams.press("dana", teams.messages("@dana")[0], "copilot.approve")
    data = sent.payload["value"]["action"]["data"]
    assert data == {"about": "a-1", "verb": "copilot.approve"}
