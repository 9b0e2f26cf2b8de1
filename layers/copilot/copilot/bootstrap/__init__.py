"""The one composition: here adapters meet use cases, for the functions, for a run in one process, and for tests.

The use cases are imported when they are asked for: the door for chats needs none of them, nor the time that takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from copilot.bootstrap.use_cases import UseCases, deployed, with_use_cases

__all__ = ["UseCases", "deployed", "with_use_cases"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from copilot.bootstrap import use_cases

    return getattr(use_cases, name)
