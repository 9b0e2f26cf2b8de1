"""An event as EventBridge delivers it, and what of it is known to be so.

Account and region are EventBridge's own words, whoever sent the event; its resources are AWS's where its source begins
with `aws.`, which EventBridge lets nobody else claim (PutEvents, NotAuthorizedForSource). The rest is what others
wrote: names that people chose, reasons, whatever an application says. An event that comes by a rule of the user's own
may have been made up whole by that rule, by its input or transformer: nothing in it is known to be so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from copilot.domain.frozen import Frozen

AWS = "aws."
PATH = re.compile(r"[a-zA-Z][\w:/-]*(?:\[\d{1,3}\]|\.[\w:/-]+)*")
"""Where in an event something stands: `detail.alarmName`, `resources[0]`, `detail.build-status`."""
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PARTS = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
ENVELOPE = ("account", "region")
NOTIFICATION = "Notification"
"""The type of an event that a topic of SNS delivers."""


class Event(Frozen):
    """`ours` is whether it came by a rule of this installation's own, which hands on what EventBridge says."""

    id: str
    source: str
    type: str
    account: str
    region: str
    at: datetime
    resources: tuple[str, ...] = ()
    detail: dict[str, JsonValue] = {}
    ours: bool = True

    @property
    def from_aws(self) -> bool:
        return self.ours and self.source.startswith(AWS)

    @property
    def as_pattern_sees_it(self) -> dict[str, JsonValue]:
        """By the names that event patterns have."""
        return {
            "id": self.id,
            "source": self.source,
            "detail-type": self.type,
            "account": self.account,
            "region": self.region,
            "time": self.at.isoformat(),
            "resources": list(self.resources),
            "detail": self.detail,
        }

    def value_at(self, path: str) -> JsonValue:
        """What stands there; None where nothing does."""
        found: JsonValue = self.as_pattern_sees_it
        for index, name in _PARTS.findall(path):
            if name and isinstance(found, dict):
                found = found.get(name)
            elif index and isinstance(found, list) and int(index) < len(found):
                found = found[int(index)]
            else:
                return None
        return found

    def is_known_at(self, path: str) -> bool:
        """Whether what stands there is what AWS itself says, and not somebody's own words."""
        if path in ENVELOPE:
            return self.ours
        return self.from_aws and re.fullmatch(r"resources\[\d+\]", path) is not None


def event_of(body: Mapping[str, Any], *, ours: bool, account: str = "", region: str = "") -> Event:
    """Of what a queue was handed by EventBridge, or by a topic of SNS. `account` and `region` are those of a queue into
    which a user's own rule put it, and stand for what the event says of that itself.

    Raises KeyError, TypeError or ValueError (a ValidationError among them) for what is neither.
    """
    if not ours and body.get("Type") == NOTIFICATION and "TopicArn" in body:
        detail = {name.lower(): body[name] for name in ("Subject", "Message") if isinstance(body.get(name), str)}
        given = {"id": body["MessageId"], "source": "sns", "type": NOTIFICATION, "at": body["Timestamp"]}
        given |= {"resources": [body["TopicArn"]], "detail": detail}
    else:
        given = {"id": body["id"], "source": body["source"], "type": body["detail-type"], "at": body["time"]}
        given |= {"resources": body.get("resources") or [], "detail": body.get("detail") or {}}
    place = {"account": body["account"], "region": body["region"]} if ours else {"account": account, "region": region}
    return Event.model_validate({**given, **place, "ours": ours})
