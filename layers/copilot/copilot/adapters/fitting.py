"""What is shown, cut into what a platform takes: texts into pieces, elements into as few messages as hold them.

Lengths are those of the JSON, in ASCII, which is never less than a platform counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from copilot.text.outside import plain

Element = dict[str, Any]


class Group(NamedTuple):
    """Elements that stand in one message; `used` where somebody does something with them."""

    elements: list[Element]
    used: bool = False


def packed(groups: Iterable[Group], most: int, longest: int) -> Iterator[list[Element]]:
    """In messages of at most so many elements that are not `longest` together; at least one."""
    message: list[Element] = []
    size = 2
    for group in groups:
        more = _size(group)
        if message and (len(message) + len(group.elements) > most or size + more > longest):
            yield message
            message, size = [], 2
        message = [*message, *group.elements]
        size += more
    yield message


def in_one(groups: Sequence[Group], note: Group, most: int, longest: int) -> list[Element]:
    """As much as one message holds, with all that is used before the last that is not; cut, it has the note that says
    so.
    """
    first, *more = packed(groups, most, longest)
    if not more:
        return first
    used = [group for group in groups if group.used]
    kept: list[Group] = []
    room, left = longest - 2, most
    for group in (note, *used):
        room, left = room - _size(group), left - len(group.elements)
    for group in groups:
        room, left = (room, left) if group.used else (room - _size(group), left - len(group.elements))
        if min(room, left) < 0:
            break
        kept += [] if group.used else [group]
    return next(packed([*kept, note, *used], most, longest))


def _size(group: Group) -> int:
    return sum(len(json.dumps(element)) + 2 for element in group.elements)


def clean(text: str) -> str:
    """With nothing hidden in it, and nothing that is no text."""
    return plain(text.replace("\r\n", "\n").encode("utf-8", "replace").decode())


def size(text: str) -> int:
    return len(json.dumps(text)) - 2


def cut_line(text: str, most: int) -> str:
    """On one line, of at most that length."""
    return cut(" ".join(clean(text).split()), most)


def cut(text: str, most: int) -> str:
    return text if size(text) <= most else next(broken(text, most - size("…"))) + "…"


def pieces(text: str, most: int) -> list[str]:
    """Of at most that length, split between lines, and within one only where it is too long alone."""
    found: list[str] = []
    held: list[str] = []
    length = 0
    for line in clean(text).rstrip().split("\n"):
        for part in broken(line, most):
            if held and length + size(part) + 2 > most:
                found.append("\n".join(held))
                held, length = [], 0
            held.append(part)
            length += size(part) + 2
    return [piece for piece in [*found, "\n".join(held)] if piece.strip()]


def broken(line: str, most: int, cost: Callable[[str], int] = size) -> Iterator[str]:
    """In parts that have at most so much of what each sign costs."""
    if cost is size and size(line) <= most:
        yield line
        return
    begin = length = 0
    for at, sign in enumerate(line):
        more = cost(sign)
        if length + more > most:
            yield line[begin:at]
            begin, length = at, 0
        length += more
    yield line[begin:]
