"""Databases of the Relational Database Service, each an instance by itself.

RDS stops neither a read replica nor its source, nor SQL Server in several zones, and starts again after seven days what
was not started before (RDS User Guide, "Stopping an Amazon RDS DB instance temporarily"). Of a database that is busy
for now (backing up, being modified) stopping is not ready; one with a lasting fault is left alone (RDS User Guide,
"Viewing Amazon RDS DB instance status").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.stoppable import (
    SAVED_TAG,
    Client,
    Metric,
    Place,
    ReadClient,
    State,
    WriteClient,
    grants,
    saved_fields,
    saved_in,
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

BROKEN = frozenset(
    "failed inaccessible-encryption-credentials inaccessible-encryption-credentials-recoverable incompatible-network "
    "incompatible-option-group incompatible-parameters incompatible-restore insufficient-capacity restore-error "
    "storage-full cloning-failed migration-failed".split()
)
"""Statuses that do not pass by themselves."""

RESTARTS = "RDS starts it again by itself after seven days"

REPLICATION = {
    "ReadReplicaSourceDBInstanceIdentifier": "a read replica of",
    "ReadReplicaSourceDBClusterIdentifier": "a read replica of",
    "ReadReplicaDBInstanceIdentifiers": "the source of the read replica",
    "ReadReplicaDBClusterIdentifiers": "the source of the read replica",
}


class RdsInstances:
    type = "rds-instance"
    service = "RDS"

    def survey(self, read: ReadClient, place: Place) -> Iterator[Resource]:
        for page in read("rds").get_paginator("describe_db_instances").paginate():
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

    def stop(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        arn, id = resource.ref.id, parse_arn(resource.ref.id).name
        database = _database_now(read("rds"), id)
        match database["DBInstanceStatus"]:
            case "stopped" | "stopping":
                return
            case "available":
                if saved_in(tag_dict(database.get("TagList", []))) is None:
                    tags = [{"Key": SAVED_TAG, "Value": "1"}]
                    write("rds:AddTagsToResource", arn).add_tags_to_resource(ResourceName=arn, Tags=tags)
                write("rds:StopDBInstance", arn).stop_db_instance(DBInstanceIdentifier=id)
            case status:
                raise NotReady(f"database {id} is {status}; it can be stopped once it is available")

    def start(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        arn, id = resource.ref.id, parse_arn(resource.ref.id).name
        database = _database_now(read("rds"), id)
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
        **saved_fields(tags),
        held=_held(database),
        covered_by=database.get("DBClusterIdentifier", ""),
        caution=RESTARTS,
        tags=tags,
        **place.fields,
    )


def _held(database: Any) -> str:
    if cluster := database.get("DBClusterIdentifier"):
        return f"in the database cluster {cluster}, which is no part of this environment"
    if reason := replicated(database):
        return reason
    if database.get("MultiAZ") and database.get("Engine", "").startswith("sqlserver"):
        return "SQL Server in several zones, which RDS cannot stop"
    return broken(database["DBInstanceStatus"])


def replicated(database: Any) -> str:
    """That a database or a cluster is, or has, a read replica, and of which."""
    for field, what in REPLICATION.items():
        if other := database.get(field):
            names = ", ".join(other) if isinstance(other, list) else other
            return f"{what} {names}; RDS stops neither a read replica nor its source"
    return ""


def broken(status: str) -> str:
    return f"it is {status}, which somebody has to look at" if status in BROKEN else ""
