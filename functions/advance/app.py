"""What the machine does next in a run."""

from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.domain import ItemOutcome
from copilot.edges.observing import observed


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> dict[str, Any]:
    outcomes = [ItemOutcome.model_validate(outcome) for outcome in event["outcomes"]]
    advanced = use_cases.advance(event["tenant"], event["run_id"], event["wave"], outcomes)
    use_cases.show("progress", event, wave=advanced.wave)
    return advanced.model_dump(mode="json")
