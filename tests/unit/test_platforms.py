"""Several platforms as one, and what becomes of a type that none of them declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from fakes_platform import NOW, TYPES, FakeClients, FakePlatform, cpu, database, group, instance, service

from copilot.adapters.platforms import Platforms
from copilot.config.configuration import Configuration
from copilot.domain import Alarm, Change, Hourly, Limits, Resource, ResourceRef, ResourceType, Size, Unreachable
from copilot.errors import FatalError
from copilot.tools.environments.health import ClusterHealth
from copilot.tools.environments.looking import ListEnvironments
from copilot.tools.environments.stopping import StopEnvironment
from copilot.tools.usage.prices import price_list

CONFIG = Configuration(accounts=(), people=())
DEV, PROD = {"kind": "dev"}, {"kind": "prod"}
PODS = ResourceType(name="deployment", noun="workload", tier="service", unit="pods")


@dataclass
class Measured(FakePlatform):
    def hourly(self, resources: Sequence[Resource], since: datetime, hours: int) -> Mapping[str, Hourly]:
        return {one.ref.id: Hourly(metric="CPU", unit="Percent", maxima=(1.0,) * hours) for one in resources}

    def sizes(self, resources: Sequence[Resource]) -> Mapping[str, Size]:
        return {one.ref.id: Size(product="other", name=one.ref.type, region="") for one in resources}


def workload(environment: str, name: str, **more: Any) -> Resource:
    """Something of the second platform."""
    made = service(environment, name, 2, **more)
    return made.model_copy(update={"ref": ResourceRef(type="deployment", id=f"{environment}/{name}")})


def both(here: Sequence[Resource], there: Sequence[Resource]) -> tuple[Platforms, Measured, Measured]:
    aws, other = Measured([*here]), Measured([*there], types={"deployment": PODS})
    return Platforms((aws, other), CONFIG), aws, other


def test_an_environment_on_two_platforms_is_one() -> None:
    platforms, _, _ = both(
        [database("dev", "db", tags=DEV), service("red", "web", 1)], [workload("dev", "api", tags=DEV)]
    )
    survey = platforms.survey()
    assert [(one.environment, one.name) for one in survey.resources] == [("dev", "api"), ("dev", "db"), ("red", "web")]
    assert [(one.name, one.kind) for one in survey.environments] == [("dev", "development"), ("red", "production")]


def test_its_kind_is_that_of_all_it_is_made_of() -> None:
    """By one rule, for either platform: where the two differ it is production."""
    platforms, _, _ = both([database("dev", "db", tags=DEV)], [workload("dev", "api", tags=PROD)])
    (found,) = platforms.survey("dev").environments
    assert (found.kind, found.kind_reason) == ("production", "its resources say development and production")


def test_what_either_could_not_read_is_said() -> None:
    platforms, aws, other = both([], [])
    aws.unreachable, other.unreachable = (
        [Unreachable(account=account, region="r", reason="refused")] for account in ("main", "cluster")
    )
    assert [place.account for place in platforms.survey().unreachable] == ["main", "cluster"]


def test_each_is_asked_about_its_own() -> None:
    db, api = database("dev", "db"), workload("dev", "api")
    platforms, aws, other = both([db], [api])
    aws.figures, other.figures = {"db": cpu(1)}, {"api": cpu(2)}
    assert {id: one.maximum for id, one in platforms.activity([db, api], NOW).items()} == {db.ref.id: 1, api.ref.id: 2}
    assert platforms.hourly([db, api], NOW, 2).keys() == platforms.sizes([api, db]).keys() == {db.ref.id, api.ref.id}
    platforms.events([db, api])
    assert (aws.asked_what_happened, other.asked_what_happened) == (["db"], ["api"])
    assert platforms.activity([db], NOW).keys() == {db.ref.id}


def test_alarms_of_both_come_newest_first() -> None:
    db, api = database("dev", "db"), workload("dev", "api")
    platforms, aws, other = both([db], [api])

    def ring(day: int) -> Alarm:
        at = datetime(2026, 3, day, tzinfo=UTC)
        return Alarm(name=str(day), state="ALARM", reason="", since=at, account=db.account, region=db.region)

    aws.ringing, other.ringing = [ring(3), ring(1)], [ring(2)]
    assert [alarm.name for alarm in platforms.alarms([db, api], NOW)] == ["3", "2", "1"]


def test_a_change_goes_to_the_platform_whose_it_is() -> None:
    db, api = database("dev", "db"), workload("dev", "api")
    platforms, aws, other = both([db], [api])
    change = Change(ref=api.ref, name="api", action="scale", before="2", after="0", size=0)
    assert [one.arn for one in platforms.permissions(change)] == [api.ref.id]
    platforms.apply(change, api)
    assert (aws.applied, other.applied) == ([], [("stop", "api", None)])


def test_an_environment_on_two_is_stopped_in_one_order() -> None:
    """By turns, whoever's they are: work, machines, databases."""
    here = [database("dev", "db", tags=DEV), instance("dev", "box", tags=DEV), service("dev", "web", 1, tags=DEV)]
    platforms, _, _ = both(here, [workload("dev", "api", tags=DEV)])
    stop = StopEnvironment(FakeClients(platform=platforms))  # type: ignore[arg-type]
    preview = stop.preview(stop.Input(environment_id="dev"))
    assert [change.name for change in preview.changes] == ["api", "web", "box", "db"]
    tool = ListEnvironments(FakeClients(platform=platforms))  # type: ignore[arg-type]
    (listed,) = tool.run(tool.Input()).environments
    assert "1 service, 1 workload, 1 instance, 1 database" in listed.summary


