"""A dedupe key that was used before for another request: both requests side by side, and what to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cli.api.documents import View, read
from cli.wording import command, line, moment, shorten

LONGEST = 300
SHORT = 12
"""Hex digits of a file's sum that tell one from another; sha256sum prints the same, unless a secret was masked."""


class FileView(View):
    name: str
    sha256: str = ""


class RequestView(View):
    """One of the two requests; `run_id` is that of the earlier one."""

    text: str
    at: datetime
    conversation: str
    kind: str
    files: tuple[FileView, ...] = ()
    run_id: str = ""
    status: str = ""
    outcome: str | None = None


def told(error: dict[str, Any], options: tuple[str, ...]) -> str:
    """What the copilot's refusal says, for a person. `options` make another command speak to the same copilot."""
    earlier, asked = read(RequestView, error["earlier"]), read(RequestView, error["asked"])
    ended = line(earlier.outcome or earlier.status).replace("_", " ")
    return "\n".join(
        [
            "This dedupe key stands for another request already. Nothing was started.",
            *_lines("the earlier one", earlier),
            f"    run {line(earlier.run_id)}, {ended}; look at it with: "
            + command("runs", "show", line(earlier.run_id), *options),
            *_lines("this one", asked),
            "For another request give another --dedupe-key; the same key is for the same request again.",
        ]
    )


def _lines(title: str, request: RequestView) -> list[str]:
    files = ", ".join(f"{line(file.name)} ({line(file.sha256)[:SHORT]})" for file in request.files)
    return [
        f"  {title}: {shorten(line(request.text), LONGEST)}",
        f"    at {moment(request.at)}, {line(request.kind)}, in conversation {line(request.conversation)}, "
        + (f"files {files}" if files else "no files"),
    ]
