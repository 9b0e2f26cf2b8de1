"""Databases of the Relational Database Service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.stoppable import (
    SAVED_TAG,
    Client,
    Metric,
    Place,
    State,
    WriteClient,
    grants,
    saved_size,
    tag_dict,
)
from copilot.errors import NotReady
from copilot.model import Change, Permission, Resource, ResourceRef

STATES: dict[str, State] = {
    "available": "running",
    "starting": "starting",
    "stopped": "stopped",
    "stopping": "stopping",
}
"""Of a database's many statuses those that are about being on or off; the rest are `other`."""

IN_CLUSTER = ("DBClusterIdentifier", "in an Aurora cluster")
REPLICATION = (
    ("ReadReplicaSourceDBInstanceIdentifier", "a read replica"),
    ("ReadReplicaSourceDBClusterIdentifier", "a read replica"),
    ("ReadReplicaDBInstanceIdentifiers", "the source of a read replica"),
    ("ReadReplicaDBClusterIdentifiers", "the source of a read replica"),
)


class RdsInstances:
    type = "rds-instance"
    service = "rds"

    def survey(self, client: Client, place: Place) -> Iterator[Resource]:
        for page in client.get_paginator("describe_db_instances").paginate():
            for database in page["DBInstances"]:
                environment = place.environment_of(tag_dict(database.get("TagList", [])))
                if environment and database["DBInstanceStatus"] != "deleting":
                    yield _resource(database, environment, place)

    def metric(self, resource: Resource) -> Metric:
        dimensions = {"DBInstanceIdentifier": parse_arn(resource.ref.id).name}
        return Metric("AWS/RDS", "DatabaseConnections", "Count", dimensions)

    def permissions(self, change: Change) -> tuple[Permission, ...]:
        stop = ("rds:AddTagsToResource", "rds:StopDBInstance")
        return grants(change, stop, ("rds:StartDBInstance", "rds:RemoveTagsFromResource"))

    def stop(self, resource: Resource, read: Client, write: WriteClient) -> None:
        arn, id = resource.ref.id, parse_arn(resource.ref.id).name
        database = _database_now(read, id)
        match database["DBInstanceStatus"]:
            case "stopped" | "stopping":
                return
            case "available":
                if saved_size(tag_dict(database.get("TagList", []))) is None:
                    tags = [{"Key": SAVED_TAG, "Value": "1"}]
                    write("rds:AddTagsToResource", arn).add_tags_to_resource(ResourceName=arn, Tags=tags)
                write("rds:StopDBInstance", arn).stop_db_instance(DBInstanceIdentifier=id)
            case status:
                raise NotReady(f"database {id} is {status}; it can be stopped once it is available")

    def start(self, resource: Resource, read: Client, write: WriteClient) -> None:
        arn, id = resource.ref.id, parse_arn(resource.ref.id).name
        database = _database_now(read, id)
        match database["DBInstanceStatus"]:
            case "stopping":
                raise NotReady(f"database {id} is still stopping")
            case "stopped":
                write("rds:StartDBInstance", arn).start_db_instance(DBInstanceIdentifier=id)
        if SAVED_TAG in tag_dict(database.get("TagList", [])):
            client = write("rds:RemoveTagsFromResource", arn)
            client.remove_tags_from_resource(ResourceName=arn, TagKeys=[SAVED_TAG])


def _database_now(read: Client, id: str) -> Any:
    return read.describe_db_instances(DBInstanceIdentifier=id)["DBInstances"][0]


def _resource(database: Any, environment: str, place: Place) -> Resource:
    tags, status = tag_dict(database["TagList"]), database["DBInstanceStatus"]
    state = STATES.get(status, "other")
    return Resource(
        ref=ResourceRef(type=RdsInstances.type, id=database["DBInstanceArn"]),
        name=database["DBInstanceIdentifier"],
        environment=environment,
        state=state,
        detail=status,
        size=int(state not in {"stopped", "stopping"}),
        running=int(state == "running"),
        saved=saved_size(tags),
        held=_held(database),
        tags=tags,
        **place.fields,
    )


def _held(database: Any) -> str:
    for field, reason in (IN_CLUSTER, *REPLICATION):
        if database.get(field):
            return reason
    if database.get("MultiAZ") and database.get("Engine", "").startswith("sqlserver"):
        return "SQL Server in several zones, which RDS cannot stop"
    return ""
