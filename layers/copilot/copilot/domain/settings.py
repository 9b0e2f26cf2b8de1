"""What things are configured with: names, types and versions. Values are compared, and are nowhere."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from typing import Literal, NamedTuple, NoReturn

from copilot.domain.places import Unreachable

SettingKind = Literal["parameter", "secret", "variable"]
_KEY = secrets.token_bytes(32)
"""Of this process alone, so that what is sealed cannot be looked up in a list of digests."""


class Sealed:
    """A value that can be compared, in constant time, with another that was sealed in this process; and not seen, kept
    or handed on.
    """

    __slots__ = ("_digest",)

    def __init__(self, value: str) -> None:
        self._digest = hmac.digest(_KEY, value.encode(), "sha256")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and hmac.compare_digest(self._digest, other._digest)

    __hash__ = None  # type: ignore[assignment]  # a set of them would compare in another time

    def __repr__(self) -> str:
        return "(sealed)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("what is sealed is not kept")


class Setting(NamedTuple):
    """One name that an environment, or a `service` of it, is configured with.

    `path` is its whole name and `name` that without what names the environment. A variable has a `container`, "" for
    the one that the service is for, and `points_to` what it is filled from, where that is a parameter or a secret: the
    platform's id of it. `version` is the platform's own, of a variable that of what defines it. `value` is None where
    it is not known; `same_as` tells what it is by its id and version, whatever it holds. It is in this account, as
    people call it, and region.
    """

    kind: SettingKind
    path: str
    name: str
    type: str
    version: str
    changed: datetime | None = None
    service: str = ""
    container: str = ""
    points_to: str = ""
    value: Sealed | None = None
    same_as: str = ""
    account: str = ""
    region: str = ""


class Settings(NamedTuple):
    """As far as they could be read. `notes` are sentences of the platform's own, names in them quoted."""

    settings: tuple[Setting, ...]
    unreachable: tuple[Unreachable, ...] = ()
    notes: tuple[str, ...] = ()
