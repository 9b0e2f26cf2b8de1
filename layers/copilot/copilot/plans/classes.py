"""Of which class that is which a step is given: as private as the most private of what it takes, and of what that was
made of. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from copilot.domain import PRIVATE, Arguments, OutputClass, Plan, Step
from copilot.plans.arguments import referred_to, results_in, step_of
from copilot.plans.kept import NO_RESULTS, Results
from copilot.plans.tool_types import class_arguments
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool


def class_of_sources(
    step: Step, steps: Mapping[str, Step], registry: Registry, kept: Results = NO_RESULTS
) -> OutputClass:
    """Of a step that takes nothing from others, what may be known by most. `steps` are those of its plan, by id, and
    `kept` the results of earlier Turns that this refers to. Of one that is not among them nobody knows.
    """
    tools = [registry.find(steps[name].tool) for name in sources_of(step, steps)]
    shown = {"logs" if tool.logs else tool.shows for tool in tools}
    shown |= {kept[name].about.shows if name in kept else PRIVATE[-1] for name in results_taken(step, steps)}
    return max(shown, key=PRIVATE.index, default=PRIVATE[0])


def results_taken(step: Step, steps: Mapping[str, Step]) -> frozenset[str]:
    """The names of the kept results that it takes something from, by those that it takes from as well."""
    return results_in(step).union(*(results_in(steps[name]) for name in sources_of(step, steps)))


def sources_of(step: Step, steps: Mapping[str, Step]) -> set[str]:
    """The ids of the steps that it takes something from, by those that these take from as well."""
    left, named = [step], set[str]()
    while left:
        new = {step_of(path) for path in referred_to(left.pop())} & steps.keys() - named
        named |= new
        left += [steps[name] for name in new]
    return named


def classed_arguments(
    tool: AnyTool, step: Step, plan: Plan, registry: Registry, kept: Results = NO_RESULTS
) -> Arguments:
    """The arguments of its calls that say so, which the plan itself has no say in."""
    names = class_arguments(tool)
    if not names:
        return {}
    return dict.fromkeys(names, class_of_sources(step, {one.id: one for one in plan.steps}, registry, kept))
