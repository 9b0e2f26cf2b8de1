"""Events that reactions answer to, from two queues: what this installation's rules hand on, and what rules of the
user's own do. It begins runs, has channels told, and tells what was held once that is over.
"""

import json
from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.edges.observing import count, logger, observed

DUE = {"due": True}


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> dict[str, Any]:
    """Says which messages are to come again."""
    messages = [one for one in event["Records"] if not is_due(one)]
    reacting = use_cases.react(messages)
    count("ReactionsBegun", reacting.runs)
    count("EventsIgnored", reacting.ignored)
    for message, reason in reacting.failed.items():
        count("ReactionsFailed")
        logger().warning("an event was not answered", message_id=message, reason=reason)
    if len(messages) < len(event["Records"]):
        use_cases.react.due()
    return {"batchItemFailures": [{"itemIdentifier": message} for message in reacting.failed]}


def is_due(message: dict[str, Any]) -> bool:
    """Whether it is the clock's, and no event."""
    try:
        return bool(json.loads(message["body"]) == DUE)
    except (ValueError, RecursionError):
        return False
