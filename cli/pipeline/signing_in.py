"""Being a role by the token that a pipeline's platform gives its job, as the AWS SDKs do it by themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from cli.exits import Refused, Unreachable
from cli.pipeline.job import Job

AUDIENCE = "sts.amazonaws.com"


@contextmanager
def sign_in(job: Job, role: str, folder: Path, environment: Mapping[str, str] = os.environ) -> Iterator[dict[str, str]]:
    """The variables by which the SDK assumes the role; the token is in a file for so long. Raises Refused or
    Unreachable, saying what is missing.
    """
    token = environment.get("DEVOPS_COPILOT_TOKEN") or _of_github(environment)
    file = folder / f"devops-copilot-token-{os.getpid()}"
    try:
        file.touch(mode=0o600)
        file.write_text(token, encoding="utf-8")
        yield {
            "AWS_ROLE_ARN": role,
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(file),
            "AWS_ROLE_SESSION_NAME": f"{job.platform}-{'-'.join(job.identity[1:3])}"[:64],
        }
    finally:
        file.unlink(missing_ok=True)


def _of_github(environment: Mapping[str, str]) -> str:
    """GitHub, "OpenID Connect reference": asked for by a job that has the permission `id-token: write`."""
    url, bearer = (environment.get(f"ACTIONS_ID_TOKEN_REQUEST_{name}", "") for name in ("URL", "TOKEN"))
    if not url or not bearer:
        raise Refused(
            "There is no token by which this job could assume its role. On GitHub the job needs the permission "
            "`id-token: write`, which forks never get; on GitLab `id_tokens` with DEVOPS_COPILOT_TOKEN."
        )
    try:
        reply = httpx.get(url, params={"audience": AUDIENCE}, headers={"Authorization": f"bearer {bearer}"}, timeout=20)
        value = reply.raise_for_status().json()["value"]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise Unreachable(f"GitHub gave this job no token ({type(error).__name__}). Run the job again.") from error
    return str(value)
