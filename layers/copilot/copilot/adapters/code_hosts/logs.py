"""The last lines of a job's log, as a build's: of what each host writes into it besides, nothing is left.

GitHub begins each line with the time, GitLab (since 17.1) with time and stream; both put sections and colours between.
After the step that failed GitHub's runner tidies up, so that the last lines are those up to the last error it marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from copilot.domain import PlatformEvent

_TIME = re.compile(r"^\ufeff?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z (?:[0-9a-f]{2}[OE][ +])?")
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_SECTION = re.compile(r"section_(?:start|end):\d+:[^\r\n]*\r?|^##\[(?:group|endgroup|command|debug)\]")
_ERROR = "##[error]"


def last_lines(log: bytes, most: int) -> tuple[PlatformEvent, ...]:
    """At most so many, the oldest first; of those without a time, that of the line before."""
    lines = [*_lines(log.decode("utf-8", "replace"))]
    errors = [number for number, line in enumerate(lines) if line.text.startswith(_ERROR)]
    lines = lines[: errors[-1] + 1] if errors else lines
    return tuple(line.model_copy(update={"text": line.text.removeprefix(_ERROR)}) for line in lines[-most:])


def _lines(text: str) -> Iterator[PlatformEvent]:
    at = datetime(1970, 1, 1, tzinfo=UTC)
    for line in text.split("\n"):
        if found := _TIME.match(line):
            at = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
            line = line[found.end() :]
        # What a carriage return went back over was overwritten.
        line = _SECTION.sub("", _COLOURS.sub("", line)).rstrip("\r").rpartition("\r")[2].rstrip()
        if line:
            yield PlatformEvent(at=at, text=line)
