"""What Slack sends, from raw requests (events/): let in where it is signed and in time, and then put on the queue."""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib.util
import json
import re
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import unquote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_events import FORM, JSON, NAMES, ROOT, body_of, request, route_of
from slack_sdk.signature import SignatureVerifier

from copilot.bootstrap import door
from copilot.edges.chat.slack.door import SlackDoor
from copilot.edges.chat.slack.opening import LARGEST
from copilot.edges.chat.slack.payloads import read
from copilot.edges.doors import Letter
from copilot.edges.signing_secret import AGAIN, KEPT, SigningSecret
from copilot.errors import FatalError, RetryableError

SECRET, NEW_SECRET, NOW = "0123456789abcdef-not-a-secret", "fedcba9876543210-not-a-secret", 1_772_442_000.0
FOR_THE_DOOR = {"url_verification", "rate_limited"}
Event = dict[str, Any]


class World:
    """A door with its secret, its queue and its time."""

    def __init__(self, workspaces: Collection[str] = ()) -> None:
        self.secret, self.now = SECRET, NOW
        self.read: list[float] = []
        self.queue: list[Letter] = []
        self.down: Exception | None = None
        self.unread: Exception | None = None
        self.noted: list[Any] = []
        secret = SigningSecret(self._read, lambda: self.now)
        self.door = SlackDoor(secret, self._post, lambda: self.now, self._note, workspaces)

    def _read(self) -> str:
        self.read.append(self.now)
        if self.unread:
            raise self.unread
        return self.secret

    def _post(self, letter: Letter) -> None:
        if self.down:
            raise self.down
        self.queue.append(letter)

    def _note(self, happened: Any) -> None:
        self.noted.append(happened)
        door.note(happened)

    def send(self, event: Event) -> int:
        status: int = self.door(event)["statusCode"]
        return status


@pytest.fixture
def world() -> World:
    return World()


def signed(event: Event | str, secret: str = SECRET, at: float = NOW) -> Event:
    """As Slack signs it: by Slack's own code."""
    event = request(event) if isinstance(event, str) else event
    timestamp = str(int(at))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body_of(event))
    with_both = {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}
    return event | {"headers": event["headers"] | with_both}


def with_body(event: Event, body: bytes) -> Event:
    encoded = base64.b64encode(body).decode() if event["isBase64Encoded"] else body.decode()
    return event | {"body": encoded}


def with_header(event: Event, name: str, value: str | None) -> Event:
    """Without it, where the value is None."""
    others = {key: one for key, one in event["headers"].items() if key != name}
    return event | {"headers": others if value is None else others | {name: value}}


# what is let in


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FOR_THE_DOOR])
def test_what_slack_signed_is_handed_on_as_it_came_and_acknowledged(world: World, name: str) -> None:
    event = signed(name)
    assert world.door(event) == {"statusCode": 200, "body": ""}
    (letter,) = world.queue
    assert json.loads(letter.body) == {
        "platform": "slack",
        "route": route_of(event),
        "content_type": event["headers"]["content-type"],
        "body": body_of(event),
        "received_at": "2026-03-02T09:00:00+00:00",
    }
    kept = json.loads(letter.body)
    assert read(kept["route"], kept["content_type"], kept["body"]) is not None


@pytest.mark.parametrize("name", NAMES)
def test_it_makes_no_difference_how_api_gateway_hands_the_bytes_over(world: World, name: str) -> None:
    event, other = request(name), World()
    encoded = event | {"body": base64.b64encode(body_of(event).encode()).decode(), "isBase64Encoded": True}
    plain = event | {"body": body_of(event), "isBase64Encoded": False}
    assert world.door(signed(encoded)) == other.door(signed(plain))
    assert world.queue == other.queue


