"""What machines write in ways of their own, as people read it."""

from __future__ import annotations

import re

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?")


def tool_spoken(tool: str) -> str:
    """A tool by its name, with its version or without: `stop_environment@1` is `stop environment`."""
    return tool.partition("@")[0].replace("_", " ")


def time_spoken(text: str) -> str:
    """A time as JSON has it, where the text is one, to the minute: `2026-03-02 18:00 UTC`. Any other stays as it is."""
    if (found := _TIME.fullmatch(text)) is None:
        return text
    day, time, zone = found.groups()
    return " ".join(filter(None, (day, time, "UTC" if zone in {"Z", "+00:00"} else zone)))
