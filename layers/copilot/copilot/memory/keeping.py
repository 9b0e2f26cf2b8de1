"""Which results a turn leaves to be used again, each by a name of its own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue

from copilot.domain import ANSWER, About, KeptResult, Plan, StepState, Turn
from copilot.errors import NoData, NotFound, PlanError
from copilot.plans import references
from copilot.plans.arguments import MEMORY, answer_steps, dependencies, in_words, results_told
from copilot.plans.kept import kept_type, used_by
from copilot.plans.plan_types import given_by, outputs_of
from copilot.plans.reference_types import type_of
from copilot.plans.renaming import calls_of
from copilot.plans.schema_types import ListType, ObjectType
from copilot.plans.templates import placeholders
from copilot.ports import RunRecord
from copilot.tools.registry import Registry
from copilot.tools.tool import HOURS, ReadTool, WriteTool

MOST_RESULTS = 8
MOST_LISTS, LONGEST_LIST = 3, 160
LONGEST_LINE = 80
_VERB = re.compile(r"(?:list|find|get|show|read|search|look|check|explain|compare|collect)_(?=.)")
_FIELD = re.compile(r"(.+)\.\w+")
_JOINED = re.compile(r"join\(\s*'[^']*'\s*,\s*(.+)\)")


def kept_after(
    before: Sequence[KeptResult],
    record: RunRecord,
    turn: Turn,
    outputs: Mapping[str, JsonValue],
    abouts: Mapping[str, About],
    steered: Collection[str],
    registry: Registry,
) -> tuple[KeptResult, ...]:
    """What may be used again once this Run is answered with a turn, the newest first. `outputs` are those its answer
    speaks of, `abouts` what each step tells of, `steered` the steps that marked text may have led.
    """
    plan, revision = record.plan, record.revision
    assert plan is not None and revision is not None
    lists, calls = _lists(plan, record, outputs, registry), calls_of(plan)
    spoken = answer_steps(plan)
    marked, person = bool(revision.marked), record.run.trigger.person.id
    new = [
        KeptResult(
            name=_VERB.sub("", state.tool.partition("@")[0]),
            run_id=record.run.run_id,
            step=state.step_id,
            tool=state.tool,
            for_each=state.for_each,
            items=len(state.items),
            at=min(item.issued_at or record.run.trigger.received_at for item in state.items),
            by=person,
            trusted=state.step_id not in steered and not marked,
            marked=tuple(dict.fromkeys(path for item in state.items for path in item.marked or ())),
            about=abouts[state.step_id],
            call=calls.get(state.step_id, ""),
            what=_line(state, told=state.step_id not in steered and not marked),
            told_in=record.run.run_id if state.step_id in spoken else "",
            lists=lists.get(state.step_id, ()),
        )
        for state in _read_for(plan, record.steps, registry)
    ]
    if changed := [at for state in record.steps.values() for at in _changed(state, registry)]:
        new = [one for one in new if one.at > max(changed) or _outlasts(one, registry)]
        before = [one for one in before if _outlasts(one, registry)]
    told, used = results_told(plan), used_by(record.revisions)
    # As it was kept: whoever asked for it first still did. What another picked out of it is theirs.
    again = [
        one.model_copy(update={"told_in": record.run.run_id, "lists": lists.get(f"{MEMORY}.{one.name}") or one.lists})
        if one.by == person
        else one
        for one in before
        if one.name in told and one.name != ANSWER and one.name in used and used[one.name].run_id == one.run_id
    ]
    return tuple(_each_by_its_name(_answer(record, turn, new, told), new, again, before))[:MOST_RESULTS]


def _answer(record: RunRecord, turn: Turn, new: Sequence[KeptResult], told: Collection[str]) -> list[KeptResult]:
    """The answer itself; not one that only passed on what was read before, or that is a courtesy."""
    revision = record.revision
    assert revision is not None
    only_passes_on = revision.used and not new and not told
    only_says = not revision.plan.steps and revision.model is None and revision.plan.answer is None
    if only_passes_on or only_says:
        return []
    about = turn.about or About.all_of(())
    return [
        KeptResult(
            name=ANSWER,
            run_id=turn.run_id,
            # As old as the oldest that it was made of: passed on, it says as of when that was.
            at=min([turn.at, *(one.at for one in revision.used)]),
            told_in=turn.run_id,
            by=record.run.trigger.person.id,
            trusted=not turn.untrusted,
            kept_back=turn.kept_back,
            about=about,
            what="the last answer",
        )
    ]


def _each_by_its_name(
    answer: Sequence[KeptResult],
    new: Sequence[KeptResult],
    again: Sequence[KeptResult],
    before: Sequence[KeptResult],
) -> Iterator[KeptResult]:
    """What was read anew in the same way takes the place of what there was, and its name."""
    calls = {one.call: one for one in before if one.call}
    anew = {one.call for one in new if one.call}
    gone = {one.name for one in [*answer, *again]} | {one.name for call, one in calls.items() if call in anew}
    left = [one for one in before if one.name not in gone]
    taken = {one.name for one in [*left, *again]} | {ANSWER}
    yield from answer
    for one in new:
        was = calls.get(one.call)
        name = was.name if was else one.name
        number = 1
        while name in taken:
            number += 1
            name = f"{one.name}{number}"
        taken.add(name)
        lists = tuple(_named(one.lists, one.step, name))
        # Where the answer shows none, as one that only counts them, what is spoken of is the list that was there.
        yield one.model_copy(update={"name": name, "lists": lists or (was.lists if was and was.name == name else ())})
    yield from again
    yield from left


def _named(lists: Iterable[str], step: str, name: str) -> Iterator[str]:
    for one in lists:
        if len(said := references.renamed(one, {step: f"{MEMORY}.{name}"})) <= LONGEST_LIST:
            yield said


def _read_for(plan: Plan, steps: Mapping[str, StepState], registry: Registry) -> list[StepState]:
    """The reads that came out whole, of which the answer speaks, and those that these were made of."""
    planned = {step.id: step for step in plan.steps}
    wanted, names = [step.id for step in plan.steps if step.id in answer_steps(plan)], list[str]()
    while wanted:
        name = wanted.pop(0)
        if name in planned and name not in names:
            names.append(name)
            wanted += sorted(dependencies(planned[name]))
    return [steps[name] for name in names if name in steps and _may_be_used(steps[name], registry)]


def _may_be_used(state: StepState, registry: Registry) -> bool:
    tool = registry.find(state.tool)
    reads = issubclass(tool, ReadTool) and tool.runtime == "read" and tool.lasts > 0 and not tool.by_code
    whole = bool(state.items) and all(item.status == "done" and item.mended is None for item in state.items)
    return reads and whole and not state.skipped


def _changed(state: StepState, registry: Registry) -> Iterator[datetime]:
    """When it changed, or may have, what was read: all but messages."""
    tool = registry.find(state.tool)
    if issubclass(tool, WriteTool) and tool.runtime == "write":
        made = (item for item in state.items if item.status in {"done", "failed", "unknown"})
        yield from (item.settled_at for item in made if item.settled_at)


def _outlasts(result: KeptResult, registry: Registry) -> bool:
    """Whether a change makes it no other: what was said, and what has been."""
    if result.name == ANSWER:
        return True
    try:
        tool = registry.find(result.tool)
    except NotFound:
        return False
    return issubclass(tool, ReadTool) and tool.lasts >= HOURS


def _line(state: StepState, *, told: bool) -> str:
    """Which call it was; without what text of others may have chosen."""
    name = state.tool.partition("@")[0].replace("_", " ")
    given = in_words(state.items[0].arguments) if told and state.items else ""
    more = f" and {len(state.items) - 1} more" if len(state.items) > 1 else ""
    return f"{name}: {given}{more}"[:LONGEST_LINE] if given else name


def _lists(
    plan: Plan, record: RunRecord, outputs: Mapping[str, JsonValue], registry: Registry
) -> dict[str, tuple[str, ...]]:
    """The lists of things that the answer shows, as expressions, by the one step, or kept result, that each is from."""
    if plan.answer is None or plan.answer.text is None:
        return {}
    memory = kept_type(used_by(record.revisions).values(), registry)
    scope = outputs_of({step.id: given_by(step, registry) for step in plan.steps}, memory=memory)
    found: dict[str, list[str]] = {}
    for expression in placeholders(plan.answer.text):
        inner = joined[1] if (joined := _JOINED.fullmatch(expression)) else expression
        for holder in [inner, *([field[1]] if (field := _FIELD.fullmatch(inner)) else [])]:
            source = _source(holder)
            if source and len(holder) <= LONGEST_LIST and _is_list(holder, scope, outputs):
                found.setdefault(source, []).append(holder)
    return {name: tuple(dict.fromkeys(some))[:MOST_LISTS] for name, some in found.items()}


def _source(expression: str) -> str:
    sources = {path[0] if path[0] != MEMORY else ".".join(path[:2]) for path in references.roots(expression)}
    return sources.pop() if len(sources) == 1 else ""


def _is_list(expression: str, scope: ObjectType, outputs: Mapping[str, JsonValue]) -> bool:
    """Whether it gives several things; of what was picked out of a list that was there, also where that is none."""
    try:
        found = type_of(expression, scope)
        return (
            isinstance(found, ListType)
            and isinstance(found.element, ObjectType)
            and (expression.startswith(f"{MEMORY}.") or bool(references.evaluate(expression, dict(outputs))))
        )
    except (PlanError, NoData):
        return False
