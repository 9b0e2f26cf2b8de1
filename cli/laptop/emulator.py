"""MiniStack, completed where it falls short of AWS in something this system needs. A process of its own; see server.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

State = dict[str, Any]
Execute = Callable[[State, Any, Any, State], Any]

NUMBERS = ("TimeoutSeconds", "MaxConcurrency")


def main() -> None:
    from ministack.app import main as serve
    from ministack.services import stepfunctions

    stepfunctions._execute_task = evaluating_numbers(stepfunctions._execute_task, stepfunctions._jsonata_state_field)
    stepfunctions._execute_map = evaluating_numbers(stepfunctions._execute_map, stepfunctions._jsonata_state_field)
    serve()


def evaluating_numbers(execute: Execute, evaluate: Callable[[State, str, str, Any, State], float]) -> Execute:
    """A state's fields that may be JSONata, evaluated first.

    MiniStack takes the timeout of a callback and the concurrency of a distributed Map for literal numbers.
    """

    def run(state: State, given: Any, execution: Any, context: State) -> Any:
        expressions = [name for name in NUMBERS if isinstance(state.get(name), str)]
        numbers = {name: evaluate(state, name, "number", given, context) for name in expressions}
        return execute({**state, **numbers}, given, execution, context)

    return run


if __name__ == "__main__":
    main()
