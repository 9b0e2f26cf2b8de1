"""Sweeps: what there is in a Place is read and noted, when its turn comes or after something was changed in it.

A Place is read by a Platform over just that account and region. Where the cloud is too busy to say what there is, the
Place is asked for again, later each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from copilot.config.configuration import Configuration
from copilot.domain import ResourceType, Run
from copilot.domain.inventory import Known, Place, Seen, Sweep, known_by_name, merged, seen_in
from copilot.errors import Conflict
from copilot.ports import Clock, Inventory, Platform, Purse, Store, Sweeps

TICK = timedelta(minutes=15)
"""How often it is looked at whose turn it is."""
IN_USE = timedelta(minutes=15)
IDLE = timedelta(hours=6)
"""How often a Place is swept: after somebody spoke, and else."""
SPOKEN_FOR = timedelta(hours=8)
"""How long somebody who spoke may be expected to speak again."""
SWEPT_WITHIN = timedelta(minutes=5)
"""How long sweeps that were asked for together may take: 400 of three seconds each, five at a time."""
ATTEMPTS = 5
"""At one sweep. AWS stops a function that has itself called by way of a queue more than 16 times over."""
FIRST_PAUSE = timedelta(seconds=30)
"""Before the second attempt; twice as long before each one after it."""
NOTED_AGAIN = 3
PRICE = 0.000031
"""US dollars that AWS bills for one: the function, its trace and log, the queue and the table (docs/operating.md)."""


def places_of(config: Configuration) -> dict[Place, str]:
    """Every Place there is to sweep, and what a person calls its account."""
    return {
        Place(account=account.id, region=region): f"{account.name} ({account.id})"
        for account in config.accounts
        for region in account.regions
    }


@dataclass(frozen=True)
class Publish:
    """What the rows say becomes what is known by name. `types` are those of the Platform."""

    inventory: Inventory
    config: Configuration
    types: Mapping[str, ResourceType]

    def __call__(self) -> None:
        with suppress(Conflict):  # the next one publishes this as well
            self.inventory.publish(self._known)

    def _known(self) -> Known:
        services = [name for name, type in self.types.items() if type.tier == "service"]
        return known_by_name(places_of(self.config), self.inventory.sweeps(), self.inventory.seen(), services)


@dataclass(frozen=True)
class SweepPlace:
    """`platform_of` gives a Platform over a configuration; `purse` is what sweeps are paid out of."""

    inventory: Inventory
    sweeps: Sweeps
    platform_of: Callable[[Configuration], Platform]
    publish: Publish
    config: Configuration
    clock: Clock
    purse: Purse

    def __call__(self, place: Place, asked_at: datetime, attempt: int = 1) -> Sweep | None:
        """Read what is there and note what is other than it was. Raises RetryableError; Capped, and what is known stays
        as old as it is.

        None where there is nothing to do: the Place is no longer configured, or was swept since this was asked for.
        """
        last = self.inventory.last(place)
        if place not in places_of(self.config) or (last is not None and last.at >= asked_at):
            return None
        self.purse.settle(self.purse.begin("sweeps", PRICE), PRICE)
        at = self.clock.now()
        platform = self.platform_of(_only(self.config, place))
        survey = platform.survey()
        unread = {type for part in survey.unreachable for type in part.types or platform.types}
        read_at = {type: at for type in platform.types if type not in unread}
        reason = "; ".join(dict.fromkeys(part.reason for part in survey.unreachable))
        sweep = Sweep(place=place, at=at, read_at=read_at, unread=tuple(sorted(unread)), reason=reason)
        if self._noted(sweep, {one.environment: one for one in seen_in(survey, place, at)}):
            self.publish()
        if attempt < ATTEMPTS and any(part.passing for part in survey.unreachable):
            self.sweeps.ask([place], attempt + 1, FIRST_PAUSE * 2 ** (attempt - 1))
        return sweep

    def _noted(self, sweep: Sweep, found: Mapping[str, Seen]) -> bool:
        """Note it; whether more than the age of what is known has changed by it."""
        for _ in range(NOTED_AGAIN):
            before = self.inventory.last(sweep.place)
            if before is not None and before.at >= sweep.at:
                return False
            kept = {one.environment: one for one in self.inventory.seen(sweep.place)}
            last = max(before.read_at.values(), default=None) if before else None
            after = {name: merged(kept.get(name), found.get(name), sweep.read_at, last) for name in {**kept, **found}}
            changed = [one for name, one in after.items() if one is not None and one is not kept.get(name)]
            gone = [kept[name] for name, one in after.items() if one is None]
            with suppress(Conflict):  # another sweep came between: what it noted is what this one is compared with
                self.inventory.note(sweep.after(before), before, changed, gone)
                return bool(changed or gone or before is None or before.unread != sweep.unread)
        return False


@dataclass(frozen=True)
class AskForSweeps:
    """Has those Places swept whose turn it is, and publishes how old the rest is; later, how new they are."""

    inventory: Inventory
    sweeps: Sweeps
    store: Store
    publish: Publish
    config: Configuration
    clock: Clock

    def __call__(self, *, soon: bool = False) -> list[Place]:
        """Those that were asked for; with `soon`, as often as after somebody spoke. Raises RetryableError."""
        now, places = self.clock.now(), places_of(self.config)
        last = {sweep.place: sweep.at for sweep in self.inventory.sweeps()}
        left = last.keys() - places.keys()
        for place in left:
            self.inventory.forget(place)
        if left or any(now - at <= 2 * TICK for at in last.values()):
            self.publish()
        every = IN_USE if soon or self.store.was_spoken_to(self.config.tenant, now - SPOKEN_FOR) else IDLE
        due = [place for place in places if _is_due(last.get(place), every, now)]
        self.sweeps.ask(due)
        if due:
            self.sweeps.ask_to_publish(SWEPT_WITHIN)
        return due


@dataclass(frozen=True)
class SweepAfter:
    """Has those Places swept in which a Run changed something, or may have."""

    store: Store
    sweeps: Sweeps
    config: Configuration

    def __call__(self, run: Run) -> list[Place]:
        """Those that were asked for. Raises RetryableError."""
        changes = [change for entry in self.store.effects(run.tenant, run.run_id) for change in entry.prior.changes]
        refs = [change.ref for change in changes if change.action != "skip"]
        touched = {Place(account=ref.account, region=ref.region) for ref in refs}
        found = [place for place in places_of(self.config) if place in touched]
        self.sweeps.ask(found)
        return found


def _is_due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    """Whether by the next look it would be later than half of one look's time."""
    return last is None or now - last > every - TICK / 2


def _only(config: Configuration, place: Place) -> Configuration:
    """The configuration of this Place alone."""
    (account,) = (account for account in config.accounts if account.id == place.account)
    return config.model_copy(update={"accounts": (account.model_copy(update={"regions": (place.region,)}),)})
