"""Shows people in chats what runs do, come to and ask. With execute_send it alone posts."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.domain import Delivery
from copilot.edges.observing import count, logger, observed
from copilot.errors import RetryableError

LAST_RECEIVE = 5
"""As often as the queue hands one over before it is left with the dead letters."""
APART = 1.0
"""Seconds between two changes in one channel: as often as Slack takes them."""

LONGEST_PAUSE = 10
"""Seconds to wait where a platform wants to be asked later; what is to be shown comes again anyway."""


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> dict[str, Any]:
    """In the order of each channel: behind one that is to come again the rest of its channel waits."""
    failed, stuck = list[str](), set[str]()
    records = event["Records"]
    for number, record in enumerate(records):
        body = json.loads(record["body"])
        due = body.pop("due", None)
        delivery = Delivery.model_validate(body)
        if due is not None:
            left = datetime.fromtimestamp(due, UTC) - datetime.now(UTC)
            use_cases.delivery_queue.put([delivery], after=max(left, timedelta()))
            continue
        group = record["attributes"]["MessageGroupId"]
        if group in stuck or is_overtaken(delivery, records[number + 1 :]):
            failed += [record["messageId"]] if group in stuck else []
            continue
        last = int(record["attributes"]["ApproximateReceiveCount"]) >= LAST_RECEIVE
        try:
            problem = use_cases.deliver(delivery, last=last)
            if problem:
                logger().error("cannot be shown", kind=delivery.kind, run_id=delivery.run_id, reason=problem)
            count("DeliveriesFailed" if problem else "Delivered")
            use_cases.pause(APART)
        except RetryableError as error:
            count("DeliveriesFailed")
            logger().warning("could not be shown", kind=delivery.kind, run_id=delivery.run_id, reason=str(error))
            stuck.add(group)
            failed.append(record["messageId"])
            use_cases.pause(min(error.seconds or APART, LONGEST_PAUSE))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def is_overtaken(delivery: Delivery, later: list[dict[str, Any]]) -> bool:
    """Whether a state is shown by something that is to be shown of the same run behind it."""
    if delivery.kind != "progress":
        return False
    behind = (json.loads(record["body"]) for record in later)
    return any(one["kind"] in {"progress", "answer"} and one.get("run_id") == delivery.run_id for one in behind)
