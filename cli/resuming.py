"""Runs whose execution did not survive a stop of the laptop's AWS go on, each from where it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.client import Client
from cli.exits import Refused

LOST = "States.ServiceRestart"
"""What MiniStack says of an execution that was under way when it stopped."""


def resume_lost(stepfunctions: Any, machine: str, client: Client) -> list[str]:
    """Resume every run that lost its last execution; returns their ids. Finished items are not run again."""
    resumed = []
    for run_id in dict.fromkeys(_lost(stepfunctions, machine)):
        try:
            client.resume(run_id)
        except Refused:
            continue  # answered since, or resumed already
        resumed.append(run_id)
    return resumed


def _lost(stepfunctions: Any, machine: str) -> Iterator[str]:
    pages = stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=machine, statusFilter="FAILED")
    for page in pages:
        for execution in page["executions"]:
            if stepfunctions.describe_execution(executionArn=execution["executionArn"]).get("error") == LOST:
                yield execution["name"].rpartition("-")[0]
