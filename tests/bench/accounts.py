"""Accounts of a simulated AWS: the adapters and botocore's clients are the real ones, only the network is not there.

What would go over it takes as long as a call does, and is answered from what was made up here, in AWS's form and with
its pages. The copilot's own table, object and queue are moto's, and take as long.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Lock
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.session
from moto import mock_aws

from copilot.adapters.aws.sessions import ClientFactory
from copilot.config.configuration import Account, Configuration

REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2")
HOME = REGIONS[0]
CALL = 0.06
"""Seconds a call takes."""
SERVICES = 5
"""Of one environment, beside an instance and a database."""
OWN = {"dynamodb", "s3", "sqs"}
MADE = datetime(2026, 1, 5, tzinfo=UTC)


class Accounts:
    """So many, of four regions each, with the environments spread over them. `calls` are counted by service."""

    def __init__(self, accounts: int, environments: int) -> None:
        ids = [f"{number:012}" for number in range(100_000_000_001, 100_000_000_001 + accounts)]
        self.config = Configuration(
            accounts=tuple(
                Account(id=id, name=f"team-{at}", regions=REGIONS, read_role=f"arn:aws:iam::{id}:role/read")
                for at, id in enumerate(ids)
            ),
            people=(),
        )
        places = [(id, region) for id in ids for region in REGIONS]
        self.there: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number in range(environments):
            self.there[places[number % len(places)]].append(number)
        self.calls: Counter[str] = Counter()
        self.call = 0.0
        self._lock = Lock()

    def answer(self, event_name: str, context: dict[str, Any], request_signer: Any, **_: Any) -> Any:
        """botocore's `before-call`: what is returned is taken for what came over the network."""
        service, operation = event_name.split(".")[1:]
        with self._lock:
            self.calls[service] += 1
        time.sleep(self.call)
        if service in OWN:
            return None
        account = "" if service == "sts" else request_signer._credentials.access_key
        numbers = self.there[account, context["client_region"]]
        parsed = getattr(self, f"_{operation}")(account, context["client_region"], numbers, context["given"])
        return SimpleNamespace(status_code=200), parsed

    @staticmethod
    def note(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        """botocore's `before-parameter-build`: what the call was given, for its answer."""
        context["given"] = params

    # what AWS says, by the operation

    def _AssumeRole(self, account: str, region: str, numbers: Sequence[int], given: Any) -> Any:
        keys = {"AccessKeyId": given["RoleArn"].split(":")[4], "SecretAccessKey": "x", "SessionToken": "x"}
        return {"Credentials": keys | {"Expiration": datetime.now(UTC) + timedelta(hours=1)}}

    def _ListClusters(self, account: str, region: str, numbers: Sequence[int], given: Any) -> Any:
        arns = [f"arn:aws:ecs:{region}:{account}:cluster/{_name(number)}" for number in numbers]
        return _page(arns, given, "clusterArns", "nextToken", "nextToken")

    def _ListServices(self, account: str, region: str, numbers: Sequence[int], given: Any) -> Any:
        name = given["cluster"].rpartition("/")[2]
        arns = [f"arn:aws:ecs:{region}:{account}:service/{name}/{name}-web-{at}" for at in range(SERVICES)]
        return {"serviceArns": arns}

    def _DescribeServices(self, account: str, region: str, numbers: Sequence[int], given: Any) -> Any:
        name = given["cluster"].rpartition("/")[2]
        wanted = int(name.rpartition("-")[2]) % 3 and 2
        return {
            "services": [
                {
                    "serviceArn": arn,
                    "serviceName": arn.rpartition("/")[2],
                    "clusterArn": given["cluster"],
                    "status": "ACTIVE",
                    "desiredCount": wanted,
                    "runningCount": wanted,
                    "launchType": "FARGATE",
                    "schedulingStrategy": "REPLICA",
                    "createdAt": MADE,
                    "tags": [{"key": tag, "value": value} for tag, value in _tags(name).items()],
                }
                for arn in given["services"]
            ],
            "failures": [],
        }

    def _DescribeScalableTargets(self, *_: Any) -> Any:
        return {"ScalableTargets": []}

    def _DescribeInstances(self, account: str, region: str, numbers: Sequence[int], given: Any) -> Any:
        instances = [
            {
                "InstanceId": f"i-{number:017x}",
                "InstanceType": "t3.small",
                "State": {"Name": "running" if number % 3 else "stopped"},
                "Tags": _upper(_tags(_name(number)) | {"Name": f"batch-{number}"}),
                "BlockDeviceMappings": [{"Ebs": {"VolumeId": f"vol-{number:017x}"}}],
            }
            for number in numbers
        ]
        return {"Reservations": [{"OwnerId": account, "Instances": instances}]}

    def _DescribeVolumes(self, *_: Any) -> Any:
        return {"Volumes": []}

    def _DescribeInstanceTypes(self, *_: Any) -> Any:
        return {"InstanceTypes": []}

    def _DescribeAutoScalingGroups(self, *_: Any) -> Any:
        return {"AutoScalingGroups": []}

    def _DescribeDBInstances(self, account: str, region: str, numbers: Sequence[int], given: Any) -> Any:
        databases = [
            {
                "DBInstanceIdentifier": f"orders-{number}",
                "DBInstanceArn": f"arn:aws:rds:{region}:{account}:db:orders-{number}",
                "DBInstanceStatus": "available" if number % 3 else "stopped",
                "DBInstanceClass": "db.t3.micro",
                "Engine": "postgres",
                "InstanceCreateTime": MADE,
                "TagList": _upper(_tags(_name(number))),
            }
            for number in numbers
        ]
        return _page(databases, given, "DBInstances", "Marker", "Marker")

    def _DescribeDBClusters(self, *_: Any) -> Any:
        return {"DBClusters": []}


@contextmanager
def simulated(accounts: Accounts) -> Iterator[ClientFactory]:
    """Clients of these accounts, and of an account of the copilot's own with its table, bucket and queue."""
    keys = {"aws_access_key_id": "own", "aws_secret_access_key": "x", "region_name": HOME}
    with mock_aws():
        core = botocore.session.Session()
        core.register_component("data_loader", _models())
        session = boto3.Session(**keys, botocore_session=core)
        session.events.register("before-parameter-build.*.*", accounts.note)
        session.events.register("before-call.*.*", accounts.answer)
        factory = ClientFactory(session.client)
        names = ("pk", "sk")
        factory.own("dynamodb", HOME).create_table(
            TableName="copilot",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            KeySchema=[
                {"AttributeName": name, "KeyType": type} for name, type in zip(names, ("HASH", "RANGE"), strict=True)
            ],
        )
        factory.own("s3", HOME).create_bucket(
            Bucket="kept", CreateBucketConfiguration={"LocationConstraint": HOME}
        )  # fmt: skip
        factory.own("sqs", HOME).create_queue(QueueName="sweeps")
        yield factory


@cache
def _models() -> Any:
    return botocore.session.Session().get_component("data_loader")


def _name(number: int) -> str:
    return f"squad-{number}"


def _tags(environment: str) -> dict[str, str]:
    return {"environment": environment, "kind": "development", "owner": f"owner-{environment}"}


def _upper(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": tag, "Value": value} for tag, value in tags.items()]


def _page(all_of: Sequence[Any], given: Any, name: str, asked: str, told: str) -> dict[str, Any]:
    """A hundred at a time, as AWS gives them."""
    first = int(given.get(asked) or 0)
    more = {told: str(first + 100)} if len(all_of) > first + 100 else {}
    return {name: list(all_of[first : first + 100]), **more}
