"""An error at the edge is HTTP by its class, or by the class that it is one of; nothing made on purpose is a 500."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from copilot import errors
from copilot.edges import http
from copilot.errors import Ambiguous, CopilotError, NotReady, PermissionDenied, PlanError, Unfinished


def kinds(of: type[CopilotError] = CopilotError) -> Iterator[type[CopilotError]]:
    for one in of.__subclasses__():
        if one.__module__ in {errors.__name__, http.__name__}:
            yield one
            yield from kinds(one)


def status(error: CopilotError) -> int:
    refused = http.refusal(error)
    assert json.loads(refused["body"])["error"]["message"] == str(error)
    return int(refused["statusCode"])


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Ambiguous("which one is meant?", ["blue", "green"]), 400),
        (PlanError(["step a: no tool stop"]), 409),
        (Unfinished("two of three are stopped"), 503),
        (NotReady("the database is starting"), 503),
        (PermissionDenied("the cloud refused it"), 502),
        (CopilotError("something else"), 500),
    ],
)
def test_what_derives_from_a_class_is_answered_as_that_is(error: CopilotError, expected: int) -> None:
    assert status(error) == expected


def test_one_that_is_made_elsewhere_is_answered_as_what_it_derives_from() -> None:
    class Late(errors.Expired):
        """As an adapter may have its own."""

    assert status(Late("it ended yesterday")) == 410


def test_only_what_nobody_can_help_is_the_copilots_own_failure() -> None:
    plain = [kind for kind in kinds() if kind.__init__ is CopilotError.__init__]
    assert {kind.__name__ for kind in plain if status(kind("so it is")) == 500} == {"FatalError", "HalfDone", "NoData"}
