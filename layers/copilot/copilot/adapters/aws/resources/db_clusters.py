"""Clusters of databases: Aurora's. Stopped and started as a whole, never by their members.

Not by RDS: clusters in three zones (RDS User Guide, "Limitations of Multi-AZ DB clusters"; API Reference,
StopDBCluster), Aurora Serverless v1, multi-master, clusters of a global database (unless they are alone in it), and
those that replicate to or from another, a read replica in another region included; what was not started for seven days
RDS starts by itself (Aurora User Guide, "Stopping and starting an Amazon Aurora DB cluster"). DescribeDBClusters also
shows clusters of Neptune and DocumentDB, which are services of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.resources.databases import Databases, replicated
from copilot.adapters.aws.resources.stoppable import ReadClient
from copilot.domain import Resource, ResourceType, Size

THREE_ZONES = ("mysql", "postgres")
MODES = {"serverless": "Aurora Serverless v1", "multimaster": "an Aurora multi-master cluster"}


class RdsClusters(Databases):
    type = ResourceType(name="rds-cluster", noun="database cluster", tier="database")
    service = "clusters of RDS"
    reads = frozenset(
        {
            "rds:DescribeDBClusters",
            "rds:DescribeDBClusterSnapshots",
            "rds:DescribeDBInstances",
            "rds:DescribeEvents",
            "rds:ListTagsForResource",
        }
    )
    between = frozenset({"InvalidDBClusterStateFault"})
    api, method, status, made = "DBCluster", "db_cluster", "Status", "ClusterCreateTime"
    snapshots, snapshot_method = "DBClusterSnapshot", "db_cluster_snapshot"

    def sizes(self, resources: Sequence[Resource], read: ReadClient, region: str) -> Iterator[tuple[str, Size]]:
        for one in resources:
            yield one.ref.id, Size(product="other", name="a database cluster's instances", region=region)

    def members(self, found: Any, arn: str) -> tuple[str, ...]:
        where = parse_arn(arn)
        names = [one["DBInstanceIdentifier"] for one in found.get("DBClusterMembers", [])]
        return tuple(f"arn:aws:rds:{where.region}:{where.account}:db:{name}" for name in sorted(names))

    def held(self, found: Any) -> str:
        engine, mode = found.get("Engine", ""), found.get("EngineMode", "provisioned")
        if not engine.startswith(("aurora", *THREE_ZONES)):
            return f"a cluster of {engine or 'an unknown engine'}, which is not stopped as one of RDS"
        if mode in MODES:
            return f"{MODES[mode]}, which RDS cannot stop"
        if world := found.get("GlobalClusterIdentifier") or mode == "global":
            named = f" {world}" if isinstance(world, str) else ""
            return f"part of the global database{named}, which RDS cannot stop"
        if reason := replicated(found):
            return reason
        return f"a Multi-AZ DB cluster of {engine}, which RDS cannot stop" if engine.startswith(THREE_ZONES) else ""


KIND = RdsClusters()
