"""Deleting a preview environment: what is refused and why, in which order it is done, and what is said of it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes_platform import NOW, FakeClients, FakePlatform, cluster, database, group, instance, service

from copilot.config.configuration import Account, Configuration
from copilot.config.kinds import kind_of
from copilot.domain import (
    Deletion,
    Fixture,
    Irreversible,
    KnownEnvironment,
    Limits,
    Preview,
    Resource,
    ResourceRef,
    Unreachable,
)
from copilot.errors import FatalError, NotReady, PermissionDenied, RetryableError, ToolInputError, Unfinished
from copilot.tools.environments.deleting import DeletedOutput, DeleteEnvironment, DeleteEnvironmentInput
from copilot.tools.tool import UNCHANGED

PR = DeleteEnvironmentInput(environment_id="pr-1")
RUNNING_TOO = PR.model_copy(update={"running_too": True})
LONG_AGO = NOW - timedelta(hours=72)
ACCOUNT = "main (111111111111)"
REST = Limits(minimum=0, maximum=0)


def seen(**more: Any) -> KnownEnvironment:
    """As the sweeps have it: a preview for eight days."""
    given: dict[str, Any] = {
        "name": "pr-1",
        "kind": "preview",
        "seen_at": NOW,
        "as_of": NOW,
        "kind_since": NOW - timedelta(days=8),
        "accounts": (ACCOUNT,),
        "regions": ("eu-west-1",),
    }
    return KnownEnvironment.model_validate(given | more)


def resting(at: datetime = LONG_AGO) -> list[Resource]:
    return [
        database("pr-1", "db", "stopped", saved_at=at),
        instance("pr-1", "node", "stopped", saved_at=at),
        group("pr-1", "pool", 0, REST, saved_at=at),
        service("pr-1", "web", 0, saved_at=at),
        service("other", "theirs", 4),
    ]


def clients(resources: list[Resource] | None = None, known: KnownEnvironment | None = None, **more: Any) -> FakeClients:
    kinds = more.pop("kinds", {"pr-1": "preview"})
    platform = FakePlatform(resting() if resources is None else resources, kinds=kinds, **more)
    return FakeClients(platform, noted={"pr-1": known or seen()})


def done(given: FakeClients, input: DeleteEnvironmentInput = PR) -> tuple[Preview, DeletedOutput]:
    tool = DeleteEnvironment(given)
    preview = tool.preview(input)
    return preview, tool.run(input, preview)


def refused(given: FakeClients, input: DeleteEnvironmentInput = PR) -> str:
    """Why; nothing was done."""
    with pytest.raises(FatalError) as error:
        DeleteEnvironment(given).preview(input)
    assert error.value.ours
    assert given.platform.applied == []
    return str(error.value)


# --- what is refused


@pytest.mark.parametrize("kind", ["development", "staging", "production"])
def test_what_is_no_preview_by_a_fresh_read_is_refused_whatever_the_sweeps_say(kind: str) -> None:
    for input in (PR, RUNNING_TOO):
        assert f"it is {kind} (" in refused(clients(kinds={"pr-1": kind}), input)


@pytest.mark.parametrize(
    ("account", "tags", "kind"),
    [
        ("production", ["preview", "preview"], "production"),
        (None, ["preview", None], "production"),
        (None, ["preview", "development"], "production"),
        (None, ["previews", "preview"], "production"),
        (None, ["preview", "Preview"], "preview"),
        ("preview", [None, None], "preview"),
    ],
)
def test_the_kind_is_that_of_the_accounts_entry_then_of_the_tags_and_in_doubt_production(
    account: Any, tags: list[str | None], kind: str
) -> None:
    entry = Account(id="1" * 12, name="main", regions=("eu-west-1",), kind=account, read_role="r")
    arn = "arn:aws:ecs:eu-west-1:111111111111:service/c/{}"
    found = [
        service("pr-1", f"s{n}", 0, tags={} if tag is None else {"kind": tag}).model_copy(
            update={"ref": ResourceRef(type="ecs-service", id=arn.format(n))}
        )
        for n, tag in enumerate(tags)
    ]
    assert kind_of(found, Configuration(accounts=(entry,), people=()))[0] == kind


def test_where_more_of_it_may_be_unread_it_is_refused() -> None:
    hidden = [Unreachable(account="far (2)", region="eu-west-1", reason="refused")]
    assert "more of it may be where nothing could be read: far (2)" in refused(clients(unreachable=hidden))


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (seen(kind="production"), "the last sweep saw it as production"),
        (seen(kind_since=None), "it is not known since when"),
        (seen(as_of=None), "it is not known since when"),
        (seen(kind_since=NOW - timedelta(days=7) + timedelta(seconds=1)), "seen as one since 23 Feb 2026 12:30 UTC"),
        (seen(as_of=NOW - timedelta(days=1, seconds=1)), "last at 1 Mar 2026 12:29 UTC"),
        (seen(regions=("us-east-1",)), "no sweep has seen what it has in"),
        (seen(accounts=("other (222222222222)",)), "no sweep has seen what it has in"),
    ],
)
def test_what_the_sweeps_have_not_seen_as_a_preview_for_seven_days_is_refused(
    known: KnownEnvironment, why: str
) -> None:
    assert why in refused(clients(known=known))
    assert why in refused(clients(known=known), RUNNING_TOO)


def test_what_no_sweep_has_seen_is_refused_and_seven_days_are_enough() -> None:
    given = clients()
    given.noted.clear()
    assert "no sweep has seen it yet" in refused(given)
    assert DeleteEnvironment(clients(known=seen(kind_since=NOW - timedelta(days=7)))).preview(PR).wanted


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (service("pr-1", "web", 1), "web is running"),
        (service("pr-1", "web", 0, 1, saved_at=LONG_AGO), "web is stopping"),
        (service("pr-1", "web", 0), "web is stopped, and nothing says since when"),
        (service("pr-1", "web", 0, saved_at=LONG_AGO + timedelta(seconds=1)), "web is stopped only since 27 Feb 2026"),
    ],
)
def test_what_was_not_down_for_72_hours_is_refused_unless_a_person_says_otherwise(one: Resource, why: str) -> None:
    given = clients([one, *resting()[:3]])
    told = refused(given)
    assert why in told and "has to be down for 72 hours" in told
    assert len(DeleteEnvironment(given).preview(RUNNING_TOO).wanted) == 4


def test_the_later_of_what_is_noted_and_what_the_platform_says_counts() -> None:
    hour = timedelta(hours=1)
    since = {"web": Deletion(down_since=NOW - hour), "db": Deletion(down_since=LONG_AGO - hour, keeps=True)}
    told = refused(clients(deleted_so=since))
    assert "web is stopped only since 2 Mar 2026 11:30 UTC" in told and "db" not in told
    assert DeleteEnvironment(clients(deleted_so={"web": Deletion(down_since=LONG_AGO)})).preview(PR).wanted


def test_what_somebody_protects_is_refused_as_a_whole_and_named() -> None:
    protected = {"db": Deletion(refused="its deletion protection is on", keeps=True, down_since=LONG_AGO)}
    given = clients(deleted_so=protected)
    assert refused(given, RUNNING_TOO) == "pr-1 is not deleted: db: its deletion protection is on"
    only = tuple(one.ref.id for one in given.platform.resources if one.name in {"web", "pool"})
    preview = DeleteEnvironment(given).preview(PR.model_copy(update={"only": only}))
    assert [change.name for change in preview.wanted] == ["web", "pool"]


def test_where_all_of_it_is_kept_by_something_else_it_is_refused_and_not_called_deleted() -> None:
    kept = instance("pr-1", "node", "stopped", held="managed by another service")
    assert refused(clients([kept])) == "pr-1 is not deleted: nothing of it can be: node: managed by another service"


def test_what_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(ToolInputError, match="nearest: pr-1"):
        DeleteEnvironment(clients()).preview(DeleteEnvironmentInput(environment_id="pr-2"))
    with pytest.raises(ToolInputError, match="has no resource"):
        DeleteEnvironment(clients()).preview(PR.model_copy(update={"only": ("nowhere",)}))


# --- what is shown and done


def test_services_then_groups_then_instances_then_databases_with_final_snapshots() -> None:
    given = clients()
    preview, output = done(given)
    assert [(change.name, change.action) for change in preview.wanted] == [
        (name, "delete") for name in ("web", "pool", "node", "db")
    ]
    snapshot = preview.wanted[-1].snapshot
    assert snapshot.startswith("devops-copilot-db-") and len(snapshot) <= 63
    assert preview.wanted[-1].after == f"deleted; final snapshot {snapshot}"
    assert [one[:2] for one in given.platform.applied] == [("delete", one) for one in ("web", "pool", "node", "db")]
    assert given.platform.snapshots == [snapshot]
    assert [one.name for one in given.platform.resources] == ["theirs"]
    assert output.state == "deleting" and output.snapshots == (snapshot,)
    verified = DeleteEnvironment(given).verify(PR, preview)
    assert verified.outcome == "true" and verified.output
    assert verified.output["state"] == "deleted" and snapshot in str(verified.output["summary"])
    assert DeleteEnvironment(given).permissions(PR, preview)


def test_the_snapshot_is_called_the_same_each_time_and_otherwise_in_another_call() -> None:
    given = clients()
    names = {DeleteEnvironment(given).preview(PR).wanted[-1].snapshot for _ in range(2)}
    given.call_id = "run-2/step/0"
    assert len(names | {DeleteEnvironment(given).preview(PR).wanted[-1].snapshot}) == 2


@pytest.mark.parametrize("name", ["a" * 200, "A--b", "-", "ü_1"])
def test_rds_takes_the_name_of_every_snapshot(name: str) -> None:
    found = DeleteEnvironment(clients([database("pr-1", name, "stopped", saved_at=LONG_AGO)])).preview(PR)
    (change,) = found.wanted
    assert re.fullmatch(r"[a-z](?:-?[a-z0-9])*", change.snapshot) and len(change.snapshot) <= 63


def test_what_is_lost_and_what_stays_is_all_in_the_preview() -> None:
    queue = Fixture(
        ref=ResourceRef(type="sqs-queue", id="q"),
        name="mails",
        environment="pr-1",
        account=ACCOUNT,
        region="",
        detail="",
    )
    resources = [
        *resting(),
        instance("pr-1", "member", "stopped", covered_by="pool"),
        instance("pr-1", "theirs-too", held="in a group elsewhere"),
    ]
    how = Deletion(lost="the instance with its volume v-1", left="its volume v-2", down_since=LONG_AGO)
    given = clients(resources, fixed=[queue], deleted_so={"node": how})
    preview, output = done(given)
    told = {change.name: change.reason for change in preview.changes}
    assert told["node"] == "lost for good: the instance with its volume v-1; stays: its volume v-2"
    assert told["mails"] == "stays: a queue is not deleted"
    assert told["member"] == "covered by pool, which is deleted as a whole"
    assert told["theirs-too"] == "in a group elsewhere"
    assert "log groups, images, DNS records" in preview.changes[-1].name
    assert "stays: theirs-too, mails, what has no tag of it" in output.summary


def test_what_changed_since_it_was_shown_has_another_hash_and_what_only_stays_has_not() -> None:
    def state(*more: Resource, input: DeleteEnvironmentInput = PR, **given: Any) -> str:
        return DeleteEnvironment(clients([*resting(), *more], **given)).preview(input).state_hash

    assert state() == state() != state(input=RUNNING_TOO)
    assert state() != state(database("pr-1", "db2", "stopped", saved_at=LONG_AGO))
    queue = Fixture(
        ref=ResourceRef(type="sqs-queue", id="q"), name="m", environment="pr-1", account="", region="", detail=""
    )
    assert state(fixed=[queue]) == state()


def test_nothing_is_restored_but_a_person_is_told_from_what() -> None:
    preview, _ = done(clients())
    undone = DeleteEnvironment.undo(PR, preview)
    assert isinstance(undone, Irreversible)
    assert f"a person can restore db from {preview.wanted[-1].snapshot}" in undone.why
    nothing = preview.model_copy(update={"changes": ()})
    assert DeleteEnvironment.undo(PR, nothing) == UNCHANGED
    assert DeleteEnvironment.effect == "destroy"


# --- what goes wrong


def test_what_fails_keeps_what_comes_after_it_and_is_told() -> None:
    given = clients(failing={"pool": PermissionDenied("no", ours=True)})
    preview, output = done(given)
    assert [one.name for one in given.platform.resources] == ["db", "node", "pool", "theirs"]
    assert output.state == "partial" and output.snapshots == ()
    assert "still there: pool (no), node (not begun, since it comes after pool)" in output.summary
    verified = DeleteEnvironment(given).verify(PR, preview)
    assert verified.outcome == "false" and verified.reason.startswith("pool is ")


def test_where_nothing_could_be_deleted_nothing_is_half_done() -> None:
    with pytest.raises(PermissionDenied, match="nothing of pr-1 was deleted"):
        done(clients(failing={"web": PermissionDenied("no", ours=True)}))


def test_a_database_that_is_not_ready_for_its_snapshot_is_gone_on_with() -> None:
    given = clients(failing={"db": NotReady("db is started first", ours=True)})
    tool = DeleteEnvironment(given)
    preview = tool.preview(PR)
    with pytest.raises(Unfinished, match="still there: db"):
        tool.run(PR, preview)
    assert [one.name for one in given.platform.resources] == ["db", "theirs"]
    given.platform.failing.clear()
    assert tool.run(PR, preview).state == "deleting"
    assert tool.verify(PR, preview).outcome == "true"
    assert [name for _, name, _ in given.platform.applied].count("web") == 1


def test_what_is_on_its_way_is_waited_for() -> None:
    given = clients(slow={"db"})
    preview, _ = done(given)
    verified = DeleteEnvironment(given).verify(PR, preview)
    assert (verified.outcome, verified.reason) == ("not yet", "db is being deleted")


def test_what_is_no_preview_any_more_when_it_is_to_be_done_is_left() -> None:
    given = clients()
    tool = DeleteEnvironment(given)
    preview = tool.preview(PR)
    given.platform.kinds["pr-1"] = "production"
    with pytest.raises(FatalError, match="it is production"):
        tool.run(PR, preview)
    given.platform.kinds["pr-1"] = "preview"
    given.platform.unreachable.append(Unreachable(account="far", region="x", reason="busy"))
    with pytest.raises((RetryableError, FatalError)):
        tool.run(PR, preview)
    assert given.platform.applied == []


def test_clusters_of_databases_leave_a_snapshot_and_their_members_are_covered() -> None:
    resources = [
        cluster("pr-1", "store", "stopped", saved_at=LONG_AGO),
        database("pr-1", "store-1", "stopped", covered_by="store"),
    ]
    given = clients(resources)
    preview, output = done(given)
    assert [change.name for change in preview.wanted] == ["store"]
    assert len(output.snapshots) == 1
    verified = DeleteEnvironment(given).verify(PR, preview)
    assert verified.outcome == "false" and "store-1 is" in verified.reason, "what it covers has to be gone with it"
    given.platform.resources.clear()
    assert DeleteEnvironment(given).verify(PR, preview).outcome == "true"


def test_what_a_group_covers_that_is_not_to_be_deleted_may_stay() -> None:
    given = clients([*resting(), instance("pr-1", "member", "stopped", covered_by="pool")])
    only = tuple(one.ref.id for one in given.platform.resources if one.name == "web")
    input = PR.model_copy(update={"only": only})
    preview, _ = done(given, input)
    assert DeleteEnvironment(given).verify(input, preview).outcome == "true"
    assert [one.name for one in given.platform.resources] == ["db", "node", "pool", "theirs", "member"]


def test_whose_in_code_it_is_is_said_by_the_tags() -> None:
    in_code = [one.model_copy(update={"tags": {**one.tags, "managed-by": "terraform"}}) for one in resting()]
    preview = DeleteEnvironment(clients(in_code)).preview(PR)
    assert {change.owned_by for change in preview.wanted} == {"Terraform"}
