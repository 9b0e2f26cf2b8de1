"""Whether a runbook may run, whatever is said for its parameters: its plan with these as something else that it may
refer to, and its plan as it is with each value that is known before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType

from pydantic import JsonValue

from copilot.domain import Parameter, Plan, Runbook, Step
from copilot.errors import NotFound, PlanError
from copilot.plans.arguments import answer_steps, dependencies
from copilot.plans.check import check_plan
from copilot.plans.plan_types import Given
from copilot.plans.schema_types import AnyType, Boolean, Number, ObjectType, Text, Type
from copilot.plans.tool_types import said_arguments
from copilot.runbooks.filling import PARAMETER, plan_of
from copilot.tools.registry import Registry

NO_VALUES: Mapping[str, JsonValue] = MappingProxyType({})
PARAMETERS = "parameters"
"""What is referred to in place of them. No step of a runbook has this id."""
_PLACEHOLDER = r"{parameters.\1}"


def check_runbook(runbook: Runbook, registry: Registry) -> None:
    """Raises PlanError with every problem found, a line each, as `check_plan` has them."""
    if any(step.id == PARAMETERS for step in runbook.steps) or PARAMETERS in _referred_to(runbook):
        raise PlanError(
            [f"{PARAMETERS} is no step's id; a parameter stands as {{$slot: name}}, and in a text as {{$name}}"]
        )
    if unsaid := [line for step in runbook.steps for line in _said_each_time(step, registry)]:
        raise PlanError(unsaid)
    inputs = {PARAMETERS: Given(_type_of(runbook), ObjectType())}
    check_plan(_with(runbook, _PLACEHOLDER), registry, inputs=inputs)
    for what, values in _known(runbook):
        try:
            check_plan(_with(runbook, _PLACEHOLDER, values), registry, inputs=inputs)
        except PlanError as error:
            raise PlanError([f"with {what}: {problem}" for problem in error.problems]) from None


def _said_each_time(step: Step, registry: Registry) -> Iterator[str]:
    """What a person has to say whenever it is done, and nothing that is kept may say for them."""
    with suppress(NotFound):  # which the plan's check says
        for name in said_arguments(registry.find(step.tool)):
            if step.arguments.get(name, False) is not False:
                yield f"step {step.id}, argument {name}: who asks has to say that each time; leave it out of a runbook"


def runnable(runbook: Runbook, arguments: Mapping[str, JsonValue], registry: Registry) -> Plan:
    """Its plan with these arguments, which may run as things are now. Raises ToolInputError, PlanError."""
    plan = plan_of(runbook, arguments)
    check_plan(plan, registry)
    return plan


def _known(runbook: Runbook) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    """What may be said and is known, in words and as values: the defaults, and each choice with them."""
    values = {name: one.default for name, one in runbook.parameters.items() if one.default is not None}
    yield "its defaults", values
    for name, one in runbook.parameters.items():
        for choice in one.choices:
            if choice != one.default:
                yield f"{name} = {choice}", {**values, name: choice}


def _referred_to(runbook: Runbook) -> set[str]:
    """What steps and the answer refer to; what cannot be read is for the plan's check to name."""
    plan = _with(runbook, "")
    found: set[str] = set()
    for step in plan.steps:
        with suppress(PlanError):
            found |= dependencies(step)
    with suppress(PlanError):
        found |= answer_steps(plan)
    return found


def _type_of(runbook: Runbook) -> Type:
    fields = {name: _type(one) for name, one in runbook.parameters.items()}
    return ObjectType(fields, frozenset(fields))


def _type(parameter: Parameter) -> Type:
    match parameter.type:
        case "integer" | "number":
            return Number(whole=parameter.type == "integer")
        case "boolean":
            return Boolean()
        case "choice":
            return Text(parameter.choices)
    return Text(names=parameter.names or "") if parameter.type in {"string", "pattern"} else AnyType()


def _with(runbook: Runbook, placeholder: str, values: Mapping[str, JsonValue] = NO_VALUES) -> Plan:
    """Its plan in which parameters without these values are referred to as outputs are; in texts as the placeholder
    says.
    """

    def within(value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            return PARAMETER.sub(placeholder, value)
        if isinstance(value, dict):
            if set(value) == {"$slot"} and placeholder:
                name = str(value["$slot"])
                return values.get(name, {"$ref": f"{PARAMETERS}.{name}"})
            return {key: within(inner) for key, inner in value.items()}
        return [within(inner) for inner in value] if isinstance(value, list | tuple) else value

    return Plan.model_validate(within(Plan(steps=runbook.steps, answer=runbook.answer).model_dump()))
