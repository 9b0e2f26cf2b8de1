"""What others did, as a cloud's records have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from copilot.domain import LookedIn, Resource, ResourceRef, TrailEvent, TrailReading


@dataclass
class FakeTrail:
    """`agents` is what each was last changed with, by name; `asked` are the names that this was asked of."""

    agents: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    events: list[TrailEvent] = field(default_factory=list)
    reading: TrailReading = field(default_factory=TrailReading)

    def changes(self, resources: Sequence[Resource], since: datetime, until: datetime) -> TrailReading:
        names = {resource.name for resource in resources}
        found = [event for event in self.events if event.name in names and since <= event.at < until]
        read = dict.fromkeys(LookedIn(account=one.account, region=one.region) for one in resources)
        newest = sorted(found, key=lambda one: one.at, reverse=True)
        return self.reading.model_copy(update={"events": tuple(newest), "read": tuple(read)})

    def changed_with(self, names: Mapping[ResourceRef, str], until: datetime) -> Mapping[str, str]:
        self.asked += names.values()
        return {ref.id: self.agents[name] for ref, name in names.items() if name in self.agents}


def by_other(
    at: datetime, name: str, who: str = "zoe", action: str = "ecs:UpdateService", error: str = ""
) -> TrailEvent:
    return TrailEvent(
        id=f"{at:%s}-{name}",
        at=at,
        who=who,
        action=action,
        name=name,
        account="main (111111111111)",
        region="eu-west-1",
        error=error,
    )
