"""What a change of an environment depends on, as its preview keeps it and its undo restores it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from copilot.domain import Environment, Frozen, Kind, Limits, Resource
from copilot.tools.environments.inventory import uncovered


class PriorResource(Frozen):
    """What a change of one resource depends on. Of its state only on or off counts: tasks come and go."""

    id: str
    size: int
    limits: Limits | None = None
    state: Literal["on", "off", "between"]
    saved: int | None
    saved_limits: Limits | None = None
    held: str


class Prior(Frozen):
    """What a change of an environment depends on: the state of a Preview."""

    kind: Kind
    resources: tuple[PriorResource, ...]
    spared: str = Field(default="", description="why none of it is changed, though it could be")


def prior_of(environment: Environment, resources: Sequence[Resource], spared: str) -> Prior:
    rows = [
        PriorResource(
            id=resource.ref.id,
            size=resource.size,
            limits=resource.limits,
            state="off" if resource.is_down else "between" if resource.state == "other" else "on",
            saved=resource.saved,
            saved_limits=resource.saved_limits,
            held=resource.held,
        )
        for resource in uncovered(resources)  # members come and go as their group or cluster sees fit
    ]
    return Prior(kind=environment.kind, resources=tuple(sorted(rows, key=lambda row: row.id)), spared=spared)
