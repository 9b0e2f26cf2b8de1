"""PagerDuty by its Events API v2.

https://developer.pagerduty.com/docs/send-alert-event (the bounds; the same `dedup_key` is the same alert as long as it
is open, and a `resolve` of one that is not is dropped) and https://developer.pagerduty.com/docs/events-api-v2-overview
(202 is accepted, 429 and 5xx are to be sent again); both read in November 2026.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from copilot.adapters.pagers.posting import Post, hand
from copilot.config.destinations import PagerDuty
from copilot.domain import Escalation
from copilot.errors import FatalError
from copilot.text.listing import shortened

KEY, SUMMARY, DEDUP_KEY, LARGEST = 32, 1024, 255, 512 * 1024
"""In characters, the last in bytes."""


@dataclass(frozen=True)
class PagerDutyEvents:
    """An integration of a service; `key` reads its key."""

    settings: PagerDuty
    key: Callable[[], str]
    post: Post

    def open(self, escalation: Escalation) -> str:
        told = {
            "summary": shortened(escalation.summary, SUMMARY),
            "source": "devops-copilot",
            "severity": self.settings.severity,
            "custom_details": {"what": escalation.text, **escalation.details},
        }
        return self._send("trigger", escalation.key, {"client": "DevOps Copilot", "payload": told})

    def resolve(self, outcome: Escalation) -> str:
        """Who decided stands in its log: an event that resolves changes no alert's text."""
        told = {"summary": shortened(outcome.summary, SUMMARY), "source": "devops-copilot", "severity": "info"}
        return self._send("resolve", outcome.key, {"payload": told})

    def _send(self, action: Literal["trigger", "resolve"], key: str, more: Mapping[str, Any]) -> str:
        event = {"event_action": action, "dedup_key": key[:DEDUP_KEY], **more}
        routing_key = self.key()
        if len(routing_key) != KEY:
            raise FatalError(
                f"the key for PagerDuty is not one of an Events API v2 integration: those have {KEY} characters",
                ours=True,
            )
        sent = json.dumps(event, ensure_ascii=False)
        if len(json.dumps(event).encode()) + KEY + 20 > LARGEST:
            raise FatalError(f"PagerDuty takes no event of more than {LARGEST:,} bytes", ours=True)
        hand(
            "PagerDuty",
            f"{self.settings.endpoint.rstrip('/')}/v2/enqueue",
            {"routing_key": routing_key, **event},
            {},
            self.post,
        )
        return sent
