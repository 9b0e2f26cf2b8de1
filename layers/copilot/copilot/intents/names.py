"""What there is by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from copilot.domain import Kind, Known
from copilot.text.nearness import squashed


class There(NamedTuple):
    """What there is, by its name squashed. `names` are empty where not all environments are known: of a few that were
    spoken of, none is the one that is meant. `things` are what is neither environment nor service: databases,
    instances, groups.
    """

    kinds: Mapping[str, Kind]
    names: Mapping[str, str]
    services: Mapping[str, str]
    things: Mapping[str, str]


def there_is(known: Known) -> There:
    kinds = {squashed(one.name): one.kind for one in known.environments}
    names = {squashed(one.name): one.name for one in known.environments} if known.seen_at else {}
    services, things = ({squashed(one): one for one in some} for some in (known.services, known.resources))
    return There(kinds, names, services, things)
