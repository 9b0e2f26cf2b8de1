"""What there is, as it was last seen: to hear, suggest and list by. Nothing acts on it.

It is swept a Place at a time, and kept as what each Place has of each environment. A sweep may find less than there is:
what it could not read stays as it was, and what it did not find is gone only when the next one does not find it either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from copilot.domain.frozen import Frozen
from copilot.domain.places import Survey
from copilot.domain.targets import Kind


class Place(Frozen):
    """An account, by its id, and a region."""

    account: str
    region: str


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


class Seen(Frozen):
    """What a Place has of one environment.

    `names` are those of its resources by their type; `missed` those of them that the last sweep did not find, though it
    could have. `seen_at` is when it was last found and other than before.
    """

    place: Place
    environment: str
    kind: Kind
    owner: str = ""
    names: dict[str, tuple[str, ...]]
    missed: dict[str, tuple[str, ...]] = {}
    seen_at: datetime

    @property
    def types(self) -> set[str]:
        """Those of which something was there the last time."""
        return {type for type, names in self.names.items() if {*names} - {*self.missed.get(type, ())}}


class Sweep(Frozen):
    """The last sweep of a Place: when it began, when each type of resource was last read wholly, and which it did not
    so read.
    """

    place: Place
    at: datetime
    read_at: dict[str, datetime]
    unread: tuple[str, ...] = ()

    def after(self, before: Sweep | None) -> Sweep:
        """With what it did not read as old as it was before."""
        older = {type: at for type, at in before.read_at.items() if type in self.unread} if before else {}
        return self.model_copy(update={"read_at": older | self.read_at})


def seen_in(survey: Survey, place: Place, at: datetime) -> list[Seen]:
    """What a survey of one Place found there."""
    resources = sorted(survey.resources, key=lambda one: (one.environment, one.ref.type, one.name))
    names: dict[str, dict[str, tuple[str, ...]]] = {}
    for (environment, type), some in groupby(resources, lambda one: (one.environment, one.ref.type)):
        names.setdefault(environment, {})[type] = tuple(dict.fromkeys(one.name for one in some))
    return [
        Seen(
            place=place,
            environment=one.name,
            kind=one.kind,
            owner=one.owner or "",
            names=names[one.name],
            seen_at=at,
        )
        for one in survey.environments
    ]


def merged(kept: Seen | None, found: Seen | None, read: Collection[str], last: datetime | None) -> Seen | None:
    """What is to be kept: `kept` itself where nothing changed, None where nothing is left.

    `found` is what a sweep found that read these types of resources wholly, `last` when they were read before.
    """
    if kept is None:
        return found
    names: dict[str, tuple[str, ...]] = {}
    missed: dict[str, tuple[str, ...]] = {}
    for type in sorted({*kept.names, *(found.names if found else ())}):
        there, before = (found.names.get(type, ()) if found else ()), kept.names.get(type, ())
        gone = [name for name in before if name not in there]
        if type in read:  # what was missed before as well is gone
            gone = [name for name in gone if name not in kept.missed.get(type, ())]
        lacking = [name for name in gone if type in read or name in kept.missed.get(type, ())]
        names |= {type: tuple(sorted({*there, *gone}))} if there or gone else {}
        missed |= {type: tuple(lacking)} if lacking else {}
    if not names:
        return None
    told = found or kept.model_copy(update={"seen_at": last or kept.seen_at})
    after = told.model_copy(update={"names": names, "missed": missed})
    return kept if after.model_copy(update={"seen_at": kept.seen_at}) == kept else after


def known_by_name(
    places: Mapping[Place, str], sweeps: Iterable[Sweep], seen: Iterable[Seen], services: Collection[str]
) -> Known:
    """All of it, over these places: by what each is called. `services` are the types of what runs on clusters."""
    swept = {sweep.place: sweep for sweep in sweeps if sweep.place in places}
    rows = sorted((one for one in seen if one.place in places), key=lambda one: one.environment)
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for row in rows:
        for type, some in row.names.items():
            names[type in services].update(some)
    ages = [at for sweep in swept.values() for at in sweep.read_at.values()]
    return Known(
        environments=tuple(
            _environment(name, list(some), swept) for name, some in groupby(rows, lambda one: one.environment)
        ),
        services=tuple(sorted(names[True])),
        resources=tuple(sorted(names[False])),
        seen_at=min(ages, default=None),
        unreachable=tuple(
            sorted(called for place, called in places.items() if place not in swept or swept[place].unread)
        ),
    )


def _environment(name: str, rows: Sequence[Seen], swept: Mapping[Place, Sweep]) -> KnownEnvironment:
    kinds = {row.kind for row in rows}
    owners = {owner for row in rows for owner in row.owner.split(", ")} - {""}
    return KnownEnvironment(
        name=name,
        kind=kinds.pop() if len(kinds) == 1 else "production",
        owner=", ".join(sorted(owners)),
        seen_at=max(_last_seen(row, swept.get(row.place)) for row in rows),
    )


def _last_seen(row: Seen, sweep: Sweep | None) -> datetime:
    """A row is not written again while nothing changes: what was there at the last reading was seen then."""
    ages = [sweep.read_at[type] for type in row.types if type in sweep.read_at] if sweep else []
    return max([row.seen_at, *ages])
