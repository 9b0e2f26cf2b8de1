"""Stopping an environment and starting it again."""

from __future__ import annotations

from typing import Any

import pytest
from fakes_platform import FakeClients, FakePlatform, cluster, database, group, instance, service
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.domain import Call, Change, Limits, NothingToUndo, Preview, Resource, Unreachable
from copilot.errors import (
    CopilotError,
    FatalError,
    NotReady,
    PermissionDenied,
    RetryableError,
    ToolInputError,
    Unfinished,
)
from copilot.tools.environments.outcomes import PowerOutput
from copilot.tools.environments.power import PowerInput
from copilot.tools.environments.starting import StartEnvironment
from copilot.tools.environments.stopping import StopEnvironment
from copilot.tools.tool import UNCHANGED

DEV = PowerInput(environment_id="dev")
GROUPED = "in an Auto Scaling group"
CLOSED = Unreachable(account="far (222222222222)", region="eu-west-1", reason="refused")


def dev(**more: object) -> FakePlatform:
    resources = [
        database("dev", "db"),
        service("dev", "web", 2),
        instance("dev", "node", held=GROUPED),
        service("dev", "worker", 1),
        service("other", "theirs", 4),
    ]
    return FakePlatform(resources, **more)  # type: ignore[arg-type]


def stop(platform: FakePlatform) -> StopEnvironment:
    return StopEnvironment(FakeClients(platform))


def start(platform: FakePlatform) -> StartEnvironment:
    return StartEnvironment(FakeClients(platform))


def run(tool: StopEnvironment | StartEnvironment) -> tuple[Preview, PowerOutput]:
    preview = tool.preview(DEV)
    return preview, tool.run(DEV, preview)


def actions(preview: Preview) -> list[tuple[str, str]]:
    return [(change.name, change.action) for change in preview.changes]


def change(preview: Preview, name: str) -> Change:
    return next(change for change in preview.changes if change.name == name)


# --- preview


def test_the_target_is_the_environment_with_kind_and_shared_tags() -> None:
    tags = {"environment": "dev", "kind": "dev"}
    platform = FakePlatform(
        [
            service("dev", "web", 1, tags=tags | {"team": "a"}),
            service("dev", "api", 0, saved=2, tags=tags | {"team": "b", "devops-copilot:stopped-from": "2"}),
        ],
        kinds={"dev": "preview"},
    )
    (target,) = stop(platform).preview(DEV).targets
    assert (target.ref.type, target.ref.id, target.kind, target.tags) == ("environment", "dev", "preview", tags)


def test_the_target_is_the_same_before_and_after_so_that_an_approval_stands() -> None:
    platform = FakePlatform([service("dev", "web", 0, saved=2, tags={"devops-copilot:stopped-from": "2"})])
    assert start(platform).preview(DEV).targets[0].tags == {}


def test_databases_stop_last_and_start_first() -> None:
    platform = dev()
    assert actions(stop(platform).preview(DEV)) == [
        ("web", "scale"),
        ("worker", "scale"),
        ("node", "skip"),
        ("db", "stop"),
    ]
    run(stop(platform))
    assert actions(start(platform).preview(DEV)) == [
        ("db", "start"),
        ("node", "skip"),
        ("web", "scale"),
        ("worker", "scale"),
    ]


def test_what_is_left_alone_is_listed_with_the_reason() -> None:
    platform = FakePlatform(
        [
            service("dev", "web", 2),
            service("dev", "idle", 0),
            instance("dev", "node", held=GROUPED),
            database("dev", "db", "stopping"),
        ]
    )
    preview = stop(platform).preview(DEV)
    assert change(preview, "node").reason == GROUPED
    assert change(preview, "idle").reason == "already stopped"
    assert change(preview, "db").reason == "already stopping"
    assert (change(preview, "web").before, change(preview, "web").after) == ("2", "0")

    preview = start(platform).preview(DEV)
    assert change(preview, "idle").reason == "was not stopped by the copilot"
    assert change(preview, "web").reason == "already running"


def test_what_cannot_be_read_is_in_the_preview_and_in_the_answer() -> None:
    platform = dev(unreachable=[CLOSED])
    preview, output = run(stop(platform))
    unread = preview.changes[-1]
    assert (unread.action, unread.name) == ("skip", "far (222222222222) in eu-west-1")
    assert unread.reason == "could not be read: refused"
    assert output.summary.endswith("; far (222222222222) in eu-west-1 could not be read")


