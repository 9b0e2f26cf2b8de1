"""Keeps the token that wakes a run once its approval is decided, and lets the conversation go on meanwhile."""

from typing import Any

from copilot import bootstrap
from copilot.edges.observing import observed


@observed
def handler(event: dict[str, Any], context: Any) -> None:
    # Raises Conflict where a person was faster than this function: the machine then goes straight on to Advance.
    bootstrap.store().keep_token(event["tenant"], event["approval_id"], event["token"])
    bootstrap.announce_parked(event["tenant"], event["conversation"], event["run_id"])
