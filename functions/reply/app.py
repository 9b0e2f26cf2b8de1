"""The machine's last step: the answer."""

from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.edges.observing import count, logger, observed


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> dict[str, Any]:
    problem = event.get("problem")
    if problem:
        logger().error("the run stopped", problem=problem)
    run = use_cases.reply_composed(
        event["tenant"], event["run_id"], problem and "a part of the copilot failed; its log says why"
    )
    use_cases.show("answer", event)
    if run.approval_id is not None:
        use_cases.show_decided(run.tenant, run.run_id, run.approval_id)
    use_cases.show_owners(event)
    count(f"Runs{(run.outcome or '').title().replace('_', '')}")
    return {"outcome": run.outcome}
