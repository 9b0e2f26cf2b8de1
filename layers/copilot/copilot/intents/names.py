"""What there is by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from copilot.domain import Kind, Known
from copilot.text.nearness import squashed

_PLAIN = re.compile(r"[\w.@+ -]+")


class There(NamedTuple):
    """What there is, by its name squashed. `names` are empty where not all environments are known: of a few that were
    spoken of, none is the one that is meant. `things` are what is neither environment nor service: databases,
    instances, groups. `owners` are those of environments.
    """

    kinds: Mapping[str, Kind]
    names: Mapping[str, str]
    services: Mapping[str, str]
    things: Mapping[str, str]
    owners: frozenset[str] = frozenset()


def there_is(known: Known) -> There:
    kinds = {squashed(one.name): one.kind for one in known.environments}
    names = {squashed(one.name): one.name for one in known.environments} if known.seen_at else {}
    services, things = ({squashed(one): one for one in some} for some in (known.services, known.resources))
    owners = frozenset(way for one in known.environments for way in _called(one.owner))
    return There(kinds, names, services, things, owners)


def written_as(owner: str, known: Known) -> tuple[str, ...]:
    """How an owner who was named is written where environments have one: letter by letter as it stands there, and as it
    was said where none is called so.
    """
    found = {one.owner for one in known.environments if squashed(owner) in _called(one.owner)}
    return tuple(sorted(found)) or (owner,)


def _called(owner: str) -> frozenset[str]:
    """The forms in which people say an owner: whole, and of an address what stands before the @. None for one that can
    not stand in a filter as it is.
    """
    ways = (owner, owner.partition("@")[0]) if _PLAIN.fullmatch(owner) else ()
    return frozenset(map(squashed, ways))
