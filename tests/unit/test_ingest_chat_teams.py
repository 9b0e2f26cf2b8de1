"""What Teams sends, from raw requests (events/): let in with a token of the connector's for us, then put on the queue.

The tokens are signed by another hand than checks them: cli/laptop/teams/signing.py has RSA alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from teams_events import (
    APP,
    JSON,
    KEY,
    NAMES,
    NOW,
    OTHER_KEY,
    SERVICE_URL,
    TENANT,
    Event,
    activity,
    authorized,
    request,
    setting,
    signed,
    with_body,
)

from cli.laptop.teams.signing import SigningKey
from copilot.bootstrap import chat_door, door
from copilot.edges.chat.teams import keys
from copilot.edges.chat.teams.door import HEARD, TeamsDoor
from copilot.edges.chat.teams.keys import AGAIN, AGAIN_AFTER_FAILURE, KEPT, SigningKeys
from copilot.edges.chat.teams.opening import LARGEST
from copilot.edges.chat.teams.payloads import read
from copilot.edges.doors import Letter
from copilot.errors import RetryableError

INVOKES = {"approve", "narrow", "show"}
ANOTHER_TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db48"
LONG = json.dumps({"keys": [KEY.published()]}).encode() + b" " * keys.LARGEST
INSIDE = SigningKey(endorsements=("webchat", "directline"))


class World:
    """A door with its keys, its queue and its time."""

    def __init__(self, *, local: bool = False) -> None:
        self.now = NOW
        self.published: list[SigningKey] = [KEY, INSIDE]
        self.read = 0
        self.down = False
        self.unread: Exception | None = None
        self.queue: list[Letter] = []
        self.noted: list[Any] = []
        signs = SigningKeys(self._fetch, lambda: self.now)
        self.door = TeamsDoor(APP, [TENANT], signs, self._post, lambda: self.now, self._note, local=local)

    def _fetch(self) -> bytes:
        self.read += 1
        if self.unread:
            raise self.unread
        return json.dumps({"keys": [one.published() for one in self.published]}).encode()

    def _post(self, letter: Letter) -> None:
        if self.down:
            raise RetryableError("the queue does not answer")
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


# what is let in


@pytest.mark.parametrize("name", NAMES)
def test_what_teams_sends_is_handed_on_as_it_came_and_acknowledged(world: World, name: str) -> None:
    event = signed(name)
    answered = world.door(event)
    assert answered["statusCode"] == 200
    (letter,) = world.queue
    kept = json.loads(letter.body)
    assert kept == {
        "platform": "teams",
        "route": "messages",
        "content_type": JSON,
        "body": event["body"],
        "received_at": "2026-03-02T09:00:00+00:00",
    }
    assert read(kept["content_type"], kept["body"]) is not None
    assert event["headers"]["authorization"].split()[1] not in letter.body  # a token is as good as a password


@pytest.mark.parametrize("name", NAMES)
def test_who_pressed_is_told_that_they_were_heard_as_cards_want_it(world: World, name: str) -> None:
    body = world.door(signed(name))["body"]
    message = {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": HEARD}
    assert (json.loads(body) if body else None) == (message if name in INVOKES else None)


def test_an_invoke_that_is_no_button_of_ours_is_answered_with_nothing(world: World) -> None:
    answered = world.door(signed("approve", lambda body: body.update(name="fileConsent/invoke")))
    assert (answered["statusCode"], answered["body"]) == (200, "{}")


def test_what_comes_again_is_acknowledged_and_is_the_same_letter(world: World) -> None:
    first, again = signed("approve"), signed("approve", exp=int(NOW) + 60)
    assert (world.send(first), world.send(again)) == (200, 200)
    assert world.queue[0].digest == world.queue[1].digest and world.queue[0].group == world.queue[1].group


def test_each_conversation_is_taken_in_order_and_holds_up_no_other(world: World) -> None:
    def elsewhere(body: dict[str, Any]) -> None:
        body["conversation"]["id"] = body["conversation"]["id"].replace("1772441900000", "1772441900001")

    for event in (signed("mention"), signed("show"), signed("mention", elsewhere), signed("personal")):
        assert world.send(event) == 200
    groups = [letter.group for letter in world.queue]
    assert groups[0] == groups[1] and len({*groups}) == 3


def test_the_body_may_come_in_base64(world: World) -> None:
    event = signed("mention")
    encoded = base64.b64encode(event["body"].encode()).decode()
    assert world.send(event | {"body": encoded, "isBase64Encoded": True}) == 200
    assert json.loads(world.queue[0].body)["body"] == event["body"]


def test_the_largest_that_is_let_in_fits_and_one_byte_more_does_not(world: World) -> None:
    event = signed("personal")
    room = LARGEST - len(event["body"])
    fits = event["body"].replace('"which', f'"{"a" * room}which')
    assert world.send(with_body(event, fits)) == 200
    assert world.send(with_body(event, fits.replace('"aa', '"aaa'))) == 413


# what is refused


def test_what_comes_without_a_token_is_refused(world: World) -> None:
    event = request("mention")
    assert world.send(authorized(event, None)) == 401
    for authorization in ("", "Bearer ", "Basic YTpi", "Bearer a.b", "Bearer " + "a" * 9000 + ".b.c", "Bearer a.b.c"):
        assert world.send(event | {"headers": event["headers"] | {"authorization": authorization}}) == 401
    assert not world.queue and world.read == 0


def test_what_somebody_else_signed_is_refused(world: World) -> None:
    assert world.send(signed("mention", key=OTHER_KEY)) == 401
    stolen = OTHER_KEY.signed({"aud": APP}, {"kid": KEY.id})
    assert world.send(authorized(signed("mention"), stolen)) == 401
    head, claims, signature = signed("mention")["headers"]["authorization"].split()[1].split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    other = base64.urlsafe_b64encode(json.dumps(told | {"exp": told["exp"] + 1}).encode()).decode().rstrip("=")
    assert world.send(authorized(signed("mention"), f"{head}.{other}.{signature}")) == 401
    assert not world.queue


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS384", "ES256", ""])
def test_a_token_of_another_algorithm_is_refused(world: World, algorithm: str) -> None:
    """Also one signed with the public key as if it were a shared secret."""
    token = KEY.signed({"aud": APP}, {"alg": algorithm})
    assert world.send(authorized(signed("mention"), token)) == 401
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": KEY.id}).encode()).decode().rstrip("=")
    claims = signed("mention")["headers"]["authorization"].split(".")[1]
    mac = hmac.new(KEY.published()["n"].encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
    forged = f"{head}.{claims}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    assert world.send(authorized(signed("mention"), forged)) == 401


def test_what_is_stale_or_ahead_is_refused_beyond_five_minutes(world: World) -> None:
    for claims, status in (
        ({"exp": int(NOW) - 300}, 200),
        ({"exp": int(NOW) - 301}, 401),
        ({"nbf": int(NOW) + 300}, 200),
        ({"nbf": int(NOW) + 301}, 401),
        ({"nbf": None}, 200),
        ({"exp": None}, 401),
        ({"exp": "soon"}, 401),
        ({"exp": True}, 401),
    ):
        assert world.send(signed("mention", **claims)) == status, claims


def test_a_token_for_another_app_or_of_another_issuer_is_refused(world: World) -> None:
    for claims in (
        {"aud": ANOTHER_TENANT},
        {"aud": None},
        {"aud": f"api://{APP}"},
        {"iss": "https://sts.windows.net/" + TENANT},
        {"iss": None},
    ):
        assert world.send(signed("mention", **claims)) == 401, claims


def test_a_service_url_other_than_that_of_the_token_is_refused(world: World) -> None:
    other = "https://smba.trafficmanager.net/amer/"
    assert world.send(signed("mention", serviceurl=other)) == 403
    assert world.send(signed("mention", serviceurl=None)) == 403
    assert world.send(signed("mention", serviceurl=5)) == 403
    assert world.send(signed("mention", lambda body: body.pop("serviceUrl"))) == 403
    assert world.send(signed("mention", serviceurl=SERVICE_URL.rstrip("/"))) == 200


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "http://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net.evil.example/",
        "https://smba.trafficmanager.net@evil.example/",
        "https://evil.example@smba.trafficmanager.net/emea/",
        "https://directline.botframework.com/",
        "https://[evil",
        "http://127.0.0.1:1/",
    ],
)
def test_a_service_url_that_is_none_of_the_connectors_is_refused_though_it_is_signed(world: World, url: str) -> None:
    assert world.send(signed("mention", lambda body: body.update(serviceUrl=url), serviceurl=url)) == 403


def test_on_this_machine_its_own_teams_is_the_connector_and_no_other() -> None:
    world, url = World(local=True), "http://127.0.0.1:4000/teams/"
    assert world.send(signed("mention", lambda body: body.update(serviceUrl=url), serviceurl=url)) == 200
    assert world.send(signed("mention")) == 403


def test_what_is_of_another_tenant_or_channel_is_refused(world: World) -> None:
    def tenant(body: dict[str, Any]) -> None:
        body["conversation"]["tenantId"] = body["channelData"]["tenant"]["id"] = ANOTHER_TENANT

    def nowhere(body: dict[str, Any]) -> None:
        del body["conversation"]["tenantId"], body["channelData"]["tenant"]

    assert world.send(signed("mention", tenant)) == 403
    assert world.send(signed("mention", nowhere)) == 403
    for channel in ("webchat", "emulator", "directline", None):
        assert world.send(signed("mention", setting("channelId", channel))) == 403
    assert not world.queue


def test_without_a_tenant_nobody_is_let_in(world: World) -> None:
    world.door._tenants = frozenset()
    assert world.send(signed("mention")) == 403


def test_a_key_that_may_not_sign_for_teams_signs_nothing(world: World) -> None:
    assert world.send(signed("mention", key=INSIDE)) == 401


@pytest.mark.parametrize("body", ["", "no json", "[]", "null", '{"channelId": 5}', "[" * 100_000])
def test_what_is_no_activity_is_refused_though_it_is_signed(world: World, body: str) -> None:
    assert world.send(with_body(signed("mention"), body)) == 400


def test_another_content_type_and_another_route_lead_nowhere(world: World) -> None:
    event = signed("mention")
    assert world.send(event | {"headers": event["headers"] | {"content-type": "text/plain"}}) == 415
    assert world.send(event | {"routeKey": "POST /v1/chat/teams/other"}) == 404
    assert world.send({}) == 404


# the keys


def test_the_keys_are_read_once_a_day_and_survive_that_they_cannot_be(world: World) -> None:
    for _ in range(3):
        assert world.send(signed("mention")) == 200
    assert world.read == 1
    world.now += KEPT
    world.unread = RetryableError("no answer")
    again = signed("mention", nbf=int(world.now), exp=int(world.now) + 60)
    assert (world.send(again), world.send(again), world.read) == (200, 200, 2)
    world.unread = None
    world.now += AGAIN_AFTER_FAILURE
    assert (world.send(again), world.send(again), world.read) == (200, 200, 3)


def test_a_key_that_is_new_is_found_and_nobody_has_them_read_more_often_than_that(world: World) -> None:
    assert world.send(signed("mention")) == 200
    new = SigningKey()
    world.published.append(new)
    assert world.send(signed("mention", key=new)) == 401  # they were read just now
    world.now += AGAIN
    assert world.send(signed("mention", key=new)) == 200
    for _ in range(5):
        assert world.send(signed("mention", key=OTHER_KEY)) == 401
    assert world.read == 2


def test_without_the_keys_nothing_is_told_apart_and_it_is_to_come_again(world: World) -> None:
    world.unread = RetryableError("no answer")
    for _ in range(5):
        assert world.send(signed("mention")) == 503
    assert world.read == 1
    world.unread, world.now = None, world.now + AGAIN_AFTER_FAILURE
    assert world.send(signed("mention")) == 200


@pytest.mark.parametrize("published", [b"", b"[]", b'{"keys": 5}', b'{"keys": [5]}', b"[" * 100_000, LONG])
def test_what_is_no_set_of_keys_is_as_none(published: bytes) -> None:
    with pytest.raises(RetryableError):
        SigningKeys(lambda: published, lambda: 0).key(KEY.id)


def test_keys_that_are_weak_or_for_something_else_are_none() -> None:
    numbers = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
    weak = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(numbers)) | {"kid": "weak", "endorsements": ["msteams"]}
    other = KEY.published() | {"kid": "other", "use": "enc"}
    odd = KEY.published() | {"kid": "odd", "endorsements": "msteams"}
    content = json.dumps({"keys": [weak, other, odd, {"kty": "EC"}, KEY.published()]}).encode()
    read_ones = SigningKeys(lambda: content, lambda: 0)
    assert read_ones.key("weak") is None and read_ones.key("other") is None
    found = read_ones.key("odd")
    assert found is not None and not found.endorses
    assert (known := read_ones.key(KEY.id)) is not None and known.endorses == {"msteams"}


def test_what_could_not_be_handed_on_is_not_acknowledged(world: World) -> None:
    world.down = True
    assert world.send(signed("mention")) == 503


def test_the_log_has_nothing_of_what_came(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    event = signed("mention")
    for one in (event, with_body(event, "WORDS"), signed("mention", aud=None), event | {"routeKey": "POST /WORDS"}):
        world.send(one)
    logged = capsys.readouterr().out
    assert logged.count("\n") == 4 and "WORDS" not in logged and "uat" not in logged
    assert event["headers"]["authorization"].split()[1] not in logged


def test_the_function_has_this_door_where_teams_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_IN", "http://127.0.0.1:1/q")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("TEAMS_APP_ID", APP)
    monkeypatch.setenv("TEAMS_TENANTS", f"{TENANT}, {ANOTHER_TENANT}")
    monkeypatch.setenv("TEAMS_KEYS", "http://127.0.0.1:1/keys")
    chat_door.door_of.cache_clear()
    try:
        assert chat_door.answered(signed("mention"))["statusCode"] == 503  # its keys are not there
        assert chat_door.answered(authorized(signed("mention"), None))["statusCode"] == 401
        monkeypatch.delenv("TEAMS_APP_ID")
        chat_door.door_of.cache_clear()
        assert chat_door.answered(signed("mention"))["statusCode"] == 404
    finally:
        chat_door.door_of.cache_clear()


def test_the_samples_are_of_the_tenant_and_the_app_that_are_let_in() -> None:
    assert all(activity(name)["conversation"]["tenantId"] == TENANT for name in NAMES)
