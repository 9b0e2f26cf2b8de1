"""The routes that chat platforms call, open to anybody: what came is verified, put on a queue, and acknowledged."""

from typing import Any

from copilot.bootstrap.chat_door import answered


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return answered(event)
