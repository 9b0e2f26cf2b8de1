"""The use cases of code hosts: what their web hooks tell, and what people ask in their comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot.bootstrap.by_itself import ByItself
from copilot.bootstrap.defaults import default

if TYPE_CHECKING:
    from copilot.triggers.taking_hooks import TakeHook


class Hooks(ByItself):
    @default
    def take_hook(self) -> TakeHook:
        from copilot.triggers.taking_hooks import TakeHook

        parts = (self.deployments, self.ingest, self.delivery_queue)
        return TakeHook(*parts, lambda: self.code_hosts, self.configuration(), self.clock)
