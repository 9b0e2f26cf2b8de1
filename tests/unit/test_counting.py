"""How much an approval is for, before any of it: by kind and by account."""

from __future__ import annotations

import pytest

from copilot.domain import ApprovalCall, Change, Kind, Preview, ResourceRef, Target
from copilot.plans.counting import counted

NAMES = {"111111111111": "shop-prod", "222222222222": "shop-dev"}


def call(name: str, kind: Kind | None, *accounts: str, skipped: int = 1, type: str = "environment") -> ApprovalCall:
    """A call with a change in each of these accounts, and some things left alone."""
    wanted = [change(f"arn:aws:ecs:eu-west-1:{account}:service/{name}/{n}") for n, account in enumerate(accounts)]
    left = [change(f"arn:aws:ecs:eu-west-1:333333333333:service/{name}/left", "skip") for _ in range(skipped)]
    target = Target(ref=ResourceRef(type=type, id=name), name=name, kind=kind)
    preview = Preview(targets=(target,), changes=(*wanted, *left), state=1)
    return ApprovalCall(step="s", item=0, tool="t@1", arguments={}, preview=preview)


def change(id: str, action: str = "stop") -> Change:
    given = {"ref": {"type": "ecs-service", "id": id}, "name": "n", "action": action, "before": "1", "after": "0"}
    return Change.model_validate(given)


def sent(channel: str) -> ApprovalCall:
    return call(channel, None, "", type="channel", skipped=0)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (
            [
                call("a", "production", *["111111111111"] * 7),
                call("b", "production", "111111111111", "111111111111"),
                call("c", "staging", *["222222222222"] * 3),
            ],
            "12 changes in 3 environments: 2 production, 1 staging; accounts shop-prod (…1111) 9, shop-dev (…2222) 3",
        ),
        ([call("a", "staging", "222222222222")], "1 change in 1 staging environment; account shop-dev (…2222) 1"),
        ([call("a", None, "444444444444")], "1 change in 1 production environment; account 444444444444 1"),
        (
            [call("a", "staging", "111111111111"), call("a", "staging", "111111111111")],
            "2 changes in 1 staging environment; account shop-prod (…1111) 2",
        ),
        ([sent("#ops"), sent("#ops")], "2 messages to 1 channel"),
        (
            [call("a", "development", "222222222222"), sent("#ops")],
            "1 change in 1 development environment; 1 message to 1 channel; account shop-dev (…2222) 1",
        ),
        ([call("s1", "production", "", type="schedule", skipped=0)], "1 change of 1 production schedule"),
    ],
    ids=["several", "one", "unnamed", "one twice", "messages", "both", "schedule"],
)
def test_what_it_is_for_is_counted(calls: list[ApprovalCall], expected: str) -> None:
    assert counted(calls, NAMES) == expected
