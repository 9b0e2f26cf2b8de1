"""What two revisions differ in, of values nothing but that."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from fakes_platform import FakePlatform, service
from fakes_releases import FakeReleases
from memory_deployments import MemoryDeployments
from pydantic import SecretStr
from test_tools_deployment_failure import Clients
from test_tools_listing_deployments import one
from test_tools_services import rollout, state

from copilot.domain.deployments import DeploymentFact
from copilot.domain.releases import ContainerDefinition, Definition, Variable
from copilot.errors import Ambiguous, ToolInputError
from copilot.text.masking import mask
from copilot.tools.deployments.comparing import CompareRevisions, CompareRevisionsInput, CompareRevisionsOutput

VALUE = "a-value-that-is-nobodys-business"


def variable(name: str, value: str = VALUE, kind: Any = "variable") -> Variable:
    return Variable(name=name, kind=kind, value=SecretStr(value))


def container(image: str = "registry.example/shop/web:1.3", name: str = "web", **more: Any) -> ContainerDefinition:
    return ContainerDefinition(name=name, image=image, **more)


def definition(number: int, *containers: ContainerDefinition, **more: Any) -> Definition:
    return Definition(name=f"web:{number}", containers=containers or (container(),), **more)


def compared(
    *revisions: Definition,
    facts: list[DeploymentFact] | None = None,
    platform: FakePlatform | None = None,
    **given: Any,
) -> CompareRevisionsOutput:
    platform = platform or FakePlatform(
        [service("production", "web", 2)], serving={"web": state(definition=revisions[-1].name, rollouts=())}
    )
    releases = FakeReleases(revisions={one.name: one for one in revisions})
    clients = Clients(MemoryDeployments(facts or []), platform, releases)
    return CompareRevisions(clients).run(CompareRevisionsInput(**{"service": "web", **given}))


def lines(found: CompareRevisionsOutput) -> list[str]:
    return [change.summary for change in found.changes]


def test_what_changed_is_told_images_first_and_of_variables_their_names_alone() -> None:
    before = definition(
        41,
        container(
            variables=(variable("MODE"), variable("OLD"), variable("KEY", kind="secret")),
            ports=("80/tcp",),
            command=SecretStr("[null]"),
            settings={"healthCheck": SecretStr("a")},
        ),
        container("envoy:1", "envoy"),
        cpu="256",
        memory="512",
        task_role="arn:aws:iam::1:role/web",
    )
    after = definition(
        42,
        container(
            "registry.example/shop/web:1.4",
            variables=(variable("MODE", "other"), variable("NEW"), variable("KEY", "elsewhere", "secret")),
            ports=("8080/tcp",),
            command=SecretStr("[serve]"),
            settings={"healthCheck": SecretStr("b"), "user": SecretStr("c")},
        ),
        cpu="512",
        memory="512",
        task_role="arn:aws:iam::1:role/web-2",
        execution_role="arn:aws:iam::1:role/pull",
    )
    found = compared(before, after)
    assert lines(found) == [
        "container envoy removed: envoy:1",
        "in web, image changed: shop/web:1.3 -> shop/web:1.4",
        "in web, changed variable MODE",
        "in web, added variable NEW",
        "in web, removed variable OLD",
        "in web, changed secret KEY",
        "cpu changed: 256 -> 512",
        "in web, added port 8080/tcp",
        "in web, removed port 80/tcp",
        "in web, changed command",
        "in web, changed setting healthCheck",
        "in web, added setting user",
        "task role changed: web -> web-2",
        "execution role added: pull",
    ]
    assert found.summary == "web in production, web:41 and web:42: 14 changes"


def test_no_value_is_in_what_is_told_and_nothing_of_it_looks_like_a_secret() -> None:
    values = [f"{VALUE}-{number}" for number in range(6)]
    before = definition(
        1, container(variables=(variable("DB_PASSWORD", values[0]), variable("TOKEN", values[1], "secret")))
    )
    after = definition(
        2,
        container(
            variables=(variable("DB_PASSWORD", values[2]), variable("API_KEY", values[3])),
            command=SecretStr(values[4]),
            settings={"logConfiguration": SecretStr(values[5])},
        ),
    )
    told = compared(before, after).model_dump(mode="json")
    assert not [value for value in values if value in json.dumps(told)]
    assert mask(told) == told and len(told["changes"]) == 5


def test_equal_ones_are_said_to_be() -> None:
    found = compared(definition(1), definition(2))
    assert not found.changes and found.summary.endswith("web:1 and web:2: nothing that was compared differs")


def test_the_last_two_that_were_deployed_are_compared() -> None:
    facts = [
        *one("d1", 300, "succeeded", revision="web:3"),
        *one("d2", 200, "failed", revision="web:4"),
        *one("d3", 100, "succeeded", revision="arn:aws:ecs:eu-west-1:1:task-definition/web:7"),
        *one("d4", 50, "succeeded", revision="commit-abc"),
    ]
    found = compared(*(definition(number) for number in (3, 4, 7)), facts=facts)
    assert (found.before, found.after) == ("web:3", "web:7")
    assert found.chosen == "These are the last two that were reported as deployed."


def test_where_that_is_not_reported_what_runs_is_compared_with_the_one_before_by_number_and_it_is_said() -> None:
    found = compared(*(definition(number) for number in (6, 7)))
    assert (found.before, found.after) == ("web:6", "web:7") and "by its number" in found.chosen


def test_of_one_that_is_being_rolled_out_both_are_known() -> None:
    both = state(
        "web", definition="web:9", rollouts=(rollout("IN_PROGRESS", definition="web:9"), rollout(definition="web:5"))
    )
    platform = FakePlatform([service("production", "web", 2)], serving={"web": both})
    found = compared(definition(5), definition(9), platform=platform)
    assert (found.before, found.after) == ("web:5", "web:9") and "rolled out" in found.chosen


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("41", "42", ("web:41", "web:42")),
        ("web:41", "42", ("web:41", "web:42")),
        ("41", "", ("web:41", "web:43")),
        ("", "42", ("web:41", "web:42")),
        ("other:7", "web:42", ("other:7", "web:42")),
    ],
)
def test_revisions_are_meant_by_number_or_name(before: str, after: str, expected: tuple[str, str]) -> None:
    some = [definition(number) for number in (41, 42)] + [Definition(name="other:7"), definition(43)]
    found = compared(*some, before=before, after=after)
    assert (found.before, found.after) == expected


@pytest.mark.parametrize("said", ["forty", "web:", "web:x", "a b", "http://x:1"])
def test_what_is_no_revision_is_refused(said: str) -> None:
    with pytest.raises(ToolInputError, match="is no revision"):
        compared(definition(1), definition(2), before=said, after="2")


def test_where_there_is_but_one_that_is_said() -> None:
    with pytest.raises(ToolInputError, match="no revision of web before web:1"):
        compared(definition(1))
    with pytest.raises(ToolInputError, match="no revision web:9"):
        compared(definition(1), before="9", after="1")


def test_of_a_service_in_several_environments_it_is_asked_which_and_of_none_that_is_said() -> None:
    platform = FakePlatform([service("production", "web", 2), service("staging", "web", 1)])
    with pytest.raises(Ambiguous, match="in 2 environments: production, staging"):
        compared(definition(1), platform=platform)
    with pytest.raises(ToolInputError, match="no service api"):
        compared(definition(1), service="api")


def test_no_more_than_sixty_changes_are_listed() -> None:
    many = container(variables=tuple(variable(f"NAME_{number}") for number in range(70)))
    found = compared(definition(1), definition(2, many))
    assert len(found.changes) == 60 and found.more == "10 more are not listed."
    assert found.summary.endswith("70 changes")


@pytest.mark.parametrize("seed", range(10))
def test_variables_that_differ_are_those_of_a_comparison_of_plain_values(seed: int) -> None:
    random = Random(seed)
    before, after = ({f"V{random.randint(0, 20)}": random.choice("abc") for _ in range(12)} for _ in range(2))
    found = compared(
        *(
            definition(number, container(variables=tuple(variable(*each) for each in values.items())))
            for number, values in ((1, before), (2, after))
        )
    )
    assert {(change.kind, change.name) for change in found.changes} == {
        *(("added", name) for name in after.keys() - before.keys()),
        *(("removed", name) for name in before.keys() - after.keys()),
        *(("changed", name) for name in before.keys() & after.keys() if before[name] != after[name]),
    }


# --- by versions, and by a deployment ----------------------------------------------------------------

THREE = (definition(1), definition(2, container("registry.example/shop/web:1.4")), definition(3))


def brought(id: str, minutes_ago: float, version: str, revision: str = "", *ends: str, **more: Any) -> Any:
    return one(id, minutes_ago, *(ends or ("succeeded",)), version=version, revision=revision, **more)


def test_versions_are_the_revisions_that_brought_them() -> None:
    facts = [*brought("d1", 90, "1.3", "web:1"), *brought("d2", 60, "v1.4", "web:2"), *brought("d3", 30, "1.5")]
    for before, after in (("1.3", "1.4"), ("v1.3", "2")):
        found = compared(*THREE, facts=facts, before=before, after=after)
        assert (found.before, found.after) == ("web:1", "web:2")
    with pytest.raises(ToolInputError, match=r"no deployment of web that brought 1\.5 was reported .* are v1\.4, 1\.3"):
        compared(*THREE, facts=facts, before="1.3", after="1.5")


def test_where_both_versions_went_to_one_place_alone_that_one_is_meant() -> None:
    platform = FakePlatform([service("live", "web", 1), service("uat", "web", 1)])
    facts = [
        *brought("d1", 90, "1.3", "web:1", environment="live"),
        *brought("d2", 60, "1.4", "web:2", environment="live"),
        *brought("d3", 50, "1.4", "web:3", environment="uat"),
    ]
    found = compared(*THREE, facts=facts, platform=platform, before="1.3", after="1.4")
    assert (found.environment_id, found.before, found.after) == ("live", "web:1", "web:2")
    with pytest.raises(Ambiguous, match="in 2 environments"):
        compared(*THREE, facts=facts, platform=platform, before="1.4", after="1.4")


def test_what_a_deployment_changed_is_against_what_was_completed_before_it() -> None:
    facts = [
        *brought("d1", 90, "1.3", "web:1"),
        *brought("d2", 60, "1.4", "web:2", "failed"),
        *brought("d3", 30, "1.5", "arn:aws:ecs:eu-west-1:1:task-definition/web:3"),
    ]
    found = compared(*THREE, facts=facts, service=None, deployment="d3")
    assert (found.service, found.before, found.after) == ("web", "web:1", "web:3")
    assert found.chosen == "The later one is what deployment d3 brought, the earlier one what was completed before it."
    first = compared(*THREE, facts=facts[2:], service=None, deployment="d2")
    assert (first.before, first.after) == ("web:1", "web:2") and "the one before by its number" in first.chosen


def test_a_deployment_without_a_revision_says_what_it_brought() -> None:
    facts = [*brought("d1", 90, "1.3", "web:1"), *brought("d2", 60, "1.4", "", "failed")]
    with pytest.raises(ToolInputError, match=r"deployment d2 of web no revision .*; it brought 1\.4 after 1\.3$"):
        compared(*THREE, facts=facts, service=None, deployment="d2")
    with pytest.raises(ToolInputError, match="no deployment nowhere"):
        compared(*THREE, facts=facts, deployment="nowhere")
    with pytest.raises(ToolInputError, match="of which service"):
        compared(*THREE, facts=facts, service=None)
