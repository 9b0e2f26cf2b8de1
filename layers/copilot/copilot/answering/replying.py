"""Reply: the answer, once, with what did not happen accounted for; then the Conversation is given back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from pydantic import JsonValue

from copilot.answering.accounting import account, offer, opening, outcome_of
from copilot.answering.code_owned import owned_by_code
from copilot.answering.composing import Compose
from copilot.answering.evidence import sources
from copilot.answering.grounding import plain_results
from copilot.domain import (
    AUTHOR,
    RETRY,
    RUNBOOK,
    About,
    JournalEntry,
    LedgerEntry,
    Outcome,
    Person,
    Plan,
    Question,
    Run,
    Step,
    StepState,
    Turn,
    leased,
)
from copilot.errors import Conflict, NoData
from copilot.memory.leaving_behind import Remember
from copilot.plans.about import about_answer, about_steps
from copilot.plans.afresh import ages
from copilot.plans.arguments import answer_steps, results_told
from copilot.plans.asking_back import question_of
from copilot.plans.kept import used_by
from copilot.plans.kept_back import MayRead, all_but_logs_of_production, fed_by_such, kept_back, readable
from copilot.plans.marks import trusted_texts
from copilot.plans.outputs import load_outputs, load_previews, output_of, spared_texts
from copilot.plans.taint import answer_is_untrusted, tainted_steps
from copilot.plans.templates import render_answer
from copilot.plans.tool_types import types_of
from copilot.ports import Clock, RunRecord, Store
from copilot.text.moments import as_of, day_of
from copilot.text.outside import OPEN, inert, plain
from copilot.tools.registry import Registry

TRIED = 4
LONGEST = 50_000  # characters; far below the 400 KB of a row


class _Given(NamedTuple):
    """The outputs that the answer speaks of; or why they are `missing`."""

    outputs: Mapping[str, JsonValue] = MappingProxyType({})
    missing: str = ""


@dataclass(frozen=True)
class Reply:
    """`compose` writes the answers that a template cannot; `may_read` is what a model may read for a person,
    and `zone_of` in which time zone one, by id, is told times; `learn` is told what each Run comes to. `spent` says
    which caps it came near to.
    """

    store: Store
    registry: Registry
    clock: Clock
    compose: Compose = Compose()
    may_read: Callable[[Person], MayRead] = lambda person: all_but_logs_of_production
    zone_of: Callable[[str], str] = lambda person: "UTC"
    learn: Callable[[RunRecord, Outcome], None] = lambda record, outcome: None
    spent: Callable[[Run], str] = lambda run: ""

    def __call__(self, tenant: str, run_id: str, problem: str | None = None) -> Run:
        """The Run, answered. `problem` is what ended the run's execution, in words, where something did.

        Called again, it changes nothing.
        """
        record = self.store.load_run(tenant, run_id)
        if record.run.status != "answered":
            self._answer(record, problem)
        self._free_leases(record)
        self.store.release_lock(record.run)
        return self.store.run(tenant, run_id)

    def _free_leases(self, record: RunRecord) -> None:
        """But of what a worker may still be at, that the end of the run has not reached: it gives that up by itself."""
        run, now = record.run, self.clock.now()
        changed = leased(ref for step in record.steps.values() for item in step.items for ref in item.targets)
        if not changed:
            return
        begun = [entry for entry in self.store.effects(run.tenant, run.run_id) if entry.state == "started"]
        busy = {ref for entry in begun if now < entry.dead_after for ref in entry.prior.apart}
        self.store.free_leases(run.tenant, run.run_id, [target for target in changed if target not in busy])

    def _answer(self, record: RunRecord, problem: str | None) -> None:
        now = self.clock.now()
        ledger = self.store.effects(record.run.tenant, record.run.run_id)
        given = self._given(record)
        text = self._text(record, ledger, problem, given)
        text = text if len(text) <= LONGEST else text[:LONGEST] + "\n\u2026 (cut; `runs show` has every item)"
        outcome = outcome_of(record, ledger, problem)
        self.learn(record, outcome)
        owned = self._owned(record, ledger)
        decided = decided_by_facts(record)
        offered = offer(self.store, record, ledger, outcome, self.registry)
        parts = (text, self._learned(record), decided, owned, self.spent(record.run), offered)
        text = "\n\n".join(part for part in parts if part)
        gave = partial(self._gave, record, given)
        about = about_answer(record.revisions, record.steps, gave, self.registry)
        run = record.run.model_copy(update={"answer": text, "about": about, "outcome": outcome, "answered_at": now})
        quotes = (
            answer_is_untrusted(record.revisions, record.steps, self.registry)
            or OPEN in owned
            or OPEN in decided
            or _in_words_of_another(record)
        )
        may_read = self.may_read(run.trigger.person)
        kept = used_by(record.revisions)
        fed = fed_by_such(record.plan, self.registry, may_read, kept) if record.plan else frozenset()
        said = any(item.reason for name in fed & record.steps.keys() for item in record.steps[name].items)
        private = said or bool(kept_back(given.outputs, record.steps, self.registry, fed, may_read, kept))
        turn = Turn(
            run_id=run.run_id, author=AUTHOR, text=text, at=now, untrusted=quotes, kept_back=private, about=about
        )
        evidence = JournalEntry.of(run, "answer", "answer", now, {"outcome": outcome, "request": run.trigger.text})
        abouts = about_steps(record.revisions, record.steps, gave, self.registry)
        self._written(record, run, turn, evidence, given.outputs, ledger, abouts)

    def _written(
        self,
        record: RunRecord,
        run: Run,
        turn: Turn,
        evidence: JournalEntry,
        outputs: Mapping[str, JsonValue],
        ledger: Sequence[LedgerEntry],
        abouts: Mapping[str, About],
    ) -> None:
        """With what the Conversation speaks of; found out anew where another was answered in it meanwhile."""
        remember, record = Remember(self.store, self.registry, ledger), record._replace(run=run)
        for _ in range(TRIED - 1):
            with suppress(Conflict):
                self.store.answer_run(run, turn, [evidence], remember(record, outputs, turn, abouts))
                return
        self.store.answer_run(run, turn, [evidence], remember(record, outputs, turn, abouts))

    def _owned(self, record: RunRecord, ledger: Sequence[LedgerEntry]) -> str:
        """What was changed that code owns, as it was found out before."""
        made = {
            (entry.step, entry.item)
            for entry in ledger
            if entry.state != "failed_clean" and any(change.ref.account for change in entry.prior.wanted)
        }
        if not made:
            return ""
        items = [(step, item) for step in record.steps.values() for item in step.items]
        of = [(step, item) for step, item in items if (step.step_id, item.index) in made]
        return owned_by_code(load_previews(self.store, record.run, of).values())

    def _given(self, record: RunRecord) -> _Given:
        if record.plan is None:
            return _Given()
        try:
            steps = answer_steps(record.plan)
            kept = used_by(record.revisions)
            used = [kept[name] for name in sorted(results_told(record.plan) & kept.keys())]
            return _Given(load_outputs(self.store, self.registry, record.run, record.steps, steps, used))
        except NoData as error:
            return _Given(missing=str(error))

    def _gave(self, record: RunRecord, given: _Given, name: str) -> JsonValue:
        """What a step gave; None of one whose results are no longer kept."""
        if name in given.outputs:
            return given.outputs[name]
        return output_of(self.store, self.registry, record.run, record.steps, name)

    def _text(self, record: RunRecord, ledger: list[LedgerEntry], problem: str | None, given: _Given) -> str:
        parts = []
        if problem:
            parts.append(f"The run stopped before its end: {inert(problem)}")
        if record.plan is None:
            parts.append("Nothing was planned and nothing was changed.")
        elif record.plan.only_speaks:
            parts.append(_mends(record.plan, record.steps))
            parts.append(_spoken(record.plan))
            parts.append(account(record.plan, record.steps, ledger, self.registry))
        elif not ledger and not problem and (asked := question_of(record.plan, record.steps)):
            parts += self._asked_back(record, record.plan, asked, given)
        else:
            parts.append(opening(record))
            parts.append(_mends(record.plan, record.steps))
            parts.append(self._answer_text(record, record.plan, given))
            parts.append(account(record.plan, record.steps, ledger, self.registry))
        return "\n\n".join(part for part in parts if part)

    def _asked_back(self, record: RunRecord, plan: Plan, asked: Question, given: _Given) -> list[str]:
        """What can be answered without it, and the question."""
        came = {name: record.steps[name].items for name in answer_steps(plan) if name in record.steps}
        whole = all(any(item.status == "done" for item in came.get(name, ())) for name in answer_steps(plan))
        answer = [self._answer_text(record, plan, given)] if came and whole else []
        return [*answer, _question(asked), "Nothing was changed. Say which one is meant."]

    def _answer_text(self, record: RunRecord, plan: Plan, given: _Given) -> str:
        if plan.answer is None and plan.then is None:
            return ""
        outputs, kept = given.outputs, used_by(record.revisions)
        try:
            if given.missing:
                raise NoData(given.missing)
            if plan.answer is None:
                text = _found_so_far(record, plan, outputs)
            elif plan.answer.text is None:
                trusted = self._trusted(record, plan, outputs)
                made_by = sources(outputs, record.steps, self.registry)
                may_read = self.may_read(record.run.trigger.person)
                fed = fed_by_such(plan, self.registry, may_read, kept)
                shown = readable(outputs, record.steps, self.registry, fed, may_read, kept)
                text = self.compose(record.run, plan.answer, outputs, shown, made_by, trusted)
            else:
                spared = spared_texts(self.registry, record.steps, outputs, kept, sent=False)
                text = render_answer(plan.answer.text, outputs, spared)
            if not text.strip():
                return ""
            aged = [*ages(plan, outputs, self.registry), self._as_of(record)]
            return "\n\n".join([text, *(age for age in aged if age and age not in text)])
        except NoData as error:
            return f"The steps ran, but the answer could not be put together: {error}."

    def _as_of(self, record: RunRecord) -> str:
        """When that was read which was used again, as whoever asked has the time; "" where nothing was."""
        used = used_by(record.revisions).values()
        zone = self.zone_of(record.run.trigger.person.id)
        return as_of([one.at for one in used], record.run.trigger.received_at, zone) if used else ""

    def _learned(self, record: RunRecord) -> str:
        """That its plan is one that was learned, and when that was made; "" of every other."""
        of = record.revisions[0].learned if record.revisions else None
        if of is None or of.run == record.run.run_id:
            return ""
        zone = self.zone_of(record.run.trigger.person.id)
        return f"(Planned as on {day_of(of.at, record.run.trigger.received_at, zone)}.)"

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


def decided_by_facts(record: RunRecord) -> str:
    """What was remembered that decided what was meant, named for who asked; "" where nothing did."""
    told = dict.fromkeys(one for revision in record.revisions for one in revision.by_facts)
    planned = record.plan.steps if record.plan else ()
    beside = [_accompanied(step, record.steps[step.id]) for step in planned if step.id in record.steps]
    return "\n".join(f"({inert(one)})" for one in (*told, *filter(None, beside)))


def _accompanied(step: Step, state: StepState) -> str:
    """Who was told of what was done, and who had asked for that."""
    if step.accompanies is None or not any(item.status == "done" for item in state.items):
        return ""
    return f"told to {step.arguments['channel']}, because {' and '.join(step.accompanies.because)}"


def _found_so_far(record: RunRecord, plan: Plan, outputs: Mapping[str, JsonValue]) -> str:
    """What there was to look at, and why it was not gone on with."""
    revision, names = record.revision, sorted(answer_steps(plan) & outputs.keys())
    found = plain_results({step.id: outputs[step.id] for step in plan.steps if step.id in names})
    why = f" ({inert(plan.then.why)})" if plan.then and plan.then.why else ""
    if record.run.cancelled_by:
        ended = f"cancelled by {record.run.cancelled_by}"
    elif revision is not None and revision.kind == "look" and revision.problem:
        ended = inert(revision.problem)
    else:
        ended = "the run ended before that"
    parts = [f"Found so far:\n{found}"] if found else []
    return plain("\n\n".join([*parts, f"This was to be looked at to go on{why}, and was not: {ended}."]))


def _spoken(plan: Plan) -> str:
    """What a plan says, asks, or declines with."""
    return _question(plan.ask) if plan.ask is not None else plain(plan.say or plan.decline or "")


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


def _in_words_of_another(record: RunRecord) -> bool:
    """Whether its plan is a runbook that somebody else saved, or of a Run that somebody else asked for."""
    first = next(iter(record.revisions), None)
    ofs = first is not None and first.intent in {RETRY, RUNBOOK} and bool(first.plan.steps)
    return first is not None and ofs and first.slots.get("by") != record.run.trigger.person.id
