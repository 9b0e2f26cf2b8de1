"""The use cases of code hosts: what their web hooks tell, and what people ask in their comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import JsonValue

from copilot.bootstrap.by_itself import ByItself
from copilot.bootstrap.defaults import default

if TYPE_CHECKING:
    from copilot.triggers.taking_hooks import TakeHook


class Hooks(ByItself):
    @default
    def take_hook(self) -> TakeHook:
        from copilot.triggers.taking_hooks import TakeHook

        parts = (self.deployments, self.ingest, self.delivery_queue)
        return TakeHook(*parts, lambda: self.code_hosts, self.configuration(), self.clock, self.hand_on)

    def hand_on(self, event: dict[str, JsonValue]) -> None:
        """To reactions, by the queue of the user's own rules: nothing of it is believed there."""
        from copilot.adapters.aws.events import hand_on

        hand_on(self.installation.own_client("sqs"), self.installation.told["OWN_EVENTS_URL"], event)
