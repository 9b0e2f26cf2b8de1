"""Whether a plan may run at all: known tools, right arguments, references to what is there and of a type that fits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType

from pydantic import JsonValue

from copilot.domain import MOST_STEPS, Answer, Look, Plan, Step
from copilot.errors import NotFound, PlanError
from copilot.plans import references
from copilot.plans.arguments import ATTACHMENTS, MEMORY, TOLD_CHANNELS, dependencies, expressions, is_literal
from copilot.plans.choosing import choice_problems
from copilot.plans.kept import NOTHING_KEPT, Kept
from copilot.plans.plan_types import (
    FAILURES,
    Given,
    Outputs,
    argument_problems,
    element_of,
    given_by,
    known_texts,
    outputs_of,
    template_problems,
    type_of_condition,
    type_of_outputs,
)
from copilot.plans.reference_types import type_of
from copilot.plans.schema_types import AnyType, Boolean, ObjectType, Type, describe
from copilot.plans.tool_types import literal_problem, shown_arguments, types_of
from copilot.text.nearness import there_are
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, ReadTool, WriteTool, can_be_watched

NO_INPUTS: Mapping[str, Given] = MappingProxyType({})
RESERVED = frozenset({MEMORY, FAILURES, ATTACHMENTS, TOLD_CHANNELS})
NOT_BY_ITSELF = (
    "a plan that is kept, as a schedule's, a runbook's and a file's are, runs without a model that could be asked "
    "again; it ends in an answer, and decides with `when`"
)


def check_plan(
    plan: Plan,
    registry: Registry,
    no_look: str = NOT_BY_ITSELF,
    settled: Collection[str] = frozenset(),
    inputs: Mapping[str, Given] = NO_INPUTS,
    memory: Kept = NOTHING_KEPT,
) -> None:
    """Raises PlanError with every problem found, a line each: where, what was found, what is expected, what is nearest.

    `no_look` is why it may not end in `then`, "" where it may: a plan that a model has just made. `settled` are the
    steps of it that are, where a model goes on after them. `inputs` are what its steps may refer to besides
    each other: the parameters of a runbook; `memory` is what was read in earlier Turns, without which what is kept
    goes, and by which nothing is changed. What cannot be known before the plan runs (a field that may
    hold anything, a bound on what a reference gives) is let through, and checked when the step is to run.
    """
    problems: list[str] = []
    ids = [step.id for step in plan.steps]
    given: dict[str, Given] = {**inputs}
    for step in plan.steps:
        problems += [
            f"step {step.id}{problem}" for problem in _step_problems(step, outputs_of(given, ids, memory), registry)
        ]
        if step.id in given:
            problems.append(f"step {step.id}: two steps have this id")
        given.setdefault(step.id, given_by(step, registry))
    problems += _cycles(plan.steps)
    if len(plan.steps) > MOST_STEPS:  # a plan put together of two may come to more
        problems.append(f"a plan has at most {MOST_STEPS} steps, those that have run included; found {len(plan.steps)}")
    outputs = outputs_of(given, memory=memory)
    problems += _end_problems(plan, settled, outputs)
    if plan.then is not None:
        problems += [f"then: {no_look}"] if no_look else _look_problems(plan.then, plan, settled, outputs)
    if problems:
        raise PlanError(list(dict.fromkeys(problems)))


def _step_problems(step: Step, outputs: Outputs, registry: Registry) -> Iterator[str]:
    """Each begins with what follows the step's id: `: …` or `, argument x: …`."""
    if step.id in RESERVED:
        yield ": the name is reserved"
    for name in step.after:
        if name in RESERVED or name not in outputs.fields:
            yield f", after: {outputs.missing(name)}"
    if step.when is not None:
        yield from (f", when: {problem}" for problem in _when_problems(step.when, outputs))
    item: Type | None = None
    if step.for_each is not None:
        item = AnyType()
        try:
            item = element_of(step.for_each, outputs)
        except PlanError as error:
            yield from (f", for_each: {problem}" for problem in error.problems)
    try:
        tool = registry.find(step.tool)
    except NotFound as error:
        yield f": {error}"
        return
    yield from _arguments_problems(step, tool, outputs, item)
    yield from _not_afresh(step, tool)
    yield from _called_problems(step, tool, registry, outputs, item)
    if issubclass(tool, ReadTool) and tool.chooses:
        yield from (
            f", argument sections: {one}" for one in choice_problems(step.arguments.get("sections"), outputs, item)
        )
    if step.expect is not None:
        yield from (f", expect: {problem}" for problem in _expect_problems(step.expect, types_of(tool).output))


