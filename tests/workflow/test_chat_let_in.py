"""The open routes for chats on the laptop's AWS, with IAM enforced: what is signed is queued, all else is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import httpx
import pytest
from conftest import ROOT, System

pytestmark = pytest.mark.laptop
SLACK = "/v1/chat/slack"


def sent(name: str) -> tuple[str, str, bytes]:
    """Route, content type and body of one of events/."""
    event: dict[str, Any] = json.loads((ROOT / f"events/ingest_chat_{name}.json").read_text())
    body = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"].encode()
    return event["rawPath"], event["headers"]["content-type"], body


def post(
    system: System, name: str, secret: str | None, body: bytes | None = None, method: str = "POST"
) -> httpx.Response:
    """As Slack sends it: signed with the app's secret, and by no IAM user."""
    path, content_type, written = sent(name)
    body = written if body is None else body
    timestamp = str(int(time.time()))
    headers = {"content-type": content_type, "host": system.laptop.api_url.partition("//")[2]}
    if secret is not None:
        digest = hmac.new(secret.encode(), b"v0:%s:%s" % (timestamp.encode(), body), hashlib.sha256).hexdigest()
        headers |= {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}
    return httpx.request(method, system.laptop.endpoint + path, content=body, headers=headers, timeout=60)


def queued(system: System) -> list[dict[str, Any]]:
    """What is in the queue, taken out of it, in its order."""
    sqs, url = system.client("sqs"), system.laptop.outputs["ChatIn"]
    found: list[dict[str, Any]] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def test_what_is_not_signed_for_this_installation_is_refused(system: System) -> None:
    for secret in (None, "forged", ""):
        for name in ("mention", "approve", "command", "url_verification"):
            assert post(system, name, secret).status_code == 401
    assert post(system, "mention", system.laptop.slack_secret, method="GET").status_code == 404
    assert queued(system) == []


def test_what_is_signed_is_queued_once_and_acknowledged(system: System) -> None:
    secret = system.laptop.slack_secret
    for name in ("mention", "approve", "command", "mention"):
        answer = post(system, name, secret)
        assert (answer.status_code, answer.content) == (200, b"")
    by_route = {one["route"]: one["body"] for one in queued(system)}
    expected = {sent(name)[0].rpartition("/")[2]: sent(name)[2].decode() for name in ("mention", "approve", "command")}
    assert by_route == expected


def test_text_in_any_language_comes_as_it_was_signed(system: System) -> None:
    body = json.dumps(
        {"type": "event_callback", "event": {"text": "arr\u00eate \U0001f6d1"}}, ensure_ascii=False
    ).encode()
    assert post(system, "mention", system.laptop.slack_secret, body).status_code == 200
    assert [one["body"] for one in queued(system)] == [body.decode()]


def test_the_address_is_verified(system: System) -> None:
    answer = post(system, "url_verification", system.laptop.slack_secret)
    assert answer.json() == {"challenge": json.loads(sent("url_verification")[2])["challenge"]}


def test_an_installation_keeps_its_secret(system: System) -> None:
    kept = system.client("ssm").get_parameter(Name="/devops-copilot/slack-signing-secret", WithDecryption=True)
    assert kept["Parameter"]["Value"] == system.laptop.slack_secret and len(system.laptop.slack_secret) == 32
    assert kept["Parameter"]["Type"] == "SecureString"
