"""Destinations outside the chat, each by a name: nothing is ever sent to an address that does not stand here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from copilot.config.names import about_region
from copilot.config.places import LOOPBACK, Endpoint, KeyArn
from copilot.domain import Frozen, Way

MAIL_ADDRESS = r"^[A-Za-z0-9][A-Za-z0-9_%+-]*(\.[A-Za-z0-9_%+-]+)*@[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)+$"
MailAddress = Annotated[str, StringConstraints(pattern=MAIL_ADDRESS, max_length=254)]
DestinationName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
TopicArn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$")
]
Holds = Literal["channel", "named", "shared"]
"""What may be sent there without an approval, as policy says it of channels: what any channel may hold; what one may
that was named for it; of what was found out, nothing.
"""


def _hook(url: str) -> str:
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("an address holds no user and no password: what is sent is signed with `secret`")
    if not parts.hostname or not _has_port(parts) or not (url.isascii() and url.isprintable()):
        raise ValueError("it is an address like https://host/path or https://host:8443/path, of plain letters alone")
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ValueError("http:// would send everything in clear: use https://, or http:// to this machine alone")
    return url


def _has_port(parts: SplitResult) -> bool:
    """That it says, or none."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def _region(name: str) -> str:
    if problem := about_region(name):
        raise ValueError(problem)
    return name


HookUrl = Annotated[
    str, StringConstraints(pattern=r"^https?://[^\s/?#\\]+(/[^\s#\\]*)?$", max_length=500), AfterValidator(_hook)
]


class _Held(Frozen):
    holds: Holds = Field(
        default="shared",
        description="what may be sent there without an approval: what a `channel` may hold, what one may that was "
        "`named` for it (status and cost), or, as `shared`, nothing of what was found out",
    )


class MailList(_Held):
    """Who is written to under one name."""

    to: Annotated[tuple[MailAddress, ...], Field(min_length=1, max_length=50)] = Field(
        description="their addresses; each sees the others"
    )


class MailSettings(Frozen):
    """What is sent by mail, through Amazon SES."""

    sender: MailAddress = Field(description="whom mail is from: verified in SES, or of a domain that is")
    region: Annotated[str, AfterValidator(_region)] = Field(description="where SES has verified it")
    owner: MailAddress = Field(
        description="a mailbox that somebody reads: answers go there, and who wants no more of what a schedule sends"
    )
    lists: Annotated[dict[DestinationName, MailList], Field(min_length=1, max_length=100)] = Field(
        description="who may be written to, by names of yours: mail:NAME"
    )


class Topic(_Held):
    """A topic of SNS."""

    arn: TopicArn = Field(description="its ARN")

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]


class Webhook(_Held):
    """Who takes web hooks that are signed by the Standard Webhooks scheme."""

    url: HookUrl = Field(description="where they are posted to")
    secret: KeyArn = Field(
        description="where the secret is kept that signs them (whsec_...): ARN of a secret or an SSM parameter"
    )


class PagerDuty(_Held):
    """A service of PagerDuty, by an integration of its Events API v2."""

    key: KeyArn = Field(
        description="where its integration key is kept (32 characters): ARN of a secret or an SSM parameter"
    )
    endpoint: Endpoint = Field(
        default="https://events.pagerduty.com",
        description="base URL; https://events.eu.pagerduty.com for the service region Europe",
    )
    severity: Literal["critical", "error", "warning", "info"] = Field(
        default="error", description="of what is opened there; the service makes its urgency of that"
    )


class Opsgenie(_Held):
    """An API integration of Opsgenie, which ends on 5 April 2027, or of Jira Service Management: it takes the same."""

    key: KeyArn = Field(description="where its API key is kept: ARN of a secret or an SSM parameter")
    endpoint: Endpoint = Field(
        default="https://api.opsgenie.com",
        description="base URL; https://api.eu.opsgenie.com in Europe, https://api.atlassian.com/jsm/ops/integration of "
        "Jira Service Management",
    )
    priority: Literal["P1", "P2", "P3", "P4", "P5"] = Field(default="P2", description="of what is opened there")


class DestinationSettings(Frozen):
    """Whom messages and reports may be sent to outside the chat, each under a name of yours."""

    mail: MailSettings | None = Field(default=None, description="by mail")
    sns: Annotated[dict[DestinationName, Topic], Field(max_length=100)] = Field(
        default={}, description="topics of SNS: sns:NAME"
    )
    webhook: Annotated[dict[DestinationName, Webhook], Field(max_length=100)] = Field(
        default={}, description="web hooks: webhook:NAME"
    )
    pagerduty: Annotated[dict[DestinationName, PagerDuty], Field(max_length=20)] = Field(
        default={}, description="for `escalate_to` alone, services of PagerDuty: pagerduty:NAME"
    )
    opsgenie: Annotated[dict[DestinationName, Opsgenie], Field(max_length=20)] = Field(
        default={}, description="for `escalate_to` alone, Opsgenie or Jira Service Management: opsgenie:NAME"
    )

    @property
    def names(self) -> tuple[str, ...]:
        """As requests and plans write them."""
        return tuple(f"{way}:{name}" for way, name, _ in self._all())

    @property
    def escalated_to(self) -> tuple[str, ...]:
        """Whom an approval may be told to: those, and what pages, which takes no other messages."""
        return (*self.names, *self._pagers())

    def holds(self, destination: str) -> Holds:
        """What may be sent there without an approval; of one that is not named, nothing."""
        of_pagers = (one.holds for name, one in self._pagers().items() if name == destination)
        held = (one.holds for way, name, one in self._all() if f"{way}:{name}" == destination)
        return next(held, next(of_pagers, "shared"))

    def _all(self) -> Iterator[tuple[Way, str, MailList | Topic | Webhook]]:
        yield from (("mail", name, one) for name, one in (self.mail.lists if self.mail else {}).items())
        yield from (("sns", name, one) for name, one in self.sns.items())
        yield from (("webhook", name, one) for name, one in self.webhook.items())

    def _pagers(self) -> dict[str, PagerDuty | Opsgenie]:
        ours = {f"pagerduty:{name}": one for name, one in self.pagerduty.items()}
        return {**ours, **{f"opsgenie:{name}": one for name, one in self.opsgenie.items()}}
