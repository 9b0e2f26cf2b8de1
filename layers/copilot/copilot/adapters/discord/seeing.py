"""Who sees a channel of Discord: docs.discord.com, developers/topics/permissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

VIEW, ADMINISTRATOR = 1 << 10, 1 << 3


def sees(guild: Mapping[str, Any], channel: Mapping[str, Any], roles: Sequence[str] = (), user: str = "") -> bool:
    """Whether a channel is, with these roles beside the one that all have. Where that cannot be told, it is."""
    everybody = str(guild.get("id"))
    granted = {one.get("id"): _bits(one.get("permissions"), ADMINISTRATOR) for one in _mappings(guild.get("roles"))}
    over = {one.get("id"): one for one in _mappings(channel.get("permission_overwrites"))}
    if everybody not in granted:
        return True
    may = _together(granted.get(one, 0) for one in (everybody, *roles))
    if may & ADMINISTRATOR:
        return True
    for some in ([everybody], roles, [user]):
        denied, allowed = (
            _together(_bits(over[one].get(word), 0) for one in some if one in over) for word in ("deny", "allow")
        )
        may = may & ~denied | allowed
    return bool(may & VIEW)


def _together(some: Iterable[int]) -> int:
    return reduce(or_, some, 0)


def _bits(said: object, otherwise: int) -> int:
    return int(said) if isinstance(said, str | int) and str(said).isdecimal() else otherwise


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
