"""The machine's first step: the plan of a run."""

from typing import Any

from copilot import bootstrap
from copilot.edges.observing import observed


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    run = bootstrap.make_plan()(event["tenant"], event["run_id"])
    return {"revision": run.revision}
