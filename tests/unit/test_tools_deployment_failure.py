"""Why a deployment failed: from what was reported of it, its build, and what its platform says of that time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from fakes_logs import STREAM, FakeLogs, logged
from fakes_platform import NOW, FakePlatform, FixedClock, service
from fakes_releases import FakeReleases
from memory_deployments import MemoryDeployments
from some_clients import SomeClients
from test_tools_listing_deployments import one

from copilot.domain import LogLine, NotLookedAt, PlatformEvent
from copilot.domain.deployments import DeploymentFact
from copilot.domain.releases import BuildLog, EndedContainer, FailedPhase, ReleaseSigns, ServiceDeployment, StoppedTask
from copilot.errors import Ambiguous, CopilotError, PermissionDenied, RetryableError, ToolInputError
from copilot.ports import Clock
from copilot.tools.deployments.builds import NO_BUILD
from copilot.tools.deployments.failure import (
    UNPLACED,
    DeploymentFailure,
    DeploymentFailureInput,
    DeploymentFailureOutput,
)

BUILD = "arn:aws:codebuild:eu-west-1:111111111111:build/web:86a1cd00"


@dataclass
class Clients(SomeClients):
    deployments: MemoryDeployments
    platform: FakePlatform
    releases: FakeReleases
    logs: FakeLogs = field(default_factory=FakeLogs)
    clock: Clock = field(default_factory=FixedClock)


def why(
    facts: list[DeploymentFact],
    releases: FakeReleases | None = None,
    platform: FakePlatform | None = None,
    logs: FakeLogs | None = None,
    **given: Any,
) -> DeploymentFailureOutput:
    platform = platform or FakePlatform([service("production", "web", 2)])
    clients = Clients(MemoryDeployments(facts), platform, releases or FakeReleases(), logs or FakeLogs())
    return DeploymentFailure(clients).run(DeploymentFailureInput(**given))


def failed(id: str = "d1", minutes_ago: float = 30, stage: str = "deploy", **more: Any) -> list[DeploymentFact]:
    begun = one(id, minutes_ago, **{name: value for name, value in more.items() if name not in {"reason", "build"}})
    return [*begun, *one(id, minutes_ago - 1, "failed", stage=stage, **more)[1:]]


def task(container: str = "web", code: int | None = 1, reason: str = "", **more: Any) -> StoppedTask:
    stopped = {"id": "t", "definition": "web:12", "at": NOW, "code": "EssentialContainerExited", "reason": "Essential"}
    ended = EndedContainer(name=container, exit_code=code, reason=reason)
    return StoppedTask.model_validate({**stopped, "containers": (ended,), **more})


def test_the_last_that_failed_is_the_one_that_is_meant_with_the_reason_that_was_reported() -> None:
    found = why(
        [*failed("d1", 90, reason="old"), *failed("d2", 30, reason="exit status 1"), *one("d3", 200, "succeeded")]
    )
    assert found.deployment == "d2"
    assert "failed in deploy after 2 min" in found.summary
    assert [each.line for each in found.said] == ["ci, deploy: exit status 1"]
    assert found.not_looked_at == () and found.notes == ()


def test_that_a_later_one_succeeded_is_said() -> None:
    found = why([*failed("d1", 90), *one("d2", 40, "succeeded"), *one("d3", 20, "succeeded")])
    assert len(found.notes) == 1 and found.notes[0].startswith("A later one succeeded: Mon 2 Mar 12:10 UTC: web")


def test_all_times_are_told_in_the_zone_of_who_asks() -> None:
    facts = [*failed("d1", 90, reason="old"), *one("d2", 40, "succeeded")]
    logs = FakeLogs([logged("web", NOW - timedelta(minutes=89), "its last word")])
    found = why(facts, logs=logs, time_zone="Asia/Tokyo")
    told = found.model_dump_json()
    assert found.summary.startswith("Mon 2 Mar 20:00 JST") and "UTC" not in told
    assert "JST" in found.logged and found.last_lines.startswith("20:01:00") and "20:50 JST" in found.notes[0]
    with pytest.raises(ToolInputError, match="no time zone 'Nowhere'"):
        why(facts, time_zone="Nowhere")


def test_where_none_failed_that_is_said() -> None:
    found = why(one("d1", 5, "succeeded"), service="web", environment_id="production")
    assert found.summary == "No deployment of web to production that failed was reported in the last 60 days."
    assert not found.deployment and not found.said


def test_one_is_meant_by_its_id_however_it_is_written() -> None:
    some = [*failed("GitLab-1", 90, reason="first"), *failed("d2", 30, reason="second")]
    assert [each.text for each in why(some, deployment="gitlab-1").said] == ["first"]
    with pytest.raises(ToolInputError, match="no deployment nowhere"):
        why(some, deployment="nowhere")
    assert (
        why(one("d9", 5, "succeeded"), deployment="d9").summary
        == "The deployment d9 of web succeeded: it did not fail."
    )


def test_of_several_of_one_id_it_is_asked_which() -> None:
    some = [*failed("7"), *failed("7", service="api")]
    with pytest.raises(Ambiguous, match="api/7, web/7"):
        why(some, deployment="7")
    assert why(some, deployment="api/7").service == "api"


def test_a_build_that_a_pipeline_began_says_in_which_phase_and_why() -> None:
    phase = FailedPhase(phase="BUILD", status="FAILED", messages=("COMMAND_EXECUTION_ERROR: make: exit status 2",))
    reports = failed(stage="build", source="codepipeline", reason="JobFailed: Build terminated", build=BUILD)
    releases = FakeReleases(phases={BUILD: [phase]})
    found = why(reports, releases)
    assert [each.line for each in found.said] == [
        "CodePipeline, build: JobFailed: Build terminated",
        "CodeBuild, phase BUILD: COMMAND_EXECUTION_ERROR: make: exit status 2",
    ]
    assert "It failed in build, before anything was rolled out." in found.notes
    assert [method for method, _ in releases.asked] == ["failed_phases", "build_log"], "the platform says nothing of it"
    assert found.not_looked_at == () and not found.logged


def test_a_build_that_told_of_itself_is_asked_for_its_log_alone() -> None:
    releases = FakeReleases()
    found = why(failed(stage="build", source="codebuild", part="BUILD", reason="exit status 2", build=BUILD), releases)
    assert [each.line for each in found.said] == ["CodeBuild, phase BUILD: exit status 2"]
    assert releases.asked == [("build_log", BUILD)]


def of_build(*texts: str, **more: Any) -> DeploymentFailureOutput:
    """Of a deployment whose build logged these, a second apart."""
    lines = tuple(PlatformEvent(at=NOW - timedelta(seconds=len(texts) - at), text=one) for at, one in enumerate(texts))
    releases = FakeReleases(**{"logs_of": {BUILD: BuildLog(lines=lines)}, **more})
    return why(failed(stage="build", source="codebuild", reason="exit status 2", build=BUILD), releases)


def test_what_its_build_logged_last_in_the_order_in_which_it_did() -> None:
    found = of_build("Running command npm test", "Error: no such file\n    at one\n    at two\n    at three")
    assert found.build_logged == "The last 2 lines that build web:86a1cd00 logged before it failed:"
    assert found.build_lines.startswith("12:29:58 Running command npm test\n12:29:59 Error: no such file\n    … ")
    assert not found.last_lines and not found.logged and found.not_looked_at == ()
    assert of_build("make: *** [test] Error 1").build_logged.startswith("The last line that build")
    assert of_build().build_logged == "Nothing was logged by build web:86a1cd00 before it failed."


def test_of_a_build_no_more_than_fifteen_lines_cut_and_without_secrets() -> None:
    shown = of_build(*(f"line {at} password=hunter{at}hunter {'x' * 2000}" for at in range(20))).build_lines
    assert shown.count("\n") == 14 and "line 19 " in shown and "line 4 " not in shown
    assert "hunter" not in shown and max(map(len, shown.splitlines())) < 300


@pytest.mark.parametrize(
    ("log", "error", "said"),
    [
        (BuildLog(none="its project keeps none"), None, ": its project keeps none"),
        (
            None,
            PermissionDenied("the pack logs is off. To allow it, deploy", ours=True),
            ", which could not be read: the",
        ),
        (None, RetryableError("it is throttled"), ", which could not be read: «it is throttled»"),
    ],
)
def test_why_there_are_no_lines_of_its_build_is_said(log: BuildLog, error: CopilotError | None, said: str) -> None:
    found = of_build(logs_of={BUILD: log} if log else {}, fails={"build_log": error} if error else {})
    assert found.not_looked_at[0].startswith(f"the log of its build web:86a1cd00{said}")
    assert found.said and not found.build_lines and not found.build_logged


def test_where_no_build_was_reported_that_is_said_and_of_the_platform_nothing() -> None:
    assert why(failed(stage="build", reason="exit status 2")).not_looked_at == (NO_BUILD,)


def test_a_build_that_no_report_named_is_found_by_its_pipeline() -> None:
    reports = failed("p1", stage="build", source="codepipeline", reason="JobFailed", service="web")
    phase = FailedPhase(phase="BUILD", status="FAILED", messages=("make: exit status 2",))
    lines = (PlatformEvent(at=NOW, text="KeyError: 'bunch'"),)
    releases = FakeReleases(
        phases={BUILD: [phase]}, logs_of={BUILD: BuildLog(lines=lines)}, pipelines={("web", "p1"): [BUILD]}
    )
    found = why(reports, releases)
    assert found.said[1].line == "CodeBuild, phase BUILD: make: exit status 2" and "bunch" in found.build_lines
    assert found.by_hand and [one.names for one in found.by_hand.builds] == [("web:86a1cd00",)], "shown by hand as well"
    refused = why(reports, FakeReleases(fails={"builds_of": PermissionDenied("no")}))
    assert refused.not_looked_at[0] == "which builds its pipeline began, which could not be read: no"


def test_of_several_builds_the_log_of_one_is_shown_and_which_are_not_is_said() -> None:
    second = BUILD.replace("86a1", "97b2")
    reports = [
        *failed("d1", source="codebuild", stage="build", build=BUILD, part="a"),
        *failed("d1", 29, source="codebuild", stage="build", build=second, part="b"),
    ]
    lines = (PlatformEvent(at=NOW, text="x"),)
    found = why(reports, FakeReleases(logs_of={BUILD: BuildLog(none="gone"), second: BuildLog(lines=lines)}))
    assert "web:97b2cd00" in found.build_logged
    assert found.not_looked_at == ("the log of its build web:86a1cd00: gone",)
    found = why(reports, FakeReleases(logs_of={BUILD: BuildLog(lines=lines)}))
    assert found.not_looked_at == ("the log of its build web:97b2cd00: that of another one is shown",)


def test_a_test_that_a_build_ran_after_rolling_out_has_its_log_and_the_services() -> None:
    reports = failed("d1", 30, "health check", source="codepipeline", build=BUILD)
    releases = FakeReleases(logs_of={BUILD: BuildLog(lines=(PlatformEvent(at=NOW, text="expected 200, got 503"),))})
    found = why(reports, releases, logs=FakeLogs([logged("web", NOW - timedelta(minutes=29), "no database")]))
    assert "got 503" in found.build_lines and "no database" in found.last_lines


def test_what_ecs_says_of_that_time_its_rollback_and_the_tasks_that_stopped() -> None:
    signs = ReleaseSigns(
        events=(PlatformEvent(at=NOW, text="(service web) is unable to consistently start tasks"),),
        deployments=(
            ServiceDeployment(
                at=NOW,
                status="ROLLBACK_SUCCESSFUL",
                reason="circuit breaker",
                rollback="tripped",
                failures=3,
                alarms=("cpu",),
            ),
        ),
        tasks=(task(code=137), task(code=137), task(code=None, reason="CannotPullContainerError")),
    )
    releases = FakeReleases(signs_of={"web": signs})
    found = why(failed(minutes_ago=30), releases)
    assert [(each.number, each.exit_code) for each in found.tasks] == [(2, 137), (1, None)]
    assert found.tasks[0].line == (
        "2 tasks stopped: container web ended with exit code 137 "
        "(killed, as when memory ran out or it did not stop in time): Essential"
    )
    assert found.tasks[1].line == "1 task stopped: container web never ran: Essential; CannotPullContainerError"
    assert [each.text for each in found.said] == ["circuit breaker", "tripped", signs.events[0].text]
    assert "ECS rolled web in production-cluster back." in found.notes
    assert "The circuit breaker of web in production-cluster counted 3 failed tasks." in found.notes
    assert "Alarms that rang for it: cpu." in found.notes
    since, until = NOW - timedelta(minutes=30), NOW - timedelta(minutes=18)
    assert releases.asked == [("signs", ("web", since, until))]


def test_the_container_that_failed_is_told_and_not_one_that_was_stopped_with_it() -> None:
    ended = (EndedContainer(name="envoy", exit_code=143), EndedContainer(name="web", exit_code=1))
    found = why(failed(), FakeReleases(signs_of={"web": ReleaseSigns(tasks=(task(containers=ended),))}))
    assert (found.tasks[0].container, found.tasks[0].exit_code) == ("web", 1)


def test_the_deployment_of_ecs_that_a_pipeline_made_says_why_that_failed() -> None:
    pipeline = failed("p1", 30, service="web-pipeline", environment="", source="codepipeline", reason="JobFailed")
    of_ecs = [
        *one("ecs-svc/1", 29.5, source="ecs"),
        *one("ecs-svc/1", 29.5, "failed", source="ecs", reason="circuit breaker")[1:],
    ]
    found = why([*pipeline, *of_ecs], service="web-pipeline")
    assert [each.line for each in found.said] == ["CodePipeline, deploy: JobFailed", "ECS: circuit breaker"]


def test_what_cannot_be_read_is_said_and_the_rest_is_told() -> None:
    releases = FakeReleases(
        fails={"signs": PermissionDenied("not authorized"), "failed_phases": PermissionDenied("no")}
    )
    found = why(failed(source="codepipeline", reason="JobFailed", build=BUILD), releases)
    assert [each.text for each in found.said] == ["JobFailed"]
    assert found.not_looked_at == (
        "its build web:86a1cd00, which could not be read: no",
        "web in production-cluster, which could not be read: «not authorized»",
    )


def test_where_its_platform_is_not_known_that_is_said() -> None:
    found = why(failed(), platform=FakePlatform([]))
    assert found.not_looked_at == ("the platform: no service web was found there", UNPLACED) and found.kind is None


def test_of_one_that_is_long_ago_stopped_tasks_are_gone() -> None:
    assert any("about an hour only" in each for each in why(failed(minutes_ago=300)).not_looked_at)
    assert not any("about an hour only" in each for each in why(failed(minutes_ago=30)).not_looked_at)


def test_what_is_said_twice_is_told_once_and_no_more_than_ten() -> None:
    some = [fact for at in range(15) for fact in failed("d1", 30, part=str(at), reason=f"reason {min(at, 12)}")]
    texts = [each.text for each in why(some).said]
    assert len(texts) == 10 and len(set(texts)) == 10
    twice = failed("d1", 30, part="1", reason="a") + failed("d1", 30, part="2", reason="b")
    assert [each.text for each in why([*twice, *failed("d1", 30, part="3", reason="a")]).said] == ["a", "b"]


ENDED = NOW - timedelta(minutes=28)
TASK, OTHER = STREAM, STREAM.replace("0123", "4567")


def line(seconds_before: float, text: str, stream: str = TASK, service: str = "web") -> LogLine:
    return logged(service, ENDED - timedelta(seconds=seconds_before), text, stream)


def of_tasks(*tasks: StoppedTask) -> FakeReleases:
    return FakeReleases(signs_of={"web": ReleaseSigns(tasks=tasks)})


def stopped(stream: str = TASK, seconds_before: float = 0, code: int | None = 1) -> StoppedTask:
    return task(code=code, id=stream.rpartition("/")[2], at=ENDED - timedelta(seconds=seconds_before))


def test_what_the_last_task_that_failed_logged_before_it_stopped() -> None:
    lines = [
        line(10, "listening"),
        line(2, "KeyError: 'bunch'"),
        line(1, "of another", OTHER),
        line(400, "long before"),
        line(-3, "after"),
    ]
    tasks = of_tasks(stopped(OTHER, -60, code=143), stopped(), stopped(OTHER, 30))
    logs = FakeLogs(lines, streams="web/main/")
    live = FakePlatform([service("live", "web", 2)], kinds={"live": "production"})
    found = why(failed(minutes_ago=31, environment="live"), tasks, live, logs=logs)
    assert found.logged == "The last 2 lines that a task of web that stopped at 12:02:00 logged before that:"
    assert found.last_lines == "12:01:50 listening\n12:01:58 KeyError: 'bunch'"
    assert found.kind == "production" and found.not_looked_at == ()
    (query,) = logs.searches
    assert (query.since, query.until) == (NOW - timedelta(minutes=31), ENDED + timedelta(seconds=1))


def test_where_a_stream_does_not_say_of_which_task_it_is_all_that_the_service_logged() -> None:
    found = why(failed(), of_tasks(stopped()), logs=FakeLogs([line(10, "one"), line(1, "two", OTHER)]))
    assert found.logged.startswith("The last 2 lines that web logged from 12:00 to 12:02")
    assert found.last_lines == "12:01:50 one\n12:01:59 two"


def test_where_no_task_is_known_what_was_logged_before_it_ended_and_since_it_began() -> None:
    found = why(failed(), logs=FakeLogs([line(119, "its first"), line(121, "before it began")], streams="web/main/"))
    assert found.last_lines.endswith("its first") and "before it began" not in found.last_lines
    assert "The last line that web logged from" in found.logged
    assert why(failed()).logged == "Nothing was logged by web, from 12:00 to 12:02 UTC on Mon 2 Mar."


def test_no_more_than_ten_the_last_ones_cut_and_without_secrets() -> None:
    lines = [line(20 - at, f"line {at} password=hunter{at}hunter {'x' * 2000}") for at in range(15)]
    shown = why(failed(), logs=FakeLogs(lines)).last_lines
    assert shown.count("\n") == 9 and "line 14 " in shown and "line 4 " not in shown
    assert "hunter" not in shown and max(map(len, shown.splitlines())) < 300


def test_tasks_that_never_ran_logged_nothing() -> None:
    logs = FakeLogs([line(1, "of one that serves")])
    found = why(failed(), of_tasks(stopped(code=None)), logs=logs)
    assert "ever ran" in found.logged and not found.last_lines and not logs.searches


def test_what_has_a_price_is_not_read() -> None:
    logs = FakeLogs([line(1, "dear")], size=2**31, is_charged=True, dollars=0.01)
    found = why(failed(), logs=logs)
    assert not logs.searches and not found.last_lines
    (said,) = found.not_looked_at
    assert (
        said.startswith("the last lines of its logs: 2 GB were logged") and "too much to be read at no charge" in said
    )


def test_the_first_lines_of_what_could_not_be_read_to_its_end_are_not_the_last_ones() -> None:
    found = why(failed(), logs=FakeLogs([line(100, "early")], read_until=ENDED - timedelta(minutes=1)))
    assert not found.last_lines and "too much to be read" in found.not_looked_at[0]


@pytest.mark.parametrize(
    ("way", "error", "said"),
    [
        (
            "refuses",
            PermissionDenied("the pack logs is off. To allow it, deploy", ours=True),
            "the pack logs is off. To",
        ),
        ("fails", PermissionDenied("AccessDenied"), "AccessDenied"),
        ("fails", RetryableError("it is throttled"), "«it is throttled»"),
    ],
)
def test_that_it_may_not_be_read_is_said_and_why(way: str, error: CopilotError, said: str) -> None:
    found = why(failed(reason="exit status 1"), logs=FakeLogs([line(1, "x")], **{way: error}))  # type: ignore[arg-type]
    assert found.not_looked_at[0].startswith(f"the last lines of its logs, which could not be read: {said}")
    assert found.said and not found.last_lines and not found.logged


def test_what_of_it_may_not_be_read_is_said_beside_the_rest() -> None:
    what = NotLookedAt(what="the logs of container side", account="main", region="eu-west-1", reason="no logs")
    found = why(failed(), logs=FakeLogs([line(1, "x")], hidden=[what]))
    assert found.last_lines and found.not_looked_at[0].startswith("the logs of container side, main in eu-west-1")
