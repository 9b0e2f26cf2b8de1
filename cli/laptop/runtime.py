"""Runs one function's handler against the Lambda runtime API, as AWS's own Python runtime does. Standard library only.

On the laptop alone. AWS's client for this, awslambdaric, has to be compiled on a Mac. Facts from AWS's guide to custom
runtimes.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from copilot.bootstrap import UseCases

API = "/2018-06-01/runtime"
WARM = {"devops-copilot": "warm"}
"""An event that never reaches the handler: whoever sends it wants this process ready for work, and nothing done."""
MADE = {
    "ingest-api": ("ingest",),
    "plan": ("make_plan",),
    "advance": ("advance",),
    "execute-read": ("execute", "every region"),
    "execute-write": ("execute", "one region"),
    "execute-render": ("execute", "drawing"),
    "execute-send": ("execute",),
    "check-step": ("check", "one region"),
    "reply": ("reply_composed",),
    "ingest-event": ("ingest", "reply"),
    "react": (),
    "resolve-approval": ("approve",),
    "request-approval": ("store",),
    "open-report": ("open_report",),
    "sweep": ("sweep_place",),
    "archive": ("archive_journal",),
    "delete-kept": ("delete_kept",),
    "ingest-chat": (),
    "take-chat": ("ingest", "approve"),
    "ingest-hook": (),
    "take-hook": ("ingest",),
    "deliver": ("store",),
}
"""What of its use cases are made for a function, by the end of its name: made at its first work, or before."""
DOORS = ("ingest-chat", "ingest-hook")
"""They have no use cases, nor the right to read the configuration."""


@dataclass(frozen=True)
class Context:
    """The fields of Lambda's context object, by AWS's names."""

    aws_request_id: str
    invoked_function_arn: str
    deadline: float
    function_name: str = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    function_version: str = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")
    memory_limit_in_mb: str = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    log_stream_name: str = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.time()) * 1000))


def main() -> None:
    api = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    try:
        handler = getattr(importlib.import_module(module), name)
    except Exception as error:
        _ask(api, "POST", "/init/error", _failure(error, ""))
        raise
    while True:
        serve(api, handler)


def serve(api: HTTPConnection, handler: Callable[[Any, Context], Any]) -> None:
    """One invocation: from the question for work to its result."""
    headers, body = _ask(api, "GET", "/invocation/next")
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    deadline = int(headers["Lambda-Runtime-Deadline-Ms"]) / 1000
    context = Context(request_id, headers["Lambda-Runtime-Invoked-Function-Arn"], deadline)
    os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
    try:
        event = json.loads(body)
        result = json.dumps(_handle(handler, event, context))
    except Exception as error:
        traceback.print_exc()
        _ask(api, "POST", f"/invocation/{request_id}/error", _failure(error, request_id))
    else:
        _ask(api, "POST", f"/invocation/{request_id}/response", result)


def _handle(handler: Callable[[Any, Context], Any], event: Any, context: Context) -> Any:
    if event != WARM:
        return handler(event, context)
    make_ready(context.function_name)
    return None


def make_ready(function: str, use_cases: UseCases | None = None) -> None:
    """Make what the function's first work would wait for."""
    if function.endswith(DOORS):
        _open_door(function)
        return
    from copilot.bootstrap import deployed

    use_cases = use_cases or deployed()
    use_cases.configuration()
    for made in next((made for name, made in MADE.items() if function.endswith(name)), ()):
        if made.endswith("region"):
            _read(use_cases, only_one=made == "one region")
        elif made == "drawing":
            importlib.import_module("copilot.reports.picture")
        else:
            getattr(use_cases, made)


def _open_door(function: str) -> None:
    if function.endswith("hook"):
        from copilot.bootstrap.hook_door import hook_door

        hook_door()
    else:
        from copilot.bootstrap.chat_door import door_of

        door_of("slack")


def _read(use_cases: UseCases, only_one: bool) -> None:
    """The first region costs most: what reads it is the same for all of them."""
    from copilot.bootstrap.clients import AwsClients
    from copilot.domain import Payer, Person

    config = use_cases.configuration()
    if only_one:
        first = config.accounts[0]
        config = config.model_copy(update={"accounts": (first.model_copy(update={"regions": first.regions[:1]}),)})
    nobody = Person(id="up", name="up", roles=())
    AwsClients(use_cases.installation, config, "up", "up", nobody, use_cases.purse(Payer())).platform.survey()


def _failure(error: Exception, request_id: str) -> str:
    return json.dumps(
        {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "requestId": request_id,
            "stackTrace": traceback.format_tb(error.__traceback__),
        }
    )


def _ask(api: HTTPConnection, method: str, path: str, body: str | None = None) -> tuple[HTTPMessage, bytes]:
    """Ends the process when there is nobody left to work for."""
    try:
        api.request(method, API + path, body, {"Content-Type": "application/json"})
        reply = api.getresponse()
        said = reply.read()
    except OSError:
        sys.exit()
    if reply.status >= 500:
        sys.exit()
    return reply.headers, said


if __name__ == "__main__":
    main()
