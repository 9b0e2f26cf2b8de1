"""What every tool promises, those to come as well: whatever a port gives that is not ours is marked wherever the tool
hands it on, in what it gives and in what it fails with.
"""

from __future__ import annotations

import copyreg
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from functools import cache
from threading import Lock, RLock
from types import SimpleNamespace
from typing import Any

import pytest
from deployment_facts import deployment
from fakes_logs import logged
from fakes_platform import NOW, cluster, database, group, instance, service
from fakes_releases import FakeReleases, id_of
from fakes_trail import by_other
from hostile_ports import ORDER, Hostile, ordered
from pydantic import BaseModel, SecretStr
from some_clients import SomeClients
from steering_world import ANA, ASLEEP, AWAKE, DOCKERFILE, LIVE, NOON, SCHEDULE, WINDOW, World, schedule
from test_tools_deployment_failure import failed

from copilot.domain import (
    Alarm,
    Container,
    Fact,
    Figure,
    Firing,
    Fixture,
    Keep,
    KeptFact,
    KnownEnvironment,
    Limits,
    NotLookedAt,
    Others,
    PlatformEvent,
    ResourceRef,
    Rollout,
    Runbook,
    SavedRunbook,
    ServiceState,
    TargetGroup,
    TargetHealth,
    TrailReading,
    Unreachable,
    Use,
    Watch,
    scope_of,
)
from copilot.domain.frozen import Frozen
from copilot.domain.occurrences import Occurrence
from copilot.domain.reactions import Reacted
from copilot.domain.releases import (
    BuildLog,
    ContainerDefinition,
    Definition,
    EndedContainer,
    FailedPhase,
    ReleaseSigns,
    ServiceDeployment,
    StoppedTask,
    Variable,
)
from copilot.errors import CopilotError, FatalError, NotReady, PermissionDenied, RetryableError, ToolInputError
from copilot.plans.kept_back import told
from copilot.plans.marks import marked_paths
from copilot.plans.schema_types import ListType, ObjectType, Text, Type
from copilot.plans.tool_types import types_of
from copilot.runbooks.writing import written
from copilot.running.verdicts import verdict_of_error
from copilot.text.outside import CLOSE, OPEN
from copilot.tools.registry import BUILT_IN, Registry
from copilot.tools.tool import AnyTool, WriteTool

UNTIL = (NOON + timedelta(hours=9)).isoformat()
SERVING = ServiceState(
    definition="shop-api:3",
    containers=(Container(name="api", image="registry/api:1@sha256:0"), Container(name="side", image="side")),
    rollouts=tuple(
        Rollout(
            id="ecs-svc/1",
            status="ACTIVE",
            state=state,
            reason="ECS deployment failed",
            definition="shop-api:3",
            since=NOON,
            wanted=2,
            running=1,
            pending=1,
            failed=1,
        )
        for state in ("FAILED", "")
    ),
    target_groups=(TargetGroup(name="api", targets=(TargetHealth(id="t", state="unhealthy", reason="Target.Bad"),)),),
    unread="AccessDenied",
)
SIGNS = ReleaseSigns(
    events=(PlatformEvent(at=NOON, text="(service web) is unable to start"),),
    deployments=(
        ServiceDeployment(
            at=NOON, status="FAILED", reason="tripped", rollback="rolled back", failures=2, alarms=("cpu",)
        ),
    ),
    tasks=(
        StoppedTask(
            id="t1",
            definition="web:12",
            at=NOON,
            code="EssentialContainerExited",
            reason="Essential container exited",
            containers=(EndedContainer(name="web", exit_code=1, reason="Error"),),
        ),
    ),
    unread=("not authorized",),
)
REVISIONS = {
    name: Definition(
        name=name,
        id=id_of(name),
        cpu=number,
        task_role=f"arn:aws:iam::1:role/api-{number}",
        containers=(
            ContainerDefinition(
                name="api",
                image=f"registry/api:{number}@sha256:0",
                ports=(f"{number}/tcp",),
                variables=(Variable(name=f"NAME_{number}", kind="variable", value=SecretStr("x")),),
                settings={f"user{number}": SecretStr("x")},
            ),
        ),
    )
    for name, number in (("api:1", "1"), ("api:2", "2"), ("shop-api:2", "2"), ("shop-api:3", "3"))
}
REVISIONS["api:3"] = REVISIONS["api:1"].model_copy(update={"name": "api:3", "id": id_of("api:3")})
BUILD = "arn:aws:codebuild:eu-west-1:111111111111:build/web:1"
FAILED_PHASE = FailedPhase(phase="BUILD", status="FAILED", messages=("exit status 1",))
FILES = [
    {"name": "Dockerfile", "text": f"{DOCKERFILE}# {ORDER}\nRUN apt-get install {ORDER}\n"},
    {"name": "requirements.txt", "text": f"flask=={ORDER}\n"},
]
PORTS = (
    "platform",
    "bills",
    "configured",
    "notifier",
    "deployments",
    "scheduler",
    "schedules",
    "runbooks",
    "reactions",
    "facts",
    "watches",
    "answers",
    "reports",
    "effects",
    "dockerfile_linter",
    "releases",
    "trail",
    "logs",
    "metrics",
)
WATCHED: dict[str, Any] = {
    "tool": "cluster_health",
    "arguments": {"environment_id": AWAKE},
    "condition": "!healthy",
    "what": f"so it is, {ORDER}",
}
RUNBOOK = Runbook.model_validate(
    {
        "name": "evening",
        "description": f"Stop it. {ORDER}",
        "parameters": {"what": {"type": "choice", "choices": [ORDER, "b"], "description": ORDER, "default": ORDER}},
        "steps": [{"id": "a", "tool": "stop_environment", "arguments": {"environment_id": {"$slot": "what"}}}],
        "answer": {"text": ORDER},
    }
)
EXISTING = {"schedule_id": SCHEDULE}
OLD = "pr-7"
KEPT = (
    '{"steps": [{"id": "a", "tool": "list_environments", "arguments": {"names": ["nowhere"]}}],'
    ' "answer": {"text": "-"}}'
)
AT_NINE = {"minutes": [0], "hours": [9], "days": ["MON"], "time_zone": "UTC"}
HERE = {"environment_id": ordered(AWAKE)}

