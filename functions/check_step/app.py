"""One Verdict, from a fresh read. Its role writes nothing."""

from typing import Any

from copilot import bootstrap
from copilot.domain import ItemCall
from copilot.edges.observing import observed


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return bootstrap.check()(ItemCall.model_validate(event)).model_dump(mode="json")
