"""What the command line does with AWS itself: reading back, restoring, the outbox, configurations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import fake_copilot as fake
import pytest
from moto import mock_aws

from cli.laptop.clients import Clients
from cli.laptop.cloud import Cloud
from cli.laptop.seeding import seed
from cli.main import main
from cli.showing.readback import differences, read_back, totals
from cli.showing.restoring import restore, sizes
from copilot.config.configuration import Configuration

ACCOUNT, REGION = "123456789012", "eu-west-1"
CLOUD = Cloud.model_validate(
    {
        "environments": [
            {
                "name": "blue",
                "tags": {"kind": "development"},
                "places": [
                    {
                        "account": ACCOUNT,
                        "region": REGION,
                        "clusters": [
                            {"name": "blue", "services": [{"name": f"s{n}", "tasks": n} for n in range(1, 13)]},
                            {"name": "bare", "services": []},
                        ],
                        "instances": [{"name": "box"}, {"name": "crate"}],
                        "databases": [{"name": "orders"}],
                    }
                ],
            },
            {
                "name": "green",
                "places": [{"account": ACCOUNT, "region": "us-east-1", "instances": [{"name": "box"}]}],
            },
        ]
    }
)


class OneAccount(Clients):
    """A client for any account is one of moto's only account."""

    def __init__(self) -> None:
        self._clients: dict[tuple[str, str], Any] = {}

    def __call__(self, service: str, account: str, region: str) -> Any:
        if (service, region) not in self._clients:
            new_client: Callable[..., Any] = boto3.client
            self._clients[service, region] = new_client(service, region_name=region)
        return self._clients[service, region]


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Clients of an AWS with nothing in it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield OneAccount()


@pytest.fixture
def clients(empty: Any) -> Any:
    """Clients of an AWS with the cloud above in it."""
    seed(empty, CLOUD, datetime.now(UTC), lambda what: None)
    return empty


def run_tasks() -> None:
    """moto starts no tasks for a service; here what is wanted runs."""
    from moto.ecs.models import ecs_backends

    for service in ecs_backends[ACCOUNT][REGION].services.values():
        service.running_count = service.desired_count


def look(clients: Any) -> Any:
    run_tasks()
    return read_back(clients, [(ACCOUNT, REGION), (ACCOUNT, "us-east-1")], "environment")


def test_everything_tagged_is_read_back_page_after_page(clients: Any) -> None:
    seen = look(clients)
    assert {(s.environment, s.kind, s.name, s.on) for s in seen.values()} == {
        *(("blue", "service", f"blue/s{n}", n) for n in range(1, 13)),
        ("blue", "instance", "box", 1),
        ("blue", "instance", "crate", 1),
        ("blue", "database", "orders", 1),
        ("green", "instance", "box", 1),
    }
    assert totals(seen) == {"service": sum(range(1, 13)), "instance": 3, "database": 1}


def test_what_belongs_to_no_environment_is_not_read(clients: Any) -> None:
    before = look(clients)
    clients("ec2", ACCOUNT, REGION).run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)
    assert look(clients) == before


def test_differences_are_those_of_state_and_size(clients: Any) -> None:
    before = look(clients)
    clients("ecs", ACCOUNT, REGION).update_service(cluster="blue", service="s3", desiredCount=0)
    clients("rds", ACCOUNT, REGION).stop_db_instance(DBInstanceIdentifier="orders")
    clients("ecs", ACCOUNT, REGION).tag_resource(
        resourceArn=next(arn for arn in before if arn.endswith("s4")), tags=[{"key": "noted", "value": "x"}]
    )
    changed = differences(before, look(clients))
    assert [(d.before.state, d.after.state) for d in changed if d.before and d.after] == [
        ("available", "stopped"),
        ("3 tasks", "0 tasks"),
    ]
    assert differences(before, before) == []


def test_what_appeared_or_went_is_a_difference(clients: Any) -> None:
    seen = look(clients)
    arn = next(iter(seen))
    less = {key: value for key, value in seen.items() if key != arn}
    assert [d.after for d in differences(seen, less)] == [None]
    assert [d.before for d in differences(less, seen)] == [None]


def test_restoring_puts_back_exactly_what_moved(clients: Any) -> None:
    before = look(clients)
    assert restore(clients, CLOUD, datetime.now(UTC)) == []
    ecs, ec2, rds = (clients(name, ACCOUNT, REGION) for name in ("ecs", "ec2", "rds"))
    arns = {seen.name: arn for arn, seen in before.items() if seen.region == REGION}
    note = "devops-copilot:stopped-from"
    ecs.update_service(cluster="blue", service="s3", desiredCount=0)
    ecs.tag_resource(resourceArn=arns["blue/s3"], tags=[{"key": note, "value": "3"}])
    box = arns["box"].rpartition("/")[2]
    ec2.stop_instances(InstanceIds=[box])
    ec2.create_tags(Resources=[box], Tags=[{"Key": note, "Value": "1"}])
    rds.stop_db_instance(DBInstanceIdentifier="orders")
    rds.add_tags_to_resource(ResourceName=arns["orders"], Tags=[{"Key": note, "Value": "1"}])
    ecs.update_service(cluster="blue", service="s5", desiredCount=7)
    ecs.tag_resource(resourceArn=arns["blue/s6"], tags=[{"key": note, "value": "6"}])
    run_tasks()
    moved = restore(clients, CLOUD, datetime.now(UTC))
    assert {seen.name for seen in moved} == {"blue/s3", "blue/s5", "blue/s6", "box", "orders"}
    assert look(clients) == before


