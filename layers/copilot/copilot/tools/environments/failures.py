"""What could not be changed in an environment: whether another try makes sense, and the one error for all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from copilot.domain import Change, Survey
from copilot.errors import CopilotError, FatalError, HalfDone, NotReady, PermissionDenied, RetryableError
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.tools.environments.inventory import unreachable


def may_pass(error: CopilotError) -> bool:
    """Whether another try later makes sense."""
    return isinstance(error, RetryableError | NotReady)


def held_up(failed: Sequence[Change], errors: dict[str, CopilotError]) -> CopilotError:
    """Why a change is not begun that waits for these, which could not be made."""
    message = f"not begun, since it comes after {listed([quoted(change.name) for change in failed])}"
    waits = any(may_pass(errors[change.ref.id]) for change in failed)
    return NotReady(message, ours=True) if waits else FatalError(message, ours=True)


def not_there(survey: Survey) -> str:
    """Why a resource is not among what was read."""
    unread = [place.summary for place in unreachable(survey.unreachable)]
    return f"could not be read ({'; '.join(unread)})" if unread else "is no longer there"


def gone(change: Change, survey: Survey) -> NoReturn:
    """Raises what it means for a change that its resource is not among what was read now."""
    message = f"{quoted(change.name)} {not_there(survey)}"
    raise RetryableError(message, ours=True) if survey.unreachable else FatalError(message, ours=True)


def nothing_done(what: str, changes: Sequence[Change], errors: dict[str, CopilotError]) -> CopilotError:
    """One error for all: worth another try only where each of them is."""
    message = f"{what}: {listed([f'{quoted(change.name)} ({errors[change.ref.id].told})' for change in changes])}"
    if all(may_pass(error) for error in errors.values()):
        return RetryableError(message, ours=True)
    if any(isinstance(error, HalfDone) for error in errors.values()):
        return HalfDone(message, ours=True)
    refused = any(isinstance(error, PermissionDenied) for error in errors.values())
    return PermissionDenied(message, ours=True) if refused else FatalError(message, ours=True)
