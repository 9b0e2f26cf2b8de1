"""ECS, by AWS's user guide ("Amazon ECS service deployment state change events"), read 2026-11."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from copilot.domain.deployments import DeploymentFact, Status
from copilot.triggers.pipelines.event import Event, Translate, beside, in_words

_ECS_EVENTS: dict[str, Status] = {
    "SERVICE_DEPLOYMENT_IN_PROGRESS": "started",
    "SERVICE_DEPLOYMENT_COMPLETED": "succeeded",
    "SERVICE_DEPLOYMENT_FAILED": "failed",
}
_ROLLS_BACK = re.compile(r"(?i)\broll(?:ing|ed|s)?[ -]?back")


def _service(event: Event) -> Iterator[DeploymentFact]:
    """A deployment of which ECS tells the one stage it does. Its environment is its cluster's name.

    Rolling back is no deployment: that the one it is for has failed is told besides.
    """
    detail, (service,) = event["detail"], event["resources"]
    status = _ECS_EVENTS.get(detail["eventName"])
    if status is None or (status != "failed" and _ROLLS_BACK.search(detail.get("reason") or "")):
        return
    cluster, _, name = service.partition(":service/")[2].rpartition("/")
    for stage in ("deploy", None):
        yield DeploymentFact(
            service=name,
            deployment=detail["deploymentId"],
            account=event["account"],
            region=beside(event.get("region")),
            environment=cluster,
            source="ecs",
            stage=stage,
            status=status,
            at=datetime.fromisoformat(detail["updatedAt"]),
            reason=in_words(detail.get("reason")) if status == "failed" else "",
        )


EVENTS: dict[str, Translate] = {
    "ECS Deployment State Change": _service,
}
