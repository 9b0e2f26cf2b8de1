"""Runbooks as they are shown."""

from __future__ import annotations

from pydantic import JsonValue

from copilot.domain import SavedRunbook
from copilot.errors import NotFound
from copilot.ports import Runbooks
from copilot.runbooks.finding import find_runbook
from copilot.runbooks.telling import steps_in_words, takes_in_words


def view_runbooks(runbooks: Runbooks) -> dict[str, JsonValue]:
    """The newest version of each, by name."""
    return {"runbooks": [_view(one) for one in runbooks.runbooks()]}


def view_runbook(runbooks: Runbooks, name: str, version: int | None) -> dict[str, JsonValue]:
    """One version, the newest where none is said, whole; and which there are. Raises NotFound."""
    try:
        shown = find_runbook(runbooks, name, version)
    except NotFound:
        withdrawn = [one for one in runbooks.versions(name) if one.runbook.version == version]
        if not withdrawn:
            raise
        (shown,) = withdrawn
    document: JsonValue = shown.runbook.model_dump(mode="json", exclude_defaults=True)
    kept = [_view(one) for one in runbooks.versions(shown.runbook.name)]
    return _view(shown) | {"document": document, "versions": [*kept]}


def _view(one: SavedRunbook) -> dict[str, JsonValue]:
    return {
        "name": one.runbook.name,
        "version": one.runbook.version,
        "description": one.runbook.description,
        "takes": takes_in_words(one.runbook),
        "steps": steps_in_words(one.runbook),
        "by": one.by.model_dump(mode="json"),
        "at": one.at.isoformat(),
        "withdrawn": one.withdrawn,
    }