def test_the_state_hash_follows_what_the_change_depends_on_and_nothing_else() -> None:
    def hash_of(*resources: Resource, **more: object) -> str:
        return stop(FakePlatform(list(resources), **more)).preview(DEV).state_hash  # type: ignore[arg-type]

    web, db = service("dev", "web", 3), database("dev", "db")
    same = hash_of(web, db)
    assert hash_of(db, web) == same
    assert hash_of(service("dev", "web", 3, running=1), db) == same, "a task that comes or goes"
    assert hash_of(service("dev", "web", 4), db) != same, "another size"
    assert hash_of(web) != same, "a resource more or less"
    assert hash_of(web, database("dev", "db", held="a read replica")) != same
    assert hash_of(web, db, kinds={"dev": "staging"}) != same, "another kind"


def test_permissions_are_those_of_the_changes_alone() -> None:
    platform = dev()
    tool = stop(platform)
    preview = tool.preview(DEV)
    assert {one.arn for one in tool.permissions(DEV, preview)} == {
        platform.now(name).ref.id for name in ("db", "web", "worker")
    }


def test_an_unknown_id_is_refused_with_the_nearest() -> None:
    with pytest.raises(ToolInputError) as caught:
        stop(dev()).preview(PowerInput(environment_id="dav"))
    assert caught.value.nearest == ("dev",)


# --- run


def test_stopping_accounts_for_every_resource() -> None:
    platform = dev()
    _, output = run(stop(platform))
    assert output.summary == "dev: stopped web 2 -> 0, worker 1 -> 0, db; node left alone (in an Auto Scaling group)"
    assert (output.changed, output.skipped, output.failed, output.state) == (3, 1, 0, "stopping")
    assert {one.name: one.outcome for one in output.resources} == {
        "node": "skipped",
        "web": "done",
        "worker": "done",
        "db": "done",
    }
    assert platform.now("node").state == "running"
    assert platform.now("theirs").size == 4


def test_databases_are_stopped_after_all_that_uses_them() -> None:
    platform = dev()
    run(stop(platform))
    assert platform.applied[-1][1] == "db"
    run(start(platform))
    assert platform.applied[3][:2] == ("start", "db")


def test_one_failure_keeps_only_what_it_uses_from_being_changed() -> None:
    platform = dev(failing={"web": PermissionDenied("no right to web")})
    _, output = run(stop(platform))
    assert (output.state, output.changed, output.failed) == ("partial", 1, 2)
    assert "failed: web («no right to web»), db (not begun, since it comes after web)" in output.summary
    assert (platform.now("worker").state, platform.now("db").state) == ("stopped", "running")


@pytest.mark.parametrize(
    "error", [FatalError("no root volume"), RetryableError("no capacity"), NotReady("in an incorrect state")]
)
def test_starting_what_cannot_be_started_holds_up_nothing_else(error: CopilotError) -> None:
    resources = [database("dev", "db"), instance("dev", "gpu"), instance("dev", "worker"), service("dev", "web", 2)]
    platform = FakePlatform(resources, failing={})
    run(stop(platform))
    platform.failing = {"gpu": error}
    preview = start(platform).preview(DEV)
    try:
        said = start(platform).run(DEV, preview).summary
    except Unfinished as unfinished:
        said = str(unfinished)
    assert said == f"dev: started db, worker, web 0 -> 2; failed: gpu («{error}»)"
    assert {name: platform.now(name).state for name in ("db", "worker", "web")} == dict.fromkeys(
        ("db", "worker", "web"), "running"
    )


def test_a_database_that_is_broken_keeps_nothing_else_from_being_started() -> None:
    platform = dev()
    run(stop(platform))
    platform.failing = {"db": FatalError("its key is gone")}
    _, output = run(start(platform))
    assert "failed: db («its key is gone»)" in output.summary
    assert (platform.now("web").state, platform.now("worker").state) == ("running", "running")


