"""One item of one step. Deployed once for each runtime, each with its own role."""

from datetime import UTC, datetime, timedelta
from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.domain import ItemCall
from copilot.edges.observing import count, observed

MARGIN = timedelta(seconds=3)  # clocks differ a little, and a worker is killed a little after its time


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> dict[str, Any]:
    left = timedelta(milliseconds=context.get_remaining_time_in_millis())
    dead_after = datetime.now(UTC) + left + MARGIN
    outcome = use_cases.execute(ItemCall.model_validate(event), context.aws_request_id, dead_after)
    count(f"Items{outcome.verdict.kind.title()}")
    return outcome.model_dump(mode="json")
