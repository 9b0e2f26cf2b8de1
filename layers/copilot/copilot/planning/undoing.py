"""Taking back what a Run did: one plan out of the ledger, what was done last taken back first.

Nothing is taken back that somebody changed since, that cannot be, or of which it is not known whether it was done:
that is said, and the rest is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pydantic import JsonValue

from copilot.domain import (
    FREEZE,
    MOST_STEPS,
    UNDO,
    Answer,
    Arguments,
    Call,
    LedgerEntry,
    Plan,
    Revision,
    Step,
    StepState,
    Trigger,
    leased,
)
from copilot.errors import NotFound
from copilot.planning.earlier_runs import called, earlier_runs, named_in, run_called
from copilot.plans.taint import tainted_steps
from copilot.ports import Clock, History, RunRecord, Store
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.text.spoken import tool_spoken
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

NOTHING_DONE = (
    "Nothing was lately changed in this conversation that could be taken back, or all of it was. "
    "Nothing was done; name a run: “undo run r…”."
)
NO_FREEZE = (
    "The last thing that was done here froze or thawed something, which an undo does not take back. Nothing was done: "
    "say what is to be thawed or frozen; or name the run that is to be taken back: “undo run r…”."
)
Made = tuple[LedgerEntry, Call]


@dataclass(frozen=True)
class Undo:
    """`history` says what was changed since, over all Runs."""

    store: Store
    registry: Registry
    clock: Clock
    history: History

    def __call__(self, trigger: Trigger) -> Revision:
        """A plan that takes back what the Run did that is named in the request; else the last one of its Conversation
        that did something.
        """
        if named := named_in(trigger.text):
            record = run_called(self.store, trigger, named)
            if record is None:
                return _said(trigger, f"There is no run {named}. Nothing was done.")
            return self._plan(trigger, record, None)
        there = self._last(trigger)
        record = next(there, None)
        if record is not None and _froze(record):
            return _said(trigger, NO_FREEZE)
        if record is None:
            return _said(trigger, NOTHING_DONE)
        before = next(there, None)
        return self._plan(trigger, record, None if before is None or _froze(before) else before)

    def _last(self, trigger: Trigger) -> Iterator[RunRecord]:
        """Those of its Conversation that changed something, the last first; without what was taken back."""
        taken_back: set[str] = set()
        for run_id in earlier_runs(self.store, trigger):
            record = run_called(self.store, trigger, run_id) if run_id not in taken_back else None
            if record is None:
                continue
            if _froze(record):
                yield record
                return
            undone = [str(one.slots.get("run")) for one in record.revisions if one.intent == UNDO]
            if undone and record.run.outcome == "succeeded":
                taken_back.update(undone)
            elif not undone and any(_tells(self._tool(entry)) for entry in self._ledger(record)):
                yield record

    def _ledger(self, record: RunRecord) -> list[LedgerEntry]:
        """What it began and did not end as if it had not, the last first; without that which had nothing to change."""
        entries = self.store.effects(record.run.tenant, record.run.run_id)
        return [one for one in reversed(entries) if one.state != "failed_clean" and not one.prior.is_idle]

    def _plan(self, trigger: Trigger, record: RunRecord, before: RunRecord | None) -> Revision:
        """`before` is the one of the Conversation that changed something before it, and is left as it is."""
        run, ledger = record.run, self._ledger(record)
        if run.status != "answered":
            return _said(
                trigger, f"Run {run.run_id} is not at its end yet. Nothing was done: cancel it first, or wait for it."
            )
        calls: list[Made] = []
        left: list[str] = []
        for entry in ledger:
            found = self._inverse(record, entry)
            if isinstance(found, Call):
                calls.append((entry, found))
            else:
                left.append(f"{tool_spoken(entry.tool)} {_targets(entry)}: {found}")
        made = list(_steps(calls))
        steps = [step for step, _ in made]
        if len(steps) > MOST_STEPS:
            return _said(
                trigger,
                f"Run {run.run_id} did too much to be taken back by one plan. Nothing was done; name the environments.",
            )
        what = called(record, trigger)
        not_taken = "\n".join(["", "", "Not taken back:", *(f"- {one}" for one in left)]) if left else ""
        if not steps:
            nothing = "" if left else " It changed nothing."
            left_so = f"\n\nWhat {called(before, trigger)} changed before that is as it was left" if before else ""
            how = f"{left_so}; “undo run {before.run.run_id}” takes that back." if before else ""
            return _said(trigger, f"Nothing of {what} is taken back.{nothing}{not_taken}{how}")
        shown = "\n".join(f"- {{{step.id}[].summary}}" for step in steps)
        more = (
            f"\n\nWhat {called(before, trigger)} changed before that is as it was left; undo again for that."
            if before
            else ""
        )
        text = f"Taken back of {_literal(what)}:\n{shown}{_literal(not_taken)}{_literal(more)}"
        steered = self._steered(record, calls)
        plan = Plan(goal=trigger.text, steps=tuple(steps), answer=Answer(text=text))
        of: JsonValue = {step.id: [[entry.step, entry.item] for entry, _ in some] for step, some in made}
        slots = {"run": run.run_id, "of": of}
        return Revision(plan=plan, intent=UNDO, slots=slots, read_untrusted=bool(steered), read=steered)

    def _inverse(self, record: RunRecord, entry: LedgerEntry) -> Call | str:
        """The call that takes it back, or why none does."""
        tool = self._tool(entry)
        if entry.state != "done":
            return "it is not known whether it was done"
        given = _arguments(record.steps, entry)
        undone = tool.undo(tool.Input.model_validate(given), entry.prior)
        if not isinstance(undone, Call):
            return undone.why
        if since := self._changed_since(record, entry):
            return since
        return undone

    def _changed_since(self, record: RunRecord, entry: LedgerEntry) -> str:
        """Who changed something of what it changed after it, as it does or the other way; "" where that was nobody but
        the same Run, or what they did was taken back, or it was to take this back and did not come to be.
        """
        kinds = {self._tool(entry).name, self._tool(entry).inverse}
        touched = {change.ref for change in entry.prior.wanted}
        for target in leased(one.ref for one in entry.prior.targets):
            later = [
                made
                for made in self.history.made(entry.started_at, self.clock.now(), target)
                if made.run_id != record.run.run_id and made.entry.started_at > entry.started_at
                if made.entry.tool.partition("@")[0] in kinds
                if made.entry.state != "failed_clean" and not made.entry.prior.is_idle
                if not touched.isdisjoint(change.ref for change in made.entry.prior.wanted)
            ]
            runs = {run_id: run for run_id in {made.run_id for made in later} if (run := self._kept(record, run_id))}
            taken_back = {run_id: _taken_back_by(one) for run_id, one in runs.items()}
            undone = {*taken_back.values(), *(run_id for run_id, of in taken_back.items() if of and of in taken_back)}
            for made in later:
                when = f"{quoted(made.person)} at {made.entry.started_at:%d %b %H:%M} UTC"
                if taken_back.get(made.run_id) == record.run.run_id:
                    if not _failed(runs[made.run_id], made.entry):
                        return f"it was taken back already, by {when}"
                elif made.run_id not in undone:
                    return f"changed since, by “{tool_spoken(made.entry.tool)}” of {when}"
        return ""

    def _kept(self, record: RunRecord, run_id: str) -> RunRecord | None:
        """None where it was deleted: what it did stands in the ledger, and that it was taken back nobody knows."""
        try:
            return self.store.load_run(record.run.tenant, run_id)
        except NotFound:
            return None

    def _steered(self, record: RunRecord, calls: Iterable[Made]) -> str:
        """Why what is taken back may have been chosen by text that nobody here wrote; "" where it was not."""
        tainted = tainted_steps(record.revisions, record.steps, self.registry)
        return "the run that is taken back" if any(entry.step in tainted for entry, _ in calls) else ""

    def _tool(self, entry: LedgerEntry) -> type[WriteTool[Any, Any]]:
        tool = self.registry.find(entry.tool)
        assert issubclass(tool, WriteTool)
        return tool


def _tells(tool: type[WriteTool[Any, Any]]) -> bool:
    """Whether a person who wants the last change taken back may mean what it did, whether that can be or not: all but
    what somebody was told.
    """
    return tool.resource != "Channel"


def _froze(record: RunRecord) -> bool:
    made = record.revisions[:1]
    return bool(made) and made[0].intent == FREEZE


def _taken_back_by(record: RunRecord) -> str:
    """Which Run this one took back; "" where it did something else."""
    made = record.revisions[:1]
    return str(made[0].slots.get("run", "")) if made and made[0].intent == UNDO else ""


def _failed(record: RunRecord, entry: LedgerEntry) -> bool:
    return record.run.status == "answered" and record.steps[entry.step].items[entry.item].status != "done"


def _steps(calls: Sequence[Made]) -> Iterator[tuple[Step, Sequence[Made]]]:
    """A step for the calls of one step that are alike, with them, each after those of what was done later, whatever
    comes of them: each of the calls looks itself whether what it takes back is still so.
    """
    before: tuple[str, ...] = ()
    number = 0
    for _, some in groupby(calls, key=lambda made: made[0].step):
        ids: list[str] = []
        for (tool, names), alike in _alike(some).items():
            number += 1
            ids.append(f"undo{number}")
            arguments: Arguments = {name: {"$item": name} for name in names}
            step = Step(
                id=ids[-1],
                tool=tool,
                for_each=[call.arguments for _, call in alike],
                arguments=arguments,
                after=before,
                continue_on_failure=True,
            )
            yield step, alike
        before = tuple(ids)


def _alike(calls: Iterable[Made]) -> Mapping[tuple[str, tuple[str, ...]], list[Made]]:
    """By tool and by which arguments there are."""
    found: dict[tuple[str, tuple[str, ...]], list[Made]] = {}
    for made in calls:
        _, call = made
        found.setdefault((call.tool, tuple(sorted(call.arguments))), []).append(made)
    return found


def _arguments(steps: Mapping[str, StepState], entry: LedgerEntry) -> Arguments:
    return steps[entry.step].items[entry.item].arguments


def _targets(entry: LedgerEntry) -> str:
    return listed([one.name if one.ref.type == "channel" else quoted(one.name) for one in entry.prior.targets])


def _literal(text: str) -> str:
    """As it stands, in a template."""
    return text.replace("{", "(").replace("}", ")")


def _said(trigger: Trigger, text: str) -> Revision:
    return Revision(plan=Plan(goal=trigger.text, say=text), intent=UNDO, unplanned="failed")
