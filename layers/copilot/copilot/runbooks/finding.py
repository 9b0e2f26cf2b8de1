"""Which runbook is meant, and that a plan is one's."""

from __future__ import annotations

from pydantic import JsonValue

from copilot.domain import RUNBOOK, Plan, Revision, SavedRunbook, runbook_name
from copilot.errors import NotFound
from copilot.ports import Runbooks
from copilot.text.nearness import there_are
from copilot.text.outside import quoted


def find_runbook(runbooks: Runbooks, said: str, version: int | None = None) -> SavedRunbook:
    """The one of this name, however it is written; the newest, where no version is said. Raises NotFound."""
    name = runbook_name(said)
    kept = runbooks.versions(name) if name else []
    there = [one for one in kept if version in {None, one.runbook.version}]
    if found := next((one for one in reversed(there) if not one.withdrawn), None):
        return found
    if there:
        which = f"version {version} of it" if version else "every version of it"
        raise NotFound(f"runbook {name}: {which} is withdrawn; nothing was done")
    if kept:
        raise NotFound(f"runbook {name} has no version {version}; its last is {kept[-1].runbook.version}")
    names = [one.runbook.name for one in runbooks.runbooks()]
    raise NotFound(f"there is no runbook {quoted(name or said)}{there_are(name, names) or '; there is none at all'}")


def revision_of(saved: SavedRunbook, plan: Plan) -> Revision:
    """That its plan is that of this runbook."""
    runbook = saved.runbook
    slots: dict[str, JsonValue] = {"runbook": runbook.name, "version": runbook.version, "by": saved.by.id}
    return Revision(plan=plan, intent=RUNBOOK, slots=slots)
