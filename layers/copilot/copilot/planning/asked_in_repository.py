"""What is asked where a repository is talked about, and names no service, is asked of what that repository deploys."""

from __future__ import annotations

from copilot.domain import Plan, Revision, Step
from copilot.tools.registry import Registry
from copilot.tools.tool import ReadTool

_SAYS_WHICH = frozenset({"service", "environment_id", "deployment", "kinds"})


def of_service(revision: Revision, service: str, registry: Registry) -> Revision:
    """With the service in each step that reads something of deployments and is given none."""
    steps = tuple(_aimed(step, service, registry) for step in revision.plan.steps)
    if steps == revision.plan.steps:
        return revision
    plan: Plan = revision.plan.model_copy(update={"steps": steps})
    return revision.model_copy(update={"plan": plan})


def _aimed(step: Step, service: str, registry: Registry) -> Step:
    tool = registry.find(step.tool)
    takes = issubclass(tool, ReadTool) and {"service", "environment_id"} <= tool.Input.model_fields.keys()
    given = {name for name, value in step.arguments.items() if value not in (None, "", [])}
    if not takes or given & _SAYS_WHICH:
        return step
    return step.model_copy(update={"arguments": {**step.arguments, "service": service}})
