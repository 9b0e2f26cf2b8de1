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
            handed_on = tell if delivery.kind in {"escalation", "resolution"} else show
            handed_on(delivery, int(record["attributes"]["ApproximateReceiveCount"]), use_cases)


def show(delivery: Delivery, received: int, use_cases: UseCases) -> None:
    try:
        try:
            problem = use_cases.deliver(delivery)
        except RetryableError as error:
            if (error.seconds or 1) > SHORT and received < LAST_RECEIVE:
                raise
            use_cases.pause(min(error.seconds or 1, SHORT))
            problem = use_cases.deliver(delivery, last=received >= LAST_RECEIVE)
    except RetryableError as error:
        count("DeliveriesFailed")
        logger().warning("could not be shown", kind=delivery.kind, run_id=delivery.run_id, reason=str(error))
        raise
    if problem:
        logger().error("cannot be shown", kind=delivery.kind, run_id=delivery.run_id, reason=problem)
        use_cases.delivery_queue.leave(delivery)
    count("DeliveriesFailed" if problem else "Delivered")


def tell(delivery: Delivery, received: int, use_cases: UseCases) -> None:
    """Outside the chats; each time once, since one that does not answer takes long to say so."""
    last = delivery.kind == "escalation" and received >= LAST_OF_LEVEL
    try:
        problem = use_cases.escalate(delivery, last=last)
    except RetryableError as error:
        count("EscalationsFailed")
        logger().warning("could not be told", kind=delivery.kind, run_id=delivery.run_id, reason=str(error))
        raise
    if problem:
        logger().error("cannot be told", kind=delivery.kind, run_id=delivery.run_id, reason=problem)
        use_cases.delivery_queue.leave(delivery)
    count("EscalationsFailed" if problem else "Delivered")
