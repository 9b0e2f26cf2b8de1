"""Which steps of a run may have been steered by something else than what its person asked for. Pure.

Text that neither the copilot nor its person wrote (marked text, see marks.py) reaches a step in four ways: a reference
hands it on, as an argument or by what it chose; it decides whether the step is run, by its `when`, or whether a step
before came out as expected; a model had read it when it wrote the step; or it had chosen what the Conversation speaks
of, and so what "it" means. A call that a model put right after it failed is its guess at what was meant.

What a model reads when it looks again is exactly what is told of: see `shown_in_look`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from copilot.domain import Decision, Item, Plan, Revision, Step, StepState
from copilot.errors import PlanError
from copilot.plans.arguments import MEMORY, answer_steps, dependencies, expressions, results_told, spoken_of
from copilot.plans.kept import NOTHING_KEPT, Kept, kept_type
from copilot.plans.plan_types import (
    FAILURES,
    Came,
    Given,
    Outputs,
    element_of,
    given_by,
    outputs_of,
    type_of_argument,
    type_of_condition,
    type_of_outputs,
)
from copilot.plans.reference_types import type_of
from copilot.plans.schema_types import AnyType, Type, is_untrusted
from copilot.plans.templates import placeholders
from copilot.text.outside import inert
from copilot.tools.registry import Registry

RAN = frozenset({"done", "failed", "unknown", "no_data", "wrong", "replanned"})
"""What may have come to something that a model was told."""
NAMED = 3
READ = "was written after reading "


class _Led(NamedTuple):
    """Of a plan the steps that may have been steered, with the reason in words; and those whose coming to something,
    or not, may have been.
    """

    steps: dict[str, str]
    decided: frozenset[str]


class _Steered(NamedTuple):
    """The steps that may have been steered, with the reason in words, and with those whose outcome is; and whether the
    words of the answer may be.
    """

    led: _Led
    answer: bool


class Shown(NamedTuple):
    """What a model is shown that looks again: the type of each value; the steps of which it is not told how they came
    out, since text that the copilot did not write decides it and no value speaks of them; and those whose reasons it is
    not told, which may be in such words.
    """

    values: dict[str, Type]
    withheld: frozenset[str]
    unworded: frozenset[str]


def tainted_steps(revisions: Sequence[Revision], states: Mapping[str, StepState], registry: Registry) -> dict[str, str]:
    """The tainted steps of the last revision's plan by id, with the reason in words.

    `states` are the run's steps as they are now. Where it cannot be told whether a step was read before a revision was
    made, it was.
    """
    return _steered(revisions, states, registry).led.steps


def shown_in_look(revisions: Sequence[Revision], states: Mapping[str, StepState], registry: Registry) -> Shown:
    """What is shown where the last revision's plan, all steps of which are settled, is looked at."""
    return _shown(revisions[-1], _steered(revisions, states, registry).led, states, registry)


def _shown(revision: Revision, led: _Led, states: Mapping[str, StepState], registry: Registry) -> Shown:
    plan = revision.plan
    given = _given(plan, led, states, registry)
    outputs = outputs_of(given, memory=kept_type(revision.used, registry))
    values: dict[str, Type] = {}
    for expression in plan.then.using if plan.then else ():
        try:
            found = type_of_outputs(expression, outputs)
        except PlanError:  # a checked plan has none; of any other nothing is known
            found = AnyType(untrusted=True)
        if spoken_of([expression]) & led.decided:
            found = replace(found, untrusted=True)
        values[expression] = found
    changes = {step.id for step in plan.steps if registry.find(step.tool).effect != "read"}
    unworded = frozenset(name for name, one in given.items() if is_untrusted(one.failures))
    return Shown(values, led.decided - changes - answer_steps(plan), unworded)


def _read_in_look(revision: Revision, led: _Led, states: Mapping[str, StepState], registry: Registry) -> list[str]:
    """What of that is untrusted text, or was chosen by it, in words."""
    shown = _shown(revision, led, states, registry)
    told = sorted(led.decided - shown.withheld - answer_steps(revision.plan))
    return [
        *(_spoken(one) for one, found in shown.values.items() if is_untrusted(found)),
        *(f"how step {name} came out" for name in told),
    ]


def _given(plan: Plan, led: _Led, states: Mapping[str, StepState], registry: Registry) -> dict[str, Given]:
    return {
        step.id: given_by(step, registry, tainted=step.id in led.steps, came=came_of(states.get(step.id)))
        for step in plan.steps
    }


