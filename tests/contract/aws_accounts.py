"""Accounts of a simulated AWS for contract tests: what is in them, and every call the adapter makes there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
import botocore.session
from botocore.exceptions import ClientError
from managed_account import TEMPLATE, action_of, readable
from moto import mock_aws

from copilot.adapters.aws.platform import AwsPlatform
from copilot.adapters.aws.releases import AwsReleases
from copilot.adapters.aws.resources.stoppable import Place
from copilot.adapters.aws.sessions import ClientFactory, Reader, ReadSessions, WriteSessions
from copilot.config.configuration import Account, Configuration
from copilot.domain import Permission, Person

DEV, PROD = "222222222222", "111111111111"
REGION, FAR = "eu-west-1", "us-east-1"
DANA = Person(id="dana@example.com", name="Dana", roles=("developer",))


LACKING: dict[str, dict[str, Any]] = {"AUTO-SCALING.DescribeInstanceRefreshes": {"InstanceRefreshes": []}}
"""What moto does not know, and how it is answered where a test says nothing else."""


def account(id: str = DEV, name: str = "dev", regions: tuple[str, ...] = (REGION,), **more: Any) -> Account:
    roles = {"read_role": f"arn:aws:iam::{id}:role/copilot-read", "write_role": f"arn:aws:iam::{id}:role/copilot-write"}
    return Account.model_validate({"id": id, "name": name, "regions": regions, **roles, **more})


@dataclass
class Clock:
    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class Cloud:
    """Notes each call made through `session` as SERVICE.Operation with its parameters, and refuses what a test says."""

    session: boto3.Session
    setup: boto3.Session
    clock: Clock
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refusals: list[tuple[str, Callable[[dict[str, Any], str], bool], Exception]] = field(default_factory=list)
    pages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    missing_tasks: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def client(self, service: str, account_id: str = DEV, region: str = REGION) -> Any:
        """A client that may do everything in an account, for setting it up and looking at it. Not noted."""
        sts = self.setup.client("sts")
        given = sts.assume_role(RoleArn=f"arn:aws:iam::{account_id}:role/setup", RoleSessionName="setup")["Credentials"]
        new_client: Callable[..., Any] = self.setup.client
        return new_client(
            service,
            region_name=region,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )

    def refuse(
        self,
        operation: str,
        code: str = "AccessDeniedException",
        status: int = 400,
        message: str = "not authorized",
        where: Callable[[dict[str, Any], str], bool] = lambda parameters, region: True,
    ) -> None:
        """Answer a call like ECS.UpdateService with an error, where its parameters and region are these."""
        said: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
        self.refusals.append((operation, where, ClientError(said, operation)))

    def count(self, operation: str) -> int:
        return sum(name == operation for name, _ in self.requests)

    def parameters(self, operation: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.requests if name == operation]

    def factory(self) -> ClientFactory:
        return ClientFactory(self.session.client)

    def platform(
        self, *accounts: Account, permissions: tuple[Permission, ...] | None = None, **config: Any
    ) -> AwsPlatform:
        """The adapter over these accounts, able to do what the permissions name."""
        factory = self.factory()
        writer = None
        if permissions is not None:
            writer = WriteSessions(accounts, permissions, DANA, "run-1", factory, self.clock)
        config_of = Configuration(accounts=accounts, people=(), **config)
        return AwsPlatform(config_of, self.reader(*accounts), writer, self.clock)

    def reader(self, *accounts: Account) -> Reader:
        """What these accounts are read with."""
        return _AsTheTemplateHasIt(ReadSessions(accounts, "run-1", self.factory(), self.clock))

    def releases(self, *accounts: Account, permissions: tuple[Permission, ...] | None = None) -> AwsReleases:
        """What is read of releases, with what the read role allows, and changed, with what the permissions name."""
        reader = _AsTheTemplateHasIt(ReadSessions(accounts, "run-1", self.factory(), self.clock))
        writer = None
        if permissions is not None:
            writer = WriteSessions(accounts, permissions, DANA, "run-1", self.factory(), self.clock)
        return AwsReleases(Configuration(accounts=accounts, people=()), reader, writer)

    def place(self, one: Account, environment: str | None = None) -> Place:
        """Where a survey looks in an account."""
        return Place(one, REGION, "environment", environment)

    def note(self, params: dict[str, Any], context: dict[str, Any], event_name: str, **_: Any) -> None:
        service, operation = event_name.split(".")[1:]
        name = f"{service.upper()}.{operation}"
        with self._lock:
            self.requests.append((name, dict(params)))
        for refused, where, error in self.refusals:
            if refused == name and where(params, context["client_region"]):
                raise error

    def page(self, event_name: str, **_: Any) -> tuple[Any, dict[str, Any]] | None:
        """The next of the pages a test gives for an operation: moto gives all in one."""
        service, operation = event_name.split(".")[1:]
        name = f"{service.upper()}.{operation}"
        pages = self.pages.get(name)
        if pages:
            return SimpleNamespace(status_code=200), pages.pop(0)
        return (SimpleNamespace(status_code=200), dict(LACKING[name])) if name in LACKING else None

    def place_tasks(self, parsed: dict[str, Any], **_: Any) -> None:
        """Every task that is wanted runs, but those a test takes away: moto starts none."""
        for service in parsed.get("services", []):
            service["runningCount"] = service["desiredCount"] - self.missing_tasks.get(service["serviceName"], 0)


class _AsTheTemplateHasIt:
    """A Reader whose clients fail the test at a call that the read role of the template does not allow."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def open(self, account_id: str) -> None:
        self._reader.open(account_id)

    def client(self, account_id: str, region: str, service: str) -> Any:
        client = self._reader.client(account_id, region, service)
        client.meta.events.register("before-parameter-build.*.*", _read_with, unique_id="as the template has it")
        return client