def test_the_address_is_verified_by_its_challenge_when_it_is_signed_alone(world: World) -> None:
    answer = world.door(signed("url_verification"))
    assert answer["statusCode"] == 200 and answer["headers"] == {"content-type": "application/json"}
    assert json.loads(answer["body"]) == {"challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}
    assert world.send(request("url_verification")) == 401
    assert world.queue == []


def test_that_slack_holds_events_back_is_noted_and_is_nobodys_message(world: World) -> None:
    assert world.send(signed("rate_limited")) == 200
    assert world.queue == [] and "too many" in world.noted[0]["happened"]


def test_what_comes_again_is_the_same_letter_but_for_when_it_came(world: World) -> None:
    assert world.send(signed("mention")) == 200
    world.now += 60
    again = with_header(
        with_header(signed("mention", at=world.now), "x-slack-retry-num", "1"), "x-slack-retry-reason", "x"
    )
    assert world.send(again) == 200
    first, second = world.queue
    assert (first.digest, first.group) == (second.digest, second.group)


def test_two_things_that_were_said_are_two_letters(world: World) -> None:
    for name in NAMES:
        world.send(signed(name))
    assert len({letter.digest for letter in world.queue}) == len(world.queue) == len(NAMES) - len(FOR_THE_DOOR)
    assert all(letter.digest.isalnum() and len(letter.digest) == len(letter.group) == 64 for letter in world.queue)


def group_of(name: str, change: Callable[[Any], None] = lambda payload: None) -> str:
    world, event = World(), request(name)
    payload = json.loads(event["body"])
    change(payload)
    assert world.send(signed(event | {"body": json.dumps(payload)})) == 200
    return world.queue[0].group


def test_what_is_said_and_pressed_in_one_thread_is_taken_in_order_and_holds_up_no_other(world: World) -> None:
    world.send(signed("approve"))
    thread = group_of("message_thread")
    assert world.queue[0].group != thread != group_of("mention")

    def begins_it(payload: Any) -> None:
        payload["event"]["ts"] = "1772441900.000100"

    def in_another_channel(payload: Any) -> None:
        payload["event"]["channel"] = "C000000002"

    assert group_of("mention", begins_it) == thread
    assert group_of("message_thread", in_another_channel) != thread


@pytest.mark.parametrize(
    "event", [{"type": "channel_created", "channel": {"id": "C1", "name": "new"}}, {"type": 5}, None, {}]
)
def test_events_of_which_we_know_nothing_are_handed_on_too(world: World, event: Any) -> None:
    body = json.dumps({"type": "event_callback", "team_id": "T1", "event": event})
    assert world.send(signed(request("mention") | {"body": body})) == 200


# what is not


@pytest.mark.parametrize("name", NAMES)
def test_what_is_forged_is_refused(world: World, name: str) -> None:
    assert world.send(request(name)) == 401
    assert world.send(signed(name, "another secret")) == 401
    assert world.send(with_header(signed(name), "x-slack-signature", None)) == 401
    true = signed(name)["headers"]["x-slack-signature"]
    assert world.send(with_header(signed(name), "x-slack-signature", f"{true},{true}")) == 401
    raw = body_of(request(name)).encode()
    assert world.send(with_body(signed(name), raw.replace(b"o", b"0", 1))) == 401
    assert world.send(with_body(signed(name), raw + b" ")) == 401
    assert world.queue == []


@pytest.mark.parametrize("name", NAMES)
def test_what_is_stale_or_ahead_is_refused_though_it_is_signed(world: World, name: str) -> None:
    assert world.send(signed(name, at=NOW - 301)) == 401
    assert world.send(signed(name, at=NOW + 301)) == 401
    assert world.queue == [] and world.read == []
    assert world.send(signed(name, at=NOW - 299)) == 200


def test_a_request_that_was_overheard_is_worth_nothing_six_minutes_later(world: World) -> None:
    overheard = signed("approve")
    world.now += 360
    assert world.send(overheard) == 401


@pytest.mark.parametrize(
    "timestamp", [None, "", "now", "1e9", "1772442000.5", "-1", "9" * 400, "١٧٧٢٤٤٢٠٠٠", "1772442000 "]
)
def test_a_time_that_is_no_number_is_refused(world: World, timestamp: str | None) -> None:
    assert world.send(with_header(signed("mention"), "x-slack-request-timestamp", timestamp)) == 401


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("mention", FORM),
        ("mention", "text/plain"),
        ("mention", None),
        ("mention", ""),
        ("mention", "application/jsonp"),
        ("approve", JSON),
        ("approve", "multipart/form-data; boundary=a"),
        ("command", JSON),
    ],
)
def test_another_content_type_is_refused_though_it_is_signed(world: World, name: str, content_type: str | None) -> None:
    assert world.send(with_header(signed(name), "content-type", content_type)) == 415
    assert world.queue == []


@pytest.mark.parametrize("name", ["mention", "approve", "command"])
def test_what_is_too_large_is_refused_and_not_looked_at(world: World, name: str) -> None:
    event = request(name)
    large = with_body(event, b"a" * (LARGEST + 1))
    assert world.send(signed(large)) == 413
    assert world.read == [] and world.queue == []
    assert world.send(with_body(event, b"a" * LARGEST)) == 401


