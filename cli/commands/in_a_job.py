"""`devops-copilot ci`: a job of a pipeline asks, hands on what came of it, and takes its run with it when cancelled."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Never, cast, get_args

from cli.api.client import Client
from cli.api.connection import Connection, connect
from cli.api.documents import StartedView, read
from cli.api.following import follow
from cli.api.views import RunView
from cli.commands.staying import exit_of
from cli.exits import CommandError, Exit, Refused
from cli.pipeline.handing_on import hand_on
from cli.pipeline.job import Job, job_of
from cli.pipeline.signing_in import sign_in
from cli.pipeline.summary import Seen, as_text, summary, told, waiting
from cli.pipeline.uses import Uses
from cli.wording import line
from copilot.domain import Job as Says
from copilot.domain import narrower

SECONDS_TO_CANCEL = 3
"""GitHub ends a cancelled step's process 10 seconds after it told it to end (7.5 and 2.5), GitLab likewise."""


class Cancelled(Exception):
    """The job was cancelled, by this signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def ci(args: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> int:
    job = job_of(environment)
    uses = Uses(job, environment)
    connection = _connected(job, args.person, uses.folder, environment)
    if args.cancel:
        return _cancel_what_is_left(connection, uses)
    request = _request(environment)
    key = job.key(request, environment.get("DEVOPS_COPILOT_KEY", ""), uses.ended(request))
    body: dict[str, Any] = {"text": request, "dedupe_key": key, "kind": "ci", "job": _trust(job, environment)}
    body["conversation"] = environment.get("DEVOPS_COPILOT_CONVERSATION") or job.conversation
    wait = environment.get("DEVOPS_COPILOT_APPROVAL", "").strip().lower() == "wait"
    client = Client(connection)
    started: StartedView | None = None
    with _told_to_end():
        try:
            started = client.start(body)
            uses.begin(started.run_id)
            print(f"Run {line(started.run_id)}", flush=True)
            run, document = follow(client, started.run_id, lambda view: None, to_the_end=wait)
            document = client.run(started.run_id, job=True)
            run = read(RunView, document)
        except Cancelled as cancelled:
            return _cancelled(connection, body, started, uses, cancelled.number)
    _tell(job, connection, run, document, environment)
    code = exit_of(run)
    if code is not Exit.WAITING:
        uses.end(request)
    return code


def _connected(job: Job, person: str | None, folder: Path, environment: Mapping[str, str]) -> Connection:
    role = environment.get("DEVOPS_COPILOT_ROLE", "").strip()
    if not role:
        return connect(None, person, environment)
    with sign_in(job, role, folder, environment) as given:
        os.environ.update(given)
        return connect(None, person, environment)


def _request(environment: Mapping[str, str]) -> str:
    request, gate = (environment.get(f"DEVOPS_COPILOT_{name}", "").strip() for name in ("REQUEST", "GATE"))
    if bool(request) == bool(gate):
        raise Refused("One of DEVOPS_COPILOT_REQUEST and DEVOPS_COPILOT_GATE says what is asked, and only one.")
    return request or f"gate: {gate.removeprefix('gate:').strip()}"


def _trust(job: Job, environment: Mapping[str, str]) -> Says:
    own = environment.get("DEVOPS_COPILOT_TRUST", "").strip() or job.says
    if own not in get_args(Says):
        raise Refused(f"DEVOPS_COPILOT_TRUST is one of {', '.join(get_args(Says))}.")
    return narrower(job.says, cast(Says, own)) or job.says


@contextmanager
def _told_to_end() -> Iterator[None]:
    """Raises Cancelled when the job is cancelled; only the first time, since then there is something to be done."""

    def end(number: int, frame: object) -> Never:
        for one in before:
            signal.signal(one, signal.SIG_IGN)
        raise Cancelled(number)

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            if signal.getsignal(one) is end:
                signal.signal(one, handler)


def _cancelled(
    connection: Connection, body: dict[str, Any], started: StartedView | None, uses: Uses, number: int
) -> int:
    """Cancels the run; where nobody knows whether it was started, by asking for the same again, which is the same."""
    client = Client(connection, timeout=SECONDS_TO_CANCEL)
    try:
        run_id = started.run_id if started is not None else client.start(body).run_id
        uses.begin(run_id)
        client.cancel(run_id)
    except CommandError as error:
        print(f"The job was cancelled. Its run could not be: {error}", file=sys.stderr)
    else:
        uses.begin("")
        told = "nothing new begins in it; what had begun goes on to its end"
        print(f"The job was cancelled, and its run {line(run_id)} with it: {told}.", file=sys.stderr)
    return 128 + number


def _cancel_what_is_left(connection: Connection, uses: Uses) -> int:
    if not uses.run_id:
        print("Nothing that this job asked for is under way.")
        return Exit.SUCCEEDED
    with suppress(Refused):  # it ended meanwhile
        Client(connection).cancel(uses.run_id)
        print(f"Run {line(uses.run_id)} was cancelled with its job.")
    uses.begin("")
    return Exit.SUCCEEDED


def _tell(
    job: Job, connection: Connection, run: RunView, document: dict[str, Any], environment: Mapping[str, str]
) -> None:
    outcome = "waits_for_approval" if run.waits_for_approval else run.outcome or run.status
    others = document.get("for_others")
    seen = read(Seen, others) if isinstance(others, dict) else None
    waits = waiting(run)
    if said := told(seen):
        print(as_text(job.platform, said))
    print("\n".join(filter(None, [f"Outcome: {outcome.replace('_', ' ')}", waits])), flush=True)
    outputs = environment.get("DEVOPS_COPILOT_OUTPUTS") or environment.get("GITHUB_OUTPUT")
    if outputs:
        # On GitHub only the steps after it have them; a file of variables is read by whoever reads artifacts.
        answer = (run.answer if job.platform == "github" else told(seen)) or ""
        link = f"{connection.url}/v1/runs/{run.run_id}"
        values = {"outcome": outcome, "run-id": run.run_id, "answer": answer, "link": link}
        hand_on(job.platform, Path(outputs), values)
    if page := environment.get("DEVOPS_COPILOT_SUMMARY") or environment.get("GITHUB_STEP_SUMMARY"):
        options = ("--url", connection.url) if not connection.is_laptop else connection.options
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(summary(seen, outcome, run.run_id, options, waits))
