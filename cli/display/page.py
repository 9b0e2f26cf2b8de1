"""Where output goes: a terminal with its width and colours, or a file or pipe with whole, plain lines."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from typing import IO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.wording import clean

UNWRAPPED = 10_000
"""Columns of what is no terminal: no line of ours is ever folded there."""
SHORT = 120
"""Columns there of what is to be told in short."""
LEAST = 24
"""Columns the last of several columns has at least."""
VERBATIM = re.compile(r"\s{4}|.*https?://")
"""A line of an answer that is of use only as it is: of a file or a diff, or with a link."""

STYLES = {
    "done": "green",
    "succeeded": "green",
    "approved": "green",
    "allow": "green",
    "failed": "red",
    "unknown": "red",
    "aborted": "red",
    "denied": "magenta",
    "expired": "magenta",
    "cancelled": "magenta",
    "halted": "magenta",
    "partial": "yellow",
    "asks": "yellow",
    "unclear": "yellow",
    "waiting": "yellow",
    "parked": "yellow",
    "pending": "yellow",
}


class Page:
    """Prints blocks of text. Nothing printed is read as markup, and colour only repeats what the words say."""

    def __init__(self, file: IO[str] | None = None) -> None:
        out = file or sys.stdout
        self.is_terminal = bool(getattr(out, "isatty", lambda: False)())
        self.console = Console(
            file=out, highlight=False, markup=False, emoji=False, width=None if self.is_terminal else UNWRAPPED
        )

    @property
    def line(self) -> int:
        """Columns of what is to be told on one line."""
        return self.console.width if self.is_terminal else SHORT

    def say(self, text: str = "", style: str = "", indent: int = 0) -> None:
        self.show(Padding(Text(clean(text), style), (0, 0, 0, indent), expand=False) if text else Text())

    def rows(self, rows: Iterable[Sequence[str | Text]], indent: int = 2, gap: int = 2) -> None:
        """Aligned columns; the last one takes what is left of the width and folds within itself."""
        self.show(grid(rows, indent, gap, self.console.width))

    def commands(self, rows: Sequence[tuple[str, str]], style: str = "", indent: int = 2) -> None:
        """What each is for and the command, which is never folded."""
        width = max(len(what) for what, _ in rows)
        for what, command in rows:
            self.verbatim(f"{what.ljust(width)}  {command}", style, indent)

    def verbatim(self, text: str, style: str = "", indent: int = 0) -> None:
        """A line that is never folded, so that it can be copied whole; a terminal may run it over its edge."""
        self.show(Text(" " * indent + clean(text), style), whole=True)

    def exact(self, text: str) -> None:
        """One line of any length as it is, but for what would move a terminal."""
        self.console.file.write(f"{clean(text)}\n")

    def prose(self, text: str, indent: int = 2) -> None:
        """Text of several lines; what folds of a "- " line stays under its words."""
        for line in clean(text).splitlines():
            if VERBATIM.match(line):
                self.verbatim(line, indent=indent)
            elif line.startswith("- "):
                self.rows([("-", line[2:])], indent, gap=1)
            else:
                self.say(line, indent=indent)

    def rule(self, title: str) -> None:
        """A heading across the page."""
        heading = f"── {clean(title)} "
        self.show(Text(heading.ljust(min(self.console.width, 100), "─"), "bold"))

    def show(self, block: RenderableType, whole: bool = False) -> None:
        if self.is_terminal:
            self.console.print(block, soft_wrap=whole)
            return
        with self.console.capture() as captured:
            self.console.print(block)
        self.console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
        self.console.file.flush()


def grid(rows: Iterable[Sequence[str | Text]], indent: int = 2, gap: int = 2, width: int = UNWRAPPED) -> RenderableType:
    """Rows as aligned columns. A row may be shorter than the longest.

    Only the last column folds; where the others leave it no room in `width`, the widest of them does too.
    """
    cells = [[cell if isinstance(cell, Text) else Text(clean(cell)) for cell in row] for row in rows]
    count = max((len(row) for row in cells), default=0)
    widths = [max((row[number].cell_len for row in cells if len(row) > number), default=0) for number in range(count)]
    lacking = indent + sum(widths[:-1]) + gap * count + min(LEAST, widths[-1] if widths else 0) - width
    widest = widths.index(max(widths[:-1])) if lacking > 0 and count > 1 else None
    table = Table.grid(padding=(0, gap, 0, 0))
    for number in range(count):
        most = max(widths[number] - lacking, LEAST // 2) if number == widest else None
        table.add_column(no_wrap=number < count - 1 and number != widest, overflow="fold", max_width=most)
    for row in cells:
        table.add_row(*row, *[Text()] * (count - len(row)))
    return Padding(table, (0, 0, 0, indent), expand=False)


def word(status: str) -> Text:
    """A status in its colour."""
    return Text(clean(status), STYLES.get(status, ""))
