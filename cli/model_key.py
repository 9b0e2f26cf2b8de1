"""The key of a model's server: from an environment variable into SSM, encrypted there, under one name. Never shown."""

from __future__ import annotations

import os
from typing import Any

from cli.exits import Refused
from cli.kept_secrets import arn_of, store_secret

PARAMETER = "/devops-copilot/model-key"


def key_arn(region: str, account: str) -> str:
    """What the configuration's model.key names, and the template's ModelKeyArn."""
    return arn_of(PARAMETER, region, account)


def key_of(variable: str) -> str:
    """Raises Refused where there is no key in it."""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise Refused(f"The environment variable {variable} holds no key. Nothing was written.")
    return key


def store_key(ssm: Any, key: str) -> None:
    """Raises as `store_secret` does."""
    store_secret(ssm, PARAMETER, key, "the key", "The key of the model that DevOps Copilot asks")
