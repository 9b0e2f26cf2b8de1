"""Whether a release is known to be good: completed, ran 30 minutes, and none of its alarms rang in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import AwareDatetime, Field

from copilot.domain import Frozen
from copilot.domain.deployments import Deployment, Stage
from copilot.errors import CopilotError
from copilot.ports import Clients
from copilot.text.durations import spoken
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.tools.by_hand import Named, by_place
from copilot.tools.deployments.finding import Reported, Serving, serving

RAN = timedelta(minutes=30)
"""So long a release has to run, without an alarm, to be a good one."""
ALARMS_KEPT = timedelta(days=30)
"""So long CloudWatch keeps the history of alarms (User Guide, "Using Amazon CloudWatch alarms")."""
LOOKED_AT = 10
BEFORE_ROLLING_OUT: frozenset[Stage] = frozenset({"queue", "build", "push"})


class AlarmHistory(Frozen):
    since: AwareDatetime = Field(description="from when on")
    until: AwareDatetime = Field(description="until when")
    alarms: tuple[Named, ...] = Field(description="the alarms on the service")


class Judged(NamedTuple):
    """`why_not` is why it is not known to be good, "" where it is; `watching` counts the alarms on it."""

    ran: timedelta
    watching: int
    why_not: str = ""
    alarms: AlarmHistory | None = None

    @property
    def quiet(self) -> str:
        """That none of its alarms rang, of one that is known to be good."""
        if not self.watching:
            return "no alarm watches it"
        none = "its alarm did not ring" if self.watching == 1 else f"none of its {self.watching} alarms rang"
        return f"{none} in the first 30 minutes"


class Judging:
    """Of one service's deployments. What cannot be known of one makes it none that is known to be good."""

    def __init__(self, clients: Clients, service: str, environment: str, found: Reported, now: datetime) -> None:
        self._found, self._now = found, now
        self._alarms = _Alarms(clients, service, environment)

    def judged(self, one: Deployment) -> Judged:
        """One that was completed."""
        done = one.ended_at or one.started_at
        following = _following(one, self._found)
        ended = min((_rolled_out(other) for other in following), default=self._now)
        ran = max(ended - done, timedelta())
        if ran < RAN:
            then = "the next one came" if following and ended < self._now else "it has run no longer yet"
            return Judged(ran, 0, f"ran {spoken(ran.total_seconds())} only: {then}")
        if self._now - done > ALARMS_KEPT:
            return Judged(ran, 0, f"whether an alarm rang is not known: history is kept {ALARMS_KEPT.days} days")
        return self._alarms.judged(ran, done)


class _Alarms:
    """Those of a service, wherever it runs: found when first needed, since what never ran long enough needs none."""

    def __init__(self, clients: Clients, service: str, environment: str) -> None:
        self._clients, self._service, self._environment = clients, service, environment
        self._serving: Serving | None = None

    def judged(self, ran: timedelta, done: datetime) -> Judged:
        try:
            if self._serving is None:
                self._serving = serving(self._clients.platform, self._service, self._environment)
            if not self._serving.resources:
                return Judged(ran, 0, "whether an alarm rang is not known: no such service was found on a platform")
            found = [self._clients.releases.rang(one, done, done + RAN) for one in self._serving.resources]
        except CopilotError as error:
            return Judged(ran, 0, f"whether an alarm rang is not known: {error.told}")
        watching = sum(len(one.watching) for one in found)
        if rang := sorted({quoted(name) for one in found for name in one.rang}):
            return Judged(ran, watching, f"in its first 30 minutes rang {listed(rang)}")
        unknown = next((one.unknown for one in found if one.unknown), "")
        if unknown:
            return Judged(ran, watching, f"whether an alarm rang is not known: {unknown}")
        on = by_place(
            (at.account, at.region, name)
            for at, one in zip(self._serving.resources, found, strict=True)
            for name in one.watching
        )
        alarms = tuple(Named(account=at.account, region=at.region, names=tuple(names)) for at, names in on.items())
        return Judged(ran, watching, alarms=AlarmHistory(since=done, until=done + RAN, alarms=alarms))


def _following(one: Deployment, found: Reported) -> Sequence[Deployment]:
    """Those that began later, and got as far as changing what runs."""
    return [
        other
        for other in (*found.deployments, *found.rollbacks)
        if other.started_at > one.started_at
        and not (other.outcome in {"failed", "cancelled"} and other.reached in BEFORE_ROLLING_OUT)
    ]


def _rolled_out(one: Deployment) -> datetime:
    """When it began to change what runs, as far as was told."""
    return min((fact.at for fact in one.facts if fact.stage == "deploy"), default=one.started_at)
