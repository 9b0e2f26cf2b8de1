"""One Verdict, from a fresh read. Its role writes nothing."""

from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.domain import ItemCall
from copilot.edges.observing import observed


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> dict[str, Any]:
    return use_cases.check(ItemCall.model_validate(event)).model_dump(mode="json")
