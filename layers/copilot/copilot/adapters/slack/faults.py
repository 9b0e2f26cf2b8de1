"""What Slack refuses, as our errors: which class depends on what the caller should do about it.

Nothing it says is repeated but its own word for it, and the scope that it wants: docs.slack.dev, reference/methods,
November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from copilot.errors import Conflict, CopilotError, FatalError, NotFound, PermissionDenied, RetryableError

LONGEST_WAIT = 3600
USUAL_WAIT = 30
"""Seconds, where Slack wants to be asked later and does not say when."""
_WORD = re.compile(r"[a-z][a-z0-9_]{0,60}")
_SCOPES = re.compile(r"[a-z][a-z:._,]{0,200}")
_LATER = frozenset("fatal_error internal_error ratelimited rate_limited request_timeout service_unavailable".split())
_NOT_THERE = frozenset(
    "cant_update_message channel_not_found file_deleted file_not_found message_not_found thread_not_found "
    "user_not_found user_not_in_channel users_not_found".split()
)
_SETUP = "devops-copilot chat slack setup"
_REFUSED: Mapping[str, str] = {
    "access_denied": "ask an owner of the workspace whether the app may do this",
    "account_inactive": f"the app was removed from the workspace: install it again, then run `{_SETUP}`",
    "cannot_dm_bot": "a bot has no direct messages: name a person",
    "ekm_access_denied": "ask an owner of the workspace: messages are suspended there",
    "invalid_auth": f"its token is not valid: run `{_SETUP}` with the bot token of the installed app",
    "is_archived": "the channel is archived: name another one",
    "missing_scope": f"the app lacks a scope: `{_SETUP} --dry-run` prints those it needs; install it again with them",
    "no_permission": "ask an owner of the workspace whether the app may do this",
    "not_allowed_token_type": f"the token is no bot token: run `{_SETUP}` with the one that begins with xoxb-",
    "not_authed": f"there was no token: run `{_SETUP}`",
    "not_enabled": f"the app has no Home tab: `{_SETUP} --dry-run` prints the manifest that gives it one",
    "not_in_channel": "invite the copilot to the channel: /invite @ and its name",
    "restricted_action": "ask an owner of the workspace: who may post there is restricted",
    "team_access_not_granted": "ask an owner of the organisation to grant the app that workspace",
    "token_expired": f"its token has expired: run `{_SETUP}` with a new one",
    "token_revoked": f"its token was revoked: install the app again, then run `{_SETUP}`",
}


def refused(what: str, status: int, headers: Mapping[str, str], body: Mapping[str, object]) -> CopilotError:
    """The error for a reply that is none of what was asked. `what` was being done, in words of ours."""
    word = _known(_WORD, body.get("error"))
    if status == 429 or word in {"ratelimited", "rate_limited"}:
        seconds = _seconds(headers)
        message = f"{what}: Slack takes no more for now, and wants to be asked again in {seconds} s"
        return RetryableError(message, ours=True, seconds=seconds)
    if word == "hash_conflict":
        return Conflict(f"{what}: it was changed meanwhile ({word})", ours=True)
    if word == "streaming_state_conflict":
        return RetryableError(f"{what}: Slack still streams it, for five minutes at most ({word})", ours=True)
    if status >= 500 or word in _LATER:
        return RetryableError(f"{what}: Slack has a fault of its own ({word or status})", ours=True)
    if word in _NOT_THERE:
        return NotFound(f"{what}: Slack does not have it, or the copilot may not see it ({word})", ours=True)
    if word in _REFUSED:
        needed = _known(_SCOPES, body.get("needed"))
        said = f"{word}: {needed}" if word == "missing_scope" and needed else word
        return PermissionDenied(f"{what}: Slack refused it ({said}); {_REFUSED[word]}", ours=True)
    if status in {401, 403}:
        return PermissionDenied(f"{what}: Slack refused it ({status}); {_REFUSED['invalid_auth']}", ours=True)
    if 300 <= status < 400:
        return FatalError(
            f"{what}: the answer sends elsewhere ({status}), where the token is not taken; check the `endpoint` of "
            "this workspace in the configuration",
            ours=True,
        )
    return FatalError(f"{what}: Slack answered {word or f'with something else ({status})'}", ours=True)


def unanswered(what: str) -> RetryableError:
    return RetryableError(f"{what}: Slack could not be reached, or did not answer in time", ours=True)


def _known(form: re.Pattern[str], said: object) -> str:
    return said if isinstance(said, str) and form.fullmatch(said) else ""


def _seconds(headers: Mapping[str, str]) -> int:
    said = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return min(max(int(said), 1), LONGEST_WAIT) if re.fullmatch(r"\d{1,6}", said) else USUAL_WAIT
