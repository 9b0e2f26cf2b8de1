"""A plan, with what it would change looked at in place of each change: what it comes to can do nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from copilot.config.configuration import Limits
from copilot.domain import Answer, Plan, Step
from copilot.plans import references
from copilot.plans.arguments import dependencies, literal_texts, step_of
from copilot.plans.templates import placeholders
from copilot.plans.tool_types import target_arguments
from copilot.text.listing import listed
from copilot.text.spoken import tool_spoken
from copilot.tools.registry import Registry

FORESEE = "what_would_happen"
SAVES = {"stop_environment": ("saves", "less"), "start_environment": ("costs", "more")}
"""Of these there is an estimate: which figure it is, and what of it an hour."""


def foreseen(plan: Plan, registry: Registry, limits: Limits) -> Plan:
    """What it reads is read. What goes by the outcome of a change cannot be known before, and is only said.

    `limits` say how much is changed at once, which no look at a single call can know.
    """
    looked_at: dict[str, Step] = {}
    later: dict[str, Step] = {}
    steps: list[Step] = []
    for step in plan.steps:
        changes = registry.find(step.tool).effect != "read"
        if dependencies(step) & (looked_at.keys() | later.keys()):
            later[step.id] = step
        elif changes:
            looked_at[step.id] = step
            steps.append(
                Step(
                    id=step.id,
                    tool=FORESEE,
                    for_each=step.for_each,
                    arguments={"tool": step.tool, "arguments": step.arguments},
                )
            )
        else:
            steps.append(step)
    text = "\n".join(_answer(plan, list(looked_at.values()), later, registry, limits))
    return plan.model_copy(update={"steps": tuple(steps), "answer": Answer(text=text)})


def _answer(
    plan: Plan, looked_at: Sequence[Step], later: dict[str, Step], registry: Registry, limits: Limits
) -> Iterator[str]:
    """What the plan would have said of what it reads, behind what it would change."""
    for step in looked_at:
        yield from _lines(step.id) if step.for_each is None else _of_each(step.id, step.tool)
        if step.for_each is not None and registry.entry(step.tool).resource == "Environment":
            yield from _at_once(step.id, limits)
    if then := [_told(step, registry) for step in later.values() if registry.find(step.tool).effect != "read"]:
        yield f"And then, by what has come of that: {listed(then)}."
        yield ""
    changed = {step.id for step in looked_at} | later.keys()
    for line in (plan.answer.text or "").split("\n") if plan.answer else ():
        paths = [path for each in placeholders(line) for path in references.roots(each)]
        if not {step_of(path) for path in paths} & changed:
            yield line


def _lines(id: str) -> Iterator[str]:
    yield f"{{{id}.headline}}"
    yield "Would change:"
    yield f"- {{{id}.changes[].summary}}"
    yield "Would be left alone:"
    yield f"- {{{id}.left[].summary}}"
    yield ""
    yield f"{{{id}.decided}}"
    yield f"{{{id}.undo}}"
    yield f"{{{id}.owned}}"
    yield f"{{{id}.estimate}}"
    yield ""


def _of_each(id: str, tool: str) -> Iterator[str]:
    together = ""
    if tool in SAVES:
        figure, way = SAVES[tool]
        together = f"; together, by estimate, about {{sum({id}[].{figure}_an_hour)}} {{{id}[0].currency}} an hour {way}"
    yield "Nothing was done."
    yield f"{{length({id}[?would_change])}} of {{length({id})}} would change{together}."
    yield ""
    yield f"This is what “{tool_spoken(tool)}” would do:"
    yield f"- {{{id}[].summary}}"
    yield ""


def _at_once(id: str, limits: Limits) -> Iterator[str]:
    """A line that is there where more would change than may at once: there is one behind the last that may."""
    changing, asks, most = f"{id}[?would_change]", limits.asks_above, limits.most
    refused = f"More than {most} environments at once are refused, and no approval lifts that (limits.most)."
    asked = f"More than {asks} environments at once wait for an approval, all of them (limits.asks_above)."
    yield f"{{{changing} | ([{most}].headline && '{refused}' || [{asks}].headline && '{asked}')}}"
    yield ""


def _told(step: Step, registry: Registry) -> str:
    """The call, as far as it is written out what it is of."""
    tool = registry.find(step.tool)
    of = [text for name in target_arguments(tool) for text in literal_texts(step.arguments.get(name))]
    name = tool_spoken(tool.name)
    return f"{name} ({', '.join(of)})" if of else name
