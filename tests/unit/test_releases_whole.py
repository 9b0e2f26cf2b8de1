"""Releases brought back and passed on by whole runs: decided, planned by a model, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import pytest
from deployment_facts import deployment
from fake_model import FakeModel
from fakes_platform import service
from fakes_releases import FakeReleases, id_of, revision
from steering_world import ANA, AWAKE, LIVE, NOON, World

from copilot.domain import Approval, Resource, ResourceRef
from copilot.domain.releases import Running

OLD, NEW = (f"sha256:{number * 64}" for number in "12")


class ByPlace(FakeReleases):
    """Services are known by their environment and name here: of one name there are several."""

    def running(self, service: Resource) -> Running:
        return super().running(_placed(service))

    def bring(self, service: Resource, definition: str) -> None:
        super().bring(_placed(service), definition)


def _placed(service: Resource) -> Resource:
    return service.model_copy(update={"name": f"{service.environment}/{service.name}"})


def world() -> World:
    made = World()
    made.platform.resources += [service(LIVE, "checkout", 4), service(AWAKE, "checkout", 2), service(AWAKE, "cart", 2)]
    revisions = [revision(number, f"1.{number}") for number in (1, 2)]
    other = revision(1, "1.1")
    revisions += [other.model_copy(update={"name": name, "id": id_of(name)}) for name in ("cart:1", "cart:2")]
    made.releases = ByPlace(
        revisions={one.name: one for one in revisions},
        runs={f"{AWAKE}/checkout": "web:2", f"{LIVE}/checkout": "web:1", f"{AWAKE}/cart": "cart:2"},
        digests_of={f"{AWAKE}-cluster/checkout": {"web": NEW}, f"{LIVE}-cluster/checkout": {"web": OLD}},
        watching={"checkout": ("cpu",), "cart": ("cpu",)},
    )
    for name, family in (("checkout", "web"), ("cart", "cart")):
        for number, days in ((1, 3), (2, 1)):
            more = {"service": name, "environment": AWAKE, "version": f"1.{number}", "revision": f"{family}:{number}"}
            begun = NOON - timedelta(days=days)
            made.deployments.record(deployment(f"{name}{number}", begun, {"deploy": 9.0}, **more))
    return made


def runs(made: World, environment: str, name: str = "checkout") -> str:
    return made.releases.runs[f"{environment}/{name}"]


def test_it_is_brought_back_when_asked_in_words_and_what_is_left_is_said() -> None:
    made = world()
    view = made.ask(f"roll back checkout in {AWAKE}")
    assert view["outcome"] == "succeeded", view["answer"]
    assert runs(made, AWAKE) == "web:1"
    assert f"checkout in {AWAKE} was rolled back: web:2 (1.2)" in view["answer"]
    assert "schema are not reverted" in view["answer"]


def test_what_code_owns_is_said_with_what_the_code_is_to_ignore() -> None:
    made = world()
    owned = service(AWAKE, "checkout", 2, tags={"managed-by": "terraform"})
    arn = ResourceRef(type="ecs-service", id="arn:aws:ecs:eu-west-1:111111111111:service/shop-dev-cluster/checkout")
    made.platform.resources[-2] = owned.model_copy(update={"ref": arn})
    answer = made.ask(f"roll back checkout in {AWAKE}")["answer"]
    assert "Terraform: checkout. To keep it: `ignore_changes = [task_definition]` in its aws_ecs_service" in answer


def test_it_leaves_the_service_and_where_it_is_for_what_is_asked_next() -> None:
    made = world()
    made.ask(f"roll back checkout in {AWAKE}")
    changed = {(one.type, one.id) for one in made.store.focus("main", made.conversation).references}
    assert {("service", "checkout"), ("environment", AWAKE)} <= changed


def approving(made: World) -> list[Approval]:
    """Whatever is asked is approved, and noted here."""
    asked: list[Approval] = []

    def decide(approval: Approval) -> Literal["approve"]:
        assert runs(made, LIVE) == "web:1", "nothing is done before"
        asked.append(approval)
        return "approve"

    made.process.decide = decide
    return asked


def test_production_is_asked_about_and_exactly_that_is_taken_back_without_another() -> None:
    made = world()
    asked = approving(made)
    view = made.ask(f"promote checkout from {AWAKE} to {LIVE}")
    assert view["outcome"] == "succeeded", view["answer"]
    (change,) = asked[0].calls[0].preview.changes
    assert NEW[: len("sha256:") + 12] in change.after and runs(made, LIVE) == "web:3"
    undone = made.ask("undo that")
    assert undone["outcome"] == "succeeded" and runs(made, LIVE) == "web:1", undone["answer"]
    assert len(asked) == 1


def test_the_change_of_another_service_there_is_none_of_what_is_taken_back() -> None:
    made = world()
    first = made.ask(f"roll back checkout in {AWAKE}")
    made.ask(f"roll back cart in {AWAKE}")
    undone = made.ask(f"undo run {first['run_id']}")
    assert undone["outcome"] == "succeeded", undone["answer"]
    assert (runs(made, AWAKE), runs(made, AWAKE, "cart")) == ("web:2", "cart:1")


# --- when figures are within bounds -----------------------------------------------------------------

ASKED = f"promote checkout from {AWAKE} to {LIVE} if error rate and p95 are within bounds"
MEASURED = {"environment_id": {"$ref": "source.environment.id"}, "service": "checkout"}
PLAN: dict[str, Any] = {
    "steps": [
        {"id": "source", "tool": "find_environment", "arguments": {"name": AWAKE}},
        {"id": "target", "tool": "find_environment", "arguments": {"name": LIVE}},
        {"id": "errors", "tool": "metric_values", "arguments": {"metric": "error_rate", **MEASURED}},
        {"id": "slow", "tool": "metric_values", "arguments": {"metric": "latency", "statistic": "p95", **MEASURED}},
        {
            "id": "on",
            "tool": "promote_release",
            "arguments": {
                "environment_id": {"$ref": "target.environment.id"},
                "service": "checkout",
                "from_environment_id": {"$ref": "source.environment.id"},
            },
            "when": "errors.figures[0].maximum < `1` && slow.figures[0].maximum < `5`",
        },
    ],
    "answer": {"text": "{errors.figures[].summary}\n{slow.figures[].summary}\n{on.summary}"},
}


@pytest.mark.parametrize(("value", "promoted"), [(0.5, True), (7.0, False)])
def test_it_is_promoted_when_the_figures_hold_and_these_stand_in_the_answer(value: float, promoted: bool) -> None:
    made = world()
    made.metrics.values["checkout"] = lambda at: value
    model = FakeModel([PLAN])
    made.process.model_for = lambda purpose: None if purpose == "route" else model
    approving(made)
    view = made.ask(ASKED, ANA)
    assert [step["tool"] for step in view["plan"]["steps"]][-1] == "promote_release", view["answer"]
    assert (runs(made, LIVE) == "web:3") is promoted
    assert str(value).removesuffix(".0") in view["answer"], view["answer"]
