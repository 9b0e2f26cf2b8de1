"""Our own text as parts of a message: what is read, what stands in columns, the links to our own files. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from copilot.domain import Columns, Links, Part, ShownLink, Words

_LABEL = 60


def laid_out(text: str, links_base: str = "") -> tuple[Part, ...]:
    """`links_base` is the address of the HTTP API: a link that leads there is made one, every other stays as text."""
    parts: list[Part] = []
    for is_columns, some in groupby(_blocks(text), key=_in_columns):
        for one in ["\n\n".join(some)] if not is_columns else some:
            found, links = _without_links(one, links_base)
            if found.strip():
                parts.append(Columns(text=found) if is_columns else Words(text=found))
            if links:
                parts.append(Links(links=links))
    return tuple(parts)


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, and the runs of lines within one that stand in columns apart from those that do not."""
    for paragraph in re.split(r"\n[ \t]*\n", text.strip("\n")):
        for _, lines in groupby(paragraph.split("\n"), key=_in_columns):
            yield "\n".join(lines)


def _in_columns(text: str) -> bool:
    """Whether any line is set in, or has more than one space between what stands in it."""
    return any(re.search(r"^ {2,}\S|\S {2,}\S", line) for line in text.split("\n"))


def _without_links(text: str, base: str) -> tuple[str, tuple[ShownLink, ...]]:
    if not base:
        return text, ()
    links, lines = list[ShownLink](), list[str]()
    for line in text.split("\n"):
        found = list(re.finditer(rf"{re.escape(base)}/r/[A-Za-z0-9_-]{{22}}(?![\w-])", line))
        for one in found:
            before = " ".join(line[: one.start()].split()).rstrip(":").lstrip("- ")
            links.append(ShownLink(label=before[-_LABEL:] or "Open the file", url=one[0]))
        lines += [] if found else [line]
    return "\n".join(lines), tuple(links)
