"""What AWS refuses, as our errors: which class depends on what the caller should do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from botocore.parsers import ResponseParserError

from copilot.errors import CopilotError, FatalError, NotReady, PermissionDenied, RetryableError, ToolInputError

TRANSIENT = frozenset(
    "ConditionalRequestConflict "
    "EC2ThrottledException ExpiredToken ExpiredTokenException InternalError InternalFailure PriorRequestNotComplete "
    "RequestExpired RequestLimitExceeded RequestThrottled RequestThrottledException RequestTimeout "
    "RequestTimeoutException ServerException ServiceUnavailable SlowDown ThrottledException Throttling "
    "ThrottlingException TooManyRequestsException Unavailable".split()
)
REFUSED = frozenset(
    "AuthFailure InvalidClientTokenId NotAuthorized OptInRequired SignatureDoesNotMatch UnauthorizedOperation "
    "UnrecognizedClientException".split()
)
LONGEST = 240

_REQUEST_ID = re.compile(r"\s*\([^()]*Request ?ID[^()]*\)|[,;]?\s*Request ?ID:?\s*[\w-]+", re.IGNORECASE)
_ENCODED = re.compile(r"\.?\s*Encoded authorization failure message:.*", re.IGNORECASE)
_ACCESS_KEY = re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{8,}\b")


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turns what botocore raises into our errors. `doing` says in a few words what was tried, and of what."""
    try:
        yield
    except ClientError as error:
        raise _from_answer(error, doing) from None
    except (HTTPClientError, ConnectionError) as error:
        raise RetryableError(f"{doing}: {_plain(str(error))}") from None
    except ResponseParserError:
        # What it is in place of AWS's answer (a page of a proxy, of an emulator that lacks the service) says nothing.
        raise RetryableError(f"{doing}: what answered was not AWS") from None
    except BotoCoreError as error:
        raise FatalError(f"{doing}: {_plain(str(error))}") from None


def _from_answer(error: ClientError, doing: str) -> CopilotError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    message = f"{doing}: {_plain(error.response.get('Error', {}).get('Message') or code)}"
    if code in TRANSIENT or status >= 500 or status == 429:
        return RetryableError(message)
    if code in REFUSED or code.startswith("AccessDenied") or status in {401, 403}:
        return PermissionDenied(message)
    if _between_states(code):
        return NotReady(message)
    if "NotFound" in code or code.startswith("NoSuch"):
        return ToolInputError(message)
    return FatalError(message)


def _between_states(code: str) -> bool:
    """Whether one of the kinds of resources there are declares that it says so."""
    from copilot.adapters.aws.resources import kinds  # which read with roles, which are assumed with faults translated

    return any(code in kind.between for kind in kinds().values())


def _plain(message: str) -> str:
    """One line, without request ids, encoded blobs and access keys."""
    line = " ".join(message.split())
    for pattern, instead in ((_ENCODED, ""), (_REQUEST_ID, ""), (_ACCESS_KEY, "(key)")):
        line = pattern.sub(instead, line)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
