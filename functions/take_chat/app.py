"""What came in from chats: verified by ingest_chat, taken from its queue. It reads of the platform and never posts."""

import json
from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.edges.chat.queued import read_queued
from copilot.edges.observing import count, logger, observed
from copilot.errors import ToolInputError


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> None:
    """One at a time; one that fails comes again, and what was said after it in that thread waits behind it."""
    for record in event["Records"]:
        try:
            said = read_queued(json.loads(record["body"]), use_cases.workspaces_on)
        except ToolInputError as error:  # it would be no better a second time
            count("ChatEventsUnreadable")
            logger().warning("not read", reason=str(error))
            continue
        if said is None:
            count("ChatEventsOfNoInterest")
            continue
        logger().append_keys(chat=said.kind)
        use_cases.take_chat(said)
        count("ChatEvents")
