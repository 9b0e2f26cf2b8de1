"""The FIFO queue of what came from chats: in order in each group, the same digest within five minutes once."""

from __future__ import annotations

from typing import Any

from copilot.adapters.aws.faults import translated


class ChatQueue:
    """`sqs` is a boto3 client."""

    def __init__(self, url: str, sqs: Any) -> None:
        self._url, self._sqs = url, sqs

    def send(self, body: str, group: str, digest: str) -> None:
        """Raises as `translated` does."""
        with translated("handing on what came from a chat"):
            self._sqs.send_message(
                QueueUrl=self._url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=digest
            )
