"""ports.Workflow on one Step Functions machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from copilot.domain import Run
from copilot.errors import FatalError, RetryableError

_NO_LONGER_WAITS = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})
_TRANSIENT = frozenset({"ThrottlingException", "ServiceUnavailable", "InternalServerError", "ExecutionLimitExceeded"})


class Machine:
    """`client` is a boto3 stepfunctions client."""

    def __init__(self, arn: str, client: Any) -> None:
        self._arn, self._client = arn, client

    def start(self, run: Run, execution: int) -> None:
        given = {"tenant": run.tenant, "run_id": run.run_id, "conversation": run.conversation}
        with _errors_in_words("start the run", accepted=frozenset({"ExecutionAlreadyExists"})):
            self._client.start_execution(
                stateMachineArn=self._arn, name=f"{run.run_id}-{execution}", input=json.dumps(given)
            )

    def wake(self, token: str) -> None:
        with _errors_in_words("wake the run", accepted=_NO_LONGER_WAITS):
            self._client.send_task_success(taskToken=token, output="{}")

    def is_running(self, run: Run) -> bool:
        arn = self._arn.replace(":stateMachine:", ":execution:") + f":{run.run_id}-{run.execution}"
        status = None
        with _errors_in_words("look at the run", accepted=frozenset({"ExecutionDoesNotExist"})):
            status = self._client.describe_execution(executionArn=arn)["status"]
        return status in {"RUNNING", "PENDING_REDRIVE"}


@contextmanager
def _errors_in_words(what: str, accepted: frozenset[str]) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in accepted:
            return
        if code in _TRANSIENT:
            raise RetryableError(f"could not {what}: the workflow service is busy") from error
        raise FatalError(f"could not {what}: the workflow service said {code}") from error
    except BotoCoreError as error:
        raise RetryableError(f"could not {what}: the workflow service cannot be reached") from error
