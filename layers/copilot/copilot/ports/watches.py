"""What is watched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from copilot.domain import Permission, Watch


class Watches(Protocol):
    """The tenant's. Reads are consistent; every method raises RetryableError."""

    def watches(self) -> list[Watch]:
        """All of them, the oldest first."""

    def watch(self, watch_id: str) -> Watch | None: ...

    def permissions(self) -> Sequence[Permission]:
        """What `put` and `remove` need from IAM."""

    def put(self, watch: Watch) -> None: ...

    def remove(self, watch: Watch) -> bool:
        """As it was read, which is not so where it is otherwise by now. One that is gone is success."""

    def change(self, before: Watch, after: Watch | None) -> bool:
        """Make of what stands there as it was `before` what it is `after`, None being nothing any more, with the
        function's own right. False, and nothing is changed, where it is otherwise by now.
        """