def test_the_largest_that_is_let_in_fits_into_the_queue(world: World) -> None:
    body = json.dumps({"text": ""})[:-2] + "\u20ac" * ((LARGEST - 20) // 3) + '"}'
    assert world.send(signed(request("mention") | {"body": body})) == 200
    assert LARGEST < len(world.queue[0].body.encode()) < 1024 * 1024


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("mention", b""),
        ("mention", b"[]"),
        ("mention", b"{"),
        ("mention", b"[" * 100_000),
        ("approve", b"payload=%7B"),
        ("approve", b"a=b"),
        ("command", b"&".join([b"a=b"] * 300)),
    ],
)
def test_what_is_no_payload_is_refused_though_it_is_signed(world: World, name: str, body: bytes) -> None:
    assert world.send(signed(with_body(request(name), body))) == 400
    assert world.queue == []


def test_bytes_that_are_no_text_are_refused(world: World) -> None:
    raw = b'{"a": "\xff"}'
    event = request("mention") | {"body": base64.b64encode(raw).decode(), "isBase64Encoded": True}
    digest = hmac.new(SECRET.encode(), b"v0:1772442000:" + raw, hashlib.sha256).hexdigest()
    assert world.send(with_header(event, "x-slack-signature", f"v0={digest}")) == 400
    assert world.send(event | {"body": "no base64!"}) == 400


@pytest.mark.parametrize("key", ["POST /v1/chat/slack/other", "POST /v1/chat/discord/events", "$default", "GET /", ""])
def test_no_other_route_leads_in(world: World, key: str) -> None:
    assert world.send(signed("mention") | {"routeKey": key}) == 404


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (lambda event: with_header(event, "x-slack-signature", "v0=0"), True),
        (lambda event: with_header(event, "content-type", "text/plain"), False),
        (lambda event: event | {"body": "a" * (LARGEST + 1)}, False),
    ],
)
def test_slack_is_told_not_to_send_again_what_will_not_be_taken_later(
    world: World, change: Callable[[Event], Event], again: bool
) -> None:
    headers = world.door(change(signed("mention")))["headers"]
    assert (headers.get("x-slack-no-retry") != "1") == again


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["routeKey", "headers", "body", "isBase64Encoded"]),
        st.none() | st.text() | st.booleans() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()),
    )
)
def test_whatever_comes_it_is_answered_and_nothing_is_let_in(event: Event) -> None:
    world = World()
    for one in (event, request("mention") | event, request("approve") | event):
        assert 400 <= world.send(one) < 600
    assert world.queue == []


# what goes wrong behind it


@pytest.mark.parametrize("error", [RetryableError("throttled"), FatalError("no such queue"), KeyError("body")])
def test_what_could_not_be_handed_on_is_not_acknowledged(world: World, error: Exception) -> None:
    world.down = error
    assert world.send(signed("mention")) in {500, 503}
    world.down = None
    assert world.send(signed("mention")) == 200 and len(world.queue) == 1


def test_without_its_secret_it_lets_nothing_in_and_wants_it_sent_again(world: World) -> None:
    world.unread = RetryableError("throttled")
    assert world.send(signed("mention")) == 503
    assert world.send(request("mention")) == 503
    world.unread = None
    assert world.send(signed("mention")) == 200


# the secret


def test_the_secret_is_read_once_in_five_minutes(world: World) -> None:
    for second in range(0, KEPT + 2, 20):
        world.now = NOW + second
        assert world.send(signed("mention", at=world.now)) == 200
    assert [at - NOW for at in world.read] == [0, KEPT]


def test_a_secret_that_was_replaced_is_known_by_what_is_signed_with_it(world: World) -> None:
    assert world.send(signed("mention")) == 200
    world.secret, world.now = NEW_SECRET, NOW + AGAIN
    assert world.send(signed("message_im", NEW_SECRET, world.now)) == 200
    assert world.send(signed("message_im", SECRET, world.now)) == 401


def test_nobody_can_have_it_read_more_often_than_once_a_minute(world: World) -> None:
    assert world.send(signed("mention")) == 200
    for second in range(1, 181):
        world.now = NOW + second
        assert world.send(signed("mention", "forged", world.now)) == 401
    assert [at - NOW for at in world.read] == [0, 60, 120, 180]


def test_nor_while_it_cannot_be_read(world: World) -> None:
    assert world.send(signed("mention")) == 200
    world.unread = RetryableError("throttled")
    for second in range(1, 121):
        world.now = NOW + second
        world.send(signed("mention", "forged", world.now))
    assert [at - NOW for at in world.read] == [0, 60, 120]
    assert world.send(signed("mention", at=world.now)) == 200


