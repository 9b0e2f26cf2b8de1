"""A name that says secret and its value in two members of one thing: {"name": "DB_PASSWORD", "value": "x"}."""

from __future__ import annotations

import re

from copilot.text.masking.lazily import compiled
from copilot.text.masking.names import TELLING, TOLD
from copilot.text.masking.reading import Value, value_at, within

_FAR = 500
"""Characters between the two."""
_IS = r"[ \t]*(?:=>|[:=])[ \t]*"
_QUOTE = r"\\{0,15}[\"']"
_NAMED = (
    rf"(?i)(?<![\w.-])(?:{'|'.join(TELLING)})(?:{_QUOTE})?{_IS}(?:{_QUOTE})?[\w./:-]{{0,100}}\Z"
    r"|<(?:name|key)>\s*[\w./-]{0,100}\Z"
)
# What comes next: the value, another name, the end of the object or of the item of a list.
_NEXT = (
    rf"(?i)(?P<value>(?<![\w.-])(?:{'|'.join(TOLD)})(?P<close>{_QUOTE})?{_IS}(?=\S)|<(?:value|string)>)"
    rf"|(?<![\w.-])(?:{'|'.join(TELLING[:-2])})(?:{_QUOTE})?{_IS}|[{{}}]|\n[ \t]*-[ \t]|\n[ \t]*\n|<(?:name|key)>"
)


def beside(text: str, start: int, end: int) -> Value | None:
    """The value that belongs to this name, which is the value of a member called name; empty where it has none.

    None where the name is not told as a name.
    """
    named = compiled(_NAMED).search(text, max(start - 140, 0), start)
    if named is None or not compiled(r"\\{0,15}[\"']|[\s,;<}\])]|\\{1,15}[nr]|\Z").match(text, end):
        return None
    element = compiled(r"\\{0,15}[\"'][^<>\n]{0,80}(?<!/)>([^<>]{1,2048})</").match(text, end)
    if element:
        return Value(element.start(1), within(text, *element.span(1)), True)
    form = compiled(r"\"(?:\r?\n){2}([^\r\n]{1,2048})").match(text, end)
    if form:  # of a form as browsers send it
        return Value(*form.span(1), False)
    after = compiled(_NEXT).search(text, end, end + _FAR)
    if after and after["value"]:
        return _value(text, after)
    earlier = list(compiled(_NEXT).finditer(text, max(named.start() - _FAR, 0), named.start()))
    if earlier and earlier[-1]["value"]:
        value = _value(text, earlier[-1])
        if value.end <= named.start():
            return value
    return Value(end, end, False)


def _value(text: str, found: re.Match[str]) -> Value:
    at = found.end()
    if found["value"].startswith("<"):
        inner = compiled(r"[^<>]{1,2048}").match(text, at)
        return Value(at, within(text, at, inner.end()) if inner else at, True)
    return value_at(text, at, found["close"], certain=True) or Value(at, at, False)
