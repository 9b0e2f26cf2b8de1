"""ports.Sweeps: a message for each Place in the queue of the function that sweeps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from copilot.adapters.aws.faults import translated
from copilot.domain import Place


class SweepQueue:
    """`sqs` is a boto3 client."""

    def __init__(self, url: str, sqs: Any) -> None:
        self._url, self._sqs = url, sqs

    def ask(self, places: Iterable[Place], attempt: int = 1, after: timedelta = timedelta()) -> None:
        """One at a time: the emulator wants a right of its own for several, which AWS does not know."""
        for place in places:
            self._send(place.model_dump() | {"attempt": attempt}, after)

    def ask_whose_turn(self) -> None:
        self._send({"due": True})

    def ask_to_publish(self, after: timedelta) -> None:
        self._send({"publish": True}, after)

    def ask_to_look(self, watches: Iterable[str]) -> None:
        for watch in watches:
            self._send({"watch": watch})

    def _send(self, message: dict[str, Any], after: timedelta = timedelta()) -> None:
        with translated("asking for a sweep"):
            self._sqs.send_message(
                QueueUrl=self._url, MessageBody=json.dumps(message), DelaySeconds=int(after.total_seconds())
            )
