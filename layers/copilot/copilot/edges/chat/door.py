"""What the door of every chat platform does: let in, hand on unread, acknowledge; and never raise."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from copilot.edges.doors import Letter, Mail, Refused, Response, answer
from copilot.errors import CopilotError

PREFIX = "POST /v1/chat/"


class ChatDoor(ABC):
    """`now` is in seconds since 1970; `note` takes a few words of ours for the log, and what is counted.

    Platforms want their answer within seconds, so nothing is imported here that is not needed, and what a payload says
    is read behind the queue. It is answered only after what came is in the queue.
    """

    platform: ClassVar[str]

    def __init__(self, post: Mail, now: Callable[[], float], note: Callable[[Mapping[str, Any]], None]) -> None:
        self._post, self._now, self._note = post, now, note

    def __call__(self, event: Mapping[str, Any]) -> Response:
        """The answer to a request as API Gateway hands it over (payload format 2.0). Never raises: what is raised
        may repeat what came, and would stand in the log.
        """
        route = str(event.get("routeKey", "")).removeprefix(f"{PREFIX}{self.platform}/")
        try:
            answered, happened = self._let_in(route, event)
        except Refused as refused:
            answered, happened = self._refusal(refused), str(refused)
        except CopilotError as error:
            # Its words may be AWS's about what came.
            answered, happened = answer(503), type(error).__name__
        except Exception as error:
            answered, happened = answer(500), type(error).__name__
        status: int = answered["statusCode"]
        self._note({"route": self._known(route), "status": status, "happened": happened})
        return answered

    @abstractmethod
    def _let_in(self, route: str, event: Mapping[str, Any]) -> tuple[Response, str]:
        """The visible order: measure, verify, read what must be, hand on, acknowledge; and what happened, in words.

        Raises Refused, CopilotError.
        """

    @abstractmethod
    def _known(self, route: str) -> str:
        """What the log calls this route; "none" where there is no such."""

    def _refusal(self, refused: Refused) -> Response:
        headers = {"content-type": "text/plain; charset=utf-8"}
        return {"statusCode": refused.status, "headers": headers, "body": str(refused)}

    def _hand_on(self, route: str, content_type: str, raw: bytes, group: str) -> None:
        """What came, in order with what else is of this group, and once though it comes several times at once. Raises
        CopilotError.
        """
        kept = {"platform": self.platform, "route": route, "content_type": content_type, "body": raw.decode()}
        received = datetime.fromtimestamp(self._now(), UTC).isoformat()
        self._post(Letter(json.dumps(kept | {"received_at": received}), group, hashlib.sha256(raw).hexdigest()))


def as_json(body: Any) -> Response:
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
