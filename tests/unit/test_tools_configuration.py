"""What environments and services are configured with, and how that differs: names and versions, and no value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from fakes_platform import NOW, FakePlatform, instance, service
from some_clients import SomeClients

from copilot.domain import Resource, Sealed, Setting, Settings, Unreachable
from copilot.errors import Ambiguous, ToolInputError
from copilot.tools.configuration.comparing import (
    CompareConfiguration,
    CompareConfigurationInput,
    CompareConfigurationOutput,
)
from copilot.tools.configuration.showing import ConfigurationInput, ConfigurationOutput, ShowConfiguration

OFF = Unreachable(
    account="main (1)", region="eu-west-1", reason="the pack parameters is off", types=("parameter", "secret")
)


def parameter(name: str, value: str | None = "", version: str = "1", type: str = "String", at: str = "shop") -> Setting:
    sealed = None if value is None else Sealed(value)
    path = f"/app/{at}/{name}"
    return Setting("parameter", path, name, type, version, NOW, value=sealed, same_as=f"{path}:{version}")


def secret(name: str, arn: str = "", version: str = "v1") -> Setting:
    return Setting("secret", name, name, "secret", version, NOW, same_as=f"{arn or name}:{version}")


def variable(name: str, of: str, value: str | None = "", container: str = "", fills: str = "") -> Setting:
    sealed = None if fills or value is None else Sealed(value)
    type = "secret" if fills else "plain"
    return Setting("variable", name, name, type, f"{of}:3", NOW, of, container, fills, sealed, fills)


@dataclass
class FakeConfigured:
    """`by_environment` are parameters and secrets; `by_service` variables, by environment and service."""

    by_environment: dict[str, list[Setting]] = field(default_factory=dict)
    by_service: dict[tuple[str, str], list[Setting]] = field(default_factory=dict)
    hidden: dict[str, Unreachable] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    asked_values: set[bool] = field(default_factory=set)

    def named(self, environment: str, resources: Sequence[Resource], *, values: bool = False) -> Settings:
        self.asked_values.add(values)
        hidden = (self.hidden[environment],) if environment in self.hidden else ()
        return Settings(tuple(self.by_environment.get(environment, [])), hidden, self.notes)

    def variables(self, services: Sequence[Resource], *, values: bool = False) -> Settings:
        self.asked_values.add(values)
        return Settings(tuple(s for one in services for s in self.by_service.get((one.environment, one.name), [])))


@dataclass
class Clients(SomeClients):
    platform: FakePlatform
    configured: FakeConfigured


def platform() -> FakePlatform:
    return FakePlatform(
        [
            service("shop", "web", 1),
            service("shop", "api", 1),
            instance("shop", "box"),
            service("live", "web", 1),
            service("live", "only", 1),
        ],
        kinds={"live": "production"},
    )


def shown(configured: FakeConfigured, **asked: Any) -> ConfigurationOutput:
    return ShowConfiguration(Clients(platform(), configured)).run(ConfigurationInput(**asked))


def compared(configured: FakeConfigured, **asked: Any) -> CompareConfigurationOutput:
    given = {"environment_id": "shop", "other_environment_id": "live"} | asked
    return CompareConfiguration(Clients(platform(), configured)).run(CompareConfigurationInput(**given))


# --- names -----------------------------------------------------------------------------------------------


def test_an_environment_s_names_with_types_versions_and_times() -> None:
    there = FakeConfigured(
        {"shop": [secret("app/shop/db"), parameter("url", "any", "7")]},
        {("shop", "web"): [variable("LEVEL", "web", "info"), variable("DB", "web", fills="arn:db")]},
        notes=("web also reads 1 file of variables, which were not looked at",),
    )
    found = shown(there, environment_id="shop")
    assert [one.summary for one in found.settings] == [
        "parameter /app/shop/url (String, version 7, of 2026-03-02 12:30 UTC)",
        "secret app/shop/db (version v1, of 2026-03-02 12:30 UTC)",
        "variable DB of web (from a secret, web:3, of 2026-03-02 12:30 UTC)",
        "variable LEVEL of web (web:3, of 2026-03-02 12:30 UTC)",
    ]
    assert found.summary == "shop (development): 1 parameter, 1 secret, 2 variables"
    assert found.notes == ("web also reads 1 file of variables, which were not looked at.",)
    assert there.asked_values == {False}, "a value that nobody compares is not read"


def test_a_service_has_its_variables_and_what_is_kept_below_its_name() -> None:
    there = FakeConfigured(
        {"shop": [parameter("url"), parameter("web/level"), parameter("api/level")]},
        {("shop", "web"): [variable("A", "web")], ("shop", "api"): [variable("B", "api")]},
    )
    found = shown(there, service="web", environment_id="shop")
    assert [one.name for one in found.settings] == ["/app/shop/web/level", "A"]
    assert (found.service, found.environment_id) == ("web", "shop")
    assert [one.name for one in shown(there, service="api").settings] == ["/app/shop/api/level", "B"]
    with pytest.raises(Ambiguous, match="in 2 environments"):
        shown(there, service="web")


def test_only_secrets_are_also_what_is_filled_from_them() -> None:
    there = FakeConfigured(
        {"shop": [secret("db"), parameter("url")]},
        {("shop", "web"): [variable("LEVEL", "web"), variable("DB", "web", fills="arn:db")]},
    )
    assert [one.name for one in shown(there, environment_id="shop", kinds=["secret"]).settings] == ["db", "DB"]


def test_where_there_is_nothing_or_nobody_was_named() -> None:
    assert shown(FakeConfigured(), environment_id="shop").summary == "shop (development): nothing"
    with pytest.raises(ToolInputError, match="An environment or a service"):
        shown(FakeConfigured())
    with pytest.raises(ToolInputError, match="no environment 'shp'; nearest: shop"):
        shown(FakeConfigured(), environment_id="shp")


def test_very_many_are_bounded() -> None:
    there = FakeConfigured({"shop": [parameter(f"p{number}") for number in range(205)]})
    found = shown(there, environment_id="shop")
    assert (len(found.settings), found.more) == (200, 5)


# --- compared --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_names_are_missing_equal_or_different_as_computed_another_way(seed: int) -> None:
    random = Random(seed)
    here, there = ({f"n{n}": random.choice("xyz") for n in range(9) if random.random() < 0.7} for _ in range(2))
    found = compared(
        FakeConfigured(
            {
                "shop": [parameter(name, value) for name, value in here.items()],
                "live": [parameter(name, value, at="live") for name, value in there.items()],
            }
        )
    )
    told = {verdict: {one.name for one in found.compared if one.verdict == verdict} for verdict in VERDICTS}
    both = here.keys() & there.keys()
    assert told == {
        "only_first": here.keys() - there.keys(),
        "only_second": there.keys() - here.keys(),
        "equal": {name for name in both if here[name] == there[name]},
        "different": {name for name in both if here[name] != there[name]},
        "unknown": set(),
    }
    assert found.same is (bool(here or there) and here == there)


VERDICTS = ("only_first", "only_second", "equal", "different", "unknown")


UNKNOWN = "not known whether equal"


@pytest.mark.parametrize(
    ("here", "there", "verdict", "words"),
    [
        (parameter("a", "1", "2"), parameter("a", "1", "5", at="live"), "equal", "equal, version 2 and version 5"),
        (parameter("a", "1"), parameter("a", "2", at="live"), "different", "not equal, both version 1"),
        (
            parameter("a", None, type="SecureString"),
            parameter("a", None, type="SecureString", at="live"),
            "unknown",
            f"{UNKNOWN}, both version 1",
        ),
        (
            parameter("a", "1"),
            parameter("a", None, type="SecureString", at="live"),
            "different",
            "not the same type, String in the first and SecureString in the second",
        ),
        (secret("a", "arn:one"), secret("a", "arn:two"), "unknown", f"{UNKNOWN}, both version v1"),
        (secret("a", "arn:one"), secret("a", "arn:one"), "equal", "equal, both version v1"),
        (
            secret("a", "arn:one"),
            secret("a", "arn:one", "v2"),
            "unknown",
            f"{UNKNOWN}, version v1 and version v2",
        ),
        (variable("A", "web", "1"), variable("A", "web", "2"), "different", "not equal, both web:3"),
        (
            variable("A", "web", fills="arn:x"),
            variable("A", "web", fills="arn:y"),
            "unknown",
            f"{UNKNOWN}, both web:3",
        ),
        (variable("A", "web", fills="arn:x"), variable("A", "web", fills="arn:x"), "equal", "equal, both web:3"),
        (
            variable("A", "web", "1"),
            variable("A", "web", fills="arn:x"),
            "different",
            "not the same type, plain in the first and from a secret in the second",
        ),
    ],
)
def test_whether_two_are_equal_where_that_can_be_known(here: Setting, there: Setting, verdict: str, words: str) -> None:
    if here.kind == "variable":
        found = compared(FakeConfigured(by_service={("shop", "web"): [here], ("live", "web"): [there]}))
    else:
        found = compared(FakeConfigured({"shop": [here], "live": [there]}))
    (row,) = found.compared
    assert (row.verdict, row.summary.partition(": ")[2]) == (verdict, words)
    assert found.same is (verdict == "equal")
    assert any("nothing is decrypted" in note for note in found.notes) is (verdict == "unknown")


def test_what_differs_comes_before_what_is_equal_and_it_is_counted() -> None:
    there = FakeConfigured(
        {
            "shop": [parameter("a", "1"), parameter("b", "1"), parameter("c", "1")],
            "live": [parameter("a", "1", at="live")],
        },
        {("live", "only"): [variable("X", "only")]},
    )
    found = compared(there)
    assert found.summary == "shop and live: 2 only in shop, 1 only in live, 1 equal"
    assert [one.summary for one in found.compared] == [
        "parameter b: only in shop",
        "parameter c: only in shop",
        "variable X of only: only in live",
        "parameter a: equal, both version 1",
    ]


def test_what_is_missing_where_not_all_could_be_read_may_be_there() -> None:
    there = FakeConfigured({"shop": [parameter("a")]}, hidden={"live": OFF})
    found = compared(there)
    assert found.compared[0].summary == "parameter a: seen in shop alone; not all of live could be read"
    assert (found.compared[0].verdict, found.same, len(found.unreachable)) == ("unknown", False, 1)


def test_they_are_the_same_only_where_all_is_known_to_be_equal_and_nothing_was_left_unread() -> None:
    def same(*more: tuple[Setting, Setting], **unread: Any) -> bool:
        pairs = [(parameter("a", "1"), parameter("a", "1", at="live")), *more]
        here, there = zip(*pairs, strict=True)
        return compared(FakeConfigured({"shop": list(here), "live": list(there)}, **unread)).same

    assert same()
    assert not same((secret("db", "arn:one"), secret("db", "arn:two"))), "that is not known"
    assert not same(notes=("web also reads 1 file of variables, which were not looked at",))
    assert not same(hidden={"live": OFF})


def test_one_service_in_two_environments_and_two_services_of_one() -> None:
    there = FakeConfigured(
        {"shop": [parameter("web/a", "1"), parameter("api/a", "1"), parameter("other", "1")]},
        {
            ("shop", "web"): [variable("A", "web", "1"), variable("S", "web", "1", "side")],
            ("shop", "api"): [variable("A", "api", "2")],
            ("live", "web"): [variable("A", "web", "1")],
        },
    )
    found = compared(there, service="web")
    assert [one.summary for one in found.compared] == [
        "parameter web/a: only in web in shop",
        "variable S of web, container side: only in web in shop",
        "variable A of web: equal, both web:3",
    ]
    found = compared(there, other_environment_id=None, service="web", other_service="api")
    assert [(one.name, one.verdict) for one in found.compared] == [
        ("S", "only_first"),
        ("A", "different"),
        ("a", "equal"),
    ]
    found = compared(there, service="web", kinds=["parameter"])
    assert [one.name for one in found.compared] == ["web/a"]
    with pytest.raises(ToolInputError, match="compared with itself"):
        compared(there, other_environment_id=None, service="web")


def test_what_is_in_several_places_is_equal_where_it_is_everywhere() -> None:
    there = FakeConfigured(
        {"shop": [parameter("a", "1"), parameter("a", "2")], "live": [parameter("a", "1", at="live")]}
    )
    assert compared(there).compared[0].verdict == "different"


@pytest.mark.parametrize("seed", range(20))
def test_no_value_is_in_any_output_or_error(seed: int) -> None:
    random = Random(seed)
    values = [f"{random.getrandbits(64):016x}" for _ in range(8)]
    there = FakeConfigured(
        {
            "shop": [parameter(f"p{n}", value) for n, value in enumerate(values)],
            "live": [parameter(f"p{n}", random.choice(values), at="live") for n in range(8)],
        },
        {("shop", "web"): [variable(f"V{n}", "web", value) for n, value in enumerate(values)]},
    )
    said = [shown(there, environment_id="shop"), compared(there), compared(there, service="web")]
    text = json.dumps([one.model_dump(mode="json") for one in said]) + repr(there.named("shop", ()))
    with pytest.raises(ToolInputError) as raised:
        compared(there, service="nowhere")
    assert not any(value in text + repr(raised.value) for value in values)
