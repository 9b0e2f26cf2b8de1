"""Clusters of databases: Aurora, and RDS in three zones. Stopped and started as a whole, never by their members.

Not by RDS: Aurora Serverless v1, multi-master, clusters of a global database (unless they are alone in it), and those
that replicate to or from another, a read replica in another region included; what was not started for seven days RDS
starts by itself (Aurora User Guide, "Stopping and starting an Amazon Aurora DB cluster"). DescribeDBClusters also shows
clusters of Neptune and DocumentDB, which are services of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.rds import RESTARTS, STATES, broken
from copilot.adapters.aws.stoppable import (
    SAVED_TAG,
    Client,
    Metric,
    Place,
    ReadClient,
    WriteClient,
    grants,
    saved_fields,
    saved_in,
    tag_dict,
)
from copilot.errors import NotReady
from copilot.model import Change, Permission, Resource, ResourceRef

ENGINES = ("aurora", "mysql", "postgres")
MODES = {"serverless": "Aurora Serverless v1", "multimaster": "an Aurora multi-master cluster"}


class RdsClusters:
    type = "rds-cluster"
    service = "clusters of RDS"

    def survey(self, read: ReadClient, place: Place) -> Iterator[Resource]:
        for page in read("rds").get_paginator("describe_db_clusters").paginate():
            for cluster in page["DBClusters"]:
                environment = place.environment_of(tag_dict(cluster.get("TagList", [])))
                if environment and cluster["Status"] != "deleting":
                    yield _resource(cluster, environment, place)

    def metric(self, resource: Resource) -> Metric:
        dimensions = {"DBClusterIdentifier": parse_arn(resource.ref.id).name}
        return Metric("AWS/RDS", "DatabaseConnections", "Count", dimensions)

    def permissions(self, change: Change) -> tuple[Permission, ...]:
        stop = ("rds:AddTagsToResource", "rds:StopDBCluster")
        return grants(change, stop, ("rds:StartDBCluster", "rds:RemoveTagsFromResource"))

    def stop(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        arn, id = resource.ref.id, parse_arn(resource.ref.id).name
        cluster = _cluster_now(read("rds"), id)
        match cluster["Status"]:
            case "stopped" | "stopping":
                return
            case "available":
                if saved_in(tag_dict(cluster.get("TagList", []))) is None:
                    tags = [{"Key": SAVED_TAG, "Value": "1"}]
                    write("rds:AddTagsToResource", arn).add_tags_to_resource(ResourceName=arn, Tags=tags)
                write("rds:StopDBCluster", arn).stop_db_cluster(DBClusterIdentifier=id)
            case status:
                raise NotReady(f"database cluster {id} is {status}; it can be stopped once it is available")

    def start(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        arn, id = resource.ref.id, parse_arn(resource.ref.id).name
        cluster = _cluster_now(read("rds"), id)
        match cluster["Status"]:
            case "stopping":
                raise NotReady(f"database cluster {id} is still stopping")
            case "stopped":
                write("rds:StartDBCluster", arn).start_db_cluster(DBClusterIdentifier=id)
        if SAVED_TAG in tag_dict(cluster.get("TagList", [])):
            client = write("rds:RemoveTagsFromResource", arn)
            client.remove_tags_from_resource(ResourceName=arn, TagKeys=[SAVED_TAG])


def _cluster_now(client: Client, id: str) -> Any:
    return client.describe_db_clusters(DBClusterIdentifier=id)["DBClusters"][0]


def _resource(cluster: Any, environment: str, place: Place) -> Resource:
    tags, status = tag_dict(cluster["TagList"]), cluster["Status"]
    state = STATES.get(status, "other")
    return Resource(
        ref=ResourceRef(type=RdsClusters.type, id=cluster["DBClusterArn"]),
        name=cluster["DBClusterIdentifier"],
        environment=environment,
        state=state,
        detail=status,
        size=int(state not in {"stopped", "stopping"}),
        running=int(state == "running"),
        **saved_fields(tags),
        held=_held(cluster),
        caution=RESTARTS,
        tags=tags,
        **place.fields,
    )


def _held(cluster: Any) -> str:
    engine, mode = cluster.get("Engine", ""), cluster.get("EngineMode", "provisioned")
    if not engine.startswith(ENGINES):
        return f"a cluster of {engine or 'an unknown engine'}, which is not stopped as one of RDS"
    if mode in MODES:
        return f"{MODES[mode]}, which RDS cannot stop"
    if world := cluster.get("GlobalClusterIdentifier") or mode == "global":
        named = f" {world}" if isinstance(world, str) else ""
        return f"part of the global database{named}, which RDS cannot stop"
    if source := cluster.get("ReplicationSourceIdentifier"):
        return f"a read replica of {source}; RDS stops neither a read replica nor its source"
    if replicas := cluster.get("ReadReplicaIdentifiers"):
        return f"the source of the read replica {', '.join(replicas)}; RDS stops neither a read replica nor its source"
    return broken(cluster["Status"])
