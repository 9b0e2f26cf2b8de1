"""Keeps the token that wakes a run once its approval is decided, and lets the conversation go on meanwhile."""

from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.edges.observing import observed


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> None:
    # Raises Conflict where a person was faster than this function: the machine then goes straight on to Advance.
    use_cases.store.keep_token(event["tenant"], event["approval_id"], event["token"])
    use_cases.announce_parked(event["tenant"], event["conversation"], event["run_id"])
    use_cases.begin_escalation(event["tenant"], event["run_id"], event["approval_id"])
    use_cases.show("approval", event, approval_id=event["approval_id"])
