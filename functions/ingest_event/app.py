"""Events of the bus: an execution that ended is answered if nobody has, and the Conversation's next Turn starts."""

import json
from typing import Any

from copilot import bootstrap
from copilot.model import Run
from copilot.observing import count, name_run, observed

ENDS = {
    "ABORTED": "it was aborted",
    "TIMED_OUT": "it took longer than a run may",
    "FAILED": "it failed in a way that its steps could not catch",
}


@observed
def handler(event: dict[str, Any], context: Any) -> None:
    detail = event["detail"]
    if event["detail-type"] == "Run parked":
        name_run(detail["run_id"], detail["conversation"])
        bootstrap.ingest().start_next(detail["tenant"], detail["conversation"])
        return
    given = json.loads(detail["input"])
    name_run(given["run_id"], given["conversation"])
    run = bootstrap.store().run(given["tenant"], given["run_id"])
    if is_lost(run, detail):
        count("RunsLost")
        bootstrap.reply()(run.tenant, run.run_id, ENDS[detail["status"]])
    bootstrap.ingest().start_next(run.tenant, run.conversation)


def is_lost(run: Run, detail: dict[str, Any]) -> bool:
    """Whether this was the Run's last execution and it ended without an answer."""
    last = detail["name"] == f"{run.run_id}-{run.execution}"
    return last and run.status != "answered" and detail["status"] in ENDS
