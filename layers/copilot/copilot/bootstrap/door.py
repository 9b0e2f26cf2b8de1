"""What the open doors are composed of besides: AWS's clients, quick to give up, and lines of a log that are metrics.

boto3 costs a door 0.3 s of CPU when it is cold, and all the rest 0.05 s: bench/imports.py measures it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=1, read_timeout=1)
"""Slack waits three seconds, and sends again what was not taken by then."""


@cache
def client(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region, config=CONFIG)  # type: ignore[call-overload]


def note(happened: Mapping[str, Any], of: str = "Chat") -> None:
    """A line of the log, of which CloudWatch makes metrics: a request was taken, refused, or failed here.

    Written here and not by what the other functions write theirs with, which takes longer to import than all of this.
    """
    status = happened["status"]
    name = f"{of}Taken" if status < 400 else f"{of}Refused" if status < 500 else "Failures"
    service, namespace = (
        os.environ.get("POWERTOOLS_SERVICE_NAME", ""),
        os.environ.get("POWERTOOLS_METRICS_NAMESPACE", ""),
    )
    metrics = {"Namespace": namespace, "Dimensions": [["service"]], "Metrics": [{"Name": name, "Unit": "Count"}]}
    line = {
        "level": "INFO" if status < 500 else "ERROR",
        "message": "handled" if status < 500 else "failed",
        "service": service,
        **happened,
        name: 1,
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metrics]},
    }
    print(json.dumps(line), flush=True)
