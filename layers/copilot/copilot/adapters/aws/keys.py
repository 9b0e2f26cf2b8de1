"""Where a key is kept that another server wants: Secrets Manager or SSM, by ARN. It is read, and shown to nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from copilot.adapters.aws.faults import translated
from copilot.errors import FatalError


def read_key(arn: str, name: str, client: Callable[[str, str], Any]) -> str:
    """The key. `name` is what people call it, `client` makes an AWS client of a service in a region.

    A secret may be the key itself, or a JSON object of which it is the only value, as the console makes them. A
    parameter is one of this account. Raises as `translated` does; FatalError where there is no key in it.
    """
    service, region = arn.split(":")[2:4]
    with translated(f"reading {name} from {arn}"):
        if service == "ssm":
            path = arn.split(":parameter/", 1)[-1]
            parameter = f"/{path}" if "/" in path else path  # the emulator knows parameters by name alone
            kept = client(service, region).get_parameter(Name=parameter, WithDecryption=True)["Parameter"]["Value"]
        else:
            kept = client(service, region).get_secret_value(SecretId=arn).get("SecretString", "")
    key = _only_value(kept).strip()
    if not key:
        raise FatalError(f"{arn} holds no key as text: put {name} into it, and nothing else")
    return key


def _only_value(kept: str) -> str:
    try:
        values = list(json.loads(kept).values())
    except (ValueError, AttributeError):
        return str(kept)
    return values[0] if len(values) == 1 and isinstance(values[0], str) else ""
