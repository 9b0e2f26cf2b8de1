"""Facts end to end: remembered, used, shown, forgotten and taken back, each by the roles that may."""

from __future__ import annotations

import json
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


def sent(system: System) -> list[tuple[str, str]]:
    """Who was sent what, as it lies in the outbox."""
    s3, bucket = system.client("s3"), system.laptop.outputs["Bucket"]
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix="outbox/").get("Contents", [])]
    found = [json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
    return [(one["channel"], one["text"]) for one in found]


def test_what_is_off_limits_is_left_alone_and_who_is_to_be_told_is_told(system: System) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")
    before = exactly(system, staging.name)

    def ask(text: str, person: str = "you") -> dict[str, Any]:
        return system.ask(text, person, conversation="rules")

    ask("list environments")
    remembered = ask(f"{staging.name} is off limits")
    assert remembered["outcome"] == "succeeded", remembered["answer"]
    denied = ask(f"stop {staging.name}")
    assert denied["outcome"] == "denied" and exactly(system, staging.name) == before
    assert f"changes of {staging.name} are off limits, as " in denied["answer"]

    asks = ask(f"actually, don't ever touch {staging.name} without asking me")  # without that word both would stand
    assert asks["outcome"] == "succeeded" and "in the place of another:\n- forgotten: " in asks["answer"]
    told = ask("tell #payments whenever you stop staging")
    assert told["outcome"] == "succeeded", told["answer"]
    waiting = ask(f"stop {staging.name}")
    assert waiting["status"] == "parked", waiting["answer"]
    stopped = system.decide(waiting, "approve")
    assert stopped["outcome"] == "succeeded", stopped["answer"]
    assert {on for _, on, _, _ in exactly(system, staging.name).values()} == {0}
    ((channel, text),) = sent(system)
    assert channel == "#payments" and text.endswith(f"had me do this: stopped {staging.name}.")
    assert "(told to #payments, because you asked to, on " in stopped["answer"]

    assert ask("forget me")["outcome"] == "succeeded"
    ask(f"start {staging.name}")
    assert exactly(system, staging.name) == before and len(sent(system)) == 1