@pytest.mark.parametrize("hosted", [True, False])
def test_a_service_that_could_not_be_stopped_keeps_machines_only_if_it_runs_on_them(hosted: bool) -> None:
    resources = [service("dev", "web", 2, hosted=hosted), instance("dev", "worker"), database("dev", "db")]
    platform = FakePlatform(resources, failing={"web": PermissionDenied("no right to web")})
    run_of = stop(platform)
    if hosted:
        with pytest.raises(PermissionDenied, match="not begun, since it comes after web"):
            run_of.run(DEV, run_of.preview(DEV))
    else:
        output = run_of.run(DEV, run_of.preview(DEV))
        assert output.summary.startswith("dev: stopped worker; failed: web («no right to web»), db (not begun")
    assert platform.now("worker").state == ("running" if hosted else "stopped")
    assert platform.now("db").state == "running", "what still runs may use it"


def test_what_is_left_alone_is_named_with_its_reason_and_holds_up_nothing() -> None:
    protected = "it has stop protection"
    resources = [service("dev", "web", 1), instance("dev", "bastion", held=protected), database("dev", "db")]
    platform = FakePlatform([*resources, instance("dev", "jump", held=protected)])
    _, output = run(stop(platform))
    assert output.summary == "dev: stopped web 1 -> 0, db; bastion, jump left alone (it has stop protection)"


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([RetryableError("slow down"), RetryableError("too fast"), RetryableError("slower")], RetryableError),
        ([RetryableError("slow down"), PermissionDenied("no"), RetryableError("slower")], PermissionDenied),
        ([FatalError("broken"), RetryableError("slow down"), ToolInputError("gone")], FatalError),
    ],
)
def test_when_nothing_could_be_changed_the_error_says_whether_to_try_again(
    errors: list[CopilotError], expected: type[CopilotError]
) -> None:
    names = ("a", "b", "c")
    platform = FakePlatform([service("dev", name, 1) for name in names], failing=dict(zip(names, errors, strict=True)))
    with pytest.raises(expected, match="nothing in dev was stopped: ") as caught:
        run(stop(platform))
    assert not isinstance(caught.value, Unfinished)
    assert all(str(error) in str(caught.value) for error in errors)


def test_nothing_to_do_is_success_and_says_so() -> None:
    platform = dev()
    run(stop(platform))
    preview, output = run(stop(platform))
    assert output.summary == "dev: already stopped; node left alone (in an Auto Scaling group)"
    assert (output.changed, output.state) == (0, "stopped")
    assert stop(platform).verify(DEV, preview).outcome == "true"
    assert len(platform.applied) == 3


def test_run_again_after_a_worker_died_does_what_is_missing() -> None:
    platform = dev()
    preview = stop(platform).preview(DEV)
    platform.apply(change(preview, "web"), platform.now("web"))  # and then the worker died
    output = stop(platform).run(DEV, preview)
    assert output.changed == 3
    assert stop(platform).verify(DEV, preview).outcome == "true"
    run(start(platform))
    assert platform.now("web").size == 2


def test_started_again_after_a_worker_died_gets_the_size_that_was_previewed() -> None:
    platform = dev()
    run(stop(platform))
    preview = start(platform).preview(DEV)
    forgotten = platform.now("web").model_copy(update={"saved": None})
    platform.resources = [forgotten if one.ref == forgotten.ref else one for one in platform.resources]
    start(platform).run(DEV, preview)
    assert ("start", "web", 2) in platform.applied


def test_what_is_gone_since_the_preview_is_a_failure_of_its_own() -> None:
    platform = dev()
    preview = stop(platform).preview(DEV)
    platform.resources = [one for one in platform.resources if one.name != "web"]
    output = stop(platform).run(DEV, preview)
    assert "failed: web (web is no longer there)" in output.summary
    verified = stop(platform).verify(DEV, preview)
    assert (verified.outcome, verified.reason) == ("false", "web is no longer there")


# --- verify


def test_verify_says_true_from_a_fresh_read_with_the_state_wanted() -> None:
    platform = dev()
    preview, _ = run(stop(platform))
    verified = stop(platform).verify(DEV, preview)
    assert verified.outcome == "true"
    assert verified.output is not None
    assert PowerOutput.model_validate(verified.output).state == "stopped"
    assert (
        verified.output["summary"]
        == "dev: stopped web 2 -> 0, worker 1 -> 0, db; node left alone (in an Auto Scaling group)"
    )


