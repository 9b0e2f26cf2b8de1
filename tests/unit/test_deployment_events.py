"""Events as AWS's guides show them, and the general form, become facts."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from copilot.deployment_events import facts_of
from copilot.deployments import Deployment, merged

EVENTS = Path(__file__).parents[2] / "events/deployments"


def event(name: str) -> dict[str, Any]:
    return dict(json.loads((EVENTS / f"{name}.json").read_text()))


def told(*names: str) -> Deployment:
    (one,) = merged(fact for name in names for fact in facts_of(event(name)))
    return one


def test_codepipeline() -> None:
    one = told(*sorted(path.stem for path in EVENTS.glob("codepipeline_*.json")))
    assert (one.service, one.id, one.environment) == ("myPipeline", "12345678-1234-5678-abcd-12345678abcd", "")
    assert (one.outcome, one.seconds) == ("succeeded", 301)
    assert dict(one.stages) == {"queue": 79, "deploy": 208}, "79 s waited between the stages Source and Deploy"


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("FAILED", "failed"),
        ("STOPPED", "cancelled"),
        ("SUPERSEDED", "cancelled"),
        ("CANCELED", "cancelled"),
        ("STOPPING", None),
    ],
)
def test_codepipeline_cancelled_is_not_failed(state: str, outcome: str | None) -> None:
    ended = event("codepipeline_pipeline_succeeded")
    ended["detail"]["state"] = state
    (one,) = merged([*facts_of(event("codepipeline_pipeline_started")), *facts_of(ended)])
    assert one.outcome == outcome


@pytest.mark.parametrize(
    ("action", "category", "stage"),
    [
        ("Compile", "Build", "build"),
        ("PushImage", "Build", "push"),
        ("SmokeTest", "Test", "health check"),
        ("HealthCheck", "Invoke", "health check"),
        ("Integration", "Test", "health check"),
        ("Approve", "Approval", "queue"),
        ("Checkout", "Source", "queue"),
        ("Rollout", "Deploy", "deploy"),
    ],
)
def test_an_action_is_the_stage_its_name_says_or_its_category(action: str, category: str, stage: str) -> None:
    some = event("codepipeline_action_started")
    some["detail"] |= {"action": action}
    some["detail"]["type"]["category"] = category
    assert [fact.stage for fact in facts_of(some)] == [stage]


def test_codebuild_with_the_durations_of_its_phases() -> None:
    one = told("codebuild_state")
    assert (one.service, one.outcome, one.seconds) == ("my-sample-project", "succeeded", 119)
    assert dict(one.stages) == {"queue": 36, "build": 76, "push": 5}


def test_codebuild_says_the_same_of_a_phase_in_both_its_events() -> None:
    assert set(facts_of(event("codebuild_phase"))) < set(facts_of(event("codebuild_state")))


@pytest.mark.parametrize("name", ["codebuild_state", "codebuild_phase"])
def test_a_build_that_a_pipeline_started_is_the_pipelines(name: str) -> None:
    some = event(name)
    some["detail"]["additional-information"]["initiator"] = "codepipeline/myPipeline"
    assert facts_of(some) == []


def test_ecs() -> None:
    one = told("ecs_completed", "ecs_in_progress")
    assert (one.service, one.environment, one.id) == ("servicetest", "default", "ecs-svc/123")
    assert (one.outcome, dict(one.stages)) == ("succeeded", {"deploy": 150})


def test_ecs_rolling_back_is_a_failure_and_no_new_start() -> None:
    assert told("ecs_in_progress", "ecs_failed", "ecs_rollback").outcome == "failed"


def test_any_other_pipeline() -> None:
    one = told("any_whole")
    assert (one.service, one.environment, one.id, one.seconds) == ("checkout", "production", "gitlab-4711", 370)
    assert dict(one.stages) == {"queue": 12, "build": 190, "push": 48, "deploy": 100, "health check": 20}
    assert dict(told("any_stage").stages) == {"build": 190}


@pytest.mark.parametrize(
    "change",
    [
        {"status": "done"},
        {"stage": "compile"},
        {"service": ""},
        {"service": "a#b"},
        {"service": "<script>"},
        {"deployment_id": None},
        {"time": "yesterday"},
        {"time": "2026-03-02T09:04:12"},
        {"started_at": "2026-03-02T09:04:13Z"},
        {"stages": [{"status": "succeeded", "time": "2026-03-02T09:04:12Z"}]},
    ],
)
def test_what_is_not_the_general_form_is_refused(change: dict[str, Any]) -> None:
    some = event("any_stage")
    some["detail"] |= change
    with pytest.raises(ValueError):
        facts_of(some)


@pytest.mark.parametrize("name", sorted(path.stem for path in EVENTS.glob("*.json")))
def test_a_field_that_is_missing_is_refused_with_an_error_that_the_batch_expects(name: str) -> None:
    whole = event(name)
    for field in whole["detail"]:
        some = copy.deepcopy(whole)
        del some["detail"][field]
        try:
            facts = facts_of(some)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # what the batch gives back to the queue
        assert isinstance(facts, list), f"without {field} it is read, or refused as the batch expects"


def test_other_events_say_nothing_to_us() -> None:
    assert facts_of({"detail-type": "ECS Task State Change", "detail": {}}) == []
