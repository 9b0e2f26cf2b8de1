"""Plans made by a model: a first one, one step of it put right, the rest of it changed. Every one is checked whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pydantic import JsonValue

from copilot.config.configuration import Configuration
from copilot.domain import Answer, Focus, Plan, Prompt, Purpose, Replan, Revision, Run, Step, StepState, Trigger, digest
from copilot.errors import PlanError
from copilot.language_model.consulting import Consult, Consultation, NoAnswer
from copilot.language_model.prompting import (
    Context,
    SoFar,
    correction_prompt,
    plan_prompt,
    recent_turns,
    repair_prompt,
    revise_prompt,
    route_prompt,
)
from copilot.language_model.reading import merge, read_plan
from copilot.language_model.retrieval import ToolIndex, fitting_tools
from copilot.memory.remembering import as_seen_by
from copilot.plans import references
from copilot.plans.arguments import dependencies, expressions
from copilot.plans.check import check_plan
from copilot.plans.grounds import ungrounded
from copilot.plans.marks import trusted_texts
from copilot.plans.outputs import load_outputs
from copilot.plans.speaking import said_by, said_plainly, speaking_problems, texts_in
from copilot.plans.taint import tainted_steps
from copilot.plans.templates import placeholders
from copilot.plans.tool_types import types_of
from copilot.ports import Clock, ResultKey, RunRecord, Store
from copilot.text.outside import OPEN, inert, unquoted
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool

CORRECTIONS = 2
"""How often a model is told what is wrong with its plan before it is given up."""
TURNS = 20
_UNDER_WAY = frozenset({"open", "issued", "asking"})


@dataclass(frozen=True)
class Draft:
    """`index` finds the tools that fit a request; `config` says who a person is now, and where their clock stands."""

    consult: Consult
    store: Store
    registry: Registry
    index: ToolIndex
    clock: Clock
    config: Configuration

    def first(self, run: Run, focus: Focus) -> Revision:
        """The first plan for a request that no intent knows; or, in words, why there is none."""
        text, consultation = run.trigger.text, self.consult.about(run)
        context = self._context(run, focus)
        asked = _Asked(text, context, self._tools(text, context))

        def whole(plan: Plan) -> Plan:
            return plan.model_copy(update={"goal": plan.goal or text})

        speech = _Speech(self.registry, bool(context.marked), asked.read, asked.trusted)
        grounds = _Grounds(asked.grounds)
        try:
            plan = self._routed(consultation, asked, speech)
            plan = plan or self._agreed(consultation, "plan", asked, plan_prompt(*asked), whole, speech, grounds)
        except NoAnswer as error:
            plan = Plan(say=f"No plan could be made: {inert(str(error))}. Nothing was done.")
            unplanned: Literal["failed"] | None = "failed"
        except PlanError as error:
            plan, unplanned = Plan(say=_not_passed(error.problems, speech)), "failed"
        else:
            unplanned = None
        return Revision(
            plan=whole(plan),
            unplanned=unplanned,
            model=consultation.model,
            read_untrusted=bool(context.marked),
            read=context.marked,
        )

    def better(self, record: RunRecord, asked: Replan) -> Revision:
        """The plan with the step put right, or with what had not begun changed; or as it was, and why."""
        revision = record.revision
        assert revision is not None
        consultation = self.consult.about(record.run)
        draw = self._repaired if asked.kind == "repair" else self._revised
        used = [step.tool for step in revision.plan.steps if asked.kind == "revise" or step.id == asked.step]
        situation = self._again(record.run, asked.reason, used)
        try:
            plan, problem = draw(consultation, record, revision.plan, asked, situation), ""
        except NoAnswer as error:
            plan, problem = revision.plan, str(error)
        except PlanError as error:
            plan, problem = revision.plan, f"no better plan passed the checks ({error})"
        return Revision(
            plan=plan,
            kind=asked.kind,
            reason=asked.reason,
            problem=problem,
            intent=revision.intent,
            slots=revision.slots,
            marked=revision.marked,
            model=consultation.model,
            read_untrusted=bool(situation.context.marked),
            read=situation.context.marked,
        )

    def _routed(self, consultation: Consultation, asked: _Asked, speech: _Speech) -> Plan | None:
        """What a cheaper model, where one is named for it, answers to a request that needs no plan."""
        try:
            text, _ = consultation.ask("route", route_prompt(asked.text, asked.context), lambda text: ())
        except NoAnswer:  # none is named for it, or it is away; the one that plans can answer as well
            return None
        if _problems(read_plan, text):
            return None
        plan = read_plan(text)
        spoken = not plan.steps and (plan.say or plan.ask or plan.decline)
        return speech.plainly(plan) if spoken and not speech.problems(plan) else None

    def _repaired(
        self, consultation: Consultation, record: RunRecord, plan: Plan, asked: Replan, situation: _Asked
    ) -> Plan:
        step = next(step for step in plan.steps if step.id == asked.step)

        def whole(change: Plan) -> Plan:
            return _with_step(plan, step, change, record.steps)

        prompt = repair_prompt(*situation, plan, step.id, asked.reason)
        speech = _Speech(self.registry, True, [*situation.read, asked.reason], situation.trusted)
        # The error names the nearest there are; what comes of a repair is looked at by a person anyway.
        grounds = _Grounds([*situation.grounds, asked.reason], plan.steps)
        return self._agreed(consultation, "repair", situation, prompt, whole, speech, grounds)

    def _revised(
        self, consultation: Consultation, record: RunRecord, plan: Plan, asked: Replan, situation: _Asked
    ) -> Plan:
        begun = [step for step in plan.steps if step.id in record.steps]
        outputs = load_outputs(self.store, self.registry, record.run, record.steps, [step.id for step in begun])
        for name, found in self._not_as_expected(record).items():
            done = outputs.get(name, [])
            outputs[name] = [*done, *found] if isinstance(done, list) and record.steps[name].for_each else found[0]

        def whole(change: Plan) -> Plan:
            return _with_rest(plan, begun, change, record.steps, self.registry)

        so_far = [_so_far(record.steps[step.id], outputs.get(step.id)) for step in begun]
        prompt = revise_prompt(*situation, plan, so_far, asked.reason)
        speech = self._speech(record, situation, so_far, asked.reason)
        grounds = _Grounds(situation.grounds, plan.steps)
        return self._agreed(consultation, "revise", situation, prompt, whole, speech, grounds)

    def _speech(self, record: RunRecord, situation: _Asked, so_far: Sequence[SoFar], reason: str) -> _Speech:
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
        return _Speech(self.registry, True, read, trusted)

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

    def _agreed(
        self,
        consultation: Consultation,
        purpose: Purpose,
        asked: _Asked,
        prompt: Prompt,
        whole: Callable[[Plan], Plan],
        speech: _Speech,
        grounds: _Grounds,
    ) -> Plan:
        """A plan that passes the checks as a whole, after some corrections at most. Raises PlanError, NoAnswer."""
        draft: Plan | None = None

        def checked(text: str) -> Plan:
            """What was answered as a change of the draft; or, where that does not pass, in place of it."""
            given = read_plan(text)
            if problems := speech.problems(given):
                raise PlanError(problems)
            given = speech.plainly(given)
            try:
                return self._checked(whole(merge(draft, given) if draft is not None else given), grounds)
            except PlanError:
                if draft is None:
                    raise
                with suppress(PlanError):
                    return self._checked(whole(given), grounds)
                raise

        for _ in range(CORRECTIONS + 1):
            text, problems = consultation.ask(purpose, prompt, lambda text: _problems(checked, text))
            if not problems:
                return checked(text)
            if not _problems(read_plan, text):
                with suppress(PlanError):  # the two together may be too much, which is said as its problem
                    draft = merge(draft, read_plan(text)) if draft is not None else read_plan(text)
            prompt = correction_prompt(*asked, draft or text, problems)
        raise PlanError(problems)

    def _checked(self, plan: Plan, grounds: _Grounds) -> Plan:
        check_plan(plan, self.registry)
        written = [step for step in plan.steps if step not in grounds.before]
        if problems := ungrounded(written, self.registry, grounds.texts):
            raise PlanError(problems)
        return plan

    def _again(self, run: Run, reason: str, used: Iterable[str]) -> _Asked:
        """The request as it was, for a better plan: with the tools of the one there is, and those the trouble names."""
        focus = as_seen_by(run.trigger.person.id, self.store.focus(run.tenant, run.conversation))
        context = self._context(run, focus)
        return _Asked(run.trigger.text, context, self._tools(f"{run.trigger.text} {reason}", context, used))

    def _tools(self, text: str, context: Context, used: Iterable[str] = ()) -> list[AnyTool]:
        talk = " ".join(turn.text for turn in context.turns[-2:])
        return fitting_tools(text, self.index, background=talk, used=used)

    def _context(self, run: Run, focus: Focus) -> Context:
        trigger = run.trigger
        turns = self.store.turns(run.tenant, run.conversation, TURNS)
        return Context(
            now=self.clock.now(),
            time_zone=self.config.zone_of(trigger.person.id),
            person=self.config.current(trigger.person),
            focus=focus,
            turns=recent_turns([turn for turn in turns if turn.run_id != run.run_id]),
            attachments=tuple(file.name for file in trigger.attachments),
            read_only=self.config.read_only,
            quotes=_is_ours(trigger) and OPEN in trigger.text,
        )


class _Asked(NamedTuple):
    """What every prompt about a plan begins with."""

    text: str
    context: Context
    tools: Sequence[AnyTool]

    @property
    def read(self) -> list[str]:
        """What a model reads of it besides what the asker wrote."""
        context = self.context
        turns = [turn.text for turn in context.turns]
        own = [self.text] if context.quotes else []
        return [*own, *turns, *context.attachments, *context.focus.environments]

    @property
    def trusted(self) -> list[str]:
        own = [self.text, *self.context.own_words]
        return [unquoted(one) for one in own] if self.context.quotes else own

    @property
    def grounds(self) -> list[str]:
        """What names the targets of writes: the request, and what the Conversation speaks of."""
        focus = self.context.focus
        if focus.unsettled:
            return [self.text]
        return [self.text, *(name for name in focus.environments if name not in focus.marked)]


class _Grounds(NamedTuple):
    """What names targets, and the steps that need not be looked at any more."""

    texts: Sequence[str]
    before: Sequence[Step] = ()


class _Speech(NamedTuple):
    """What a model may say in words of its own, once it has read what it has; anything, if no text of others is among
    that.
    """

    registry: Registry
    marked: bool
    read: Sequence[str]
    trusted: Sequence[str]

    def problems(self, plan: Plan) -> list[str]:
        return speaking_problems(said_by(plan, self.registry), self.read, self.trusted) if self.marked else []

    def plainly(self, plan: Plan) -> Plan:
        """The plan without formatting in its words."""
        return said_plainly(plan, self.registry) if self.marked else plan

    def led_by(self, words: str) -> bool:
        """Whether the words may not be passed on."""
        return self.marked and bool(speaking_problems([words], self.read, self.trusted))


def _is_ours(trigger: Trigger) -> bool:
    """Whether the request is in the copilot's words: that of a schedule's firing, also of one that a person hurried."""
    return trigger.kind in {"schedule", "event"} or trigger.conversation.startswith("schedule/")


def _not_passed(problems: Sequence[str], speech: _Speech) -> str:
    """That no plan did, and why: problems quote the plan, in words of the model's own."""
    told = [f"- {inert(problem)}" for problem in problems if not speech.led_by(problem)]
    if len(told) < len(problems):
        told.append("- it says links, mentions or names out of text that is not to be trusted (they are left out here)")
    return "\n".join(
        [
            "No plan for this passed the checks, so nothing was done. Say more exactly what is wanted and to what. "
            "What was wrong with the last one:",
            *told,
        ]
    )


