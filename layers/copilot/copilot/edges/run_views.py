"""A Run as the API shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from pydantic import JsonValue

from copilot.domain import Approval, Item, KeptResult, Run, Step, StepState, TokenUsage
from copilot.edges.withholding import Seer
from copilot.errors import NotAllowed
from copilot.plans.asking_back import question_of
from copilot.plans.cautions import cautions
from copilot.plans.counting import counted
from copilot.plans.kept import used_by
from copilot.ports import ResultKey, RunRecord, Runs, Store

LONGEST_TEXT = 400


def view_reasoning(store: Runs, tenant: str, run_id: str, *, whole: bool = True) -> dict[str, JsonValue]:
    """How the run's plan came to be: its revisions, and what a model was asked and answered; but `whole` only what that
    took, since all that was seen stands in it. Raises NotFound.
    """
    revisions = store.load_run(tenant, run_id).revisions
    calls = store.calls(tenant, run_id)
    usage = sum((call.usage for call in calls), TokenUsage())
    dollars = [call.dollars for call in calls if call.dollars is not None]
    return {
        "revisions": [
            {"number": number, "kind": revision.kind} | revision.model_dump(mode="json", exclude_defaults=True)
            for number, revision in enumerate(revisions if whole else (), 1)
        ],
        "calls": [call.model_dump(mode="json") for call in calls if whole],
        "usage": usage.model_dump(mode="json")
        | {
            "calls": len(calls),
            "seconds": round(sum(call.seconds for call in calls), 3),
            "dollars": sum(dollars) if len(dollars) == len(calls) else None,
        },
    }


def view_run(
    store: Store,
    tenant: str,
    run_id: str,
    now: datetime,
    accounts: Mapping[str, str] | None = None,
    seer: Seer | None = None,
) -> dict[str, JsonValue]:
    """The run with its plan, steps, verdicts, effects, approval, answer and timings. Raises NotFound.

    `accounts` are names of accounts by id; `seer` is who looks, None where nobody is to be kept from anything.
    """
    record = store.load_run(tenant, run_id)
    run, plan = record.run, record.plan
    approval = store.approval(tenant, run.approval_id) if run.approval_id else None
    effects = store.effects(tenant, run_id)
    outputs = _outputs(store, record) | {(entry.step, entry.item): entry.output for entry in effects}
    ended = run.answered_at or now
    shown: dict[str, JsonValue] = {
        "run_id": run.run_id,
        "status": run.status,
        "outcome": run.outcome,
        "request": run.trigger.text,
        "attachments": [{"name": file.name, "bytes": len(file.text.encode())} for file in run.trigger.attachments],
        "person": run.trigger.person.id,
        "conversation": run.trigger.conversation_name,
        "created_at": run.trigger.received_at.isoformat(),
        "answered_at": run.answered_at.isoformat() if run.answered_at else None,
        "seconds": round((ended - run.trigger.received_at).total_seconds(), 3),
        "still_for": _still_for(record, now),
        "plan": plan.model_dump(mode="json", exclude_defaults=True) if plan else None,
        "used_again": [_used_again(one) for one in used_by(record.revisions).values()],
        "learned": _learned(record),
        "steps": [_step(step, record.steps.get(step.id), outputs) for step in plan.steps] if plan else [],
        "approval": _approval(approval, now, accounts) if approval else None,
        "effects": [entry.model_dump(mode="json", exclude={"prior"}) for entry in effects],
        "answer": run.answer,
        "question": _question(record),
    }
    return seer.seen(shown, record, approval, partial(_gave, record, outputs)) if seer else shown


def view_runs(store: Store, tenant: str, conversation: str) -> list[dict[str, JsonValue]]:
    """The last runs of a Conversation, a line each, newest first."""
    run_ids = dict.fromkeys(turn.run_id for turn in store.turns(tenant, conversation))
    return [_line(run) for run in reversed(store.runs(tenant, run_ids))]


def view_all_runs(store: Runs, tenant: str) -> list[dict[str, JsonValue]]:
    """The last runs of everybody, a line each, newest first."""
    return [_line(run) for run in store.recent_runs(tenant)]


def view_approval(
    store: Store,
    tenant: str,
    approval_id: str,
    now: datetime,
    accounts: Mapping[str, str] | None = None,
    seer: Seer | None = None,
) -> dict[str, JsonValue]:
    """An Approval with its state now, how much it is for, and what in it could deceive the eye. Raises NotFound, and
    NotAllowed where `seer`, who looks, may not have what it tells of.

    `accounts` are names of accounts by id.
    """
    approval = store.approval(tenant, approval_id)
    if seer is not None:
        record = store.load_run(tenant, approval.run_id)
        effects = {(entry.step, entry.item): entry.output for entry in store.effects(tenant, approval.run_id)}
        if not seer.sees(record, approval, partial(_gave, record, _outputs(store, record) | effects)):
            raise NotAllowed(
                f"what approval {approval_id} asks is not shown to you: it tells of more than you may have of what "
                "others asked for. Who asked for it, and whoever may decide it, see all of it"
            )
    return _approval(approval, now, accounts)


def _approval(approval: Approval, now: datetime, accounts: Mapping[str, str] | None) -> dict[str, JsonValue]:
    added: dict[str, JsonValue] = {
        "state": approval.state_at(now),
        "counts": counted(approval.calls, accounts or {}),
        "cautions": list(cautions(approval)),
    }
    return approval.model_dump(mode="json") | added


def _used_again(kept: KeptResult) -> JsonValue:
    """What of an earlier Run the plan goes by, and when that was read."""
    told = kept.model_dump(mode="json", include={"name", "run_id", "step", "tool", "what"})
    return told | {"read_at": kept.at.isoformat()}


def _learned(record: RunRecord) -> JsonValue:
    """The Run whose plan this one's was learned from, and when that was made; None where it was not."""
    of = record.revisions[0].learned if record.revisions else None
    if of is None or of.run == record.run.run_id:
        return None
    return {"run_id": of.run, "planned_at": of.at.isoformat()}


