"""A schedule's plan is checked each time it is to run: tools go, and others come in their place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_firing import AFTER_SIX, Setting

from copilot.domain import Person
from copilot.errors import Conflict
from copilot.tools.registry import Registry
from copilot.triggers.firing import Fire

ANA = Person(id="ana", name="ana", roles=("developer",))


@pytest.fixture
def without_tools() -> tuple[Setting, str, Fire]:
    setting = Setting()
    made = setting.made(AFTER_SIX)
    return setting, made, replace(setting.fire, registry=Registry(entries={}))


def test_a_firing_whose_plan_may_not_run_any_more_is_refused_and_says_why(
    without_tools: tuple[Setting, str, Fire],
) -> None:
    setting, made, fire = without_tools
    setting.clock.at = setting.clock.at.replace(hour=18)
    firing = fire(made, "stop", setting.clock.at)
    assert firing is not None and firing.run_id is None
    assert firing.reason.startswith("nothing was done: its plan may not run any more: ") and "no tool" in firing.reason
    assert setting.workflow.started == []


def test_a_plan_that_may_not_run_any_more_is_not_run_at_once_either(without_tools: tuple[Setting, str, Fire]) -> None:
    setting, made, fire = without_tools
    with pytest.raises(Conflict, match=r"nothing was done: .*no tool.* Delete the schedule and make it anew"):
        fire.now(made, "stop", ANA, "k")
    assert (setting.workflow.started, setting.schedules.firings(made)) == ([], [])
