"""What AWS refuses, as errors that say what to do about it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from copilot.adapters.aws.faults import translated
from copilot.errors import CopilotError, FatalError, NotReady, PermissionDenied, RetryableError, ToolInputError


def raised(error: Exception) -> CopilotError:
    with pytest.raises(CopilotError) as caught, translated("stop web"):
        raise error
    return caught.value


def answer(code: str, status: int = 400, message: str = "why") -> ClientError:
    said: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, "Operation")


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("ThrottlingException", 400, RetryableError),
        ("RequestLimitExceeded", 503, RetryableError),
        ("Throttling", 403, RetryableError),
        ("InternalFailure", 500, RetryableError),
        ("Whatever", 502, RetryableError),
        ("Whatever", 429, RetryableError),
        ("ExpiredToken", 403, RetryableError),
        ("AccessDenied", 403, PermissionDenied),
        ("AccessDeniedException", 400, PermissionDenied),
        ("UnauthorizedOperation", 403, PermissionDenied),
        ("InvalidClientTokenId", 403, PermissionDenied),
        ("InvalidDBInstanceState", 400, NotReady),
        ("IncorrectInstanceState", 400, NotReady),
        ("ServiceNotFoundException", 400, ToolInputError),
        ("ClusterNotFoundException", 400, ToolInputError),
        ("InvalidInstanceID.NotFound", 400, ToolInputError),
        ("DBInstanceNotFound", 404, ToolInputError),
        ("NoSuchBucket", 404, ToolInputError),
        ("UnsupportedOperation", 400, FatalError),
        ("InvalidParameterException", 400, FatalError),
    ],
)
def test_the_class_says_what_to_do(code: str, status: int, expected: type[CopilotError]) -> None:
    error = raised(answer(code, status))
    assert type(error) is expected
    assert str(error) == "stop web: why"


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
        ConnectTimeoutError(endpoint_url="http://127.0.0.1:1"),
        ReadTimeoutError(endpoint_url="http://127.0.0.1:1"),
    ],
)
def test_a_connection_that_fails_may_work_later(error: Exception) -> None:
    assert type(raised(error)) is RetryableError


def test_what_is_no_answer_of_aws_may_be_one_later_and_is_not_repeated() -> None:
    """A page of a proxy, say. botocore's own error for it is none of its BotoCoreErrors."""
    error = raised(ResponseParserError("Unable to parse response, invalid XML received: b'<html>your secret</html>'"))
    assert type(error) is RetryableError and str(error) == "stop web: what answered was not AWS"


def test_what_is_wrong_here_will_not_work_later() -> None:
    assert type(raised(NoCredentialsError())) is FatalError


@pytest.mark.parametrize(
    ("message", "plain"),
    [
        ("two\n  lines", "two lines"),
        ("denied (Service: Ecs, Status Code: 400, Request ID: 0aa1-22bb)", "denied"),
        ("denied. RequestId: 0aa1-22bb", "denied."),
        ("You are not authorized. Encoded authorization failure message: abcDEF123", "You are not authorized"),
        ("key AKIAABCDEFGHIJKLMNOP is bad", "key (key) is bad"),
        ("", "Code"),
    ],
)
def test_one_line_without_what_a_person_must_not_or_need_not_see(message: str, plain: str) -> None:
    assert str(raised(answer("Code", message=message))) == f"stop web: {plain}"


def test_a_long_message_is_cut() -> None:
    assert len(str(raised(answer("Code", message="x" * 5000)))) < 300


def test_our_own_errors_pass_as_they_are() -> None:
    assert type(raised(NotReady("later"))) is NotReady


def test_the_original_is_not_chained_where_a_traceback_would_show_it() -> None:
    error = raised(answer("Code", message="Request ID: 0aa1"))
    assert error.__cause__ is None and error.__suppress_context__
