"""Builds that failed, with what they logged, for the sample's deployments."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from cli.laptop.clients import Clients

SPEC = "version: 0.2\nphases:\n  build:\n    commands:\n      - npm ci\n      - npm test\n      - exit 1\n"
"""Such a build fails, as emulator.py has it."""
ROLE = "builds"
SECOND = timedelta(seconds=1)


def failed_build(
    clients: Clients, account: str, region: str, project: str, version: str, logged: Sequence[str], until: datetime
) -> str:
    """The ARN of a new build of this version, which logged these, a line a second until then."""
    codebuild = clients("codebuild", account, region)
    with suppress(codebuild.exceptions.ResourceAlreadyExistsException):
        codebuild.create_project(
            name=project,
            source={"type": "NO_SOURCE", "buildspec": SPEC},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/amazonlinux2-x86_64-standard:5.0",
                "computeType": "BUILD_GENERAL1_SMALL",
            },
            serviceRole=f"arn:aws:iam::{account}:role/{ROLE}",
        )
    build = codebuild.start_build(projectName=project, sourceVersion=version)["build"]
    _put(clients("logs", account, region), build["logs"], logged, until)
    return str(build["arn"])


def _put(logs: Any, where: dict[str, str], logged: Sequence[str], until: datetime) -> None:
    group = {"logGroupName": where["groupName"]}
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(**group)
    stream = group | {"logStreamName": where["streamName"]}
    logs.create_log_stream(**stream)
    first = until - len(logged) * SECOND
    told = [
        {"timestamp": int((first + at * SECOND).timestamp() * 1000), "message": text} for at, text in enumerate(logged)
    ]
    logs.put_log_events(**stream, logEvents=told)
