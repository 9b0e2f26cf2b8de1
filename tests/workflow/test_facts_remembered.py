"""Facts end to end: remembered, used, shown, forgotten and taken back, each by the roles that may."""

from __future__ import annotations

from typing import Any

import clouds
from conftest import System
from test_stopping import exactly


def rows(system: System) -> dict[str, str]:
    """What stands on the table, read with nothing of ours, by scope and name."""
    found = system.client("dynamodb").scan(
        TableName=system.laptop.outputs["Table"],
        FilterExpression="begins_with(pk, :facts)",
        ExpressionAttributeValues={":facts": {"S": "FACT#"}},
    )["Items"]
    return {f"{row['pk']['S'].removeprefix('FACT#main#')} {row['sk']['S']}": row["body"]["S"] for row in found}


def test_a_fact_is_remembered_used_shown_forgotten_and_taken_back(system: System) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")
    before = exactly(system, staging.name)

    def ask(text: str, person: str = "you", conversation: str = "facts") -> dict[str, Any]:
        return system.ask(text, person, conversation=conversation)

    def done(text: str, **more: Any) -> str:
        view = ask(text, **more)
        assert view["outcome"] == "succeeded", view["answer"]
        return str(view["answer"])

    done("list environments")  # by then what there is was swept
    assert done(f"the kiosk means {staging.name}") == f"remembered: kiosk means {staging.name}."
    assert [*rows(system)] == ["person:you kiosk#means"]
    answer = done("stop the kiosk", conversation="another")
    assert f"(kiosk: {staging.name}, as you said on " in answer
    assert {on for _, on, _, _ in exactly(system, staging.name).values()} == {0}
    done("undo that", conversation="another")
    assert exactly(system, staging.name) == before

    asked = ask(f"for everybody: the depot means {staging.name}", "dana")
    assert asked["outcome"] == "denied" and len(rows(system)) == 1, "no developer says what is so for everybody"
    assert "kiosk" not in ask("what do you know about me?", "dana")["answer"]
    status, shown = system.http("GET", "/v1/facts")
    assert status == 200 and [one["subject"] for one in shown["own"]] == ["kiosk"] and shown["shared"] == []
    assert system.http("GET", "/v1/facts", person="dana")[1] == {"own": [], "shared": []}

    answer = done("forget me")
    assert "forgotten: kiosk means" in answer and "journal" in answer
    assert staging.name not in "".join(rows(system).values())
    done("undo that")
    assert [one["fact"]["value"] for one in system.http("GET", "/v1/facts")[1]["own"]] == [staging.name]
