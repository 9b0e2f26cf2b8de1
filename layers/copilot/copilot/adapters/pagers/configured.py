"""Whom the configuration names for escalations, each told by its way. What tells by one alone imports it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from copilot.adapters.destinations.web import post
from copilot.config.destinations import DestinationSettings
from copilot.domain import Escalation, Letter
from copilot.errors import NotFound
from copilot.ports import Destinations
from copilot.text.listing import shortened

if TYPE_CHECKING:
    from copilot.adapters.pagers.opsgenie import OpsgenieAlerts
    from copilot.adapters.pagers.pagerduty import PagerDutyEvents

LONGEST_SUBJECT, SECONDS = 200, 5


class ConfiguredPagers:
    """ports.Pagers. `key` reads a key by its ARN and what it is called. With `loopback` services on this machine are
    let through.
    """

    def __init__(
        self,
        settings: DestinationSettings,
        destinations: Callable[[], Destinations],
        key: Callable[[str, str], str],
        *,
        loopback: bool = False,
    ) -> None:
        self._settings, self._destinations, self._key = settings, destinations, key
        self._post = partial(post, loopback=loopback, seconds=SECONDS)

    def open(self, to: str, escalation: Escalation) -> str:
        self._check(to)
        if (pager := self._pager(to)) is not None:
            return pager.open(escalation)
        return self._write(to, escalation, "approval.unanswered")

    def resolve(self, to: str, outcome: Escalation) -> str:
        self._check(to)
        if (pager := self._pager(to)) is not None:
            return pager.resolve(outcome)
        return self._write(to, outcome, "approval.decided")

    def _check(self, to: str) -> None:
        if to not in self._settings.escalated_to:
            raise NotFound(f"{to} is none of the `destinations` of the configuration any more", ours=True)

    def _pager(self, to: str) -> PagerDutyEvents | OpsgenieAlerts | None:
        way, _, name = to.partition(":")
        if way == "pagerduty":
            from copilot.adapters.pagers.pagerduty import PagerDutyEvents

            service = self._settings.pagerduty[name]
            return PagerDutyEvents(service, partial(self._key, service.key, f"the key for {to}"), self._post)
        if way == "opsgenie":
            from copilot.adapters.pagers.opsgenie import OpsgenieAlerts

            integration = self._settings.opsgenie[name]
            return OpsgenieAlerts(integration, partial(self._key, integration.key, f"the key for {to}"), self._post)
        return None

    def _write(self, to: str, told: Escalation, kind: str) -> str:
        subject = shortened(told.summary, LONGEST_SUBJECT)
        letter = Letter(subject=subject, text=told.text, kind=kind, data=dict(told.details))
        self._destinations().send(to, letter, f"{told.key}/{kind}")
        return json.dumps(letter.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
