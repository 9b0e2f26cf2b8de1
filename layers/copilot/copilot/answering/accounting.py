"""What became of a Run: in a word, and in a line for each thing that did not happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from copilot.domain import GATE, RETRY, UNDO, Item, LedgerEntry, Outcome, Plan, Run, Step, StepState
from copilot.plans.arguments import in_words
from copilot.plans.asking_back import question_of
from copilot.plans.left import rest_of
from copilot.ports import RunRecord, Store
from copilot.text.listing import listed
from copilot.text.outside import inert
from copilot.text.spoken import tool_spoken
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool


def outcome_of(record: RunRecord, ledger: Sequence[LedgerEntry], problem: str | None) -> Outcome:
    """One word for the whole run. Partial: something was done and something not, or it cannot be said."""
    if record.revision is not None and record.revision.unplanned:
        return record.revision.unplanned
    if record.plan is not None and record.plan.ask is not None:
        return "asked"
    if record.plan is not None and record.plan.decline is not None and not ledger:
        return "declined"
    if problem or record.plan is None:
        return "aborted"
    if record.run.cancelled_by:
        return "cancelled"
    if not ledger and question_of(record.plan, record.steps):
        return "asked"
    bad = {item.status for step in record.steps.values() for item in step.items} - {"done", "replanned", "left_out"}
    whole = not bad and not any(step.skipped and not step.as_planned for step in record.steps.values())
    if whole and record.plan.then is None and record.plan.decline is None:
        return "succeeded"
    # What was begun and not ended may have been done: a word that invites to ask again would be wrong of it too.
    begun = any(entry.state != "failed_clean" and not entry.prior.is_idle for entry in ledger)
    is_gate = any(revision.intent == GATE for revision in record.revisions)
    if begun or "unknown" in bad or (not ledger and not is_gate and _last_step_ran(record.plan, record.steps)):
        return "partial"
    return "denied" if "denied" in bad else "expired" if "expired" in bad else "failed"


def _last_step_ran(plan: Plan, steps: Mapping[str, StepState]) -> bool:
    wanted = [step for planned in plan.steps if not ((step := steps.get(planned.id)) and step.as_planned)]
    last = wanted[-1] if wanted else None
    return last is not None and any(item.status == "done" for item in last.items)


def account(plan: Plan, steps: Mapping[str, StepState], ledger: Sequence[LedgerEntry], registry: Registry) -> str:
    """A line for everything that was planned and did not happen, or may have happened; "" if all did."""
    lines, unneeded, left_out = list[str](), list[str](), list[str]()
    asks = not any(issubclass(registry.find(planned.tool), WriteTool) for planned in plan.steps)
    for planned in plan.steps:
        step = steps.get(planned.id)
        if step is None:
            lines.append(f"- {_called(planned)}: not run")
        elif planned.accompanies and step.as_planned:
            continue  # nobody is told that nothing was done
        elif step.skipped:
            said = f"- {_called(planned)}: not run, because {inert(step.reason)}"
            (unneeded if asks and step.as_planned else lines).append(said)
        else:
            effects = {entry.item: entry for entry in ledger if entry.step == planned.id}
            writes = issubclass(registry.find(planned.tool), WriteTool)
            lines += [
                _not_found_out(step, item) if asks else _line(step, item, effects.get(item.index), writes)
                for item in step.items
                if item.status not in {"done", "left_out"} and (writes or item.status != "replanned")
            ]
            left_out += [_line(step, item, None, writes) for item in step.items if item.status == "left_out"]
    gates = asks and any(planned.tool.partition("@")[0] == GATE for planned in plan.steps)
    heads = ("Does not hold:" if gates else "Not found out:" if asks else "Not done:", "Not looked at:", "Left out:")
    parts = [[head, *some] for head, some in zip(heads, (lines, unneeded, left_out), strict=True)]
    return "\n\n".join("\n".join(part) for part in parts if part[1:])


def offer(store: Store, record: RunRecord, ledger: Sequence[LedgerEntry], outcome: Outcome, registry: Registry) -> str:
    """That what was done can be taken back, and what was not be tried again, where the Run ended half done; "" where it
    did not, or neither can be.
    """
    if outcome in {"succeeded", "asked"}:
        return ""
    run_id = record.run.run_id
    tools = (registry.find(entry.tool) for entry in ledger if entry.state == "done" and not entry.prior.is_idle)
    undoes = any(issubclass(tool, WriteTool) and tool.inverse for tool in tools)
    retries = _is_left(store, record, ledger, registry)
    if undoes and retries:
        return f"“Undo run {run_id}” takes back what was done; “retry run {run_id}” does the rest."
    if undoes:
        return f"“Undo run {run_id}” takes back what was done."
    return f"“Retry run {run_id}” tries again what was not done." if retries else ""


def offers_retry(run: Run) -> bool:
    """Whether its answer says so, as `offer` has it."""
    return f"etry run {run.run_id}\u201d" in (run.answer or "")


def _is_left(store: Store, record: RunRecord, ledger: Sequence[LedgerEntry], registry: Registry) -> bool:
    """Whether anything may be tried again as it was asked for: not what was wrong before it could be looked at."""
    if record.plan is None or record.plan.then is not None:
        return False
    if any(revision.intent == UNDO for revision in record.revisions[:1]):
        return any(entry.state == "failed_clean" for entry in ledger) or record.run.cancelled_by is not None
    rest = rest_of(store, record, registry)
    if ledger or record.run.cancelled_by:
        return bool(rest.names)
    return any(item.state_hash is not None for _, item in rest.calls)


def opening(record: RunRecord) -> str:
    """Which Run it went on with; "" where it was no such."""
    first = next(iter(record.revisions), None)
    if first is None or first.intent != RETRY or not first.plan.steps:
        return ""
    return f"What was left of run {first.slots.get('run')} was tried again."


def _called(planned: Step) -> str:
    """A step that was not run, by its id; of a gate by what it holds."""
    what = planned.arguments.get("what") if planned.tool.partition("@")[0] == GATE else None
    return inert(str(what)) if what else f"{planned.id} ({tool_spoken(planned.tool)})"


def _not_found_out(step: StepState, item: Item) -> str:
    """What kept a question from its answer: nothing was to be done that could fail."""
    if item.status != "failed" or not item.reason:
        return _line(step, item, None, writes=False)
    if step.tool.partition("@")[0] == GATE:
        return f"- {inert(item.reason)}"
    what = f"{tool_spoken(step.tool)} {in_words(item.arguments)}".rstrip()
    return f"- {what}: {inert(item.reason)}"


def _line(step: StepState, item: Item, effect: LedgerEntry | None, writes: bool) -> str:
    what = f"- {tool_spoken(step.tool)} {in_words(item.arguments)}".rstrip() + ": "
    told = inert(item.reason)
    if effect is not None and effect.paused:
        return f"{what}not finished: {inert(effect.reason)}"
    if item.status == "unknown" or (effect is not None and effect.state in {"started", "unknown"}):
        why = told or inert(effect.reason if effect else "") or "it was begun and its end was not recorded"
        return f"{what}it cannot be said whether this was done ({why}); look before you ask again"
    said = "not finished" if not item.is_settled else _SAID.get(item.status, item.status)
    reason = ": ".join(part for part in (said, told) if part)
    untouched = writes and item.kept_in is None and (effect is None or effect.state == "failed_clean")
    return f"{what}{reason}{'. Nothing was changed' if untouched else _changed(effect)}"


def _changed(effect: LedgerEntry | None) -> str:
    """What a write that was made, and then was not as wanted, has changed all the same."""
    if effect is None or effect.state != "done":
        return ""
    done = [one for one in effect.prior.changes if one.action not in {"skip", "send"}]
    told = [f"{inert(one.name)} {inert(one.before)} -> {inert(one.after)}" for one in done]
    return f". Changed it was: {listed(told)}" if told else ""


# The reason of a denial says itself who or what denied.
_SAID = {
    "denied": "",
    "expired": "not approved",
    "no_data": "nothing to go on",
    "halted": "",
    "left_out": "",
    "replanned": "not done like this, the plan was changed",
}
