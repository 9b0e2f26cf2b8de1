"""What a Conversation keeps between Turns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from copilot.domain import Focus, Item, Plan, Revision, Step, StepState
from copilot.plans.speaking import texts_in
from copilot.text.outside import looks_like_a_name
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

MOST = 5
MOST_SHOWN = 50
"""Of more, nobody means "the second"; and what is kept stays small."""


def focus_of(
    revision: Revision,
    steps: Mapping[str, StepState],
    steered: Collection[str],
    registry: Registry,
    shown: Sequence[str] | None = None,
) -> Focus:
    """What the Conversation speaks of once this plan was done. `steered` are the steps that marked text may have led;
    `shown` are the environments that the answer shows, in its order, where the plan says which those are.
    """
    if shown is not None:
        led = bool(steered)
        return Focus(
            environments=tuple(shown)[:MOST_SHOWN],
            marked=tuple(
                dict.fromkeys((*(one for one in shown if led or not looks_like_a_name(one)), *revision.marked))
            ),
            intent=revision.intent,
            slots=revision.slots,
            listed=len(shown) <= MOST_SHOWN,
        )
    corrected = any(item.mended for step in steps.values() for item in step.items)
    planned = _about(revision.plan, steps, registry, corrected)
    if planned is None:
        return Focus(intent=revision.intent, slots=revision.slots, marked=revision.marked)
    named = tuple(_named(planned, steps[planned.id], registry, corrected))[:MOST]
    marked = [name for name in named if planned.id in steered or name in revision.marked or not looks_like_a_name(name)]
    return Focus(
        environments=named,
        marked=tuple(dict.fromkeys((*marked, *revision.marked))),
        intent=revision.intent,
        slots=revision.slots,
    )


def changed_by(steps: Mapping[str, StepState], registry: Registry) -> dict[str, tuple[str, ...]]:
    """The environments that each tool has changed, by its name: those of calls that are done."""
    found: dict[str, tuple[str, ...]] = {}
    for step in steps.values():
        if not issubclass(registry.find(step.tool), WriteTool):
            continue
        done = [item.arguments.get("environment_id") for item in step.items if item.status == "done"]
        if names := tuple(one for one in done if isinstance(one, str))[:MOST_SHOWN]:
            found[step.tool.partition("@")[0]] = names
    return found


def as_written(steps: Mapping[str, StepState]) -> dict[str, StepState]:
    """The steps as if no name had been corrected: what chose a name nearly right is still what was written."""
    return {
        id: step.model_copy(update={"items": tuple(item.model_copy(update={"mended": None}) for item in step.items)})
        for id, step in steps.items()
    }


def understood(revision: Revision | None) -> bool:
    """Whether the turn came to a plan, or to an answer in words."""
    if revision is None or revision.unplanned:
        return False
    return revision.plan.ask is None and revision.plan.decline is None


def as_seen_by(person: str, focus: Focus) -> Focus:
    """What the Conversation speaks of, for a person by id: what somebody else's request chose, theirs did not."""
    if focus.by in {None, person}:
        return focus
    return focus.model_copy(update={"marked": (*focus.environments, *texts_in(focus.slots))})


def _about(plan: Plan, steps: Mapping[str, StepState], registry: Registry, corrected: bool) -> Step | None:
    """The last step that was made for environments there are.

    The reads before it speak of what was looked through to find them.
    """
    named = [step for step in plan.steps if step.id in steps and _named(step, steps[step.id], registry, corrected)]
    return named[-1] if named else None


def _named(planned: Step, step: StepState, registry: Registry, corrected: bool) -> dict[str, None]:
    """The environments that calls of a step were made for, in their order, each found by code: the call succeeded, or
    what it would change was looked at. What a call that failed was given is nothing but words; and of what a name
    was `corrected` to nobody has said that it is meant, until something was done with it.
    """
    looked_at = issubclass(registry.find(planned.tool), WriteTool) and not corrected
    found = [item.arguments.get("environment_id") for item in step.items if _is_found(item, looked_at)]
    return dict.fromkeys(name for name in found if isinstance(name, str))


def _is_found(item: Item, looked_at: bool) -> bool:
    return item.status == "done" or (looked_at and item.decision is not None)
