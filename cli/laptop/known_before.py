"""Since when the copilot has seen what is in the sample cloud: as long as each environment's habit says.

A preview is deleted only once it was seen as one for days; on a laptop that is new nothing was seen yet.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cli.laptop.clients import Clients
from cli.laptop.cloud import Cloud
from cli.laptop_file import LaptopFile
from copilot.bootstrap.records import Records
from copilot.domain import KIND_WORDS, Place, Seen, Sweep

ASKED_BEFORE = timedelta(hours=1)
"""By so much what is noted here is older than the first sweep, which finds all the rest."""


def note_since_when(clients: Clients, laptop: LaptopFile, tenant: str, cloud: Cloud, now: datetime) -> None:
    """For the environments that have a habit, place by place."""

    def own(service: str) -> object:
        return clients(service, laptop.account, laptop.region)

    inventory = Records(tenant, laptop.outputs["Table"], laptop.outputs["Bucket"], own, lambda: "").inventory
    rows: dict[Place, list[Seen]] = {}
    for one in cloud.environments:
        kind = KIND_WORDS.get(one.tags.get("kind", ""))
        for where in one.places if one.habit and kind else ():
            since = now - timedelta(days=one.habit.days) if one.habit else now
            place = Place(account=where.account, region=where.region)
            seen = {"seen_at": since, "kind_since": since, "first_seen": since}
            rows.setdefault(place, []).append(
                Seen.model_validate({"place": place, "environment": one.name, "kind": kind, "names": {}} | seen)
            )
    for place, some in rows.items():
        if inventory.last(place) is None:
            inventory.note(Sweep(place=place, at=now - ASKED_BEFORE, read_at={}), None, some, [])
