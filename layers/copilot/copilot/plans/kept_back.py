"""What a tool showed that no model may read: until policy decides about classes, what production logs say. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from copilot.domain import StepState
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool

INSTEAD = "(logs of production, which no model is shown)"


def is_kept_back(tool: AnyTool, output: JsonValue) -> bool:
    """Whether an output of the tool is. Logs of which it is not known where they are from are taken for
    production's.
    """
    if tool.shows != "logs":
        return False
    return not isinstance(output, dict) or output.get("kind") not in {"development", "preview", "staging"}


def kept_back(outputs: Mapping[str, JsonValue], steps: Mapping[str, StepState], registry: Registry) -> set[str]:
    """The steps whose outputs are; where one item's is, all of the step's are."""
    found = set()
    for name in outputs.keys() & steps.keys():
        output, tool = outputs[name], registry.find(steps[name].tool)
        each = output if steps[name].for_each and isinstance(output, list) else [output]
        if any(is_kept_back(tool, one) for one in each):
            found.add(name)
    return found


def readable(
    outputs: Mapping[str, JsonValue], steps: Mapping[str, StepState], registry: Registry
) -> dict[str, JsonValue]:
    """The outputs as a model may read them."""
    return {**outputs, **dict.fromkeys(kept_back(outputs, steps, registry), INSTEAD)}
