"""Databases of the Relational Database Service, each an instance by itself.

RDS stops neither a read replica nor its source, nor SQL Server in several zones (RDS User Guide, "Stopping an Amazon
RDS DB instance temporarily").
"""

from __future__ import annotations

from typing import Any

from copilot.adapters.aws.databases import Databases, replicated


class RdsInstances(Databases):
    type = "rds-instance"
    service = "RDS"
    noun = "database"
    api, method, status = "DBInstance", "db_instance", "DBInstanceStatus"

    def covered_by(self, found: Any) -> str:
        return str(found.get("DBClusterIdentifier", ""))

    def held(self, found: Any) -> str:
        if cluster := found.get("DBClusterIdentifier"):
            return f"in the database cluster {cluster}, which is no part of this environment"
        if reason := replicated(found):
            return reason
        if found.get("MultiAZ") and found.get("Engine", "").startswith("sqlserver"):
            return "SQL Server in several zones, which RDS cannot stop"
        return ""
