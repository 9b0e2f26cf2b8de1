"""What is known of an answered Run, in a few words for those that come after it: by code alone.

A model is not asked to sum up what was said: what an answer says first, and what it says was not done, is an extract of
it that costs no call and invents nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import get_args

from copilot.domain import NOT_KNOWN, Outcome, PastRequest, ReferenceType, StepState, Turn
from copilot.domain.past import MOST_THINGS
from copilot.memory.remembering import names_given
from copilot.ports import RunRecord
from copilot.text.masking import mask_text
from copilot.text.outside import looks_like_a_name
from copilot.text.spoken import tool_spoken
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

LONGEST_SAID, LONGEST_TOLD, LONGEST_DID = 80, 120, 60
"""Characters of what is kept of a request, of an answer, and of what was called."""
_ENDS = ("Not done:", "Not found out:")
_WELL: frozenset[Outcome] = frozenset({"succeeded", "asked"})


def summed_up(
    record: RunRecord, turn: Turn, steered: Collection[str], registry: Registry, idle: Collection[tuple[str, int]] = ()
) -> PastRequest:
    """Of a Run that has its outcome; `turn` is its answer, `steered` are the steps that marked text may have led,
    `idle` the calls, by step and item, that changed nothing.
    """
    trigger, outcome = record.run.trigger, record.run.outcome
    assert outcome is not None
    steps = list(record.steps.values())
    writes = [one for one in steps if issubclass(registry.find(one.tool), WriteTool) and not one.skipped]
    items = [(one, item) for one in writes for item in one.items]
    done = [(one, item) for one, item in items if item.status == "done" and (one.step_id, item.index) not in idle]
    well = [item for _, item in items if item.status in {"done", "left_out", "replanned"}]
    shown = [] if turn.kept_back else list(_things(writes or steps, steered, record, registry))
    plain = bool(done) and outcome == "succeeded"  # that it was done, and to what, says all
    about = turn.about or NOT_KNOWN
    by_person = trigger.kind not in {"schedule", "event"}
    return PastRequest(
        at=turn.at,
        by=trigger.person.id,
        outcome=outcome,
        did=_short(", ".join(dict.fromkeys(tool_spoken(one.tool) for one in writes or steps)), LONGEST_DID),
        things=tuple(dict.fromkeys(shown))[:MOST_THINGS],
        changed=bool(done),
        done=len(done),
        undone=len(items) - len(well),
        said=_short(mask_text(trigger.text), LONGEST_SAID) if by_person else "",
        told="" if turn.untrusted or turn.kept_back or plain else _extract(turn.text, outcome),
        shows=about.shows,
        kind=about.kind,
    )


def _things(
    steps: Collection[StepState], steered: Collection[str], record: RunRecord, registry: Registry
) -> Iterator[str]:
    """What they were given to act on or look at, that no text of others had chosen."""
    marked = record.revision.marked if record.revision else ()
    for step in steps:
        tool, items = registry.find(step.tool), step.items if step.step_id not in steered else ()
        found = (name for item in items for type in get_args(ReferenceType) for name in names_given(type, tool, item))
        yield from (name for name in found if name not in marked and looks_like_a_name(name))


def _extract(text: str, outcome: Outcome) -> str:
    """What an answer says first; where it says why something was not done, that."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if outcome not in _WELL:
        ends = next((n for n, line in enumerate(lines) if line in _ENDS), None)
        lines = lines if ends is None else lines[ends + 1 :]
    first = " ".join(lines[:2]) if lines and lines[0].endswith(":") else (lines or [""])[0]
    return _short(first, LONGEST_TOLD)


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"
