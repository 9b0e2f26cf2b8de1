"""A batch of the deployments' queue: what is malformed, or cannot be kept now, comes again; the rest does not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from deployment_facts import AT
from memory_deployments import MemoryDeployments
from test_functions import Deployed

from copilot.domain.deployments import LONGEST, DeploymentFact
from copilot.errors import RetryableError
from copilot.triggers.noting_deployments import NoteDeployments

FIRST = AT.replace(hour=0)


def message(id: str, account: str = "111111111111", **detail: Any) -> dict[str, Any]:
    about = {"service": "web", "deployment_id": "d1", "status": "started", "time": AT.isoformat()}
    event = {"detail-type": "Deployment", "source": "ci", "account": account, "detail": about | detail}
    return {"messageId": id, "body": json.dumps(event)}


class Busy(MemoryDeployments):
    """Cannot keep what is about one service."""

    def record(self, facts: Iterable[DeploymentFact]) -> None:
        some = list(facts)
        if any(fact.service == "busy" for fact in some):
            raise RetryableError("the database is busy")
        super().record(some)


def test_only_what_failed_comes_again() -> None:
    kept = Busy()
    noted = NoteDeployments(kept)(
        [
            message("good"),
            message("bad", time="never"),
            message("busy", service="busy"),
            message("last day", time="9999-12-31T23:00:00+00:00"),
            message("first day", time="0001-01-01T00:00:00+05:00"),
            {"messageId": "deep", "body": "[" * 100_000},
            {"messageId": "garbage", "body": "{"},
            {"messageId": "list", "body": "[]"},
            {"messageId": "other", "body": json.dumps({"detail-type": "Something else"})},
            message("good too", status="succeeded"),
        ]
    )
    assert set(noted.failed) == {"bad", "busy", "last day", "first day", "deep", "garbage", "list"}
    assert noted.failed["busy"] == "the database is busy"
    (one,) = kept.between(FIRST, FIRST + LONGEST).deployments
    assert (one.service, len(one.facts)) == ("web", 2)


def test_what_an_account_reports_is_its_own_whatever_it_says() -> None:
    kept = MemoryDeployments()
    forged = message("forged", "222222222222", status="failed", account_id="111111111111", source="aws.codebuild")
    noted = NoteDeployments(kept)([message("1"), forged, message("2", status="succeeded")])
    found = kept.between(FIRST, FIRST + LONGEST).deployments
    assert noted.failed == {}
    assert [(one.id, one.account, one.outcome) for one in found] == [
        ("d1", "111111111111", "succeeded"),
        ("d1", "222222222222", "failed"),
    ]


def test_an_event_without_an_account_is_no_event_of_the_bus() -> None:
    nameless = message("nameless", account="")
    nameless["body"] = json.dumps({k: v for k, v in json.loads(nameless["body"]).items() if k != "account"})
    assert set(NoteDeployments(MemoryDeployments())([nameless]).failed) == {"nameless"}


def test_a_batch_that_comes_again_changes_nothing() -> None:
    kept = MemoryDeployments()
    batch = [message("1"), message("2", status="succeeded")]
    NoteDeployments(kept)(batch)
    before = kept.between(FIRST, FIRST + LONGEST)
    NoteDeployments(kept)([*batch[::-1], *batch])
    assert kept.between(FIRST, FIRST + LONGEST) == before


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Deployed:
    return Deployed(monkeypatch)


def test_the_function_says_which_messages_of_its_event_are_to_come_again(deployed: Deployed) -> None:
    kept = MemoryDeployments()
    deployed.more["deployments"] = kept
    answer = deployed.call("ingest_event", "ingest_event_deployments")
    assert answer == {"batchItemFailures": [{"itemIdentifier": "059f36b4-87a3-44ab-83d2-661975950002"}]}
    (one,) = kept.between(FIRST, FIRST + LONGEST).deployments
    assert (one.service, one.outcome, one.seconds) == ("checkout", "succeeded", 370)
