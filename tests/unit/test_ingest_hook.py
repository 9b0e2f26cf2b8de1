"""What code hosts send, from raw requests (events/): let in where it is signed, and then put on the queue."""

from __future__ import annotations

import base64
import importlib.util
import json
from typing import Any

import pytest
from hook_events import NAMES, NOW, ROOT, SECRET, SIGNING, Event, body_of, hook, request, signed
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.bootstrap import door as doors
from copilot.edges.doors import Letter
from copilot.edges.hooks.door import LARGEST, HookDoor
from copilot.edges.hooks.queued import read_hook
from copilot.edges.hooks.signatures import SKEW, is_of_github, is_of_gitlab
from copilot.edges.signing_secret import AGAIN, SigningSecret
from copilot.errors import RetryableError, ToolInputError

GITHUB = tuple(name for name in NAMES if name.startswith("github"))
GITLAB = tuple(name for name in NAMES if name.startswith("gitlab"))


class World:
    """A door with its secrets, its queue and its time."""

    def __init__(self, **secrets: str) -> None:
        self.secrets, self.now = {"github": SECRET, "gitlab": SIGNING} | secrets, NOW
        self.queue: list[Letter] = []
        self.noted: list[Any] = []
        self.down: Exception | None = None
        made = {host: self._secret(host) for host, secret in self.secrets.items() if secret}
        self.door = HookDoor(made, self._post, lambda: self.now, self._note)

    def _secret(self, host: str) -> SigningSecret:
        return SigningSecret(lambda: self.secrets[host], lambda: self.now)

    def _post(self, letter: Letter) -> None:
        if self.down:
            raise self.down
        self.queue.append(letter)

    def _note(self, happened: Any) -> None:
        self.noted.append(happened)

    def send(self, event: Event) -> int:
        status: int = self.door(event)["statusCode"]
        return status


@pytest.fixture
def world() -> World:
    return World()


def with_header(event: Event, name: str, value: str | None) -> Event:
    others = {key: one for key, one in event["headers"].items() if key != name}
    return event | {"headers": others if value is None else others | {name: value}}


# that a signature is one, by the hosts' own examples


def test_githubs_own_example_is_signed() -> None:
    """docs.github.com, "Testing the webhook payload validation"."""
    secret, body = "It's a Secret to Everybody", b"Hello, World!"
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert is_of_github(secret, {"x-hub-signature-256": signature}, body, NOW)
    assert not is_of_github(secret, {"x-hub-signature-256": signature}, body + b" ", NOW)
    assert not is_of_github(secret, {"x-hub-signature-256": signature.upper()}, body, NOW)
    assert not is_of_github("", {"x-hub-signature-256": signature}, body, NOW)


def test_the_example_of_standard_webhooks_is_signed() -> None:
    """github.com/standard-webhooks/standard-webhooks, of its specification and its libraries."""
    secret, body, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}', 1_614_265_330
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": str(at),
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert is_of_gitlab(secret, headers, body, at)
    both = {**headers, "webhook-signature": f"v1,{'A' * 43}= {headers['webhook-signature']}"}
    assert is_of_gitlab(secret, both, body, at), "one of several"
    for wrong in ({"webhook-id": "msg_other"}, {"webhook-timestamp": str(at + 1)}, {"webhook-signature": "v1,"}):
        assert not is_of_gitlab(secret, headers | wrong, body, at)
    assert not is_of_gitlab(secret, headers, body + b" ", at)
    assert not is_of_gitlab("whsec_", headers, body, at) and not is_of_gitlab("whsec_%%", headers, body, at)
    assert [is_of_gitlab(secret, headers, body, at + off) for off in (-SKEW - 1, -SKEW, SKEW, SKEW + 1)] == [
        False,
        True,
        True,
        False,
    ]


def test_with_an_empty_secret_nothing_is_signed() -> None:
    for blank in ("", " "):
        event = signed("github_workflow_run", secret=blank)
        assert not is_of_github(blank, event["headers"], body_of(event), NOW)
    event = signed("gitlab_job", signing="whsec_")
    assert not is_of_gitlab("whsec_", event["headers"], body_of(event), NOW)


# what is let in


@pytest.mark.parametrize("name", NAMES)
def test_what_is_signed_is_handed_on_as_it_came_and_acknowledged(world: World, name: str) -> None:
    event = signed(name)
    assert world.door(event) == {"statusCode": 200, "body": ""}
    (letter,) = world.queue
    assert json.loads(letter.body)["body"].encode() == body_of(event)
    assert read_hook(json.loads(letter.body)) == hook(name)
    encoded = {**event, "body": base64.b64encode(body_of(event)).decode(), "isBase64Encoded": True}
    assert world.send(encoded) == 200 and world.queue[0] == world.queue[1]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_forged_is_refused(world: World, name: str) -> None:
    event = signed(name)
    unsigned = {key: one for key, one in event["headers"].items() if "signature" not in key}
    forged = [
        request(name),
        signed(name, secret="another-secret-as-long", signing=SIGNING[:-8] + "AAAAAAA="),
        event | {"body": event["body"].replace("main", "mane")},
        event | {"headers": unsigned},
        event | {"headers": unsigned | {"x-gitlab-token": SIGNING, "x-hub-signature": "sha1=" + "0" * 40}},
        {**event, "headers": {}},
    ]
    assert [world.send(one) for one in forged] == [401] * len(forged)
    assert world.queue == []
    assert event["body"] not in json.dumps(world.noted) and SECRET not in json.dumps(world.noted)


