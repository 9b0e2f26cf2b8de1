"""That a request is the Bot Connector's, for this bot, and was sent just now.

By learn.microsoft.com, azure/bot-service/rest-api/bot-framework-rest-connector-authentication, step 4. The token is of
whoever sends, and not of what is sent: that the body is as it was sent is for TLS alone, so the token is repeated
nowhere and goes no further than this.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import jwt

from copilot.edges.chat.teams.keys import SigningKeys
from copilot.edges.doors import Refused

ISSUER = "https://api.botframework.com"
ALGORITHM = "RS256"
CHANNEL = "msteams"
SKEW = 300
"""Seconds that a token's times may be off, either way."""
LARGEST = 8_000
_BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)", re.IGNORECASE)


def service_url_of(authorization: str, app: str, keys: SigningKeys, now: float) -> str:
    """The service URL that a request's `Authorization` is good for, "" where it names none. `app` is the bot's app id,
    `now` in seconds since 1970.

    Raises Refused, and RetryableError where the keys cannot be read.
    """
    found = _BEARER.fullmatch(authorization.strip()) if len(authorization) <= LARGEST else None
    if found is None:
        raise Refused(401, "It comes with no token of Teams'.", again=True)
    token = found[1]
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise Refused(401, "Its token is none.", again=True) from None
    id = header.get("kid")
    key = keys.key(id) if isinstance(id, str) else None
    if key is None or CHANNEL not in key.endorses:
        raise Refused(401, "Its token is signed with no key of Teams'.", again=True)
    try:
        claims = jwt.decode(
            token,
            key.public,
            algorithms=[ALGORITHM],
            audience=app,
            issuer=ISSUER,
            options={"require": ["exp"], "verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )
    except jwt.InvalidAudienceError:
        raise Refused(401, "Its token is for another app.") from None
    except jwt.PyJWTError:
        raise Refused(401, "Its token is not signed by Teams.", again=True) from None
    _check_times(claims, now)
    url = claims.get("serviceurl") or claims.get("serviceUrl") or ""
    return url if isinstance(url, str) else ""


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    """The clock is handed in, which PyJWT does not take."""
    since, until = (_number(claims.get(name, missing)) for name, missing in (("nbf", now), ("exp", 0)))
    if not since - SKEW <= now <= until + SKEW:
        raise Refused(401, "Its token is not good any more, or not yet.", again=True)


def _number(value: Any) -> float:
    """NaN, which is neither before nor after anything, of what is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")
