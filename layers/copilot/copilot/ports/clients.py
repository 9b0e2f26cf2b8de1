"""What a tool is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from copilot.domain import AnswerTo, AsSwept, Decision, KnownEnvironment, Person, Preview, SpendBy, SpendSheet, Target
from copilot.ports.clock import Clock
from copilot.ports.costs import Bills
from copilot.ports.deployments import Deployments
from copilot.ports.effects import History
from copilot.ports.facts import Facts
from copilot.ports.linter import Linter
from copilot.ports.logs import Logs
from copilot.ports.messages import Notifier
from copilot.ports.metrics import Metrics
from copilot.ports.platform import Platform
from copilot.ports.reactions import KnownReactions
from copilot.ports.releases import Releases
from copilot.ports.reports import Answers, Reports
from copilot.ports.runbooks import Runbooks
from copilot.ports.schedules import Scheduler, Schedules
from copilot.ports.settings import Configured
from copilot.ports.trail import Trail
from copilot.ports.watches import Watches


class Clients(Protocol):
    """What a tool may be built with."""

    @property
    def call_id(self) -> str:
        """Unique to this call (run, step and item), and the same for its preview and for its every attempt."""

    @property
    def platform(self) -> Platform: ...
    def recall(self) -> AsSwept | None:
        """What there is as it was last swept; None where only a fresh read will do. Raises RetryableError.

        It is older than what the platform says, and nothing is changed by it.
        """

    def known(self, environment: str) -> KnownEnvironment | None:
        """What the sweeps have noted of an environment, however old that is; None where they have nothing.

        It may keep a call from being made, and never lets one be. Raises RetryableError.
        """

    def would_decide(
        self, tool: str, targets: Sequence[Target], *, irreversible: bool = False, owned: bool = False
    ) -> Decision | None:
        """What policy says at this moment of a call by the person on these targets; None where no policy is asked.

        `irreversible` where nothing could take it back, `owned` where code owns some of what it would change.
        """

    def frozen(self, preview: Preview) -> str:
        """What keeps the person at this moment from beginning what it shows, in words, frozen or off limits; "" where
        nothing does.
        """

    def no_alias(self, word: str, means: str) -> str:
        """Why the word may not stand for that here, in words; "" where it may. Raises RetryableError."""

    def people(self) -> Mapping[str, str]:
        """The names of those whom the configuration knows, by id; {} where that is not known."""

    def spend_sheet(self, since: datetime | None, until: datetime | None, by: SpendBy) -> SpendSheet:
        """What the copilot itself cost, as far as the person may see it: from the first of the month, or the day of
        `since`, to that before `until`; else today. Raises ToolInputError, RetryableError.
        """

    @property
    def facts(self) -> Facts: ...
    @property
    def bills(self) -> Bills: ...
    @property
    def configured(self) -> Configured: ...
    @property
    def notifier(self) -> Notifier: ...
    @property
    def dockerfile_linter(self) -> Linter: ...
    @property
    def logs(self) -> Logs: ...
    @property
    def metrics(self) -> Metrics: ...
    @property
    def deployments(self) -> Deployments: ...
    @property
    def releases(self) -> Releases: ...
    @property
    def scheduler(self) -> Scheduler: ...
    @property
    def schedules(self) -> Schedules: ...
    @property
    def runbooks(self) -> Runbooks: ...
    @property
    def reactions(self) -> KnownReactions: ...
    @property
    def watches(self) -> Watches: ...
    @property
    def asked_at(self) -> AnswerTo | None:
        """Where the call was asked for; None where whoever asked comes for the answer."""

    @property
    def effects(self) -> History: ...
    @property
    def person(self) -> Person:
        """On whose behalf the call is made."""

    @property
    def answers(self) -> Answers: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def trail(self) -> Trail: ...
    @property
    def clock(self) -> Clock: ...
