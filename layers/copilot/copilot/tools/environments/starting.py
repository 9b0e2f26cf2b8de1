"""Starting what was stopped in an environment, at the size it had: databases first."""

from __future__ import annotations

from typing import Literal

from copilot.domain import Change, Resource
from copilot.errors import CopilotError, NotReady
from copilot.tools.environments.as_left import AsLeft, left_started, since_stopped, with_most_since
from copilot.tools.environments.outcomes import ALREADY, Direction, size_in_words, state_in_words
from copilot.tools.environments.power import Power
from copilot.tools.environments.prior import PriorResource


class StartEnvironment(Power):
    name = "start_environment"
    summary = "Start what stop_environment stopped in an environment, at the size it had."
    direction = Direction("start", "started", "starting", "running")
    inverse = "stop_environment"
    last_tier_first = True

    def _change(self, resource: Resource) -> Change:
        if resource.held:
            return self._skip(resource, resource.held)
        if not resource.is_down and _scaling_rests(resource):
            return self._do(resource, resource.size, resource.saved_limits, "its scaling was left suspended")
        if not resource.is_down:
            return self._skip(resource, f"{ALREADY}{state_in_words(resource)}")
        if resource.saved is None:
            return self._skip(resource, "was not stopped by the copilot")
        return self._do(resource, resource.saved, resource.saved_limits)

    @classmethod
    def _left(cls, row: PriorResource) -> AsLeft:
        return left_started(row)

    def _since(self, resource: Resource, left: AsLeft) -> tuple[Resource, str, str]:
        resource, know = with_most_since(resource, left)
        return resource, since_stopped(resource, left), know

    def _waits_for(self, change: Change, before: Resource | None, error: CopilotError) -> bool:
        """For a database that can be started in a while. What cannot be started keeps nothing else from it."""
        return isinstance(error, NotReady) and (before is None or self._type(before.ref).tier == "database")

    def _compare(self, resource: Resource, prior: PriorResource) -> tuple[Literal["true", "false", "not yet"], str]:
        if resource.is_down:
            return "not yet" if resource.state == "stopping" else "false", f"is {state_in_words(resource)}"
        if prior.saved_limits is not None and resource.limits != prior.saved_limits:
            return "false", f"is not scaled as before: {size_in_words(resource, resource.size, resource.limits)}"
        wanted = prior.size or prior.saved
        if resource.counted and resource.size != wanted and not _scaled(resource):
            return "false", f"is to have {resource.size}, not {wanted}"
        return ("true", "") if resource.state == "running" else ("not yet", f"is {state_in_words(resource)}")


def _scaling_rests(resource: Resource) -> bool:
    """Whether a start was cut short between the tasks and what scales them."""
    limits, saved = resource.limits, resource.saved_limits
    return limits is not None and limits.at_rest and saved not in {None, limits}


def _scaled(resource: Resource) -> bool:
    """Whether its platform may have given it another size in the meantime, and has kept to its limits."""
    limits = resource.limits
    return limits is not None and not limits.at_rest and limits.minimum <= resource.size <= limits.maximum
