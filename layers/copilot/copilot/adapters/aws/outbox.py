"""Messages put into a bucket instead of being sent: for a trial, and for an installation without chat."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import ClientError

from copilot.adapters.aws.faults import translated
from copilot.adapters.recipients import check_channel, check_person
from copilot.domain import TO_PERSON, Permission, is_told
from copilot.ports import Clock


class Outbox:
    """One JSON object for each message, under outbox/CHANNEL/KEY.json. The same key twice is one message, the first."""

    def __init__(
        self,
        bucket: str,
        client_for: Callable[[Sequence[Permission]], Any],
        clock: Clock,
        person: str | None = None,
        channels: Sequence[str] = (),
        people: Sequence[str] | None = None,
    ) -> None:
        """`client_for` gives an S3 client that may do exactly what is listed; `person` is who has messages sent.
        `channels` are those there are, () where any may be one; `people` whoever may be told, None where anybody.
        """
        self._channels = tuple(channels)
        self._people = people
        self._bucket = bucket
        self._client_for = client_for
        self._clock = clock
        self._person = person

    def check(self, channel: str) -> None:
        if channel.startswith(TO_PERSON):
            if self._people is not None:
                check_person(channel, self._people)
        elif not is_told(channel, self._channels):
            check_channel(channel, self._channels)

    def permissions(self, channel: str, key: str) -> Sequence[Permission]:
        return (Permission(action="s3:PutObject", arn=f"arn:aws:s3:::{self._bucket}/{_path(channel, key)}"),)

    def send(self, channel: str, text: str, key: str) -> str:
        message = {"channel": channel, "text": text, "at": self._clock.now().isoformat()}
        if self._person is not None:
            message["person"] = self._person
        path = _path(channel, key)
        with translated(f"putting a message for {channel} into the outbox"):
            client = self._client_for(self.permissions(channel, key))
            try:
                client.put_object(
                    Bucket=self._bucket,
                    Key=path,
                    Body=json.dumps(message).encode(),
                    ContentType="application/json",
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != "PreconditionFailed":  # it is there already
                    raise
        return f"the outbox, {path}"


def _path(channel: str, key: str) -> str:
    return f"outbox/{_word(channel.removeprefix('#'))}/{_word(key)}.json"


def _word(text: str) -> str:
    """As one part of a path, and of an ARN: no slash, no wildcard."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", text)
