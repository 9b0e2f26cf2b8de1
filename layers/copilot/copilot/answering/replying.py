"""Reply: the answer, once, with what did not happen accounted for; then the Conversation is given back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from copilot.answering.accounting import account, outcome_of
from copilot.answering.composing import Compose
from copilot.domain import (
    AUTHOR,
    Focus,
    JournalEntry,
    LedgerEntry,
    OpenQuestion,
    Plan,
    Question,
    Revision,
    Run,
    StepState,
    Turn,
)
from copilot.errors import NoData
from copilot.memory.remembering import as_written, changed_by, focus_of, understood
from copilot.plans import references
from copilot.plans.afresh import ages
from copilot.plans.arguments import answer_steps
from copilot.plans.asking_back import question_of
from copilot.plans.marks import trusted_texts
from copilot.plans.outputs import load_outputs, spared_texts
from copilot.plans.taint import answer_is_untrusted, tainted_steps
from copilot.plans.templates import render_answer
from copilot.plans.tool_types import types_of
from copilot.ports import Clock, RunRecord, Store
from copilot.text.outside import inert, looks_like_a_name, plain
from copilot.tools.registry import Registry

LATEST = 10
"""Turns that are looked through for one that came later."""
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
        evidence = JournalEntry.of(run, "answer", "answer", now, {"outcome": outcome, "request": run.trigger.text})
        self.store.answer_run(run, turn, [evidence], self._focus(record))

    def _focus(self, record: RunRecord) -> Focus | None:
        """What the Conversation speaks of from now on; None leaves it as it is."""
        before = self.store.focus(record.run.tenant, record.run.conversation)
        person = record.run.trigger.person.id
        if self._is_overtaken(record):
            changed = before.changed | changed_by(record.steps, self.registry)
            return before.model_copy(update={"changed": changed}) if changed != before.changed else None
        if (asked := _open(record, person)) is not None:
            return before.model_copy(update={"unsettled": before.environments != (), "open": asked})
        if record.revision is not None:
            steered = tainted_steps(record.revisions, as_written(record.steps), self.registry)
            shown = self._shown(record, record.revision)
            focus = focus_of(record.revision, record.steps, steered, self.registry, shown)
            if focus != Focus():
                changed = before.changed | changed_by(record.steps, self.registry)
                return focus.model_copy(update={"by": person, "changed": changed})
        unsettled = before.unsettled or (before != Focus() and not understood(record.revision))
        mine = before.open is not None and before.open.asker == person
        still = None if understood(record.revision) or mine else before.open
        now = before.model_copy(update={"unsettled": unsettled, "open": still})
        return now if now != before else None

    def _is_overtaken(self, record: RunRecord) -> bool:
        """Whether another was answered while this one waited for a person: then it is not what was spoken of last."""
        run = record.run
        if not any(item.approval_id for step in record.steps.values() for item in step.items):
            return False
        turns = self.store.turns(run.tenant, run.conversation, LATEST)
        return any(
            turn.author == AUTHOR and turn.run_id != run.run_id and turn.at >= run.trigger.received_at for turn in turns
        )

    def _shown(self, record: RunRecord, revision: Revision) -> list[str] | None:
        """The environments that the answer shows, in its order, where the plan says which those are."""
        if not revision.about:
            return None
        try:
            steps = sorted({root[0] for root in references.roots(revision.about)})
            outputs = load_outputs(self.store, self.registry, record.run, record.steps, steps)
            found = references.evaluate(revision.about, outputs)
        except NoData:
            return None
        return [name for name in found if isinstance(name, str)] if isinstance(found, list) else None

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
                text = self.compose(record.run, plan.answer, outputs, self._trusted(record, plan, outputs))
            else:
                spared = spared_texts(self.registry, record.steps, outputs, sent=False)
                text = render_answer(plan.answer.text, outputs, spared)
            return "\n\n".join([text, *(age for age in ages(plan, outputs, self.registry) if age not in text)])
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


def _open(record: RunRecord, person: str) -> OpenQuestion | None:
    """What an answer would complete: words of the request, in place of which a choice may stand."""
    revision, plan = record.revision, record.plan
    if revision is None or plan is None or (question := question_of(plan, record.steps)) is None:
        return None
    said = revision.slots.get("environment") if revision.lacks is None else revision.lacks
    if not isinstance(said, str) or said.lower() not in plan.goal.lower():
        return None
    at = plan.goal.lower().index(said.lower())
    # In its place, so that "the second" stays the second: what does not look like a name is no part of a request.
    choices = tuple(
        "" if one in revision.marked or (revision.lacks is None and not looks_like_a_name(one)) else one
        for one in question.choices
    )
    return OpenQuestion(asker=person, request=plan.goal, lacks=plan.goal[at : at + len(said)], choices=choices)


def _question(asked: Question) -> str:
    """The question, with the choices it does not name itself."""
    shown = map(inert, asked.choices)
    choices = [f"- {choice}" for choice in shown if choice not in asked.question]
    return plain("\n".join([asked.question, *choices]))
