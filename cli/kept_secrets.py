"""Secrets that are kept in SSM, encrypted there with the account's own key. Never shown."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.exits import Refused


def arn_of(parameter: str, region: str, account: str) -> str:
    return f"arn:aws:ssm:{region}:{account}:parameter{parameter}"


def holds_another(ssm: Any, parameter: str, secret: str) -> bool:
    """Whether another secret is known to be kept there."""
    try:
        kept = ssm.get_parameter(Name=parameter, WithDecryption=True)["Parameter"]["Value"]
    except (BotoCoreError, ClientError):
        return False
    return bool(kept != secret)


def store_secret(ssm: Any, parameter: str, secret: str, what: str, description: str) -> None:
    """The one that was there is replaced.

    Raises Refused, which names only the kind of AWS's error: its text may quote the value.
    """
    try:
        ssm.put_parameter(Name=parameter, Value=secret, Type="SecureString", Description=description, Overwrite=True)
    except ClientError as error:
        kind = error.response.get("Error", {}).get("Code", "")
    except BotoCoreError as error:
        kind = type(error).__name__
    else:
        return
    raise Refused(f"AWS did not keep {what} as {parameter} ({kind}). Nothing was written.")
