"""Putting back what a change of an environment has left, and nothing that somebody has set since. Pure.

What is put back is given by field, as it was left and as it was before: how many run, and between which sizes it is
scaled. What is otherwise by then is left as it is, and said; what is gone is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from pydantic import Field

from copilot.domain import Change, Frozen, Limits, Resource, ResourceRef, Survey
from copilot.tools.environments.failures import not_there
from copilot.tools.environments.outcomes import ALREADY, size_in_words, state_in_words
from copilot.tools.environments.prior import PriorResource

GONE = "gone"


class AsLeft(Frozen):
    """One resource, by id. `size` is how many of it were left running, `back` how many there were before. It was scaled
    between `minimum` and `maximum`: before it was stopped, or as it was left when it was started.
    """

    resource: str = Field(description="its id")
    size: int = Field(description="how many of it were left running")
    back: int = Field(description="how many ran before")
    minimum: int | None = Field(default=None, description="the fewest it was scaled to; null for what is not")
    maximum: int | None = Field(default=None, description="the most it was scaled to; null for what is not")


def left_stopped(row: PriorResource) -> AsLeft:
    """By a stop of what was so before."""
    limits = row.saved_limits if row.limits is not None and row.limits.at_rest else row.limits
    return AsLeft(resource=row.id, size=0, back=row.size or row.saved or 0, **_sizes(limits))


def left_started(row: PriorResource) -> AsLeft:
    """By a start of what was so before."""
    return AsLeft(resource=row.id, size=row.size or row.saved or 0, back=0, **_sizes(row.saved_limits or row.limits))


def _sizes(limits: Limits | None) -> dict[str, int]:
    return {} if limits is None else {"minimum": limits.minimum, "maximum": limits.maximum}


def gone(left: Iterable[AsLeft], there: Collection[str], survey: Survey) -> Iterator[Change]:
    """What is not there any more, or cannot be read, as something left alone."""
    for one in left:
        if one.resource not in there:
            yield Change(
                ref=ResourceRef(type=GONE, id=one.resource),
                name=one.resource.rpartition("/")[2].rpartition(":")[2],
                action="skip",
                before="unknown",
                after="unknown",
                reason=not_there(survey),
            )


def since_stopped(resource: Resource, left: AsLeft) -> str:
    """Why it is not started again; "" where it is as the stop left it."""
    if resource.is_down:
        return ""
    if not resource.counted or resource.size == left.back:
        return f"{ALREADY}{state_in_words(resource)}"
    return f"changed since: it is {_now(resource)}, and was left stopped"


def since_started(resource: Resource, left: AsLeft) -> str:
    """Why it is not stopped again; "" where it is as the start left it, or as its platform has scaled it since."""
    if resource.is_down or not resource.counted:
        return ""
    limits = resource.limits
    if limits is not None and not limits.at_rest and left.maximum is not None:
        if (limits.minimum, limits.maximum) == (left.minimum, left.maximum):
            return ""
        return f"changed since: it is scaled {_now(resource)}, and was left at {left.minimum} to {left.maximum}"
    if resource.size == left.size:
        return ""
    return f"changed since: it is {_now(resource)}, and was left at {left.size}"


def _now(resource: Resource) -> str:
    return size_in_words(resource, resource.size, resource.limits)


def with_most_since(resource: Resource, left: AsLeft | None) -> tuple[Resource, str]:
    """What rests, with the most it may be scaled to as somebody has set that since it was stopped, and that in words;
    as it is where nobody did.
    """
    now, saved = resource.limits, resource.saved_limits
    if left is None or left.maximum is None or now is None or saved is None or not (now.at_rest or resource.is_down):
        return resource, ""
    if now.maximum in {0, left.maximum}:
        return resource, ""
    limits = saved.model_copy(update={"minimum": min(saved.minimum, now.maximum), "maximum": now.maximum})
    why = f"the most it is scaled to was set to {now.maximum} since, from {left.maximum}, and is left so"
    return resource.model_copy(update={"saved_limits": limits}), why
