"""What the copilot costs, as the functions have it: shown by the API, and sweeps paused at a cap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fakes_platform import FakePlatform, service
from fakes_spending import caps, purse
from test_functions import ANN, Deployed
from test_functions_sweep import ACCOUNT

from copilot.config.configuration import Configuration
from copilot.domain import Retention, Whose
from copilot.edges.spend_views import view_spent

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Deployed:
    made = Deployed(monkeypatch)
    made.clock.at = NOW
    for person, dollars in (("ann", 0.25), ("ben", 0.5)):
        purse(caps(), made.spending, made.clock, person=person).begin("models", dollars)
    return made


def asked(deployed: Deployed, roles: tuple[str, ...], **query: str) -> tuple[int, Any]:
    (ann,) = [one for one in deployed.config.people if one.id == ANN.id]
    deployed.config = deployed.config.model_copy(update={"people": (ann.model_copy(update={"roles": roles}),)})
    status, body = deployed.call("ingest_api", "ingest_api_spend", queryStringParameters=query)
    return status, body


def test_operators_and_approvers_see_who_spent_what(deployed: Deployed) -> None:
    for role in ("operator", "approver"):
        status, sheet = asked(deployed, (role,), by="person", since="2026-03-01")
        assert (status, sheet["dollars"], sheet["since"]) == (200, 0.75, "2026-03-01")
        assert {one["name"]: one["dollars"] for one in sheet["lines"]} == {"ben": 0.5, "ann": 0.25}


def test_readers_see_their_own_and_all_of_it_together(deployed: Deployed) -> None:
    for role in ("reader", "developer"):
        status, sheet = asked(deployed, (role,), by="person")
        assert (status, sheet["dollars"]) == (200, 0.75) and "operators and approvers" in sheet["withheld"]
        assert {one["name"]: one["dollars"] for one in sheet["lines"]} == {"others": 0.5, "ann": 0.25}


def test_what_is_kept_of_a_person_has_what_was_spent_in_their_name(deployed: Deployed) -> None:
    shown = view_spent(Whose(person="ben"), deployed.spending, Retention(), NOW)
    assert shown == {"spent": [{"day": "2026-03-02", "kind": "models", "dollars": 0.5, "calls": 1}]}
    assert view_spent(Whose(conversation="ben/x"), deployed.spending, Retention(), NOW) == {}


@pytest.mark.parametrize("query", [{"by": "moon"}, {"since": "yesterday"}, {"since": "2020-01-01"}])
def test_what_cannot_be_asked_for_is_refused_with_what_can(deployed: Deployed, query: dict[str, str]) -> None:
    status, body = asked(deployed, ("reader",), **query)
    assert status == 400 and body["error"]["message"]


def test_at_its_cap_the_function_sweeps_nothing_and_does_not_fail(deployed: Deployed) -> None:
    deployed.platform = FakePlatform([service("shop-1", "web", 1)])
    deployed.config = Configuration(accounts=(ACCOUNT,), people=(ANN,), caps=caps(tenant={"sweeps": {"day_calls": 1}}))
    deployed.clock.at = datetime.now(UTC)
    deployed.call("sweep", "sweep_place")
    first = deployed.inventory.known().seen_at
    deployed.clock.at += timedelta(minutes=1)
    event = deployed.event("sweep_place")
    event["Records"][0]["attributes"]["SentTimestamp"] = str(int(deployed.clock.at.timestamp() * 1000) + 1000)
    assert deployed.call("sweep", event) is None
    assert deployed.inventory.known().seen_at == first
