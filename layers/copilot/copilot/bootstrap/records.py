"""What a copilot keeps in its own table and bucket, for whoever may read it there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NoReturn

from copilot.adapters.system_clock import SystemClock
from copilot.domain import Permission, Retention, token_hash
from copilot.errors import FatalError, PermissionDenied
from copilot.ports import (
    AnsweredRuns,
    Answers,
    ChatLinks,
    Clock,
    Deliveries,
    Deployments,
    Facts,
    History,
    Inventory,
    JournalArchive,
    JournalRows,
    KeptOf,
    Learned,
    Notifier,
    Reactions,
    ReportLinks,
    Reports,
    Runbooks,
    Schedules,
    Spending,
    Watches,
)

LARGEST_PICTURE = 5_000_000
"""Bytes that are put into a chat; a larger one is opened by its link."""


@dataclass(frozen=True)
class Records:
    """One tenant's, each made when it is first asked for.

    `client` gives a boto3 client by its service, `links_base` the address of the HTTP API that opens reports.
    """

    tenant: str
    table: str
    bucket: str
    client: Callable[[str], Any]
    links_base: Callable[[], str]
    clock: Clock = field(default_factory=SystemClock)

    @cached_property
    def deployments(self) -> Deployments:
        from copilot.adapters.dynamodb.deployments import DynamoDeployments

        return DynamoDeployments(self.table, self.client("dynamodb"), self.tenant)

    @cached_property
    def answers(self) -> Answers:
        from copilot.adapters.dynamodb.answers import DynamoAnswers

        return DynamoAnswers(self.table, self.client("dynamodb"), self.tenant)

    @cached_property
    def effects(self) -> History:
        from copilot.adapters.dynamodb.effects import DynamoEffects

        return DynamoEffects(self.table, self.client("dynamodb"), self.tenant)

    @cached_property
    def inventory(self) -> Inventory:
        from copilot.adapters.dynamodb.inventory import DynamoInventory

        return DynamoInventory(self.table, self.bucket, self.client("dynamodb"), self.client("s3"), self.tenant)

    @cached_property
    def learned(self) -> Learned:
        from copilot.adapters.dynamodb.learned import DynamoLearned

        return DynamoLearned(self.table, self.client("dynamodb"), self.tenant)

    def spending(self, retention: Retention) -> Spending:
        from copilot.adapters.dynamodb.spending import DynamoSpending

        return DynamoSpending(
            self.table, self.client("dynamodb"), self.tenant, lambda: retention.run_until(self.clock.now())
        )

    @cached_property
    def report_links(self) -> ReportLinks:
        from copilot.adapters.dynamodb.report_links import DynamoReportLinks

        return DynamoReportLinks(self.table, self.client("dynamodb"), self.tenant)

    @cached_property
    def reactions(self) -> Reactions:
        from copilot.adapters.dynamodb.reactions import DynamoReactions

        return DynamoReactions(self.table, self.client("dynamodb"), self.tenant, self.clock)

    @cached_property
    def deliveries(self) -> Deliveries:
        from copilot.adapters.dynamodb.deliveries import DynamoDeliveries

        return DynamoDeliveries(self.table, self.client("dynamodb"), self.tenant, self.clock)

    @cached_property
    def kept_of(self) -> KeptOf:
        from copilot.adapters.dynamodb.kept import DynamoKeptOf

        return DynamoKeptOf(self.table, self.bucket, self.client("dynamodb"), self.client("s3"), self.tenant)

    @cached_property
    def journal_rows(self) -> JournalRows:
        from copilot.adapters.dynamodb.journal_rows import DynamoJournalRows

        return DynamoJournalRows(self.table, self.client("dynamodb"), self.tenant)

    def journal_archive(self, bucket: str) -> JournalArchive:
        from copilot.adapters.aws.journal_archive import S3JournalArchive

        return S3JournalArchive(bucket, self.client("s3"), self.tenant)

    @cached_property
    def chat_links(self) -> ChatLinks:
        from copilot.adapters.dynamodb.chat_links import DynamoChatLinks

        return DynamoChatLinks(self.table, self.client("dynamodb"), self.tenant)

    @property
    def sign(self) -> Callable[[str], str]:
        """Gives the address of a report's file by its key."""
        from copilot.adapters.aws.reports import signer

        return signer(self.bucket, self.client("s3"))

    def picture(self, url: str) -> tuple[str, bytes] | None:
        """The name and content of the picture that a short link leads to; None where it leads to none, or ended."""
        from copilot.adapters.aws.reports import fetcher

        link = self.report_links.find(token_hash(url.rpartition("/")[2]))
        if link is None or link.until <= self.clock.now() or not link.key.endswith(".png"):
            return None
        content = fetcher(self.bucket, self.client("s3"), LARGEST_PICTURE)(link.key)
        return None if content is None else (link.key.rpartition("/")[2], content)

    def reports(self, session: str) -> Reports:
        from copilot.adapters.aws.reports import S3Reports

        s3 = self.client("s3")
        return S3Reports(self.bucket, s3, self.clock, session, self.report_links, self.links_base())

    def outbox(
        self,
        client_for: Callable[[Sequence[Permission]], Any] | None = None,
        person: str | None = None,
        channels: Sequence[str] = (),
        people: Sequence[str] | None = None,
    ) -> Notifier:
        """With the records' own client, or one that is made for each message; the rest is as an Outbox has it."""
        from copilot.adapters.aws.outbox import Outbox

        own = client_for or (lambda permissions: self.client("s3"))
        return Outbox(self.bucket, own, self.clock, person, channels, people)

    def schedules(self, table_arn: str = "", write: Callable[[], Any] | None = None) -> Schedules:
        """`write` gives a DynamoDB client that may change them; without it they are to be read."""
        from copilot.adapters.dynamodb.schedules import DynamoSchedules

        return DynamoSchedules(self.table, table_arn, self.tenant, self.client("dynamodb"), write or only_read)

    def runbooks(self, table_arn: str = "", write: Callable[[], Any] | None = None) -> Runbooks:
        """The same for runbooks."""
        from copilot.adapters.dynamodb.runbooks import DynamoRunbooks

        return DynamoRunbooks(self.table, table_arn, self.tenant, self.client("dynamodb"), write or only_read)

    def facts(self, table_arn: str = "", write: Callable[[], Any] | None = None) -> Facts:
        """The same for facts."""
        from copilot.adapters.dynamodb.facts import DynamoFacts

        return DynamoFacts(self.table, table_arn, self.tenant, self.client("dynamodb"), write or only_read)

    def watches(self, table_arn: str = "", write: Callable[[], Any] | None = None) -> Watches:
        """The same for what is watched."""
        from copilot.adapters.dynamodb.watches import DynamoWatches

        return DynamoWatches(self.table, table_arn, self.tenant, self.client("dynamodb"), write or only_read)


class NoRecords:
    """Where no copilot's records are at hand: of its runs nothing is known, and the rest is for it alone."""

    effects = None

    @property
    def answers(self) -> Answers:
        return NoJournal()

    @property
    def deployments(self) -> Deployments:
        raise FatalError("deployments are kept by a deployed copilot only; ask it")

    def reports(self, session: str) -> Reports:
        raise FatalError("reports are kept by a deployed copilot only; nothing was made")

    def outbox(self, channels: Sequence[str] = (), people: Sequence[str] | None = None) -> Notifier:
        raise FatalError("messages are sent by a deployed copilot only; nothing was sent")


class NoJournal:
    """The journal of a copilot is its own: from outside it nothing is known of its runs."""

    def answered(self, day: date) -> AnsweredRuns:
        return AnsweredRuns([], complete=False)


def only_read() -> NoReturn:
    raise PermissionDenied("nothing was changed: this part of the copilot can only read")
