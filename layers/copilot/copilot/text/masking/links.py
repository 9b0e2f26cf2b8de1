"""Secrets in links: who logs in, what signs them, and what they are called with."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.text.masking.lazily import compiled
from copilot.text.masking.spans import Span
from copilot.text.masking.values import is_elsewhere, is_odd, is_random

# A password may hold what else ends it (p@ss/w0rd): it ends at the first @ with a host behind it.
_LOGIN = (
    r"://([^\s:/@\"'<>`\\?#]{0,256}):([^\s\"'<>`\\]{1,256}?)@"
    r"(?=(?:[\w.\-%${}]+|\[[\w:.%]+\])(?::[\w${}]+)*(?:[/?#,;)\]\s\"'<>`\\|&]|\Z)|/)"
)
_ALONE = r"://([^\s:/@\"'<>`\\?#]{12,512})@(?=[\w.\-]+)"
_ORACLE = r"jdbc:oracle:\w+:[\w.-]+/([^\s\"']{1,128})@(?=[\w/])"
_DRIVER = r"(?<![\w/.-])[\w.-]{1,64}:([^\s\"'<>]{1,128}?)@(?:tcp|udp|unix)\("
_PGPASS = r"(?m)^[\w.*-]+:(?:\d{1,5}|\*):[^:\s]+:[^:\s]+:([^\s:]{4,})$"
_PARAMETERS = (
    r"(?:[?&;]|%26|%3f|\\u0026|amp;)(?:sig|signature|x-amz-signature|x-goog-signature|code|key|auth|hmac|s|t)(?:=|%3d)"
)
_VALUE = r"[\w.~+/%-]{16,4096}={0,2}"


def links(text: str, lowered: str) -> Iterator[Span]:
    """Where in the links of this text secrets are. `lowered` is the text in small letters, of the same length."""
    if "://" in text:
        yield from _logins(text)
    if "jdbc:oracle:" in text:
        yield from _of_oracle(text)
    if "@tcp(" in text or "@unix(" in text:
        yield from _of_drivers(text)
    if any(port in text for port in (":5432:", ":5433:", ":6432:", ":*:")):
        yield from _of_pgpass(text)
    if "sig" in lowered or "code" in lowered or "key" in lowered or "://" in text:
        yield from _parameters(text, lowered)
    if "signature" in lowered:
        yield from _signatures(lowered)


def _logins(text: str) -> Iterator[Span]:
    for found in compiled(_LOGIN).finditer(text):
        if not _is_port(found[2]) and not is_elsewhere(found[2]):
            yield Span(*found.span(2))
    for found in compiled(_ALONE).finditer(text):
        if not is_elsewhere(found[1]) and is_random(found[1]):
            yield Span(*found.span(1))


def _of_oracle(text: str) -> Iterator[Span]:
    for found in compiled(_ORACLE).finditer(text):
        yield Span(*found.span(1))


def _of_drivers(text: str) -> Iterator[Span]:
    """What Go's drivers of databases are told: user:password@tcp(host)."""
    for found in compiled(_DRIVER).finditer(text):
        if not is_elsewhere(found[1]):
            yield Span(*found.span(1))


def _of_pgpass(text: str) -> Iterator[Span]:
    """Lines of PostgreSQL's file of passwords."""
    for found in compiled(_PGPASS).finditer(text):
        if is_odd(found[1]) or is_random(found[1]):
            yield Span(*found.span(1))


def _parameters(text: str, lowered: str) -> Iterator[Span]:
    for found in compiled(_PARAMETERS).finditer(lowered):
        value = compiled(_VALUE).match(text, found.end())
        if value and is_random(value[0]):
            yield Span(*value.span())


def _signatures(lowered: str) -> Iterator[Span]:
    """AWS's, in a header."""
    for found in compiled(r"\bsignature[=:] ?([0-9a-f]{64})(?![0-9a-f])").finditer(lowered):
        yield Span(*found.span(1))


def _is_port(text: str) -> bool:
    """Whether what follows the colon is a port and a path with an @ in it: https://host:8080/@user"""
    return compiled(r"\d{1,5}/").match(text) is not None
