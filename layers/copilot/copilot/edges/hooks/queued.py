"""What ingest_hook put on the queue. Pure."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from copilot.domain import Hook
from copilot.errors import ToolInputError


def read_hook(message: dict[str, Any]) -> Hook:
    """Raises ToolInputError."""
    try:
        named = {name: message[name] for name in ("platform", "event", "received_at")}
        return Hook.model_validate({**named, "payload": json.loads(message["body"])})
    except (KeyError, TypeError, ValueError, RecursionError, ValidationError):
        raise ToolInputError("it is no web hook as the door hands them on", ours=True) from None
