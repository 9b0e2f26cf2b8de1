"""The laptop's Scheduler: what is due on the clocks of its time zone fires, once, and what fires once is gone then."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from cli.laptop import emulator

KEY = ("222222222222", "eu-west-1", "copilot/copilot-s1-stop")
SIX_IN_PARIS = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)


class Emulated:
    """MiniStack's modules as far as the tick sees them, at a time that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
        self.now, self.fired = now, []  # type: tuple[datetime, list[dict[str, Any]]]
        monkeypatch.setattr(time, "time", lambda: self.now.timestamp())
        self.scheduler: Any = SimpleNamespace(
            _schedules=SimpleNamespace(_data={}),
            get_account_id=lambda: "0",
            get_region=lambda: "nowhere",
            set_request_account_id=lambda _: None,
            set_request_region=lambda _: None,
        )
        bus: Any = SimpleNamespace(
            _parse_cron_fields=lambda _: None, _invoke_target=lambda target, *_: self.fired.append(target["Input"])
        )
        emulator.fire_in_time_zones(self.scheduler, bus)

    def put(self, expression: str, **more: str) -> None:
        self.scheduler._schedules._data[KEY] = {
            "ScheduleExpression": expression,
            "ScheduleExpressionTimezone": "Europe/Paris",
            "State": "ENABLED",
            "LastModificationDate": self.now.timestamp(),
            "ActionAfterCompletion": "DELETE",
            "Target": {"Input": "due <aws.scheduler.scheduled-time>"},
        } | more

    def tick(self, at: datetime) -> list[Any]:
        self.now = at
        self.scheduler._tick_schedules()
        return [*self.fired, *self.scheduler._schedules._data]


def test_what_fires_once_does_so_at_its_time_on_its_zones_clocks_and_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = Emulated(monkeypatch, datetime(2026, 3, 6, 12, 0, tzinfo=UTC))
    laptop.put("at(2026-03-06T18:00:00)")
    assert laptop.tick(SIX_IN_PARIS.replace(hour=16, minute=59)) == [KEY]
    assert laptop.tick(SIX_IN_PARIS) == ["due 2026-03-06T17:00:00Z"]
    assert laptop.tick(SIX_IN_PARIS.replace(minute=1)) == ["due 2026-03-06T17:00:00Z"]


def test_what_is_kept_or_switched_off_fires_no_second_time_or_never(monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = Emulated(monkeypatch, datetime(2026, 3, 6, 12, 0, tzinfo=UTC))
    laptop.put("at(2026-03-06T18:00:00)", ActionAfterCompletion="NONE")
    for minute in (0, 1):
        assert laptop.tick(SIX_IN_PARIS.replace(minute=minute)) == ["due 2026-03-06T17:00:00Z", KEY]
    laptop.put("at(2026-03-06T19:00:00)", State="DISABLED")
    assert laptop.tick(SIX_IN_PARIS.replace(hour=20)) == ["due 2026-03-06T17:00:00Z", KEY]


def test_what_came_due_once_while_the_laptop_was_down_is_handed_over_late(monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = Emulated(monkeypatch, SIX_IN_PARIS.replace(minute=20))
    laptop.put("at(2026-03-06T18:00:00)")
    assert laptop.tick(SIX_IN_PARIS.replace(minute=21)) == ["due 2026-03-06T17:00:00Z"]


@pytest.mark.parametrize(
    ("expression", "at"),
    [
        ("at(2026-10-25T02:30:00)", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("at(2026-07-01T02:30:00)", datetime(2026, 7, 1, 0, 30, tzinfo=UTC)),
        ("cron(0 18 ? * * *)", None),
        ("rate(5 minutes)", None),
        ("at(tomorrow)", None),
    ],
)
def test_an_expression_says_when_it_fires_once(expression: str, at: datetime | None) -> None:
    assert emulator.fires_once(expression, "Europe/Paris") == at