def _not_afresh(step: Step, tool: AnyTool) -> Iterator[str]:
    """What a write is done to, and whether, is read in its own plan: only what a message says may be of memory."""
    if not issubclass(tool, WriteTool):
        return
    shown = shown_arguments(tool)
    places: dict[str, Sequence[str]] = {
        ", for_each": list(expressions(step.for_each)),
        ", when": [] if step.when is None else [step.when],
        **{f", argument {name}": list(expressions(one)) for name, one in step.arguments.items() if name not in shown},
    }
    for where, said in places.items():
        with suppress(PlanError):
            if kept := next((one for one in said if any(path[0] == MEMORY for path in references.roots(one))), None):
                what = f"{kept!r} is what was read in an earlier turn, and nothing is changed by that"
                yield f"{where}: {what}; read it in this plan, and refer to that step"


def _arguments_problems(step: Step, tool: AnyTool, outputs: Outputs, item: Type | None) -> Iterator[str]:
    wanted = types_of(tool).input
    for name, value in step.arguments.items():
        expected = wanted.fields.get(name)
        if expected is None:
            yield f": {tool.name} has no argument {name}{there_are(name, wanted.fields)}"
            continue
        problems = list(argument_problems(value, expected, outputs, item))
        problems = problems or list(_value_problems(step, tool, name, value, outputs, item))
        if isinstance(value, dict) and isinstance(value.get("$text"), str):
            problems = list(dict.fromkeys([*template_problems(str(value["$text"]), outputs, item), *problems]))
        yield from (f", argument {name}: {problem}" for problem in problems)
    for name in wanted.fields:
        if name in wanted.required and name not in step.arguments:
            yield f": {tool.name} needs the argument {name}, which is {describe(wanted.fields[name])}"


def _called_problems(
    step: Step, tool: AnyTool, registry: Registry, outputs: Outputs, item: Type | None
) -> Iterator[str]:
    """What is wrong with the call that a step speaks of, as with one that is made; and with a runbook that it keeps."""
    if issubclass(tool, WriteTool) and tool.keeps and isinstance(kept := step.arguments.get(tool.keeps), str):
        yield from (f", argument {tool.keeps}: {problem}" for problem in _kept_problems(kept, registry))
    watched = tool.watched if issubclass(tool, WriteTool) else ""
    speaks = bool(watched) or (issubclass(tool, ReadTool) and tool.calls)
    name, given = step.arguments.get("tool"), step.arguments.get("arguments", {})
    if not speaks or not isinstance(name, str) or not isinstance(given, dict):
        return
    try:
        called = registry.find(name)
    except NotFound as error:
        yield f", argument tool: {error}"
        return
    if watched:
        if not can_be_watched(called):
            yield f", argument tool: {called.name} cannot be watched; a read can be"
            return
        if isinstance(condition := step.arguments.get(watched), str):
            found = _expect_problems(condition, types_of(called).output)
            yield from (f", argument {watched}: {problem}" for problem in found)
    elif not issubclass(called, WriteTool):
        yield f", argument tool: {called.name} changes nothing; call it itself"
        return
    if not {"$ref", "$item"} & given.keys():
        of = step.model_copy(update={"arguments": given})
        yield from (f", argument arguments{one}" for one in _arguments_problems(of, called, outputs, item))


def _kept_problems(document: str, registry: Registry) -> Sequence[str]:
    """What is wrong with a runbook that a step keeps, which is a plan of its own."""
    from copilot.plans.runbook_check import check_runbook  # which checks its plan with what is here
    from copilot.runbooks.reading import read_runbook

    try:
        check_runbook(read_runbook(document), registry)
    except PlanError as error:
        return error.problems
    return ()


