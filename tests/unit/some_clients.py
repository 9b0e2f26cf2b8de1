"""Some of what a tool may be built with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from fakes_trail import FakeTrail

from copilot.domain import AnswerTo, AsSwept, Decision, KnownEnvironment, Person, Preview, SpendBy, SpendSheet, Target
from copilot.ports import (
    Answers,
    Bills,
    Clock,
    Configured,
    Deployments,
    Facts,
    History,
    KnownReactions,
    Linter,
    Logs,
    Metrics,
    Notifier,
    Platform,
    Releases,
    Reports,
    Runbooks,
    Scheduler,
    Schedules,
    Trail,
    Watches,
)


class SomeClients:
    """Clients of which a fake has what its tools are to use. The rest is not there: to ask for it fails the test."""

    call_id: str
    platform: Platform
    bills: Bills
    configured: Configured
    notifier: Notifier
    dockerfile_linter: Linter
    logs: Logs
    metrics: Metrics
    deployments: Deployments
    releases: Releases
    scheduler: Scheduler
    schedules: Schedules
    runbooks: Runbooks
    reactions: KnownReactions
    facts: Facts
    effects: History
    person: Person
    answers: Answers
    reports: Reports
    trail: Trail = FakeTrail()
    watches: Watches
    asked_at: AnswerTo | None = None
    clock: Clock

    def recall(self) -> AsSwept | None:
        """Nothing was swept."""
        return None

    def known(self, environment: str) -> KnownEnvironment | None:
        """Nothing was swept."""
        return None

    def would_decide(
        self, tool: str, targets: Sequence[Target], *, irreversible: bool = False, owned: bool = False
    ) -> Decision | None:
        """No policy is asked."""
        return None

    def people(self) -> Mapping[str, str]:
        """Nobody in particular."""
        return {}

    def spend_sheet(self, since: datetime | None, until: datetime | None, by: SpendBy) -> SpendSheet:
        """Nothing was spent."""
        today = self.clock.now().date()
        return SpendSheet(since=today, until=today, time_zone="UTC", by=by, dollars=0, calls=0, lines=(), caps=())

    def frozen(self, preview: Preview) -> str:
        """Nothing is frozen."""
        return ""

    def no_alias(self, word: str, means: str) -> str:
        """Every word may stand for whatever is said."""
        return ""
