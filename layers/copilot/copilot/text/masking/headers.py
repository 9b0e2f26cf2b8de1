"""Secrets in the headers of HTTP, and where else somebody logs in as they do: Authorization, Bearer, Basic, cookies."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from copilot.text.masking.lazily import compiled
from copilot.text.masking.spans import Span
from copilot.text.masking.values import MASK, is_elsewhere, is_odd, is_random

# A quote may be escaped, as in JSON within JSON.
_AUTHORIZATION = r"authorization\\{0,15}[\"']?\]?\s{0,4}(?:(?:[:=,]|=>|%3a)(?:\s|%20){0,4}\\{0,15}[\"']?|[\"'])"
_SCHEMES = frozenset(
    """
    api-key apikey apikey-v1 aws4-hmac-sha256 basic bearer bot digest discogs dpop geniekey googlelogin hawk hmac
    jwt key mac negotiate ntlm oauth private-token pveapitoken sharedaccesssignature sharedkey signature splunk
    ssws tok token vapid wrap
    """.split()
)
_WORD = r"[^\s,;\"'\\<>]+"
_CREDENTIALS = r"[A-Za-z0-9+/._~%=|:$-]+"
_QUOTED = r"(?:response|signature|mac|token|oauth_signature|oauth_token|apikey|sig|k)=\\{0,15}[\"']?([\w+/%=.~-]{8,})"
_LOGIN = r"(?<![A-Za-z0-9])_?auth(?:\\{0,15}[\"'])?[ \t]*[:=][ \t]*(?:\\{0,15}[\"'])?([A-Za-z0-9+/]{8,4096}={0,2})"
"""Of registries, in the files of Docker and npm."""
_COOKIE = r"(?:set-)?cookie\\{0,15}[\"']?\]?\s{0,4}(?:[:=,]|=>)\s{0,4}\\{0,15}[\"']?"
_PAIR = r"\s*([\w.$!#%&'*+^`|~-]{1,128})=([^\s;,\"'\\<>]{1,4096})"
_SESSION = r"sess|sid\b|^sid|auth|token|jwt|csrf|xsrf|remember|login|secret|passw|key|_id$|identity|credential"


def headers(text: str, lowered: str) -> Iterator[Span]:
    """Where in the headers of this text secrets are. `lowered` is the text in small letters, of the same length."""
    if "authorization" in lowered:
        for found in compiled(_AUTHORIZATION).finditer(lowered):
            yield from _authorization(text, found.end())
    if "bearer" in lowered or "basic" in lowered:
        for found in compiled(r"(?<![\w-])(bearer|basic)(?:[ \t]|%20|\+){1,4}").finditer(lowered):
            yield from _scheme(text, found[1], found.end())
    if "_auth" in lowered or '"auth' in lowered:
        for found in compiled(_LOGIN).finditer(text):
            if _is_login(found[1]) or is_random(found[1]):
                yield Span(*found.span(1))
    if "cookie" in lowered:
        for found in compiled(_COOKIE).finditer(lowered):
            yield from _cookies(text, found.end(), lowered[found.start()] == "s")


def _authorization(text: str, start: int) -> Iterator[Span]:
    first = compiled(_WORD).match(text, start)
    if first is None:
        return
    scheme = first[0].lower().partition("=")[0].rstrip(":")
    if scheme not in _SCHEMES:
        if _is_credentials(first[0]):
            yield Span(*first.span())
        return
    line = compiled(r"[^\r\n]{0,1000}").match(text, first.start())
    end = line.end() if line else first.end()
    for named in compiled(_QUOTED, 2).finditer(text, first.start(), end):
        yield Span(*named.span(1))
    second = compiled(rf"[ \t]+(?:token=\\{{0,15}}[\"']?)?({_CREDENTIALS})").match(text, first.end())
    if second is None or second[1][0] in "$%" or is_elsewhere(second[1]) or text.startswith(MASK, second.end()):
        return
    value = second[1]
    if scheme == "basic" or ("=" not in value.rstrip("=") and not value.startswith("username")):
        after = compiled(r"[ \t]+[a-z]{2,}\b").match(text, second.end())
        if not _is_plain(value) or (len(value) > 20 and after is None):
            yield Span(*second.span(1))


def _scheme(text: str, scheme: str, start: int) -> Iterator[Span]:
    """What follows Basic or Bearer without their header: words do in prose."""
    found = compiled(_CREDENTIALS).match(text, start)
    if found is None:
        return
    value = found[0].rstrip(".:")
    if is_elsewhere(value):
        return
    if scheme == "basic":
        known = _is_login(value) or is_random(value, 20)
    else:
        known = len(value) >= 8 and "=" not in value.rstrip("=") and (is_random(value, 8) or is_odd(value))
    if known:
        yield Span(start, start + len(value))


def _is_credentials(value: str) -> bool:
    return not is_elsewhere(value) and (is_random(value, 12) or is_odd(value))


def _is_plain(value: str) -> bool:
    """Whether it is a word, as in `Bearer token is missing`, and no credentials."""
    return compiled(r"[A-Za-z]*[a-z][a-z-]*[.:]?|[A-Z]{1,8}").fullmatch(value) is not None


def _is_login(value: str) -> bool:
    """Whether it is a name and a password in base64, as Basic has them."""
    value = value.replace("%3D", "=")
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return ":" in text and text.isprintable()


def _cookies(text: str, start: int, is_set: bool) -> Iterator[Span]:
    """What says who somebody is. Of Set-Cookie the first is the cookie; what follows says how long and where."""
    at = start
    while found := compiled(_PAIR).match(text, at):
        name, value = found[1].lower(), found[2]
        if not is_elsewhere(value) and (
            is_random(value)
            or (len(value) >= 6 and compiled(_SESSION).search(name) and (is_odd(value) or is_random(value, 6)))
        ):
            yield Span(*found.span(2))
        at = found.end()
        if is_set or text[at : at + 1] != ";":
            return
        at += 1
