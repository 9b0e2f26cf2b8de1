"""Plan: from what a person wrote to a plan that may run; to a better one, where a call of it was wrong;
and on from what it came to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from copilot.domain import GATE, AnswerTo, Fact, Focus, Plan, Replan, Revision, Run
from copilot.errors import Conflict
from copilot.intents.hinting import Hints
from copilot.language_model.consulting import NoRoom
from copilot.memory.remembering import as_seen_by
from copilot.planning.accompanying import Accompany, without_company
from copilot.planning.asked_in_repository import of_service
from copilot.planning.by_default import HearByDefault, used_by_model
from copilot.planning.drafting import Draft
from copilot.planning.facts_in_words import FactsInWords
from copilot.planning.freezing_words import read
from copilot.planning.hearing import Hear
from copilot.planning.known_facts import Remembered
from copilot.planning.learned import LearnedPlans
from copilot.planning.unplanned import only_says
from copilot.planning.using_again import UseAgain
from copilot.plans.check import check_plan
from copilot.plans.kept import kept_type
from copilot.ports import RunRecord, Store
from copilot.tools.registry import Registry

NOT_FROZEN_THERE = (
    "Nothing is frozen or thawed, or said of that, where you asked. Ask in the chat, or with `devops-copilot freeze`. "
    "Nothing was done."
)


@dataclass(frozen=True)
class MakePlan:
    """`hear` plans what is known; `draft`, with a model, what is not, None where there is no model.
    `facts` are what people asked to be remembered, `learned` what models have planned before; None where nothing is.
    `service_at` is what the repository deploys that is talked about where somebody asks; "" elsewhere.
    """

    store: Store
    registry: Registry
    hear: Hear
    draft: Draft | None = None
    facts: FactsInWords | None = None
    learned: LearnedPlans | None = None
    service_at: Callable[[AnswerTo | None], str] = lambda where: ""

    def __call__(self, tenant: str, run_id: str) -> Run:
        """The Run with the plan kept that it is to go on with. Called again, it changes nothing. Raises PlanError."""
        record = self.store.load_run(tenant, run_id)
        asked = record.run.advanced.replan if record.run.advanced else None
        if record.revision is None:
            revision = self._first(record.run)
        elif record.run.advanced is None and len(record.revisions) == 1:
            # What need not be planned any more: a schedule's, a runbook's, what an undo at once takes back.
            found = self._accompanied(record.run, record.revision)
            if found == record.revision:
                return record.run
            revision = found
        elif asked is not None and asked.revision == record.run.revision:
            revision = self._better(record, asked)
        else:
            return record.run
        try:
            return self.store.save_revision(record.run, revision)
        except Conflict:
            return self.store.run(tenant, run_id)

    def _first(self, run: Run) -> Revision:
        if run.cancelled_by:
            said = f"Cancelled by {run.cancelled_by} before anything was planned. Nothing was done."
            return Revision(plan=Plan(goal=run.trigger.text, say=said))
        focus = as_seen_by(run.trigger.person.id, self.store.focus(run.tenant, run.conversation))
        facts = self.facts.known_facts.of(run.trigger.person) if self.facts else Remembered()
        of_facts = self.facts(run.trigger, facts, focus, self.hear.present(run.trigger)) if self.facts else None
        if of_facts is not None:
            check_plan(of_facts.plan, self.registry)
            return _marked(of_facts, run)
        meant, decided = self._meant(run, facts)
        planned = self._planned(meant, focus, facts, aliased=bool(decided))
        return _marked(self._accompanied(run, self._with(planned, run, decided), facts), run)

    def _accompanied(
        self, run: Run, revision: Revision, facts: Remembered | None = None, begun: Collection[str] = ()
    ) -> Revision:
        """With who is to be told of what it does."""
        steps = revision.plan.steps
        if self.facts is None or not any(self.registry.entry(step.tool).resource == "Environment" for step in steps):
            return revision
        person = run.trigger.person
        facts = facts or self.facts.known_facts.of(person)
        found = Accompany(self.facts.known_facts, self.registry)(revision.plan, facts, person, begun)
        if found == (revision.plan, ()):
            return revision
        told = tuple(dict.fromkeys((*revision.by_facts, *found.without)))
        return revision.model_copy(update={"plan": found.plan, "by_facts": told})

    def _meant(self, run: Run, facts: Remembered) -> tuple[Run, Sequence[Fact]]:
        """The Run with its request as it is to be read, and the facts that make it so."""
        understood = self.facts.known_facts.understood(run.trigger.text, facts) if self.facts else None
        if understood is None or not understood.facts:
            return run, ()
        trigger = run.trigger.model_copy(update={"text": understood.text})
        return run.model_copy(update={"trigger": trigger}), understood.facts

    def _planned(self, run: Run, focus: Focus, facts: Remembered, *, aliased: bool) -> Revision:
        if run.trigger.read_only and read(run.trigger.text, {}) is not None:
            return only_says(run.trigger.text, NOT_FROZEN_THERE)
        revision, decided = HearByDefault(self.hear, self.registry)(run.trigger, focus, facts)
        if revision is None and (learned := self._learned(run, focus, facts, aliased)) is not None:
            return learned
        if revision is None and self.draft is not None:
            hints = self.hear.hints(run.trigger, focus)
            noted = facts.about(run.trigger.text)
            try:
                drafted = self._put_off(run, focus, noted) or self._watched(run, focus, noted)
                drafted = drafted or self._drafted(run, focus, hints, facts, aliased)
            except NoRoom as error:  # as where there is no model, but for the reason
                revision = self.hear.not_understood(run.trigger, model_would_help=True, no_room=str(error))
            else:
                return self._with(drafted, run, used_by_model(drafted, run.trigger.text, noted))
        if revision is None:
            revision = self.hear.not_understood(run.trigger, model_would_help=True)
        if service := self.service_at(run.trigger.answer_to):
            revision = of_service(revision, service, self.registry)
        revision = self._use_again(revision, focus.results, run, self.hear.zone_of(run.trigger.person.id))
        check_plan(revision.plan, self.registry, memory=kept_type(revision.used, self.registry))
        return self._with(revision, run, decided)

    def _learned(self, run: Run, focus: Focus, facts: Remembered, aliased: bool) -> Revision | None:
        """By what was planned before: where a note is about it, a model is asked. What is off limits, or told, is seen
        to whatever is planned.
        """
        if self.learned is None or aliased or facts.notes(run.trigger.text):
            return None
        return self.learned.planned(run, focus, facts.defaults)

    def _drafted(self, run: Run, focus: Focus, hints: Hints, facts: Remembered, aliased: bool) -> Revision:
        assert self.draft is not None
        revision = self.draft.first(run, focus, hints, facts.about(run.trigger.text))
        if self.learned is None or aliased:
            return revision
        return self.learned.with_what_may_be_learned(revision, run, facts.defaults)

    @property
    def _use_again(self) -> UseAgain:
        return UseAgain(self.store, self.registry)

    def _with(self, revision: Revision, run: Run, decided: Sequence[Fact]) -> Revision:
        """The revision with the facts that decided it."""
        if self.facts is None or not decided:
            return revision
        told = self.facts.known_facts.told(decided, run.trigger.person)
        return revision.model_copy(update={"by_facts": (*revision.by_facts, *told)})

    def _put_off(self, run: Run, focus: Focus, noted: Sequence[Fact]) -> Revision | None:
        """What is to be done at its times: planned without them, and put on a schedule. None where it names none."""
        assert self.draft is not None
        present, of = self.hear.present(run.trigger), self.hear.apart(run.trigger)
        if of is None or of.may_have_been:
            return None
        if (unclear := self.hear.put_off(run.trigger.person).unclear(run.trigger.text, of)) is not None:
            return unclear
        trigger = run.trigger.model_copy(update={"text": of.request})
        later = run.model_copy(update={"trigger": trigger})
        inner = self.draft.first(later, focus, self.hear.hints(trigger, focus), noted)
        rights = self.hear.rights_of(run.trigger.person)
        revision = self.hear.put_off(run.trigger.person)(run.trigger.text, of, inner, rights, present)
        if revision is not None:
            check_plan(revision.plan, self.registry)
        return revision

    def _watched(self, run: Run, focus: Focus, noted: Sequence[Fact]) -> Revision | None:
        """What is to be done once something is so: planned by itself, kept with the watch. None where it is none."""
        assert self.draft is not None
        watching = self.hear.watching(run.trigger, focus)
        left = watching.left(run.trigger.text)
        if not left:
            return None
        trigger = run.trigger.model_copy(update={"text": left})
        then = run.model_copy(update={"trigger": trigger})
        inner = self.draft.first(then, focus, self.hear.hints(trigger, focus), noted)
        revision = watching.with_plan(run.trigger.text, inner)
        if revision is not None:
            check_plan(revision.plan, self.registry)
        return revision

    def _better(self, record: RunRecord, asked: Replan) -> Revision:
        last = record.revisions[-1]
        is_gate = last.intent == GATE
        if self.draft is not None and not record.run.cancelled_by and not is_gate:
            alone = last.model_copy(update={"plan": without_company(last.plan, record.steps)})
            record = record._replace(revisions=(*record.revisions[:-1], alone))
            facts = self.facts.known_facts.of(record.run.trigger.person) if self.facts else Remembered()
            run, _ = self._meant(record.run, facts)
            focus = as_seen_by(run.trigger.person.id, self.store.focus(run.tenant, run.conversation))
            hints = self.hear.hints(run.trigger, focus)
            noted = facts.about(run.trigger.text)
            better = self.draft.better(record._replace(run=run), asked, focus, hints, noted)
            return self._accompanied(record.run, better, facts, record.steps)
        assert record.plan is not None
        problem = "a gate is held as it was asked for" if is_gate else "there is no model to ask"
        problem = "the run was cancelled" if record.run.cancelled_by else problem
        return Revision(plan=record.plan, kind=asked.kind, reason=asked.reason, problem=problem)


def _marked(revision: Revision, run: Run) -> Revision:
    """That others wrote some of what a reaction asks for: whatever is planned of that may be steered."""
    if not run.trigger.marked:
        return revision
    return revision.model_copy(
        update={"read_untrusted": True, "read": revision.read or "what others wrote in the event"}
    )
