"""The routes that code hosts call, open to anybody: what came is verified, put on a queue, and acknowledged."""

from typing import Any

from copilot.bootstrap.hook_door import hook_door


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return hook_door()(event)
