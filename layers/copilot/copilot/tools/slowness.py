"""Which stage of which service takes longer than before. Pure: deployments in, findings out.

Each service is compared with itself, stage by stage, over deployments that succeeded. What a stage took is measured
against the median of the weeks before in the same environment, so that deploying to a slow environment more often is no
slowdown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from copilot.deployments import Deployment
from copilot.tools.figures import chance, median, percentile, rise

LEAST_NOW = 5
LEAST_BEFORE = 12
LEAST_PERCENT = 10
LEAST_SECONDS = 5
UPPER = 75
CHANCE = 0.001
REST = "the rest"
"""What a deployment took beside its stages; as good as a stage here."""


@dataclass(frozen=True)
class Sample:
    at: datetime
    environment: str
    seconds: float


@dataclass(frozen=True)
class Slowness:
    """A stage that takes longer. Medians in seconds.

    `extra` is by how much a deployment typically took longer, for all of this week's; `share` is its part in what all
    stages of all services took longer so. `since` is when the first of the slower deployments began.
    """

    service: str
    stage: str
    environments: tuple[str, ...]
    before: float
    now: float
    before_samples: int
    now_samples: int
    extra: float
    share: float
    since: datetime | None

    @property
    def change(self) -> float:
        return self.now - self.before


@dataclass(frozen=True)
class Comparison:
    """Slower stages, the one that costs most first, and the services compared and not compared."""

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
    extra = sum(max(0.0, stage.extra) for stage in enough.values())
    slower = sorted((stage for stage in enough.values() if stage.is_slower), key=lambda one: (-one.extra, one.name))
    compared = {service for service, _ in enough}
    return Comparison(
        slower=tuple(stage.slowness(extra) for stage in slower),
        compared=tuple(sorted(compared)),
        too_few=tuple(sorted(services - compared)),
    )


def _parts(deployment: Deployment) -> Iterable[tuple[str, float]]:
    yield from deployment.stages.items()
    yield REST, max(0.0, (deployment.seconds or 0) - sum(deployment.stages.values()))


class _Stage:
    """One stage of one service, then and now."""

    def __init__(self, service: str, stage: str, samples: Sequence[Sample], turn: datetime) -> None:
        self.name = (service, stage)
        self._samples = samples
        self._now = [one for one in samples if one.at >= turn]
        self._before = [one for one in samples if one.at < turn]
        usual: dict[str, list[float]] = defaultdict(list)
        for one in self._before:
            usual[one.environment].append(one.seconds)
        self._usual = {name: median(some) for name, some in usual.items() if len(some) >= LEAST_NOW}
        self._anywhere = median([one.seconds for one in self._before]) if self._before else 0.0

    @property
    def is_enough(self) -> bool:
        return len(self._now) >= LEAST_NOW and len(self._before) >= LEAST_BEFORE

    @property
    def extra(self) -> float:
        """Typically: one odd deployment does not move it."""
        return median([self._more(one) for one in self._now]) * len(self._now)

    @property
    def before(self) -> float:
        """What this week's deployments would have taken before."""
        return median([self._expected(one) for one in self._now])

    @property
    def now(self) -> float:
        return median([one.seconds for one in self._now])

    @property
    def is_slower(self) -> bool:
        """Slower by so much that it matters, and so often that it is no chance."""
        change = self.now - self.before
        if change < LEAST_SECONDS or change < self.before * LEAST_PERCENT / 100:
            return False
        high = percentile([self._more(one) for one in self._before], UPPER)
        above = sum(self._more(one) > high for one in self._now)
        return chance(above, len(self._now), 1 - UPPER / 100) < CHANCE

    def slowness(self, extra: float) -> Slowness:
        start = rise([self._more(one) for one in self._samples])
        return Slowness(
            service=self.name[0],
            stage=self.name[1],
            environments=tuple(sorted({one.environment for one in self._now if one.environment})),
            before=self.before,
            now=self.now,
            before_samples=len(self._before),
            now_samples=len(self._now),
            extra=self.extra,
            share=self.extra / extra,
            since=None if start is None else self._samples[start].at,
        )

    def _expected(self, one: Sample) -> float:
        return self._usual.get(one.environment, self._anywhere)

    def _more(self, one: Sample) -> float:
        return one.seconds - self._expected(one)
