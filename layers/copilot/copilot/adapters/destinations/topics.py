"""Publishing to a topic of SNS: at most 262,144 bytes of text and attributes, and a subject of fewer than 100 signs of
ASCII (SNS, API reference, Publish).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from copilot.adapters.destinations.once import sent_once
from copilot.config.destinations import Topic
from copilot.domain import Letter, digest

LARGEST = 262_144
LONGEST_SUBJECT = 99
MOST_ATTRIBUTES = 10
"""As many as a raw delivery to SQS takes."""
_CUT = "\n… and more: this message was cut"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")


def publish(client: Any, topic: Topic, destination: str, letter: Letter, key: str) -> str:
    """Where it went. Raises as ports.Destinations."""
    attributes = _attributes(letter, key)
    room = LARGEST - sum(len(name) + len(one["StringValue"].encode()) + 6 for name, one in attributes.items())
    asked: dict[str, Any] = {
        "TopicArn": topic.arn,
        "Message": _within(letter.text, room),
        "MessageAttributes": attributes,
    }
    if subject := subject_of(letter.subject):
        asked["Subject"] = subject
    if topic.arn.endswith(".fifo"):
        asked |= {"MessageGroupId": letter.kind, "MessageDeduplicationId": digest(key)}
    with sent_once(f"publishing to {destination}"):
        client.publish(**asked)
    return f"SNS, {destination}"


def subject_of(text: str) -> str:
    """As SNS takes one: letters without their accents, other signs than ASCII's as ?, one line; "" for none."""
    plain = unicodedata.normalize("NFKD", text)
    ascii = "".join(sign for sign in plain if not unicodedata.combining(sign)).encode("ascii", "replace").decode()
    line = re.sub(r"[^ -~]+", " ", ascii).replace("=?", "= ?").strip()  # which in a mail begins a code
    return line[:LONGEST_SUBJECT].rstrip()


def _attributes(letter: Letter, key: str) -> dict[str, dict[str, str]]:
    """What subscriptions filter by: the kind, the id that stays the same, and what machines are told that is text."""
    told = {name: one for name, one in letter.data.items() if isinstance(one, str) and one and _NAME.fullmatch(name)}
    said = {**told, "kind": letter.kind, "id": digest(key)}
    kept = list(said.items())[-MOST_ATTRIBUTES:]
    return {name: {"DataType": "String", "StringValue": str(one)[:1000]} for name, one in kept}


def _within(text: str, most: int) -> str:
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    return encoded[: most - len(_CUT.encode())].decode("utf-8", "ignore") + _CUT
