"""What Teams and Entra refuse, as our errors: which class depends on what the caller should do about it.

Nothing they say is repeated but their own words and numbers for it: learn.microsoft.com, microsoftteams/platform/bots,
"Status code reference", and entra/identity-platform/reference-error-codes, November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from copilot.errors import CopilotError, FatalError, NotFound, PermissionDenied, RetryableError

LONGEST_WAIT = 3600
USUAL_WAIT = 30
"""Seconds, where Teams wants to be asked later and does not say when."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{0,60}")
_SUBCODE = re.compile(r'"subCode"\s*:\s*"([A-Za-z0-9]{1,60})"')
_AADSTS = re.compile(r"\bAADSTS(\d{4,7})\b")
_SETUP = "devops-copilot chat teams setup"
_LATER = frozenset({408, 412, 425})
"""Besides those of 500 and more: bots/how-to/rate-limit says that 412 is to be asked again."""
_NOT_THERE: Mapping[str, str] = {
    "BotNotInConversationRoster": "the app has to be added there: to the team, or by the person",
    "ConversationBlockedByUser": "they have blocked the copilot",
    "ForbiddenOperationException": "the app has to be added there: to the team, or by the person",
    "MessageWritesBlocked": "they have blocked or removed the copilot",
}
_REFUSED: Mapping[str, str] = {
    "BotDisabledByAdmin": "an administrator of the tenant has to allow the app (Teams admin center, Manage apps)",
    "InsufficientPrivileges": "add the app there again, as its manifest has it now",
}
_OF_ENTRA: Mapping[str, str] = {
    "7000215": f"the client secret is not valid: run `{_SETUP}` with the secret's value, not its id",
    "7000222": f"the client secret has expired: make another in Entra and run `{_SETUP}` with it",
    "700016": "there is no such app in this tenant: check `app` and the tenant's id, and that the bot is single-tenant",
    "90002": "there is no such tenant: check its id",
    "7000112": "the app is disabled in Entra: an administrator has to enable it",
    "7000229": "the app has no service principal in this tenant: an administrator has to add that",
}


def refused(what: str, status: int, headers: Mapping[str, str], body: object) -> CopilotError:
    """The error for a reply that is none of what was asked. `what` was being done, in words of ours."""
    word = _word(body)
    if status == 429:
        seconds = _seconds(headers)
        message = f"{what}: Teams takes no more for now, and wants to be asked again in {seconds} s"
        return RetryableError(message, ours=True, seconds=seconds)
    if status >= 500 or status in _LATER:
        return RetryableError(f"{what}: Teams has a fault of its own ({word or status})", ours=True)
    if status == 413:
        return FatalError(f"{what}: it is larger than Teams takes ({word or status})", ours=True)
    if status in {404, 410}:
        return NotFound(f"{what}: Teams does not have it, or the copilot may not see it ({word or status})", ours=True)
    if word in _NOT_THERE:
        return NotFound(f"{what}: the copilot is not there ({word}); {_NOT_THERE[word]}", ours=True)
    if status in {401, 403}:
        why = _REFUSED.get(word) or "`devops-copilot chat teams check` says whether its app is as it has to be"
        return PermissionDenied(f"{what}: Teams refused it ({word or status}); {why}", ours=True)
    if 300 <= status < 400:
        return FatalError(
            f"{what}: the answer sends elsewhere ({status}), where the token is not taken; check the `endpoint` of "
            "this tenant in the configuration",
            ours=True,
        )
    return FatalError(f"{what}: Teams answered {word or f'with something else ({status})'}", ours=True)


def no_token(status: int, body: object) -> CopilotError:
    """The error for a reply that has no token in it."""
    what = "getting a token of Entra's"
    said = body if isinstance(body, dict) else {}
    found = _AADSTS.search(str(said.get("error_description") or ""))
    code = found[1] if found else ""
    word = _known(said.get("error"), re.compile(r"[a-z_]{1,40}"))
    named = f"AADSTS{code}" if code else word or str(status)
    if status == 429 or status >= 500 or word == "temporarily_unavailable":
        return RetryableError(f"{what}: it has a fault of its own ({named})", ours=True)
    why = _OF_ENTRA.get(code) or f"run `{_SETUP}` with a client secret of the bot's app registration"
    return PermissionDenied(f"{what}: it was refused ({named}); {why}", ours=True)


def unanswered(what: str, whom: str = "Teams") -> RetryableError:
    return RetryableError(f"{what}: {whom} could not be reached, or did not answer in time", ours=True)


def _word(body: object) -> str:
    """Its code, and what that is about where it has such: the message of some is JSON once more."""
    said: Any = body if isinstance(body, dict) else {}
    error = said.get("error") if isinstance(said.get("error"), dict) else said
    within = _SUBCODE.search(str(error.get("message") or "")[:2000])
    return (within[1] if within else "") or _known(error.get("code"), _WORD)


def _known(said: object, form: re.Pattern[str]) -> str:
    return said if isinstance(said, str) and form.fullmatch(said) else ""


def _seconds(headers: Mapping[str, str]) -> int:
    said = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return min(max(int(said), 1), LONGEST_WAIT) if re.fullmatch(r"\d{1,6}", said) else USUAL_WAIT
