"""Where CloudTrail was looked through, as commands show it by hand."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import AwareDatetime, Field

from copilot.domain import Frozen, LookedIn
from copilot.tools.by_hand import ByHand, Place, aws

COMMAND = "cloudtrail lookup-events"


class LookedUp(Frozen):
    since: AwareDatetime = Field(description="from when on")
    until: AwareDatetime = Field(description="until when")
    places: tuple[Place, ...] = Field(description="where")


def places_of(read: Iterable[LookedIn]) -> tuple[Place, ...]:
    return tuple(Place(account=one.account, region=one.region) for one in read)


def trail_by_hand(looked: LookedUp) -> list[ByHand]:
    """All that changed something there, as it can be looked for by one thing alone."""
    changes = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
    times = {"start_time": looked.since, "end_time": looked.until}
    return [aws(place, COMMAND, lookup_attributes=changes, **times) for place in looked.places]
