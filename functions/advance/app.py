"""What the machine does next in a run."""

from typing import Any

from copilot import bootstrap
from copilot.domain import ItemOutcome
from copilot.edges.observing import observed


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    outcomes = [ItemOutcome.model_validate(outcome) for outcome in event["outcomes"]]
    advanced = bootstrap.advance()(event["tenant"], event["run_id"], event["wave"], outcomes)
    return advanced.model_dump(mode="json")
