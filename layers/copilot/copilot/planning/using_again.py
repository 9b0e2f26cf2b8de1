"""What was read in earlier Turns used again: what of it is fresh enough, and what is read once more in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from copilot.domain import ANSWER, KeptResult, Plan, Revision, Run, Step
from copilot.errors import NotFound, PlanError
from copilot.planning.unplanned import only_says
from copilot.plans.arguments import ATTACHMENTS, MEMORY, dependencies, expressions, referred_to, results_in, results_of
from copilot.plans.plan_types import FAILURES
from copilot.plans.references import roots
from copilot.plans.renaming import calls_of, renamed_plan, renamed_step
from copilot.plans.templates import placeholders
from copilot.plans.tool_types import shown_arguments
from copilot.ports import Store
from copilot.text.moments import as_of
from copilot.text.outside import inert
from copilot.tools.registry import Registry
from copilot.tools.tool import HOURS, ReadTool

TOO_OLD = (
    "{what} is of {at}, which is too long ago to be used as it was, and it cannot be read again without more said. "
    "Nothing was done; ask for it again in full."
)
GONE = "Nothing that was read here before can be meant by that. Nothing was done; ask for it in full."


def fresh(results: Iterable[KeptResult], now: datetime, registry: Registry) -> dict[str, KeptResult]:
    """Those that may be used as they are, by name, in their order."""
    return {one.name: one for one in results if now - one.at < timedelta(seconds=_lasts(one, registry))}


def _lasts(result: KeptResult, registry: Registry) -> int:
    if result.name == ANSWER:
        return HOURS  # what was said stays what was said, for as long as anybody means that by "that"
    try:
        tool = registry.find(result.tool)
    except NotFound:
        return 0
    return tool.lasts if issubclass(tool, ReadTool) else 0


def served(plan: Plan, results: Mapping[str, KeptResult]) -> Plan:
    """The plan without the reads that gave what is still fresh, which it takes instead; of a change it is the same. Of
    a step that others wait for by `after`, or whose failures are spoken of, it has to come to something anew.
    """
    by_call = {one.call: one for one in results.values() if one.call and one.trusted}
    calls = calls_of(plan)
    waited_for = {name for step in plan.steps for name in step.after}
    waited_for |= {path[1] for path in _paths(plan) if path[0] == FAILURES and len(path) > 1}
    names = {
        step.id: f"{MEMORY}.{by_call[calls[step.id]].name}"
        for step in plan.steps
        if calls.get(step.id) in by_call and step.id not in waited_for
    }
    rest = plan.model_copy(update={"steps": tuple(step for step in plan.steps if step.id not in names)})
    try:
        return renamed_plan(rest, names)
    except PlanError:
        return plan


def _paths(plan: Plan) -> Iterator[tuple[str, ...]]:
    for step in plan.steps:
        yield from referred_to(step)
    if plan.answer is not None and plan.answer.text is not None:
        yield from (path for one in placeholders(plan.answer.text) for path in roots(one))


def used_by_plan(plan: Plan, results: Mapping[str, KeptResult]) -> tuple[KeptResult, ...]:
    """Those of them that it refers to."""
    return tuple(results[name] for name in sorted(results_of(plan) & results.keys()))


def dated(plan: Plan, results: Mapping[str, KeptResult], now: datetime, time_zone: str, registry: Registry) -> Plan:
    """The plan that says in all that it sends, or puts in a file, of when that is which was read before."""

    def of(value: JsonValue) -> str:
        names = {path[1] for one in expressions(value) for path in roots(one) if path[0] == MEMORY and len(path) > 1}
        moments = [results[name].at for name in names & results.keys()]
        return as_of(moments, now, time_zone, to_others=True) if moments else ""

    def step_with(step: Step) -> Step:
        tool = registry.find(step.tool)
        arguments = dict(step.arguments)
        for name in shown_arguments(tool):
            if name in arguments and (said := of(arguments[name])):
                arguments[name] = {"$text": f"{_as_text(arguments[name])}\n\n{said}"}
        sections = arguments.get("sections")
        if tool.links and isinstance(sections, list) and (said := of(sections)):
            arguments["sections"] = [*sections, {"text": said}]
        return step.model_copy(update={"arguments": arguments})

    return plan.model_copy(update={"steps": tuple(step_with(step) for step in plan.steps)})


def _as_text(value: JsonValue) -> str:
    if isinstance(value, dict) and "$text" in value:
        return str(value["$text"])
    if isinstance(value, dict) and "$ref" in value:
        return f"{{{value['$ref']}}}"
    return str(value)


@dataclass(frozen=True)
class UseAgain:
    """Binds a plan to what it refers to in memory."""

    store: Store
    registry: Registry

    def __call__(self, revision: Revision, results: Sequence[KeptResult], run: Run, time_zone: str) -> Revision:
        """With the results that are fresh enough, and the steps in it that read the others again; or, in words, why it
        cannot be done.
        """
        wanted = results_of(revision.plan)
        if not wanted:
            return revision
        there = {one.name: one for one in results}
        usable = fresh(results, run.trigger.received_at, self.registry)
        plan = revision.plan
        for name in sorted(wanted - usable.keys()):
            if name not in there:
                return only_says(run.trigger.text, GONE)
            again = self._read_again(plan, there[name], run)
            if again is None:
                return only_says(run.trigger.text, _too_old(there[name], run.trigger.received_at, time_zone))
            plan = again
        used = {one.name: one for one in used_by_plan(plan, usable)}
        plan = dated(plan, used, run.trigger.received_at, time_zone, self.registry)
        return revision.model_copy(update={"plan": plan, "used": tuple(used.values())})

    def _read_again(self, plan: Plan, result: KeptResult, run: Run) -> Plan | None:
        """With the steps before it that read this again, which marked text had no part in; None where it cannot be."""
        if result.name == ANSWER or not result.trusted:
            return None
        try:
            made = self.store.load_run(run.tenant, result.run_id).plan
        except NotFound:
            return None
        steps = list(_made_by(made, result.step)) if made is not None else []
        if not steps or not all(self._may_be_repeated(step) for step in steps):
            return None
        taken = {step.id for step in plan.steps}
        names = {step.id: _free(step.id, taken) for step in steps}
        try:
            rest = renamed_plan(plan, {f"{MEMORY}.{result.name}": names[result.step]})
            return rest.model_copy(update={"steps": (*(renamed_step(step, names) for step in steps), *rest.steps)})
        except PlanError:
            return None

    def _may_be_repeated(self, step: Step) -> bool:
        try:
            tool = self.registry.find(step.tool)
        except NotFound:
            return False
        own = {path[0] for path in referred_to(step)}
        return issubclass(tool, ReadTool) and not tool.links and not own & {ATTACHMENTS} and not results_in(step)


def _made_by(plan: Plan, name: str) -> Iterator[Step]:
    """The step of this id and all that it needs, in the order of the plan."""
    planned = {step.id: step for step in plan.steps}
    left, needed = [name], set[str]()
    while left:
        one = left.pop()
        if one in planned and one not in needed:
            needed.add(one)
            left += dependencies(planned[one])
    return (step for step in plan.steps if step.id in needed)


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free


def _too_old(result: KeptResult, now: datetime, time_zone: str) -> str:
    what = "What I last answered" if result.name == ANSWER else f"What {inert(result.what) or result.name} gave"
    at = as_of([result.at], now, time_zone).removeprefix("As of ").removesuffix(".")
    return TOO_OLD.format(what=what, at=at)