def _steered(revisions: Sequence[Revision], states: Mapping[str, StepState], registry: Registry) -> _Steered:
    written: dict[str, str] = {}
    led = _Led({}, frozenset())
    answer = False
    last: Revision | None = None
    for revision in revisions:
        plan = revision.plan
        same, sources = set[str](), list[str]()
        before = last.plan if last is not None else None
        if before is not None:
            same = {step.id for step in plan.steps if step in before.steps}
        if last is not None and revision.kind == "look":
            # The plan stands there too, in the words of the model, and what it wanted to look at.
            sources = [
                *_read_in_look(last, led, states, registry),
                *(["what it had planned before"] if answer else []),
            ]
        elif before is not None and revision.kind != "first":
            read = read_before(before, plan, same, revision.kind, states)
            found = [name for name in read if name in led.steps or _gives_untrusted(before, name, states, registry)]
            sources = [f"step {', '.join(found[:NAMED])}"] if found else []
        kept = {name: reason for name, reason in written.items() if name in same}
        new = [step.id for step in plan.steps if step.id not in same]
        said = _written_so(revision, sources)
        written = kept | dict.fromkeys(new if said else [], said)
        led = _handed_on(plan, written, states, registry, kept_type(revision.used, registry))
        answer = answer or bool(revision.read_untrusted or revision.marked or sources)
        last = revision
    return _Steered(led, answer)


def _written_so(revision: Revision, sources: Sequence[str]) -> str:
    """Why a step that the revision wrote is not simply what the person asked for; "" where it may be."""
    if sources:
        return f"{READ}text that the copilot did not write: {'; '.join(sources[:NAMED])}"
    if revision.read_untrusted:
        return READ + (revision.read or "text that the copilot did not write")
    if revision.marked:
        return f"is about {', '.join(revision.marked[:NAMED])}, chosen by text that the copilot did not write"
    # What was wrong may have been a name the person gave, and what it was put right to is the model's guess.
    return "was put right by a model after its call had failed" if revision.kind == "repair" else ""


def answer_is_untrusted(revisions: Sequence[Revision], states: Mapping[str, StepState], registry: Registry) -> bool:
    """Whether the answer to a run may quote untrusted text, or be in words that such text led to."""
    if not revisions:
        return False
    plan = revisions[-1].plan
    steered = _steered(revisions, states, registry)
    if steered.answer or (plan.answer is None and not plan.steps):
        return steered.answer
    came = {step.id: came_of(states.get(step.id)) for step in plan.steps}
    given = _given(plan, steered.led, states, registry)
    memory = kept_type(revisions[-1].used, registry)
    outputs = outputs_of(given, memory=memory)
    try:
        if plan.answer is None or plan.answer.text is None:
            quoted = [given[name].output for name in answer_steps(plan) if name in given]
            quoted += [memory.fields[name] for name in results_told(plan) if name in memory.fields]
        else:
            quoted = [type_of_outputs(one, outputs) for one in placeholders(plan.answer.text)]
    except PlanError:  # a checked plan has none; of any other nothing is known
        return True
    # Reply accounts for what failed, in the words of the failures, whatever the answer says.
    failed = [given[name].failures for name, known in came.items() if known is None or known.failed]
    return any(map(is_untrusted, [*quoted, *failed]))


def came_of(state: StepState | None) -> Came | None:
    """What is known of a step from what became of its items; None where nothing is, yet or any more."""
    ran = [item for item in state.items if item.status in RAN] if state else []
    done = [item for item in ran if item.status == "done"]
    if state is None or any(item.marked is None for item in done) or not (ran or state.is_settled):
        return None
    failed = [item for item in state.items if item.is_settled and item.status != "done"]
    failed += [item for item in ran if item.status == "wrong"]
    return Came(
        marks=frozenset(path for item in ran for path in item.marked or ()),
        failed=bool(failed),
        reasons_marked=any(item.reason_marked for item in failed),
    )


def explained(decision: Decision, why: str) -> Decision:
    """The decision, where it asks, with what a person should know of the call besides; `why` may be ""."""
    if not why or decision.outcome != "ask":
        return decision
    return decision.model_copy(update={"reason": f"{decision.reason}: it {inert(why)}"})


def _handed_on(
    plan: Plan,
    written: Mapping[str, str],
    states: Mapping[str, StepState],
    registry: Registry,
    memory: Kept = NOTHING_KEPT,
) -> _Led:
    """The steps that were `written` under an influence, and those that take what comes of untrusted text."""
    reasons: dict[str, str] = {}
    given: dict[str, Given] = {}
    decided: set[str] = set()
    for step in plan.steps:
        waits = _depends(step, decided)
        outputs = outputs_of(given, memory=memory)
        derives = _derives(step, outputs, reasons) or _asks(step, outputs)
        reason = written.get(step.id) or derives or waits or _mended(step, states)
        if reason:
            reasons[step.id] = reason
            # Whether it succeeds is decided by what steers it, and so is whether what waits for it runs.
            decided.add(step.id)
        came = came_of(states.get(step.id))
        given[step.id] = given_by(step, registry, tainted=bool(reason), came=came)
        if waits or (step.expect is not None and _expects_untrusted(step, registry, bool(reason), came)):
            decided.add(step.id)
    return _Led(reasons, frozenset(decided))