def _problems(made: Callable[[str], Plan], text: str) -> Sequence[str]:
    try:
        made(text)
    except PlanError as error:
        return error.problems
    except NoAnswer:  # nothing is wrong with saying that there is none
        pass
    return ()


def _with_step(plan: Plan, step: Step, change: Plan, states: Mapping[str, StepState]) -> Plan:
    """The plan with its wrong step put right. What was done for some elements stays, so those stay what they were.

    It goes on at once, so that all it refers to has to be there.
    """
    _declined(change)
    if [other.id for other in change.steps] != [step.id]:
        raise PlanError([f"step {step.id}: exactly this step is asked for, found {_ids(change.steps)}"])
    (better,) = change.steps
    if better.for_each != step.for_each:
        raise PlanError([f"step {step.id}: for_each may not change here, expected {step.for_each!r}"])
    if better.tool != step.tool and any(item.status == "done" for item in states[step.id].items):
        raise PlanError([f"step {step.id}: the tool may not change any more, some calls of {step.tool} were made"])
    if early := sorted(name for name in dependencies(better) if name not in states or not states[name].is_settled):
        raise PlanError([f"step {step.id}: it may not wait for {', '.join(early)} here, which has not finished"])
    return plan.model_copy(update={"steps": tuple(better if other.id == step.id else other for other in plan.steps)})


