"""What is shown, cut into what a platform takes: texts into pieces, elements into as few messages as hold them.

Lengths are those of the JSON, in ASCII, which is never less than a platform counts; or as a platform says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from copilot.text.outside import plain

Element = dict[str, Any]
AROUND = 2  # what stands around all elements


class Group(NamedTuple):
    """Elements that stand in one message; `used` where somebody does something with them."""

    elements: list[Element]
    used: bool = False


Measure = Callable[[Group], tuple[int, int]]
"""How many elements a group is, and how long."""
Length = Callable[[str], int]
"""How long a text is: no less than the sum of its signs."""


def packed(groups: Iterable[Group], most: int, longest: int, measure: Measure | None = None) -> Iterator[list[Element]]:
    """In messages of at most so many elements that are not `longest` together; at least one."""
    message: list[Element] = []
    count, size = 0, AROUND
    for group in groups:
        more, longer = (measure or in_json)(group)
        if message and (count + more > most or size + longer > longest):
            yield message
            message, count, size = [], 0, AROUND
        message = [*message, *group.elements]
        count, size = count + more, size + longer
    yield message


def in_one(
    groups: Sequence[Group], note: Group, most: int, longest: int, measure: Measure | None = None
) -> list[Element]:
    """As much as one message holds, with all that is used before the last that is not; cut, it has the note that says
    so.
    """
    first, *more = packed(groups, most, longest, measure)
    if not more:
        return first
    used = [group for group in groups if group.used]
    kept: list[Group] = []
    room, left = longest - AROUND, most
    for group in (note, *used):
        count, length = (measure or in_json)(group)
        room, left = room - length, left - count
    for group in groups:
        count, length = (0, 0) if group.used else (measure or in_json)(group)
        room, left = room - length, left - count
        if min(room, left) < 0:
            break
        kept += [] if group.used else [group]
    return next(packed([*kept, note, *used], most, longest, measure))


def in_json(group: Group) -> tuple[int, int]:
    return len(group.elements), sum(len(json.dumps(element)) + 2 for element in group.elements)


def clean(text: str) -> str:
    """With nothing hidden in it, and nothing that is no text."""
    return plain(text.replace("\r\n", "\n").encode("utf-8", "replace").decode())


def size(text: str) -> int:
    return len(json.dumps(text)) - 2


def cut_line(text: str, most: int, length: Length = size) -> str:
    """On one line, of at most that length."""
    return cut(" ".join(clean(text).split()), most, length)


def cut(text: str, most: int, length: Length = size) -> str:
    return text if length(text) <= most else next(broken(text, most - length("…"), length)) + "…"


def pieces(text: str, most: int, length: Length = size) -> list[str]:
    """Of at most that length, split between lines, and within one only where it is too long alone."""
    found: list[str] = []
    held: list[str] = []
    together = 0
    for line in clean(text).rstrip().split("\n"):
        for part in broken(line, most, length):
            if held and together + length(part) + 2 > most:
                found.append("\n".join(held))
                held, together = [], 0
            held.append(part)
            together += length(part) + 2
    return [piece for piece in [*found, "\n".join(held)] if piece.strip()]


def broken(line: str, most: int, length: Length = size) -> Iterator[str]:
    if length(line) <= most:
        yield line
        return
    begin = so_far = 0
    for at, sign in enumerate(line):
        cost = length(sign)
        if so_far + cost > most:
            yield line[begin:at]
            begin, so_far = at, 0
        so_far += cost
    yield line[begin:]
