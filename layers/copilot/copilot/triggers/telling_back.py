"""What whoever says or presses something in a chat is told about that: it goes to the queue of what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from copilot.domain import (
    Approval,
    ChatUser,
    Delivery,
    Opened,
    Pressed,
    Said,
    digest,
)
from copilot.errors import (
    NotFound,
)
from copilot.ports import DeliveryQueue

TOLD_ALONE = "I answered whoever asked this, and nobody else."


@dataclass(frozen=True)
class TellBack:
    tenant: str
    approval: Callable[[str, str], Approval]
    queue: DeliveryQueue

    def __call__(self, event: Said | Pressed | Opened, text: str, run_id: str = "") -> None:
        """Them alone, where they are; it is kept with the run that it is about. Of what nothing else came that is the
        answer, as far as nobody else sees it.
        """
        token = event.token if isinstance(event, Said | Pressed) else ""
        if token and isinstance(event, Said):
            if event.direct and not run_id:
                self.receipt(event, text, event.user)
                return
            if not run_id:
                self.receipt(event, TOLD_ALONE)
            token = "" if event.direct else token
        key = digest([event.key, text])
        if isinstance(event, Pressed) and not run_id:
            run_id, of = self._about(event)
            key = f"{of}{key}"
        self.put(
            Delivery(
                kind="notice",
                tenant=self.tenant,
                run_id=run_id,
                where=None if isinstance(event, Pressed) and event.home else event.where,
                to=event.user,
                text=text[:3000],
                key=key,
                token=token,
            )
        )

    def receipt(self, said: Said, text: str, to: ChatUser | None = None) -> None:
        """What all who are there see of it that a command was given, where they see that an answer is awaited; all that
        one is told, where they are alone.
        """
        if said.token:
            receipt = Delivery(
                kind="receipt",
                tenant=self.tenant,
                where=said.where,
                to=to,
                text=text[:3000],
                key=said.key,
                token=said.token,
            )
            self.put(receipt)

    def put(self, delivery: Delivery) -> None:
        self.queue.put([delivery])

    def _about(self, pressed: Pressed) -> tuple[str, str]:
        """The run that a button is of, "" where there is none; and how the key begins where it is an Approval's."""
        if pressed.action in {"undo", "retry", "freeze"}:
            return pressed.about, ""
        try:
            return self.approval(self.tenant, pressed.about).run_id, f"{pressed.about}/"
        except NotFound:
            return "", ""