def _with_rest(
    plan: Plan, begun: Sequence[Step], change: Plan, states: Mapping[str, StepState], registry: Registry
) -> Plan:
    """The steps that have begun, as they were, and the new ones after them. No write is among them a second time."""
    _declined(change)
    ran = {step.id for step in begun}
    if again := [step.id for step in change.steps if step.id in ran]:
        said = "it has run; refer to what it gave, or give a new step another id"
        raise PlanError([f"step {name}: {said}" for name in again])
    stand = {_made_by(step): step.id for step in begun if _stands(step, states[step.id], registry)}
    if twice := [(step.id, stand[_made_by(step)]) for step in change.steps if _made_by(step) in stand]:
        raise PlanError(
            [f"step {name}: this is the write of step {first}, which is not made twice" for name, first in twice]
        )
    empty = {step.id for step in begun if _gives_nothing(states[step.id])}
    if lost := [(step.id, name) for step in change.steps for name in sorted(_referred_to(step) & empty)]:
        raise PlanError([f"step {name}: refers to {gone}, which gave nothing to refer to" for name, gone in lost])
    answer = change.answer or plan.answer
    if lost := [("", name) for name in sorted(_spoken_of(answer) & empty)]:
        raise PlanError(
            [f"answer: refers to {gone}, which gave nothing; what failed is reported anyway" for _, gone in lost]
        )
    return plan.model_copy(update={"steps": (*begun, *change.steps), "answer": answer})