def _read_with(event_name: str, **_: Any) -> None:
    service, operation = event_name.split(".")[1:]
    action = action_of(f"{service.upper()}.{operation}")
    assert action in readable(), f"{action}: add it to ReadRole, or a pack of it, in samplefiles/{TEMPLATE.name}"


@cache
def _models() -> Any:
    """The descriptions of AWS's services, read once for all tests."""
    return botocore.session.Session().get_component("data_loader")


def _session() -> boto3.Session:
    core = botocore.session.Session()
    core.register_component("data_loader", _models())
    return boto3.Session("hub", "hub", region_name=REGION, botocore_session=core)


@contextmanager
def simulated() -> Iterator[Cloud]:
    # No images of machines are looked at here, and moto takes long to load those it has.
    with patch.dict(os.environ, {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}), mock_aws():
        os.environ.pop("AWS_ENDPOINT_URL", None)
        cloud = Cloud(_session(), _session(), Clock(datetime.now(UTC).replace(microsecond=0)))
        cloud.session.events.register("before-parameter-build.*.*", cloud.note)
        cloud.session.events.register("before-call.*.*", cloud.page)  # type: ignore[arg-type]  # its answer is taken
        cloud.session.events.register("after-call.ecs.DescribeServices", cloud.place_tasks)
        yield cloud


# --- what is in an account ---------------------------------------------------------------------


def tagged(environment: str, kind: str = "dev", **more: str) -> dict[str, str]:
    return {"environment": environment, "kind": kind, **more}


def upper(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def add_service(ecs: Any, cluster: str, name: str, tags: dict[str, str], wanted: int = 2, **more: Any) -> str:
    """Returns the service's ARN."""
    ecs.create_cluster(clusterName=cluster)
    container = {"name": "main", "image": "main", "memory": 128}
    ecs.register_task_definition(family="main", containerDefinitions=[container])
    lower = [{"key": key, "value": value} for key, value in tags.items()]
    made = ecs.create_service(
        cluster=cluster, serviceName=name, taskDefinition="main", desiredCount=wanted, tags=lower, **more
    )
    return str(made["service"]["serviceArn"])


def add_instance(ec2: Any, tags: dict[str, str], **more: Any) -> str:
    """Returns the instance's id."""
    given = [{"ResourceType": "instance", "Tags": upper(tags)}]
    made = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=given, **more)
    return str(made["Instances"][0]["InstanceId"])


def add_database(rds: Any, name: str, tags: dict[str, str], **more: Any) -> str:
    """Returns the database's ARN."""
    made = rds.create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        MasterUsername="master",
        MasterUserPassword="not-a-real-one",
        Tags=upper(tags),
        **more,
    )
    return str(made["DBInstance"]["DBInstanceArn"])
