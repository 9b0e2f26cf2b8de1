"""Opsgenie by its Alert API, which Jira Service Management has taken over under another address: Opsgenie itself ends
on 5 April 2027.

https://docs.opsgenie.com/docs/alert-api (the bounds; what is taken is answered with 202, and done after that; there is
one open alert of an alias, and a second one is counted with it), https://docs.opsgenie.com/docs/response (the codes),
https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v1/api-group-integration-events (the same calls, with
the same header); all read in November 2026.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from copilot.adapters.pagers.posting import Post, hand
from copilot.config.destinations import Opsgenie
from copilot.domain import Escalation
from copilot.text.listing import shortened

MESSAGE, ALIAS, DESCRIPTION, NOTE, SOURCE, DETAILS = 130, 512, 15_000, 25_000, 100, 8000
"""In characters; of the details together, with their names."""
_SOURCE = {"source": "DevOps Copilot", "user": "DevOps Copilot"}


@dataclass(frozen=True)
class OpsgenieAlerts:
    """An API integration; `key` reads its key."""

    settings: Opsgenie
    key: Callable[[], str]
    post: Post

    def open(self, escalation: Escalation) -> str:
        alert = {
            "message": shortened(escalation.summary, MESSAGE),
            "alias": escalation.key[:ALIAS],
            "description": shortened(escalation.text, DESCRIPTION),
            "details": _bounded(escalation.details),
            "priority": self.settings.priority,
            **_SOURCE,
        }
        return self._send("/v2/alerts", alert)

    def resolve(self, outcome: Escalation) -> str:
        alias = quote(outcome.key[:ALIAS], safe="")
        told = {"note": shortened(outcome.text, NOTE), **_SOURCE}
        return self._send(f"/v2/alerts/{alias}/close?identifierType=alias", told)

    def _send(self, path: str, body: Mapping[str, Any]) -> str:
        headers = {"Authorization": f"GenieKey {self.key()}"}
        hand("Opsgenie", f"{self.settings.endpoint.rstrip('/')}{path}", body, headers, self.post)
        return f"POST {path}\n{json.dumps(body, ensure_ascii=False)}"


def _bounded(details: Mapping[str, str]) -> dict[str, str]:
    room, kept = DETAILS, dict[str, str]()
    for name, value in details.items():
        room -= len(name) + len(value)
        if room < 0:
            break
        kept[name] = value
    return kept
