"""The door that the web hooks of code hosts come through. It verifies them, hands them on unread and acknowledges.

What came is in the queue before it is answered: neither host sends again by itself what was not taken. GitHub waits ten
seconds. A delivery's id is signed by neither, so that one which comes again is known by the digest of its body.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from copilot.edges.doors import Letter, Mail, Refused, Response, answer, raw_of
from copilot.edges.hooks.signatures import is_of_github, is_of_gitlab
from copilot.edges.signing_secret import SigningSecret
from copilot.errors import CopilotError

LARGEST = 500_000
"""In bytes, of what is handed on: as it stands in the queue it may be twice that, and a message has room for 1 MiB."""
MEASURED = 6_000_000
"""In bytes, of what is looked at at all: Lambda takes no larger request."""
GITHUB = frozenset({"workflow_run", "workflow_job", "deployment", "deployment_status", "issue_comment"})
GITLAB = frozenset({"Pipeline Hook", "Job Hook", "Deployment Hook", "Note Hook"})
"""The events that say something to us, by the header that names them. GitLab says less of notes that are not for all to
read, and those are none (Confidential Note Hook).
"""


class IsOf(Protocol):
    def __call__(self, secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool: ...


_HOSTS: Mapping[str, tuple[IsOf, str, frozenset[str]]] = {
    "github": (is_of_github, "x-github-event", GITHUB),
    "gitlab": (is_of_gitlab, "x-gitlab-event", GITLAB),
}


class HookDoor:
    """`secrets` are those of the hosts that are let in, by name; `now` is in seconds since 1970; `note` takes a few
    words of ours for the log, and what is counted.
    """

    def __init__(
        self,
        secrets: Mapping[str, SigningSecret],
        post: Mail,
        now: Callable[[], float],
        note: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._secrets, self._post, self._now, self._note = secrets, post, now, note

    def __call__(self, event: Mapping[str, Any]) -> Response:
        """The answer to a request as API Gateway hands it over (payload format 2.0). Never raises: what is raised
        may repeat what came, and would stand in the log.
        """
        try:
            status, happened = self._let_in(event)
        except Refused as refused:
            status, happened = refused.status, str(refused)
        except CopilotError as error:  # its words may be AWS's about what came
            status, happened = 503, type(error).__name__
        except Exception as error:
            status, happened = 500, type(error).__name__
        self._note({"route": _host(event) or "none", "status": status, "happened": happened})
        return answer(status) | ({"body": happened} if 400 <= status < 500 else {})

    def _let_in(self, event: Mapping[str, Any]) -> tuple[int, str]:
        """The visible order: measure, verify, drop what is not for us, hand on, acknowledge. Raises Refused,
        CopilotError.
        """
        host = _host(event)
        if host is None or host not in self._secrets:
            raise Refused(404, "There is nothing here.")
        is_of, names_event, known = _HOSTS[host]
        headers: Mapping[str, str] = event.get("headers") or {}
        raw = raw_of(event, MEASURED)
        self._verify(self._secrets[host], is_of, headers, raw)
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refused(415, "It is no JSON. Set the web hook's content type to application/json.")
        name = headers.get(names_event, "")
        if name not in known:
            return 200, "of no interest"
        if len(raw) > LARGEST:
            raise Refused(413, "It is too large.")
        try:
            text = raw.decode()
            payload = json.loads(text)
        except (ValueError, RecursionError):
            raise Refused(400, "It is no JSON.") from None
        if not isinstance(payload, dict):
            raise Refused(400, "It is no JSON object.")
        digest = hashlib.sha256(raw).hexdigest()
        received = datetime.fromtimestamp(self._now(), UTC).isoformat()
        kept = {"platform": host, "event": name, "body": text, "received_at": received}
        # One cannot hold up another: what they say has its own times, and is the same in any order.
        self._post(Letter(json.dumps(kept, ensure_ascii=False), digest, digest))
        return 200, "handed on"

    def _verify(self, secret: SigningSecret, is_of: IsOf, headers: Mapping[str, str], raw: bytes) -> None:
        if is_of(secret.now(), headers, raw, self._now()):
            return
        another = secret.another()
        if another is None or not is_of(another, headers, raw, self._now()):
            raise Refused(401, "It is not signed, not with the secret of this web hook, or its time is off.")


def _host(event: Mapping[str, Any]) -> str | None:
    before, _, name = str(event.get("routeKey", "")).rpartition("/")
    return name if before == "POST /v1/hooks" and name in _HOSTS else None