def _declined(change: Plan) -> None:
    """Raises NoAnswer with what the model says, or asks, where it knows nothing better to do."""
    if change.say is not None:
        raise NoAnswer(change.say)
    if change.decline is not None:
        raise NoAnswer(change.decline)
    if change.ask is not None:
        raise NoAnswer(" ".join([change.ask.question, f"({', '.join(change.ask.choices)})" * bool(change.ask.choices)]))


def _made_by(step: Step) -> str:
    """The same for two steps that make the same calls."""
    return digest([step.tool.partition("@")[0], step.arguments, step.for_each])


def _stands(step: Step, state: StepState, registry: Registry) -> bool:
    """Whether the step is a write that was made, may have been made or will be."""
    writes = registry.find(step.tool).effect != "read"
    return writes and any(item.status in _UNDER_WAY | {"done", "unknown"} for item in state.items)


def _gives_nothing(state: StepState) -> bool:
    """Whether the step has come to its end without an output: see load_outputs."""
    came = any(item.status in _UNDER_WAY | {"done"} for item in state.items)
    return state.skipped or not (state.for_each or came)


def _referred_to(step: Step) -> set[str]:
    """The steps whose outputs the step takes."""
    values = [step.for_each, *step.arguments.values()]
    return {path[0] for value in values for one in expressions(value) for path in references.roots(one)}


def _spoken_of(answer: Answer | None) -> set[str]:
    """The steps whose outputs the answer needs."""
    if answer is None or answer.text is None:
        return set(answer.using) if answer else set()
    return {path[0] for one in placeholders(answer.text) for path in references.roots(one)}


def _ids(steps: Sequence[Step]) -> str:
    return ", ".join(step.id for step in steps) or "none"


def _so_far(step: StepState, output: JsonValue) -> SoFar:
    if step.skipped:
        return SoFar(step.step_id, "not run", None, step.reason)
    done = sum(item.status == "done" for item in step.items)
    status: Literal["done", "partly done", "failed", "under way"] = "partly done" if done else "failed"
    if any(item.status in _UNDER_WAY for item in step.items):
        status = "under way"
    elif done == len(step.items):
        status = "done"
    reasons = dict.fromkeys(item.reason for item in step.items if item.status not in {"done", "open"} and item.reason)
    return SoFar(step.step_id, status, output, "; ".join(list(reasons)[:3]))