def _value_problems(
    step: Step, tool: AnyTool, name: str, value: JsonValue, outputs: Outputs, item: Type | None
) -> Iterator[str]:
    """What the tool has against the values that an argument is known to have: a pattern, a bound, a length."""
    if is_literal(value):
        if problem := literal_problem(tool, name, value):
            yield f"{problem}, got {value!r}"
        return
    known = known_texts(value, outputs, item)
    wrong = [(text, problem) for text in known if (problem := literal_problem(tool, name, text))]
    # Of what a field may be one has to fit; of what is written out every one.
    if wrong and (len(wrong) == len(known) or is_literal(step.for_each)):
        yield f"{wrong[0][1]}, got {wrong[0][0]!r}"


def _when_problems(when: str, outputs: Outputs) -> Iterator[str]:
    try:
        type_of_condition(when, outputs)
    except PlanError as error:
        yield from error.problems


def _expect_problems(expect: str, output: Type) -> Iterator[str]:
    try:
        found = type_of(expect, output)
    except PlanError as error:
        yield from error.problems
        return
    if not isinstance(found, Boolean | AnyType):
        yield f"{expect!r}: expected a comparison, which is true or not, found {describe(found)}"


def _end_problems(plan: Plan, settled: Collection[str], outputs: Outputs) -> Iterator[str]:
    if [plan.say, plan.ask, plan.decline, plan.answer, plan.then].count(None) != 4:
        yield (
            "a plan has an answer, or something to look at then, something to say, a question to ask, or a reason to "
            "decline: one of the five"
        )
    if plan.need:
        yield "need stands alone, in place of a plan, and in a plan that is to run there is none"
    if plan.only_speaks and any(step.id not in settled for step in plan.steps):
        yield "a plan that only says or asks something has no steps"
    if plan.answer is not None:
        yield from (f"answer: {problem}" for problem in _spoken_problems(plan.answer, plan, outputs))


def _spoken_problems(answer: Answer, plan: Plan, outputs: Outputs) -> Iterator[str]:
    if answer.text is not None:
        yield from template_problems(answer.text, outputs)
    ids = [step.id for step in plan.steps]
    memory = outputs.fields[MEMORY]
    kept = [f"{MEMORY}.{name}" for name in memory.fields] if isinstance(memory, ObjectType) else []
    for name in answer.using:
        if name not in ids and name not in kept:
            yield f"using: no step {name}{there_are(name, ids)}"


def _look_problems(then: Look, plan: Plan, settled: Collection[str], outputs: Outputs) -> Iterator[str]:
    if all(step.id in settled for step in plan.steps):
        yield "then: there is nothing new to look at without steps before it; plan them, or answer"
    for expression in then.using:
        try:
            type_of_outputs(expression, outputs)
        except PlanError as error:
            yield from (f"then, using: {problem}" for problem in error.problems)


def _cycles(steps: Sequence[Step]) -> Iterator[str]:
    """One line for each ring of steps that wait for each other, from the first of them in the plan on."""
    waits: dict[str, list[str]] = {}
    for step in steps:
        try:
            waits.setdefault(step.id, sorted(dependencies(step)))
        except PlanError:
            waits.setdefault(step.id, sorted(step.after))
    rings: set[frozenset[str]] = set()
    for start in waits:
        ring = _way_back(start, waits)
        if ring and frozenset(ring) not in rings:
            rings.add(frozenset(ring))
            how = f"waits for {' -> '.join([*ring[1:], start])}" if len(ring) > 1 else "waits for itself"
            yield f"step {start}: {how}; expected steps of which none needs a later one"


def _way_back(start: str, waits: dict[str, list[str]]) -> list[str]:
    """The shortest way from a step over what it waits for back to itself; [] where there is none."""
    ways, seen = [[start]], {start}
    for way in ways:
        for name in waits.get(way[-1], ()):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
