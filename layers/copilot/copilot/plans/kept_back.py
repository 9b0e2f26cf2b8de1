"""What a tool showed that no model may read: until policy decides about classes, what production logs say. Pure.

Of a tool that shows logs that is all that it gave; of one that shows something else it is those of its fields that it
names as its `logs`, so that the rest may still be read.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from copilot.domain import StepState
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool

INSTEAD = "(logs of production, which no model is shown)"


def as_read(tool: AnyTool, output: JsonValue) -> JsonValue:
    """An output of the tool as a model may read it. Logs of which it is not known where they are from are taken for
    production's.
    """
    if isinstance(output, dict) and output.get("kind") in {"development", "preview", "staging"}:
        return output
    if tool.shows == "logs":
        return INSTEAD
    if not isinstance(output, dict):
        return output if not tool.logs else INSTEAD
    return {name: INSTEAD if name in tool.logs and value else value for name, value in output.items()}


def is_kept_back(tool: AnyTool, output: JsonValue) -> bool:
    """Whether an output of the tool is, or some of it."""
    return as_read(tool, output) != output


def readable(
    outputs: Mapping[str, JsonValue], steps: Mapping[str, StepState], registry: Registry
) -> dict[str, JsonValue]:
    """The outputs as a model may read them; where nothing of one item's is to be read, nothing of the step's is."""
    return {name: _readable(output, steps.get(name), registry) for name, output in outputs.items()}


def _readable(output: JsonValue, step: StepState | None, registry: Registry) -> JsonValue:
    if step is None:
        return output
    tool = registry.find(step.tool)
    if not (step.for_each and isinstance(output, list)):
        return as_read(tool, output)
    each = [as_read(tool, one) for one in output]
    return INSTEAD if INSTEAD in each else each


def kept_back(outputs: Mapping[str, JsonValue], steps: Mapping[str, StepState], registry: Registry) -> set[str]:
    """The steps of whose outputs no model may read all."""
    return {name for name, output in readable(outputs, steps, registry).items() if output != outputs[name]}
