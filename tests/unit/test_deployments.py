"""A deployment is the set of what was reported of it: any order, any repetition, the same deployment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from deployment_facts import AT, deployment, fact
from hypothesis import given
from hypothesis import strategies as st

from copilot.domain.deployments import LONGEST, STAGES, DeploymentFact, distinct, doubtful, merged

FACTS = st.builds(
    fact,
    st.integers(0, 5000),
    st.sampled_from(["started", "succeeded", "failed", "cancelled"]),
    st.sampled_from([None, *STAGES]),
    deployment=st.sampled_from(["d1", "d2"]),
    part=st.sampled_from(["", "a", "b"]),
    environment=st.sampled_from(["", "staging", "production"]),
)


@given(st.lists(FACTS, max_size=14), st.data())
def test_any_order_and_any_repetition_gives_the_same_deployments(
    facts: list[DeploymentFact], data: st.DataObject
) -> None:
    again = data.draw(
        st.permutations(facts + data.draw(st.lists(st.sampled_from(facts), max_size=10) if facts else st.just([])))
    )
    straight, mixed = merged(sorted(facts, key=lambda one: one.at)), merged(again)
    assert straight == mixed
    for one, other in zip(straight, mixed, strict=True):
        told = [(x.outcome, x.seconds, x.environment, x.started_at, dict(x.stages)) for x in (one, other)]
        assert told[0] == told[1]
        assert all(seconds >= 0 for seconds in one.stages.values())


def test_the_stages_of_a_whole_deployment_are_its_length() -> None:
    stages = {"queue": 10.0, "build": 60.0, "push": 20.0, "deploy": 30.0, "health check": 5.0}
    (one,) = merged(deployment("d1", AT, stages))
    assert (one.outcome, one.seconds, dict(one.stages)) == ("succeeded", 125, stages)


@pytest.mark.parametrize(
    ("facts", "outcome", "seconds"),
    [
        ([fact(0, "started")], None, None),
        ([fact(0, "started"), fact(9, "succeeded")], "succeeded", 9),
        ([fact(0, "started"), fact(9, "cancelled")], "cancelled", 9),
        ([fact(0, "started"), fact(9, "failed"), fact(20, "started")], None, None),
        ([fact(0, "started"), fact(9, "failed"), fact(20, "started"), fact(30, "succeeded")], "succeeded", 30),
        ([fact(0, "started"), fact(9, "succeeded"), fact(900, "succeeded")], "succeeded", 9),
        ([fact(9, "succeeded"), fact(9, "failed"), fact(0, "started")], "failed", 9),
        ([fact(0, "started", "build"), fact(9, "succeeded", "build")], None, None),
        ([fact(0, "started", "build"), fact(9, "failed", "build")], "failed", 9),
        ([fact(0, "started", "build"), fact(9, "succeeded", "health check")], "succeeded", 9),
        ([fact(0, "started"), fact(5, "failed", "build"), fact(9, "succeeded")], "succeeded", 9),
    ],
)
def test_the_last_word_about_the_whole_decides_and_else_a_stage(
    facts: list[DeploymentFact], outcome: str | None, seconds: float | None
) -> None:
    (one,) = merged(facts)
    assert (one.outcome, one.seconds) == (outcome, seconds)


def test_parts_of_a_stage_that_run_together_count_once_and_the_pause_between_them_not() -> None:
    facts = [
        *(fact(s, "started", "build", part="a") for s in [0]),
        fact(60, "succeeded", "build", part="a"),
        fact(30, "started", "build", part="b"),
        fact(80, "succeeded", "build", part="b"),
        fact(200, "started", "build", part="c"),
        fact(210, "succeeded", "build", part="c"),
        fact(300, "started", "build", part="never ended"),
    ]
    assert dict(merged(facts)[0].stages) == {"build": 90}


def test_waiting_between_the_stages_of_a_pipeline_is_queue() -> None:
    facts = [
        fact(0, "started", part="Source"),
        fact(10, "succeeded", part="Source"),
        fact(70, "started", part="Deploy"),
        fact(90, "succeeded", part="Deploy"),
    ]
    assert dict(merged(facts)[0].stages) == {"queue": 60}


def test_what_ecs_does_for_a_pipeline_is_not_a_deployment_of_its_own() -> None:
    pipeline = deployment("p1", AT, {"deploy": 100.0}, source="codepipeline")
    inside = deployment("ecs-svc/1", AT, {"deploy": 90.0}, source="ecs")
    elsewhere = deployment("ecs-svc/2", AT, {"deploy": 90.0}, source="ecs", service="other")
    by_hand = deployment("ecs-svc/3", AT.replace(hour=18), {"deploy": 90.0}, source="ecs")
    found = distinct(merged([*pipeline, *inside, *elsewhere, *by_hand]))
    assert [one.id for one in found] == ["ecs-svc/2", "p1", "ecs-svc/3"]


@pytest.mark.parametrize(
    ("pipeline", "service", "is_one"),
    [
        ("storefront-pipeline", "storefront", True),
        ("deploy-storefront-prod", "storefront", True),
        ("StorefrontPipeline", "storefront-service", True),
        ("shop-api", "shop", False),
        ("shop", "shop-api", False),
        ("pipeline", "service", False),
        ("everything", "storefront", False),
    ],
)
def test_a_pipeline_is_taken_for_what_made_ecs_deploy_if_it_is_called_after_the_service(
    pipeline: str, service: str, is_one: bool
) -> None:
    made = deployment("p1", AT, {"deploy": 100.0}, source="codepipeline", service=pipeline, environment="")
    ecs = {"source": "ecs", "service": service, "environment": "prod"}
    seen = deployment("ecs-svc/1", AT + timedelta(seconds=10), {"deploy": 80.0}, **ecs)
    later = deployment("ecs-svc/2", AT + timedelta(hours=1), {"deploy": 80.0}, **ecs)
    found = distinct(merged([*made, *seen, *later]))
    assert ("ecs-svc/1" in {one.id for one in found}) == (not is_one)
    assert [one.id for one in doubtful(found)] == ([] if is_one else ["ecs-svc/1"])


def test_a_pipeline_whose_end_was_never_reported_does_not_hide_what_ecs_does_weeks_later() -> None:
    lost = [fact(0, "started", deployment="p1", source="codepipeline")]
    later = deployment("ecs-svc/1", AT + LONGEST + timedelta(days=1), {"deploy": 90.0}, source="ecs")
    while_it_runs = deployment("ecs-svc/2", AT + timedelta(minutes=5), {"deploy": 90.0}, source="ecs")
    assert [one.id for one in distinct(merged([*lost, *while_it_runs, *later]))] == ["p1", "ecs-svc/1"]


def test_what_is_told_beside_is_that_of_the_last_who_said_it_and_the_first_who_began_it() -> None:
    told = [
        fact(0, "started", by="jo"),
        fact(1, "started", "build", version="1.3"),
        fact(5, "succeeded", "build", version="1.4", by="ci"),
        fact(6, "started", "deploy"),
        fact(9, "failed", "deploy", reason="exit status 1"),
        fact(9, "failed"),
    ]
    (one,) = merged(told)
    assert (one.version, one.revision, one.by, one.reached) == ("1.4", "", "jo", "deploy")
    assert [(each.stage, each.reason) for each in one.failures] == [("deploy", "exit status 1"), (None, "")]
