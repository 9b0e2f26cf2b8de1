"""Made-up tools, most of them writing, whose names compete with ours: services, environments, releases, runs."""

from __future__ import annotations

from pydantic import Field, create_model

from copilot.domain import Frozen
from copilot.tools.tool import AnyTool, ReadTool, WriteTool

ENVIRONMENT = {"environment_id": "an environment's id"}
SERVICE = ENVIRONMENT | {"service": "the service's name"}
RUNBOOK = {"name": "the runbook's name"}
WRITES = {
    "roll_back_service": ("Environment", "Roll a service back to the version before, or to a good one.", SERVICE),
    "promote_release": ("Environment", "Promote a service: deploy to one environment what runs in another.", SERVICE),
    "cancel_deployment": ("Environment", "Cancel a deployment that is under way; its tasks stop.", SERVICE),
    "delete_environment": ("Environment", "Delete an environment that was long stopped, for good.", ENVIRONMENT),
    "run_task": ("Environment", "Run a service's task definition once, with another command.", SERVICE),
    "freeze": ("Environment", "Freeze an environment: until a time nothing in it is changed.", ENVIRONMENT),
    "thaw": ("Environment", "Thaw an environment that was frozen, so that it can be changed again.", ENVIRONMENT),
    "save_runbook": ("Runbook", "Save a runbook, a plan with parameters, as the next version of its name.", RUNBOOK),
    "run_runbook": ("Runbook", "Run the newest version of a runbook, with values for its parameters.", RUNBOOK),
    "withdraw_runbook": ("Runbook", "Withdraw a version of a runbook, so that it is not run any more.", RUNBOOK),
}
"""By name: what it is done to, what it is for, and the parameters it needs."""
READS = {
    "list_runbooks": ("runbooks", "List the runbooks there are: saved plans, with what each does and its parameters."),
    "list_freezes": ("freezes", "List which environments are frozen, until when, by whom and why."),
}


class Found(Frozen):
    name: str = Field(description="its name")
    version: int = Field(description="its version")
    by: str = Field(description="who made it")
    until: str | None = Field(description="until when")
    summary: str = Field(description="one line about it")


class Written(Frozen):
    name: str = Field(description="its name")
    state: str = Field(description="how it is now")
    running: int = Field(description="how many tasks run")
    version: str = Field(description="the version it has")
    summary: str = Field(description="one line about it")


def coming_tools() -> list[AnyTool]:
    return [*map(_write, WRITES), *map(_read, READS)]


def _write(name: str) -> AnyTool:
    resource, summary, needs = WRITES[name]
    fields = {one: (str, Field(description=meaning)) for one, meaning in needs.items()}
    given = create_model(f"{name}_input", __base__=Frozen, **fields)  # type: ignore[call-overload]
    known = {"name": name, "summary": summary, "Input": given, "Output": Written, "resource": resource}
    return type(name, (WriteTool,), known | {"idempotent": True})


def _read(name: str) -> AnyTool:
    found, summary = READS[name]
    several = (tuple[Found, ...], Field(description="what was found"))
    gives = create_model(f"{name}_output", __base__=Frozen, **{found: several})  # type: ignore[call-overload]
    given = create_model(f"{name}_input", __base__=Frozen)
    return type(name, (ReadTool,), {"name": name, "summary": summary, "Input": given, "Output": gives})
