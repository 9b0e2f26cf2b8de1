"""The functions by the requests for facts (events/)."""

from __future__ import annotations

import pytest
from test_functions import Deployed

from copilot.adapters.memory_facts import MemoryFacts
from copilot.domain import EVERYBODY, Fact, KeptFact, Person, scope_of

ANN = Person(id="ann", name="Ann", roles=("reader",))


def test_who_asks_is_shown_their_own_and_everybodys_and_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    deployed, facts = Deployed(monkeypatch), MemoryFacts()
    deployed.more |= {"facts": facts}
    for scope, word in ((scope_of("ann"), "shop"), (EVERYBODY, "kiosk"), (scope_of("ben"), "secretly")):
        said = {"kind": "alias", "subject": word, "attribute": "means", "value": "orchard", "run": "r1"}
        fact = Fact.model_validate({**said, "author": ANN, "at": deployed.clock.now()})
        facts.put(KeptFact.first(scope, fact))
    (mine,) = facts.facts(scope_of("ann"))
    facts.put(gone := mine.superseded(None, deployed.clock.now()))
    status, body = deployed.call("ingest_api", "ingest_api_facts")
    assert status == 200 and [one["subject"] for one in body["shared"]] == ["kiosk"]
    assert body["shared"][0]["fact"]["value"] == "orchard" and "secretly" not in str(body)
    (shown,) = body["own"]
    assert (shown["subject"], shown["fact"]) == ("shop", None)
    assert shown["before"][0]["ended"] == "forgotten" and "orchard" not in str(shown) and gone.now is None
