"""How many hours an environment ran, and how many of them idle. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from copilot.domain import Hourly, Resource
from copilot.tools.environments.idleness import is_used


class Hours(NamedTuple):
    """For each hour of the period whether the environment ran, and whether it was idle.

    `idle_by_resource` counts, by ref.id, the hours in which a resource ran and its environment was idle.
    """

    ran: tuple[bool, ...]
    idle: tuple[bool, ...]
    idle_by_resource: Mapping[str, int]


def hours_of(resources: Sequence[Resource], hourly: Mapping[str, Hourly], hours: int, cpu_below: float) -> Hours:
    """The hours of one environment.

    A resource ran in an hour in which it has figures; an environment, in which one of its resources ran. It was idle in
    an hour by the rule of `idleness.judge`: of what ran nothing was used, and not all of it must be left alone.
    """
    known = [(resource, hourly[resource.ref.id]) for resource in resources if resource.ref.id in hourly]
    ran, idle = [], []
    idle_by_resource = {resource.ref.id: 0 for resource, _ in known}
    for hour in range(hours):
        up = [
            (resource, figures.unit, most)
            for resource, figures in known
            for most in [figures.maxima[hour]]
            if most is not None
        ]
        used = any(is_used(unit, most, cpu_below) for _, unit, most in up)
        ran.append(bool(up))
        idle.append(bool(up) and not used and not all(resource.held for resource, _, _ in up))
        if idle[-1]:
            for resource, _, _ in up:
                idle_by_resource[resource.ref.id] += 1
    return Hours(tuple(ran), tuple(idle), idle_by_resource)
