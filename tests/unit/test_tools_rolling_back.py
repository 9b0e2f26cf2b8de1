"""A service brought back to a release that was good: which one that is, what is refused, and how it comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes_platform import NOW, FakePlatform, FixedClock, service
from fakes_releases import EXECUTION, TASK, FakeReleases, id_of, revision, rollout
from memory_deployments import MemoryDeployments
from some_clients import SomeClients
from test_tools_listing_deployments import one

from copilot.domain import Call, LedgerEntry, MadeEffect, NothingToUndo, Preview, Resource, ResourceRef
from copilot.domain.deployments import DeploymentFact
from copilot.errors import FatalError, PermissionDenied, ToolInputError
from copilot.ports import Clock
from copilot.tools.deployments.bringing import Bound
from copilot.tools.deployments.rolling_back import RollBackService, RollBackServiceInput


def releases(now: str = "web:3", **more: Any) -> FakeReleases:
    revisions = [revision(1, "1.1"), revision(2, "1.2"), revision(3, "1.3")]
    given = {"watching": {"web": ("cpu", "errors")}, **more}
    return FakeReleases(revisions={each.name: each for each in revisions}, runs={"web": now}, **given)


@dataclass
class Ledger:
    entries: list[LedgerEntry] = field(default_factory=list)

    def on(self, target: ResourceRef) -> Iterator[LedgerEntry]:
        return iter(entry for entry in reversed(self.entries) if any(one.ref == target for one in entry.prior.targets))

    def made(self, since: datetime, until: datetime, target: ResourceRef | None = None) -> Iterator[MadeEffect]:
        raise AssertionError("what was made at a time is nobody's concern here")


@dataclass
class Clients(SomeClients):
    deployments: MemoryDeployments
    platform: FakePlatform
    releases: FakeReleases
    effects: Ledger = field(default_factory=Ledger)
    clock: Clock = field(default_factory=FixedClock)


HISTORY = (
    *one("d1", 3000, "succeeded", version="1.1", revision="web:1", environment="shop"),
    *one("d2", 500, "succeeded", version="1.2", revision="web:2", environment="shop"),
    *one("d3", 60, "succeeded", version="1.3", revision="web:3", environment="shop", by="marta"),
)


def world(facts: Sequence[DeploymentFact] = HISTORY, found: FakeReleases | None = None, *more: Resource) -> Clients:
    platform = FakePlatform([service("shop", "web", 2, tags={"team": "garden"}), *more])
    return Clients(MemoryDeployments(facts), platform, found or releases())


def looked(clients: Clients, **given: Any) -> Preview:
    return RollBackService(clients).preview(RollBackServiceInput(environment_id="shop", service="web", **given))


def done(clients: Clients, **given: Any) -> Preview:
    """Looked at, and done."""
    input = RollBackServiceInput(environment_id="shop", service="web", **given)
    preview = RollBackService(clients).preview(input)
    RollBackService(clients).run(input, preview)
    return preview


def entry(preview: Preview, tool: str = "roll_back_service@1") -> LedgerEntry:
    return LedgerEntry(
        step="s",
        item=0,
        tool=tool,
        arguments_hash="",
        state="done",
        prior=preview,
        owner="w",
        attempt=1,
        started_at=NOW,
        dead_after=NOW,
    )


def test_it_goes_to_the_last_good_one_before_what_runs_and_says_why_that_is_good() -> None:
    preview = looked(world())
    (change,), (target,) = preview.changes, preview.targets
    assert (target.ref, target.tags) == (ResourceRef(type="environment", id="shop"), {"team": "garden"})
    assert change.action == "deploy" and change.uses == (TASK, EXECUTION)
    assert change.before == "web:3 (1.3), since Mon 2 Mar 11:30 UTC, by marta"
    assert change.after == "web:2 (1.2)"
    assert change.reason.startswith("web 1.2 (web:2) was good: completed Mon 2 Mar 04:11 UTC, ran 7 h")
    assert "none of its 2 alarms rang in the first 30 minutes" in change.reason
    assert "schema are not reverted" in change.reason
    assert Bound.model_validate(preview.state).to == id_of("web:2")


def test_one_that_is_not_known_to_be_good_is_passed_over() -> None:
    rang = ("cpu", NOW - timedelta(minutes=495), NOW - timedelta(minutes=490))
    preview = looked(world(found=releases(ringing=[rang])))
    assert Bound.model_validate(preview.state).to_name == "web:1"


def test_where_none_is_known_to_be_good_it_is_refused_with_the_reasons() -> None:
    rang = ("cpu", NOW - timedelta(days=10), NOW)
    with pytest.raises(FatalError, match=r"was not rolled back: no release before web:3 .*rang cpu; .*rang cpu"):
        looked(world(found=releases(ringing=[rang])))
    with pytest.raises(FatalError, match="None before it was reported as completed"):
        looked(world(facts=()))


@pytest.mark.parametrize(
    ("said", "to"),
    [
        ("1.1", "web:1"),
        ("v1.1", "web:1"),
        ("1", "web:1"),
        ("web:1", "web:1"),
        ("d1", "web:1"),
        ("the one before", "web:2"),
        ("the previous version", "web:2"),
    ],
)
def test_a_release_is_named_as_people_name_it(said: str, to: str) -> None:
    assert Bound.model_validate(looked(world(), to=said).state).to_name == to


def test_the_tag_of_an_image_names_a_revision_where_no_version_was_reported() -> None:
    facts = [each.model_copy(update={"version": ""}) for each in HISTORY]
    assert Bound.model_validate(looked(world(facts), to="1.1").state).to_name == "web:1"


def test_a_named_one_that_is_not_known_to_be_good_is_refused() -> None:
    rang = ("errors", NOW - timedelta(minutes=495), NOW - timedelta(minutes=490))
    with pytest.raises(FatalError, match=r"1.2 .* is not known to be good: in its first 30 minutes rang errors"):
        looked(world(found=releases(ringing=[rang])), to="1.2")
    with pytest.raises(FatalError, match=r"web:1 is not known to be good: no deployment of it .*shop was not changed"):
        looked(world(HISTORY[2:]), to="1")


def test_what_is_not_there_is_said_with_what_there_is() -> None:
    with pytest.raises(ToolInputError, match=r"no release 9.9 of web to bring back; there are 1.3, 1.2, 1.1"):
        looked(world(), to="9.9")


def test_brought_back_twice_it_goes_further_back_and_not_to_and_fro() -> None:
    facts = (*HISTORY, *one("d4", 40, "succeeded", revision="web:2", environment="shop"))
    assert Bound.model_validate(looked(world(facts, releases("web:2"))).state).to_name == "web:1"


def test_what_runs_already_is_left_as_it_is() -> None:
    clients = world()
    preview = done(clients, to="1.3")
    assert preview.is_idle and preview.changes[0].reason == "it runs by web:3 already"
    assert not clients.releases.brought
    undone = RollBackService.undo(RollBackServiceInput(environment_id="shop", service="web"), preview)
    assert isinstance(undone, NothingToUndo)


@pytest.mark.parametrize("controller", ["CodeDeploy", "a controller outside ECS"])
def test_what_something_else_deploys_is_refused_naming_it(controller: str) -> None:
    with pytest.raises(FatalError, match=f"is deployed by {controller}, which takes no change"):
        looked(world(found=releases(controllers={"web": controller})))


def test_what_a_pipeline_deployed_last_is_refused_naming_it() -> None:
    by_pipeline = one("p1", 62, "succeeded", "succeeded", "succeeded", service="web-deploy", source="codepipeline")
    by_ecs = one("e1", 61, "succeeded", source="ecs", revision="web:3", environment="shop-cluster")
    with pytest.raises(FatalError, match="deployed last by the pipeline web-deploy of CodePipeline"):
        looked(world((*HISTORY[:4], *by_pipeline, *by_ecs)))
    assert looked(world((*by_pipeline, *HISTORY))).wanted, "somebody else deployed it since"


def test_the_rights_of_its_tasks_are_not_changed_with_it() -> None:
    found = releases()
    found.revisions["web:2"] = revision(2, "1.2", task_role=f"{TASK}-admin")
    with pytest.raises(FatalError, match="the task role is task now and task-admin there"):
        looked(world(found=found))


def test_what_was_deregistered_is_refused() -> None:
    found = releases()
    found.revisions["web:2"] = revision(2, "1.2", usable=False)
    with pytest.raises(FatalError, match="web:2 of web was deregistered"):
        looked(world(found=found))


def test_without_the_pack_nothing_is_done() -> None:
    clients = world()
    clients.platform.packs_off = {"deploy"}
    with pytest.raises(PermissionDenied, match="deploy"):
        looked(clients)


def test_in_several_clusters_it_is_refused() -> None:
    other = service("shop", "web", 2, region="us-east-1")
    with pytest.raises(FatalError, match="is in 2 clusters of shop"):
        looked(world(HISTORY, None, other))


# --- done, and looked at ---------------------------------------------------------------------------


def verified(clients: Clients, preview: Preview) -> tuple[str, str]:
    found = RollBackService(clients).verify(RollBackServiceInput(environment_id="shop", service="web"), preview)
    return found.outcome, found.reason


def test_it_needs_the_service_and_the_roles_and_nothing_more() -> None:
    clients = world()
    input = RollBackServiceInput(environment_id="shop", service="web")
    preview = RollBackService(clients).preview(input)
    (change,) = preview.changes
    needed = RollBackService(clients).permissions(input, preview)
    assert [(one.action, one.arn) for one in needed] == [
        ("any:bring", change.ref.id),
        ("any:pass", TASK),
        ("any:pass", EXECUTION),
    ]


def test_it_is_done_once_however_often_it_is_called() -> None:
    clients = world()
    preview = done(clients)
    RollBackService(clients).run(RollBackServiceInput(environment_id="shop", service="web"), preview)
    assert clients.releases.brought == [("web", "web:2")]
    assert verified(clients, preview) == ("true", "")


def test_what_is_on_its_way_is_waited_for() -> None:
    clients = world(found=releases(outcome=("IN_PROGRESS", "")))
    assert verified(clients, done(clients)) == ("not yet", "1 of 2 tasks of web:2 running")


def test_a_rollout_that_fails_is_told_with_its_reason() -> None:
    clients = world(found=releases(outcome=("FAILED", "tasks failed to start.")))
    outcome, reason = verified(clients, done(clients))
    assert outcome == "false" and reason.startswith("the rollout of web:2 failed: ")
    assert "tasks failed to start." in reason


def test_that_the_circuit_breaker_took_it_back_is_told_as_a_failure() -> None:
    clients = world(found=releases(outcome=("ROLLED_BACK", "deployment circuit breaker: tasks failed to start.")))
    outcome, reason = verified(clients, done(clients))
    assert outcome == "false" and reason.startswith("the rollout of web:2 failed, and ECS brought web:3 back: ")


def test_somebody_else_who_deploys_meanwhile_is_not_overwritten() -> None:
    clients = world()
    preview = looked(clients)
    clients.releases.runs["web"] = "web:1"
    with pytest.raises(FatalError, match="somebody else deployed it meanwhile"):
        RollBackService(clients).run(RollBackServiceInput(environment_id="shop", service="web"), preview)
    assert verified(clients, preview)[0] == "false" and not clients.releases.brought


def test_the_state_that_an_approval_binds_is_of_what_runs_and_what_it_goes_to() -> None:
    clients = world()
    before = looked(clients).state_hash
    clients.releases.rollouts["web"] = (rollout("web:3", "IN_PROGRESS"),)
    assert looked(clients).state_hash == before
    clients.releases.runs["web"] = "web:2"
    assert looked(clients).state_hash != before


# --- taken back ------------------------------------------------------------------------------------


def undo_of(preview: Preview) -> dict[str, Any]:
    call = RollBackService.undo(RollBackServiceInput(environment_id="shop", service="web"), preview)
    assert isinstance(call, Call) and call.tool == "roll_back_service"
    return {name: value for name, value in call.arguments.items() if name in {"to", "instead_of"}}


def test_it_is_taken_back_to_exactly_what_ran_before_good_or_not() -> None:
    rang = ("cpu", NOW - timedelta(minutes=55), NOW)
    clients = world(found=releases(ringing=[rang]))
    preview = done(clients)
    call = undo_of(preview)
    assert call == {"to": "web:3", "instead_of": "web:2"}
    clients.effects.entries.append(entry(preview))
    done(clients, **call)
    assert clients.releases.runs["web"] == "web:3"


def test_what_somebody_deployed_since_is_left() -> None:
    clients = world()
    preview = done(clients)
    clients.effects.entries.append(entry(preview))
    clients.releases.runs["web"] = "web:1"
    back = looked(clients, **undo_of(preview))
    assert back.is_idle and back.changes[0].reason == "it runs by web:1 now: somebody else deployed it since"


def test_to_say_that_it_takes_something_back_is_not_enough() -> None:
    """Only what the ledger has was a change of the copilot's; of any other the release has to be good."""
    rang = ("cpu", NOW - timedelta(minutes=500), NOW)
    clients = world(found=releases(ringing=[rang]))
    with pytest.raises(FatalError, match="is not known to be good"):
        looked(clients, to="web:2", instead_of="web:3")


def test_whose_in_code_the_service_is_is_said_by_its_tags() -> None:
    platform = FakePlatform([service("shop", "web", 2, tags={"aws:cloudformation:stack-name": "shop-web"})])
    preview = looked(Clients(MemoryDeployments(HISTORY), platform, releases()))
    assert [change.owned_by for change in preview.wanted] == ["stack shop-web"]


def test_what_was_restarted_since_is_not_of_who_deployed_it() -> None:
    again = rollout("web:3", "COMPLETED", since=NOW - timedelta(minutes=5))
    preview = looked(world(found=releases(rollouts={"web": (again,)}), facts=OLD))
    (change,) = preview.changes
    assert change.before == "web:3 (1.3), since Mon 2 Mar 12:25 UTC, deployed Mon 2 Mar 07:30 UTC by marta"


OLD = (
    *one("d1", 3000, "succeeded", version="1.1", revision="web:1", environment="shop"),
    *one("d2", 800, "succeeded", version="1.2", revision="web:2", environment="shop"),
    *one("d3", 300, "succeeded", version="1.3", revision="web:3", environment="shop", by="marta"),
)
