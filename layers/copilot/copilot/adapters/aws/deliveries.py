"""ports.DeliveryQueue: a FIFO queue, with a message group for each channel; what comes later waits in a queue of its
own, since a FIFO queue cannot delay one message and not another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from copilot.adapters.aws.faults import translated
from copilot.domain import Delivery
from copilot.ports import Clock

LONGEST_DELAY = timedelta(minutes=15)
"""SQS's own, for one message."""


class DeliveryQueues:
    """`url` is of the FIFO queue, `later` of the other, `dead` of the dead letters, `sqs` a boto3 client. Who only puts
    needs the first alone.
    """

    def __init__(self, url: str, later: str, dead: str, sqs: Any, clock: Clock) -> None:
        self._url, self._later, self._dead, self._sqs, self._clock = url, later, dead, sqs, clock

    def put(self, deliveries: Iterable[Delivery], after: timedelta = timedelta()) -> None:
        """One at a time: the emulator wants a right of its own for several, which AWS does not know."""
        for delivery in deliveries:
            body: dict[str, Any] = delivery.model_dump(mode="json", exclude_defaults=True)
            with translated("asking for something to be shown"):
                if after > timedelta():
                    body["due"] = (self._clock.now() + after).timestamp()
                    seconds = int(min(after, LONGEST_DELAY).total_seconds())
                    self._sqs.send_message(QueueUrl=self._later, MessageBody=json.dumps(body), DelaySeconds=seconds)
                else:
                    self._send_in_order(self._url, delivery)

    def leave(self, delivery: Delivery) -> None:
        with translated("leaving what cannot be shown with the dead letters"):
            self._send_in_order(self._dead, delivery)

    def _send_in_order(self, url: str, delivery: Delivery) -> None:
        body = delivery.model_dump(mode="json", exclude_defaults=True)
        self._sqs.send_message(
            QueueUrl=url,
            MessageBody=json.dumps(body),
            MessageGroupId=delivery.group,
            MessageDeduplicationId=delivery.once,
        )
