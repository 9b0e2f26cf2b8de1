"""What it costs to keep an environment on, by estimate: the hours in which a schedule would have it off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from copilot.domain import Kind, ResourceRef, Schedule, is_chosen
from copilot.errors import CopilotError
from copilot.ports import Clients
from copilot.text.listing import count
from copilot.times.recurrence import next_times
from copilot.times.windows import holds
from copilot.tools.changes.estimating import NOT_KNOWN, Estimate
from copilot.tools.environments.inventory import members, uncovered
from copilot.tools.usage.prices import price_list

MOST_STOPS = 20
"""Of one schedule, within the longest time that anything is kept."""
NOTHING_ON = "Estimate: nothing of it is on, and to be kept starts nothing, so that it costs nothing more."


def estimate_of_keeping(clients: Clients, environment: ResourceRef, kind: Kind, until: datetime) -> Estimate:
    """What cannot be read has no estimate: it is no reason to fail."""
    prices = price_list()
    try:
        there = members(clients.platform.survey(environment.id), environment.id)
        on = [one for one in uncovered(there) if not one.is_down]
        sizes = clients.platform.sizes(on)
    except CopilotError:
        return Estimate(None, f"{NOT_KNOWN}, as sizes could not be read.")
    if not on:
        return Estimate(Decimal(0), NOTHING_ON)
    found = [price for size in sizes.values() if (price := prices.hour(size)) is not None]
    if not found:
        return Estimate(None, f"{NOT_KNOWN}: {count(len(on), 'resource')} without a known price.")
    hour, now = sum(found, Decimal(0)), clients.clock.now()
    without = count(len(on) - len(found), "resource")
    lacking = f", not counting {without} without a known price" if len(on) > len(found) else ""
    costs = f"Estimate: it costs about {hour:,.2f} {prices.currency} an hour by list prices of {prices.date}{lacking}."
    schedules = [one for one in clients.schedules.schedules() if not one.is_over(now)]
    off = _off([one for one in schedules if is_chosen(one, environment.id, kind) and not one.paused], now, until)
    if not off:
        whole = f"{hour * _hours(until - now):,.2f} {prices.currency}"
        unchanged = f"No schedule would stop it before then: being kept adds nothing to the {whole} it comes to."
        return Estimate(Decimal(0), f"{costs} {unchanged}")
    more = f"about {hour * _hours(off):,.2f} {prices.currency} more"
    return Estimate(-hour, f"{costs} For {_hours(off):.1f} hours a schedule would have it off: kept, it is {more}.")


def _off(schedules: Sequence[Schedule], now: datetime, until: datetime) -> timedelta:
    """How long of that time any of these would have it off."""
    found, last = timedelta(0), now
    for begin, end in sorted(span for one in schedules for span in _spans(one, now, until)):
        found += max(end - max(begin, last), timedelta(0))
        last = max(last, end)
    return found


def _spans(schedule: Schedule, now: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From each stop that is to come to the start after it. What was started by hand since a stop is stopped again only
    where that is enforced.
    """
    made = schedule.times
    stops = [at for at in next_times(made["stop"], now, MOST_STOPS) if at < until]
    if "again" in made and holds(made, now, schedule.created_at):
        stops = [now, *stops]
    for at in stops:
        starts = next_times(made["start"], at, 1) if "start" in made else []
        yield at, min([*starts, until])


def _hours(time: timedelta) -> Decimal:
    return Decimal(time / timedelta(hours=1))
