"""No well-typed plan is refused, what it gives fits where it goes, and no plan with a known fault passes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typed_plans import Made, Shape, plans_of_two, typed_plans, values

from copilot.domain import Plan
from copilot.errors import NoData, PlanError
from copilot.plans.arguments import resolve
from copilot.plans.check import check_plan


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(typed_plans(), st.data())
def test_a_well_typed_plan_is_let_through_and_gives_what_its_tools_take(made: Made, data: st.DataObject) -> None:
    plan = made.checked
    check_plan(plan, made.registry)
    outputs: dict[str, Any] = {}
    for step in plan.steps:
        taken = made.registry.find(step.tool).Input
        try:
            elements = [None] if step.for_each is None else resolve(step.for_each, outputs)
            assert isinstance(elements, list)
            for element in elements:
                taken.model_validate({name: resolve(one, outputs, element) for name, one in step.arguments.items()})
        except NoData:
            pass
        one = values(made.given[step.id])
        outputs[step.id] = data.draw(one if step.for_each is None else st.lists(one, max_size=2))


# --- one fault each ------------------------------------------------------------------------------

Fault = Callable[[Made, dict[str, Any], Any], tuple[str, ...]]
"""Puts one fault into the last step of the plan, or beside it; returns what the message has to have."""


def output(made: Made, draw: Any, *kinds: str) -> tuple[str, Shape]:
    """A field of the first step whose shape is one of these kinds."""
    found: tuple[str, Shape] = draw(
        st.sampled_from([one for one in made.given["step0"].fields.items() if one[1].kind in kinds])
    )
    return found


def taker(made: Made, draw: Any, *kinds: str) -> str:
    """An argument of the last step that takes one of these kinds."""
    return str(draw(st.sampled_from([name for name, shape in made.taken["step1"].items() if shape.kind in kinds])))


def unknown_tool(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    step["tool"] = "tolo_0"
    return "no tool tolo_0", "nearest: tool_0"


def unknown_version(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    step["tool"] += "@9"
    return "has no version 9", f"nearest: {step['tool'][:-2]}@1"


def missing_argument(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name = draw(st.sampled_from(sorted(step["arguments"])))
    del step["arguments"][name]
    return f"needs the argument {name}", ""


def extra_argument(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name = sorted(step["arguments"])[0]
    step["arguments"][f"{name}x"] = 1
    return f"has no argument {name}x", f"nearest: {name}"


def literal_of_a_wrong_type(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    wanted = made.taken["step1"]
    wrong = {"text": 5, "whole": "x", "number": "x", "flag": "x", "list": {}, "object": [], "choice": 1}
    name = taker(made, draw, *wrong)
    step["arguments"][name] = wrong[wanted[name].kind]
    return f"argument {name}: found", "expected"


def literal_not_a_choice(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name = taker(made, draw, "choice")
    choice = draw(st.sampled_from(made.taken[step["id"]][name].names))
    step["arguments"][name] = choice[:-1]
    return f"argument {name}: found '{choice[:-1]}'", f"nearest: '{choice}'"


def unknown_field(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name = draw(st.sampled_from(made.given["step0"].names))
    _refer(step, f"step0.{name}_")
    return f"there is no field {name}_", f"nearest: {name}"


def quoted_text(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name, _ = output(made, draw, "list")
    _refer(step, f'step0.{name}[?x == "y"]')
    return "is the name of a field there", "write 'y'"


def never_equal(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name, shape = output(made, draw, "text", "whole", "number", "flag", "list")
    other = "'x'" if shape.kind != "text" else "`5`"
    _refer(step, f"step0.{name} == {other}")
    return f"{name} == {other}", "never equal"


def never_that_choice(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name, shape = output(made, draw, "choice")
    _refer(step, f"step0.{name} != '{shape.names[0]}s'")
    return f"{name} != '{shape.names[0]}s'", f"nearest: '{shape.names[0]}'"


def no_order(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name, _ = output(made, draw, "flag", "list", "object", "text")
    _refer(step, f"step0.{name} < `3`")
    return f"{name} < `3`", "expected two numbers, or two texts"


def misfit_reference(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    """The whole of a step where a text or a number is wanted."""
    name = taker(made, draw, "text", "whole", "choice", "list")
    step["arguments"][name] = {"$ref": "step0"}
    return f"argument {name}: 'step0': found an object", "expected"


def function_of_a_wrong_type(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name, shape = output(made, draw, "whole", "number", "flag", "text")
    called = "length" if shape.kind != "text" else "sum"
    _refer(step, f"{called}(step0.{name})")
    return f"{called} takes", "found"


def order_by_a_wrong_type(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name, _ = output(made, draw, "list")
    called = draw(st.sampled_from(["sort_by", "min_by", "max_by"]))
    _refer(step, f"{called}(step0.{name}, &on)")
    return f"{called} by on takes numbers or texts", "found a boolean"


def projected_no_list(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name, _ = output(made, draw, "text", "whole", "number", "flag", "choice", "object")
    way = draw(st.sampled_from(["[]", "[*]", "[?x]", "[0]"]))
    _refer(step, f"step0.{name}{way}")
    return "needs a list, found", ""


def cycle(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    first = made.plan["steps"][0]
    first["after"], step["after"] = [step["id"]], ["step0"]
    return f"waits for {step['id']} -> step0", ""


def dangling(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    if draw(st.booleans()):
        step["after"] = ["setp0"]
    else:
        _refer(step, "setp0.x")
    return "refers to setp0, and no earlier step has that id", "nearest: step0"


def forward(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    made.plan["steps"].append({"id": "zzz", "tool": "tool_0", "arguments": made.plan["steps"][0]["arguments"]})
    _refer(step, "zzz.x")
    return "refers to zzz, which does not come before it", ""


def for_each_over_no_list(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name, _ = output(made, draw, "text", "whole", "number", "flag", "choice", "object")
    step["for_each"] = {"$ref": f"step0.{name}"}
    return "for_each: expected a list, found", ""


def item_without_for_each(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    step["arguments"][taker(made, draw, "text", "list")] = {"$item": "@"}
    return "$item '@' without for_each", ""


def malformed(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name = sorted(step["arguments"])[0]
    key = draw(st.sampled_from(["$ref", "$item", "$text"]))
    wrong = draw(st.sampled_from([{key: 5}, {key: None}, {key: "step0", "other": 1}, {key: ["x"]}]))
    step["arguments"][name] = wrong
    return f"argument {name}: {key}", ""


def stray_brace(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    name = sorted(step["arguments"])[0]
    step["arguments"][name] = {"$text": draw(st.sampled_from(["a {step0", "b }", "{{step0.x}"]))}
    return "a brace without its partner", name


def reserved_id(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    step["id"] = draw(st.sampled_from(["memory", "failures", "attachments"]))
    return "the name is reserved", ""


def repeated_id(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    step["id"] = "step0"
    return "two steps have this id", ""


def wrong_expectation(made: Made, step: dict[str, Any], draw: Any) -> tuple[str, ...]:
    step["expect"] = "nonesuch == 'x'"
    return "expect: \"nonesuch == 'x'\": there is no field nonesuch", ""


FAULTS: list[Fault] = [
    unknown_tool,
    unknown_version,
    missing_argument,
    extra_argument,
    literal_of_a_wrong_type,
    literal_not_a_choice,
    unknown_field,
    quoted_text,
    never_equal,
    never_that_choice,
    no_order,
    misfit_reference,
    function_of_a_wrong_type,
    order_by_a_wrong_type,
    projected_no_list,
    cycle,
    dangling,
    forward,
    for_each_over_no_list,
    item_without_for_each,
    malformed,
    stray_brace,
    reserved_id,
    repeated_id,
    wrong_expectation,
]


def _refer(step: dict[str, Any], expression: str) -> None:
    """Put a reference in the place of an argument."""
    name = sorted(step["arguments"])[0]
    step["arguments"][name] = {"$ref": expression}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made=plans_of_two(), data=st.data())
def test_one_fault_is_always_found(fault: Fault, made: Made, data: st.DataObject) -> None:
    made.plan = copy.deepcopy(made.plan)
    step = made.plan["steps"][-1]
    said = fault(made, step, data.draw)
    with pytest.raises(PlanError) as refused:
        check_plan(Plan.model_validate(made.plan), made.registry)
    matching = [line for line in refused.value.problems if all(part in line for part in said)]
    assert matching, refused.value.problems
    named = (f"step {step['id']}", "step step0: waits")
    assert any(line.startswith(named) for line in matching), matching
