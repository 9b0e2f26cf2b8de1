"""Names in a configuration that are known, those that are not, and what was probably meant."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from pydantic import Field, ValidationError

from copilot.config.faults import faults
from copilot.config.names import ROLES, about_account_role, about_principal, about_region, about_role, about_zone
from copilot.config.places import KeyArn
from copilot.domain import Channel, Frozen

A = "111122223333"


def test_the_roles_are_those_the_policies_speak_of() -> None:
    policies = files("copilot").joinpath("policy/default.cedar").read_text()
    assert set(re.findall(r'Role::"(\w+)"', policies)) == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_is_known_is_fine(role: str) -> None:
    assert about_role(role) == ""


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("operater", "nearest: operator"),
        ("Developer", "nearest: developer"),
        ("aprover", "nearest: approver"),
        ("developers", "nearest: developer"),
        ("root", "there are reader, developer, operator, approver"),
        ("", "there are reader, developer, operator, approver"),
    ],
)
def test_a_role_that_is_not_known_is_said_with_the_nearest(said: str, hint: str) -> None:
    assert about_role(said) == f"{said!r} is no role; {hint}"


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "Asia/Kolkata"])
def test_a_zone_that_is_known_is_fine(zone: str) -> None:
    assert about_zone(zone) == ""


@pytest.mark.parametrize(
    ("said", "near"),
    [
        ("Europe/Pariss", "Europe/Paris"),
        ("europe/paris", "Europe/Paris"),
        ("Paris", "Europe/Paris"),
        ("America/NewYork", "America/New_York"),
        ("new york", "America/New_York"),
        ("CET", "Europe/Paris"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_that_is_not_known_is_said_with_the_nearest(said: str, near: str) -> None:
    told = about_zone(said)
    assert told.startswith(f"{said!r} is not the IANA name of a time zone; nearest: ") and near in told


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{A}:user/dana",
        f"arn:aws:iam::{A}:user/teams/ops/dana@example.com",
        f"arn:aws:iam::{A}:root",
        f"arn:aws:sts::{A}:assumed-role/ci-deploy/*",
        f"arn:aws:sts::{A}:assumed-role/AWSReservedSSO_Developers_0123456789abcdef/ana@example.com",
        f"arn:aws:sts::{A}:assumed-role/ci/run-4711",
        f"arn:aws:sts::{A}:federated-user/bob",
        f"arn:aws-cn:iam::{A}:user/dana",
    ],
)
def test_a_principal_that_can_call_is_fine(arn: str) -> None:
    assert about_principal(arn) == ""


@pytest.mark.parametrize(
    ("said", "near"),
    [
        (f"arn:aws:iam::{A}:role/ci-deploy", f"arn:aws:sts::{A}:assumed-role/ci-deploy/*"),
        (f"arn:aws:iam::{A}:role/aws-reserved/sso.amazonaws.com/SSO_x_01", f"arn:aws:sts::{A}:assumed-role/SSO_x_01/*"),
        (f"arn:aws:iam::{A}:role/ci/*", f"arn:aws:sts::{A}:assumed-role/ci/*"),
        (f"arn:aws:sts::{A}:assumed-role/ci", f"arn:aws:sts::{A}:assumed-role/ci/*"),
        (f"arn:aws:iam::{A}:assumed-role/ci/run-1", f"arn:aws:sts::{A}:assumed-role/ci/run-1"),
        (f"arn:aws:sts::{A}:assume-role/ci/*", f"arn:aws:sts::{A}:assumed-role/ci/*"),
        (f"arn:aws:sts::{A}:assumed_role/ci/*", f"arn:aws:sts::{A}:assumed-role/ci/*"),
        (f"arn:aws:sts::{A}:user/dana", f"arn:aws:iam::{A}:user/dana"),
        (f"arn:aws:iam:eu-west-1:{A}:user/dana", f"arn:aws:iam::{A}:user/dana"),
        (f"arn:aws:iam::{A}:users/dana", f"arn:aws:iam::{A}:user/dana"),
        (f" arn:aws:iam::{A}:user/dana", f"arn:aws:iam::{A}:user/dana"),
    ],
)
def test_a_principal_that_cannot_is_said_with_the_one_that_is_meant(said: str, near: str) -> None:
    assert about_principal(said) == f"{said!r} is no principal that can call; nearest: {near}"
    assert about_principal(near) == ""


@pytest.mark.parametrize(
    "said", ["*", "dana", A, f"arn:aws:iam::{A[:-1]}:user/dana", f"arn:aws:iam::{A}:user/da*", "arn:aws:s3:::b", ""]
)
def test_what_is_like_no_principal_says_where_one_is_found(said: str) -> None:
    assert "it is what `aws sts get-caller-identity` prints as Arn" in about_principal(said)


@pytest.mark.parametrize("region", ["eu-west-1", "us-gov-west-1", "ap-southeast-4", "us-iso-east-1", "mx-central-1"])
def test_a_region_is_known_by_its_form(region: str) -> None:
    assert about_region(region) == ""


@pytest.mark.parametrize("said", ["eu-west1", "euwest1", "EU-West-1", "eu-west-1a", "eu-wset-1", "eu_west_1"])
def test_a_region_that_is_none_is_said_with_the_nearest(said: str) -> None:
    assert about_region(said) == f"{said!r} is no region; nearest: eu-west-1"


@pytest.mark.parametrize("said", ["europe", "", "eu", "frankfurt"])
def test_what_is_like_no_region_says_how_one_looks(said: str) -> None:
    assert about_region(said) == f"{said!r} is no region, such as eu-west-1"


def test_the_role_of_an_account_is_one_of_that_account() -> None:
    assert about_account_role(f"arn:aws:iam::{A}:role/path/devops-copilot-read", A) == ""
    assert "is a role of account 444455556666, and not of" in about_account_role("arn:aws:iam::444455556666:role/r", A)
    assert about_account_role("devops-copilot-read", A).endswith(f"nearest: arn:aws:iam::{A}:role/devops-copilot-read")
    assert "is not the ARN of an IAM role" in about_account_role(f"arn:aws:iam::{A}:user/r", A)


def test_a_channel_has_its_own_words_wherever_one_is_named() -> None:
    class Names(Frozen):
        channels: tuple[Channel, ...]

    with pytest.raises(ValidationError) as caught:
        Names.model_validate({"channels": ["#ops", "Ops Team"]})
    assert faults(caught.value, Names) == [
        (("channels", 1), "'Ops Team' is no channel; nearest: #ops-team"),
    ]


def test_what_may_be_a_key_is_not_shown_whatever_it_is_called() -> None:
    class Hook(Frozen):
        signing: KeyArn
        name: str = Field(pattern="^[a-z]+$")

    with pytest.raises(ValidationError) as caught:
        Hook.model_validate({"signing": "correct-horse", "name": "N1"})
    key, name = faults(caught.value, Hook)
    assert key.said.startswith("this says where the key is kept") and "horse" not in key.said
    assert name.said.endswith(", not 'N1'")
