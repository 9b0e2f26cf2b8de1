"""ports.Sweeps: a message for each Place in the queue of the function that sweeps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from copilot.adapters.aws.faults import translated
from copilot.domain.inventory import Place
from copilot.errors import RetryableError

AT_ONCE = 10


class SweepQueue:
    """`sqs` is a boto3 client."""

    def __init__(self, url: str, sqs: Any) -> None:
        self._url, self._sqs = url, sqs

    def ask(self, places: Iterable[Place], attempt: int = 1, after: timedelta = timedelta()) -> None:
        entries = [
            {
                "Id": str(number),
                "MessageBody": json.dumps(place.model_dump() | {"attempt": attempt}),
                "DelaySeconds": int(after.total_seconds()),
            }
            for number, place in enumerate(places)
        ]
        for first in range(0, len(entries), AT_ONCE):
            with translated("asking for sweeps"):
                answer = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries[first : first + AT_ONCE])
            if answer.get("Failed"):
                raise RetryableError(f"{len(answer['Failed'])} sweeps could not be asked for")
