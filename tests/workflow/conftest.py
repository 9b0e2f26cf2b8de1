"""The whole system, deployed to a MiniStack of the test's own, over a cloud nobody has seen before."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import clouds
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from gateway import Gateway
from order import in_order

from cli.laptop.clients import Clients
from cli.laptop.cloud import Cloud
from cli.laptop.deployments import NO_DEPLOYMENTS
from cli.laptop.system import down, up
from cli.laptop_file import LaptopFile
from cli.showing.readback import Seen, read_back, without_members
from copilot.config.configuration import Configuration

ROOT = Path(__file__).parents[2]
SEED = int(os.environ.get("SEED", "20260302"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of all tests, wherever they are."""
    in_order(items)


class System:
    def __init__(self, laptop: LaptopFile, cloud: Cloud, gateway: Gateway) -> None:
        self.laptop, self.cloud, self.gateway = laptop, cloud, gateway
        self.aws = Clients(laptop.endpoint)

    def client(self, service: str) -> Any:
        return self.aws(service, self.laptop.account, self.laptop.region)

    def http(self, method: str, path: str, body: Any = None, person: str | None = "you") -> tuple[int, Any]:
        """One request to the HTTP API, signed by a person's key; unsigned for None."""
        data = None if body is None else json.dumps(body)
        request = AWSRequest(
            method, self.laptop.api_url + path, data=data, headers={"content-type": "application/json"}
        )
        if person is not None:
            user = self.laptop.users[person]
            keys = Credentials(user.access_key_id, user.secret_access_key)
            SigV4Auth(keys, "execute-api", self.laptop.region).add_auth(request)
        headers = dict(request.headers) | {"Host": self.laptop.api_url.partition("//")[2]}
        answer = httpx.request(method, self.laptop.endpoint + path, content=data, headers=headers, timeout=60)
        return answer.status_code, answer.json()

    def start(self, text: str, person: str = "you", **more: Any) -> str:
        status, body = self.http("POST", "/v1/runs", {"text": text} | more, person)
        assert status == 202, body
        return str(body["run_id"])

    def view(self, run_id: str) -> dict[str, Any]:
        status, view = self.http("GET", f"/v1/runs/{run_id}")
        assert status == 200, view
        return dict(view)

    def until(self, run_id: str, *statuses: str, seconds: float = 90) -> dict[str, Any]:
        """The run, once it has one of the statuses."""
        deadline = time.monotonic() + seconds
        while True:
            view = self.view(run_id)
            if view["status"] in statuses:
                return view
            assert time.monotonic() < deadline, f"still {view['status']}: {json.dumps(view)[:3000]}"
            time.sleep(0.15)

    def ask(self, text: str, person: str = "you", **more: Any) -> dict[str, Any]:
        return self.until(self.start(text, person, **more), "answered", "parked")

    def decide(self, view: dict[str, Any], decision: str, person: str = "olga") -> dict[str, Any]:
        status, body = self.http("POST", f"/v1/approvals/{view['approval']['id']}", {"decision": decision}, person)
        assert status == 200, body
        return self.until(view["run_id"], "answered")

    def look(self) -> dict[str, Seen]:
        """Everything in the cloud but members of groups and database clusters, by ARN, read without the product."""
        return without_members(self.look_closely())

    def look_closely(self) -> dict[str, Seen]:
        """Everything in the cloud, members too."""
        places = [(account, region) for account in (self.laptop.account, clouds.LIVE) for region in clouds.REGIONS]
        return read_back(self.aws, places, "environment")

    def sizes(self, environment: str) -> dict[str, int]:
        return {seen.arn: seen.on for seen in self.look().values() if seen.environment == environment}

    def history(self, run_id: str, execution: int = 1) -> list[dict[str, Any]]:
        arn = self.laptop.outputs["MachineArn"].replace(":stateMachine:", ":execution:") + f":{run_id}-{execution}"
        pages = self.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=arn)
        return [event for page in pages for event in page["events"]]


def eventually(what: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)
    return found


def deployed(state: Path, configuration: Configuration) -> Iterator[System]:
    gateway = Gateway()
    cloud = clouds.random_cloud(Random(SEED))
    said: list[str] = []
    try:
        through = {"AWS_ENDPOINT_URL": gateway.url}
        laptop = up(ROOT, state, said.append, configuration, cloud, through, NO_DEPLOYMENTS)
        gateway.upstream = laptop.port
        yield System(laptop, cloud, gateway)
    finally:
        down(state, said.append)
        gateway.close()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    yield from deployed(tmp_path_factory.mktemp("laptop"), clouds.configuration())