def test_one_host_cannot_speak_for_another(world: World) -> None:
    event = signed("github_workflow_run")
    assert world.send(event | {"routeKey": "POST /v1/hooks/gitlab"}) == 401


@pytest.mark.parametrize("name", GITLAB)
def test_what_gitlab_signed_long_ago_or_is_yet_to_sign_is_refused(world: World, name: str) -> None:
    assert [world.send(signed(name, at=NOW + off)) for off in (-SKEW - 1, SKEW + 1)] == [401, 401]
    assert [world.send(signed(name, at=NOW + off)) for off in (-SKEW, SKEW)] == [200, 200]


def test_a_token_in_clear_counts_where_that_is_the_secret_and_nowhere_else() -> None:
    bare = with_header(with_header(request("gitlab_job"), "webhook-signature", None), "webhook-timestamp", None)
    told = World(gitlab="a-token-in-clear")
    assert told.send(with_header(bare, "x-gitlab-token", "a-token-in-clear")) == 200
    assert told.send(with_header(bare, "x-gitlab-token", "a-token-in-cleaR")) == 401
    assert told.send(signed("gitlab_job")) == 401, "a signature is none there"
    short = World(gitlab="short")
    assert short.send(with_header(bare, "x-gitlab-token", "short")) == 401


def test_a_host_whose_secret_nobody_named_is_not_there() -> None:
    world = World(gitlab="")
    assert world.send(signed("gitlab_job")) == 404 and world.send(signed("github_deployment")) == 200
    assert world.send({"routeKey": "POST /v1/hooks/other", "headers": {}}) == 404
    assert world.send({"routeKey": "POST /v1/hooks/", "headers": {}}) == 404


def test_a_secret_that_was_replaced_counts_within_a_minute(world: World) -> None:
    assert world.send(signed("github_workflow_run")) == 200
    world.secrets["github"] = "another-secret-as-long"
    world.now += AGAIN
    assert world.send(signed("github_workflow_run", secret="another-secret-as-long")) == 200


def test_what_says_nothing_to_us_is_acknowledged_and_dropped_once_it_is_verified(world: World) -> None:
    for event, header in (("github_workflow_run", "x-github-event"), ("gitlab_job", "x-gitlab-event")):
        for other in ("ping", "push", "Push Hook", "Confidential Note Hook", ""):
            assert world.send(with_header(signed(event), header, other)) == 200
        assert world.send(with_header(request(event), header, "ping")) == 401
    assert world.queue == []


def test_what_is_no_json_of_theirs_or_too_large_is_refused(world: World) -> None:
    def of(body: str) -> Event:
        return signed(request("github_workflow_run") | {"body": body})

    assert [world.send(of(body)) for body in ("", "{", "[]", '"x"', "[" * 100_000)] == [400] * 5
    assert world.send(with_header(of("{}"), "content-type", "application/x-www-form-urlencoded")) == 415
    large = json.dumps({"x": '"' * (LARGEST // 2 - 20)})
    assert world.send(of(large)) == 200 and len(world.queue[-1].body.encode()) < 2**20
    assert world.send(of(json.dumps({"x": "y" * LARGEST}))) == 413
    assert world.send(of(json.dumps({"x": "y" * 6_000_001}))) == 413
    assert world.send(signed("github_workflow_run") | {"isBase64Encoded": True}) == 400


def test_what_comes_again_is_the_same_letter_but_for_when_it_came(world: World) -> None:
    again = with_header(signed("github_workflow_run"), "x-github-delivery", "another-id-which-nobody-signed")
    assert [world.send(signed("github_workflow_run")), world.send(again)] == [200, 200]
    first, second = world.queue
    assert (first.digest, first.group) == (second.digest, second.group)


def test_what_could_not_be_queued_is_not_acknowledged(world: World) -> None:
    world.down = RetryableError("it is busy with what came")
    assert world.send(signed("github_workflow_run")) == 503
    world.down = RuntimeError("broken")
    assert world.send(signed("github_workflow_run")) == 500
    assert "what came" not in json.dumps(world.noted)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(["headers", "body", "isBase64Encoded", "routeKey"]), st.text() | st.booleans()))
def test_whatever_comes_it_is_answered_and_nothing_is_let_in(odd: dict[str, Any]) -> None:
    world = World()
    assert 400 <= world.send(request("gitlab_note") | odd) <= 500
    assert world.queue == []


@pytest.mark.parametrize(("status", "name"), [(200, "HookTaken"), (401, "HookRefused"), (503, "Failures")])
def test_each_is_a_metric(status: int, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    doors.note({"route": "github", "status": status, "happened": "x"}, "Hook")
    assert json.loads(capsys.readouterr().out)[name] == 1


def test_the_function_is_the_door(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("app_ingest_hook", ROOT / "functions/ingest_hook/app.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "hook_door", lambda: world.door)
    assert module.handler(signed("github_workflow_run"), None) == {"statusCode": 200, "body": ""}


@pytest.mark.parametrize("message", [{}, {"platform": "github"}, {"platform": "x", "event": "", "body": "{}"}])
def test_what_the_door_did_not_hand_on_is_not_read(message: dict[str, Any]) -> None:
    with pytest.raises(ToolInputError):
        read_hook(message | {"received_at": "2026-11-30T15:31:00+00:00"})
