"""A job of a pipeline, with nothing but the command line and the role of its token, on the deployed system: it gates,
and a fork is no main.
"""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import bare_cli
import ci_steps
import clouds
import pytest
from conftest import System, deployed
from test_ci_roles import rendered, trusts
from test_cli_in_a_job import GITHUB


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One in which every account can be looked at: what cannot fails a gate."""
    yield from deployed(tmp_path_factory.mktemp("laptop"), clouds.configuration(closed=False))


@contextmanager
def token_of_github(subject: str) -> Iterator[dict[str, str]]:
    """What a job's token is asked for with; the token says that its job is this."""
    said = {"iss": "https://token.actions.githubusercontent.com", "aud": "sts.amazonaws.com", "sub": subject}
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in ({}, said)]
    token = json.dumps({"value": ".".join([*parts, "x"])}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers["Authorization"] == "bearer b" and "audience=sts.amazonaws.com" in self.path
            self.send_response(200 if asked else 403)
            self.end_headers()
            self.wfile.write(token)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/token?x=1"
        yield {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "b"}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Job:
    """Jobs of a repository on GitHub whose roles are the sample's; the emulator knows a token's subject alone."""

    def __init__(self, system: System, folder: Path) -> None:
        self.system, self.folder = system, folder
        self.script = bare_cli.install(folder)
        (folder / "devops-copilot/bin").mkdir(parents=True)
        (folder / "devops-copilot/bin/devops-copilot").symlink_to(self.script)
        home, iam = system.laptop.account, system.client("iam")
        where = {"AWS::AccountId": home, "AWS::Region": system.laptop.region, "ApiId": system.laptop.api_id}
        template = rendered(**where)
        may = json.dumps(template["Resources"]["MayInvoke"]["Properties"]["PolicyDocument"])
        for name, trust in trusts(template).items():
            for key in [*trust["Statement"][0]["Condition"]["StringEquals"]]:
                if key.endswith("_id"):
                    del trust["Statement"][0]["Condition"]["StringEquals"][key]
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
            iam.put_role_policy(RoleName=name, PolicyName="may-invoke", PolicyDocument=may)

    def run(self, subject: str, role: str, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
        """The action's step as it is written, and what it handed on."""
        laptop = self.system.laptop
        here = Path(tempfile.mkdtemp(dir=self.folder))
        known = {"url": laptop.api_url, "role": f"arn:aws:iam::{laptop.account}:role/{role}"}
        (_, (step, own)) = ci_steps.github_steps(known | {"region": laptop.region} | inputs)
        event = here / "event.json"
        event.write_text(json.dumps({"repository": {"full_name": "acme/shop", "default_branch": "main"}}))
        given = {"GITHUB_OUTPUT": str(here / "outputs"), "GITHUB_STEP_SUMMARY": str(here / "summary.md")}
        given |= {"RUNNER_TEMP": str(self.folder), "GITHUB_EVENT_PATH": str(event), "GITHUB_RUN_ID": here.name}
        sts = {"AWS_ENDPOINT_URL_STS": laptop.endpoint, "AWS_EC2_METADATA_DISABLED": "true"}
        with token_of_github(subject) as token:
            environment = bare_cli.bare(**GITHUB | given | sts | token | own)
            ended = ci_steps.run(step, here, environment)
        assert not [*self.folder.glob("*token*")], "it is kept no longer than the role is assumed"
        handed = ci_steps.outputs(here / "outputs") if (here / "outputs").exists() else {}
        return ended, handed | ({"summary": (here / "summary.md").read_text()} if handed else {})


def test_a_job_gates_by_the_role_that_its_token_gives_and_a_fork_is_no_main(system: System, tmp_path: Path) -> None:
    job = Job(system, tmp_path)
    development = clouds.of_kind(system.cloud, "development")[0]
    place = next(one for one in development.places if one.clusters)
    service, cluster = place.clusters[0].services[0].name, place.clusters[0].name
    at = [{"Name": "ClusterName", "Value": cluster}, {"Name": "ServiceName", "Value": service}]
    now = datetime.now(UTC)
    points: Any = [
        {"MetricName": "CPUUtilization", "Dimensions": at, "Value": 12.0, "Timestamp": now - timedelta(minutes=n)}
        for n in range(1, 6)
    ]
    cloudwatch = system.aws("cloudwatch", place.account, place.region)
    cloudwatch.put_metric_data(Namespace="AWS/ECS", MetricData=points)
    cpu = f"cpu of {service} in {development.name}"
    main, pull = "repo:acme/shop:ref:refs/heads/main", "repo:acme@42/shop@77:pull_request"

    ended, handed = job.run(main, "ci-main", gate=f"{cpu} under 95% and {cpu} at least 1% over 5 minutes")
    assert ended.returncode == 0, (ended.stdout, ended.stderr)
    assert handed["outcome"] == "succeeded" and "must be under 95 %" in handed["answer"], handed
    assert "| held&#95;1 | gate | 1 | done |" in handed["summary"], handed["summary"]
    assert system.view(handed["run-id"])["person"] == "ci-main"

    ended, handed = job.run(main, "ci-main", gate=f"{cpu} under 0.5% over 5 minutes and no alarm in {development.name}")
    assert (ended.returncode, handed["outcome"]) == (1, "failed"), (ended.stdout, ended.stderr)
    assert "must be under 0.5 %" in handed["answer"]

    for subject, role in ((pull, "ci-main"), ("repo:eve/shop:ref:refs/heads/main", "ci-main"), (main, "ci-fork")):
        ended, handed = job.run(subject, role, request=f"stop {development.name}")
        assert ended.returncode == 2 and "AssumeRoleWithWebIdentity" in ended.stderr, (ended.stdout, ended.stderr)
        assert "Traceback" not in ended.stderr and not handed

    before = system.sizes(development.name)
    ended, handed = job.run(pull, "ci-fork", request=f"stop {development.name}", trust="main")
    assert (ended.returncode, handed["outcome"]) == (3, "denied"), (ended.stdout, ended.stderr)
    assert system.sizes(development.name) == before
