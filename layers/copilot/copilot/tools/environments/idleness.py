"""The rule by which an environment is idle. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from copilot.domain import Activity, Resource
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.tools.environments.inventory import uncovered

FIRST_FIGURE = timedelta(hours=1, minutes=5)
"""How long after the beginning of a period its first hourly figure may be."""


class Idleness(NamedTuple):
    idle: bool
    reason: str


def is_used(unit: str, maximum: float, cpu_below: float) -> bool:
    """Whether the most a resource did says that it was used: more CPU than that, or any database connection."""
    return maximum > (cpu_below if unit == "Percent" else 0)


def judge(
    resources: Sequence[Resource], activity: Mapping[str, Activity], since: datetime, hours: int, cpu_below: float
) -> Idleness:
    """Idle: running, and in these hours since then nothing exceeded `cpu_below` percent CPU and no database had a
    connection.

    What is stopped has no say, nor has a member: its group or cluster is measured as a whole. What runs and has no
    figures, or none of the first of these hours, leaves it open, and open is not idle.
    """
    up = [resource for resource in uncovered(resources) if not resource.is_down]
    if not up:
        return Idleness(False, "already stopped")
    if all(resource.held for resource in up):
        names = listed([quoted(resource.name) for resource in up])
        return Idleness(False, f"what still runs must be left alone: {names}")
    cpu: list[tuple[float, str]] = []
    connections: list[tuple[float, str]] = []
    unknown: list[str] = []
    for resource in up:
        seen = activity.get(resource.ref.id)
        if seen is None or seen.maximum is None:
            unknown.append(quoted(resource.name))
        else:
            (cpu if seen.unit == "Percent" else connections).append((seen.maximum, quoted(resource.name)))
    period = f"in the last {hours} h"
    busy = [f"{name} reached {value:.4g}% CPU" for value, name in cpu if is_used("Percent", value, cpu_below)]
    busy += [f"{name} had {value:.4g} connections" for value, name in connections if is_used("Count", value, cpu_below)]
    if busy:
        return Idleness(False, f"{listed(busy)} {period}")
    if unknown:
        return Idleness(False, f"cannot tell: no figures for {listed(unknown)} {period}")
    begun = [(activity[one.ref.id].since, one.name) for one in up]
    if late := [(at, name) for at, name in begun if at is not None and at > since + FIRST_FIGURE]:
        first = f"{max(late)[0].astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return Idleness(False, f"cannot tell yet: figures for {listed([name for _, name in late])} since {first} only")
    figures = [f"most CPU {value:.4g}% ({name})" for value, name in [max(cpu)]] if cpu else []
    figures += ["no database connection"] if connections else []
    return Idleness(True, f"{', '.join(figures)} {period}")
