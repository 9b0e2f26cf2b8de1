"""The table that the template makes, for adapters that keep rows in one."""

from __future__ import annotations

from typing import Any


def make_table(database: Any, name: str = "copilot") -> None:
    """`database` is a boto3 dynamodb client."""
    database.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
