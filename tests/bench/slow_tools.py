"""Our own tools, each call of one taking as long as the world says. A preview, a write and a look whether it worked are
calls of the world, each of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from copilot.tools.environments.looking import EnvironmentActivity, ListEnvironments
from copilot.tools.environments.stopping import StopEnvironment
from copilot.tools.messages.notify import Notify
from copilot.tools.tool import AnyTool

CALLS = {
    ListEnvironments: ("run",),
    EnvironmentActivity: ("run",),
    StopEnvironment: ("preview", "run", "verify"),
    Notify: ("run",),  # what it would send is known without a look at anything
}


def slow_tools() -> list[AnyTool]:
    return [_slow(tool, names) for tool, names in CALLS.items()]


def _slow(tool: Any, names: tuple[str, ...]) -> AnyTool:
    return type(tool.__name__, (tool,), {name: _paused(getattr(tool, name)) for name in names})


def _paused(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def paused(self: Any, *given: Any) -> Any:
        with self.clients.at_work():
            return method(self, *given)

    return paused
