"""An Item changes only as it may: each change is a method, and what is settled stays so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from copilot.domain import SETTLED, Decision, Item, Mend
from copilot.domain.items import End, Status

NOW = datetime(2026, 8, 3, 12, tzinfo=UTC)
ALLOW, ASK = Decision(outcome="allow"), Decision(outcome="ask")
CHANGES: dict[str, Callable[[Item], Item]] = {
    "issue": lambda item: item.issue(NOW),
    "ask": lambda item: item.ask(ASK, "hash"),
    "allow": lambda item: item.allow(ALLOW, "hash"),
    "approve": lambda item: item.approve("ada"),
    "look": lambda item: item.look(NOW, "not yet", NOW),
    "look at once": lambda item: item.look_at_once(),
    "retry": lambda item: item.retry("execute", "busy", NOW),
    "mend": lambda item: item.mend(Mend(argument="name", said="stagng", meant="staging"), NOW),
    "go wrong": lambda item: item.go_wrong("repair", "no such name"),
} | {f"settle as {end}": lambda item, end=end: item.settle(end, "so", NOW) for end in get_args(End)}
MAY = {
    "open": {"issue", "settle as failed", "settle as denied", "settle as cancelled", "settle as halted"},
    "issued": {"ask", "allow", "approve", "look", "look at once", "retry", "mend", "go wrong"}
    | {f"settle as {end}" for end in ("done", "failed", "denied", "no_data", "unknown", "left_out", "cancelled")},
    "asking": {"allow", "approve", "look", "look at once", "retry", "mend"}
    | {f"settle as {end}" for end in ("failed", "denied", "expired", "left_out", "cancelled")},
    "wrong": {"allow", "approve", "look", "look at once", "retry", "mend"}
    | {f"settle as {end}" for end in ("failed", "replanned", "cancelled")},
}


def item(status: str, **more: Any) -> Item:
    return Item.model_validate({"index": 0, "arguments": {"name": "stagng"}, "status": status, **more})


@pytest.mark.parametrize("status", get_args(Status))
@pytest.mark.parametrize("change", CHANGES)
def test_a_status_becomes_only_what_it_may(status: str, change: str) -> None:
    if change in MAY.get(status, ()):
        assert CHANGES[change](item(status)).status != "issued" or change == "issue"
    else:
        with pytest.raises(ValueError, match=f"an item that is {status} never becomes"):
            CHANGES[change](item(status))


def test_what_is_settled_is_all_that_may_not_change() -> None:
    assert {*get_args(Status)} - MAY.keys() == SETTLED


def test_what_is_changed_by_hand_into_a_word_that_is_none_cannot_be_read_back() -> None:
    with pytest.raises(ValueError, match="status"):
        item("finished")


def test_a_call_that_is_previewed_anew_is_no_longer_approved() -> None:
    approved = item("issued", approval_id="a1", decision=ASK, state_hash="h", attempt=2, waits=3, deadline=NOW)
    again = approved.retry("preview", "the target has changed", NOW)
    assert (again.approval_id, again.decision, again.state_hash) == (None, None, None)
    assert (again.status, again.phase, again.attempt, again.waits, again.deadline) == ("open", "preview", 3, 0, None)


def test_a_call_that_waits_until_a_deadline_keeps_what_it_waits_with() -> None:
    again = item("issued", approval_id="a1", state_hash="h", waits=3).retry("execute", "starting", NOW, NOW)
    assert (again.approval_id, again.state_hash, again.waits, again.deadline) == ("a1", "h", 3, NOW)


def test_when_it_was_first_issued_is_kept() -> None:
    first = item("open").issue(NOW)
    assert first.retry("execute", "busy", NOW).issue(NOW.replace(hour=13)).issued_at == NOW
