"""What environments and services are configured with, as SSM, Secrets Manager and ECS tell of it; and no value."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from aws_accounts import DEV, FAR, PROD, REGION, Cloud, account, simulated, tagged

from copilot.adapters.aws.configured import AwsConfigured
from copilot.config.configuration import Account, Configuration
from copilot.domain import Resource, Sealed, Setting, Settings
from copilot.errors import CopilotError

VALUE = "SSM.GetParameter"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def parameter(cloud: Cloud, name: str, value: str, type: str = "String") -> None:
    cloud.client("ssm").put_parameter(Name=name, Value=value, Type=type, Overwrite=True)


def secret(cloud: Cloud, name: str, value: str, environment: str = "") -> None:
    tags = [{"Key": "environment", "Value": environment}] if environment else []
    cloud.client("secretsmanager").create_secret(Name=name, SecretString=value, Tags=tags)


def serving(
    cloud: Cloud, environment: str, name: str, *containers: dict[str, Any], at: tuple[str, str] = (DEV, REGION)
) -> None:
    ecs = cloud.client("ecs", *at)
    ecs.create_cluster(clusterName=environment)
    some = [{"image": "any", "memory": 128, **one} for one in containers]
    ecs.register_task_definition(family=f"{environment}-{name}", containerDefinitions=some)
    tags = [{"key": key, "value": value} for key, value in tagged(environment).items()]
    ecs.create_service(
        cluster=environment,
        serviceName=name,
        taskDefinition=f"{environment}-{name}",
        desiredCount=1,
        tags=tags,
    )


def resources(cloud: Cloud, environment: str, one: Account) -> list[Resource]:
    return [each for each in cloud.platform(one).survey().resources if each.environment == environment]


def configured(cloud: Cloud, one: Account, **more: Any) -> AwsConfigured:
    return AwsConfigured(Configuration(accounts=(one,), people=(), **more), cloud.reader(one))


def named(
    cloud: Cloud, environment: str, *, values: bool = False, packs: tuple[str, ...] = ("parameters",)
) -> Settings:
    one = account(packs=packs)
    serving(cloud, environment, "web", {"name": "web"})
    return configured(cloud, one).named(environment, resources(cloud, environment, one), values=values)


def test_parameters_below_the_paths_of_the_environment_and_no_others(cloud: Cloud) -> None:
    names = ("app/shop/url", "app/shop/web/level", "shop/flags", "app/shopping/no", "other/shop/no", "app/no")
    for name in names:
        parameter(cloud, f"/{name}", "any")
    parameter(cloud, "/app/shop/url", "another")
    found = named(cloud, "shop")
    assert sorted((one.path, one.name, one.type, one.version) for one in found.settings) == [
        ("/app/shop/url", "url", "String", "2"),
        ("/app/shop/web/level", "web/level", "String", "1"),
        ("/shop/flags", "flags", "String", "1"),
    ]
    assert all(one.changed and one.value is None for one in found.settings)
    assert cloud.count(VALUE) == 0, "no value is got where none is compared"


def test_values_are_got_to_be_compared_and_encrypted_ones_never(cloud: Cloud) -> None:
    parameter(cloud, "/app/shop/url", "same")
    parameter(cloud, "/app/shop/again", "same")
    parameter(cloud, "/app/shop/other", "another")
    parameter(cloud, "/app/shop/key", "hidden", "SecureString")
    found = {one.name: one for one in named(cloud, "shop", values=True).settings}
    assert found["url"].value == found["again"].value != found["other"].value
    assert found["key"].value is None
    assert sorted(one["Name"] for one in cloud.parameters(VALUE)) == [
        "/app/shop/again",
        "/app/shop/other",
        "/app/shop/url",
    ]
    assert not any(one.get("WithDecryption") for one in cloud.parameters(VALUE))


def test_what_may_not_be_got_is_not_known_and_how_many_is_said(cloud: Cloud) -> None:
    parameter(cloud, "/app/shop/url", "any")
    cloud.refuse(VALUE)
    found = named(cloud, "shop", values=True)
    assert [one.value for one in found.settings] == [None]
    assert found.notes == (f"1 parameter of dev ({DEV}) may not be read, and so not be compared",)


def test_secrets_by_path_and_by_tag_with_the_version_that_is_in_force(cloud: Cloud) -> None:
    secret(cloud, "app/shop/db", "any")
    secret(cloud, "shop-mail", "any", "shop")
    secret(cloud, "legacy", "any", "shop")
    secret(cloud, "app/other/db", "any")
    secret(cloud, "other-mail", "any", "other")
    found = {one.path: one for one in named(cloud, "shop").settings}
    assert {path: one.name for path, one in found.items()} == {
        "app/shop/db": "db",
        "shop-mail": "mail",
        "legacy": "legacy",
    }
    assert all(one.kind == "secret" and one.version and one.version in one.same_as for one in found.values())
    assert cloud.count("SECRETS-MANAGER.GetSecretValue") == 0


def test_the_paths_are_those_of_the_configuration(cloud: Cloud) -> None:
    one = account(packs=("parameters",))
    serving(cloud, "shop", "web", {"name": "web"})
    parameter(cloud, "/config/shop/live/url", "any")
    parameter(cloud, "/app/shop/url", "any")
    there = configured(cloud, one, parameters=("/config/{environment}/live",))
    (found,) = there.named("shop", resources(cloud, "shop", one)).settings
    assert found.path == "/config/shop/live/url"


def test_where_the_pack_is_off_nothing_is_asked_and_it_is_said(cloud: Cloud) -> None:
    parameter(cloud, "/app/shop/url", "any")
    found = named(cloud, "shop", packs=())
    (place,) = found.unreachable
    assert (found.settings, place.types, place.region) == ((), ("parameter", "secret"), REGION)
    assert "the pack parameters is off" in place.reason
    assert not any(name.startswith(("SSM.", "SECRETS")) for name, _ in cloud.requests)


def test_what_cannot_be_read_is_told_and_the_rest_is_there(cloud: Cloud) -> None:
    parameter(cloud, "/app/shop/url", "any")
    cloud.refuse("SECRETS-MANAGER.ListSecrets")
    found = named(cloud, "shop")
    assert [one.name for one in found.settings] == ["url"]
    assert [place.types for place in found.unreachable] == [("secret",)]


def test_variables_of_each_container_with_what_fills_them(cloud: Cloud) -> None:
    one = account()
    arn = f"arn:aws:secretsmanager:{REGION}:{DEV}:secret:app/shop/db-AbCdEf"
    main = {
        "name": "web",
        "environment": [{"name": "LEVEL", "value": "info"}, {"name": "URL", "value": ""}],
        "secrets": [{"name": "DB_PASSWORD", "valueFrom": arn}],
    }
    serving(cloud, "shop", "web", {"name": "side", "environment": [{"name": "LEVEL", "value": "info"}]}, main)
    found = configured(cloud, one).variables(resources(cloud, "shop", one), values=True)
    by_name = {(each.container, each.name): each for each in found.settings}
    assert set(by_name) == {("", "LEVEL"), ("", "URL"), ("", "DB_PASSWORD"), ("side", "LEVEL")}
    assert by_name["", "LEVEL"].value == by_name["side", "LEVEL"].value != by_name["", "URL"].value
    filled = by_name["", "DB_PASSWORD"]
    assert (filled.value, filled.points_to, filled.type, filled.version) == (None, arn, "secret", "shop-web:1")


def test_a_parameter_that_is_named_without_its_place_is_another_in_every_place(cloud: Cloud) -> None:
    def filled(name: str, at: tuple[str, str], value_from: str = "/shop/db-password") -> Setting:
        one = account(at[0], regions=(at[1],))
        container = {"name": name, "secrets": [{"name": "DB", "valueFrom": value_from}]}
        serving(cloud, "shop", name, container, at=at)
        services = [each for each in resources(cloud, "shop", one) if each.name == name]
        (found,) = configured(cloud, one).variables(services).settings
        return found

    here, beside = filled("web", (DEV, REGION)), filled("api", (DEV, REGION))
    far, elsewhere = filled("web", (DEV, FAR)), filled("web", (PROD, REGION))
    assert here.points_to == far.points_to == elsewhere.points_to == "/shop/db-password"
    assert here.same_as == beside.same_as
    assert len({here.same_as, far.same_as, elsewhere.same_as}) == 3
    arn = f"arn:aws:ssm:{REGION}:{DEV}:parameter/shop/db-password"
    assert filled("one", (DEV, REGION), arn).same_as == filled("other", (PROD, FAR), arn).same_as == arn


def test_variables_need_no_pack_and_files_of_them_are_said(cloud: Cloud) -> None:
    file = {"type": "s3", "value": "arn:aws:s3:::bucket/web.env"}
    cloud.pages["ECS.DescribeTaskDefinition"] = [
        {
            "taskDefinition": {
                "family": "web",
                "revision": 3,
                "containerDefinitions": [{"name": "web", "environmentFiles": [file]}],
            }
        }
    ]
    one = account()
    serving(cloud, "shop", "web", {"name": "web"})
    found = configured(cloud, one).variables(resources(cloud, "shop", one))
    assert found.notes == ("web also reads 1 file of variables, which were not looked at",)


@pytest.mark.parametrize("seed", range(5))
def test_no_value_is_in_anything_that_is_handed_on_or_logged(
    cloud: Cloud, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    random = Random(seed)
    values = [f"{random.getrandbits(80):x}" for _ in range(9)]
    for number, value in enumerate(values[:3]):
        parameter(cloud, f"/app/shop/p{number}", value, random.choice(("String", "StringList", "SecureString")))
    for number, value in enumerate(values[3:6]):
        secret(cloud, f"app/shop/s{number}", value)
    variables = [{"name": f"V{number}", "value": value} for number, value in enumerate(values[6:])]
    serving(cloud, "shop", "api", {"name": "api", "environment": variables})
    one = account(packs=("parameters",))
    there, found = configured(cloud, one), resources(cloud, "shop", one)
    logging.getLogger("copilot").setLevel(logging.DEBUG)
    said = [repr(there.named("shop", found, values=True)), repr(there.variables(found, values=True))]
    cloud.refuse("ECS.DescribeTaskDefinition")
    with pytest.raises(CopilotError) as raised:
        there.variables(found, values=True)
    said += [
        repr(raised.value),
        *(record.getMessage() for record in caplog.records if record.name.startswith("copilot")),
    ]
    assert len(there.named("shop", found).settings) == 6
    assert not any(value in text for value in values for text in said)


def test_what_is_sealed_can_be_compared_and_nothing_else() -> None:
    one = Sealed("secret")
    assert one == Sealed("secret") != Sealed("secrets")
    assert repr(one) == "(sealed)" and not hasattr(one, "__dict__")
    setting = Setting("variable", "A", "A", "plain", "1", value=one)
    for keep in (lambda: pickle.dumps(one), lambda: pickle.dumps(setting), lambda: hash(one)):
        with pytest.raises(TypeError):
            keep()
