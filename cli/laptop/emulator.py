"""MiniStack, completed where it falls short of AWS in something this system needs. Started by server.py."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

State = dict[str, Any]
Execute = Callable[[State, Any, Any, State], Any]

NUMBERS = ("TimeoutSeconds", "MaxConcurrency")
FIGURES_KEPT = 455 * 24 * 3600
"""Seconds for which CloudWatch keeps hourly figures."""


def main() -> None:
    from ministack.app import main as serve
    from ministack.services import cloudwatch, stepfunctions

    keep_figures(cloudwatch)
    evaluate_numbers(stepfunctions)
    fail_callbacks(stepfunctions)
    serve()


def keep_figures(cloudwatch: ModuleType) -> None:
    """MiniStack forgets every figure after two weeks."""
    cloudwatch.TWO_WEEKS_SECONDS = FIGURES_KEPT


def evaluate_numbers(stepfunctions: ModuleType) -> None:
    """A callback's timeout and a distributed Map's concurrency may be JSONata; MiniStack takes them for literals."""

    def evaluating(execute: Execute) -> Execute:
        def run(state: State, given: Any, execution: Any, context: State) -> Any:
            expressions = [name for name in NUMBERS if isinstance(state.get(name), str)]
            evaluate = stepfunctions._jsonata_state_field
            numbers = {name: evaluate(state, name, "number", given, context) for name in expressions}
            return execute({**state, **numbers}, given, execution, context)

        return run

    stepfunctions._execute_task = evaluating(stepfunctions._execute_task)
    stepfunctions._execute_map = evaluating(stepfunctions._execute_map)


def fail_callbacks(stepfunctions: ModuleType) -> None:
    """A task whose function failed fails; MiniStack goes on waiting for a callback nobody was asked for."""
    call_function, wait_for_callback = stepfunctions._call_lambda, stepfunctions._invoke_with_callback
    asking = threading.local()

    def waiting(resource: str, given: Any, token: str, state: State) -> Any:
        asking.token = token
        try:
            return wait_for_callback(resource, given, token, state)
        finally:
            asking.token = None

    def calling(function: str, event: Any) -> Any:
        try:
            return call_function(function, event)
        except stepfunctions._ExecutionError as error:
            if waits := stepfunctions._task_tokens.get(getattr(asking, "token", None)):
                waits["error"] = {"Error": error.error, "Cause": error.cause}
                waits["event"].set()
            raise

    stepfunctions._call_lambda, stepfunctions._invoke_with_callback = calling, waiting


if __name__ == "__main__":
    main()
