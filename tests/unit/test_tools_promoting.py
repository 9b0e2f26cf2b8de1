"""The release of another environment passed on: its images alone, by digest, in a revision of the service's own."""

from __future__ import annotations

from typing import Any

import pytest
from fakes_platform import FakePlatform, service
from fakes_releases import EXECUTION, TASK, FakeReleases, id_of, revision, rollout
from memory_deployments import MemoryDeployments
from test_tools_listing_deployments import one
from test_tools_rolling_back import Clients, entry

from copilot.domain import Call, NothingToUndo, Preview, Resource, Rollout
from copilot.domain.releases import ContainerDefinition, Running
from copilot.errors import FatalError, PermissionDenied, ToolInputError
from copilot.tools.deployments.bringing import Bound
from copilot.tools.deployments.promoting import PromoteRelease, PromoteReleaseInput
from copilot.tools.deployments.rolling_back import RollBackService, RollBackServiceInput

OLD, NEW, OTHER = (f"sha256:{number * 64}" for number in "123")
IN = {"environment_id": "live", "service": "web", "from_environment_id": "rehearsal"}
EFFECT = "run-1/step/0"


class TwoPlaces(FakeReleases):
    """What is called web runs by a revision of its own in each environment."""

    def running(self, service: Resource) -> Running:
        if service.environment == "live":
            return super().running(service)
        found = self.rollouts.get(service.environment, ())
        return Running(definition=id_of("rehearsal-web:7"), rollouts=found)


def releases(image: str = "registry/web:1.4", **more: Any) -> TwoPlaces:
    theirs = revision(7, "1.4", containers=(ContainerDefinition(name="web", image=image),))
    theirs = theirs.model_copy(update={"name": "rehearsal-web:7", "id": id_of("rehearsal-web:7")})
    revisions = [revision(1, "1.2"), revision(2, "1.3"), theirs]
    digests = {"rehearsal-cluster/web": {"web": NEW}, "live-cluster/web": {"web": OLD}}
    given = {"runs": {"web": "web:2"}, "digests_of": digests, **more}
    return TwoPlaces(revisions={each.name: each for each in revisions}, **given)


def world(found: TwoPlaces | None = None, *more: Resource, facts: Any = ()) -> Clients:
    platform = FakePlatform([service("live", "web", 2), service("rehearsal", "web", 1), *more])
    clients = Clients(MemoryDeployments(facts), platform, found or releases())
    clients.call_id = EFFECT
    return clients


def looked(clients: Clients, **given: Any) -> Preview:
    return PromoteRelease(clients).preview(PromoteReleaseInput.model_validate(IN | given))


def done(clients: Clients, **given: Any) -> Preview:
    preview = looked(clients, **given)
    PromoteRelease(clients).run(PromoteReleaseInput.model_validate(IN | given), preview)
    return preview


def test_it_is_the_services_own_definition_with_the_images_that_run_there() -> None:
    facts = one("d7", 300, "succeeded", version="1.4", revision="rehearsal-web:7", environment="rehearsal")
    clients = world(facts=facts)
    preview = done(clients)
    (change,), (target,) = preview.changes, preview.targets
    assert target.name == "live" and change.action == "deploy" and change.uses == (TASK, EXECUTION)
    assert change.before == "web:2 (web:1.3)"
    assert change.after == "a new revision of web with web (sha256:222222222222)"
    assert change.reason.startswith("web in rehearsal runs 1.4, by rehearsal-web:7. ")
    assert "schema are not reverted" in change.reason
    assert clients.releases.made == [("web:3", EFFECT)] and clients.releases.runs["web"] == "web:3"
    was, now = (clients.releases.revisions[name] for name in ("web:2", "web:3"))
    assert now.containers[0].image == f"registry/web@{NEW}"
    assert now.model_copy(update={"name": "", "id": "", "effect": "", "containers": ()}) == was.model_copy(
        update={"name": "", "id": "", "effect": "", "containers": ()}
    )


def test_what_an_approval_binds_are_the_digests_and_what_runs_now() -> None:
    clients = world()
    before = looked(clients)
    bound = Bound.model_validate(before.state)
    assert (bound.before_name, bound.to, bound.images) == ("web:2", "", {"web": f"registry/web@{NEW}"})
    clients.releases.digests_of["rehearsal-cluster/web"] = {"web": OTHER}
    assert looked(clients).state_hash != before.state_hash


def test_a_worker_that_died_leaves_no_second_revision() -> None:
    clients = world()
    input, preview = PromoteReleaseInput.model_validate(IN), looked(clients)
    clients.releases.fails["bring"] = PermissionDenied("not authorized", ours=True)
    with pytest.raises(FatalError, match="revision web:3 was made, and nothing runs by it"):
        PromoteRelease(clients).run(input, preview)
    del clients.releases.fails["bring"]
    for _ in range(2):
        PromoteRelease(clients).run(input, preview)
    assert clients.releases.made == [("web:3", EFFECT)] and clients.releases.brought == [("web", "web:3")]
    assert PromoteRelease(clients).verify(input, preview).outcome == "true"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (("IN_PROGRESS", ""), "1 of 2 tasks of web:3 running"),
        (("FAILED", "no."), "the rollout of web:3 failed: "),
        (("ROLLED_BACK", "no."), "the rollout of web:3 failed, and ECS brought web:2 back: "),
    ],
)
def test_how_its_rollout_goes_is_told(outcome: tuple[str, str], said: str) -> None:
    clients = world(releases(outcome=outcome))
    preview = done(clients)
    found = PromoteRelease(clients).verify(PromoteReleaseInput.model_validate(IN), preview)
    assert found.outcome == ("not yet" if outcome[0] == "IN_PROGRESS" else "false")
    assert found.reason.startswith(said)