GIVEN: dict[str, list[dict[str, Any]]] = {
    "find_environment": [{"name": ordered(AWAKE)}, {"name": "nowhere"}, {"name": "dev"}],
    "environment_activity": [HERE, {"environment_id": ordered("shop-idle")}, {"environment_id": "nowhere"}],
    "environment_resources": [
        HERE,
        {"environment_id": ordered("shop-mixed")},
        HERE | {"types": ["queue"]},
        HERE | {"state": "troubled"},
        HERE | {"activity": True},
    ],
    "service_details": [
        HERE | {"service": ordered("api")},
        {"service": ordered("jobs")},
        {"service": ordered("web")},
        {"service": "nowhere"},
    ],
    "restart_service": [HERE | {"service": ordered("api")}, HERE | {"service": "nowhere"}],
    "scale_resource": [
        HERE | {"resource": ordered("api"), "by": 1},
        HERE | {"resource": ordered("api"), "as_in": ordered("shop-mixed")},
        HERE | {"resource": "nowhere", "size": 2},
    ],
    "reboot_resource": [HERE | {"resource": ordered("api")}, HERE | {"resource": "nowhere"}],
    "stop_environment": [HERE, {"environment_id": ordered("shop-mixed")}, HERE | {"unless_spared": True}],
    "start_environment": [{"environment_id": ordered(ASLEEP)}, {"environment_id": "nowhere"}, HERE],
    "cluster_health": [HERE, {"environment_id": ordered("shop-mixed")}, {"environment_id": "nowhere"}],
    "deployment_statistics": [{}, {"service": ordered("web")}, {"service": "nowhere"}],
    "list_deployments": [{}, {"service": ordered("web")}, {"environments": [ordered("production")]}],
    "deployment_failure": [
        {},
        {"service": ordered("web")},
        {"environment_id": ordered("production")},
        {"deployment": ordered("f1")},
        {"deployment": "nowhere"},
    ],
    "good_version": [
        {"service": ordered("api"), "environment_id": ordered(LIVE)},
        {"service": ordered("web")},
        {"service": "nowhere"},
    ],
    "roll_back_service": [
        HERE | {"service": ordered("api"), "to": ordered("api:1"), "instead_of": ordered("api:9")},
        HERE | {"service": ordered("api")},
        HERE | {"service": ordered("api"), "to": "1"},
        HERE | {"service": ordered("api"), "to": "9.9"},
        HERE | {"service": "nowhere"},
    ],
    "promote_release": [
        HERE | {"service": ordered("api"), "from_environment_id": ordered(LIVE)},
        HERE | {"service": ordered("api"), "from_environment_id": ordered(LIVE), "revision": "9"},
        HERE | {"service": ordered("api"), "from_environment_id": "nowhere"},
        HERE | {"service": "nowhere", "from_environment_id": ordered(LIVE)},
    ],
    "compare_revisions": [
        {"service": ordered("api"), "environment_id": ordered(LIVE), "before": "1", "after": "2"},
        {"service": ordered("api"), "environment_id": ordered(LIVE)},
        {"service": ordered("web")},
        {"service": "nowhere"},
        {"service": ordered("api"), "before": "nothing"},
    ],
    "deployment_slowdown": [{}, {"service": ordered("web")}, {"service": "nowhere"}],
    "improve_dockerfile": [{"files": FILES}, {"files": [*FILES, {"name": "Dockerfile.b", "text": "FROM a\n"}]}],
    "notify": [{"channel": "#ops", "text": "hello"}],
    "create_schedule": [
        {"window": WINDOW.model_dump(mode="json"), "kinds": ["development"], "environments": [ordered(AWAKE)]},
        {"window": WINDOW.model_dump(mode="json"), "environments": ["nowhere"]},
    ],
    "delete_schedule": [EXISTING, {"schedule_id": "s000000000"}],
    "pause_schedule": [EXISTING],
    "resume_schedule": [{"schedule_id": "s0123abcdf"}],
    "list_schedules": [
        {},
        {"names": [ordered(AWAKE)], "just": "one"},
        {"kinds": ["development"], "just": "one"},
        {"names": ["nowhere"]},
        {"kinds": ["staging"], "just": "one"},
    ],
    "save_runbook": [
        {"name": "evening", "document": written(RUNBOOK)},
        {"name": "morning", "document": written(RUNBOOK.model_copy(update={"name": "morning"}))},
        {"name": "evening", "document": ORDER},
    ],
    "remember_fact": [
        {"kind": "alias", "subject": "till", "value": "shop-mixed and other"},
        {"kind": "alias", "subject": "checkout", "value": ORDER},
        {"kind": "default", "subject": "environment", "value": "staging", "for_everybody": True},
        {"kind": "default", "subject": "weather", "value": "fine"},
        {"kind": "note", "value": f"it is slow. {ORDER}"},
    ],
    "forget_fact": [
        {"subject": "checkout", "attribute": "means"},
        {"subject": "checkin", "attribute": "means"},
    ],
    "withdraw_runbook": [{"name": "evening", "version": 1}, {"name": "evening", "version": 7}],
    "list_reactions": [{}, {"hours": 168}],
    "list_watches": [{}, {"mine": True}],
    "gate": [
        {"what": "staging is healthy", "so": True, "seen": "all of it runs"},
        {"what": "cpu", "way": "under", "bound": 1, "values": [0.2, 0.4], "labels": ["a", "b"], "units": ["Percent"]},
    ],
    "start_watch": [
        {"tool": "cluster_health", "arguments": HERE, "condition": "healthy", "what": "it is well", "to": "#ops"},
        {"tool": "costs", "condition": "total > `5`", "what": ORDER, "once": True},
        WATCHED,
        {"tool": "stop_environment", "condition": "true", "what": "no read"},
    ],
    "watch_and_do": [
        WATCHED | {"request": "list environments", "plan": KEPT},
        WATCHED | {"request": ORDER, "plan": KEPT.replace("list_environments", "stop_environment")},
    ],
    "stop_watch": [{"watch": "w0123abcde"}, {"watch": ORDER}, {}],
    "what_would_happen": [
        {"tool": "stop_environment", "arguments": {"environment_id": ordered("shop-mixed")}},
        {"tool": "stop_environment", "arguments": {"environment_id": "nowhere"}},
        {"tool": "start_environment", "arguments": {"environment_id": ordered(ASLEEP)}},
        {"tool": "keep_environment", "arguments": HERE | {"until": UNTIL}},
        {"tool": "release_environment", "arguments": HERE},
        {"tool": "notify", "arguments": {"channel": "#ops", "text": ORDER}},
        {"tool": "pause_schedule", "arguments": EXISTING},
        {
            "tool": "create_schedule",
            "arguments": {"window": WINDOW.model_dump(mode="json"), "kinds": ["development"]},
        },
    ],
    "render_report": [
        {
            "title": ORDER,
            "period": ORDER,
            "sections": [{"title": ORDER, "rows": [{ORDER: ORDER}]}],
            "forms": ["csv", "pdf"],
        },
        {"title": "T", "sections": [{"rows": [{ORDER: ORDER}], "columns": [{"field": ORDER[:-1]}]}]},
        {"title": "T", "sections": [{"rows": [{"a": ORDER}], "chart": {"x": "a", "y": ["a"]}}]},
    ],
    "search_logs": [
        HERE,
        {"service": ordered("api")},
        HERE | {"words": ["refused"], "levels": ["error"]},
        HERE | {"words": ["nothing of it"], "time_zone": "Europe/Paris"},
        HERE | {"only_estimate": True},
        {"environment_id": "nowhere"},
        {"service": "nowhere"},
    ],
    "error_summary": [HERE, {"service": ordered("api")}, {"service": ordered("jobs")}, {"environment_id": "nowhere"}],
    "metric_values": [
        HERE | {"metric": "cpu"},
        {"service": ordered("api"), "metric": "cpu"},
        HERE | {"metric": "queue_depth"},
        {"environment_id": ordered("shop-mixed"), "metric": "connections", "name": "orders"},
        HERE | {"raw": {"namespace": "AWS/ECS", "name": "Any"}},
        HERE | {"metric": "connections"},
        {"environment_id": "nowhere", "metric": "cpu"},
    ],
    "changes": [{}, {"environment_id": ordered(AWAKE)}, {"since": "2020-01-01T00:00:00Z"}],
    "alarm_background": [HERE, {"environment_id": "nowhere"}, HERE | {"alarm": ordered("cpu")}, HERE | {"alarm": "x"}],
    "configuration": [
        HERE,
        {"service": ordered("jobs")},
        {"service": "nowhere"},
        HERE | {"service": ordered("api"), "kinds": ["variable"]},
        {},
    ],
    "compare_configuration": [
        HERE | {"other_environment_id": ordered("shop-mixed")},
        HERE | {"service": ordered("api"), "other_service": ordered("web")},
        HERE | {"other_environment_id": "nowhere"},
        HERE,
    ],
    "costs": [
        {},
        {"environments": [ordered(AWAKE)], "saving": WINDOW.model_dump(mode="json") | {"start": "07:00"}},
        {"by": "aws_service", "compared": True},
        {"by": "kind"},
        {"by": "service", "most": 1},
        {"service": "nowhere"},
        {"environments": ["nowhere"]},
    ],
    "delete_environment": [{"environment_id": ordered(OLD)}, HERE],
    "list_environments": [{}, {"older_than_days": 1}, {"names": ["nowhere"]}],
    "schedule_request": [
        {"request": "list environments", "plan": KEPT, "when": AT_NINE},
        {"request": "stop it", "plan": KEPT.replace("list_environments", "stop_environment"), "when": AT_NINE},
    ],
    "window_environments": [EXISTING, {"kinds": ["development"], "environments": [ordered(AWAKE), "nowhere"]}],
    "window_stopped": [EXISTING],
    "keep_environment": [HERE | {"until": UNTIL}, {"environment_id": "nowhere", "until": UNTIL}],
}
"""What a tool is called with that takes more than the USUAL, or is to be called in more ways. A name is as the ports
give it: found, and so theirs.
"""
USUAL: dict[str, list[Any]] = {"environment_id": [ordered(AWAKE), "nowhere"]}
"""What there is for a parameter of any tool: found, and not to be found."""
TOOLS = [Registry().find(reference) for reference in sorted(BUILT_IN)]


