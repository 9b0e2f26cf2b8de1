"""Which stage of which service takes longer than before. Pure: deployments in, findings out.

Each service is compared with itself, stage by stage, over deployments that succeeded. What a stage took is measured
against the median of the weeks before in the same environment, so that deploying to a slow environment more often, or
for the first time, is no slowdown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from copilot.domain.deployments import Deployment
from copilot.tools.deployments.series import chance, median, percentile, rise

LEAST_NOW = 5
LEAST_BEFORE = 12
LEAST_USUAL = 5
"""So many of the weeks before say what is usual in an environment; one with fewer is not compared."""
LEAST_PERCENT = 20
LEAST_SECONDS = 5
HIGH = 90
CHANCE = 0.0001
WHOLE = "the whole"
REST = "the rest"
"""What a deployment took beside its stages; as good as a stage here."""


@dataclass(frozen=True)
class Sample:
    at: datetime
    environment: str
    seconds: float


@dataclass(frozen=True)
class Slowness:
    """A stage that takes longer. Medians in seconds: `before` of what the slow ones would have taken before, `now` of
    the slow ones of this week, `week` of all of this week's.

    `extra` is by how much they typically took longer, all of them together; `longer` by how much the slow deployments
    typically took longer from begin to end. `since` is when the first of them began, which may be before this week.
    """

    service: str
    stage: str
    environments: tuple[str, ...]
    before: float
    now: float
    week: float
    before_samples: int
    now_samples: int
    week_samples: int
    extra: float
    longer: float
    since: datetime

    @property
    def change(self) -> float:
        return self.now - self.before

    @property
    def share(self) -> float:
        """How much of that this stage explains, up to 1."""
        return min(1.0, self.change / self.longer) if self.longer > 0 else 1.0


@dataclass(frozen=True)
class Comparison:
    """Slower stages, the one that costs most first, the services compared, and those of which there is too little."""

    slower: tuple[Slowness, ...]
    compared: tuple[str, ...]
    too_few: tuple[str, ...]


def compare(deployments: Iterable[Deployment], turn: datetime) -> Comparison:
    """What takes longer in deployments that began at `turn` or later than in those before it."""
    samples: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    services: set[str] = set()
    for one in deployments:
        services.add(one.service)
        if one.outcome == "succeeded":
            for stage, seconds in _parts(one):
                samples[one.service, stage].append(Sample(one.started_at, one.environment, seconds))
    looked = {key: _Stage(*key, sorted(some, key=lambda each: each.at), turn) for key, some in samples.items()}
    enough = {key: stage for key, stage in looked.items() if stage.is_enough}
    slower = [
        replace(slow, longer=looked[service, WHOLE].typically_more(since=slow.since))
        for (service, stage), found in enough.items()
        if stage != WHOLE and (slow := found.slowness)
    ]
    compared = {service for service, _ in enough}
    return Comparison(
        slower=tuple(sorted(slower, key=lambda one: (-one.extra, one.service, one.stage))),
        compared=tuple(sorted(compared)),
        too_few=tuple(sorted(services - compared)),
    )


def _parts(deployment: Deployment) -> Iterable[tuple[str, float]]:
    yield from deployment.stages.items()
    yield WHOLE, deployment.seconds or 0
    yield REST, max(0.0, (deployment.seconds or 0) - sum(deployment.stages.values()))


class _Stage:
    """One stage of one service, then and now. It may have got slower in the middle of this week, or before it."""

    def __init__(self, service: str, stage: str, samples: Sequence[Sample], turn: datetime) -> None:
        self.name = (service, stage)
        usual: dict[str, list[float]] = defaultdict(list)
        for one in samples:
            if one.at < turn:
                usual[one.environment].append(one.seconds)
        self._usual = {name: median(some) for name, some in usual.items() if len(some) >= LEAST_USUAL}
        self._samples = [one for one in samples if one.environment in self._usual]
        self._now = [one for one in self._samples if one.at >= turn]
        self._before = [one for one in self._samples if one.at < turn]

    @property
    def is_enough(self) -> bool:
        return len(self._now) >= LEAST_NOW and len(self._before) >= LEAST_BEFORE

    @property
    def slowness(self) -> Slowness | None:
        """Where it got slower: by so much that it matters, and so often that it is no chance."""
        first = rise([self._more(one) for one in self._samples])
        if first is None:
            return None
        turn = len(self._before)
        if len(self._samples) - max(first, turn) < LEAST_NOW:
            return None
        slow = self._samples[max(first, turn) :]
        usual = self._samples[: first if LEAST_BEFORE <= first < turn else turn]
        before = median([self._usual[one.environment] for one in slow])
        now = median([one.seconds for one in slow])
        high = percentile([self._more(one) for one in usual], HIGH)
        above = sum(self._more(one) > high for one in slow)
        matters = now - before >= max(LEAST_SECONDS, before * LEAST_PERCENT / 100)
        if not matters or chance(above, len(slow), 1 - HIGH / 100) >= CHANCE:
            return None
        return Slowness(
            service=self.name[0],
            stage=self.name[1],
            environments=tuple(sorted({one.environment for one in slow if one.environment})),
            before=before,
            now=now,
            week=median([one.seconds for one in self._now]),
            before_samples=turn,
            now_samples=len(slow),
            week_samples=len(self._now),
            # One odd deployment does not move it.
            extra=median([self._more(one) for one in slow]) * len(slow),
            longer=0.0,
            since=self._samples[first].at,
        )

    def typically_more(self, since: datetime) -> float:
        """Of this week's since then."""
        return median([self._more(one) for one in self._now if one.at >= since])

    def _more(self, one: Sample) -> float:
        return one.seconds - self._usual[one.environment]
