"""Names that say secret, with the value beside them and no sign between: --password x, <password>x</password>, said."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.text.masking.apart import beside
from copilot.text.masking.lazily import compiled
from copilot.text.masking.names import Kind
from copilot.text.masking.reading import QUOTE, Value, value_at, whole, within
from copilot.text.masking.spans import Span
from copilot.text.masking.tables import column
from copilot.text.masking.values import UUID, Sure, is_secret, is_told

# Between a name and what is said to be its value: is, a dash, the number of how it is encrypted, or a blank alone.
_OF = r"(?:[ \t]+(?:for|of|to|on)(?:[ \t]+[\w.-]{1,30}){1,3}?)?"
_TOLD = (
    rf"{_OF}[ \t]+(?:is|was|are)(?: now| set to)?[ \t]*:?[ \t]+|[ \t]*(?:\|\||\?\?)[ \t]*"
    r"|[ \t]+(?:[-–—→>]+|[0579](?=[ \t])|or(?=[ \t])|\.(?=[ \t]+\"))?[ \t]*"
)
_CELL = r"[ \t]*[|│][ \t]*"
_FIRST = r"(?:^|[|│\n])[ \t]*\Z"
_BELOW = r"[^\n:]{0,80}:[ \t]*(?:\r?\n|\\{1,15}n){1,3}[ \t]*(\S{8,200})[ \t]*(?:\r?\n|\\{1,15}n|\Z|\")"


def without_separator(text: str, start: int, end: int, kind: Kind) -> Iterator[Span]:
    """What stands behind a name, from `start` to `end`, with neither = nor : between them."""
    if (value := beside(text, start, end)) is not None:
        if value.end > value.start and is_secret(text[value.start : value.end], kind, Sure.DATA):
            yield Span(value.start, value.end)
    elif identified := compiled(rf"[ ]I[Dd][ \t]*[:=][ \t]*({UUID})").match(text, end):
        yield Span(*identified.span(1))
    elif cells := list(column(text, start, end)):
        yield from _of_cells(text, cells, kind)
    elif text[start : start + 1] == "-":
        yield from _of_option(text, start, end, kind)
    elif (default := _default_of_variable(text, start, end)) is not None:
        yield from _given(text, value_at(text, default), kind)
    elif _is_element(text, start, end):
        yield from _of_element(text, end, kind)
    elif called := compiled(rf"({QUOTE})?(?:\(|,)\s*(?={QUOTE})").match(text, end):
        # A call or two in a list: as often the names of two things.
        yield from _odd(text, value_at(text, called.end(), called[1]), kind)
    else:
        yield from _said(text, start, end, kind)


def _given(text: str, value: Value | None, kind: Kind) -> Iterator[Span]:
    if value and is_secret(text[value.start : value.end], kind, Sure.GIVEN):
        yield Span(value.start, value.end)


def _of_cells(text: str, cells: list[Value], kind: Kind) -> Iterator[Span]:
    """Under the name, in a column of a table."""
    for cell in cells:
        found = text[cell.start : cell.end]
        if is_secret(found, kind, Sure.GIVEN) if cell.quoted else is_told(found, kind):
            yield Span(cell.start, cell.end)


def _default_of_variable(text: str, start: int, end: int) -> int | None:
    """Where the default of a variable of Terraform's begins that has this name; None where it is no such."""
    found = compiled(r"\"[ \t]*\{[^{}]{0,300}?\bdefault[ \t]*=[ \t]*(?=\")").match(text, end)
    return found.end() if found and text.endswith('variable "', 0, start) else None


def _of_option(text: str, start: int, end: int, kind: Kind) -> Iterator[Span]:
    """--password x, and the same in a list of arguments."""
    item = r"[ \t]*\r?\n[ \t]*-[ \t]+|" if compiled(r"-[ \t]+\Z").search(text, max(start - 8, 0), start) else ""
    blank = compiled(rf"(?:{item}[ \t]*\\\r?\n[ \t]*|[ \t]+|(?P<close>{QUOTE})\s*,\s*(?={QUOTE}))(?![-|<>&]|\$)").match(
        text, end
    )
    value = value_at(text, blank.end(), blank["close"]) if blank else None
    named = compiled("[A-Za-z_]{1,12}=.")  # --secret id=npmrc
    if value is None or (kind != Kind.PASSWORD and named.match(text, value.start, value.end)):
        return
    if is_secret(text[value.start : value.end], kind, Sure.GIVEN):
        value = whole(text, value)
        yield Span(value.start, value.end)


def _is_element(text: str, start: int, end: int) -> bool:
    """Whether the name is that of an element of XML, with what else stands in its mark."""
    if text[end : end + 1] == ">":
        return True
    before = compiled(r"<(?:[\w-]+:)?\Z")
    return text[end : end + 1] == " " and before.search(text, max(start - 40, 0), start) is not None


def _of_element(text: str, end: int, kind: Kind) -> Iterator[Span]:
    """<password>x</password>"""
    found = compiled(r"[^<>\n]{0,200}>\s*(?:<!\[CDATA\[)?([^<>\n]{1,4096}?)\s*(?:\]\]>)?\s*</").match(text, end)
    if found and is_secret(found[1], kind, Sure.GIVEN):
        yield Span(found.start(1), within(text, *found.span(1)))


def _said(text: str, start: int, end: int, kind: Kind) -> Iterator[Span]:
    """Behind a name and a blank: ENV TOKEN x, PASSWORD 'x', "the password is x", a row of a table, the line below."""
    given = compiled(r"(?:^|\n)[ \t]*(?:ENV|setx|(?:config|secrets?)[ \t:]set)[ \t]+\Z").search(
        text, max(start - 80, 0), start
    )
    sql = compiled(r"(?i)\b(?:alter|create|set|grant|role|user)\b").search(text, max(start - 120, 0), start)
    blank = compiled(r"[ \t]*(\(?)[ \t]*(?=')|[ \t]+(?=\S)").match(text, end)
    if blank and blank.end() > end and (given or (sql and text[blank.end()] == "'")):
        value = value_at(text, blank.end())
        if value and is_secret(text[value.start : value.end], kind, Sure.GIVEN):
            value = whole(text, value)
            yield Span(value.start, value.end)
        return
    if told := compiled(
        rf"{_CELL}|{_TOLD}" if compiled(_FIRST).search(text, max(start - 40, 0), start) else _TOLD
    ).match(text, end):
        yield from _odd(text, value_at(text, told.end()), kind)
    if kind == Kind.PASSWORD and (below := compiled(_BELOW).match(text, end)):
        yield from _odd(text, value_at(text, below.start(1)), kind)


def _odd(text: str, value: Value | None, kind: Kind) -> Iterator[Span]:
    """Where words may stand as well: only what is none."""
    if value is None:
        return
    found = text[value.start : value.end]
    if is_told(found, kind):
        value = whole(text, value)
        yield Span(value.start, value.end)
