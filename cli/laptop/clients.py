"""boto3 clients of the laptop's AWS, untouched by whatever AWS profile or proxy the person has."""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

CONFIG = Config(proxies={}, retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=5, read_timeout=60)
NO_PROFILE = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


class Clients:
    """As the root of an account: a 12-digit access key is, there, the root of the account it names. Thread safe."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        session = boto3.Session(botocore_session=botocore.session.Session(session_vars=NO_PROFILE))
        self._new_client: Callable[..., Any] = session.client  # of a service that a person may name
        self._made: dict[tuple[str, str, str], Any] = {}
        self._lock = Lock()

    def __call__(self, service: str, account: str, region: str) -> Any:
        with self._lock:
            if (service, account, region) not in self._made:
                self._made[service, account, region] = self._new_client(
                    service,
                    region_name=region,
                    endpoint_url=self._endpoint,
                    aws_access_key_id=account,
                    aws_secret_access_key="test",
                    config=CONFIG,
                )
            return self._made[service, account, region]
