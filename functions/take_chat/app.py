"""What came in from chats: verified by ingest_chat, taken from its queue. It reads of the platform and never posts."""

import json
from typing import Any

from copilot.edges.chat import read_chat

from copilot.bootstrap import UseCases, with_use_cases
from copilot.edges.observing import count, logger, observed


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> None:
    """One at a time; one that fails comes again, and what was said after it in that thread waits behind it."""
    for record in event["Records"]:
        said = read_chat(json.loads(record["body"]))
        if said is None:
            count("ChatEventsOfNoInterest")
            continue
        logger().append_keys(chat=said.kind)
        use_cases.take_chat(said)
        count("ChatEvents")