@pytest.mark.parametrize("name", ["web", "db"])
def test_verify_waits_for_what_is_on_its_way(name: str) -> None:
    platform = dev(slow={name})
    preview, _ = run(stop(platform))
    assert stop(platform).verify(DEV, preview).outcome == "not yet"
    assert name in stop(platform).verify(DEV, preview).reason

    platform = dev()
    run(stop(platform))
    platform.slow = {name}
    preview, _ = run(start(platform))
    verified = start(platform).verify(DEV, preview)
    assert verified.outcome == "not yet"
    assert verified.output is not None and verified.output["state"] == "starting"


def test_verify_says_false_where_the_world_is_otherwise() -> None:
    platform = dev()
    preview = stop(platform).preview(DEV)
    verified = stop(platform).verify(DEV, preview)
    assert verified.outcome == "false"
    assert verified.reason == "web is running, worker is running, db is running"
    assert verified.output is not None
    assert PowerOutput.model_validate(verified.output).state == "partial"

    run(stop(platform))
    preview, _ = run(start(platform))
    smaller = service("dev", "web", 1)
    platform.resources = [smaller if one.ref == smaller.ref else one for one in platform.resources]
    verified = start(platform).verify(DEV, preview)
    assert (verified.outcome, verified.reason) == ("false", "web is to have 1, not 2")


def test_verify_cannot_tell_while_an_account_cannot_be_read() -> None:
    platform = dev()
    preview, _ = run(stop(platform))
    platform.unreachable = [Unreachable(account="main (111111111111)", region="eu-west-1", reason="throttled")]
    verified = stop(platform).verify(DEV, preview)
    assert verified.outcome == "not yet"
    assert "throttled" in verified.reason


# --- undo


def test_each_undoes_the_other() -> None:
    platform = FakePlatform([service("dev", "web", 2), database("dev", "db")])
    preview, _ = run(stop(platform))
    ids = [change.ref.id for change in preview.changes]
    sizes = {one.ref.id: one.size for one in dev().resources}
    left: Any = [{"resource": id, "size": 0, "back": sizes[id]} for id in ids]
    call = Call(tool="start_environment", arguments={"environment_id": "dev", "only": [*ids], "as_left": left})
    assert StopEnvironment.undo(DEV, preview) == call
    preview, _ = run(start(platform))
    ids = [change.ref.id for change in preview.changes]
    left = [{"resource": id, "size": sizes[id], "back": 0} for id in ids]
    call = Call(tool="stop_environment", arguments={"environment_id": "dev", "only": [*ids], "as_left": left})
    assert StartEnvironment.undo(DEV, preview) == call


@pytest.mark.parametrize(("first", "second"), [(stop, start), (start, stop)])
def test_undoing_changes_only_what_was_changed(first: Any, second: Any) -> None:
    """What was off, or on, before stays so, though it could be changed as well."""
    platform = FakePlatform([service("dev", "web", 2), service("dev", "worker", 0, saved=3), database("dev", "db")])
    before = [(one.name, one.size, one.state) for one in platform.resources]
    preview, _ = run(first(platform))
    undo = type(first(platform)).undo(DEV, preview)
    assert isinstance(undo, Call)
    tool = second(platform)
    given = tool.Input.model_validate(undo.arguments)
    tool.run(given, tool.preview(given))
    assert [(one.name, one.size, one.state) for one in platform.resources] == before


def test_what_ran_before_and_had_its_scaling_put_right_is_not_stopped_by_undoing_that() -> None:
    rests = Limits(minimum=0, maximum=10, suspended=("in", "out", "scheduled"))
    platform = FakePlatform([service("dev", "web", 3, saved=3, limits=rests, saved_limits=SCALED)])
    preview, _ = run(start(platform))
    assert preview.wanted and platform.now("web").limits == SCALED
    undone = StartEnvironment.undo(DEV, preview)
    assert isinstance(undone, NothingToUndo) and "only how it is scaled was put right" in undone.why


def test_there_is_nothing_to_undo_where_nothing_is_changed() -> None:
    platform = dev()
    run(stop(platform))
    assert StopEnvironment.undo(DEV, stop(platform).preview(DEV)) == UNCHANGED


# --- what is scaled, and what comes in groups and clusters

SCALED = Limits(minimum=2, maximum=10)


