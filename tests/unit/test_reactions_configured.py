"""Reactions in a configuration: what is wrong is named with its place and what was probably meant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from copilot.config.configuration import Configuration, checked
from copilot.config.faults import faults
from copilot.config.reacting import why_held

BOT = {"id": "bot", "name": "Bot", "roles": ["reader"], "service": True}
ANA = {"id": "ana", "name": "Ana", "roles": ["reader"], "principals": ["arn:aws:iam::111111111111:user/ana"]}
GOOD = {"name": "on-alarm", "event": "alarm", "request": "list schedules", "person": "bot", "tells": "#oncall"}


def configured(*reactions: dict[str, Any], people: Any = (BOT, ANA), **more: Any) -> Configuration:
    return checked({"accounts": [], "people": list(people), "reactions": list(reactions), **more})


def wrong(*reactions: dict[str, Any], **more: Any) -> list[str]:
    with pytest.raises(ValidationError) as error:
        configured(*reactions, **more)
    return [f"{fault.where}: {fault.said}" for fault in faults(error.value)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"event": "alarms"}, "reactions.0.event: 'alarms' is no event; nearest: alarm"),
        ({"event": None}, "it says neither `event` which kind"),
        ({"request": None}, "it has a `request` or a `runbook`, one of both"),
        ({"runbook": "triage"}, "it has a `request` or a `runbook`, one of both"),
        ({"parameters": {"a": "b"}}, "`parameters` are those of a `runbook`"),
        ({"event": "scheduled_rule"}, "`rule` goes with"),
        ({"rule": "nightly"}, "`rule` goes with"),
        ({"request": "what is {detial.alarmName}?"}, "{detial.alarmName} is no place in an event"),
        ({"request": "what is {}?"}, "{} is no place in an event"),
        ({"pattern": {"sorce": ["x"]}}, "reactions.0.pattern: sorce is no key of an event pattern; nearest: source"),
        ({"pattern": {"account": ["999999999999"]}}, "reactions.0.pattern: account 999999999999 is none of this"),
        ({"person": "bott"}, "reactions.0.person: 'bott' is nobody's id; nearest: bot"),
        ({"person": "ana"}, "reactions.0.person: ana is no service person"),
        ({"tells": "oncall"}, "reactions.0.tells: "),
        ({"minutes": 0}, "reactions.0.minutes: "),
        ({"most_an_hour": 100}, "reactions.0.most_an_hour: "),
        ({"tels": "#a"}, "reactions.0.tels: 'tels' is no key here; nearest: tells"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, Any], said: str) -> None:
    found = wrong(GOOD | change)
    assert any(said in one for one in found), found


def test_two_of_one_name_are_one_too_many() -> None:
    assert wrong(GOOD, GOOD) == ["reactions.1.name: on-alarm is the name of another reaction"]


@pytest.mark.parametrize(
    "more",
    [
        {"principals": ["arn:aws:iam::111111111111:user/x"]},
        {"roles": ["approver"]},
        {"code": ["github:1"]},
        {"job": "main"},
    ],
)
def test_nobody_is_a_service_person_and_it_approves_nothing(more: dict[str, Any]) -> None:
    (found,) = wrong(people=[BOT | more])
    assert "nobody is a service person" in found


def test_whoever_is_no_service_person_has_principals() -> None:
    (found,) = wrong(people=[{key: value for key, value in ANA.items() if key != "principals"}])
    assert "`principals` is missing" in found


def test_a_service_person_is_found_by_no_principal() -> None:
    assert configured(GOOD).person("arn:aws:iam::111111111111:user/bot") is None


def test_hours_are_those_of_the_whole_unless_they_say_which() -> None:
    config = configured(
        GOOD,
        time_zone="Europe/Paris",
        quiet_hours=[{"start": "22:00", "end": "06:00", "but": ["health_event"]}],
        maintenance=[{"start": "12:00", "end": "13:00", "time_zone": "UTC", "regions": ["eu-west-1"]}],
    )

    def held(kind: Any, hour: int, region: str = "eu-west-1") -> str:
        at = datetime(2026, 3, 2, hour, tzinfo=UTC)
        place = ("1", region)
        return why_held(config.quiet_hours, config.maintenance, kind, place, at, config.time_zone)

    assert held("alarm", 21) == "quiet hours between 22:00 and 06:00 (Europe/Paris)"
    assert (held("alarm", 20), held("health_event", 23)) == ("", "")
    assert held("health_event", 12) == "maintenance between 12:00 and 13:00 (UTC)"
    assert held("health_event", 12, "us-east-1") == ""


@pytest.mark.parametrize(
    "hours", [{"start": "22:00"}, {"time_zone": "Mars"}, {"first": "2026-02-02", "last": "2026-01-01"}]
)
def test_hours_that_are_none_are_named(hours: dict[str, str]) -> None:
    assert len(wrong(GOOD, quiet_hours=[hours])) == 1
