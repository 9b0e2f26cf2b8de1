"""A dedupe key that was used again for another request: both requests, as data and in words."""

from __future__ import annotations

from pydantic import JsonValue

from copilot.domain import Trigger
from copilot.errors import OtherRequest

LONGEST = 200
SHORT = 12
"""Hex digits of a file's sum that tell one from another."""


def both_requests(error: OtherRequest) -> dict[str, JsonValue]:
    """{earlier, asked}: each with text, at, conversation, kind and files; the earlier one with its run and outcome."""
    run = error.earlier
    of_run: dict[str, JsonValue] = {"run_id": run.run_id, "status": run.status, "outcome": run.outcome}
    return {"earlier": _request(run.trigger) | of_run, "asked": _request(error.asked)}


def told(error: OtherRequest) -> str:
    """The same in a sentence or two, for who reads no more than that."""
    run = error.earlier
    return (
        f"the dedupe key {run.trigger.dedupe_key!r} stands for another request already: {_words(run.trigger)}, run "
        f"{run.run_id}, {run.outcome or run.status}. This one is {_words(error.asked)}. Nothing was started; another "
        "request takes another key"
    )


def _request(trigger: Trigger) -> dict[str, JsonValue]:
    files: list[JsonValue] = [
        {"name": file.name, "bytes": len(file.text.encode()), "sha256": file.sha256} for file in trigger.attachments
    ]
    return {
        "text": trigger.text,
        "at": trigger.received_at.isoformat(),
        "conversation": trigger.conversation_name,
        "kind": trigger.kind,
        "files": files,
    }


def _words(trigger: Trigger) -> str:
    text = trigger.text if len(trigger.text) <= LONGEST else f"{trigger.text[:LONGEST]}\u2026"
    files = ", ".join(f"{file.name} ({file.sha256[:SHORT]})" for file in trigger.attachments)
    return (
        f"\u201c{text}\u201d ({trigger.received_at:%Y-%m-%d %H:%M:%S} UTC, {trigger.kind}, conversation "
        f"{trigger.conversation_name}, {f'files {files}' if files else 'no files'})"
    )