def _question(record: RunRecord) -> JsonValue:
    """What a run that asked back wants to know, with what there is to choose from."""
    asked = question_of(record.plan, record.steps) if record.run.outcome == "asked" else None
    return asked.model_dump(mode="json") if asked else None


def _still_for(record: RunRecord, now: datetime) -> float | None:
    """How many seconds a run will stand still that waits to look again; None for one that may move at any moment."""
    run = record.run
    if run.status != "running" or run.advanced is None or run.advanced.next != "wait":
        return None
    due = [item.due for step in record.steps.values() for item in step.items if item.status == "open" and item.due]
    return round(max((min(due) - now).total_seconds(), 0.0), 3) if due else None


def _line(run: Run) -> dict[str, JsonValue]:
    return {
        "run_id": run.run_id,
        "request": run.trigger.text,
        "at": run.trigger.received_at.isoformat(),
        "status": run.status,
        "outcome": run.outcome,
        "person": run.trigger.person.id,
        "conversation": run.trigger.conversation_name,
    }


def view_outputs(store: Store, record: RunRecord) -> JsonValue:
    """What each call gave, as long as that is kept: by step, by index."""
    found: dict[str, JsonValue] = {}
    for (step, index), output in _outputs(store, record).items():
        found[f"{step}.{index}"] = output
    return found


def _outputs(store: Store, record: RunRecord) -> dict[tuple[str, int], JsonValue]:
    keys = [ResultKey(name, item.index) for name, step in record.steps.items() for item in step.items]
    found = store.results(record.run.tenant, record.run.run_id, keys)
    return {(key.step, key.item): result.output for key, result in found.items()}


def _gave(record: RunRecord, outputs: Mapping[tuple[str, int], JsonValue], name: str) -> JsonValue:
    """What a step gave, as load_outputs has it."""
    step = record.steps[name]
    each = [outputs.get((name, item.index)) for item in step.items if item.status == "done"]
    return each if step.for_each else next(iter(each), None)


def _step(planned: Step, step: StepState | None, outputs: dict[tuple[str, int], JsonValue]) -> dict[str, JsonValue]:
    items = [_item(planned.id, item, outputs) for item in step.items] if step else []
    return {
        "id": planned.id,
        "tool": planned.tool,
        "status": _status(step),
        "reason": step.reason if step else "",
        "items": list(items),
    }


def _status(step: StepState | None) -> str:
    if step is None:
        return "waiting"
    if step.skipped:
        return "skipped"
    if not step.is_settled:
        return "asking" if any(item.status == "asking" for item in step.items) else "running"
    return "done" if all(item.status == "done" for item in step.items) else "failed"


def _item(step_id: str, item: Item, outputs: dict[tuple[str, int], JsonValue]) -> dict[str, JsonValue]:
    output = outputs.get((step_id, item.index))
    seconds = (item.settled_at - item.issued_at).total_seconds() if item.settled_at and item.issued_at else None
    shown = item.model_dump(
        mode="json",
        include={"index", "arguments", "status", "phase", "attempt", "reason", "decision", "issued_at", "settled_at"}
        | ({"choices"} if item.choices else set())
        | ({"mended"} if item.mended else set()),
    )
    summary = output.get("summary") if isinstance(output, dict) else None
    shown["arguments"] = _short(shown["arguments"])
    return shown | {"seconds": seconds, "summary": summary}


def _short(value: JsonValue) -> JsonValue:
    """The value with long texts cut: a run is looked at again and again, and its files come with it each time."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else f"{value[:LONGEST_TEXT]}… ({len(value):,} characters)"
    if isinstance(value, list):
        return [_short(inner) for inner in value]
    return {key: _short(inner) for key, inner in value.items()} if isinstance(value, dict) else value
