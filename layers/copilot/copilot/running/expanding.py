"""From a step of the plan to its items: for_each and arguments resolved once, against what earlier steps gave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue, ValidationError

from copilot.domain import Arguments, Item, Step, StepState
from copilot.domain.misfits import misfit
from copilot.errors import NoData
from copilot.plans.afresh import NOTHING_FIXED
from copilot.plans.arguments import resolve
from copilot.plans.templates import NONE_SPARED, words
from copilot.plans.tool_types import shown_arguments
from copilot.running.replanning import repaired
from copilot.tools.tool import AnyTool, WriteTool


def expand(
    step: Step,
    tool: AnyTool,
    outputs: Mapping[str, JsonValue],
    now: datetime,
    most: int,
    spared: Mapping[str, str] = NONE_SPARED,
    able: bool = False,
    fixed: Arguments = NOTHING_FIXED,
) -> StepState:
    """The step with its items. One whose arguments do not fit is wrong; so is one whose arguments give nothing, where
    somebody is `able` to make a better plan, and else it is settled at once.

    `spared` are texts in the outputs that are shown otherwise than others: see outputs.spared_texts. `fixed` are
    arguments that are so whatever the plan says: see plans.afresh.
    """
    try:
        elements = _elements(step, outputs, most)
    except (NoData, ValueError) as error:
        return skipped(step, f"for_each: {error}")
    items = tuple(_item(step, tool, outputs, *each, now, spared, able, fixed) for each in enumerate(elements))
    # The version is fixed here: what is previewed and approved is what is run, whatever is deployed meanwhile.
    version = f"{tool.name}@{tool.version}"
    return StepState(step_id=step.id, tool=version, expect=step.expect, items=items, for_each=step.for_each is not None)


def expand_again(
    step: Step,
    tool: AnyTool,
    state: StepState,
    outputs: Mapping[str, JsonValue],
    now: datetime,
    spared: Mapping[str, str] = NONE_SPARED,
    fixed: Arguments = NOTHING_FIXED,
) -> StepState:
    """A step that was repaired, with the calls that were wrong made anew for the same elements; the others stay."""
    elements = _elements(step, outputs, len(state.items))
    items = tuple(
        repaired(item, _item(step, tool, outputs, item.index, elements[item.index], now, spared, True, fixed))
        if item.status == "wrong"
        else item
        for item in state.items
    )
    update = {"tool": f"{tool.name}@{tool.version}", "expect": step.expect, "items": items}
    return state.model_copy(update=update)


def skipped(step: Step, reason: str, *, as_planned: bool = False) -> StepState:
    """The step as one that is not run, and why."""
    return StepState(
        step_id=step.id,
        tool=step.tool,
        for_each=step.for_each is not None,
        skipped=True,
        as_planned=as_planned,
        reason=reason[:400],
    )


def _elements(step: Step, outputs: Mapping[str, JsonValue], most: int) -> list[JsonValue]:
    if step.for_each is None:
        return [None]
    elements = resolve(step.for_each, outputs)
    if not isinstance(elements, list):
        raise ValueError(f"expected a list, found {words(elements)[:80]}")
    if len(elements) > most:
        raise ValueError(f"{len(elements)} items, and a run may have {most}")
    return elements


def _item(
    step: Step,
    tool: AnyTool,
    outputs: Mapping[str, JsonValue],
    index: int,
    element: JsonValue,
    now: datetime,
    spared: Mapping[str, str],
    able: bool,
    fixed: Arguments,
) -> Item:
    shown = shown_arguments(tool)
    try:
        arguments: Arguments = {
            name: _said(value, resolve(value, outputs, element, spared), spared)
            if name in shown
            else resolve(value, outputs, element, spared)
            for name, value in step.arguments.items()
        } | dict(fixed)
    except NoData as error:
        if able:
            return Item(index=index, arguments={}, status="wrong", wanted="revise", reason=str(error)[:400])
        return Item(index=index, arguments={}, status="no_data", reason=str(error)[:400], settled_at=now)
    try:
        tool.Input.model_validate(arguments)
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"argument {'.'.join(map(str, first['loc']))}: {misfit(first)}"
        return Item(index=index, arguments=arguments, status="wrong", wanted="repair", reason=reason[:400])
    return Item(index=index, arguments=arguments, phase="preview" if issubclass(tool, WriteTool) else "execute")


def _said(value: JsonValue, resolved: JsonValue, spared: Mapping[str, str]) -> JsonValue:
    """What people are shown: as the plan writes it, or, where a reference gave it, so that it can do nothing."""
    handed_on = isinstance(value, dict) and bool({"$ref", "$item"} & value.keys())
    return words(resolved, spared) if handed_on and isinstance(resolved, str) else resolved
