"""Which environments there are and which one is meant."""

from __future__ import annotations

import pytest
from fakes_platform import FakeClients, FakePlatform, database, instance, service

from copilot.domain import Kind, Unreachable
from copilot.errors import ToolInputError
from copilot.tools.environments.looking import (
    FindEnvironment,
    FindEnvironmentInput,
    ListEnvironments,
    ListEnvironmentsInput,
)

CLOSED = Unreachable(
    account="far (222222222222)", region="eu-west-1", reason="assuming the role reader: not authorized"
)


def platform(**kinds: Kind) -> FakePlatform:
    """One service in an environment for each name; underscores in it stand for hyphens."""
    names = {name.replace("_", "-"): kind for name, kind in kinds.items()}
    return FakePlatform([service(name, "web", 1) for name in names], kinds=names)


def find(given: FakePlatform, name: str) -> str:
    return FindEnvironment(FakeClients(given)).run(FindEnvironmentInput(name=name)).environment.id


def test_an_environment_is_listed_once_over_all_its_accounts_and_regions() -> None:
    spread = FakePlatform(
        [
            service("shop", "web", 2),
            instance("shop", "batch", region="us-east-1"),
            database("shop", "db", account="data (333333333333)"),
        ],
        kinds={"shop": "staging"},
        owners={"shop": "payments"},
    )

    (listed,) = ListEnvironments(FakeClients(spread)).run(ListEnvironmentsInput()).environments

    assert (listed.id, listed.name, listed.kind, listed.owner) == ("shop", "shop", "staging", "payments")
    assert listed.accounts == ("data (333333333333)", "main (111111111111)")
    assert listed.regions == ("eu-west-1", "us-east-1")
    assert (listed.resources, listed.state) == (3, "running")
    assert listed.summary == "shop: staging, running, 1 service, 1 instance, 1 database, owner payments"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("running", "running"), "running"),
        (("stopped", "stopping"), "stopped"),
        (("running", "stopped"), "partly running"),
    ],
)
def test_state_of_an_environment(states: tuple[str, str], expected: str) -> None:
    given = FakePlatform([instance("dev", f"i{number}", state) for number, state in enumerate(states)])
    (listed,) = ListEnvironments(FakeClients(given)).run(ListEnvironmentsInput()).environments
    assert listed.state == expected


def test_kinds_narrow_the_list() -> None:
    given = platform(a="development", b="staging", c="preview", d="production")
    chosen = ListEnvironments(FakeClients(given)).run(ListEnvironmentsInput(kinds=("preview", "development")))
    assert [one.id for one in chosen.environments] == ["a", "c"]


def test_what_cannot_be_read_is_named_beside_what_can() -> None:
    given = platform(a="development")
    given.unreachable = [CLOSED]

    output = ListEnvironments(FakeClients(given)).run(ListEnvironmentsInput())

    assert [one.id for one in output.environments] == ["a"]
    (closed,) = output.unreachable
    assert (closed.account, closed.region, closed.reason) == (CLOSED.account, CLOSED.region, CLOSED.reason)
    assert closed.summary == f"far (222222222222) in eu-west-1 could not be read: «{CLOSED.reason}»"


@pytest.mark.parametrize(
    "said",
    ["dev-3", "DEV-3", "dev 3", "dev_3", "dev3", " Dev-3 ", "the dev-3 cluster", "dev 3 environment", "our env dev-3"],
)
def test_names_are_resolved_kindly(said: str) -> None:
    assert find(platform(dev_3="development", dev_33="development", dev_4="development"), said) == "dev-3"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("production", "eu-main"),
        ("prod", "eu-main"),
        ("the production cluster", "eu-main"),
        ("Staging", "rehearsal"),
        ("stage env", "rehearsal"),
        ("preview", "pr-12"),
    ],
)
def test_a_kind_stands_for_the_one_environment_of_that_kind(said: str, expected: str) -> None:
    given = platform(
        eu_main="production", rehearsal="staging", pr_12="preview", dev_1="development", dev_2="development"
    )
    assert find(given, said) == expected


def test_a_name_beats_a_kind() -> None:
    assert find(platform(staging="staging", rehearsal="staging"), "the staging cluster") == "staging"


def test_a_closer_reading_beats_a_looser_one() -> None:
    assert find(platform(payments="development", payments_cluster="development"), "Payments") == "payments"


def test_several_of_a_kind_are_listed_instead_of_guessed() -> None:
    with pytest.raises(ToolInputError) as caught:
        find(platform(dev_1="development", dev_2="development"), "dev")
    assert caught.value.nearest == ("dev-1", "dev-2")
    assert "dev-1, dev-2" in str(caught.value)


def test_the_part_of_a_name_is_no_match_but_the_nearest_are_named() -> None:
    with pytest.raises(ToolInputError) as caught:
        find(platform(payments_dev="development", search_dev="development"), "payment-dev")
    assert caught.value.nearest[0] == "payments-dev"
    assert "nearest: payments-dev" in str(caught.value)


def test_what_is_not_found_may_be_where_nothing_could_be_read() -> None:
    given = platform(a="development")
    given.unreachable = [CLOSED]
    with pytest.raises(ToolInputError, match=r"far \(222222222222\) in eu-west-1 could not be read"):
        find(given, "production")


@pytest.mark.parametrize("said", ["the cluster", "our env", " ", "--"])
def test_words_around_no_name_mean_nothing(said: str) -> None:
    with pytest.raises(ToolInputError):
        find(platform(my_cluster="development"), said)
