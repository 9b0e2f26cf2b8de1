"""Kubernetes Secrets and AWS's SecureStrings: what they hold is secret under any name."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.masking.lazily import compiled
from copilot.masking.names import Kind
from copilot.masking.reading import QUOTE, Value, value_at, within
from copilot.masking.spans import Span
from copilot.masking.values import Sure, is_secret

_KIND = rf"\bkind({QUOTE})?\s*:\s*(?:{QUOTE})?Secret(?![\w])"
_DATA = rf"\b(?:data|stringData)(?:{QUOTE})?\s*:\s*"
_MEMBER = rf"[{{,]\s*({QUOTE})[\w./-]+\1\s*:\s*(?={QUOTE})"
_LINE = r"[ \t]*([\w./-]+):[ \t]+(?=\S)"
_FAR = 60_000


def manifests(text: str) -> Iterator[Span]:
    """Where in the text such things hold what."""
    if "Secret" in text and "ata" in text:
        for kind in compiled(_KIND).finditer(text):
            yield from _data(text, *(_object(text, kind.start()) if kind[1] else _document(text, kind.start())))
    if "SecureString" in text:
        for found in compiled(rf"(?:{QUOTE})SecureString").finditer(text):
            member = compiled(r"\"Value\\*\"\s*:\s*(?=\\*\")").search(text, *_object(text, found.start()))
            if member:
                yield from _secret(text, value_at(text, member.end(), certain=True))


def _object(text: str, at: int) -> tuple[int, int]:
    """From where to where the object of JSON goes in which this stands."""
    depth, start = 1, at
    while depth and start > max(at - _FAR, 0):
        start = max(text.rfind("{", 0, start), text.rfind("}", 0, start))
        if start < 0:
            return 0, at
        depth += 1 if text[start] == "}" else -1
    depth, end = 1, at
    for brace in compiled("[{}]").finditer(text, at, at + _FAR):
        depth += 1 if brace[0] == "{" else -1
        end = brace.start()
        if not depth:
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
