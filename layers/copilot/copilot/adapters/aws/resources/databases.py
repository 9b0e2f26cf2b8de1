"""What databases of RDS and clusters of them have in common: they are on, off or between, and one call changes that.

RDS starts again after seven days what was not started before (RDS User Guide, "Stopping an Amazon RDS DB instance
temporarily"). Of what is busy for now (backing up, being modified) stopping is not ready; what has a lasting fault is
left alone (RDS User Guide, "Viewing Amazon RDS DB instance status").
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.resources.stoppable import (
    SAVED_TAG,
    Metric,
    Place,
    ReadClient,
    Saved,
    State,
    Stoppable,
    WriteClient,
    grants,
    said,
    saved_fields,
    saved_in,
    tag_dict,
)
from copilot.domain import Change, Permission, PlatformEvent, Resource, ResourceRef
from copilot.errors import NotReady
from copilot.text.outside import quoted

STATES: dict[str, State] = {
    "available": "running",
    "starting": "starting",
    "stopped": "stopped",
    "stopping": "stopping",
}
"""Of a database's many statuses those that are about being on or off; the rest are `other`."""

LASTING = frozenset({"storage-optimization", "storage-initialization"})
"""Statuses of one that works, yet can last for hours, in which RDS stops nothing: it has to be `available`."""

BROKEN = frozenset(
    "failed inaccessible-encryption-credentials inaccessible-encryption-credentials-recoverable incompatible-network "
    "incompatible-option-group incompatible-parameters incompatible-restore insufficient-capacity restore-error "
    "storage-full cloning-failed migration-failed".split()
)
"""Statuses that do not pass by themselves."""

EVENTS_OF_MINUTES = 24 * 60
RESTARTS = "RDS starts it again by itself after seven days"

REPLICATION = {
    "ReadReplicaSourceDBInstanceIdentifier": "a read replica of",
    "ReadReplicaSourceDBClusterIdentifier": "a read replica of",
    "ReplicationSourceIdentifier": "a read replica of",
    "ReadReplicaDBInstanceIdentifiers": "the source of the read replica",
    "ReadReplicaDBClusterIdentifiers": "the source of the read replica",
    "ReadReplicaIdentifiers": "the source of the read replica",
}


class Databases(Stoppable):
    """Those of RDS. `api` is what RDS calls one in its fields, `method` in boto3's methods; `status` and `made` are the
    fields of its status and of when it was made, `reboot` what rebooting one needs.
    """

    api: ClassVar[str]
    method: ClassVar[str]
    status: ClassVar[str]
    made: ClassVar[str]
    reboot: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def held(self, found: Any) -> str:
        """Why one that RDS describes so must be left alone; "" where it need not be."""

    def covered_by(self, found: Any) -> str:
        return ""

    def survey(self, read: ReadClient, place: Place) -> Iterator[Resource]:
        for page in read("rds").get_paginator(f"describe_{self.method}s").paginate():
            for found in page[f"{self.api}s"]:
                environment = place.environment_of(tag_dict(found.get("TagList", [])))
                if environment and found[self.status] != "deleting":
                    yield self._resource(found, environment, place)

    def metric(self, resource: Resource) -> Metric:
        return Metric("AWS/RDS", "DatabaseConnections", "Count", self._named(resource))

    def events(self, resource: Resource, read: ReadClient) -> Iterator[PlatformEvent]:
        of = {"SourceType": self.method.replace("_", "-"), "SourceIdentifier": parse_arn(resource.ref.id).name}
        for page in read("rds").get_paginator("describe_events").paginate(**of, Duration=EVENTS_OF_MINUTES):
            for event in page["Events"]:
                yield said(event["Date"], event["Message"])

    def permissions(self, change: Change) -> tuple[Permission, ...]:
        stop = ("rds:AddTagsToResource", f"rds:Stop{self.api}", "rds:RemoveTagsFromResource")
        return grants(change, stop, (f"rds:Start{self.api}", "rds:RemoveTagsFromResource"), restart=self.reboot)

    def stop(self, resource: Resource, read: ReadClient, write: WriteClient, at: datetime) -> None:
        arn, found = resource.ref.id, self._now(resource, read)
        match found[self.status]:
            case "stopped" | "stopping":
                return
            case "available":
                if saved_in(tag_dict(found.get("TagList", []))) is None:
                    tags = [{"Key": SAVED_TAG, "Value": str(Saved(1, at=at))}]
                    write("rds:AddTagsToResource", arn).add_tags_to_resource(ResourceName=arn, Tags=tags)
                getattr(write(f"rds:Stop{self.api}", arn), f"stop_{self.method}")(**self._named(resource))
            case status:
                raise NotReady(
                    f"{self._words(resource)} is {status}; it can be stopped once it is available", ours=True
                )

    def start(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        arn, found = resource.ref.id, self._now(resource, read)
        match found[self.status]:
            case "stopping":
                raise NotReady(f"{self._words(resource)} is still stopping", ours=True)
            case "stopped":
                getattr(write(f"rds:Start{self.api}", arn), f"start_{self.method}")(**self._named(resource))
        self._untag(found, arn, write)

    def forget(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        found = self._now(resource, read)
        if STATES.get(found[self.status]) not in {"stopped", "stopping"}:
            self._untag(found, resource.ref.id, write)

    def _untag(self, found: Any, arn: str, write: WriteClient) -> None:
        if SAVED_TAG in tag_dict(found.get("TagList", [])):
            client = write("rds:RemoveTagsFromResource", arn)
            client.remove_tags_from_resource(ResourceName=arn, TagKeys=[SAVED_TAG])

    def _now(self, resource: Resource, read: ReadClient) -> Any:
        described = getattr(read("rds"), f"describe_{self.method}s")(**self._named(resource))
        return described[f"{self.api}s"][0]

    def _named(self, resource: Resource) -> dict[str, str]:
        return {f"{self.api}Identifier": parse_arn(resource.ref.id).name}

    def _words(self, resource: Resource) -> str:
        return f"{self.type.noun} {parse_arn(resource.ref.id).name}"

    def _resource(self, found: Any, environment: str, place: Place) -> Resource:
        tags, status = tag_dict(found["TagList"]), found[self.status]
        state = STATES.get(status, "other")
        return Resource(
            ref=ResourceRef(type=self.type.name, id=found[f"{self.api}Arn"]),
            name=found[f"{self.api}Identifier"],
            environment=environment,
            state=state,
            detail=status,
            size=int(state not in {"stopped", "stopping"}),
            running=int(state == "running"),
            **saved_fields(tags),
            made_at=found.get(self.made),
            held=self.held(found) or _by_status(status),
            covered_by=self.covered_by(found),
            caution=RESTARTS,
            tags=tags,
            **place.fields,
        )


def replicated(found: Any) -> str:
    """That a database or a cluster is, or has, a read replica, and of which."""
    for field, what in REPLICATION.items():
        if other := found.get(field):
            names = ", ".join(map(quoted, other if isinstance(other, list) else [other]))
            return f"{what} {names}; RDS stops neither a read replica nor its source"
    return ""


def _by_status(status: str) -> str:
    if status in LASTING:
        return f"it is in {status}, which can take hours, and RDS stops only what is available"
    return f"it is {status}, which somebody has to look at" if status in BROKEN else ""
