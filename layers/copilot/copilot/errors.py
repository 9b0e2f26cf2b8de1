"""What the caller should do about a failure; the class is the instruction, the message is for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from copilot.text.outside import quoted

if TYPE_CHECKING:
    from copilot.domain import Run, Trigger


class CopilotError(Exception):
    """Base of everything the copilot raises on purpose. `str(error)` is safe to show to a person.

    `ours` says that all its words are the copilot's own, names from outside quoted. Of any other it is taken that
    somebody else's words are in it.
    """

    def __init__(self, message: str = "", *, ours: bool = False) -> None:
        super().__init__(message)
        self.ours = ours

    @property
    def told(self) -> str:
        """Its words, to stand in a sentence of ours: quoted where they are somebody else's."""
        return str(self) if self.ours else quoted(str(self))


class RetryableError(CopilotError):
    """Transient: the same call may work later (throttling, a dropped connection). `seconds` is after how many, where
    whoever was asked says so: then it did nothing.
    """

    def __init__(self, message: str = "", *, ours: bool = False, seconds: int | None = None) -> None:
        super().__init__(message, ours=ours)
        self.seconds = seconds


class ToolInputError(CopilotError):
    """The call was wrong and may be corrected. `nearest` holds the valid names closest to what was given: of `all` that
    there are, or of those that could be read.
    """

    def __init__(self, message: str, nearest: Sequence[str] = (), *, ours: bool = False, all: bool = True) -> None:
        super().__init__(message, ours=ours)
        self.nearest = tuple(nearest)
        self.all = all


class Ambiguous(ToolInputError):
    """Any of several may be meant, and the person alone can say which: `nearest` are those. Never to be guessed."""


class PermissionDenied(CopilotError):
    """The cloud, not our policy, refused the call."""


class NotReady(CopilotError):
    """The target is between two states; ask again later."""


class Unfinished(RetryableError):
    """Part of a write is done and the rest cannot be done now; the same call, made again, does the rest and no more."""


class FatalError(CopilotError):
    """Nothing the copilot can do will make this call work."""


class HalfDone(FatalError):
    """A change was begun, and could neither be finished nor taken back; the message says what is left of it."""


class PlanError(CopilotError):
    """A plan that must not run. `problems` holds one line for each fault: step, field, found, expected."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class NoData(CopilotError):
    """A reference gave nothing where a value is required: the step is not called."""


class NotFound(CopilotError):
    """No such run, approval or tool."""


class Expired(CopilotError):
    """It was there and has ended; `str(error)` says when. Ask for a new one."""


class NotAllowed(CopilotError):
    """Policy, or the lack of a mapped identity, forbids what was asked."""


class Capped(CopilotError):
    """A cap on what the copilot spends leaves no room: nothing was begun. Its words are our own."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ours=True)


class Conflict(CopilotError):
    """Somebody else was first: the record is not in the state the caller assumed."""


class OtherRequest(Conflict):
    """The dedupe key of `asked` stands for another request already: that of `earlier`. Nothing was begun."""

    def __init__(self, earlier: Run, asked: Trigger) -> None:
        super().__init__("the dedupe key stands for another request already; nothing was begun")
        self.earlier, self.asked = earlier, asked
