"""What the machine does next in a run."""

from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.domain import ItemOutcome
from copilot.edges.observing import count, logger, observed
from copilot.errors import CopilotError


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> dict[str, Any]:
    outcomes = [ItemOutcome.model_validate(outcome) for outcome in event["outcomes"]]
    advanced = use_cases.advance(event["tenant"], event["run_id"], event["wave"], outcomes)
    try:
        if advanced.waited_for is not None:
            use_cases.show_decided(event["tenant"], event["run_id"], advanced.waited_for)
        use_cases.show("progress", event, wave=advanced.wave)
    except CopilotError as error:  # nothing waits for it to be seen how far it is
        count("DeliveriesFailed")
        logger().warning("could not be shown", kind="progress", reason=str(error))
    return advanced.model_dump(mode="json")
