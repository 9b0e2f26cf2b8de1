"""The machine's last step: the answer."""

from typing import Any

from copilot import bootstrap
from copilot.edges.observing import count, logger, observed


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    problem = event.get("problem")
    if problem:
        logger().error("the run stopped", problem=problem)
    run = bootstrap.reply_composed()(
        event["tenant"], event["run_id"], problem and "a part of the copilot failed; its log says why"
    )
    count(f"Runs{(run.outcome or '').title().replace('_', '')}")
    return {"outcome": run.outcome}
