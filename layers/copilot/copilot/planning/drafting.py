"""Plans made by a model: a first one, one step of it put right, the rest of it changed, what comes after a look at it.
Every one is checked whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import JsonValue

from copilot.config.configuration import Configuration
from copilot.domain import Fact, Focus, Person, Plan, Prompt, Replan, Revision, Run, Trigger, is_of_schedule
from copilot.errors import NoData, NotFound, PlanError
from copilot.intents.hinting import NO_HINTS, Hints
from copilot.language_model.consulting import Consult, Consultation, NoAnswer, NoRoom
from copilot.language_model.context import Context, recent_turns, told_whole
from copilot.language_model.prompting import (
    SoFar,
    look_prompt,
    plan_prompt,
    repair_prompt,
    revise_prompt,
    route_prompt,
)
from copilot.language_model.reading import read_plan
from copilot.language_model.retrieval import ToolIndex, fitting_tools
from copilot.language_model.summary import summary_for
from copilot.planning.changes import told_of, with_rest, with_round, with_step
from copilot.planning.looking import looked_at, named_in, trusted_in
from copilot.planning.negotiating import Negotiation
from copilot.planning.situation import Grounds, Situation, Speech
from copilot.planning.using_again import dated, fresh, used_by_plan
from copilot.plans.afresh import chosen_afresh
from copilot.plans.arguments import MEMORY, answer_steps, results_told
from copilot.plans.kept import NO_RESULTS, Results, kept_type, used_by
from copilot.plans.kept_back import INSTEAD, MayRead, all_but_logs_of_production, fed_by_such, readable
from copilot.plans.marks import trusted_texts
from copilot.plans.outputs import load_outputs
from copilot.plans.references import roots
from copilot.plans.rounds import looks, made_again
from copilot.plans.speaking import texts_in
from copilot.plans.taint import shown_in_look, tainted_steps
from copilot.plans.tool_types import types_of
from copilot.ports import Clock, ResultKey, RunRecord, Store
from copilot.text.outside import OPEN, inert
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool

TURNS = 20


@dataclass(frozen=True)
class Draft:
    """`index` finds the tools that fit a request; `config` says who a person is now, and where their clock stands.
    `unfounded` gives the figures in a text that are not in a value, nor in what was said; `may_read` is what a model
    may read for a person.
    """

    consult: Consult
    store: Store
    registry: Registry
    index: ToolIndex
    clock: Clock
    config: Configuration
    unfounded: Callable[..., Sequence[str]]
    may_read: Callable[[Person], MayRead] = lambda person: all_but_logs_of_production

    def first(self, run: Run, focus: Focus, hints: Hints = NO_HINTS, facts: Sequence[Fact] = ()) -> Revision:
        """The first plan for a request that no intent knows; or, in words, why there is none. `facts` inform it.

        Raises NoRoom.
        """
        text, consultation = run.trigger.text, self.consult.about(run)
        context = self._context(run, focus, hints, facts)
        situation = Situation(text, context, self._tools(text, context))

        def whole(plan: Plan) -> Plan:
            return plan.model_copy(update={"goal": plan.goal or text})

        speech = Speech(self.registry, bool(context.marked), situation.read, situation.trusted)
        grounds = Grounds(situation.grounds)
        try:
            plan = self._routed(consultation, situation, speech)
            if plan is None:
                negotiation = Negotiation(
                    consultation,
                    self.registry,
                    self.index,
                    situation,
                    speech,
                    grounds,
                    whole,
                    self._no_look(()),
                    memory=context.memory,
                )
                plan = negotiation.agree("plan", lambda situation: plan_prompt(*situation))
        except NoRoom:
            raise
        except NoAnswer as error:
            plan = Plan(say=f"No plan could be made: {inert(str(error))}. Nothing was done.")
            unplanned: Literal["failed"] | None = "failed"
        except PlanError as error:
            plan, unplanned = Plan(say=_not_passed(error.problems, speech)), "failed"
        else:
            unplanned = None
        return Revision(
            plan=self._dated(whole(plan), context),
            used=used_by_plan(plan, context.results),
            unplanned=unplanned,
            model=consultation.model,
            read_untrusted=bool(context.marked),
            read=context.marked,
            read_about=context.about,
            alone=not unplanned and context.is_only_the_request,
        )

    def better(
        self, record: RunRecord, asked: Replan, focus: Focus, hints: Hints = NO_HINTS, facts: Sequence[Fact] = ()
    ) -> Revision:
        """The plan with the step put right, with what had not begun changed, or with what comes after a look at it; or
        as it was, and why.
        """
        revision = record.revision
        assert revision is not None
        consultation = self.consult.about(record.run)
        draw = {"repair": self._repaired, "revise": self._revised, "look": self._looked}[asked.kind]
        used = [step.tool for step in revision.plan.steps if asked.kind != "repair" or step.id == asked.step]
        context = self._context(record.run, focus, hints, facts, used_by(record.revisions))
        situation = self._again(record.run, context, asked.reason, used)
        try:
            plan, problem = draw(consultation, record, revision.plan, asked, situation), ""
        except NoAnswer as error:
            plan, problem = revision.plan, str(error)
        except PlanError as error:
            plan, problem = revision.plan, f"no better plan passed the checks ({error})"
        plan = self._dated(plan, context) if plan != revision.plan else plan
        return Revision(
            plan=plan,
            used=used_by_plan(plan, context.results),
            kind=asked.kind,
            reason=asked.reason,
            problem=problem,
            intent=revision.intent,
            slots=revision.slots,
            marked=revision.marked,
            model=consultation.model,
            read_untrusted=bool(situation.context.marked),
            read=situation.context.marked,
            read_about=situation.context.about,
        )

    def _routed(self, consultation: Consultation, situation: Situation, speech: Speech) -> Plan | None:
        """What a cheaper model, where one is named for it, answers to a request that needs no plan."""
        try:
            text, _ = consultation.ask("route", route_prompt(situation.text, situation.context), lambda text: ())
        except NoAnswer:  # none is named for it, or it is away; the one that plans can answer as well
            return None
        try:
            plan = read_plan(text)
        except PlanError:
            return None
        spoken = not plan.steps and (plan.say or plan.ask or plan.decline)
        return speech.plainly(plan) if spoken and not speech.problems(plan) else None

    def _repaired(
        self, consultation: Consultation, record: RunRecord, plan: Plan, asked: Replan, situation: Situation
    ) -> Plan:
        step = next(step for step in plan.steps if step.id == asked.step)

        def whole(change: Plan) -> Plan:
            return chosen_afresh(with_step(plan, step, change, record.steps), record.steps, self.registry)

        # Why a call failed that was given what no model may read may quote it.
        fed = fed_by_such(plan, self.registry, self._may_read(record), used_by(record.revisions))
        reason = INSTEAD if step.id in fed else asked.reason

        def prompt(situation: Situation) -> Prompt:
            return repair_prompt(*situation, plan, step.id, reason)

        speech = Speech(self.registry, True, [*situation.read, reason], situation.trusted)
        # The error names the nearest there are; what comes of a repair is looked at by a person anyway.
        grounds = Grounds([*situation.grounds, reason], plan.steps)
        no_look = self._no_look(record.revisions)
        negotiation = Negotiation(
            consultation,
            self.registry,
            self.index,
            situation,
            speech,
            grounds,
            whole,
            no_look,
            memory=situation.context.memory,
        )
        return negotiation.agree("repair", prompt)

    def _revised(
        self, consultation: Consultation, record: RunRecord, plan: Plan, asked: Replan, situation: Situation
    ) -> Plan:
        begun = [step for step in plan.steps if step.id in record.steps]
        outputs = load_outputs(self.store, self.registry, record.run, record.steps, [step.id for step in begun])
        for name, found in self._not_as_expected(record).items():
            done = outputs.get(name, [])
            outputs[name] = [*done, *found] if isinstance(done, list) and record.steps[name].for_each else found[0]

        def whole(change: Plan) -> Plan:
            changed = with_rest(plan, begun, change, record.steps, self.registry)
            return chosen_afresh(changed, record.steps, self.registry)

        may_read = self._may_read(record)
        kept = used_by(record.revisions)
        fed = fed_by_such(plan, self.registry, may_read, kept)
        shown = readable(outputs, record.steps, self.registry, fed, may_read, kept)
        told = [told_of(record.steps[step.id], shown.get(step.id)) for step in begun]
        so_far = [replace(one, reason=INSTEAD) if one.step in fed and one.reason else one for one in told]
        reason = INSTEAD if asked.step in fed else asked.reason

        def prompt(situation: Situation) -> Prompt:
            return revise_prompt(*situation, plan, so_far, reason)

        speech = self._speech(record, situation, so_far, reason)
        grounds = Grounds(situation.grounds, plan.steps)
        no_look = self._no_look(record.revisions)
        negotiation = Negotiation(
            consultation,
            self.registry,
            self.index,
            situation,
            speech,
            grounds,
            whole,
            no_look,
            memory=situation.context.memory,
        )
        return negotiation.agree("revise", prompt)

    def _looked(
        self, consultation: Consultation, record: RunRecord, plan: Plan, asked: Replan, situation: Situation
    ) -> Plan:
        left = self.config.budgets.rounds - looks(record.revisions)
        if left <= 0:
            raise NoAnswer(self._no_look(record.revisions))
        if call := made_again(record.revisions, record.steps, self.registry):
            raise NoAnswer(f"the same call was made twice ({call}), so that nothing new comes of looking")
        wanted = answer_steps(plan)
        try:
            kept = used_by(record.revisions)
            used = [kept[name] for name in sorted(results_told(plan) & kept.keys())]
            outputs = load_outputs(self.store, self.registry, record.run, record.steps, wanted, used)
        except NoData as error:
            raise NoAnswer(str(error)) from error
        shown = shown_in_look(record.revisions, record.steps, self.registry)
        may_read = self._may_read(record)
        fed = fed_by_such(plan, self.registry, may_read, kept)
        read = readable(outputs, record.steps, self.registry, fed, may_read, kept)
        shown = shown._replace(unworded=shown.unworded | fed)
        looked = looked_at(plan, record.steps, read, shown, left - 1)

        def whole(change: Plan) -> Plan:
            self._goes_by_memory(plan, change)
            return chosen_afresh(
                with_round(plan, change, record.steps, self.registry), record.steps, self.registry, wanted
            )

        def corrected(situation: Situation, given: Plan | str, problems: Sequence[str]) -> Prompt:
            return look_prompt(*situation, looked, given, problems)

        seen: list[JsonValue] = [one.value for one in looked.values]
        texts = list(texts_in(seen))

        def unfounded(text: str, change: Plan) -> Sequence[str]:
            own = [step.model_dump(mode="json") for step in change.steps]
            said = [*situation.read, *situation.trusted, *looked.outcomes.values(), situation.context.now.isoformat()]
            return self.unfounded(text, [*seen, *own], *said)

        speech = Speech(
            self.registry,
            True,
            [*situation.read, *texts, *looked.outcomes.values()],
            [*situation.trusted, *trusted_in(looked)],
            unfounded,
        )
        # What was looked at was read for this run, and by its name it may be meant.
        grounds = Grounds([*situation.grounds, *named_in(looked)], plan.steps)
        negotiation = Negotiation(
            consultation,
            self.registry,
            self.index,
            situation,
            speech,
            grounds,
            whole,
            self._no_look(record.revisions, after=1),
            frozenset(step.id for step in plan.steps),
            corrected,
            situation.context.memory,
        )
        try:
            return negotiation.agree("look", lambda situation: look_prompt(*situation, looked))
        except PlanError as error:
            said = "; ".join(_told(error.problems, speech))
            raise NoAnswer(f"no plan for what comes next passed the checks ({said})") from error

    def _goes_by_memory(self, looked: Plan, change: Plan) -> None:
        """Raises PlanError where something would be changed because of what an earlier Turn had read."""
        kept = [
            one for one in (looked.then.using if looked.then else ()) if any(path[0] == MEMORY for path in roots(one))
        ]
        writes = [step.id for step in change.steps if self._changes(step.tool)]
        if kept and writes:
            why = f"nothing is changed by what was read in an earlier turn ({kept[0]}); read it again first"
            raise PlanError([f"step {writes[0]}: {why}"])

    def _changes(self, tool: str) -> bool:
        try:
            return self.registry.find(tool).effect != "read"
        except NotFound:  # which the plan's check says
            return False

    def _no_look(self, revisions: Sequence[Revision], after: int = 0) -> str:
        """Why no plan may look again, after these revisions and so many looks; "" where it may."""
        most = self.config.budgets.rounds
        return (
            "" if looks(revisions) + after < most else f"the run's {most} rounds are used up; answer with what there is"
        )

    def _speech(self, record: RunRecord, situation: Situation, so_far: Sequence[SoFar], reason: str) -> Speech:
        """What may be said after reading what the steps came to."""
        steered = tainted_steps(record.revisions, record.steps, self.registry)
        trusted = list(situation.trusted)
        for one in so_far:
            step = record.steps[one.step]
            if one.step not in steered and not step.skipped:
                type = types_of(self.registry.find(step.tool)).output
                for each in one.output if step.for_each and isinstance(one.output, list) else [one.output]:
                    trusted += trusted_texts(each, type)
        read = [*situation.read, reason, *(said for one in so_far for said in (one.reason, *texts_in(one.output)))]
        return Speech(self.registry, True, read, trusted)

    def _may_read(self, record: RunRecord) -> MayRead:
        return self.may_read(record.run.trigger.person)

    def _not_as_expected(self, record: RunRecord) -> dict[str, list[JsonValue]]:
        """What reads gave that was not as their steps expected: nothing to refer to, but what a new plan is about."""
        wrong = [
            ResultKey(step.step_id, item.index)
            for step in record.steps.values()
            for item in step.items
            if item.status == "wrong"
        ]
        results = self.store.results(record.run.tenant, record.run.run_id, wrong)
        given: dict[str, list[JsonValue]] = {}
        for key, result in sorted(results.items()):
            if result.output is not None:
                given.setdefault(key.step, []).append(result.output)
        return given

    def _again(self, run: Run, context: Context, reason: str, used: Iterable[str]) -> Situation:
        """The request as it was, for a better plan: with the tools of the one there is, and those the trouble names."""
        return Situation(run.trigger.text, context, self._tools(f"{run.trigger.text} {reason}", context, used))

    def _tools(self, text: str, context: Context, used: Iterable[str] = ()) -> list[AnyTool]:
        talk = " ".join(turn.text for turn in context.turns[-2:])
        return fitting_tools(text, self.index, background=talk, used=used)

    def _dated(self, plan: Plan, context: Context) -> Plan:
        return dated(plan, context.results, context.now, context.time_zone, self.registry)

    def _context(
        self, run: Run, focus: Focus, hints: Hints, facts: Sequence[Fact], used: Results = NO_RESULTS
    ) -> Context:
        """`used` are the results of earlier Turns that the Run is bound to, whatever has come to be called so since."""
        trigger = run.trigger
        results = {**fresh(focus.results, trigger.received_at, self.registry), **used}
        turns = self.store.turns(run.tenant, run.conversation, TURNS)
        last = recent_turns([turn for turn in turns if turn.run_id != run.run_id])
        now, zone = self.clock.now(), self.config.zone_of(trigger.person.id)
        return Context(
            now=now,
            time_zone=zone,
            person=self.config.current(trigger.person),
            focus=focus,
            results=results,
            memory=kept_type(results.values(), self.registry),
            heard=hints.said,
            meant=hints.meant,
            turns=last,
            summary=summary_for(focus.past, trigger.text, told_whole(last), now, zone, {turn.at for turn in last}),
            attachments=tuple(file.name for file in trigger.attachments),
            read_only=self.config.read_only or trigger.read_only,
            tools=self.index.there_are,
            quotes=_is_ours(trigger) and OPEN in trigger.text,
            facts=facts,
        )


def _is_ours(trigger: Trigger) -> bool:
    """Whether the request is in the copilot's words: that of a schedule's firing, also of one that a person hurried."""
    return trigger.kind in {"schedule", "event"} or is_of_schedule(trigger.conversation)


def _not_passed(problems: Sequence[str], speech: Speech) -> str:
    """That no plan did, and why: problems quote the plan, in words of the model's own."""
    return "\n".join(
        [
            "No plan for this passed the checks, so nothing was done. Say more exactly what is wanted and to what. "
            "What was wrong with the last one:",
            *(f"- {problem}" for problem in _told(problems, speech)),
        ]
    )


def _told(problems: Sequence[str], speech: Speech) -> list[str]:
    """What is wrong with a plan, without what it may not say."""
    told = [inert(problem) for problem in problems if not speech.led_by(problem)]
    if len(told) < len(problems):
        told.append("it says links, mentions or names out of text that is not to be trusted (they are left out here)")
    return told
