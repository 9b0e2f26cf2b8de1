"""Where something is that the copilot reaches: the address of a server, what a key is kept as."""

from __future__ import annotations

import re
from typing import Annotated, LiteralString
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("an endpoint holds no user and no password: a key is named by `key`, and kept elsewhere")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError(
            f"http:// would send the key and every request to {parts.hostname} in clear over the network; "
            "use https://, or http:// to this machine alone (127.0.0.1)"
        )
    return url


Endpoint = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$"), AfterValidator(_endpoint)]


NO_KEY_ARN: LiteralString = "no_key_arn"
"""The type of an error over what may be a key itself, and is shown nowhere."""


def _key_arn(arn: str) -> str:
    if not re.fullmatch(
        r"arn:aws[a-z-]*:(secretsmanager:[^:\s]+:\d{12}:secret:|ssm:[^:\s]+:\d{12}:parameter/)\S+", arn
    ):
        raise PydanticCustomError(
            NO_KEY_ARN,
            "this says where the key is kept, as the ARN of a Secrets Manager secret or an SSM parameter; the key "
            "itself belongs nowhere else, so have the provider replace one that was written here",
        )
    return arn


KeyArn = Annotated[str, AfterValidator(_key_arn)]
