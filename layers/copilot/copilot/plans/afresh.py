"""What a plan that changes something goes by: what is there now, never what was last swept."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pydantic import JsonValue

from copilot.domain import Arguments, Plan, StepState
from copilot.errors import NotFound, PlanError
from copilot.plans.arguments import dependencies
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, ReadTool

NOTHING_FIXED: Arguments = {}


def changes(plan: Plan, registry: Registry) -> bool:
    """Whether the plan changes something, or may come to that once it was looked at."""
    return plan.then is not None or any(registry.find(step.tool).effect != "read" for step in plan.steps)


def fixed_arguments(tool: AnyTool, plan: Plan, registry: Registry) -> Arguments:
    """The arguments of its calls that the plan itself has no say in."""
    argument = _afresh(tool)
    return {argument: True} if argument and changes(plan, registry) else NOTHING_FIXED


def without_afresh(tool: AnyTool, arguments: Arguments) -> Arguments:
    """The arguments of its call that a plan has a say in."""
    return {name: value for name, value in arguments.items() if name != _afresh(tool)}


def chosen_afresh(
    plan: Plan, states: Mapping[str, StepState], registry: Registry, looked_at: Collection[str] = frozenset()
) -> Plan:
    """The plan, some of whose steps have run. Raises PlanError where a change would go by what one of them recalled;
    what is new goes by all that was `looked_at`, too.
    """
    old: set[str] = set()
    problems = []
    for step in plan.steps:
        try:
            tool, state = registry.find(step.tool), states.get(step.id)
        except NotFound:  # which the plan's check says
            continue
        goes_by = dependencies(step) | (frozenset() if state else frozenset(looked_at))
        argument, wants = _afresh(tool), goes_by & old
        recalled = argument and any(not item.arguments.get(argument) for item in (state.items if state else ()))
        if recalled or wants:
            old.add(step.id)
        if wants and tool.effect != "read":
            problems.append(
                f"step {step.id}: it changes something and goes by {', '.join(sorted(wants))}, which is as old as the "
                "last sweep; read that again in a new step, and refer to that one"
            )
    if problems:
        raise PlanError(problems)
    return plan


def ages(plan: Plan, outputs: Mapping[str, JsonValue], registry: Registry) -> list[str]:
    """How old that is which these steps recalled, in sentences, each once."""
    given = [outputs.get(step.id) for step in plan.steps if _afresh(registry.find(step.tool))]
    each = [one for found in given for one in (found if isinstance(found, list) else [found])]
    return list(dict.fromkeys(str(one["as_of"]) for one in each if isinstance(one, dict) and one.get("as_of")))


def _afresh(tool: AnyTool) -> str:
    return tool.afresh if issubclass(tool, ReadTool) else ""
