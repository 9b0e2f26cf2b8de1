"""The machine that runs."""

from __future__ import annotations

from typing import Protocol

from copilot.domain import Run


class Workflow(Protocol):
    """Starts and wakes executions of the machine. Never used by a task of the machine."""

    def start(self, run: Run, execution: int) -> None:
        """Start the execution of that number; one that exists already is success."""

    def wake(self, token: str) -> None:
        """Wake an execution that waits under this token; one that no longer waits is success."""

    def is_running(self, run: Run) -> bool:
        """Whether the Run's last execution is still going."""
