"""Messages put into a bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from aws_accounts import DEV, Cloud, simulated

from copilot.adapters.aws.outbox import Outbox
from copilot.domain import Permission
from copilot.errors import PermissionDenied, ToolInputError

BUCKET = "copilot-bucket"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        one.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield one


def outbox(cloud: Cloud, asked: list[Sequence[Permission]] | None = None, person: str | None = "dana") -> Outbox:
    def client_for(permissions: Sequence[Permission]) -> Any:
        if asked is not None:
            asked.append(permissions)
        return cloud.client("s3")

    return Outbox(BUCKET, client_for, cloud.clock, person)


def messages(cloud: Cloud) -> dict[str, Any]:
    s3 = cloud.client("s3")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    return {key: json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()) for key in keys}


def test_a_message_is_one_json_object(cloud: Cloud) -> None:
    where = outbox(cloud).send("#platform", "Stopped dev-1 – “done”.", "k1")
    assert messages(cloud) == {
        "outbox/platform/k1.json": {
            "channel": "#platform",
            "text": "Stopped dev-1 – “done”.",
            "at": cloud.clock.at.isoformat(),
            "person": "dana",
        }
    }
    assert where == "the outbox, outbox/platform/k1.json"


def test_without_a_person_none_is_named(cloud: Cloud) -> None:
    outbox(cloud, person=None).send("#platform", "x", "k1")
    assert set(messages(cloud)["outbox/platform/k1.json"]) == {"channel", "text", "at"}


def test_the_same_key_twice_is_one_message(cloud: Cloud) -> None:
    for key in ("k1", "k1", "k2"):
        outbox(cloud).send("#platform", "x", key)
    assert len(messages(cloud)) == 2


def test_what_comes_later_under_a_key_is_not_sent(cloud: Cloud) -> None:
    conditions: list[str] = []
    s3 = cloud.client("s3")
    s3.meta.events.register(
        "provide-client-params.s3.PutObject", lambda params, **_: conditions.append(params["IfNoneMatch"])
    )
    Outbox(BUCKET, lambda permissions: s3, cloud.clock).send("#platform", "first", "k1")
    cloud.refuse("S3.PutObject", "PreconditionFailed", 412)  # moto takes no notice of the condition
    where = Outbox(BUCKET, lambda permissions: cloud.session.client("s3"), cloud.clock).send(
        "#platform", "second", "k1"
    )
    assert (conditions, where) == (["*"], "the outbox, outbox/platform/k1.json")
    assert [one["text"] for one in messages(cloud).values()] == ["first"]


def test_the_client_is_asked_for_with_exactly_the_permission_announced(cloud: Cloud) -> None:
    asked: list[Sequence[Permission]] = []
    box = outbox(cloud, asked)
    announced = box.permissions("#platform", "k1")
    box.send("#platform", "x", "k1")
    assert asked == [announced]
    assert announced == (Permission(action="s3:PutObject", arn=f"arn:aws:s3:::{BUCKET}/outbox/platform/k1.json"),)


@pytest.mark.parametrize(
    ("channel", "key"), [("#../../x", "k"), ("#a*b?c", "k"), ("#a", "../../results/k"), ("#a", "${x}")]
)
def test_no_channel_or_key_reaches_outside_its_place(cloud: Cloud, channel: str, key: str) -> None:
    (permission,) = outbox(cloud).permissions(channel, key)
    path = permission.arn.removeprefix(f"arn:aws:s3:::{BUCKET}/")
    assert path.startswith("outbox/") and path.count("/") == 2 and ".." not in path
    assert not set("*?$") & set(path)
    outbox(cloud).send(channel, "x", key)
    assert list(messages(cloud)) == [path]


def test_what_the_bucket_refuses_is_an_error_of_ours(cloud: Cloud) -> None:
    missing = Outbox("no-such-bucket", lambda permissions: cloud.client("s3", DEV), cloud.clock)
    with pytest.raises(ToolInputError, match="putting a message for #platform into the outbox"):
        missing.send("#platform", "x", "k1")

    def refused(permissions: Sequence[Permission]) -> Any:
        cloud.refuse("S3.PutObject", "AccessDenied", 403)
        return cloud.session.client("s3")

    with pytest.raises(PermissionDenied):
        Outbox(BUCKET, refused, cloud.clock).send("#platform", "x", "k1")
