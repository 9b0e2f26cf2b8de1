"""Why a model's server gave no answer: whose the trouble is, and whether it passes by itself.

Codes and words are those that were published by September 2026: in the error pages of Anthropic, OpenAI, Azure,
Google, Bedrock, Mistral, DeepSeek, Moonshot, Zhipu, MiniMax, Groq, xAI and OpenRouter, in the sources of vLLM, SGLang,
llama.cpp, Ollama, LM Studio and LiteLLM, and in the issues of those who use them. A code counts for more than words,
for a limit per minute speaks of billing too.
"""

from __future__ import annotations

import re
from typing import Literal

Cause = Literal[
    "content", "busy", "loading", "credit", "closed", "key", "region", "access", "profile", "model", "long", "output"
]
"""A filter refused what was asked (`content`); it passes by itself, soon (`busy`) or when the model is there
(`loading`); it is the account's (`credit` to `access`), or the configuration's (`profile` to `output`).
"""

TRANSIENT = frozenset({408, 409, 424, 425, 429, 498, 499, 500, 502, 503, 504, 507, 508, *range(520, 531)})
"""424 is a fault of the model itself (Bedrock, text-generation-inference), 498 and 499 are Groq's, 529 Anthropic's, the
others from 520 on Cloudflare's.
"""
STATUSES = {
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "rate_limit_reached": 429,
    "ratelimitreached": 429,
    "ratelimitexceeded": 429,
    "resource_exhausted": 429,
    "throttlingexception": 429,
    "too_many_requests": 429,
    "overloaded_error": 529,
    "overloaded": 529,
    "unavailable": 503,
    "unavailable_error": 503,
    "service_unavailable": 503,
    "serviceunavailableexception": 503,
    "modelnotreadyexception": 503,
    "timeout": 504,
    "timeout_error": 504,
    "deadline_exceeded": 504,
    "server_error": 500,
    "api_error": 500,
    "internal": 500,
    "internal_error": 500,
    "internal_server_error": 500,
    "internalservererror": 500,
    "invalid_request_error": 400,
    "invalid_argument": 400,
    "failed_precondition": 400,
    "validationexception": 400,
    "authentication_error": 401,
    "unauthenticated": 401,
    "billing_error": 402,
    "permission_error": 403,
    "permission_denied": 403,
    "accessdeniedexception": 403,
    "not_found_error": 404,
    "not_found": 404,
    "model_not_found": 404,
    "resourcenotfoundexception": 404,
    "request_too_large": 413,
}
"""What statuses are called where they are only named."""
_LIMITS = frozenset(name for name, status in STATUSES.items() if status == 429)

