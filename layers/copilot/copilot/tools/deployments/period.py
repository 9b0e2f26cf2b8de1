"""Which deployments a question is about: a period, a service."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from copilot.domain.deployments import Deployment, distinct
from copilot.errors import Ambiguous, ToolInputError
from copilot.ports import Deployments
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.tools.environments.names import nearest_names

WEEK = timedelta(days=7)
SERVICE = "else all"


def read(
    deployments: Deployments, since: datetime, until: datetime, said: str | None
) -> tuple[str | None, list[Deployment], list[Deployment], bool]:
    """The service that is meant, its deployments or all, its rollbacks, and whether these are all there are.

    Raises ToolInputError.
    """
    service = service_named(said, deployments.services(since)) if said else None
    history = deployments.between(since, until, service)
    rollbacks = [one for one in history.deployments if one.is_rollback]
    return service, distinct(history.deployments), rollbacks, history.complete


def service_named(said: str, known: Sequence[str]) -> str:
    """The one of these that is meant. Raises ToolInputError, Ambiguous."""
    readings: list[Callable[[str], str]] = [str, str.casefold, lambda name: re.sub(r"[\W_]+", "", name.casefold())]
    for reading in readings:
        found = [name for name in known if reading(name) == reading(said) != ""]
        if len(found) == 1:
            return found[0]
        if found:
            names = listed(list(map(quoted, found)))
            raise Ambiguous(f"{said!r} may be any of {names}; which one is meant?", found, ours=True)
    near = nearest_names(said, known)
    names = listed(list(map(quoted, near or known)))
    hint = f"; {'nearest:' if near else 'there are'} {names}" if names else ""
    raise ToolInputError(f"no deployment of a service {said!r} was reported in that time{hint}", near, ours=True)


def day_of(at: datetime) -> str:
    return f"{at:%A} {at.day} {at:%B}"


def days(since: datetime, until: datetime) -> str:
    return f"{since:%Y-%m-%d} to {until:%Y-%m-%d}"


def hours(since: datetime, until: datetime) -> str:
    return f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}"


NO_LACK = timedelta(days=1)
"""So long at the beginning of a period without a report is no lack of history yet."""


class Known(NamedTuple):
    """Of which part of the time asked for there are reports: from `since` on. `whole` says that it is all of it."""

    asked: datetime
    since: datetime
    until: datetime

    @property
    def whole(self) -> bool:
        return self.since == self.asked

    @property
    def weeks(self) -> float:
        return (self.until - self.since) / WEEK

    @property
    def words(self) -> str:
        days, asked = (-(-(self.until - first) // timedelta(days=1)) for first in (self.since, self.asked))
        return f"there are reports since {self.since:%Y-%m-%d} only, {days} of the {asked} days asked for"


def known_of(
    deployments: Deployments, found: Sequence[Deployment], since: datetime, until: datetime, service: str | None
) -> Known:
    first = min((one.started_at for one in found), default=since)
    if first - since >= NO_LACK:
        first = deployments.first(service) or since
    return Known(since, first if first - since >= NO_LACK else since, until)
