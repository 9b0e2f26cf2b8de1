"""Which builds a pipeline began (CodePipeline API Reference: ListActionExecutions, ActionExecutionDetail).

An action that ran a build has that build's id, `project:uuid`, as its external execution's. What AWS tells beside it,
how the action was configured with its variables, is dropped here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

READS = frozenset({"codepipeline:ListActionExecutions"})
BUILDER = "CodeBuild"


def failed_builds(codepipeline: Any, pipeline: str, execution: str, account: str, region: str) -> Iterator[str]:
    """The ARNs of those that failed in it. An action may run in another region than its pipeline."""
    asked: dict[str, Any] = {"pipelineName": pipeline, "filter": {"pipelineExecutionId": execution}}
    for page in codepipeline.get_paginator("list_action_executions").paginate(**asked):
        for one in page["actionExecutionDetails"]:
            given = one.get("input") or {}
            id = ((one.get("output") or {}).get("executionResult") or {}).get("externalExecutionId")
            if id and one.get("status") == "Failed" and (given.get("actionTypeId") or {}).get("provider") == BUILDER:
                yield f"arn:aws:codebuild:{given.get('region') or region}:{account}:build/{id}"
