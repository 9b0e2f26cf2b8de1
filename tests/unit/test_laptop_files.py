"""The files that the laptop's system is made from: what is wrong in them, and what was changed since, in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.commands import hosting
from cli.display.page import Page
from cli.exits import CommandError, Refused
from cli.laptop import server
from cli.laptop.cloud import Cloud, read_cloud
from cli.laptop.deployments import NO_DEPLOYMENTS, history, read_deployments
from cli.laptop.faults import LaptopError
from cli.laptop.made_from import note, read_made_from
from cli.laptop.system import read_configuration, up
from cli.laptop_file import LaptopFile, write_laptop_file
from copilot.config.configuration import Configuration

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samplefiles"


def changed(tmp_path: Path, name: str, *changes: tuple[str, str]) -> Path:
    text = (SAMPLES / name).read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    (tmp_path / name).write_text(text)
    return tmp_path / name


@pytest.mark.parametrize(
    ("name", "read", "change", "told"),
    [
        ("cloud.yaml", read_cloud, ("    tags:", "    tagz:"), "'tagz' is no key here; nearest: tags"),
        ("cloud.yaml", read_cloud, ("region: eu-west-1", "region: eu-wst-1"), "eu-wst-1"),
        ("cloud.yaml", read_cloud, ('account: "111111111111"', "account: 111"), "111 is no text; write it in quotes"),
        ("cloud.yaml", read_cloud, ('account: "111111111111"', 'account: "111"'), "has twelve digits, not '111'"),
        ("cloud.yaml", read_cloud, ("tasks: 4", "tasks: many"), "tasks: "),
        (
            "cloud.yaml",
            read_cloud,
            ("load: {peak: 58}", "load: 58"),
            "it is to have keys of its own (peak, until)",
        ),
        ("deployments.yaml", read_deployments, ("weekly:", "weakly:"), "'weakly' is no key here; nearest: weekly"),
        ("config.yaml", read_configuration, ("time_zone:", "time_zome:"), "is no key here; nearest: time_zone"),
        ("config.yaml", read_configuration, ("roles: [developer]", "roles: [develper]"), "nearest: developer"),
    ],
)
def test_a_mistake_is_told_with_its_file_its_line_and_the_nearest(
    tmp_path: Path, name: str, read: Any, change: tuple[str, str], told: str
) -> None:
    file = changed(tmp_path, name, change)
    lines = file.read_text().split("\n")
    with pytest.raises(Refused) as refused:
        read(file)
    first, *rest = str(refused.value).split("\n")
    assert first.startswith(f"{file} is not a") and first.endswith("Nothing was done.")
    assert any(told in one for one in rest)
    at = int(rest[0].split()[1].rstrip(","))
    assert change[1].strip() in lines[at - 1]


@pytest.mark.parametrize("read", [read_cloud, read_deployments, read_configuration])
@pytest.mark.parametrize("text", ["", "just words", "a: [", "- a", "x: 2026-13-45", "\0", None])
def test_whatever_stands_in_a_file_it_is_a_sentence(tmp_path: Path, read: Any, text: str | None) -> None:
    if text is not None:
        (tmp_path / "f.yaml").write_text(text)
    if read is read_deployments and text == "":
        (tmp_path / "f.yaml").write_text("[]")
    with pytest.raises(Refused, match=r"f\.yaml"):
        read(tmp_path / "f.yaml")


def test_a_configuration_without_an_account_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("accounts: []\npeople: []\n")
    with pytest.raises(Refused, match="the first one is where the copilot lives"):
        read_configuration(tmp_path / "c.yaml")


def test_a_stage_slower_in_a_service_that_is_not_there_is_told(tmp_path: Path) -> None:
    service = read_deployments(SAMPLES / "deployments.yaml").slower
    assert service is not None
    text = (SAMPLES / "deployments.yaml").read_text()
    before, _, after = text.rpartition("slower:")
    (tmp_path / "d.yaml").write_text(f"{before}slower:{after.replace(service.service, 'nowhere', 1)}")
    with pytest.raises(Refused, match="'nowhere', which is slower or odd, is no service here"):
        read_deployments(tmp_path / "d.yaml")


def test_an_odd_deployment_of_what_was_never_deployed_is_none() -> None:
    from datetime import date

    sample = read_deployments(SAMPLES / "deployments.yaml")
    never = tuple(one.model_copy(update={"weekly": 0}) for one in sample.services)
    assert history(sample.model_copy(update={"services": never}), date(2026, 3, 2)) == []


@pytest.mark.parametrize("day", range(1, 9))
def test_a_broken_deployment_is_the_last_one_and_failed_where_it_is_said(day: int) -> None:
    from datetime import date

    sample = read_deployments(SAMPLES / "deployments.yaml")
    made = history(sample, date(2026, 3, day))
    whole = history(sample.model_copy(update={"broken": ()}), date(2026, 3, day))
    assert [one.id for one in made] == [one.id for one in whole]
    assert len(sample.broken) == 2
    for broken in sample.broken:
        to = (broken.service, broken.environment)
        last = [one for one in made if (one.pipeline.service, one.pipeline.environment) == to][-1]
        assert last.status == "failed" and (last.stages[-1].stage, last.stages[-1].status) == (broken.stage, "failed")
        assert {told.status for told in last.stages[:-1]} <= {"succeeded"}


def test_what_broke_in_a_stage_that_there_is_none_of_is_told(tmp_path: Path) -> None:
    text = (SAMPLES / "deployments.yaml").read_text().replace("    stage: deploy\n", "    stage: nowhere\n")
    (tmp_path / "d.yaml").write_text(text)
    with pytest.raises(Refused, match="'basket' has no stage 'nowhere' to 'orchard-rehearsal'"):
        read_deployments(tmp_path / "d.yaml")


# --- changed since it was made -------------------------------------------------------------------

CONFIGURATION = read_configuration(SAMPLES / "config.yaml")
CLOUD = read_cloud(SAMPLES / "cloud.yaml")


class Started(Exception):
    """It got as far as that."""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a system that was made from the samples, and whose server does not start here."""

    def start(*given: Any) -> Any:
        raise Started

    monkeypatch.setattr(server, "start", start)
    note(tmp_path, CONFIGURATION, CLOUD)
    return tmp_path


