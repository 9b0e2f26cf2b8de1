"""The key of a model's server: from an environment variable into SSM, encrypted there, under one name. Never shown."""

from __future__ import annotations

import os
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.exits import Refused

PARAMETER = "/devops-copilot/model-key"


def key_arn(region: str, account: str) -> str:
    """What the configuration's model.key names, and the template's ModelKeyArn."""
    return f"arn:aws:ssm:{region}:{account}:parameter{PARAMETER}"


def key_of(variable: str) -> str:
    """Raises Refused where there is no key in it."""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise Refused(f"The environment variable {variable} holds no key. Nothing was written.")
    return key


def store_key(ssm: Any, key: str) -> None:
    """Encrypted with the account's own key for SSM; the one that was there is replaced.

    Raises Refused, which names only the kind of AWS's error: its text may quote the value.
    """
    try:
        ssm.put_parameter(
            Name=PARAMETER,
            Value=key,
            Type="SecureString",
            Description="The key of the model that DevOps Copilot asks",
            Overwrite=True,
        )
    except ClientError as error:
        kind = error.response.get("Error", {}).get("Code", "")
    except BotoCoreError as error:
        kind = type(error).__name__
    else:
        return
    raise Refused(f"AWS did not keep the key as {PARAMETER} ({kind}). Nothing was written.")
