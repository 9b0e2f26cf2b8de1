"""A Run as a message shows it: how far it is, and what it came to. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.answering.accounting import offers_retry
from copilot.answering.chat.laying_out import laid_out
from copilot.domain import (
    EXCLUSION,
    FREEZE,
    Button,
    Buttons,
    Item,
    LedgerEntry,
    Part,
    Shown,
    ShownLink,
    ShownStep,
    Step,
    StepMark,
    Steps,
    StepState,
    Words,
)
from copilot.plans.arguments import in_words
from copilot.ports import RunRecord
from copilot.text.listing import count, first_line
from copilot.text.outside import inert
from copilot.text.spoken import tool_spoken
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

LONGEST_REQUEST, LONGEST_REASON = 150, 200


def progress(record: RunRecord, *, steps: bool, values: bool) -> Shown:
    """What it is doing, with its `steps`; nothing of what it found. `values` are what they are called with, and why
    they failed: for who asked alone, since earlier steps may have given them.
    """
    run = record.run
    title = cut(inert(run.trigger.text), LONGEST_REQUEST)
    state = _state(record)
    shown = tuple(_step(one, record.steps.get(one.id), values) for one in record.plan.steps) if record.plan else ()
    if not steps or not shown:
        return Shown(brief=state, parts=(Words(text=f"{state}: {title}"),))
    return Shown(brief=f"{state}: {title}", parts=(Steps(title=f"{state}: {title}", steps=shown),))


def answer(record: RunRecord, ledger: Sequence[LedgerEntry], registry: Registry, links_base: str) -> Shown:
    """What it came to, with what may be done about it. Of an answered Run."""
    run = record.run
    text = run.answer or "There is no answer."
    parts: list[Part] = [*laid_out(text, links_base)]
    buttons = [button for part in undoing(run.run_id, ledger, registry) for button in part.buttons]
    if offers_retry(run):
        asks = "What this run was to do and did not is tried again, under your rights."
        buttons.append(Button(action="retry", about=run.run_id, label="Retry", asks=asks))
    parts += [Buttons(buttons=tuple(buttons))] if buttons else []
    return Shown(brief=first_line(text), parts=tuple(parts))


def links(record: RunRecord, links_base: str) -> list[ShownLink]:
    """What its answer leads to, of our own files."""
    parts = laid_out(record.run.answer or "", links_base)
    return [link for part in parts if part.kind == "links" for link in part.links]


def _state(record: RunRecord) -> str:
    run = record.run
    if run.outcome == "denied" and _was(record, FREEZE):
        return "Frozen"
    if run.outcome == "denied" and _was(record, EXCLUSION):
        return "Off limits"
    if run.outcome is not None:
        return {"succeeded": "Done", "partial": "Done in part", "asked": "A question"}.get(
            run.outcome, run.outcome.replace("_", " ").capitalize()
        )
    if run.status == "parked":
        return "Waiting for an approval"
    return "Cancelling" if run.cancelled_by else "At work" if record.plan else "Thinking"


def _was(record: RunRecord, by: str) -> bool:
    """Whether nothing but this denied what was not to be: whoever asked may do it, at another time."""
    denied = [item for step in record.steps.values() for item in step.items if item.status == "denied"]
    return bool(denied) and all(item.decision is not None and by in item.decision.policies for item in denied)


def _step(planned: Step, state: StepState | None, values: bool) -> ShownStep:
    tool = tool_spoken(planned.tool)
    if state is None:
        return ShownStep(id=planned.id, title=tool, mark="waiting")
    mark = _mark(state)
    done = sum(item.status == "done" for item in state.items)
    title, details = tool, ""
    if len(state.items) == 1 and values:
        title = f"{tool} {inert(in_words(state.items[0].arguments))}".rstrip()
    elif len(state.items) > 1:
        details = f"{done} of {count(len(state.items), 'item')}"
    elif not (state.items or state.skipped):
        details = "nothing to do"
    if values and mark in {"failed", "skipped", "asking"} and (reason := state.reason or _reason(state.items)):
        details = "; ".join(part for part in (details, cut(inert(reason), LONGEST_REASON)) if part)
    return ShownStep(id=planned.id, title=title, mark=mark, details=details)


def _mark(state: StepState) -> StepMark:
    if state.skipped:
        return "skipped"
    if any(item.status == "asking" for item in state.items):
        return "asking"
    if not state.is_settled:
        return "running"
    return "done" if all(item.status in {"done", "left_out"} for item in state.items) else "failed"


def _reason(items: Sequence[Item]) -> str:
    return next((item.reason for item in items if item.status != "done" and item.reason), "")


def undoing(run_id: str, ledger: Sequence[LedgerEntry], registry: Registry) -> tuple[Buttons, ...]:
    """Undo, where something was changed that a tool takes back."""
    tools = (registry.find(entry.tool) for entry in ledger if entry.did_something)
    if not any(issubclass(tool, WriteTool) and tool.inverse for tool in tools):
        return ()
    asks = "What this run changed is put back, as far as nobody changed it since."
    return (Buttons(buttons=(Button(action="undo", about=run_id, label="Undo", asks=asks),)),)


def cut(text: str, most: int) -> str:
    """In one line of at most so many characters."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "\u2026"
