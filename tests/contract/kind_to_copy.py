"""Clusters of Redshift that were provisioned: paused and resumed, as AWS calls it.

The kind that docs/adding-a-resource-kind.md adds. It is tried in test_adding_a_resource_kind.py and not in the product.

A paused cluster keeps its data and costs its storage alone. Redshift pauses none that has a hardware security module,
and none without automated snapshots (Redshift Management Guide, "Pausing and resuming clusters").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

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
from copilot.domain import Change, Permission, PlatformEvent, Resource, ResourceRef, ResourceType, Size
from copilot.errors import NotReady
from copilot.text.outside import quoted

STATES: dict[str, State] = {"available": "running", "paused": "stopped", "pausing": "stopping", "resuming": "starting"}
EVENTS_OF = timedelta(days=1)


class RedshiftClusters(Stoppable):
    type = ResourceType(name="redshift-cluster", noun="warehouse", tier="database")
    service = "Redshift"
    reads = frozenset({"redshift:DescribeClusters", "redshift:DescribeEvents"})
    between = frozenset({"InvalidClusterState"})

    def survey(self, read: ReadClient, place: Place) -> Iterator[Resource]:
        for page in read("redshift").get_paginator("describe_clusters").paginate(TagKeys=[place.environment_tag]):
            for found in page["Clusters"]:
                tags, status = tag_dict(found["Tags"]), found["ClusterStatus"]
                environment = place.environment_of(tags)
                if environment and status not in {"deleting", "final-snapshot"}:
                    name, state = found["ClusterIdentifier"], STATES.get(status, "other")
                    arn = f"arn:aws:redshift:{place.region}:{place.account.id}:cluster:{name}"
                    yield Resource(
                        ref=ResourceRef(type=self.type.name, id=arn),
                        name=name,
                        environment=environment,
                        state=state,
                        detail=status,
                        size=int(state not in {"stopped", "stopping"}),
                        running=int(state == "running"),
                        **saved_fields(tags),
                        made_at=found.get("ClusterCreateTime"),
                        held=_held(found),
                        tags=tags,
                        **place.fields,
                    )

    def metric(self, resource: Resource) -> Metric:
        return Metric("AWS/Redshift", "DatabaseConnections", "Count", _named(resource))

    def sizes(self, resources: Sequence[Resource], read: ReadClient, region: str) -> Iterator[tuple[str, Size]]:
        wanted = {parse_arn(one.ref.id).name: one.ref.id for one in resources}
        for page in read("redshift").get_paginator("describe_clusters").paginate():
            for found in page["Clusters"]:
                if id := wanted.get(found["ClusterIdentifier"]):
                    count = found["NumberOfNodes"]
                    yield id, Size(product="redshift", name=found["NodeType"], region=region, count=count)

    def events(self, resource: Resource, read: ReadClient) -> Iterator[PlatformEvent]:
        of = {"SourceType": "cluster", "SourceIdentifier": parse_arn(resource.ref.id).name}
        minutes = EVENTS_OF // timedelta(minutes=1)
        for page in read("redshift").get_paginator("describe_events").paginate(**of, Duration=minutes):
            for event in page["Events"]:
                yield said(event["Date"], event["Message"])

    def permissions(self, change: Change) -> tuple[Permission, ...]:
        stop = ("redshift:CreateTags", "redshift:PauseCluster", "redshift:DeleteTags")
        return grants(change, stop, ("redshift:ResumeCluster", "redshift:DeleteTags"))

    def stop(self, resource: Resource, read: ReadClient, write: WriteClient, at: datetime) -> None:
        arn, found = resource.ref.id, _now(resource, read)
        status = found["ClusterStatus"]
        match STATES.get(status):
            case "stopped" | "stopping":
                return
            case "running":
                if saved_in(tag_dict(found["Tags"])) is None:
                    tags = [{"Key": SAVED_TAG, "Value": str(Saved(1, at=at))}]
                    write("redshift:CreateTags", arn).create_tags(ResourceName=arn, Tags=tags)
                write("redshift:PauseCluster", arn).pause_cluster(**_named(resource))
            case _:
                raise NotReady(f"{quoted(resource.name)} is {status}; it can be paused once it is available", ours=True)

    def start(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        found = _now(resource, read)
        match STATES.get(found["ClusterStatus"]):
            case "stopping":
                raise NotReady(f"warehouse {quoted(resource.name)} is still being paused", ours=True)
            case "stopped":
                write("redshift:ResumeCluster", resource.ref.id).resume_cluster(**_named(resource))
        _untag(found, resource, write)

    def forget(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        found = _now(resource, read)
        if STATES.get(found["ClusterStatus"]) not in {"stopped", "stopping"}:
            _untag(found, resource, write)


def _held(found: Any) -> str:
    if found.get("HsmStatus"):
        return "with a hardware security module, and Redshift pauses no such cluster"
    if not found.get("AutomatedSnapshotRetentionPeriod", 1):
        return "without automated snapshots, and Redshift pauses no such cluster"
    return ""


def _now(resource: Resource, read: ReadClient) -> Any:
    return read("redshift").describe_clusters(**_named(resource))["Clusters"][0]


def _named(resource: Resource) -> dict[str, str]:
    return {"ClusterIdentifier": parse_arn(resource.ref.id).name}


def _untag(found: Any, resource: Resource, write: WriteClient) -> None:
    if SAVED_TAG in tag_dict(found["Tags"]):
        arn = resource.ref.id
        write("redshift:DeleteTags", arn).delete_tags(ResourceName=arn, TagKeys=[SAVED_TAG])


KIND = RedshiftClusters()
