"""Random histories of deployments with one known cause, and what is true of them, computed without the product."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

STAGES = ("queue", "build", "push", "deploy", "health check")


@dataclass
class Made:
    id: str
    service: str
    environment: str
    start: datetime
    status: str
    stages: dict[str, float]

    @property
    def seconds(self) -> float:
        return sum(self.stages.values())

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)


@dataclass
class MadeHistory:
    """`slow` is (service, stage), None where nothing is; it is so since `since`."""

    now: datetime
    made: list[Made] = field(default_factory=list)
    slow: tuple[str, str] | None = None
    since: datetime | None = None

    def seconds(self, service: str, stage: str, *, this_week: bool) -> list[float]:
        """What the stage took, of those that succeeded."""
        turn = self.now - timedelta(days=7)
        return [
            one.stages[stage]
            for one in self.made
            if one.service == service and one.status == "succeeded" and (one.start >= turn) == this_week
        ]

    def medians(self, service: str, stage: str) -> tuple[float, float]:
        before, now = (self.seconds(service, stage, this_week=which) for which in (False, True))
        return statistics.median(before), statistics.median(now)

    def slow_seconds(self) -> list[float]:
        """What the slow stage took this week since it is slow."""
        assert self.slow and self.since
        turn = max(self.since, self.now - timedelta(days=7))
        some = [one for one in self.made if one.service == self.slow[0] and one.status == "succeeded"]
        return [one.stages[self.slow[1]] for one in some if one.start >= turn]

    def first_slow_day(self) -> str:
        assert self.slow and self.since
        slow = [o for o in self.made if o.service == self.slow[0] and o.status == "succeeded" and o.start >= self.since]
        return min(one.start for one in slow).date().isoformat()

    def ends(self, service: str | None = None) -> Counter[str]:
        return Counter(one.status for one in self.made if service in {None, one.service})


def random_history(random: Random, now: datetime, *, slow: bool = True, weeks: int = 5) -> MadeHistory:
    """Three to six services of one environment each, fourteen to thirty a week; one stage of one gets slower."""
    history = MadeHistory(now)
    services = ["svc-" + "".join(random.choices("abcdefghij", k=5)) for _ in range(random.randint(3, 6))]
    if slow:
        history.slow = (random.choice(services), random.choice(STAGES))
        # Somewhere in this week or the one before, so that most of the weeks before is as it was.
        history.since = now - timedelta(days=random.uniform(3.5, 10))
    times = random.uniform(1.8, 4)
    for service in services:
        usual = {stage: random.uniform(20, 300) for stage in STAGES}
        environment = random.choice(["production", "staging"])
        number = random.randint(22 if history.slow and service == history.slow[0] else 14, 30) * weeks
        for place in range(number):
            start = now - timedelta(days=0.1 + (7 * weeks - 0.2) * (place + random.random()) / number)
            stages = {stage: round(seconds * random.lognormvariate(0, 0.12), 3) for stage, seconds in usual.items()}
            if history.slow and history.since and service == history.slow[0] and start >= history.since:
                stages[history.slow[1]] = round(stages[history.slow[1]] * times, 3)
            status = random.choices(["succeeded", "failed", "cancelled"], [90, 7, 3])[0]
            if status != "succeeded":
                stages = {stage: stages[stage] for stage in STAGES[: random.randint(1, 5)]}
            if random.random() < 0.02:  # an odd one: a stage that takes far longer, once
                odd = random.choice(list(stages))
                stages[odd] = round(stages[odd] * 10, 3)
            history.made.append(Made(f"{service}-{place}", service, environment, start, status, stages))
    return history
