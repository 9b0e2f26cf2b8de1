"""What is asked of Discord's API, over HTTP, and what its answers mean."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from fakes import FakeClock

from cli.laptop.discord import SERVER, Channel, Discord, Guild, User, one_server
from cli.laptop.discord.discord import text_of
from copilot.adapters.discord.calls import Calls
from copilot.adapters.discord.client import DiscordClient
from copilot.adapters.discord.faults import refused
from copilot.adapters.discord.seeing import ADMINISTRATOR, VIEW, sees
from copilot.adapters.recent import FRESH
from copilot.config.chats import ChatSettings
from copilot.domain import AnswerTo, ChatFile, ChatUser, Shown, Words
from copilot.errors import CopilotError, FatalError, NotFound, PermissionDenied, RetryableError, ToolInputError

TOKEN, APP = "not-a-real-token", "1290000000000000001"
HELLO = Shown(brief="hello", parts=(Words(text="hello @everyone <@1290000000000000100>"),))


@pytest.fixture
def discord() -> Iterator[Discord]:
    with Discord(one_server("you", "dana"), token=TOKEN) as one:
        yield one


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(discord: Discord, clock: FakeClock) -> DiscordClient:
    return DiscordClient(settings(discord.api_url), lambda _: TOKEN, clock)


def settings(endpoint: str | None) -> ChatSettings:
    token = "arn:aws:ssm:eu-west-1:111111111111:parameter/copilot/discord"
    one = {"platform": "discord", "id": SERVER, "app": APP, "name": "Home"}
    return ChatSettings.model_validate({"workspaces": [one | {"token": token, "endpoint": endpoint}]})


def user(discord: Discord, name: str) -> ChatUser:
    return ChatUser(platform="discord", workspace=SERVER, user=discord.world.user(name).id)


def at(discord: Discord, channel: str) -> AnswerTo:
    place = discord.world.channel(channel).id
    return AnswerTo(platform="discord", workspace=SERVER, place=place, thread="1290000000000000100")


def test_a_message_is_posted_changed_and_mentions_nobody(discord: Discord, client: DiscordClient) -> None:
    where = at(discord, "#dev")
    (sent,) = client.post(where, HELLO)
    (message,) = discord.messages("#dev")
    assert (sent.message, message.pings, sent.grows_until) == (message.id, [], None)
    assert discord.called[-1].body["allowed_mentions"] == {"parse": []} and TOKEN not in sent.sent
    client.update(where, sent.message, Shown(brief="x", parts=(Words(text="other"),)))
    assert text_of(message) == "other" and message.pings == []


def test_what_begins_is_one_message_and_what_grows_is_changed(discord: Discord, client: DiscordClient) -> None:
    where = at(discord, "#dev")
    begun = client.begin(where, Shown(brief="x", parts=tuple(Words(text="y" * 1500) for _ in range(5))))
    client.grow(where, begun.message, HELLO)
    assert len(discord.messages("#dev")) == 1 and begun.grows_until is None


def test_what_is_long_is_several_messages_in_order(discord: Discord, client: DiscordClient) -> None:
    client.post(at(discord, "#dev"), Shown(brief="x", parts=tuple(Words(text=f"{n} " + "y" * 1500) for n in range(5))))
    assert [text_of(one)[0] for one in discord.messages("#dev")] == ["0", "2", "4"]


def test_one_alone_is_told_in_direct_messages_only(discord: Discord, client: DiscordClient) -> None:
    dana = user(discord, "dana")
    with pytest.raises(PermissionDenied, match="everybody sees it"):
        client.post(at(discord, "#dev"), HELLO, only_for=dana)
    client.post(client.direct(dana), HELLO, only_for=dana)
    assert len(discord.messages("@dana")) == 1 and discord.messages("#dev") == []


def test_a_file_is_put_there(discord: Discord, client: DiscordClient) -> None:
    sent = client.attach(at(discord, "#dev"), "chart.png", b"\x89PNG", "The *chart*")
    (message,) = discord.messages("#dev")
    assert (sent.message, message.files, message.content) == (
        message.id,
        [("chart.png", b"\x89PNG")],
        "The \\*chart\\*",
    )


def test_a_file_is_read_from_discord_s_own_host_and_not_too_large(discord: Discord, client: DiscordClient) -> None:
    where, (name, url, size) = at(discord, "#dev"), discord.keep("a.txt", b"x" * 10)
    file = ChatFile(id="1", name=name, size=size, url=url)
    assert client.file(where, file, 10) == b"x" * 10
    assert discord.called == [], "nothing of the token goes along"
    with pytest.raises(ToolInputError, match="at most 9"):
        client.file(where, file, 9)
    with pytest.raises(ToolInputError, match="more than 9 bytes"):
        client.file(where, file.model_copy(update={"size": 1}), 9)
    with pytest.raises(NotFound):
        client.file(where, file.model_copy(update={"url": f"{discord.url}/attachments/1/2/gone.txt"}), 10)


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.discordapp.com.evil.example/a",
        "http://cdn.discordapp.com/a",
        "https://x@cdn.discordapp.com/a",
        "https://cdn.discordapp.com:8443/a",
        "https://media.discordapp.net/a",
        "file:///etc/passwd",
        "https://cdn.discordapp.com/a b",
        "https://[",
    ],
)
def test_no_other_address_is_read(url: str, clock: FakeClock) -> None:
    client = DiscordClient(settings(None), lambda _: TOKEN, clock)
    where = AnswerTo(platform="discord", workspace=SERVER, place="1")
    with pytest.raises(ToolInputError, match="not one of Discord's own"):
        client.file(where, ChatFile(id="1", name="a", size=1, url=url), 9)


@pytest.mark.parametrize(
    ("change", "reads"),
    [
        ({}, False),
        ({"features": ["COMMUNITY"]}, True),
        ({"features": ["DISCOVERABLE"]}, True),
        ({"features": ["PREVIEW_ENABLED"]}, True),
        ({"features": ["NEWS", "VERIFIED"]}, False),
    ],
)
def test_others_read_what_anybody_may_come_and_read(
    discord: Discord, client: DiscordClient, change: dict[str, Any], reads: bool
) -> None:
    vars(discord.world.guilds[SERVER]).update(change)
    assert client.place(at(discord, "#dev")).is_read_by_others(named=True) == reads
    assert not client.place(at(discord, "#operators")).is_read_by_others(named=False)


def test_nobody_sees_a_channel_where_the_role_of_all_sees_none(discord: Discord, client: DiscordClient) -> None:
    guild = discord.world.guilds[SERVER]
    guild.features, guild.everybody = ["COMMUNITY"], 0
    assert not client.place(at(discord, "#dev")).guests
    guild.everybody = 1 << 3
    fresh = DiscordClient(settings(discord.api_url), lambda _: TOKEN, FakeClock())
    assert fresh.place(at(discord, "#operators")).guests, "who administers sees all"


def test_a_thread_is_read_by_who_reads_its_channel_and_news_by_other_servers(
    discord: Discord, client: DiscordClient
) -> None:
    discord.world.guilds[SERVER].features.append("COMMUNITY")
    parents = {"71": "#operators", "72": "#dev", "73": "#dev"}
    for id, parent in parents.items():
        kind = 12 if id == "73" else 11
        discord.world.channels[id] = Channel(id, kind, "t", SERVER, discord.world.channel(parent).id, locked=id == "72")
    discord.world.channels["74"] = Channel("74", 5, "news", SERVER)
    places = {id: client.place(at(discord, id)) for id in (*parents, "74")}
    assert {id: (one.guests, one.shared, one.archived) for id, one in places.items()} == {
        "71": (False, False, False),
        "72": (True, False, True),
        "73": (False, False, False),
        "74": (True, True, False),
    }


def test_a_direct_message_is_with_one_and_no_other_server_s_channel_is_ours(
    discord: Discord, client: DiscordClient
) -> None:
    place = client.place(client.direct(user(discord, "dana")))
    assert (place.direct, place.name, place.shared) == (True, "Dana", False)
    other = "1290000000000000012"
    discord.world.guilds[other] = Guild(other, "Other", [])
    discord.world.channels["81"] = Channel("81", 0, "x", other)
    discord.world.channels["82"] = Channel("82", 0, "y", SERVER, closed=True)
    with pytest.raises(NotFound):
        client.place(at(discord, "81"))
    with pytest.raises(PermissionDenied, match="View Channel"):
        client.place(at(discord, "82"))


def test_who_somebody_is_is_what_the_server_says_for_five_minutes(
    discord: Discord, client: DiscordClient, clock: FakeClock
) -> None:
    dana, app = user(discord, "dana"), user(discord, "copilot")
    assert (client.person(dana).name, client.person(app).bot) == ("Dana", True)
    discord.world.guilds[SERVER].pending.append(dana.user)
    assert not client.person(dana).guest
    clock.sleep(FRESH.total_seconds())
    assert client.person(dana).guest, "they have not agreed to its rules yet"
    discord.world.guilds[SERVER].members.remove(dana.user)
    clock.sleep(FRESH.total_seconds())
    with pytest.raises(NotFound):
        client.person(dana)
    with pytest.raises(NotFound):
        client.person(dana.model_copy(update={"user": "1290000000000000999"}))


def test_a_channel_is_known_by_its_name_where_one_alone_has_it(discord: Discord, client: DiscordClient) -> None:
    dev = discord.world.channel("#dev").id
    discord.world.channels["91"] = Channel("91", 0, "platform", SERVER)
    discord.world.channels["92"] = Channel("92", 4, "folder", SERVER)
    assert client.channel(SERVER, "#dev") == AnswerTo(platform="discord", workspace=SERVER, place=dev)
    assert {*client.channels(SERVER)} == {"dev", "operators"} and client.channel(SERVER, "#platform") is None


def test_a_channel_that_the_copilot_does_not_see_is_not_even_named(discord: Discord, client: DiscordClient) -> None:
    """Discord tells every bot the names of all."""
    discord.world.channels["91"] = Channel("91", 0, "layoffs", SERVER, hidden=True, closed=True)
    assert {*client.channels(SERVER)} == {"dev", "platform", "operators"}


def test_where_what_it_sees_cannot_be_told_it_knows_all_there_are(discord: Discord, client: DiscordClient) -> None:
    discord.fail("GET", f"/members/{APP}", 404, code=10007)
    assert {*client.channels(SERVER)} == {"dev", "platform", "operators"}


@pytest.mark.parametrize(
    ("everybody", "roles", "over", "seen"),
    [
        (VIEW, [], [], True),
        (0, [], [], False),
        (0, ["2"], [], True),
        (VIEW, [], [(SERVER, 0, VIEW)], False),
        (VIEW, ["3"], [(SERVER, 0, VIEW), ("3", VIEW, 0)], True),
        (VIEW, ["2", "3"], [("2", 0, VIEW), ("3", VIEW, 0)], True),
        (VIEW, ["3"], [("3", VIEW, 0), (APP, 0, VIEW)], False),
        (VIEW, [], [("3", 0, VIEW)], True),
        (ADMINISTRATOR, ["3"], [(SERVER, 0, VIEW), (APP, 0, VIEW)], True),
    ],
)
def test_what_is_seen_goes_by_roles_and_then_by_the_channel_for_all_for_roles_and_for_one(
    everybody: int, roles: list[str], over: list[tuple[str, int, int]], seen: bool
) -> None:
    granted = {SERVER: everybody, "2": VIEW, "3": 0}
    guild = {"id": SERVER, "roles": [{"id": id, "permissions": str(may)} for id, may in granted.items()]}
    overwrites = [{"id": id, "allow": str(allow), "deny": str(deny)} for id, allow, deny in over]
    assert sees(guild, {"permission_overwrites": overwrites}, roles, APP) == seen


@pytest.mark.parametrize(
    ("status", "more", "kind", "words"),
    [
        (429, {"retry_after": 2.4}, RetryableError, "in 3 s"),
        (429, {}, RetryableError, "in 1 s"),
        (500, {}, RetryableError, "a fault of its own"),
        (401, {}, PermissionDenied, "chat discord setup"),
        (403, {"code": 50001}, PermissionDenied, "View Channel"),
        (403, {"code": 50013}, PermissionDenied, "its install link"),
        (403, {"code": 50007}, PermissionDenied, "takes no direct messages"),
        (403, {"code": 160005}, PermissionDenied, "locked"),
        (404, {"code": 10003}, NotFound, "10003"),
        (400, {"code": 50035}, FatalError, "50035"),
        (302, {}, FatalError, "sends elsewhere"),
    ],
)
def test_what_discord_refuses_is_an_error_of_ours(
    discord: Discord, client: DiscordClient, status: int, more: dict[str, Any], kind: type[CopilotError], words: str
) -> None:
    discord.fail("POST", "/messages", status, **more)
    with pytest.raises(CopilotError, match=words) as raised:
        client.post(at(discord, "#dev"), HELLO)
    assert type(raised.value) is kind and raised.value.ours
    assert TOKEN not in str(raised.value) and "mishap" not in str(raised.value)
    if more.get("retry_after"):
        assert isinstance(raised.value, RetryableError) and raised.value.seconds == 3


@pytest.mark.parametrize(
    ("said", "seconds"), [("inf", 30), ("nan", 30), ("1e999", 30), ("9e9", 3600), ("-3", 1), ("0.2", 1), ("", 30)]
)
def test_whatever_stands_there_it_is_waited_for_in_whole_seconds(said: str, seconds: int) -> None:
    error = refused("posting", 429, {"retry-after": said}, {})
    assert isinstance(error, RetryableError) and error.seconds == seconds


def test_an_answer_that_is_lost_may_come_again(discord: Discord, client: DiscordClient) -> None:
    discord.fail("POST", "/messages", 200, lost=True)
    with pytest.raises(RetryableError, match="could not be reached"):
        client.post(at(discord, "#dev"), HELLO)
    assert len(discord.messages("#dev")) == 1


def test_a_wrong_token_and_a_wrong_server_say_so(discord: Discord, clock: FakeClock) -> None:
    wrong = DiscordClient(settings(discord.api_url), lambda _: "another", clock)
    with pytest.raises(PermissionDenied, match="its token is not valid") as raised:
        wrong.post(at(discord, "#dev"), HELLO)
    assert "another" not in str(raised.value)
    with pytest.raises(FatalError, match="could not be made"):
        DiscordClient(settings(discord.api_url), lambda _: "tok\u2026en", clock).post(at(discord, "#dev"), HELLO)
    with pytest.raises(FatalError, match="not installed in that server"):
        wrong.person(ChatUser(platform="discord", workspace="1290000000000000012", user="1290000000000000100"))


def test_an_answer_is_given_under_its_token_alone_while_that_is_good(discord: Discord, client: DiscordClient) -> None:
    where = at(discord, "#dev")
    with pytest.raises(NotFound):
        client.answered(where, "no-such-token", HELLO, alone=False)
    assert discord.called[-1].authorization == "" and "no-such-token" in discord.called[-1].path


def test_who_takes_no_direct_messages_cannot_be_told(discord: Discord, client: DiscordClient) -> None:
    discord.world.users["1290000000000000888"] = User("1290000000000000888", "stranger")
    with pytest.raises(PermissionDenied):
        client.post(client.direct(user(discord, "stranger")), HELLO)


def test_a_client_that_asks_nothing_imports_nothing_that_speaks_http() -> None:
    told = "import sys, copilot.adapters.discord.client; print('httpx' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd="layers/copilot")
    assert ran.stdout.strip() == "False"


def test_no_connection_is_kept_that_would_be_dead_when_a_frozen_function_goes_on() -> None:
    opened: list[object] = []

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            opened.append(self.client_address)
            super().setup()

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        calls = Calls(TOKEN, f"http://127.0.0.1:{server.server_port}")
        assert [calls.get("looking", "/x") for _ in range(2)] == [{}, {}]
        server.shutdown()
    assert len(opened) == 2


def test_it_is_asked_no_more_than_it_must(discord: Discord, client: DiscordClient) -> None:
    for _ in range(3):
        client.place(at(discord, "#dev"))
        client.person(user(discord, "dana"))
    assert [len(discord.calls("GET", part)) for part in ("/guilds/1290000000000000010/members", "/channels/")] == [1, 3]
    assert len([one for one in discord.called if one.path == f"/guilds/{SERVER}"]) == 1
    assert timedelta(minutes=5) == FRESH
