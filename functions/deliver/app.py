"""Shows people in chats what runs do, come to and ask, and tells others of approvals that nobody there answers. With
execute_send it alone posts.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.domain import Delivery
from copilot.edges.observing import count, logger, observed
from copilot.errors import RetryableError

LAST_RECEIVE = 10
"""As often as the queue hands one over before it is left with the dead letters."""
LAST_OF_LEVEL = 3
"""As often as it is tried to tell a level that nobody answered an approval, before the next one is told."""
SHORT = 10
"""Seconds that are waited here where a platform wants to be asked later; else it comes again from the queue."""


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> None:
    """One at a time: behind one that comes again the rest of its channel waits."""
    for record in event["Records"]:
        body = json.loads(record["body"])
        due = body.pop("due", None)
        delivery = Delivery.model_validate(body)
        if due is not None:
            left = datetime.fromtimestamp(due, UTC) - datetime.now(UTC)
            use_cases.delivery_queue.put([delivery], after=max(left, timedelta()))
        else:
            show(delivery, int(record["attributes"]["ApproximateReceiveCount"]), use_cases)


def show(delivery: Delivery, received: int, use_cases: UseCases) -> None:
    elsewhere = delivery.kind in {"escalation", "resolution"}
    deliver = use_cases.escalate if elsewhere else use_cases.deliver
    failed = "EscalationsFailed" if elsewhere else "DeliveriesFailed"
    last = received >= (LAST_OF_LEVEL if delivery.kind == "escalation" else LAST_RECEIVE)
    try:
        try:
            problem = deliver(delivery)
        except RetryableError as error:
            if (error.seconds or 1) > SHORT and not last:
                raise
            use_cases.pause(min(error.seconds or 1, SHORT))
            problem = deliver(delivery, last=last)
    except RetryableError as error:
        count(failed)
        logger().warning("could not be shown", kind=delivery.kind, run_id=delivery.run_id, reason=str(error))
        raise
    if problem:
        logger().error("cannot be shown", kind=delivery.kind, run_id=delivery.run_id, reason=problem)
        use_cases.delivery_queue.leave(delivery)
    count(failed if problem else "Delivered")
