"""Every use case, for a function, a run in one process, or a test."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from copilot.bootstrap.hooks import Hooks
from copilot.bootstrap.keeping import Keeping
from copilot.bootstrap.reacting import Reacting


class UseCases(Reacting, Hooks, Keeping):
    """Each takes another part than its own by an argument of that part's name."""


@cache
def deployed() -> UseCases:
    """Those of this process, over the installation that its environment tells of."""
    return UseCases()


def with_use_cases(handler: Callable[[Any, Any, UseCases], Any]) -> Callable[..., Any]:
    """A Lambda handler that is given this process's use cases, unless whoever calls it hands in others."""

    @wraps(handler)
    def handle(event: Any, context: Any, use_cases: UseCases | None = None) -> Any:
        return handler(event, context, use_cases or deployed())

    return handle
