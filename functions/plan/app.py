"""The machine's first step: the plan of a run."""

from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.edges.observing import observed


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> dict[str, Any]:
    run = use_cases.make_plan(event["tenant"], event["run_id"])
    return {"revision": run.revision}