def test_two_may_not_declare_the_same_type() -> None:
    with pytest.raises(FatalError, match="two platforms declare the type auto-scaling-group"):
        Platforms((FakePlatform([]), FakePlatform([])), CONFIG)


# --- a type that nobody declares -------------------------------------------------------------------

STRANGE = workload("dev", "api")


def test_no_platform_is_asked_about_what_none_declares() -> None:
    platforms = Platforms((FakePlatform([]),), CONFIG)
    change = Change(ref=STRANGE.ref, name="api", action="stop", before="", after="")
    for ask in (lambda: platforms.activity([STRANGE], NOW), lambda: platforms.permissions(change)):
        with pytest.raises(FatalError, match="no platform declares the type deployment"):
            ask()


@pytest.mark.parametrize("cluster", [None, "main"])
@pytest.mark.parametrize("tool", [StopEnvironment, ClusterHealth, ListEnvironments])
def test_it_is_an_error_and_nothing_by_default(tool: Any, cluster: str | None) -> None:
    """Neither stopped first, nor left out of a sum, nor called a resource or a service."""
    odd = STRANGE.model_copy(update={"cluster": cluster})
    made = tool(FakeClients(platform=FakePlatform([odd, database("dev", "db")])))
    given = tool.Input.model_validate({} if tool is ListEnvironments else {"environment_id": "dev"})
    with pytest.raises(FatalError, match="no platform declares the type deployment; declared are ecs-service, "):
        made.preview(given) if tool is StopEnvironment else made.run(given)


def test_what_runs_in_a_cluster_is_told_in_what_it_comes_in() -> None:
    platforms, _, _ = both([service("dev", "web", 3, running=2)], [workload("dev", "api")])
    tool = ClusterHealth(FakeClients(platform=platforms))  # type: ignore[arg-type]
    said = tool.run(tool.Input(environment_id="dev")).summary
    assert "2 of 3 tasks running in 1 service; 2 of 2 pods running in 1 workload" in said


def test_a_group_of_any_type_is_told_in_what_it_comes_in() -> None:
    pools = ResourceType(name="pool", noun="node pool", tier="machine", unit="nodes")
    one = group("dev", "blue", 3, Limits(minimum=1, maximum=5), running=2)
    one = one.model_copy(update={"ref": ResourceRef(type="pool", id="dev/blue")})
    tool = ClusterHealth(FakeClients(platform=FakePlatform([one], types={**TYPES, "pool": pools})))
    assert "2 of 3 nodes in service in 1 node pool" in tool.run(tool.Input(environment_id="dev")).summary


def test_what_is_billed_by_a_product_without_prices_has_none() -> None:
    assert price_list().hour(Size(product="pods", name="small", region="eu-west-1")) is None
