"""What others' agents are given: the same tools as functions that take and give JSON, as one would write them there.

Every function is our own tool's run on the same world, with the fields a model needs of what it gives. Unlike ours, a
stop is one call: no preview before it, no ledger, and whether it stopped is for the model to look up.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from distractors import distractors
from pydantic import BaseModel, Field

from bench.world import World
from copilot.domain import Kind
from copilot.tools.environments.looking import EnvironmentActivity, ListEnvironments
from copilot.tools.environments.stopping import StopEnvironment
from copilot.tools.messages.notify import Notify
from copilot.tools.tool import AnyTool


@dataclass(frozen=True)
class Function:
    """`call` takes the fields of `arguments` by name and gives a JSON text."""

    name: str
    description: str
    arguments: type[BaseModel]
    call: Callable[..., str]

    @property
    def schema(self) -> dict[str, Any]:
        return self.arguments.model_json_schema()


class Kinds(BaseModel):
    kinds: list[Kind] = Field(default=[], description="only environments of these kinds; none given means all")


class OneEnvironment(BaseModel):
    environment_id: str = Field(description="an environment's id")


class Period(OneEnvironment):
    hours: int = Field(default=6, description="how many hours to look back")


class Message(BaseModel):
    channel: str = Field(description="the channel, such as #platform")
    text: str = Field(description="the message")


def functions(world: World, total: int | None) -> list[Function]:
    """The task's five, and so many others that there are `total` in all."""

    def list_environments(kinds: list[Kind] | None = None) -> str:
        with world.at_work():
            found = ListEnvironments(world).run(ListEnvironments.Input(kinds=tuple(kinds or ())))
        return _json(
            [environment.model_dump(include={"id", "kind", "state", "owner"}) for environment in found.environments]
        )

    def environment_activity(environment_id: str, hours: int = 6) -> str:
        with world.at_work():
            given = EnvironmentActivity.Input(environment_id=environment_id, hours=hours)
            found = EnvironmentActivity(world).run(given)
        return _json(found.model_dump(include={"environment_id", "idle", "reason"}))

    def stop_environment(environment_id: str) -> str:
        with world.at_work():
            tool, given = StopEnvironment(world), StopEnvironment.Input(environment_id=environment_id)
            found = tool.run(given, tool.preview(given))
        return _json(found.model_dump(include={"environment_id", "state"}))

    def environment_state(environment_id: str) -> str:
        with world.at_work():
            (resource,) = world.survey(environment_id).resources
        return _json({"environment_id": environment_id, "state": resource.state})

    def notify(channel: str, text: str) -> str:
        with world.at_work():
            tool, given = Notify(world), Notify.Input(channel=channel, text=text)
            found = tool.run(given, tool.preview(given))
        return _json(found.model_dump(include={"channel"}) | {"sent": True})

    own = [
        Function("list_environments", ListEnvironments.summary, Kinds, list_environments),
        Function("environment_activity", EnvironmentActivity.summary, Period, environment_activity),
        Function("stop_environment", "Stop an environment.", OneEnvironment, stop_environment),
        Function("environment_state", "Say whether an environment is running.", OneEnvironment, environment_state),
        Function("notify", Notify.summary, Message, notify),
    ]
    return own + [_never_called(tool) for tool in distractors(max(0, (total or 0) - len(own)))]


def _never_called(tool: AnyTool) -> Function:
    def call(**arguments: Any) -> str:
        raise AssertionError(f"{tool.name} is none of the task's")

    return Function(tool.name, tool.summary, tool.Input, call)


def _json(value: object) -> str:
    return json.dumps(value)
