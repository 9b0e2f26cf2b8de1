"""What of the sample cloud is only looked at, made with ordinary AWS calls, and what a monitor saw of it."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from cli.laptop.clients import Clients
from cli.laptop.cloud import Cache, Function, KubernetesCluster, Load, Place, Table
from cli.laptop.histories import Series

Tags = Mapping[str, str]
ROLE = "sample-runs"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "eks.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}
"""What nothing is done with: functions and clusters are there to be looked at."""


def make_fixtures(clients: Clients, place: Place, tags: Tags) -> None:
    """What is there already is left as it is."""

    def client(service: str) -> Any:
        return clients(service, place.account, place.region)

    role = f"arn:aws:iam::{place.account}:role/{ROLE}"
    if place.functions or place.kubernetes:
        iam = client("iam")
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
    for function in place.functions:
        _make_function(client("lambda"), function, role, tags)
    for table in place.tables:
        _make_table(client("dynamodb"), table, tags)
    for cache in place.caches:
        _make_cache(client("elasticache"), cache, tags)
    for cluster in place.kubernetes:
        _make_kubernetes(client("eks"), cluster, role, tags)
    for name in place.topics:
        client("sns").create_topic(Name=name, Tags=_upper(tags))


def measured_fixtures(place: Place) -> Iterator[tuple[Series, Load]]:
    """What a monitor sees of them, each by its load; without a load nothing."""
    for function in place.functions:
        yield from _counted("AWS/Lambda", ("Invocations",), "FunctionName", function.name, function.load)
    for table in place.tables:
        names = ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")
        yield from _counted("AWS/DynamoDB", names, "TableName", table.name, table.load)
    for cache in place.caches:
        yield from _counted("AWS/ElastiCache", ("GetTypeCmds",), "CacheClusterId", cache.name, cache.load)


def _counted(
    namespace: str, metrics: tuple[str, ...], dimension: str, name: str, load: Load | None
) -> Iterator[tuple[Series, Load]]:
    for metric in metrics if load else ():
        assert load is not None
        yield Series(namespace, metric, "Count", ((dimension, name),), load.peak, 0), load


def _upper(tags: Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _make_function(functions: Any, function: Function, role: str, tags: Tags) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return None\n")
    with contextlib.suppress(functions.exceptions.ResourceConflictException):
        functions.create_function(
            FunctionName=function.name,
            Runtime=function.runtime,
            Role=role,
            Handler="app.handler",
            Code={"ZipFile": code.getvalue()},
            MemorySize=function.memory,
            Timeout=function.timeout,
            Tags=dict(tags),
        )
    if function.reserved is not None:
        functions.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=function.reserved)


def _make_table(tables: Any, table: Table, tags: Tags) -> None:
    try:
        tables.create_table(
            TableName=table.name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=_upper(tags),
        )
    except tables.exceptions.ResourceInUseException:
        return
    for number in range(table.items):
        tables.put_item(TableName=table.name, Item={"id": {"S": f"sample-{number + 1}"}})


def _make_cache(caches: Any, cache: Cache, tags: Tags) -> None:
    with contextlib.suppress(caches.exceptions.CacheClusterAlreadyExistsFault):
        caches.create_cache_cluster(
            CacheClusterId=cache.name,
            Engine=cache.engine,
            EngineVersion=cache.version,
            CacheNodeType=cache.size,
            NumCacheNodes=cache.nodes,
            Tags=_upper(tags),
        )


def _make_kubernetes(eks: Any, cluster: KubernetesCluster, role: str, tags: Tags) -> None:
    with contextlib.suppress(eks.exceptions.ResourceInUseException):
        eks.create_cluster(
            name=cluster.name,
            version=cluster.version,
            roleArn=role,
            resourcesVpcConfig={"subnetIds": ["subnet-00000001"]},
            tags=dict(tags),
        )
    for group in cluster.node_groups:
        with contextlib.suppress(eks.exceptions.ResourceInUseException):
            eks.create_nodegroup(
                clusterName=cluster.name,
                nodegroupName=group.name,
                scalingConfig={"minSize": group.least, "maxSize": group.most, "desiredSize": group.size},
                instanceTypes=[group.type],
                nodeRole=role,
                subnets=["subnet-00000001"],
                tags=dict(tags),
            )
