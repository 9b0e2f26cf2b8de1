"""What a Conversation keeps between Turns."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.model import Focus, StepState

MOST = 5


def focus_of(steps: Mapping[str, StepState]) -> Focus:
    """The environments the calls of a run were made for, in their order; those of the last step alone if it names any.

    A write speaks of what it changes, the reads before it of what was looked through to find that.
    """
    for step in reversed(steps.values()):
        named = [item.arguments.get("environment_id") for item in step.items]
        found = tuple(dict.fromkeys(name for name in named if isinstance(name, str)))
        if found:
            return Focus(environments=found[:MOST])
    return Focus()