def test_what_it_needs_is_the_service_its_roles_and_to_make_a_revision() -> None:
    clients = world()
    needed = PromoteRelease(clients).permissions(PromoteReleaseInput.model_validate(IN), looked(clients))
    assert {one.action: one.arn for one in needed if one.action != "any:pass"} == {
        "any:bring": service("live", "web", 2).ref.id,
        "any:make": id_of("web:2"),
    }
    assert [one.arn for one in needed if one.action == "any:pass"] == [TASK, EXECUTION]


def test_it_is_taken_back_to_what_ran_before() -> None:
    clients = world()
    preview = done(clients)
    call = PromoteRelease.undo(PromoteReleaseInput.model_validate(IN), preview)
    expected: dict[str, Any] = {"environment_id": "live", "service": "web", "to": "web:2", "instead_of": EFFECT}
    assert call == Call(tool="roll_back_service", arguments=expected)
    clients.effects.entries.append(entry(preview, "promote_release@1"))
    input = RollBackServiceInput.model_validate(expected)
    back = RollBackService(clients).preview(input)
    RollBackService(clients).run(input, back)
    assert clients.releases.runs["web"] == "web:2"
    assert RollBackService(clients).preview(input).is_idle, "somebody else has deployed since"


def test_an_image_without_a_digest_is_refused_naming_it() -> None:
    with pytest.raises(FatalError, match="which image web of web in rehearsal is cannot be had by its digest"):
        looked(world(releases(digests_of={})))


def test_a_digest_that_the_definition_names_is_taken() -> None:
    found = releases(f"registry/web@{OTHER}", digests_of={})
    assert Bound.model_validate(looked(world(found)).state).images == {"web": f"registry/web@{OTHER}"}


def test_what_comes_from_elsewhere_is_refused() -> None:
    with pytest.raises(FatalError, match="comes from elsewhere/web in web in rehearsal and from registry/web here"):
        looked(world(releases("elsewhere/web:1.4")))


def test_a_service_of_quite_other_containers_is_refused() -> None:
    found = releases()
    other = (ContainerDefinition(name="worker", image="registry/web:1.3"),)
    found.revisions["web:2"] = revision(2, "1.3", containers=other)
    with pytest.raises(FatalError, match=r"has none of the containers of web in rehearsal \(web\)"):
        looked(world(found))


def test_what_stands_beside_it_stays_as_it_is() -> None:
    found = releases()
    both = (*found.revisions["web:2"].containers, ContainerDefinition(name="proxy", image="proxy:1"))
    found.revisions["web:2"] = revision(2, "1.3", containers=both)
    preview = looked(world(found))
    assert Bound.model_validate(preview.state).images == {"web": f"registry/web@{NEW}"}
    assert "; proxy stays as it is" in preview.changes[0].reason


def test_what_runs_there_already_is_left_as_it_is() -> None:
    clients = world(releases(digests_of={f"{name}-cluster/web": {"web": NEW} for name in ("live", "rehearsal")}))
    preview = done(clients)
    assert preview.is_idle and preview.changes[0].reason == "it runs the images of web in rehearsal already"
    assert not clients.releases.made
    undone = PromoteRelease.undo(PromoteReleaseInput.model_validate(IN), preview)
    assert isinstance(undone, NothingToUndo)


@pytest.mark.parametrize("said", ["1.4", "v1.4", "7", "rehearsal-web:7"])
def test_a_revision_that_is_named_has_to_be_the_one_that_runs(said: str) -> None:
    assert looked(world(), revision=said).wanted
    with pytest.raises(FatalError, match=r"runs by rehearsal-web:7 .* and not by 1.5"):
        looked(world(), revision="1.5")


@pytest.mark.parametrize("state", ["IN_PROGRESS", "FAILED"])
def test_a_release_that_is_not_through_is_not_passed_on(state: str) -> None:
    found: dict[str, tuple[Rollout, ...]] = {"rehearsal": (rollout("rehearsal-web:7", state),)}
    with pytest.raises(FatalError, match=r"the rollout of web in rehearsal (is under way|failed)"):
        looked(world(releases(rollouts=found)))


def test_nothing_is_deployed_into_a_rollout_that_is_under_way() -> None:
    with pytest.raises(FatalError, match="the rollout of web in live is under way"):
        looked(world(releases(rollouts={"web": (rollout("web:2", "IN_PROGRESS"),)})))


def test_the_source_may_be_in_several_clusters_where_it_runs_the_same_in_all() -> None:
    far = service("rehearsal", "web", 1, region="us-east-1").model_copy(update={"cluster": "far"})
    digests = {"rehearsal-cluster/web": {"web": NEW}, "live-cluster/web": {"web": OLD}}
    assert looked(world(releases(digests_of=digests | {"far/web": {"web": NEW}}), far)).wanted
    with pytest.raises(FatalError, match="runs different images in its 2 clusters"):
        looked(world(releases(digests_of=digests | {"far/web": {"web": OTHER}}), far))


def test_what_something_else_deploys_is_refused_here_too() -> None:
    with pytest.raises(FatalError, match="is deployed by CodeDeploy"):
        looked(world(releases(controllers={"web": "CodeDeploy"})))
    with pytest.raises(ToolInputError, match="live cannot be given its own release"):
        looked(world(), from_environment_id="live")
