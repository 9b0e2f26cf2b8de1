"""Private keys of every kind: PEM and PGP blocks whole or cut off, PuTTY's, JSON web keys, and these in base64."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left
from collections.abc import Iterator

from copilot.text.masking.lazily import compiled
from copilot.text.masking.spans import Span

_FAR = 60_000
"""A block longer than this, in characters, is none."""
_BLANK = r"(?: |%20|\+)"
_LABEL = rf"(?:[A-Z0-9 %+]{{0,40}}(?:PRIVATE|PGP{_BLANK}SECRET){_BLANK}KEY(?:{_BLANK}BLOCK)?|OpenVPN Static key V1)"
_BEGIN = rf"-{{4,5}} ?BEGIN{_BLANK}{_LABEL} ?-{{4,5}}"
_END = rf"-{{4,5}} ?END{_BLANK}{_LABEL} ?-{{4,5}}"
# What a block is made of between those lines, escaped line ends and the headers of encrypted ones included.
_HEADER = r"(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|Subject|x-[\w-]+): ?[^\n\\\"']*"
_BODY = rf"(?:\s|\\{{1,15}}[nrt]|%0[AaDd]|{_HEADER}|(?:[A-Za-z0-9/=]|\+|%2[BbFf]|%3[Dd])+)*+"
_PIECE = r"[A-Za-z0-9+/]{16,}={0,2}|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]+={1,2}"
_BREAK = r"(?:\s|\\{1,15}[nrt])"
_MORE = (
    rf"(?:{_BREAK}+[A-Za-z0-9+/]{{40,}}={{0,2}})*"
    r"(?:(?:[ \t]*(?:\r?\n|\\{1,15}[nrt]))+[ \t]*[A-Za-z0-9+/]{1,76}={0,2}(?=\s*(?:\Z|\n|\\{0,15}\")))?"
)
# How keys begin that stand without those lines: DER of PKCS #1, #8 and #12, SEC 1, OpenSSH's, PuTTY's and Java's own.
_DER = (
    r"(?:MII[A-Za-z0-9+/]{2}[AQgw]IB(?:AAK[A-D]|ADAN|AzCC)|MI(?:G|H)[A-Za-z0-9+/]AgE[AB][A-Za-z0-9+/]|MHcCAQEE|MGsCAQEE"
    r"|MC4CAQAwBQYDK2V|MFECAQEwBQYDK2V|b3BlbnNzaC1rZXktdjE|UHVUVFktVXNlci1LZXktRmlsZ|/u3\+7QAAAA)[A-Za-z0-9+/]{16,}={0,2}"
)
_DER_HINTS = ("MII", "MIG", "MIH", "MHc", "MGs", "MC4", "MFE", "b3Bl", "UHVU", "/u3+7Q")
_MEMBERS = r"(?<!\\)(\\*\")(?:d|p|q|dp|dq|qi|k)\1\s*:\s*\1([\w-]{8,})\1"


def keys(text: str) -> Iterator[Span]:
    """Where in the text private keys are."""
    if "BEGIN" in text or "END" in text:
        yield from _blocks(text)
    if "Private-Lines:" in text:
        yield from _of_putty(text)
    if "LS0t" in text:
        yield from _blocks_in_base64(text)
    if "kty" in text:
        yield from _members(text)
    if "<RSAKeyValue>" in text:
        yield from _elements(text)
    if any(hint in text for hint in _DER_HINTS):
        yield from _without_lines(text)


def is_key_line(line: str) -> bool:
    """Whether this line begins a private key, of which the next lines are parts."""
    return compiled(_BEGIN).search(line) is not None


def ends_key(line: str) -> bool:
    return compiled(_END).search(line) is not None


def _blocks(text: str) -> Iterator[Span]:
    """Whole where nothing else is in the block; else, as in a list of lines or a log, what is of the key."""
    ends = list(compiled(_END).finditer(text))
    starts = [end.start() for end in ends]
    begins = [*compiled(_BEGIN).finditer(text)]
    used = set()
    for place, begin in enumerate(begins):
        last = begins[place + 1].start() if place + 1 < len(begins) else len(text)
        number = bisect_left(starts, begin.end())
        end = ends[number] if number < len(ends) and starts[number] < min(last, begin.end() + _FAR) else None
        body = compiled(_BODY).match(text, begin.end(), min(last, begin.end() + _FAR))
        if end and body and body.end() >= end.start():
            yield Span(begin.start(), end.end())
        elif end:
            yield Span(*begin.span())
            yield from _pieces(text, begin.end(), end.start())
        elif (cut := _cut_off(text, begin.end(), last)) > begin.end():
            yield Span(begin.start(), cut)
        if end:
            used.add(number)
    for number, end in enumerate(ends):
        if number not in used:  # its beginning was cut off
            yield from _pieces(text, max(ends[number - 1].end() if number else 0, end.start() - _FAR), end.start())


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    for found in compiled(_PIECE).finditer(text, start, end):
        yield Span(*found.span())


def _cut_off(text: str, start: int, end: int) -> int:
    """How far a block goes that has no end: lines of base64, and what is left of the last."""
    found = compiled(
        rf"(?:{_BREAK}*(?:[A-Za-z0-9+/=]{{16,}}|{_HEADER}))*+(?:{_BREAK}+[A-Za-z0-9+/=]+(?=\s*(?:\Z|\\{{0,15}}\")))?"
    ).match(text, start, min(end, start + _FAR))
    return found.end() if found else start


def _of_putty(text: str) -> Iterator[Span]:
    for found in compiled(rf"Private-Lines: *\d+{_BREAK}+((?:[A-Za-z0-9+/=]+(?![:\w-]){_BREAK}*)+)").finditer(text):
        yield Span(found.start(1), found.start(1) + len(found[1].rstrip("\\nr \t\r\n")))


def _blocks_in_base64(text: str) -> Iterator[Span]:
    for found in compiled(rf"(?<![A-Za-z0-9+/])LS0t[A-Za-z0-9+/]{{20,}}={{0,2}}{_MORE}").finditer(text):
        if "PRIVATE KEY" in _decoded(found[0]):
            yield Span(*found.span())


def _elements(text: str) -> Iterator[Span]:
    """The private ones of a key in XML."""
    for found in compiled(r"<(D|P|Q|DP|DQ|InverseQ)>([A-Za-z0-9+/=\s]{8,})</\1>").finditer(text):
        yield Span(*found.span(2))


def _without_lines(text: str) -> Iterator[Span]:
    """Keys that no line begins or ends, known by their first bytes."""
    for found in compiled(rf"(?<![A-Za-z0-9+/]){_DER}{_MORE}").finditer(text):
        yield Span(*found.span())


def _members(text: str) -> Iterator[Span]:
    """The private members of JSON web keys: those of an object that says what type of key it is."""
    done = 0
    for found in compiled(r"(?<!\\)\\*\"kty\\{0,15}\"").finditer(text):
        if found.start() < done:
            continue
        least = max(found.start() - 8_000, done)
        start = max(text.rfind("{", least, found.start()), least)
        done = text.find("}", found.end(), found.end() + 8_000)
        done = done if done > 0 else min(len(text), found.end() + 8_000)
        for member in compiled(_MEMBERS).finditer(text, start, done):
            yield Span(*member.span(2))


def _decoded(text: str) -> str:
    """What base64 stands for."""
    begins = "".join(compiled(r"[A-Za-z0-9+/]+").findall(text.replace("\\n", " ").replace("\\r", " ")))
    try:
        return base64.b64decode(begins[: len(begins) // 4 * 4]).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
