"""What a Conversation keeps between Turns."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from copilot.domain import Focus, Item, Plan, Revision, Step, StepState
from copilot.plans.speaking import texts_in
from copilot.text.outside import looks_like_a_name
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

MOST = 5


def focus_of(revision: Revision, steps: Mapping[str, StepState], steered: Collection[str], registry: Registry) -> Focus:
    """What the Conversation speaks of once this plan was done. `steered` are the steps that marked text may have
    led.
    """
    planned = _about(revision.plan, steps, registry)
    if planned is None:
        return Focus(intent=revision.intent, slots=revision.slots, marked=revision.marked)
    named = tuple(_named(planned, steps[planned.id], registry))[:MOST]
    marked = [name for name in named if planned.id in steered or name in revision.marked or not looks_like_a_name(name)]
    return Focus(
        environments=named,
        marked=tuple(dict.fromkeys((*marked, *revision.marked))),
        intent=revision.intent,
        slots=revision.slots,
    )


def as_seen_by(person: str, focus: Focus) -> Focus:
    """What the Conversation speaks of, for a person by id: what somebody else's request chose, theirs did not."""
    if focus.by in {None, person}:
        return focus
    return focus.model_copy(update={"marked": (*focus.environments, *texts_in(focus.slots))})


def _about(plan: Plan, steps: Mapping[str, StepState], registry: Registry) -> Step | None:
    """The last step that was made for environments there are.

    The reads before it speak of what was looked through to find them.
    """
    named = [step for step in plan.steps if step.id in steps and _named(step, steps[step.id], registry)]
    return named[-1] if named else None


def _named(planned: Step, step: StepState, registry: Registry) -> dict[str, None]:
    """The environments that calls of a step were made for, in their order, each found by code: the call succeeded, or
    what it would change was looked at. What a call that failed was given is nothing but words.
    """
    writes = issubclass(registry.find(planned.tool), WriteTool)
    found = [item.arguments.get("environment_id") for item in step.items if _is_found(item, writes)]
    return dict.fromkeys(name for name in found if isinstance(name, str))


def _is_found(item: Item, writes: bool) -> bool:
    return item.status == "done" or (writes and item.decision is not None)
