"""How a command ends: the exit codes a pipeline can use, and the errors that lead to them."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    SUCCEEDED = 0
    FAILED = 1
    REFUSED = 2
    DENIED = 3
    WAITING = 4
    NOT_UNDERSTOOD = 5
    UNREACHABLE = 6
    INTERRUPTED = 130


EXPLAINED = """\
exit codes:
  0  succeeded; for deny and runs cancel: the run ended as you wanted
  1  failed, partly failed, expired, aborted or cancelled
  2  bad usage, or input the copilot refused (HTTP 4xx)
  3  denied, by policy (HTTP 403) or by a person
  4  waits for an approval
  5  not understood, declined, or answered with a question: say more
  6  the copilot cannot be reached, or is itself failing (HTTP 5xx, 429)
  130  interrupted; the run goes on without you. Of ci, 143 too: the job was cancelled, and its run with it"""


class CommandError(Exception):
    """Ends the command with `exit`; `str(error)` is what the person reads."""

    exit = Exit.FAILED


class Refused(CommandError):
    """What was asked cannot be done as it stands: bad usage, or a 4xx from the copilot."""

    exit = Exit.REFUSED


class Denied(Refused):
    """Policy does not let who asks do this (the copilot's own 403)."""

    exit = Exit.DENIED


class Unclear(CommandError):
    """What was asked may mean any of several things: say which."""

    exit = Exit.NOT_UNDERSTOOD


class Unreachable(CommandError):
    """Nobody is there: the request was not received."""

    exit = Exit.UNREACHABLE


class Unanswered(Unreachable):
    """No answer came, or one that says the copilot itself fails: the request may have been received."""
