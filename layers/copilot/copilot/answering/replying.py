"""Reply: the answer, once, with what did not happen accounted for; then the Conversation is given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from copilot.answering.composing import Compose
from copilot.domain import Focus, Item, JournalEntry, LedgerEntry, Outcome, Plan, Question, Run, StepState, Turn
from copilot.errors import NoData
from copilot.memory.remembering import as_written, focus_of, understood
from copilot.plans.arguments import answer_steps
from copilot.plans.asking_back import question_of
from copilot.plans.marks import trusted_texts
from copilot.plans.outputs import load_outputs, spared_texts
from copilot.plans.taint import answer_is_untrusted, tainted_steps
from copilot.plans.templates import render_answer, words
from copilot.plans.tool_types import types_of
from copilot.ports import Clock, RunRecord, Store
from copilot.text.listing import listed
from copilot.text.outside import inert, plain
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

AUTHOR = "copilot"
LONGEST = 50_000  # characters; far below the 400 KB of a row


@dataclass(frozen=True)
class Reply:
    """`compose` writes the answers that a template cannot."""

    store: Store
    registry: Registry
    clock: Clock
    compose: Compose = Compose()

    def __call__(self, tenant: str, run_id: str, problem: str | None = None) -> Run:
        """The Run, answered. `problem` is what ended the run's execution, in words, where something did.

        Called again, it changes nothing.
        """
        record = self.store.load_run(tenant, run_id)
        if record.run.status != "answered":
            self._answer(record, problem)
        self.store.release_lock(record.run)
        return self.store.run(tenant, run_id)

    def _answer(self, record: RunRecord, problem: str | None) -> None:
        now = self.clock.now()
        ledger = self.store.effects(record.run.tenant, record.run.run_id)
        text = self._text(record, ledger, problem)
        text = text if len(text) <= LONGEST else text[:LONGEST] + "\n\u2026 (cut; `runs show` has every item)"
        outcome = outcome_of(record, ledger, problem)
        run = record.run.model_copy(update={"answer": text, "outcome": outcome, "answered_at": now})
        quotes = answer_is_untrusted(record.revisions, record.steps, self.registry)
        turn = Turn(run_id=run.run_id, author=AUTHOR, text=text, at=now, untrusted=quotes)
        evidence = JournalEntry(
            at=now,
            id=f"{run.run_id}-answer",
            kind="answer",
            run_id=run.run_id,
            person=run.trigger.person.id,
            data={"outcome": outcome, "request": run.trigger.text},
        )
        if self.store.answer_run(run, turn, [evidence]):
            focus, before = self._focus(record), self.store.focus(run.tenant, run.conversation)
            if focus != Focus():
                by = run.trigger.person.id
                self.store.remember(run.tenant, run.conversation, focus.model_copy(update={"by": by}))
            elif before != Focus() and not understood(record.revision):
                self.store.remember(run.tenant, run.conversation, before.model_copy(update={"unsettled": True}))

    def _focus(self, record: RunRecord) -> Focus:
        if record.revision is None:
            return Focus()
        steered = tainted_steps(record.revisions, as_written(record.steps), self.registry)
        return focus_of(record.revision, record.steps, steered, self.registry)

    def _text(self, record: RunRecord, ledger: list[LedgerEntry], problem: str | None) -> str:
        parts = []
        if problem:
            parts.append(f"The run stopped before its end: {inert(problem)}")
        if record.plan is None:
            parts.append("Nothing was planned and nothing was changed.")
        elif record.plan.say is not None:
            parts.append(plain(record.plan.say))
        elif record.plan.decline is not None:
            parts.append(plain(record.plan.decline))
        elif record.plan.ask is not None:
            parts.append(_question(record.plan.ask))
        elif not ledger and not problem and (asked := question_of(record.plan, record.steps)):
            parts += self._asked_back(record, record.plan, asked)
        else:
            parts.append(_mends(record.plan, record.steps))
            parts.append(self._answer_text(record, record.plan))
            parts.append(account(record.plan, record.steps, ledger, self.registry))
        return "\n\n".join(part for part in parts if part)

    def _asked_back(self, record: RunRecord, plan: Plan, asked: Question) -> list[str]:
        """What can be answered without it, and the question."""
        came = {name: record.steps[name].items for name in answer_steps(plan) if name in record.steps}
        whole = all(any(item.status == "done" for item in came.get(name, ())) for name in answer_steps(plan))
        answer = [self._answer_text(record, plan)] if came and whole else []
        return [*answer, _question(asked), "Nothing was changed. Ask again, with the one that is meant."]

    def _answer_text(self, record: RunRecord, plan: Plan) -> str:
        if plan.answer is None:
            return ""
        try:
            outputs = load_outputs(self.store, self.registry, record.run, record.steps, answer_steps(plan))
            if plan.answer.text is None:
                return self.compose(record.run, plan.answer, outputs, self._trusted(record, plan, outputs))
            spared = spared_texts(self.registry, record.steps, outputs, sent=False)
            return render_answer(plan.answer.text, outputs, spared)
        except NoData as error:
            return f"The steps ran, but the answer could not be put together: {error}."

    def _trusted(self, record: RunRecord, plan: Plan, outputs: Mapping[str, JsonValue]) -> list[str]:
        """The texts in the outputs that are not marked."""
        steered = tainted_steps(record.revisions, record.steps, self.registry)
        found: list[str] = []
        for step in plan.steps:
            if step.id in outputs and step.id not in steered:
                type = types_of(self.registry.find(step.tool)).output
                each = outputs[step.id]
                for one in each if step.for_each is not None and isinstance(each, list) else [each]:
                    found += trusted_texts(one, type)
        return found


def _mends(plan: Plan, steps: Mapping[str, StepState]) -> str:
    """What was read for something else than was said; "" where nothing was."""
    items = [item for planned in plan.steps if planned.id in steps for item in steps[planned.id].items]
    lines = [f"\u201c{inert(one.said)}\u201d was read as {inert(one.meant)}, the only name near it." for one in
             dict.fromkeys(item.mended for item in items if item.mended)]  # fmt: skip
    return "\n".join(lines)


def _question(asked: Question) -> str:
    """The question, with the choices it does not name itself."""
    shown = map(inert, asked.choices)
    choices = [f"- {choice}" for choice in shown if choice not in asked.question]
    return plain("\n".join([asked.question, *choices]))


def outcome_of(record: RunRecord, ledger: Sequence[LedgerEntry], problem: str | None) -> Outcome:
    """One word for the whole run. Partial: something was done and something not, or it cannot be said."""
    if record.revision is not None and record.revision.unplanned:
        return record.revision.unplanned
    if record.plan is not None and record.plan.ask is not None:
        return "asked"
    if record.plan is not None and record.plan.decline is not None:
        return "declined"
    if problem or record.plan is None:
        return "aborted"
    if record.run.cancelled_by:
        return "cancelled"
    if not ledger and question_of(record.plan, record.steps):
        return "asked"
    bad = {item.status for step in record.steps.values() for item in step.items} - {"done", "replanned"}
    if not bad and not any(step.skipped for step in record.steps.values()):
        return "succeeded"
    # What was begun and not ended may have been done: a word that invites to ask again would be wrong of it too.
    begun = any(entry.state != "failed_clean" and not entry.prior.is_idle for entry in ledger)
    if begun or "unknown" in bad or (not ledger and _last_step_ran(record.plan, record.steps)):
        return "partial"
    return "denied" if "denied" in bad else "expired" if "expired" in bad else "failed"


def _last_step_ran(plan: Plan, steps: Mapping[str, StepState]) -> bool:
    last = steps.get(plan.steps[-1].id)
    return last is not None and any(item.status == "done" for item in last.items)


def account(plan: Plan, steps: Mapping[str, StepState], ledger: Sequence[LedgerEntry], registry: Registry) -> str:
    """A line for everything that was planned and did not happen, or may have happened; "" if all did."""
    lines = []
    asks = not any(issubclass(registry.find(planned.tool), WriteTool) for planned in plan.steps)
    for planned in plan.steps:
        step = steps.get(planned.id)
        if step is None:
            lines.append(f"- {planned.id} ({planned.tool}): not run")
        elif step.skipped:
            lines.append(f"- {planned.id} ({planned.tool}): not run, because {inert(step.reason)}")
        else:
            effects = {entry.item: entry for entry in ledger if entry.step == planned.id}
            writes = issubclass(registry.find(planned.tool), WriteTool)
            lines += [
                _not_found_out(step, item) if asks else _line(step, item, effects.get(item.index), writes)
                for item in step.items
                if item.status != "done" and (writes or item.status != "replanned")
            ]
    return "\n".join(["Not found out:" if asks else "Not done:", *lines]) if lines else ""


def _not_found_out(step: StepState, item: Item) -> str:
    """What kept a question from its answer: nothing was to be done that could fail."""
    if item.status != "failed" or not item.reason:
        return _line(step, item, None, writes=False)
    given = words([value for value in item.arguments.values() if isinstance(value, str)])[:60]
    what = f"{step.tool.partition('@')[0].replace('_', ' ')} {given if item.arguments else ''}".rstrip()
    return f"- {what}: {inert(item.reason)}"


def _line(step: StepState, item: Item, effect: LedgerEntry | None, writes: bool) -> str:
    given = words([value for value in item.arguments.values() if isinstance(value, str | int)])[:60]
    what = f"- {step.tool.partition('@')[0]} {given if item.arguments else ''}".rstrip() + ": "
    told = inert(item.reason)
    if effect is not None and effect.paused:
        return f"{what}not finished: {inert(effect.reason)}"
    if item.status == "unknown" or (effect is not None and effect.state in {"started", "unknown"}):
        why = told or inert(effect.reason if effect else "") or "it was begun and its end was not recorded"
        return f"{what}it cannot be said whether this was done ({why}); look before you ask again"
    said = "not finished" if not item.is_settled else _SAID.get(item.status, item.status)
    reason = ": ".join(part for part in (said, told) if part)
    untouched = writes and (effect is None or effect.state == "failed_clean")
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
    "replanned": "not done like this, the plan was changed",
}
