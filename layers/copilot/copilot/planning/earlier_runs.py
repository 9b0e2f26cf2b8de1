"""Which earlier Run is meant, and what it is called where people read it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.domain import RETRY, Trigger
from copilot.errors import NotFound
from copilot.ports import RunRecord, Store
from copilot.text.outside import inert, quoted

TURNS_BACK = 200
_RUN = re.compile(r"\br[0-9a-f]{15}\b")


def named_in(text: str) -> str:
    """The id of the Run that a request names; "" where it names none."""
    found = _RUN.search(text.lower())
    return found[0] if found else ""


def run_called(store: Store, trigger: Trigger, run_id: str) -> RunRecord | None:
    try:
        return store.load_run(trigger.tenant, run_id)
    except NotFound:
        return None


def earlier_runs(store: Store, trigger: Trigger) -> Iterator[str]:
    """Those of its Conversation by id, the last first, without its own."""
    turns = store.turns(trigger.tenant, trigger.conversation, TURNS_BACK)
    return (one for one in dict.fromkeys(turn.run_id for turn in reversed(turns)) if one != trigger.run_id)


def called(record: RunRecord, trigger: Trigger) -> str:
    """By its id, and by what was asked for: by all of that, where it was the answer to a question. The words of others
    are not repeated, as they would stand there like the copilot's own: by who asked.
    """
    run = record.run
    if run.trigger.person.id != trigger.person.id or run.trigger.kind in {"schedule", "event"}:
        return f"run {run.run_id}, asked by {quoted(run.trigger.person.name)}"
    others = bool(record.revisions) and record.revisions[0].intent == RETRY
    asked = (record.plan.goal if record.plan and not others else "") or run.trigger.text
    return f"run {run.run_id} (“{inert(asked[:120])}”)"