def whole(**more: object) -> FakePlatform:
    resources = [
        service("dev", "web", 3, limits=SCALED),
        group("dev", "pool", 2, Limits(minimum=1, maximum=4), caution="its instances are terminated"),
        instance("dev", "i-1", covered_by="pool", held="covered by pool, which is changed as a whole"),
        cluster("dev", "aurora", caution="RDS starts it again by itself after seven days"),
        database("dev", "aurora-1", covered_by="aurora", held="covered by aurora, which is changed as a whole"),
        database("dev", "db", caution="RDS starts it again by itself after seven days"),
    ]
    return FakePlatform(resources, **more)  # type: ignore[arg-type]


def test_everything_gets_stop_scale_or_skip_with_a_reason_before_anything_is_done() -> None:
    preview = stop(whole()).preview(DEV)
    assert [(one.name, one.action, one.before, one.after) for one in preview.changes] == [
        ("web", "scale", "3 (2 to 10)", "0"),
        ("i-1", "skip", "running", "running"),
        ("pool", "scale", "2 (1 to 4)", "0"),
        ("aurora", "stop", "running", "stopped"),
        ("aurora-1", "skip", "running", "running"),
        ("db", "stop", "running", "stopped"),
    ]
    assert [one.direction for one in preview.changes] == ["stop", None, "stop", "stop", None, "stop"]
    assert change(preview, "i-1").reason == "covered by pool, which is changed as a whole"
    assert change(preview, "pool").reason == "its instances are terminated"


def test_starting_shows_what_it_restores() -> None:
    platform = whole()
    run(stop(platform))
    preview = start(platform).preview(DEV)
    assert [(one.name, one.action, one.before, one.after, one.size) for one in preview.changes if one.size] == [
        ("pool", "scale", "0", "2 (1 to 4)", 2),
        ("web", "scale", "0", "3 (2 to 10)", 3),
    ]
    assert [one.name for one in preview.changes] == ["aurora", "aurora-1", "db", "i-1", "pool", "web"]


def test_that_databases_come_back_by_themselves_is_said_once_for_all() -> None:
    _, output = run(stop(whole()))
    assert "left alone" not in output.summary, "members went with what covers them"
    assert output.summary.endswith(
        "; pool: its instances are terminated; aurora, db: RDS starts it again by itself after seven days"
    )


def test_a_member_that_comes_or_goes_does_not_change_what_was_approved() -> None:
    platform = whole()
    before = stop(platform).preview(DEV).state_hash
    platform.resources = [one for one in platform.resources if one.name != "i-1"]
    assert stop(platform).preview(DEV).state_hash == before


def test_other_limits_are_another_state() -> None:
    platform = whole()
    before = stop(platform).preview(DEV).state_hash
    wider = platform.now("web").model_copy(update={"limits": Limits(minimum=2, maximum=11)})
    platform.resources = [wider if one.name == "web" else one for one in platform.resources]
    assert stop(platform).preview(DEV).state_hash != before


def test_a_service_that_may_still_be_scaled_up_is_not_stopped() -> None:
    platform = whole()
    preview, _ = run(stop(platform))
    awake = platform.now("web").model_copy(update={"limits": SCALED})
    platform.resources = [awake if one.name == "web" else one for one in platform.resources]
    verified = stop(platform).verify(DEV, preview)
    assert (verified.outcome, verified.reason) == ("false", "web may be scaled up to 10 again")


def test_a_service_whose_scaling_is_not_as_before_is_not_started() -> None:
    platform = whole()
    run(stop(platform))
    preview, _ = run(start(platform))
    scaled = platform.now("web").model_copy(update={"size": 7, "running": 7})
    platform.resources = [scaled if one.name == "web" else one for one in platform.resources]
    assert start(platform).verify(DEV, preview).outcome == "true", "scaled meanwhile, between its limits"
    lost = scaled.model_copy(update={"limits": Limits(minimum=0, maximum=10, suspended=("out",))})
    platform.resources = [lost if one.name == "web" else one for one in platform.resources]
    verified = start(platform).verify(DEV, preview)
    assert (verified.outcome, verified.reason) == ("false", "web is not scaled as before: 7 (0 to 10, suspended: out)")


