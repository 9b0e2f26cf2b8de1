"""Signed calls to the copilot's HTTP API."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError

from cli.api.connection import Connection
from cli.api.documents import StartedView, read
from cli.api.repeats import told
from cli.exits import CommandError, Denied, Refused, Unanswered, Unreachable
from cli.wording import line

if TYPE_CHECKING:
    from cli.api.views import ApprovalView, RunList

PAUSES = (0.3, 0.9)
"""Seconds before asking again what may be asked twice."""


class Client:
    """The routes of the API, one method each.

    Every method raises Refused for what the copilot will not do (4xx), Denied where policy does not let who asks, and
    Unreachable where it cannot be asked or fails (no connection, 5xx). What may be sent twice is sent up to three
    times; a decision is sent once.
    """

    def __init__(
        self,
        connection: Connection,
        timeout: float = 35,
        sleep: Callable[[float], None] = time.sleep,
        note: Callable[[str], None] = lambda text: print(f"Note: {line(text)}", file=sys.stderr),
    ) -> None:
        """`note` is told, once, what the copilot says besides what it was asked."""
        # An HTTP API answers within 30 s or not at all. A proxy named in the environment is never meant for loopback,
        # which speaks plain HTTP: reading the world's certificates takes as long as a request to it.
        elsewhere = not connection.is_laptop
        self._http = httpx.Client(timeout=timeout, trust_env=elsewhere, verify=elsewhere)
        self._connection = connection
        self._sleep = sleep
        self._note = note
        self._noted = set[str]()

    def start(self, body: dict[str, Any]) -> StartedView:
        """Start a run; `body` has a dedupe_key, so that a repeat is the same run."""
        return read(StartedView, self._repeatable("POST", "/v1/runs", body))

    def run(self, run_id: str, reasoning: bool = False, sent: bool = False, job: bool = False) -> dict[str, Any]:
        """The run as the copilot sends it, every field of it; with `reasoning` how its plan came to be as well, with
        `sent` what left for chats, with `job` what of it may stand where a pipeline's readers are.
        """
        more = (("reasoning", reasoning), ("sent", sent), ("job", job))
        asked = "&".join(f"{name}=1" for name, wanted in more if wanted)
        return self._repeatable("GET", f"/v1/runs/{quote(run_id, safe='')}{f'?{asked}' if asked else ''}")

    def runs(self, conversation: str | None) -> RunList:
        """The runs of a conversation of this person's, or of the one they speak in when they name none."""
        from cli.api.views import RunList

        named = f"?conversation={quote(conversation, safe='')}" if conversation else ""
        return read(RunList, self._repeatable("GET", f"/v1/runs{named}"))

    def all_runs(self) -> RunList:
        """The last runs of everybody."""
        from cli.api.views import RunList

        return read(RunList, self._repeatable("GET", "/v1/runs?all=1"))

    def cancel(self, run_id: str) -> None:
        self._repeatable("POST", f"/v1/runs/{quote(run_id, safe='')}/cancel", {})

    def resume(self, run_id: str) -> None:
        self._once("POST", f"/v1/runs/{quote(run_id, safe='')}/resume", {})

    def approvals(self, after: str | None = None) -> dict[str, Any]:
        """A page of the approvals that wait, as the copilot sends it; `after` is the `next` of the page before."""
        behind = f"?after={quote(after, safe='')}" if after else ""
        return self._repeatable("GET", f"/v1/approvals{behind}")

    def approval(self, approval_id: str) -> ApprovalView:
        from cli.api.views import ApprovalView

        return read(ApprovalView, self._repeatable("GET", f"/v1/approvals/{quote(approval_id, safe='')}"))

    def decide(self, approval_id: str, decision: str, reason: str, leave_out: Sequence[str] = ()) -> ApprovalView:
        from cli.api.views import ApprovalView

        body: dict[str, Any] = {"decision": decision} | ({"reason": reason} if reason else {})
        body |= {"leave_out": list(leave_out)} if leave_out else {}
        return read(ApprovalView, self._once("POST", f"/v1/approvals/{quote(approval_id, safe='')}", body))

    def home(self) -> dict[str, Any]:
        return self._repeatable("GET", "/v1/home")

    def freezes(self) -> dict[str, Any]:
        return self._repeatable("GET", "/v1/freezes")

    def freeze(self, scope: str, name: str, reason: str, *, unseen: bool = False) -> dict[str, Any]:
        asked = {"scope": scope, "name": name, "reason": reason} | ({"unseen": True} if unseen else {})
        return self._once("POST", "/v1/freezes", asked)

    def thaw(self, scope: str, name: str) -> dict[str, Any]:
        return self._once("POST", "/v1/freezes/thaw", {"scope": scope, "name": name})

    def test_reactions(self, event: Any, *, own: bool) -> dict[str, Any]:
        return self._repeatable("POST", "/v1/reactions/test", {"event": event, "own": own})

    def standing(self) -> dict[str, Any]:
        return self._repeatable("GET", "/v1/standing")

    def grant(self, of: str, most: int, days: int, reason: str) -> dict[str, Any]:
        """To a schedule by its id, or to reaction/NAME."""
        kind, _, name = of.rpartition("/")
        whose = {"reaction": name} if kind == "reaction" else {"schedule": of}
        body = {**whose, "most": most, "days": days, "reason": reason}
        return self._once("POST", "/v1/standing", body)

    def revoke(self, standing_id: str) -> dict[str, Any]:
        return self._once("POST", f"/v1/standing/{quote(standing_id, safe='')}/revoke", {})

    def links(self) -> dict[str, Any]:
        return self._repeatable("GET", "/v1/chat/links")

    def link(self, platform: str, *, another: bool = False) -> dict[str, Any]:
        return self._once("POST", "/v1/chat/links", {"platform": platform} | ({"another": True} if another else {}))

    def unlink(self, user: str) -> dict[str, Any]:
        return self._once("POST", "/v1/chat/links/unlink", {"user": user})

    def schedules(self) -> dict[str, Any]:
        return self._repeatable("GET", "/v1/schedules")

    def schedule(self, schedule_id: str) -> dict[str, Any]:
        return self._repeatable("GET", f"/v1/schedules/{quote(schedule_id, safe='')}")

    def run_schedule(self, schedule_id: str, action: str, dedupe_key: str) -> StartedView:
        """Have a schedule do what it does, at once; a repeat is the same run."""
        body = {"action": action, "dedupe_key": dedupe_key}
        return read(StartedView, self._repeatable("POST", f"/v1/schedules/{quote(schedule_id, safe='')}/run", body))

    def spend(self, by: str, since: str) -> dict[str, Any]:
        """What the copilot itself cost from that day on, else from the first of the month; split by what."""
        named = f"&since={quote(since, safe='')}" if since else ""
        return self._repeatable("GET", f"/v1/spend?by={quote(by, safe='')}{named}")

    def facts(self) -> dict[str, Any]:
        return self._repeatable("GET", "/v1/facts")

    def kept(self, whose: dict[str, str], after: str = "") -> dict[str, Any]:
        """A page of what is kept of a person or a conversation; `after` is the `next` of the page before."""
        asked = whose | ({"after": after} if after else {})
        named = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items())
        return self._repeatable("GET", f"/v1/kept{f'?{named}' if named else ''}")

    def delete_kept(self, whose: dict[str, str], *, confirmed: bool) -> dict[str, Any]:
        """Have some of it deleted, or only be told what it is. Asked again it goes on with what is there."""
        return self._repeatable("POST", "/v1/kept/delete", {**whose, "confirmed": confirmed})

    def journal(self, number: int) -> dict[str, Any]:
        """How some objects of the journal's archive are, from that number on."""
        return self._repeatable("GET", f"/v1/journal?number={number}")

    def runbooks(self) -> dict[str, Any]:
        return self._repeatable("GET", "/v1/runbooks")

    def runbook(self, name: str, version: int | None = None) -> dict[str, Any]:
        which = f"?version={version}" if version is not None else ""
        return self._repeatable("GET", f"/v1/runbooks/{quote(name, safe='')}{which}")

    def add_runbook(self, document: str, dedupe_key: str) -> StartedView:
        """Have a runbook saved; a repeat is the same run."""
        body = {"document": document, "dedupe_key": dedupe_key}
        return read(StartedView, self._repeatable("POST", "/v1/runbooks", body))

    def run_runbook(self, name: str, body: dict[str, Any]) -> StartedView:
        """Have a runbook run; `body` has a dedupe_key, so that a repeat is the same run."""
        return read(StartedView, self._repeatable("POST", f"/v1/runbooks/{quote(name, safe='')}/run", body))

    def _repeatable(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        for pause in PAUSES:
            try:
                return self._once(method, path, body)
            except Unreachable:
                self._sleep(pause)
        return self._once(method, path, body)

    def _once(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        content = b"" if body is None else json.dumps(body).encode()
        json_body = {"Content-Type": "application/json"}
        signed = AWSRequest(method, self._connection.url + path, data=content, headers=json_body)
        try:
            SigV4Auth(self._connection.credentials, "execute-api", self._connection.region).add_auth(signed)
        except (BotoCoreError, ClientError, OSError) as error:  # they ended, and others could not be had
            raise Unreachable(f"Your AWS credentials can be used no longer: {error}") from error
        headers = {**dict(signed.headers.items()), "Host": self._connection.host}
        try:
            reply = self._http.request(method, self._connection.reach + path, content=content, headers=headers)
        except httpx.HTTPError as error:
            kind = Unreachable if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) else Unanswered
            at = self._connection.reach
            raise kind(f"The copilot at {at} cannot be reached ({_cause(error)}). {self._connection.advice}") from error
        document = _json(reply)
        self._tell((document or {}).get("notes"))
        if reply.status_code >= 400:
            if (own := _own(document)).keys() >= {"earlier", "asked"}:
                raise Refused(told(own, self._connection.options))
            raise _refusal(reply.status_code, own, f"{method} {path.partition('?')[0]}")
        if document is None:
            raise Unreachable(f"What answers at {self._connection.reach} is no copilot. {self._connection.advice}")
        return document

    def _tell(self, notes: Any) -> None:
        for note in notes if isinstance(notes, list) else ():
            if str(note) not in self._noted:
                self._noted.add(str(note))
                self._note(str(note))


def _json(reply: httpx.Response) -> dict[str, Any] | None:
    try:
        document = reply.json()
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _cause(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return "connection refused" if "refused" in str(error) else str(error) or type(error).__name__


def _own(document: dict[str, Any] | None) -> dict[str, Any]:
    """What the copilot itself says of a refusal; {} where something in front of it refused."""
    own = document.get("error") if document else None
    return own if isinstance(own, dict) else {}


def _refusal(status: int, own: dict[str, Any], call: str) -> CommandError:
    """A 4xx or 5xx in a person's words."""
    said, field = str(own.get("message") or ""), own.get("field")
    if status >= 500 or status == 429:
        return Unanswered(said or f"The copilot failed to answer {call} (HTTP {status}). Its logs say why.")
    said = said[:1].upper() + said[1:]
    if said and status == 403 and not field and call != ASKING:
        return Denied(said)
    if said:
        return Refused(f"The copilot refused the {field}: {said}" if field else said)
    return Refused(f"{UNEXPLAINED.get(status, 'The copilot refused')} (HTTP {status}, {call}).")


ASKING = "POST /v1/runs"
"""No policy stands before it: what a run may do is decided in the run, and its outcome says so."""

UNEXPLAINED = {
    401: "Your AWS credentials were not accepted",
    403: "IAM does not let you call this copilot; your AWS credentials need execute-api:Invoke on it",
    404: "There is no such thing at this address; check that it is a copilot's",
    413: "The request is too large",
}
"""What a status means when it comes from in front of the copilot, which then says nothing itself."""
