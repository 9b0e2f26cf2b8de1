"""Databases of the Relational Database Service, each an instance by itself.

RDS stops neither a read replica nor its source, nor SQL Server in several zones (RDS User Guide, "Stopping an Amazon
RDS DB instance temporarily"). A mirrored SQL Server may not be called MultiAZ, yet has a second zone. Of RDS Custom
only SQL Server in one zone is stopped (API Reference, StopDBInstance; same guide, "Starting and stopping an RDS Custom
for SQL Server DB instance"). Protection against deletion keeps nobody from stopping.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from copilot.adapters.aws.resources.databases import Databases, replicated
from copilot.adapters.aws.resources.stoppable import ReadClient, WriteClient
from copilot.domain import Resource, ResourceType, Size
from copilot.errors import NotReady


class RdsInstances(Databases):
    type = ResourceType(name="rds-instance", noun="database", tier="database")
    service = "RDS"
    part_of = "rds-cluster"
    reads = frozenset({"rds:DescribeDBInstances", "rds:DescribeEvents", "rds:ListTagsForResource"})
    between = frozenset({"InvalidDBInstanceState", "InvalidDBInstanceStateFault"})
    api, method, status, made = "DBInstance", "db_instance", "DBInstanceStatus", "InstanceCreateTime"
    reboot = ("rds:RebootDBInstance",)

    def sizes(self, resources: Sequence[Resource], read: ReadClient, region: str) -> Iterator[tuple[str, Size]]:
        wanted = {resource.ref.id for resource in resources}
        for page in read("rds").get_paginator("describe_db_instances").paginate():
            for database in page["DBInstances"]:
                if database["DBInstanceArn"] in wanted:
                    # With a standby in another zone, AWS bills two.
                    count = 2 if database.get("MultiAZ") else 1
                    name = f"{database['Engine']} {database['DBInstanceClass']}"
                    yield database["DBInstanceArn"], Size(product="rds", name=name, region=region, count=count)

    def restart(self, resource: Resource, read: ReadClient, write: WriteClient) -> None:
        status = self._now(resource, read)["DBInstanceStatus"]
        if status != "available":
            raise NotReady(f"{self._words(resource)} is {status}; it can be rebooted once it is available", ours=True)
        write("rds:RebootDBInstance", resource.ref.id).reboot_db_instance(**self._named(resource))

    def covered_by(self, found: Any) -> str:
        return str(found.get("DBClusterIdentifier", ""))

    def held(self, found: Any) -> str:
        if cluster := found.get("DBClusterIdentifier"):
            return f"in the database cluster {cluster}, which is no part of this environment"
        if reason := replicated(found):
            return reason
        engine = found.get("Engine", "")
        if engine.startswith("custom-") and not engine.startswith("custom-sqlserver"):
            return f"RDS Custom ({engine}), which RDS cannot stop"
        several = found.get("MultiAZ") or found.get("SecondaryAvailabilityZone")
        if several and engine.removeprefix("custom-").startswith("sqlserver"):
            return "SQL Server in several zones, which RDS cannot stop"
        return ""


KIND = RdsInstances()
