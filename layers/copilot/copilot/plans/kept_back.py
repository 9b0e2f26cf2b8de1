"""What a tool showed that no model may read: until policy decides about classes, what production logs say. Pure.

Of a tool that shows logs that is all that it gave; of one that shows something else it is those of its fields that it
names as its `logs`, so that the rest may still be read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pydantic import JsonValue

from copilot.domain import Plan, StepState
from copilot.plans import references
from copilot.plans.arguments import expressions, step_of
from copilot.tools.by_hand import NEEDED
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool

INSTEAD = "(logs of production, which no model is shown)"


def told(output: JsonValue) -> JsonValue:
    """What a step gave, without what only its commands by hand need."""
    if isinstance(output, list):
        return [told(one) for one in output]
    return {name: value for name, value in output.items() if name != NEEDED} if isinstance(output, dict) else output


def as_read(tool: AnyTool, output: JsonValue) -> JsonValue:
    """An output of the tool as a model may read it. Logs of which it is not known where they are from are taken for
    production's.
    """
    output = told(output)
    if isinstance(output, dict) and output.get("kind") in {"development", "preview", "staging"}:
        return output
    if tool.shows == "logs":
        return INSTEAD
    if not isinstance(output, dict):
        return output if not tool.logs else INSTEAD
    return {name: INSTEAD if name in tool.logs and value else value for name, value in output.items()}


def is_kept_back(tool: AnyTool, output: JsonValue) -> bool:
    """Whether an output of the tool is, or some of it."""
    return as_read(tool, output) != told(output)


def fed_by_logs(plan: Plan, registry: Registry) -> frozenset[str]:
    """The steps that are given what logs say, by whatever number of others: it may stand in what they make of it, and
    in why they failed. From where the logs are does not matter, since that is not known before they are read.
    """
    tools = {step.id: registry.find(step.tool) for step in plan.steps}
    found: set[str] = set()
    for step in plan.steps:
        taken = [one for value in (step.for_each, *step.arguments.values()) for one in expressions(value)]
        paths = [path for one in taken for path in references.roots(one) if step_of(path) in tools]
        if any(step_of(path) in found or _says_logs(tools[step_of(path)], path) for path in paths):
            found.add(step.id)
    return frozenset(found)


def _says_logs(tool: AnyTool, path: Sequence[str]) -> bool:
    """Whether what a reference that begins so takes of the tool's output may be of logs."""
    return tool.shows == "logs" or bool(tool.logs and (len(path) < 2 or path[1] in tool.logs))


def readable(
    outputs: Mapping[str, JsonValue],
    steps: Mapping[str, StepState],
    registry: Registry,
    fed: Collection[str] = frozenset(),
) -> dict[str, JsonValue]:
    """The outputs as a model may read them; where nothing of one item's is to be read, nothing of the step's is, and
    nothing of those that are `fed` by logs.
    """
    return {
        name: INSTEAD if name in fed else _readable(output, steps.get(name), registry)
        for name, output in outputs.items()
    }


def _readable(output: JsonValue, step: StepState | None, registry: Registry) -> JsonValue:
    if step is None:
        return output
    tool = registry.find(step.tool)
    if not (step.for_each and isinstance(output, list)):
        return as_read(tool, output)
    each = [as_read(tool, one) for one in output]
    return INSTEAD if INSTEAD in each else each


def kept_back(
    outputs: Mapping[str, JsonValue],
    steps: Mapping[str, StepState],
    registry: Registry,
    fed: Collection[str] = frozenset(),
) -> set[str]:
    """The steps of whose outputs no model may read all."""
    given = {name: told(output) if name in steps else output for name, output in outputs.items()}
    return {name for name, output in readable(outputs, steps, registry, fed).items() if output != given[name]}
