"""What a tool showed that no model may read. Pure: what that is, policy says, of each class and kind of environment.

Of a tool that shows such a class that is all that it gave; of one that shows something else it is those of its fields
that it names as its `logs`, if a model may not read these, so that the rest may still be read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from pydantic import JsonValue

from copilot.domain import ANSWER, NOT_KNOWN, STRICTER, About, KeptResult, OutputClass, Plan, StepState
from copilot.plans import references
from copilot.plans.arguments import MEMORY, expressions, step_of
from copilot.plans.kept import NO_RESULTS, Results
from copilot.tools.by_hand import NEEDED
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool

INSTEAD = "(this is what no model is shown: policy says so)"
MayRead = Callable[[About], bool]
"""Whether policy lets the model that a request goes to read what tells of this."""


def all_but_logs_of_production(about: About) -> bool:
    """As policy has it where nobody changed it, for where none is at hand."""
    return about != NOT_KNOWN


def told(output: JsonValue) -> JsonValue:
    """What a step gave, without what only its commands by hand need."""
    if isinstance(output, list):
        return [told(one) for one in output]
    return {name: value for name, value in output.items() if name != NEEDED} if isinstance(output, dict) else output


def as_read(tool: AnyTool, output: JsonValue, may_read: MayRead = all_but_logs_of_production) -> JsonValue:
    """An output of the tool as a model may read it. What is from nobody knows where is taken for production's."""
    output = told(output)
    found = output.get("kind") if isinstance(output, dict) else None
    kind = next((kind for kind in STRICTER if kind == found), STRICTER[-1])
    if not may_read(About(shows=tool.shows, kind=kind)):
        return INSTEAD
    if not tool.logs or may_read(About(shows="logs", kind=kind)):
        return output
    if not isinstance(output, dict):
        return INSTEAD
    return {name: INSTEAD if name in tool.logs and value else value for name, value in output.items()}


def is_kept_back(tool: AnyTool, output: JsonValue, may_read: MayRead = all_but_logs_of_production) -> bool:
    """Whether an output of the tool is, or some of it."""
    return as_read(tool, output, may_read) != told(output)


def fed_by_such(
    plan: Plan, registry: Registry, may_read: MayRead = all_but_logs_of_production, kept: Results = NO_RESULTS
) -> frozenset[str]:
    """The steps that are given what a model may not read, by whatever number of others: it may stand in what they make
    of it, and in why they failed. Of which environment it is does not matter, as that is not known before it is read.
    `kept` are the results of earlier Turns that the plan refers to.
    """
    tools = {step.id: registry.find(step.tool) for step in plan.steps}
    found: set[str] = set()
    for step in plan.steps:
        taken = [one for value in (step.for_each, *step.arguments.values()) for one in expressions(value)]
        paths = [path for one in taken for path in references.roots(one) if step_of(path) in tools]
        again = [path for one in taken for path in references.roots(one) if path[0] == MEMORY]
        if any(_says_again(path, kept, registry, may_read) for path in again):
            found.add(step.id)
        if any(step_of(path) in found or _says(tools[step_of(path)], path, may_read) for path in paths):
            found.add(step.id)
    return frozenset(found)


def _says_again(path: Sequence[str], kept: Results, registry: Registry, may_read: MayRead) -> bool:
    one = kept.get(path[1]) if len(path) > 1 else None
    if one is None or one.kept_back or not may_read(one.about):
        return True
    return one.name != ANSWER and _says(registry.find(one.tool), path[1:], may_read)


def _says(tool: AnyTool, path: Sequence[str], may_read: MayRead) -> bool:
    """Whether what a reference that begins so takes of the tool's output may be what no model may read."""
    if tool.logs and (len(path) < 2 or path[1] in tool.logs) and not _read_of_all("logs", may_read):
        return True
    return not _read_of_all(tool.shows, may_read)


def _read_of_all(shows: OutputClass, may_read: MayRead) -> bool:
    return all(may_read(About(shows=shows, kind=kind)) for kind in STRICTER)


def readable(
    outputs: Mapping[str, JsonValue],
    steps: Mapping[str, StepState],
    registry: Registry,
    fed: Collection[str] = frozenset(),
    may_read: MayRead = all_but_logs_of_production,
    kept: Results = NO_RESULTS,
) -> dict[str, JsonValue]:
    """The outputs as a model may read them; where nothing of one item's is to be read, nothing of the step's is, and
    nothing of those that are `fed` by what it may not. `kept` are the results of earlier Turns among them.
    """
    return {
        name: INSTEAD
        if name in fed
        else _readable_again(output, kept, registry, may_read)
        if name == MEMORY
        else _readable(output, steps.get(name), registry, may_read)
        for name, output in outputs.items()
    }


def _readable_again(given: JsonValue, kept: Results, registry: Registry, may_read: MayRead) -> JsonValue:
    if not isinstance(given, dict):
        return INSTEAD
    return {name: _read_again(value, kept.get(name), registry, may_read) for name, value in given.items()}


def _read_again(value: JsonValue, one: KeptResult | None, registry: Registry, may_read: MayRead) -> JsonValue:
    if one is None or one.kept_back or not may_read(one.about):
        return INSTEAD
    if one.name == ANSWER:
        return value
    tool = registry.find(one.tool)
    if not (one.for_each and isinstance(value, list)):
        return as_read(tool, value, may_read)
    each = [as_read(tool, inner, may_read) for inner in value]
    return INSTEAD if INSTEAD in each else each


def _readable(output: JsonValue, step: StepState | None, registry: Registry, may_read: MayRead) -> JsonValue:
    if step is None:
        return output
    tool = registry.find(step.tool)
    if not (step.for_each and isinstance(output, list)):
        return as_read(tool, output, may_read)
    each = [as_read(tool, one, may_read) for one in output]
    return INSTEAD if INSTEAD in each else each


def kept_back(
    outputs: Mapping[str, JsonValue],
    steps: Mapping[str, StepState],
    registry: Registry,
    fed: Collection[str] = frozenset(),
    may_read: MayRead = all_but_logs_of_production,
    kept: Results = NO_RESULTS,
) -> set[str]:
    """The steps of whose outputs no model may read all; `memory` where that is so of a result of an earlier Turn."""
    given = {name: _told(name, output, steps) for name, output in outputs.items()}
    read = readable(outputs, steps, registry, fed, may_read, kept)
    return {name for name, output in read.items() if output != given[name]}


def _told(name: str, output: JsonValue, steps: Mapping[str, StepState]) -> JsonValue:
    if name == MEMORY and isinstance(output, dict):
        return {of: told(value) for of, value in output.items()}
    return told(output) if name in steps else output
