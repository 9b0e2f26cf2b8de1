"""What a Conversation keeps between Turns."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.model import Focus, Plan, Revision, StepState

MOST = 5


def focus_of(revision: Revision, steps: Mapping[str, StepState]) -> Focus:
    """What the Conversation speaks of once this plan was done."""
    return Focus(environments=_environments(revision.plan, steps), intent=revision.intent, slots=revision.slots)


def _environments(plan: Plan, steps: Mapping[str, StepState]) -> tuple[str, ...]:
    """The environments that the last step which names any was made for, in their order.

    The reads before it speak of what was looked through to find them.
    """
    for planned in reversed(plan.steps):
        items = steps[planned.id].items if planned.id in steps else ()
        named = [item.arguments.get("environment_id") for item in items]
        found = tuple(dict.fromkeys(name for name in named if isinstance(name, str)))
        if found:
            return found[:MOST]
    return ()
