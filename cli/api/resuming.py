"""Runs whose execution did not survive a stop of the laptop's AWS, each taken up from where it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cli.api.client import Client
from cli.api.views import RunView, read
from cli.exits import Refused

LOST = "States.ServiceRestart"
"""What MiniStack says of an execution that was under way when it stopped."""


class Resumed(NamedTuple):
    """A run that was taken up; `approval_id` is what it waits for, as before, where it waits for a person."""

    run_id: str
    approval_id: str = ""


def resume_lost(stepfunctions: Any, machine: str, client: Client) -> list[Resumed]:
    """Resume every run that lost its last execution. Finished items are not run again."""
    resumed = []
    for run_id in dict.fromkeys(_lost(stepfunctions, machine)):
        run = read(RunView, client.run(run_id))
        try:
            client.resume(run_id)
        except Refused:
            continue  # answered since, or resumed already
        waits = run.approval if run.waits_for_approval else None
        resumed.append(Resumed(run_id, waits.id if waits else ""))
    return resumed


def _lost(stepfunctions: Any, machine: str) -> Iterator[str]:
    pages = stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=machine, statusFilter="FAILED")
    for page in pages:
        for execution in page["executions"]:
            if stepfunctions.describe_execution(executionArn=execution["executionArn"]).get("error") == LOST:
                yield execution["name"].rpartition("-")[0]
