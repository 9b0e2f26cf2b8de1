"""What there is, as it was last seen: to hear, suggest and list by. Nothing acts on it."""

from __future__ import annotations

from datetime import datetime

from copilot.domain.frozen import Frozen
from copilot.domain.targets import Kind


class KnownEnvironment(Frozen):
    """An environment over all accounts and regions. `owner` is "" where its resources name none."""

    name: str
    kind: Kind
    owner: str = ""
    seen_at: datetime


class Known(Frozen):
    """Everything that is known by name, each of these in the order of the alphabet.

    `services` are those that run on clusters, `resources` everything else there is by name: databases, instances,
    groups. `seen_at` is the oldest moment at which any part of it was read, None where nothing was read yet.
    `unreachable` names accounts and regions that were not, or not wholly, read the last time; what had been seen in
    them before is still here.
    """

    environments: tuple[KnownEnvironment, ...] = ()
    services: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    seen_at: datetime | None = None
    unreachable: tuple[str, ...] = ()


NOTHING_KNOWN = Known()
