"""`escalate_to` in the configuration: whom an approval may be told to, and when that makes sense."""

from __future__ import annotations

from typing import Any

import pytest
from escalation_world import LEVELS, PLACES
from pydantic import ValidationError

from copilot.config.configuration import Configuration, checked
from copilot.config.escalating import due_after
from copilot.config.faults import faults

ACCOUNT = {"id": "111111111111", "name": "a", "regions": ["eu-west-1"], "read_role": "arn:aws:iam::111111111111:role/r"}


def config(*levels: Any, **more: Any) -> Configuration:
    given = {"accounts": [ACCOUNT], "people": [], "destinations": PLACES, "escalate_to": levels or LEVELS}
    return checked(given | more)


def wrong(*levels: Any, **more: Any) -> list[str]:
    with pytest.raises(ValidationError) as found:
        config(*levels, **more)
    return [f"{one.where}: {one.said}" for one in faults(found.value, Configuration)]


def test_levels_follow_each_other() -> None:
    made = config()
    assert due_after(made.escalate_to) == [10, 25, 40]
    assert made.destinations.escalated_to == ("mail:oncall", "sns:oncall", "pagerduty:oncall", "opsgenie:oncall")
    assert made.destinations.names == ("mail:oncall", "sns:oncall"), "what pages takes no other messages"


def test_a_destination_that_is_not_there_is_named_with_the_nearest() -> None:
    (said,) = wrong({"after": 5, "to": ["pagerduty:oncal"]})
    assert "pagerduty:oncal is none of `destinations`; nearest: pagerduty:oncall" in said


@pytest.mark.parametrize(("minutes", "fits"), [(41, True), (40, False)])
def test_a_level_that_would_be_told_when_it_has_ended_is_refused(minutes: int, fits: bool) -> None:
    if fits:
        assert config(approval_minutes=minutes)
    else:
        (said,) = wrong(approval_minutes=minutes)
        assert "40 minutes after an approval was asked for, and that ends after 40" in said


def test_whom_an_earlier_level_tells_no_later_one_tells() -> None:
    (said,) = wrong(LEVELS[1], {"after": 5, "to": ["sns:oncall", "pagerduty:oncall"]})
    assert "pagerduty:oncall is told at an earlier level" in said


@pytest.mark.parametrize(
    "level",
    [
        {"after": 0, "to": ["sns:oncall"]},
        {"after": 24 * 60 + 1, "to": ["sns:oncall"]},
        {"after": 5, "to": []},
        {"after": 5, "to": ["slack:oncall"]},
        {"after": 5, "to": ["#oncall"]},
    ],
)
def test_what_is_no_level_is_refused(level: Any) -> None:
    assert len(wrong(level)) == 1


def test_a_key_is_named_and_never_written_down() -> None:
    places = {**PLACES, "pagerduty": {"oncall": {"key": "0123456789abcdef0123456789abcdef"}}}
    (said,) = wrong(destinations=places)
    assert "the key itself belongs nowhere else" in said and "0123456789abcdef" not in said


def test_nothing_is_sent_in_clear_but_to_this_machine() -> None:
    def at(url: str) -> dict[str, Any]:
        return {**PLACES, "opsgenie": {"oncall": {**PLACES["opsgenie"]["oncall"], "endpoint": url}}}

    (said,) = wrong(destinations=at("http://api.opsgenie.com"))
    assert "in clear" in said
    assert config(destinations=at("http://127.0.0.1:8080"))
