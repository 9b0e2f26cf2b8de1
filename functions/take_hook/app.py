"""What code hosts told: verified by ingest_hook, taken from its queue. It reads of the hosts and never comments."""

import json
from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.edges.hooks.queued import read_hook
from copilot.edges.observing import count, logger, observed
from copilot.errors import ToolInputError

COUNTED = {"facts": "HookFacts", "comment": "HookComments", "nothing": "HooksOfNoInterest", "not ours": "HooksNotOurs"}


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> None:
    """One at a time; one that fails comes again."""
    for record in event["Records"]:
        try:
            hook = read_hook(json.loads(record["body"]))
            logger().append_keys(hook=f"{hook.platform} {hook.event}")
            count(COUNTED[use_cases.take_hook(hook)])
        except ToolInputError as error:  # it would be no better a second time
            count("HooksUnreadable")
            logger().warning("not read", reason=str(error))
