"""What is written where everybody reads who sees the repository: only what policy lets stand in such a place."""

from __future__ import annotations

import html
import secrets
import shlex
from collections.abc import Sequence
from typing import Any

from cli.api.documents import View
from cli.api.views import RunView
from cli.pipeline.job import Platform
from cli.wording import clean, deadline, line

LONGEST_CELL, LONGEST_ANSWER, MOST_STEPS = 300, 50_000, 50
SAYS_WHAT = "`job_summaries` of the configuration says what may."
OLDER = "This copilot does not say what may stand here."
_SIGNS = {sign: f"&#{ord(sign)};" for sign in "&<>\\`*_[]()|#:.~!{}"} | {"@": "(at)"}
"""What makes a link, a mention or markup of a word."""


class StepSeen(View):
    id: str
    tool: str
    status: str
    reason: str = ""
    items: tuple[dict[str, Any], ...] = ()


class Seen(View):
    """The run as others may see it; `withheld` says what they may not."""

    outcome: str | None = None
    status: str
    request: str = ""
    answer: str | None = None
    withheld: str = ""
    steps: tuple[StepSeen, ...] = ()


def summary(seen: Seen | None, outcome: str, run_id: str, options: Sequence[str], waits: str = "") -> str:
    """In Markdown, with the table of its steps. None where the copilot does not say what others may see."""
    look = shlex.join(["devops-copilot", "runs", "show", run_id, *options])
    parts = [f"### Copilot: {_cell(outcome.replace('_', ' '))}"]
    if waits:
        parts.append(_cell(waits))
    if seen is not None:
        parts.append(f"> {_cell(seen.request)}")
        if seen.answer:
            parts.append(f"<pre>{html.escape(clean(seen.answer)[:LONGEST_ANSWER])}</pre>")
        if seen.steps:
            parts.append(_table(seen.steps))
    if seen is None or seen.withheld:
        parts.append(f"_{_cell(_withheld(seen) if seen else OLDER)}_")
    parts.append(f"Run {_cell(run_id)}. All of it, for whoever may see it: <code>{html.escape(look)}</code>")
    return "\n\n".join(parts) + "\n"


def told(seen: Seen | None) -> str:
    """The same for the job's log, which has the same readers."""
    if seen is None:
        return OLDER
    return "\n".join(filter(None, [clean(seen.answer or ""), _withheld(seen)]))


def _withheld(seen: Seen) -> str:
    return f"{line(seen.withheld)} {SAYS_WHAT}" if seen.withheld else ""


def waiting(run: RunView) -> str:
    """What is to be done where it waits for an approval, "" where it does not. The id says nothing of what is asked."""
    if not run.waits_for_approval or run.approval is None:
        return ""
    id, until = line(run.approval.id), deadline(run.approval.expires_at)
    decide = f"`devops-copilot approve {id}` lets it go on and `devops-copilot deny {id}` refuses it, until {until}"
    return f"It waits for approval {id}. For whoever may decide: `devops-copilot approvals` shows it, {decide}."


def as_text(platform: Platform, told: str) -> str:
    """For the job's log, in which GitHub's runner takes what looks like a command for one, also in the middle of a line
    (GitHub, "Workflow commands", stopping and starting them): none that others wrote is.
    """
    if platform != "github":
        return told
    mark = secrets.token_hex(16)
    return f"::stop-commands::{mark}\n{told}\n::{mark}::"


def _table(steps: Sequence[StepSeen]) -> str:
    rows = ["| step | tool | of | status | |", "|---|---|---|---|---|"]
    for step in steps[:MOST_STEPS]:
        why = step.reason or next((str(one["reason"]) for one in step.items if one.get("reason")), "")
        cells = (step.id, step.tool.partition("@")[0], str(len(step.items) or ""), step.status, why)
        rows.append(f"| {' | '.join(map(_cell, cells))} |")
    rows += [f"| and {len(steps) - MOST_STEPS} more | | | | |"] if len(steps) > MOST_STEPS else []
    return "\n".join(rows)


def _cell(text: str) -> str:
    """Text that is that alone: no markup, no link, no mention, no row of its own."""
    return "".join(_SIGNS.get(sign, sign) for sign in line(text)[:LONGEST_CELL])
