"""How far a run is, as Slack's own plan that grows while it is streamed into: a task for each step.

A task's title and status are replaced by what comes under its id, its details only grow: so all is in the title. What
is not documented is as others measured it in 2026: a stream is over about five minutes after it began, however often it
is added to (slackapi/node-slack-sdk, issue 2702; python-slack-sdk, issue 1859), and is shown as failed from then on; so
is one that is stopped with a task that is not over (vercel/chat, issue 911); in a channel only the one it is for sees
more of it than its beginning before it is stopped (agentconnect-md/agentconnect, issue 1494). Limits: docs.slack.dev,
reference/methods/chat.startStream.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from copilot.adapters.fitting import cut_line
from copilot.domain import Shown, ShownStep, StepMark, Steps
from copilot.errors import FatalError

Chunk = dict[str, Any]

GROWS_FOR = timedelta(minutes=4)
REFUSED_FOR = timedelta(hours=1)
"""How long a place that took no stream is not asked for one."""
POSTED_FOR = timedelta(minutes=10)
"""The same where Slack failed, or did not say whether it took one: what comes again is to be seen at last."""
TASKS = 50
LONGEST_TITLE = 256

_STATUS: dict[StepMark, str] = {
    "waiting": "pending",
    "running": "in_progress",
    "asking": "in_progress",
    "done": "complete",
    "failed": "error",
    "skipped": "pending",
}
_WORDS: dict[StepMark, str] = {"asking": "asks for an approval", "skipped": "skipped"}
_OVER: frozenset[StepMark] = frozenset({"done", "failed"})


def is_plan(shown: Shown) -> bool:
    """Whether a stream can show all of it."""
    return steps_of(shown) is not None


def is_over(shown: Shown) -> bool:
    """Whether a stream that is stopped with it shows it as it is."""
    steps = steps_of(shown)
    return steps is not None and all(step.mark in _OVER for step in steps.steps)


def steps_of(shown: Shown) -> Steps | None:
    match shown.parts:
        case (Steps() as steps,) if len(steps.steps) <= TASKS:
            return steps
    return None


def chunks(shown: Shown) -> list[Chunk]:
    """All of it: what is the same again changes nothing, so that nothing is missing where one was lost."""
    steps = steps_of(shown)
    assert steps is not None
    return [{"type": "plan_update", "title": _title(steps.title)}, *map(_task, steps.steps)]


def grows_until(ts: str) -> datetime:
    """Of a message that was begun: its id is when that was."""
    try:
        return datetime.fromtimestamp(float(ts), UTC) + GROWS_FOR
    except (ValueError, OverflowError, OSError):
        raise FatalError("Slack answered without the id of the message that it began", ours=True) from None


def _task(step: ShownStep) -> Chunk:
    said = " — ".join(part for part in (step.title, _WORDS.get(step.mark, ""), step.details) if part)
    return {"type": "task_update", "id": step.id, "title": _title(said), "status": _STATUS[step.mark]}


def _title(text: str) -> str:
    """That a title is plain text is documented of the block, and not of what is streamed: no markup is left in it."""
    return cut_line(text.replace("<", "‹").replace(">", "›"), LONGEST_TITLE) or "…"
