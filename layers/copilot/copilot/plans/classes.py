"""Of which class that is which a step is given: as private as the most private of what it takes, and of what that was
made of. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from copilot.domain import PRIVATE, Arguments, OutputClass, Plan, Step
from copilot.plans.arguments import referred_to, step_of
from copilot.plans.tool_types import class_arguments
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool


def class_of_sources(step: Step, steps: Mapping[str, Step], registry: Registry) -> OutputClass:
    """Of a step that takes nothing from others, what may be known by most. `steps` are those of its plan, by id."""
    tools = [registry.find(steps[name].tool) for name in sources_of(step, steps)]
    shown = {"logs" if tool.logs else tool.shows for tool in tools}
    return max(shown, key=PRIVATE.index, default=PRIVATE[0])


def sources_of(step: Step, steps: Mapping[str, Step]) -> set[str]:
    """The ids of the steps that it takes something from, by those that these take from as well."""
    left, named = [step], set[str]()
    while left:
        new = {step_of(path) for path in referred_to(left.pop())} & steps.keys() - named
        named |= new
        left += [steps[name] for name in new]
    return named


def classed_arguments(tool: AnyTool, step: Step, plan: Plan, registry: Registry) -> Arguments:
    """The arguments of its calls that say so, which the plan itself has no say in."""
    names = class_arguments(tool)
    return dict.fromkeys(names, class_of_sources(step, {one.id: one for one in plan.steps}, registry)) if names else {}