# what is in the log


def test_the_log_has_nothing_of_what_came_nor_of_the_secret(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    marked = json.loads(body_of(request("mention")))
    marked["event"]["text"] = marked["secret-field"] = "WORDS-OF-SOMEBODY"
    event = signed(request("mention") | {"body": json.dumps(marked)})
    world.send(event)
    world.send(with_header(event, "x-slack-signature", "v0=WORDS-OF-SOMEBODY"))
    world.send(with_header(event, "x-slack-request-timestamp", "WORDS-OF-SOMEBODY"))
    world.send(with_header(event, "content-type", "WORDS-OF-SOMEBODY"))
    world.send(event | {"routeKey": "POST /WORDS-OF-SOMEBODY"})
    for error in (RetryableError(f"{event['body']} {SECRET}"), ValueError(f"{event['body']} {SECRET}")):
        world.down = error
        world.send(event)
    world.unread = FatalError(SECRET)
    world.now += KEPT
    world.send(signed(request("mention"), at=world.now))
    printed = "".join(capsys.readouterr())
    lines = [json.loads(line) for line in printed.splitlines()]
    assert [line["status"] for line in lines] == [200, 401, 401, 415, 404, 503, 500, 503]
    for secret in ("WORDS-OF-SOMEBODY", SECRET, event["headers"]["x-slack-signature"], "U000000001", "stop uat"):
        assert secret not in printed


@pytest.mark.parametrize(("status", "name"), [(200, "ChatTaken"), (401, "ChatRefused"), (503, "Failures")])
def test_what_was_taken_refused_and_failed_is_counted(
    status: int, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "devops-copilot")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "DevOpsCopilot")
    door.note({"route": "events", "status": status, "happened": "x"})
    line = json.loads(capsys.readouterr().out)
    (metrics,) = line["_aws"]["CloudWatchMetrics"]
    assert metrics["Namespace"] == "DevOpsCopilot" and line["service"] == "devops-copilot"
    assert metrics["Metrics"] == [{"Name": name, "Unit": "Count"}] and line[name] == 1


# the function


def test_the_function_is_the_door(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("app_ingest_chat", ROOT / "functions/ingest_chat/app.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "answered", world.door)
    assert module.handler(signed("mention"), None) == {"statusCode": 200, "body": ""}
    assert len(world.queue) == 1


@pytest.mark.parametrize("name", sorted({*NAMES} - {"url_verification"}))
def test_what_is_of_no_workspace_of_ours_is_refused_at_the_door(name: str) -> None:
    event = signed(name)
    theirs, ours = World(["T0NOTOURS", "E0NOTOURS"]), World(["T0NOTOURS", *ids_in(event)])
    assert (theirs.send(event), theirs.queue) == (403, [])
    assert json.loads(json.dumps(theirs.door(event)))["headers"]["x-slack-no-retry"] == "1"
    assert ours.send(event) == 200
    assert World().send(event) == 200, "without any all are let in"


def ids_in(event: Event) -> list[str]:
    """Those of workspaces that stand in a request, wherever in it."""
    return sorted({found for found in re.findall(r"\b[TE][A-Z0-9]{6,}\b", unquote_plus(body_of(event)))})


def test_an_address_is_verified_whosever_workspace_it_is() -> None:
    assert World(["T0NOTOURS"]).send(signed("url_verification")) == 200


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"team_id": "T0OURS1"}, 200),
        ({"team_id": "T0OTHER", "authorizations": [{"team_id": "T0OURS1"}]}, 200),
        ({"team_id": None, "enterprise_id": "E0OURS1"}, 200),
        ({"team": None, "enterprise": {"id": "E0OURS1"}}, 200),
        ({"team": {"id": "T0OTHER"}, "message": {"team": "T0OURS1"}}, 200),
        ({"team_id": "T0OTHER", "text": "T0OURS1", "event": {"team": "T0OURS1"}}, 403),
        ({"authorizations": "T0OURS1", "team": ["T0OURS1"]}, 403),
        ({}, 403),
    ],
)
def test_where_it_is_of_is_what_slack_says_of_it_and_not_what_stands_in_it(given: Event, status: int) -> None:
    world = World(["T0OURS1", "E0OURS1"])
    plain = request("mention")
    body = json.dumps({"type": "event_callback", "event": {"type": "x"}} | given).encode()
    assert world.send(signed(with_body(plain, body))) == status