def _mended(step: Step, states: Mapping[str, StepState]) -> str:
    """What was read for something else than was said is likely what was meant, and a person says so."""
    mends = [item.mended for item in states[step.id].items if item.mended] if step.id in states else []
    return f"read {mends[0].said!r} as {mends[0].meant}, the only name near it" if mends else ""


def _depends(step: Step, decided: Collection[str]) -> str:
    """Why whether the step runs is not for the copilot alone to say; "" where it is."""
    before = next((name for name in sorted(dependencies(step)) if name in decided), None)
    if before is None:
        return ""
    return f"runs only where step {before} succeeds, which text that the copilot did not write decides"


def _asks(step: Step, outputs: Outputs) -> str:
    """Whether untrusted text decides if the step is run by its `when`, in words; "" where it does not."""
    if step.when is None:
        return ""
    try:
        led = is_untrusted(type_of_condition(step.when, outputs))
    except PlanError:  # a checked plan has none; of any other nothing is known
        led = True
    return f"runs only where {step.when}, which text that the copilot did not write decides" if led else ""


def _expects_untrusted(step: Step, registry: Registry, tainted: bool, came: Came | None) -> bool:
    """Whether untrusted text decides if what the step gives is as it expects."""
    each = given_by(step.model_copy(update={"for_each": None}), registry, tainted=tainted, came=came).output
    try:
        return is_untrusted(type_of(step.expect or "", each))
    except PlanError:  # a checked plan has none; of any other nothing is known
        return True


def _derives(step: Step, outputs: Outputs, reasons: Mapping[str, str]) -> str:
    sources = list(dict.fromkeys(_sources(step, outputs)))
    if not sources:
        return ""
    if before := next((name for name in sorted(dependencies(step)) if name in reasons), None):
        return f"takes what comes of step {before}, which {reasons[before]}"
    return f"derives from text that the copilot did not write: {'; '.join(sources[:NAMED])}"


def _sources(step: Step, outputs: Outputs) -> Iterator[str]:
    """The references of a step, for_each and arguments, that untrusted text comes in by."""
    try:
        item = element_of(step.for_each, outputs) if step.for_each is not None else None
        values = [value for value in step.arguments.values() if is_untrusted(type_of_argument(value, outputs, item))]
        # A part of an element is an argument only where $item says so; what there is to go through is a choice.
        chosen = item is not None and item.untrusted
    except PlanError:  # a checked plan has none; of any other nothing is known
        yield "what cannot be followed"
        return
    for value in [*([step.for_each] if chosen else []), *values]:
        found = [one for one in expressions(value) if is_untrusted(type_of_outputs(one, outputs))]
        yield from map(_spoken, found or expressions(step.for_each))


def _spoken(expression: str) -> str:
    """`step logs, field lines[].message` for a plain path, else the expression."""
    step, _, rest = expression.partition(".")
    if step == MEMORY:
        return f"{expression}, of an earlier turn"
    return f"step {step}, field {rest}" if step.isidentifier() and step != FAILURES and rest else expression


def _gives_untrusted(plan: Plan, name: str, states: Mapping[str, StepState], registry: Registry) -> bool:
    """Whether there is untrusted text in what a step came to, or in why it did not come to it yet."""
    step = next(step for step in plan.steps if step.id == name)
    state = states.get(name)
    if state is not None and any(item.reason_marked for item in state.items):
        return True
    came = came_of(state)
    given = given_by(step, registry, came=came)
    return is_untrusted(given.output) or (came is not None and came.failed and is_untrusted(given.failures))


def read_before(
    before: Plan, plan: Plan, same: Collection[str], kind: str, states: Mapping[str, StepState]
) -> list[str]:
    """The steps whose results, or errors, a model may have seen when it made `plan` out of `before`.

    What waits for a step that was changed cannot have run before that. A revise may drop or replace the step that
    failed, and was told why it did.
    """
    late = _after_changed(plan, same)
    ran = {name for name, state in states.items() if any(map(_was_told, state.items))}
    return [
        step.id
        for step in before.steps
        if (step.id in ran and step.id in same and step.id not in late) or (step.id not in same and kind == "revise")
    ]


def _was_told(item: Item) -> bool:
    """Whether a model that was asked for a better plan may have been told of it: what it gave, or a reason."""
    return item.status in RAN or (item.reason != "" and item.status != "open")


def _after_changed(plan: Plan, same: Collection[str]) -> set[str]:
    late: set[str] = set()
    for step in plan.steps:
        if step.id not in same or dependencies(step) & late:
            late.add(step.id)
    return late