def test_sizes_are_those_described() -> None:
    found = sizes(CLOUD)
    assert found[ACCOUNT, REGION, "service", "blue/s7"] == 7
    assert found[ACCOUNT, "us-east-1", "instance", "box"] == 1
    assert len(found) == 16


# --- outbox ------------------------------------------------------------------------------------


@pytest.fixture
def laptop(empty: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A laptop's folder whose AWS is moto's."""
    fake.write_laptop_json(tmp_path, 1, {"Bucket": "bbb", "ConfigurationParameter": "/laptop/config"})
    monkeypatch.chdir(tmp_path)
    for module in ("cli.commands.outbox", "cli.commands.configuring"):
        monkeypatch.setattr(f"{module}.Clients", lambda endpoint: empty)
    empty("s3", ACCOUNT, REGION).create_bucket(Bucket="bbb", CreateBucketConfiguration={"LocationConstraint": REGION})
    return empty


def test_messages_are_read_oldest_first(laptop: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for key, hour in (("a", 12), ("b", 11)):
        message = {"channel": "#ops", "text": f"at {hour}", "at": f"2026-01-01T{hour}:00:00+00:00", "person": "dana"}
        laptop("s3", ACCOUNT, REGION).put_object(Bucket="bbb", Key=f"outbox/ops/{key}.json", Body=json.dumps(message))
    laptop("s3", ACCOUNT, REGION).put_object(Bucket="bbb", Key="results/x.json", Body="{}")
    assert main(["outbox"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-4:] for line in lines] == [["#ops", "dana", "at", "11"], ["#ops", "dana", "at", "12"]]
    assert main(["outbox", "--json"]) == 0
    assert [message["text"] for message in json.loads(capsys.readouterr().out)] == ["at 11", "at 12"]


def test_an_empty_outbox_says_so(laptop: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outbox"]) == 0
    assert "Nothing has been sent." in capsys.readouterr().out


def test_without_a_laptop_there_is_no_outbox(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["outbox"]) == 6
    assert "devops-copilot up" in capsys.readouterr().err


# --- configure ---------------------------------------------------------------------------------

CONFIGURATION = """
accounts:
  - {id: "111111111111", name: a, regions: [eu-west-1], read_role: arn:aws:iam::111111111111:role/r}
people: []
"""


def test_a_configuration_is_written_as_what_the_copilot_reads(
    laptop: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.yaml").write_text(CONFIGURATION)
    assert main(["configure", "c.yaml"]) == 0
    assert "/laptop/config of the laptop's AWS" in capsys.readouterr().out
    kept = laptop("ssm", ACCOUNT, "eu-west-1").get_parameter(Name="/laptop/config")["Parameter"]["Value"]
    assert Configuration.model_validate_json(kept).accounts[0].name == "a"


def test_without_a_laptop_it_goes_to_the_persons_own_account(
    empty: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.yaml").write_text(CONFIGURATION)
    assert main(["configure", "c.yaml", "--parameter", "/mine"]) == 0
    assert "/mine of your AWS account in eu-west-1" in capsys.readouterr().out
    assert empty("ssm", ACCOUNT, REGION).get_parameter(Name="/mine")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (CONFIGURATION.replace('"111111111111"', '"111"'), "accounts.0.id"),
        (CONFIGURATION + "\npeopel: []", "line 6, peopel: 'peopel' is no key here; nearest: people"),
        ("accounts: [", "is not YAML"),
        ("just words", "not 'just words'"),
        (None, "No such file"),
    ],
)
def test_a_wrong_configuration_is_refused_field_by_field_and_not_written(
    laptop: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, why: str
) -> None:
    if text is not None:
        (tmp_path / "c.yaml").write_text(text)
    assert main(["configure", "c.yaml"]) == 2
    assert why in capsys.readouterr().err
    assert laptop("ssm", ACCOUNT, REGION).describe_parameters()["Parameters"] == []


def test_checking_writes_nothing(laptop: Any, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(CONFIGURATION)
    assert main(["configure", "c.yaml", "--check"]) == 0
    assert laptop("ssm", ACCOUNT, REGION).describe_parameters()["Parameters"] == []