_FILTERED = re.compile(
    r"\b(content_?filter(ed|_error)?|content_policy_violation|responsibleaipolicyviolation|data_?inspection_?failed"
    r"|invalid_prompt|prohibited_content|guardrail_intervened|safety|blocklist|spii|recitation|moderation(_error)?"
    r"|content_violation|unsafe_content|1301|1026|1027)\b"
)
_FILTERED_SAID = re.compile(
    r"content[ _](filter|management|moderation|safety|exists risk|violates|polic)|usage (polic|guideline)|\bflagged\b"
    r"|safety (system|filter|polic|setting|check)|responsible ?ai|(prohibited|inappropriate|sensitive|unsafe) content"
    r"|considered high risk|requires moderation|prompt (was |is )?blocked|blocked by .{0,40}polic"
    r"|guardrail.{0,40}(interven|violat|block|fail|reject)|(block|reject|violat)\w*.{0,40}(guardrail|safety)"
)
_UNPAID = re.compile(
    r"credit[ _]balance|billing_(not_active|disabled|hard_limit)|account is not active|billing hard limit"
    r"|payment[ _](required|instrument)|requires billing|arrearage|\u4f59\u989d\u4e0d\u8db3|\u6b20\u8d39"
)
_SPENT = re.compile(
    r"insufficient[ _](account )?(quota|balance|credits?|funds)|exceeded_current_quota|quota_exhausted|budget_exceeded"
    r"|usage_limit_reached|\b(1113|1008)\b|(any|out of|enough|more|purchase|buy|available) credits|has no credits"
    r"|spend(ing)? (limit|cap)|(key|monthly|credit|usage|prepaid) limits? (has been |was |is )?(reached|exceeded)"
    r"|reached your .{0,40}usage limit|budget (has been |is )?exceeded|exceeded .{0,30}budget|(please|to) recharge"
    r"|top[- ]up|past due"
)
_USED_UP = re.compile(r"(exceeded|exhausted|reached) .{0,20}\bquota|quota .{0,20}(exceeded|exhausted)|plan and billing")
_PER_TIME = re.compile(
    r"per[ _-]?(second|minute|min|hour|day)\b|\b(rpm|tpm|rpd|tpd)\b|rate[ _-]?limit|too many requests|throttl|concurren"
    r"|(try again|retry|resets?|wait|available)\b.{0,20}\b(in|after|for)\b.{0,12}\d"
)
_TOO_MUCH_AT_ONCE = re.compile(r"request too large|tokens must be reduced")
_CLOSED = re.compile(
    r"account_deactivated|(account|organization|team).{0,60}\b(deactivated|suspended|disabled|terminated|banned)\b"
    r"|access .{0,10}terminated"
)
_LOADING = re.compile(r"\bloading\b|(is|being) loaded|not (yet )?(ready|loaded)|warming up|starting up")
_BROKEN = re.compile(r"fail|error|cannot|could ?n.?t|unable|memory")
_KEY = re.compile(
    r"(api[ _-]?key|credential|(access|auth\w*|bearer|security|session) token)s?\b.{0,40}"
    r"(invalid|not valid|incorrect|expired|missing|required|revoked|leaked)"
    r"|(invalid|incorrect|expired|missing|wrong|revoked|no)[ _].{0,20}"
    r"(api[ _-]?key|credential|(auth\w*|bearer|security) token)"
    r"|api_key_invalid|unrecognizedclient|signature .{0,60}not match"
)
_PROFILE = re.compile(r"on-demand throughput|inference profile")
_REGION = re.compile(
    r"unsupported_country|(country|region|territory|location)\b.{0,40}\bnot (supported|available|allowed)"
    r"|not (supported|available|allowed|offered) (in|for) (your|this|the) .{0,30}(country|region|territory|location)"
)
_OUTPUT = re.compile(
    r"max_(completion_|output_)?tokens\b.{0,80}(too large|at most|maximum|exceed|less than|range|> ?\d)"
    r"|(at most|maximum) .{0,40}(completion|output) tokens|maximum tokens you requested"
)
_LONG = re.compile(
    r"context[ _](length|window|size|limit)|context .{0,10}overflow|exceed_context|request_too_large|string_above_max"
    r"|(prompt|input|request|message|string)s? (is |are |was )?too (long|large)|too many (input )?tokens"
    r"|(maximum|max) (context|prompt|input) (length|size)|(input|prompt) (length|tokens?|size)\b.{0,40}exceed"
    r"|exceed\w* .{0,60}((number of|model) tokens?|token limit|tokens? allowed|limit of \d|context)"
    r"|exceeded model token limit|reduce .{0,20}(length|size) of|reduce your (prompt|input|message)"
    r"|`inputs` (tokens|must)|longer than the (maximum )?model|max_?model_?len|range of input length"
    r"|current length is .{0,40}limit is|max_tokens must be at least 1"
)
_MODEL = re.compile(
    r"model.{0,80}(not (be )?found|not exist|unknown|invalid|decommissioned|deprecated|retired|no longer)"
    r"|model_not_found|(invalid|unknown|no such|provided) model|deploymentnotfound|no endpoints found"
    r"|marked .{0,20}legacy|unexpected endpoint|(unknown|invalid) (request )?url|no models? loaded"
)
_ACCESS = re.compile(
    r"n[o']t have (access|permission)|not authorized|access ?denied|use case details|must be verified|no permission"
    r"|verify .{0,20}organi|gated (model|repo)|not (been )?(granted|enabled for)"
)
_FORM = re.compile(r"response_format|json_schema|json_object|json mode|structured output|grammar|schema|parameters")


def cause_of(status: int, named: frozenset[str], said: str, after: float | None) -> Cause | None:
    """The cause of a Fault, by its fields; None where the request was refused for no reason that is known here."""
    names = " ".join(sorted(named))
    both = f"{names} {said}"
    if status == 402 or _UNPAID.search(both) or (_SPENT.search(both) and not _PER_TIME.search(said)):
        return "credit"
    if status == 429 or named & _LIMITS:
        if _TOO_MUCH_AT_ONCE.search(said):
            return "long"
        passes = bool(named & _LIMITS or after or _PER_TIME.search(said))
        return "busy" if passes or not _USED_UP.search(said) else "credit"
    if _CLOSED.search(both):
        return "closed"
    if _FILTERED.search(names) or (status < 500 and _FILTERED_SAID.search(said)):
        return "content"
    if (status >= 500 or status in {0, 425}) and _LOADING.search(said) and not _BROKEN.search(said):
        return "loading"
    if status == 500 and _LONG.search(both):
        return "long"
    if status in TRANSIENT:
        return "busy"
    return _for_a_person(status, both) or ("busy" if status == 0 else None)


def _for_a_person(status: int, said: str) -> Cause | None:
    """What only a person can change: the key, what it may use, the configuration."""
    if status == 401 or _KEY.search(said):
        return "key"
    if _PROFILE.search(said):
        return "profile"
    if status == 451 or _REGION.search(said):
        return "region"
    if _OUTPUT.search(said) and "context" not in said:
        return "output"
    if status == 413 or _LONG.search(said):
        return "long"
    if _MODEL.search(said):
        return "model"
    if status == 403 or _ACCESS.search(said):
        return "access"
    return "model" if status in {404, 410} else None


def may_be_the_form(status: int, named: frozenset[str], said: str, cause: Cause | None) -> bool:
    """Whether a request of a simpler form may be taken: for all that is known, no more than the form was looked at."""
    if status in {400, 422}:
        return cause in {None, "model"} and "model_not_found" not in named
    return status in {404, 500, 501} and _FORM.search(said) is not None