def start(state: Path, configuration: Configuration = CONFIGURATION, cloud: Cloud = CLOUD) -> list[str]:
    told: list[str] = []
    with pytest.raises(Started):
        up(ROOT, state, told.append, configuration, cloud, deployments=NO_DEPLOYMENTS)
    return told


def renamed(old: str, new: str) -> Cloud:
    some = [one.model_copy(update={"name": new}) if one.name == old else one for one in CLOUD.environments]
    return CLOUD.model_copy(update={"environments": tuple(some)})


def test_an_environment_renamed_since_is_told_and_nothing_is_started(state: Path) -> None:
    old = CLOUD.environments[2].name
    with pytest.raises(LaptopError, match=r"was changed since .*\. Nothing was changed\. `make clean`") as refused:
        up(ROOT, state, lambda what: None, CONFIGURATION, renamed(old, "renamed"), deployments=NO_DEPLOYMENTS)
    assert f"({old}, renamed)" in str(refused.value)


def test_what_a_monitor_saw_may_change_at_any_time(state: Path) -> None:
    first, *rest = CLOUD.environments
    cloud = CLOUD.model_copy(update={"environments": (first.model_copy(update={"habit": None}), *rest)})
    assert start(state, cloud=cloud) == ["Starting the local AWS"]


def test_a_cloud_that_was_not_made_to_its_end_may_change(state: Path) -> None:
    note(state, CONFIGURATION)
    assert start(state, cloud=renamed(CLOUD.environments[2].name, "renamed")), "it is started, not refused"


def with_regions(*regions: str) -> Configuration:
    home, *others = CONFIGURATION.accounts
    return CONFIGURATION.model_copy(update={"accounts": (home.model_copy(update={"regions": regions}), *others)})


@pytest.mark.parametrize("recorded", [True, False])
def test_another_home_is_told_and_nothing_is_started(state: Path, recorded: bool) -> None:
    if not recorded:  # as an earlier version left it
        (state / "made-from.json").unlink()
        account = CONFIGURATION.accounts[0].id
        write_laptop_file(
            state, LaptopFile(port=1, region="eu-west-1", account=account, stack="s", outputs={}, users={})
        )
    with pytest.raises(
        LaptopError, match=r"now \d{12} eu-central-1\. .* \d{12} eu-west-1 and cannot move\. .*make clean"
    ):
        up(ROOT, state, lambda what: None, with_regions("eu-central-1"), CLOUD, deployments=NO_DEPLOYMENTS)


def test_environments_where_the_copilot_may_not_look_are_named(state: Path) -> None:
    far = [one.name for one in CLOUD.environments if any(place.region == "us-east-1" and
           place.account == CONFIGURATION.accounts[0].id for place in one.places)]  # fmt: skip
    assert far
    (warning, _) = start(state, with_regions("eu-west-1"))
    home = CONFIGURATION.accounts[0].id
    assert warning.startswith(f"Warning: samplefiles/config.yaml has no account {home} with region us-east-1, so")
    assert all(name in warning for name in far)
    assert start(state) == ["Starting the local AWS"]


def test_what_the_local_aws_refuses_is_said_in_a_sentence(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: Any) -> Any:
        error: Any = {"Code": "ClusterNotFoundException", "Message": "Cluster not found."}
        raise ClientError({"Error": error}, "DescribeServices")

    monkeypatch.setattr(server, "start", refuse)
    monkeypatch.setattr(hosting, "state_folder", lambda project: state)
    with pytest.raises(CommandError, match=r"The local AWS did not do something: .*`make clean` removes all of it\."):
        hosting.bring_up(Page())


def test_records_that_cannot_be_read_are_no_traceback(state: Path) -> None:
    (state / "made-from.json").write_text("{")
    (state / "laptop.json").write_text("{")
    assert read_made_from(state) is None
    start(state)
    (state / "server.json").write_text("{")
    with pytest.raises(LaptopError, match=r"server\.json is not as it was written"):
        up(ROOT, state, lambda what: None, CONFIGURATION, CLOUD, deployments=NO_DEPLOYMENTS)
