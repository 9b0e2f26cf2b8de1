"""Stopping an environment: what uses others first, databases last."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from copilot.domain import OUR_OWN, Change, Environment, Resource
from copilot.errors import CopilotError
from copilot.tools.environments.as_left import AsLeft, left_stopped, since_started
from copilot.tools.environments.outcomes import ALREADY, Direction, state_in_words
from copilot.tools.environments.power import Power, PowerInput
from copilot.tools.environments.prior import PriorResource
from copilot.tools.environments.sparing import spared


class StopEnvironmentInput(PowerInput):
    unless_spared: bool = Field(
        default=False, description="leave it alone where no schedule may stop it", json_schema_extra=OUR_OWN
    )


class StopEnvironment(Power):
    Input = StopEnvironmentInput
    name = "stop_environment"
    summary = "Stop an environment's services, instances and databases, so that start_environment can restore them."
    direction = Direction("stop", "stopped", "stopping", "stopped")
    inverse = "start_environment"
    last_tier_first = False

    def _spared(self, input: PowerInput, environment: Environment) -> str:
        asked = isinstance(input, StopEnvironmentInput) and input.unless_spared
        return spared(self.clients, environment) if asked else ""

    def _change(self, resource: Resource) -> Change:
        if resource.held:
            return self._skip(resource, resource.held)
        if resource.is_down:
            return self._skip(resource, f"{ALREADY}{resource.state}")
        return self._do(resource, 0, None, resource.caution)

    @classmethod
    def _left(cls, row: PriorResource) -> AsLeft:
        return left_stopped(row)

    def _since(self, resource: Resource, left: AsLeft) -> tuple[Resource, str, str]:
        return resource, since_started(resource, left), ""

    def _waits_for(self, change: Change, before: Resource | None, error: CopilotError) -> bool:
        """Whatever still runs may use a database; of machines, only what runs on machines does."""
        return self._type(change.ref).tier != "machine" or before is None or before.hosted

    def _compare(self, resource: Resource, prior: PriorResource) -> tuple[Literal["true", "false", "not yet"], str]:
        if resource.state == "stopped" and resource.limits and not resource.limits.at_rest:
            return "false", f"may be scaled up to {resource.limits.maximum} again"
        if resource.state == "stopped":
            return "true", ""
        on_its_way = resource.state == "stopping" or _busy(resource, "starting")
        return "not yet" if on_its_way else "false", f"is {state_in_words(resource)}"


def _busy(resource: Resource, between: str) -> bool:
    """Whether what is on or off is between two states, or at something of its own, and can be changed after that."""
    return not resource.counted and not resource.held and resource.state in {"other", between}
