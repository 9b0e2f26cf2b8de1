"""Amazon resource names, taken apart."""

from __future__ import annotations

from typing import NamedTuple


class Arn(NamedTuple):
    """`resource` is what follows the account: service/CLUSTER/NAME, instance/ID, db:NAME."""

    service: str
    region: str
    account: str
    resource: str

    @property
    def name(self) -> str:
        """The last part of the resource: what the service's own calls take as an identifier."""
        return self.resource.replace(":", "/").rpartition("/")[2]


def parse_arn(text: str) -> Arn:
    """Raises ValueError where the text is not an ARN."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise ValueError(f"{text!r} is not an ARN")
    return Arn(*parts[2:])