def test_scaling_that_was_left_suspended_is_put_right_by_starting_again() -> None:
    platform = whole()
    run(stop(platform))
    half = platform.now("web").model_copy(update={"state": "running", "size": 3, "running": 3})
    platform.resources = [half if one.name == "web" else one for one in platform.resources]
    preview, _ = run(start(platform))
    assert (change(preview, "web").action, change(preview, "web").after) == ("scale", "3 (2 to 10)")
    assert platform.now("web").limits == SCALED
    assert start(platform).verify(DEV, preview).outcome == "true"


# --- what is busy


@pytest.mark.parametrize("alone", [False, True])
def test_what_is_busy_is_waited_for_and_then_the_rest_is_done(alone: bool) -> None:
    platform = FakePlatform([database("dev", "db", "other")]) if alone else dev()
    busy = platform.now("db").model_copy(update={"state": "other", "detail": "backing-up", "size": 1})
    platform.resources = [busy if one.name == "db" else one for one in platform.resources]
    platform.failing = {"db": NotReady("db is backing-up")}
    preview = stop(platform).preview(DEV)
    with pytest.raises(Unfinished, match=r"failed: db \(«db is backing-up»\)"):
        stop(platform).run(DEV, preview)
    verified = stop(platform).verify(DEV, preview)
    assert (verified.outcome, verified.reason) == ("not yet", "db is backing-up")

    platform.failing = {}
    ready = busy.model_copy(update={"state": "running", "running": 1})
    platform.resources = [ready if one.name == "db" else one for one in platform.resources]
    assert stop(platform).verify(DEV, preview).outcome == "false", "it is to be stopped now"
    stop(platform).run(DEV, preview)
    assert stop(platform).verify(DEV, preview).outcome == "true"


def test_starting_waits_for_a_database_that_is_still_stopping_and_holds_what_uses_it() -> None:
    platform = dev()
    run(stop(platform))
    stopping = platform.now("db").model_copy(update={"state": "stopping"})
    platform.resources = [stopping if one.name == "db" else one for one in platform.resources]
    platform.failing = {"db": NotReady("db is still stopping")}
    preview = start(platform).preview(DEV)
    with pytest.raises(Unfinished):
        start(platform).run(DEV, preview)
    assert platform.now("web").state == "stopped"
    assert start(platform).verify(DEV, preview).outcome == "not yet"


WORDS = st.sampled_from(["service", "scaled", "group", "instance", "database", "cluster"])
THINGS = st.lists(st.tuples(WORDS, st.integers(0, 5), st.booleans(), st.integers(0, 5)), min_size=1, max_size=8)


def thing(type: str, name: str, size: int, held: str, more: int) -> Resource:
    limits = Limits(minimum=max(0, size - more), maximum=size + more)
    match type:
        case "service":
            return service("dev", name, size, held=held)
        case "scaled":
            return service("dev", name, size, held=held, limits=limits)
        case "group":
            return group("dev", name, size, limits, held=held)
    make = {"instance": instance, "database": database, "cluster": cluster}[type]
    return make("dev", name, "running" if size else "stopped", held=held)


@settings(max_examples=200, deadline=None)
@given(things=THINGS)
def test_stopping_and_starting_restores_exactly_what_ran(things: list[tuple[str, int, bool, int]]) -> None:
    resources = [
        thing(type, f"r{number}", size, GROUPED if held else "", more)
        for number, (type, size, held, more) in enumerate(things)
    ]
    platform = FakePlatform(list(resources))
    before = {one.name: (one.state, one.size, one.running, one.limits) for one in resources}

    preview, output = run(stop(platform))
    assert stop(platform).verify(DEV, preview).outcome == "true"
    assert output.changed == sum(1 for _, size, held, _ in things if size and not held)
    assert all(platform.now(f"r{n}").state == "stopped" for n, (_, _, held, _) in enumerate(things) if not held)
    assert all(platform.now(f"r{n}") == resources[n] for n, (_, _, held, _) in enumerate(things) if held)

    calls = len(platform.applied)
    run(stop(platform))
    assert len(platform.applied) == calls, "a second stop makes no second call"

    preview, _ = run(start(platform))
    assert start(platform).verify(DEV, preview).outcome == "true"
    assert {one.name: (one.state, one.size, one.running, one.limits) for one in platform.resources} == before
