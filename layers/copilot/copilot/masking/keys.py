"""Private keys of every kind: PEM and PGP blocks whole or cut off, PuTTY's, JSON web keys, and these in base64."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from copilot.masking.lazily import compiled
from copilot.masking.spans import Span

_FAR = 60_000
"""A block longer than this, in characters, is none."""
_BEGIN = r"-{4,5} ?BEGIN(?: |%20|\+)[A-Z0-9 %+]{0,40}PRIVATE(?: |%20|\+)KEY(?:(?: |%20|\+)BLOCK)? ?-{4,5}"
_END = r"-{4,5} ?END(?: |%20|\+)[A-Z0-9 %+]{0,40}PRIVATE(?: |%20|\+)KEY(?:(?: |%20|\+)BLOCK)? ?-{4,5}"
# What a block is made of between those lines, escaped line ends and the headers of encrypted ones included.
_LINE = (
    r"(?:\s|\\+[nrt]|%0[AaDd]|(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|Subject|x-[\w-]+): ?[^\n\\\"']*"
    r"|(?:[A-Za-z0-9/=]|\+|%2[BbFf]|%3[Dd])+)"
)
_PIECE = r"[A-Za-z0-9+/]{16,}={0,2}|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]+={1,2}"
# How keys begin that stand without those lines: DER of PKCS #1, #8 and #12, SEC 1, and OpenSSH's own, all in base64.
_DER = (
    r"(?:MII[A-Za-z0-9+/]{2}[AQgw]IB(?:AAK[A-D]|ADAN|AzCC)|MI(?:G|H)[A-Za-z0-9+/]AgE[AB][A-Za-z0-9+/]|MHcCAQEE|MGsCAQEE"
    r"|MC4CAQAwBQYDK2V|MFECAQEwBQYDK2V|b3BlbnNzaC1rZXktdjE|UHVUVFktVXNlci1LZXktRmlsZ)[A-Za-z0-9+/]{16,}={0,2}"
)
_MEMBERS = r"(\\*\")(?:d|p|q|dp|dq|qi|k)\1\s*:\s*\1([\w-]{8,})\1"


def keys(text: str) -> Iterator[Span]:
    """Where in the text private keys are."""
    if "PRIVATE" in text and "KEY" in text:
        yield from _blocks(text)
    if "Private-Lines:" in text:
        for found in compiled(r"Private-Lines: *\d+((?:(?:\s|\\+[nr])+[A-Za-z0-9+/=]+(?![:\w-]))+)").finditer(text):
            lead = compiled(r"(?:\s|\\+[nr])*").match(found[1])
            yield Span(found.start(1) + (lead.end() if lead else 0), found.end(1))
    if "LS0t" in text:
        for found in compiled(r"(?<![A-Za-z0-9+/])LS0t[A-Za-z0-9+/]{20,}={0,2}").finditer(text):
            if "PRIVATE KEY" in _decoded(found[0]):
                yield Span(*found.span())
    if "kty" in text:
        yield from _members(text)
    if any(hint in text for hint in ("MII", "MIG", "MIH", "MHc", "MGs", "MC4", "MFE", "b3Bl", "UHVU")):
        for found in compiled(rf"(?<![A-Za-z0-9+/]){_DER}(?:(?:\s|\\+[nr])+[A-Za-z0-9+/]{{40,}}={{0,2}})*").finditer(
            text
        ):
            yield Span(*found.span())


def is_key_line(line: str) -> bool:
    """Whether this line begins a private key, of which the next lines are parts."""
    return compiled(_BEGIN).search(line) is not None


def ends_key(line: str) -> bool:
    return compiled(_END).search(line) is not None


def _blocks(text: str) -> Iterator[Span]:
    """Whole where nothing else is in the block; else, as in a list of lines or a log, what is of the key."""
    done = 0
    for begin in compiled(_BEGIN).finditer(text):
        if begin.start() < done:
            continue
        found = compiled(_END).search(text, begin.end(), begin.end() + _FAR)
        body = compiled(rf"{_LINE}*+").match(text, begin.end(), begin.end() + _FAR)
        clean = body.end() if body else begin.end()
        if found and clean >= found.start():
            yield Span(begin.start(), found.end())
            done = found.end()
        elif found and compiled(_BEGIN).search(text, begin.end(), found.start()) is None:
            yield Span(*begin.span())
            yield from _pieces(text, begin.end(), found.start())
            done = found.end()
        else:
            done = _cut_off(text, begin.end())
            yield Span(begin.start(), done)
    for end in compiled(_END).finditer(text, done):
        # Its beginning was cut off, or stands where this text does not reach.
        yield from _pieces(text, max(done, end.start() - _FAR), end.start())
        done = end.end()


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    for found in compiled(_PIECE).finditer(text, start, end):
        yield Span(*found.span())


def _cut_off(text: str, start: int) -> int:
    """How far a block goes that has no end: lines of base64, and what is left of the last."""
    found = compiled(
        r"(?:(?:\s|\\+[nrt])*(?:[A-Za-z0-9+/=]{16,}|(?:Proc-Type|DEK-Info|Version|Comment): ?[^\n\\\"']*))*+"
        r"(?:(?:\n|\\+n)[ \t]*[A-Za-z0-9+/=]+(?=\s*(?:\Z|\\*\")))?"
    ).match(text, start, start + _FAR)
    return found.end() if found else start


def _members(text: str) -> Iterator[Span]:
    """The private members of JSON web keys: those of an object that says what type of key it is."""
    for found in compiled(r"\\*\"kty\\*\"").finditer(text):
        start = max(text.rfind("{", found.start() - 8_000 if found.start() > 8_000 else 0, found.start()), 0)
        end = text.find("}", found.end(), found.end() + 8_000)
        for member in compiled(_MEMBERS).finditer(text, start, end if end > 0 else min(len(text), found.end() + 8_000)):
            yield Span(*member.span(2))


def _decoded(text: str) -> str:
    """The beginning of what base64 stands for."""
    begins = text[:96].rstrip("=")
    try:
        return base64.b64decode(begins[: len(begins) // 4 * 4]).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
