"""Kubernetes Secrets and AWS's SecureStrings: what they hold is secret under any name."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.text.masking.lazily import compiled
from copilot.text.masking.names import Kind
from copilot.text.masking.reading import QUOTE, Value, value_at, within
from copilot.text.masking.spans import Span
from copilot.text.masking.values import Sure, is_secret

_KIND = rf"\bkind({QUOTE})?\s*:\s*(?:{QUOTE})?Secret(?![\w])"
_DATA = rf"\b(?:data|stringData)(?:{QUOTE})?\s*:\s*"
_MEMBER = rf"[{{,]\s*({QUOTE})[\w./-]+\1\s*:\s*(?={QUOTE})"
_LINE = r"[ \t]*([\w./-]+):[ \t]+(?=\S)"
_FAR, _NEAR = 60_000, 8_000
"""Characters that a document and an object have at most."""


def manifests(text: str) -> Iterator[Span]:
    """Where in the text such things hold what."""
    if "Secret" in text and "ata" in text:
        done = 0
        for kind in compiled(_KIND).finditer(text):
            if kind.start() >= done:
                start, end = _object(text, kind.start()) if kind[1] else _document(text, kind.start())
                done = max(end, kind.end())
                yield from _data(text, start, end)
    if "SecureString" in text:
        for row in compiled(r"\tSecureString\t(?=[^\t\n])").finditer(text):  # as --output text has it
            yield from _secret(text, value_at(text, row.end(), certain=True))
        done = 0
        for found in compiled(rf"(?:{QUOTE})SecureString").finditer(text):
            if found.start() >= done:
                start, end = _object(text, found.start())
                done = max(end, found.end())
                if member := compiled(r"\"Value\\{0,15}\"\s*:\s*(?=\\{0,15}\")").search(text, start, end):
                    yield from _secret(text, value_at(text, member.end(), certain=True))


def _object(text: str, at: int) -> tuple[int, int]:
    """From where to where the object of JSON goes in which this stands, as far as it is near."""
    depth = 0
    start, end = max(at - _NEAR, 0), min(at + _NEAR, len(text))
    for brace in reversed(list(compiled("[{}]").finditer(text, start, at))):
        depth += 1 if brace[0] == "{" else -1
        if depth > 0:
            start = brace.start()
            break
    depth = 0
    for brace in compiled("[{}]").finditer(text, at, end):
        depth += 1 if brace[0] == "}" else -1
        if depth > 0:
            end = brace.start()
            break
    return start, end


def _document(text: str, at: int) -> tuple[int, int]:
    """From where to where the document of YAML goes in which this stands."""
    start, end = text.rfind("\n---", 0, at) + 1, text.find("\n---", at)
    return max(start, at - _FAR), min(len(text) if end < 0 else end, at + _FAR)


def _data(text: str, start: int, end: int) -> Iterator[Span]:
    for found in compiled(_DATA).finditer(text, start, end):
        if text[found.end() : found.end() + 1] == "{":
            at, close = found.end(), text.find("}", found.end(), end + 1)
            while at < close and (member := compiled(_MEMBER).search(text, at, close)):
                value = value_at(text, member.end(), certain=True)
                yield from _secret(text, value)
                at = value.end if value else member.end()
        else:
            indent = found.start() - text.rfind("\n", 0, found.start()) - 1
            yield from _lines(text, text.find("\n", found.start()) + 1 or end, end, indent)


def _lines(text: str, at: int, end: int, indent: int) -> Iterator[Span]:
    """Of a block of YAML further in than this."""
    while at < end and (line := compiled(_LINE).match(text, at, end)):
        if len(line[0]) - len(line[0].lstrip()) <= indent:
            return
        value = value_at(text, line.end())
        if value and not value.quoted and (rest := compiled(r"[^\n#]*").match(text, value.start, end)):
            value = Value(value.start, within(text, value.start, value.start + len(rest[0].rstrip())), False)
        yield from _secret(text, value)
        at = text.find("\n", line.end()) + 1 or end


def _secret(text: str, value: Value | None) -> Iterator[Span]:
    if value and is_secret(text[value.start : value.end], Kind.PASSWORD, Sure.DATA):
        yield Span(value.start, value.end)
