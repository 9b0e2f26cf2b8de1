"""Events as AWS's guides show them, and the general form, become facts."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from copilot.domain.deployments import Deployment, distinct, merged
from copilot.triggers.deployment_events import facts_of

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
        ("Approve_push_to_production", "Approval", "queue"),
        ("Verify_release", "Approval", "queue"),
        ("Smoke-test-signoff", "Approval", "queue"),
        ("push-trigger", "Source", "queue"),
        ("Deploy-healthcare-api", "Deploy", "deploy"),
        ("PublishSite", "Deploy", "deploy"),
        ("push-to-production", "Deploy", "deploy"),
        ("PushNotificationTests", "Test", "health check"),
        ("Build-healthcare-api", "Build", "build"),
        ("build-push-gateway", "Build", "build"),
        ("docker_push", "Build", "push"),
        ("Publish", "Compute", "push"),
        ("smoke", "Build", "health check"),
        ("DeployAndVerify", "Invoke", "deploy"),
        ("verify", "Invoke", "health check"),
        ("Pushover", "Invoke", "deploy"),
    ],
)
def test_an_action_is_its_category_and_only_where_there_is_none_for_it_what_its_name_says(
    action: str, category: str, stage: str
) -> None:
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
        {"started_at": "2026-03-02T09:04:22Z"},
        {
            "stages": [
                {"stage": "build", "status": "failed", "time": "2026-03-02T09:04:12Z", "started_at": "2027-01-01Z"}
            ]
        },
        {"deployment_id": ""},
        {"deployment_id": True},
        {"deployment_id": ["4711"]},
        {"environment": {"name": "production"}},
        {"service": None},
        {"stages": [{"status": "succeeded", "time": "2026-03-02T09:04:12Z"}]},
    ],
)
def test_what_is_not_the_general_form_is_refused(change: dict[str, Any]) -> None:
    some = event("any_stage")
    some["detail"] |= change
    with pytest.raises(ValueError):
        facts_of(some)


def id_of(said: object) -> str:
    some = event("any_stage")
    some["detail"] |= {"deployment_id": said}
    (id,) = {fact.deployment for fact in facts_of(some)}
    return id


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (4711, "4711"),
        (4711.0, "4711"),
        ("gitlab-4711", "gitlab-4711"),
        ("3f658bd1-69e6-4448-ba3e-79007f6b3f0a", "3f658bd1-69e6-4448-ba3e-79007f6b3f0a"),
        ("octo/shop@refs/tags/v1.2+b3", "octo/shop@refs/tags/v1.2+b3"),
        ("arn:aws:codedeploy:eu-west-1:111122223333:deployment/d-1", None),
        (" 12 ", "12"),
    ],
)
def test_an_id_is_kept_as_it_is_a_number_as_its_text(said: object, kept: str | None) -> None:
    assert id_of(said) == (said if kept is None else kept)


ODD_IDS = [
    "https://ci.example.com/job/12/?x=1",
    "https://ci.example.com/job/12/?x#1",
    "refs/heads/fix#12",
    "refs/heads/fix-12",
    "refs/heads/fix 12",
    "/job/12",
    "job/12",
    "{3f658bd1-69e6-4448-ba3e-79007f6b3f0a}",
    "déploiement n° 12",
    "###",
    "<script>",
    "x" * 200,
    "x" * 201,
    "x" * 202,
]


def test_an_id_of_other_letters_is_made_fit_the_same_each_time_and_different_ones_differently() -> None:
    assert [id_of(said) for said in ODD_IDS] == [id_of(said) for said in ODD_IDS]
    assert len({id_of(said) for said in ODD_IDS}) == len(ODD_IDS)
    assert id_of(ODD_IDS[0]).startswith("https://ci.example.com/job/12/-x-1-")


def test_a_field_that_is_null_is_one_that_is_not_there() -> None:
    some = event("any_stage")
    some["detail"] |= {"environment": None, "stages": None, "started_at": None, "rollback": None}
    (fact,) = facts_of(some)
    assert (fact.environment, fact.rollback) == ("", False)


@pytest.mark.parametrize("later", [".001", "Z", ".999"])
def test_what_began_later_than_it_ended_by_no_more_than_clocks_differ_took_no_time(later: str) -> None:
    some = event("any_stage")
    some["detail"] |= {"time": "2026-03-02T09:04:12.000Z", "started_at": f"2026-03-02T09:04:12{later.rstrip('Z')}Z"}
    (one,) = merged(facts_of(some))
    assert one.started_at.isoformat() == "2026-03-02T09:04:12+00:00" and one.stages["build"] == 0


@pytest.mark.parametrize("trigger", ["ManualRollback", "AutomatedRollback"])
def test_a_pipelines_rollback_is_no_deployment_whichever_of_its_events_come(trigger: str) -> None:
    names = sorted(path.stem for path in EVENTS.glob("codepipeline_*.json"))
    back = [event(name) for name in names]
    for some in back:
        some["detail"]["execution-id"] = "e-2"
    first = event("codepipeline_pipeline_started")
    first["detail"] |= {"execution-id": "e-2", "execution-trigger": {"trigger-type": trigger, "trigger-detail": "x"}}
    all = [fact for one in [*(event(name) for name in names), *back, first] for fact in facts_of(one)]
    (one, other) = merged(all)
    assert {one.is_rollback, other.is_rollback} == {True, False}
    assert [each.id for each in distinct(merged(all))] == ["12345678-1234-5678-abcd-12345678abcd"]


def test_a_pipeline_started_by_hand_or_by_a_change_is_no_rollback() -> None:
    for trigger in ("StartPipelineExecution", "WebhookV2", "CloudWatchEvent", "CreatePipeline", None):
        some = event("codepipeline_pipeline_succeeded")
        some["detail"]["execution-trigger"] = {"trigger-type": trigger} if trigger else None
        assert not any(fact.rollback for fact in facts_of(some))


def test_any_other_pipeline_may_say_that_it_rolls_back() -> None:
    some = event("any_whole")
    some["detail"] |= {"rollback": True}
    assert distinct(merged(facts_of(some))) == []


def test_what_a_pipelines_rollback_has_ecs_do_is_no_deployment_either() -> None:
    back = event("codepipeline_pipeline_started")
    back["detail"] |= {"pipeline": "servicetest", "execution-trigger": {"trigger-type": "ManualRollback"}}
    begun = event("ecs_in_progress")
    back["time"] = begun["detail"]["updatedAt"]
    assert distinct(merged([*facts_of(back), *facts_of(begun), *facts_of(event("ecs_completed"))])) == []


def test_an_old_deployment_that_ecs_goes_back_to_is_no_new_one() -> None:
    again = event("ecs_completed")
    again["detail"] |= {"deploymentId": "ecs-svc/old", "updatedAt": "2020-05-23T13:00:00Z"}
    failed = [fact for name in ("ecs_in_progress", "ecs_failed", "ecs_rollback") for fact in facts_of(event(name))]
    assert [(one.id, one.outcome) for one in distinct(merged([*failed, *facts_of(again)]))] == [
        ("ecs-svc/123", "failed")
    ]


@pytest.mark.parametrize(
    "reason",
    [
        "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/12.",
        "ECS deployment rolled back: an alarm rang.",
        "Rollback to ecs-svc/12 requested.",
    ],
)
def test_a_rollback_of_ecs_in_other_words_is_no_new_start(reason: str) -> None:
    some = event("ecs_in_progress")
    some["detail"]["reason"] = reason
    assert facts_of(some) == []
    failed = event("ecs_failed")
    failed["detail"]["reason"] = reason
    assert {fact.status for fact in facts_of(failed)} == {"failed"}, "that one has failed all the same"


def test_an_event_of_ecs_with_a_name_we_do_not_know_says_nothing() -> None:
    some = event("ecs_completed")
    some["detail"]["eventName"] = "SERVICE_DEPLOYMENT_PAUSED"
    assert facts_of(some) == []


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


# --- what is told beside -----------------------------------------------------------------------------


def failed_action(**result: str) -> dict[str, Any]:
    """A build that failed in a pipeline, as EventBridge delivers it."""
    some = event("codepipeline_action_succeeded")
    given = {
        "external-execution-id": "my-project:86a1cd00-9509-4929-ac8b-7d3a8c10c2bc",
        "external-execution-summary": "Build terminated with state: FAILED",
        "error-code": "JobFailed",
    }
    some["detail"] |= {"state": "FAILED", "execution-result": given | result}
    some["detail"]["type"] |= {"category": "Build", "provider": "CodeBuild"}
    return some


def test_a_failed_action_of_a_pipeline_says_why_and_which_build_knows_more() -> None:
    (fact,) = facts_of(failed_action())
    assert (fact.status, fact.stage) == ("failed", "build")
    assert fact.reason == "JobFailed: Build terminated with state: FAILED"
    assert fact.build == (
        "arn:aws:codebuild:us-west-2:123456789012:build/my-project:86a1cd00-9509-4929-ac8b-7d3a8c10c2bc"
    )


def test_who_began_a_pipeline_and_the_commit_it_brings() -> None:
    source = event("codepipeline_action_succeeded")
    source["detail"] |= {"action": "Source", "execution-result": {"external-execution-id": "8e0c6fb80e09020556d271d4"}}
    source["detail"]["type"] |= {"category": "Source", "provider": "CodeStarSourceConnection"}
    (one,) = merged([*facts_of(event("codepipeline_pipeline_started")), *facts_of(source)])
    assert one.by == "arn:aws:sts::123456789012:assumed-role/Admin/my-user"
    assert one.version == "8e0c6fb80e09020556d271d4"


@pytest.mark.parametrize(
    "context",
    [
        ["COMMAND_EXECUTION_ERROR: Error while executing command: make. Reason: exit status 2", ": "],
        "[COMMAND_EXECUTION_ERROR: Error while executing command: make. Reason: exit status 2]",
    ],
)
def test_a_phase_of_a_build_that_failed_says_why_in_both_its_events(context: object) -> None:
    some = event("codebuild_phase")
    some["detail"] |= {"completed-phase-status": "FAILED", "completed-phase-context": context}
    (_, fact) = facts_of(some)
    assert fact.reason == "COMMAND_EXECUTION_ERROR: Error while executing command: make. Reason: exit status 2"
    assert fact.build == some["detail"]["build-id"] and fact.by == "MyCodeBuildDemoUser"


def test_ecs_says_why_one_failed() -> None:
    assert {fact.reason for fact in facts_of(event("ecs_failed"))} == {
        "ECS deployment circuit breaker: task failed to start."
    }
    assert {fact.reason for fact in facts_of(event("ecs_in_progress"))} == {""}


def test_any_other_pipeline_may_say_what_it_brings_who_began_it_and_why_it_failed() -> None:
    some = event("any_stage")
    told = {
        "version": "1.4",
        "revision": "web:12",
        "by": "jo@example.com",
        "reason": "exit status 1",
        "status": "failed",
    }
    some["detail"] |= told
    begun, ended = sorted(facts_of(some), key=lambda fact: fact.at)
    assert (ended.version, ended.revision, ended.by, ended.reason) == (
        "1.4",
        "web:12",
        "jo@example.com",
        "exit status 1",
    )
    assert begun.reason == ""


@pytest.mark.parametrize("name", ["version", "revision", "by", "reason"])
@pytest.mark.parametrize("said", [None, 7.5, ["x"], {"x": 1}, "", "   ", True])
def test_what_is_told_beside_is_no_reason_to_refuse_an_event(name: str, said: object) -> None:
    some = event("any_stage")
    some["detail"] |= {name: said, "status": "failed"}
    assert {getattr(fact, name) for fact in facts_of(some)} <= {"", "7.5"}


@pytest.mark.parametrize(
    ("account", "status", "kept"),
    [("111111111111", "failed", True), ("222222222222", "failed", False), ("111111111111", "succeeded", False)],
)
def test_any_other_pipeline_may_say_which_build_of_its_account_failed(account: str, status: str, kept: bool) -> None:
    build = f"arn:aws:codebuild:eu-west-1:{account}:build/web:86a1cd00"
    stage = {"stage": "build", "status": status, "time": "2026-03-02T09:04:12Z", "build": build}
    detail = {"service": "web", "deployment_id": "1", "status": status, "time": stage["time"], "stages": [stage]}
    told = {"detail-type": "Deployment", "source": "ci", "account": "111111111111", "detail": detail}
    assert {(fact.stage, fact.build) for fact in facts_of(told)} == {(None, ""), ("build", build if kept else "")}


def test_secrets_in_what_is_told_beside_are_not_kept_and_reasons_are_bounded() -> None:
    some = event("any_stage")
    secret = "ghp_" + "a1B2c3D4e5" * 3 + "a1B2c3"
    some["detail"] |= {"status": "failed", "by": secret, "reason": f"push with token={secret} failed\n" + "x" * 1000}
    fact = max(facts_of(some), key=lambda fact: fact.at)
    assert secret not in fact.model_dump_json() and fact.by == ""
    assert len(fact.reason) == 400 and fact.reason.endswith("…") and "\n" not in fact.reason


@pytest.mark.parametrize("source", ["codepipeline", "codebuild", "ecs"])
def test_what_a_service_of_aws_reports_says_in_which_region_it_is(source: str) -> None:
    for path in EVENTS.glob(f"{source}_*.json"):
        assert {fact.region for fact in facts_of(event(path.stem))} <= {event(path.stem)["region"]}
    said = event(sorted(path.stem for path in EVENTS.glob(f"{source}_*.json"))[0])
    assert {fact.region for fact in facts_of(said | {"region": None})} == {""}
