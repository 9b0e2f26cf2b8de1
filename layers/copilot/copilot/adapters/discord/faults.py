"""What Discord refuses, as our errors: which class depends on what the caller should do about it.

Nothing it says is repeated but its own number for it: docs.discord.com, developers/topics/opcodes-and-status-codes,
August 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, isfinite

from copilot.errors import CopilotError, FatalError, NotFound, PermissionDenied, RetryableError

LONGEST_WAIT = 3600
USUAL_WAIT = 30
"""Seconds, where Discord wants to be asked later and does not say when."""
SETUP = "devops-copilot chat discord setup"
_LATER = frozenset({20028, 30046, 130000})
_NOT_THERE = frozenset({10003, 10004, 10007, 10008, 10013, 10015, 10062, 50027})
"""Unknown channel, server, member, message, user, webhook, interaction; and the token of one whose time is over."""
_REFUSED: Mapping[int, str] = {
    50001: "give the copilot's role the permission View Channel there",
    50005: "it is no message of the copilot's",
    50007: "who is written to takes no direct messages from members of the server: they can allow that in its privacy "
    "settings",
    50013: "give the copilot's role the permissions that its install link asks for, in that channel too",
    50083: "the thread is archived: begin another one",
    160005: "the thread is locked: begin another one",
}


def refused(what: str, status: int, headers: Mapping[str, str], body: Mapping[str, object]) -> CopilotError:
    """The error for a reply that is none of what was asked. `what` was being done, in words of ours."""
    code = body.get("code")
    number = code if isinstance(code, int) and 0 < code < 10_000_000 else 0
    if status == 429:
        seconds = _seconds(body.get("retry_after"), headers.get("retry-after", ""))
        message = f"{what}: Discord takes no more for now, and wants to be asked again in {seconds} s"
        return RetryableError(message, ours=True, seconds=seconds)
    if status >= 500 or number in _LATER:
        return RetryableError(f"{what}: Discord has a fault of its own ({number or status})", ours=True)
    if number in _REFUSED:
        return PermissionDenied(f"{what}: Discord refused it ({number}); {_REFUSED[number]}", ours=True)
    if number in _NOT_THERE or status in {404, 410}:
        return NotFound(
            f"{what}: Discord does not have it, or the copilot may not see it ({number or status})", ours=True
        )
    if status == 401:
        message = f"{what}: Discord refused it (401); its token is not valid: run `{SETUP}` with the bot's own"
        return PermissionDenied(message, ours=True)
    if status == 403:
        return PermissionDenied(f"{what}: Discord refused it ({number or status}); {_REFUSED[50013]}", ours=True)
    if 300 <= status < 400:
        return FatalError(
            f"{what}: the answer sends elsewhere ({status}), where the token is not taken; check the `endpoint` of "
            "this workspace in the configuration",
            ours=True,
        )
    return FatalError(f"{what}: Discord answered with something else ({number or status})", ours=True)


def unanswered(what: str) -> RetryableError:
    return RetryableError(f"{what}: Discord could not be reached, or did not answer in time", ours=True)


def _seconds(*said: object) -> int:
    """Whole ones, never less than it says."""
    for one in said:
        try:
            seconds = float(str(one))
        except ValueError:
            continue
        if isfinite(seconds):
            return min(max(ceil(seconds), 1), LONGEST_WAIT)
    return USUAL_WAIT
