"""What there is, as it was last seen: to hear, suggest and list by. Nothing acts on it.

It is swept a Place at a time, and kept as what each Place has of each environment. A sweep may find less than there is:
what it could not read stays as it was, and what it did not find is gone only when the next one does not find it either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from copilot.domain.classes import Kind
from copilot.domain.frozen import Frozen
from copilot.domain.places import Resource, Survey


class Place(Frozen):
    """An account, by its id, and a region."""

    account: str
    region: str


class Tally(NamedTuple):
    """How many resources are up, and how many are off or on their way there. What is covered by another is in neither:
    it is stopped and started with that.
    """

    up: int = 0
    down: int = 0

    def plus(self, other: Tally) -> Tally:
        return Tally(self.up + other.up, self.down + other.down)


class KnownEnvironment(Frozen):
    """An environment over all accounts and regions. `owner` is "" where its resources name none; `opted_out` says why
    no schedule may touch it, "" where schedules may.

    `tallies` are those of its resources, by their type; None where they were not kept. `accounts` are those it lives
    in, by what they are called. `as_of` is the oldest moment at which any part of it was read. `kind_since` is since
    when each part of it was seen with this kind in every sweep, None where that is not known; `first_seen` when any of
    it was seen first, `made_at` when the oldest of its resources was made, of those of which that is said.
    """

    name: str
    kind: Kind
    owner: str = ""
    opted_out: str = ""
    seen_at: datetime
    as_of: datetime | None = None
    tallies: dict[str, Tally] | None = None
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    kind_since: datetime | None = None
    first_seen: datetime | None = None
    made_at: datetime | None = None


class KnownPlace(Frozen):
    """A Place, by what its account is called. `swept_at` is when it was last looked at, None where it never was.

    `unread` are the types of resources that could not wholly be read then, for this `reason`, and `since` when they
    were, the oldest of them; None where one of them never was. `closed` is a Place of which nothing could be read.
    """

    place: Place
    account: str
    swept_at: datetime | None = None
    unread: tuple[str, ...] = ()
    reason: str = ""
    since: datetime | None = None
    closed: bool = False


class Known(Frozen):
    """Everything that is known by name, each of these in the order of the alphabet.

    `services` are those that run on clusters, `resources` everything else there is by name: databases, instances,
    groups. `seen_at` is the oldest moment at which any part of it was read, None where nothing was read yet.
    `unreachable` names accounts and regions that were not, or not wholly, read the last time; what had been seen in
    them before is still here. `places` are all that there are to sweep, by their accounts' ids.
    """

    environments: tuple[KnownEnvironment, ...] = ()
    services: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    seen_at: datetime | None = None
    unreachable: tuple[str, ...] = ()
    places: tuple[KnownPlace, ...] = ()


NOTHING_KNOWN = Known()


class AsSwept(NamedTuple):
    """What may be shown in place of a fresh read: as it was at `at`, but for what `known` says could not be read.

    `is_read_again` says that it is older than it should be, and a new sweep was asked for.
    """

    known: Known
    at: datetime
    is_read_again: bool = False


class Seen(Frozen):
    """What a Place has of one environment.

    `names` are those of its resources by their type, `tallies` what there is under each; `missed` those names that the
    last sweep did not find, though it could have. `seen_at` is when it was last found and other than before,
    `kind_since` since when it was found with this kind each time, `first_seen` when it was found first; None in rows
    from before that was noted. `made_at` is when the oldest of what was ever found was made, where that was said.
    """

    place: Place
    environment: str
    kind: Kind
    owner: str = ""
    opted_out: str = ""
    names: dict[str, tuple[str, ...]]
    tallies: dict[str, dict[str, Tally]] = {}
    missed: dict[str, tuple[str, ...]] = {}
    seen_at: datetime
    kind_since: datetime | None = None
    first_seen: datetime | None = None
    made_at: datetime | None = None

    @property
    def types(self) -> set[str]:
        """Those of which something was there the last time."""
        return {type for type, names in self.names.items() if {*names} - {*self.missed.get(type, ())}}


class Sweep(Frozen):
    """The last sweep of a Place: when it began, when each type of resource was last read wholly, and which it did not
    so read, for what `reason`.
    """

    place: Place
    at: datetime
    read_at: dict[str, datetime]
    unread: tuple[str, ...] = ()
    reason: str = ""

    def after(self, before: Sweep | None) -> Sweep:
        """With what it did not read as old as it was before."""
        older = {type: at for type, at in before.read_at.items() if type in self.unread} if before else {}
        return self.model_copy(update={"read_at": older | self.read_at})


def seen_in(survey: Survey, place: Place, at: datetime) -> list[Seen]:
    """What a survey of one Place found there."""
    resources = sorted(survey.resources, key=lambda one: (one.environment, one.ref.type, one.name))
    tallies: dict[str, dict[str, dict[str, Tally]]] = {}
    for (environment, type), some in groupby(resources, lambda one: (one.environment, one.ref.type)):
        by_name = {name: tallied(same) for name, same in groupby(some, lambda one: one.name)}
        tallies.setdefault(environment, {})[type] = by_name
    return [
        Seen(
            place=place,
            environment=one.name,
            kind=one.kind,
            owner=one.owner or "",
            opted_out=one.opted_out,
            names={type: tuple(by_name) for type, by_name in tallies[one.name].items()},
            tallies=tallies[one.name],
            seen_at=at,
            kind_since=at,
            first_seen=at,
            made_at=made_first(some for some in resources if some.environment == one.name),
        )
        for one in survey.environments
    ]


def made_first(resources: Iterable[Resource]) -> datetime | None:
    """When the oldest of them was made, of those of which that is known."""
    return min((one.made_at for one in resources if one.made_at), default=None)


def tallied(resources: Iterable[Resource]) -> Tally:
    free = [one.is_down for one in resources if not one.covered_by]
    return Tally(len(free) - sum(free), sum(free))


def merged(kept: Seen | None, found: Seen | None, read: Collection[str], last: datetime | None) -> Seen | None:
    """What is to be kept: `kept` itself where nothing changed, None where nothing is left.

    `found` is what a sweep found that read these types of resources wholly, `last` when they were read before.
    """
    if kept is None:
        return found
    names: dict[str, tuple[str, ...]] = {}
    tallies: dict[str, dict[str, Tally]] = {}
    missed: dict[str, tuple[str, ...]] = {}
    for type in sorted({*kept.names, *(found.names if found else ())}):
        there, before = (found.names.get(type, ()) if found else ()), kept.names.get(type, ())
        gone = [name for name in before if name not in there]
        if type in read:  # what was missed before as well is gone
            gone = [name for name in gone if name not in kept.missed.get(type, ())]
        lacking = [name for name in gone if type in read or name in kept.missed.get(type, ())]
        names |= {type: tuple(sorted({*there, *gone}))} if there or gone else {}
        counted = {**kept.tallies.get(type, {}), **(found.tallies.get(type, {}) if found else {})}
        if type in names and counted.keys() >= {*names[type]}:
            tallies[type] = {name: counted[name] for name in names[type]}
        missed |= {type: tuple(lacking)} if lacking else {}
    if not names:
        return None
    told = found or kept.model_copy(update={"seen_at": last or kept.seen_at})
    after = told.model_copy(update={"names": names, "tallies": tallies, "missed": missed, **_since(kept, told)})
    return kept if after.model_copy(update={"seen_at": kept.seen_at}) == kept else after


def _since(kept: Seen, told: Seen) -> dict[str, datetime | None]:
    """Since when it is what is told of it now, by what was kept of it."""
    return {
        "kind_since": (kept.kind_since if kept.kind == told.kind else None) or told.kind_since,
        "first_seen": kept.first_seen or told.first_seen,
        "made_at": min((at for at in (kept.made_at, told.made_at) if at), default=None),
    }


def known_by_name(
    places: Mapping[Place, str], sweeps: Iterable[Sweep], seen: Iterable[Seen], services: Collection[str]
) -> Known:
    """All of it, over these places, by what the account of each is called.

    `services` are the types of what runs on clusters.
    """
    swept = {sweep.place: sweep for sweep in sweeps if sweep.place in places}
    rows = sorted((one for one in seen if one.place in places), key=lambda one: one.environment)
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for row in rows:
        for type, some in row.names.items():
            names[type in services].update(some)
    ages = [at for sweep in swept.values() for at in sweep.read_at.values()]
    return Known(
        environments=tuple(
            _environment(name, list(some), swept, places) for name, some in groupby(rows, lambda one: one.environment)
        ),
        services=tuple(sorted(names[True])),
        resources=tuple(sorted(names[False])),
        seen_at=min(ages, default=None),
        unreachable=tuple(
            sorted(
                f"{account} in {place.region}"
                for place, account in places.items()
                if place not in swept or swept[place].unread
            )
        ),
        places=tuple(
            _place(place, account, swept.get(place))
            for place, account in sorted(places.items(), key=lambda one: (one[0].account, one[0].region))
        ),
    )


def _environment(
    name: str, rows: Sequence[Seen], swept: Mapping[Place, Sweep], places: Mapping[Place, str]
) -> KnownEnvironment:
    kinds = {row.kind for row in rows}
    alike = len(kinds) == 1
    owners = {owner for row in rows for owner in row.owner.split(", ")} - {""}
    return KnownEnvironment(
        name=name,
        kind=kinds.pop() if alike else "production",
        owner=", ".join(sorted(owners)),
        opted_out=next((row.opted_out for row in rows if row.opted_out), ""),
        seen_at=max(_last_seen(row, swept.get(row.place)) for row in rows),
        as_of=min(_last_read(row, swept.get(row.place)) for row in rows),
        tallies=_tallies(rows),
        accounts=tuple(sorted({places[row.place] for row in rows})),
        regions=tuple(sorted({row.place.region for row in rows})),
        kind_since=_all_since([row.kind_since for row in rows]) if alike else None,
        first_seen=min((row.first_seen for row in rows if row.first_seen), default=None),
        made_at=min((row.made_at for row in rows if row.made_at), default=None),
    )


def _all_since(times: Sequence[datetime | None]) -> datetime | None:
    known = [at for at in times if at]
    return max(known) if len(known) == len(times) else None


def _tallies(rows: Iterable[Seen]) -> dict[str, Tally] | None:
    """Of all of them, by type; None where those of one are not kept."""
    found: dict[str, Tally] = {}
    for row in rows:
        if row.names.keys() != row.tallies.keys():
            return None
        for type, by_name in row.tallies.items():
            for tally in by_name.values():
                found[type] = found.get(type, Tally()).plus(tally)
    return found


def _place(place: Place, account: str, sweep: Sweep | None) -> KnownPlace:
    if sweep is None:
        return KnownPlace(place=place, account=account)
    ages = [sweep.read_at.get(type) for type in sweep.unread]
    since = None if None in ages else min((at for at in ages if at), default=None)
    return KnownPlace(
        place=place,
        account=account,
        swept_at=sweep.at,
        unread=sweep.unread,
        reason=sweep.reason,
        since=since,
        closed=sweep.at not in sweep.read_at.values(),
    )


def _last_seen(row: Seen, sweep: Sweep | None) -> datetime:
    """A row is not written again while nothing changes: what was there at the last reading was seen then."""
    ages = [sweep.read_at[type] for type in row.types if type in sweep.read_at] if sweep else []
    return max([row.seen_at, *ages])


def _last_read(row: Seen, sweep: Sweep | None) -> datetime:
    """The oldest reading of any of its types; when the row was written, where none is known."""
    return min([sweep.read_at.get(type, row.seen_at) for type in row.names] if sweep else [row.seen_at])