copyreg.pickle(type(Lock()), lambda lock: (Lock, ()))  # so that a world can be copied
copyreg.pickle(type(RLock()), lambda lock: (RLock, ()))


def world() -> World:
    """Something of everything, to be changed at will: copying it, without what never changes, takes a hundredth."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Frozen, "__deepcopy__", lambda one, memo: one)
        return deepcopy(_made())


@cache
def _made() -> World:
    made = World()
    platform = made.platform
    platform.resources += [
        service(AWAKE, "api", 3, running=1, detail="1 of 3 tasks running"),
        service("shop-idle", "jobs", 1, tags={"purpose": "batches"}),
        service("shop-mixed", "front", 1, held="kept by something else"),
        instance("shop-mixed", "machine", caution="loses its disk"),
        instance("shop-mixed", "odd", "other", detail="storage-optimization"),
        instance("shop-mixed", "member", covered_by="fleet"),
        group("shop-mixed", "fleet", 2, Limits(minimum=1, maximum=4), running=1),
        database("shop-mixed", "orders"),
        cluster("shop-mixed", "aurora", "stopped"),
    ]
    platform.fixed.append(
        Fixture(
            ref=ResourceRef(type="sqs-queue", id="arn:aws:sqs:eu-west-1:1:mails"),
            name="mails",
            environment=AWAKE,
            account="main (1)",
            region="eu-west-1",
            detail="1 message waiting",
            trouble="1 message waits for long",
            state="active",
            size="small",
            engine="redis 7.1",
            part_of="mail",
            figures=(Figure(name="messages waiting", value=1),),
            tags={"purpose": "mails"},
        )
    )
    long_ago = NOON - timedelta(days=9)
    platform.resources += [
        service(OLD, "page", 0, saved_at=long_ago),
        database(OLD, "notes", "stopped", saved_at=long_ago),
        instance(OLD, "kept", "stopped", held="kept by something else"),
    ]
    platform.kinds[OLD] = "preview"
    busy = Use(name="connections", total=3, lately=1, last=NOON, since=NOON)
    platform.used |= dict.fromkeys(("api", "orders", "mails"), (busy,))
    platform.others.append(Others(noun="SNS topic", number=2))
    platform.serving |= dict.fromkeys(("api", "jobs"), SERVING)
    platform.owners |= {"shop-idle": "marta", "shop-mixed": "ana"}
    platform.opted_out["shop-idle"] = "opted out"
    platform.unreachable.append(Unreachable(account="other (2)", region="eu-west-1", reason="AccessDenied"))
    platform.ringing += [
        Alarm(name="cpu", state=state, reason="too high", since=NOON, account="main (111111111111)", region="eu-west-1")
        for state in ("ALARM", "OK")
    ]
    made.trail.events += [
        by_other(NOON - timedelta(minutes=5), "api"),
        by_other(NOON - timedelta(minutes=9), "front", error="AccessDenied"),
    ]
    made.trail.reading = TrailReading(
        unread=(Unreachable(account="other (2)", region="eu-west-1", reason="no"),),
        cut=("main (1)",),
        off=("it is off",),
    )
    made.schedules.put(schedule("s0123abcdf", "at night", ("shop-mixed",)).model_copy(update={"paused": True}))
    made.runbooks.put(SavedRunbook(runbook=RUNBOOK.model_copy(update={"description": "x"}), by=ANA, at=NOON))
    fact = {"kind": "alias", "subject": "checkout", "attribute": "means", "value": "x", "run": "r0"}
    made.facts.put(KeptFact.first(scope_of(ANA.id), Fact.model_validate({**fact, "author": ANA, "at": NOON})))
    watched = WATCHED | {"tool": "cluster_health@1", "id": "w0123abcde", "owner": ANA.id, "made_at": NOON}
    made.watches.put(Watch.model_validate(watched | {"until": NOON + timedelta(days=30)}))
    came = Occurrence(event="e", cause="c", kind="alarm", title=ORDER, account="1", region="eu-west-1", at=NOON)
    counted, _ = made.reacted.reacted("on-alarm").took([came], timedelta(hours=1), 4, NOON)
    made.reacted.change(Reacted(name="on-alarm"), counted.was_begun("c", "", f"nothing was begun: {ORDER}"))
    made.schedules.put_keep(Keep(environment=AWAKE, until=NOON + timedelta(hours=2), by="marta", made_at=NOON))
    made.schedules.record_firing(
        Firing(schedule=SCHEDULE, action="stop", scheduled_at=NOON, fired_at=NOON, reason="nothing was done")
    )
    made.releases = FakeReleases(
        signs_of={"api": SIGNS},
        phases={BUILD: [FAILED_PHASE]},
        logs_of={BUILD: BuildLog(lines=(PlatformEvent(at=NOON, text="npm ERR! Test failed"),))},
        watching={"api": ("cpu",)},
        revisions=dict(REVISIONS),
        runs={"api": "api:3"},
        digests_of={f"{place}-cluster/api": {"api": f"sha256:{number}"} for number, place in enumerate((AWAKE, LIVE))},
        outcome=("FAILED", "tasks failed to start"),
    )
    brought = {"service": "api", "environment": AWAKE, "by": "jo"}
    for id, days, number in (("h1", 3, 1), ("h2", 2, 3)):
        more = {"version": f"1.{number}", "revision": f"api:{number}", **brought}
        made.deployments.record(deployment(id, NOON - timedelta(days=days), {"build": 9.0}, **more))
    for days in (1, 20, 50):
        begun = NOON - timedelta(days=days)
        made.deployments.record(deployment(f"g{days}", begun, {"build": 9.0}, service="api", environment=LIVE))
    since = (NOW - NOON) / timedelta(minutes=1)
    here: dict[str, Any] = {"service": "api", "environment": AWAKE}
    made.deployments.record(failed("f1", since + 10, **here, source="codepipeline", reason="JobFailed", build=BUILD))
    told: dict[str, Any] = {"stage": "build", "source": "codebuild", "part": "BUILD", "reason": "exit status 1"}
    made.deployments.record(failed("f2", since + 30, **told))
    made.logs.lines += [logged("api", NOON - timedelta(minutes=9), f"ERROR refused {number}") for number in range(30)]
    made.logs.lines.append(logged("api", NOON - timedelta(minutes=1), "INFO said last"))
    made.logs.lines += [
        logged("api", NOON - timedelta(days=1, minutes=9), f"ERROR {one}") for one in ("gone", "refused 1")
    ]
    where: Any = {"account": "main (1)", "region": "eu-west-1", "reason": "AccessDenied"}
    made.logs.hidden.append(NotLookedAt(what="the logs of service jobs", **where))
    made.logs.unread.append(NotLookedAt(what="log group /ecs/api", **where))
    made.metrics.values |= dict.fromkeys(("api", "mails", "orders", ""), lambda at: 7.0)
    made.metrics.hidden.append(NotLookedAt(what="requests of jobs", **where))
    made.ask(f"stop {ASLEEP}")
    made.ask(f"start {ASLEEP} and tell #ops")
    made.ask("pause s0123abcdf")
    for number in range(40):
        took = 60.0 if number < 30 else 200.0
        begun = NOON - timedelta(days=30) + number * timedelta(hours=18)
        source = "ci" if number % 9 else "ecs"
        more = {"source": source, "version": "1.4", "revision": "web:12", "by": "jo"}
        made.deployments.record(deployment(f"d{number}", begun, {"build": took}, **more))
    del made.process  # it can be run no further
    return made


class Clients(SomeClients):
    """Those of a call, each hostile; `fails` by port and method."""

    def __init__(self, made: World, fails: dict[str, dict[str, CopilotError]]) -> None:
        own = made.clients(SimpleNamespace(trigger=SimpleNamespace(person=ANA)), "r1/s/0")  # type: ignore[arg-type]
        for port in PORTS:
            setattr(self, port, Hostile(getattr(own, port), fails.get(port, {})))
        self.clock, self.person, self.call_id = made.clock, ANA, "r1/s/0"

    def known(self, environment: str) -> KnownEnvironment:
        """As sweeps have it: a preview for long."""
        there: Any = {"accounts": ("main (111111111111)",), "regions": ("eu-west-1",)}
        since = NOON - timedelta(days=9)
        return KnownEnvironment(
            name=environment, kind="preview", seen_at=NOON, as_of=NOON, kind_since=since, first_seen=since, **there
        )


def world_for(tool: AnyTool) -> World:
    """Nothing is deleted where not all can be read."""
    made = world()
    if tool.effect == "destroy":
        made.platform.unreachable.clear()
    return made


def faults_of(tool: AnyTool, given: dict[str, Any], clients: Clients) -> list[str]:
    """What a tool hands on without a mark."""
    made = tool(clients)
    found: list[str] = []
    try:
        taken = tool.Input.model_validate(given)
        if not isinstance(made, WriteTool):
            return [*_unmarked(tool, made.run(taken).model_dump(mode="json"))]
        preview = made.preview(taken)
        found += _unmarked(tool, made.run(taken, preview).model_dump(mode="json"))
        verified = made.verify(taken, preview)
        found += _unmarked(tool, verified.output) if verified.output is not None else []
        found += [f"verified: {verified.reason}"] if _outside_of_quotes(verified.reason) else []
    except CopilotError as error:
        verdict = verdict_of_error(error)
        found += [f"{type(error).__name__}: {verdict.reason}"] if ORDER in verdict.reason and not verdict.marked else []
        found += [f"no sentence of ours: {error}"] if error.ours and _outside_of_quotes(str(error)) else []
    return found


def _unmarked(tool: AnyTool, output: Any) -> Iterator[str]:
    """Of what is handed on: what its commands need is not, and no plan can refer to it."""
    output, found = told(output), types_of(tool).output
    marks = set(marked_paths(output, found))
    for path, text, type in _texts(output, found, "", ()):
        if ORDER in text and not marks & set(path):
            yield f"{path[-1]} is not marked: {text!r}"
        if isinstance(type, Text) and type.made and path[-1] not in tool.links and _outside_of_quotes(text):
            yield f"{path[-1]} is no sentence of ours: {text!r}"


_Found = tuple[tuple[str, ...], str, Type | None]


def _texts(value: Any, type: Type | None, at: str, above: tuple[str, ...]) -> Iterator[_Found]:
    """Every text of an output, with the paths to it and its type."""
    path = (*above, at)
    if isinstance(value, str):
        yield path, value, type
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, type.element if isinstance(type, ListType) else None, f"{at}[]", path)
    elif isinstance(value, dict):
        fields = type.fields if isinstance(type, ObjectType) else {}
        for name, inner in value.items():
            yield from _texts(inner, fields.get(name), f"{at}.{name}" if at else name, path)


def _outside_of_quotes(text: str) -> bool:
    return ORDER in re.sub(f"{OPEN}[^{CLOSE}]*{CLOSE}", "", text)


def _calls(tool: AnyTool) -> list[dict[str, Any]]:
    if tool.name == "render_usage_report":
        return [_usage()]
    if tool.name in GIVEN:
        return GIVEN[tool.name]
    needed = {name for name, field in tool.Input.model_fields.items() if field.is_required()}
    assert needed <= USUAL.keys(), f"say in GIVEN what {tool.name} is called with; it takes {', '.join(sorted(needed))}"
    return [{name: USUAL[name][at] for name in needed} for at in range(2 if needed else 1)]


@cache
def _usage() -> dict[str, Any]:
    """What usage and deployments come to, as a report is made of it."""
    clients = Clients(world(), {})
    gave: dict[str, Any] = {}
    for argument, other in (("usage", "usage_statistics"), ("deployments", "deployment_statistics")):
        reading = Registry().find(other)
        gave[argument] = reading(clients).run(reading.Input()).model_dump(mode="json")  # type: ignore[call-arg]
    return gave


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_what_a_port_gives_is_marked_wherever_it_is_handed_on(tool: AnyTool) -> None:
    assert [fault for given in _calls(tool) for fault in faults_of(tool, given, Clients(world_for(tool), {}))] == []


ERRORS = [
    RetryableError(ORDER),
    NotReady(ORDER),
    PermissionDenied(ORDER),
    FatalError(ORDER),
    ToolInputError(ORDER),
    ToolInputError("there is no such thing", [ORDER], ours=True),
]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_what_a_port_fails_with_is_marked_wherever_it_is_handed_on(tool: AnyTool) -> None:
    found = []
    for given in _calls(tool)[:2]:
        called = Clients(world_for(tool), {})
        faults_of(tool, given, called)
        ways = [(port, method) for port in PORTS for method in sorted(getattr(called, port).called)]
        for port, method in ways:
            for error in ERRORS:
                clients = Clients(world_for(tool), {port: {method: error}})
                found += [f"{port}.{method}: {fault}" for fault in faults_of(tool, given, clients)]
    assert found == []


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_every_tool_comes_to_something_here(tool: AnyTool) -> None:
    """One that is called with what it takes for a mistake hands nothing on, marked or not."""
    made = tool(Clients(world_for(tool), {}))
    taken = tool.Input.model_validate(_calls(tool)[0])
    given = made.preview(taken) if isinstance(made, WriteTool) else made.run(taken)
    assert isinstance(given, BaseModel)


def test_nothing_is_said_of_tools_that_are_gone() -> None:
    assert GIVEN.keys() <= {tool.name for tool in TOOLS}
