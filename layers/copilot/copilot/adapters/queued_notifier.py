"""ports.Notifier of what holds no token: what it has to say is put on the queue of what is shown in chats."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.domain import Delivery, Permission
from copilot.ports import DeliveryQueue


class QueuedNotifier:
    """Whether a channel is there is found out when it is posted to."""

    def __init__(self, queue: DeliveryQueue, tenant: str) -> None:
        self._queue, self._tenant = queue, tenant

    def check(self, channel: str) -> None: ...

    def permissions(self, channel: str, key: str) -> Sequence[Permission]:
        return ()

    def send(self, channel: str, text: str, key: str) -> str:
        self._queue.put([Delivery(kind="report", tenant=self._tenant, channel=channel, text=text, key=key)])
        return f"the chat, {channel}"
