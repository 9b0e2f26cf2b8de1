"""What is off limits, and who is told, where nobody asks: in firings of schedules, and under standing approvals."""

from __future__ import annotations

from typing import Any

import pytest
from test_firing import Setting
from test_standing import OPS, Granting

from copilot.domain import (
    EVERYBODY,
    EXCLUSION,
    Companion,
    Exclusion,
    Fact,
    FactName,
    KeptFact,
    Person,
    Selector,
    Stretches,
    scope_of,
)
from copilot.running.limiting import STANDING

ALWAYS = Stretches(time_zone="UTC")
ANA = Person(id="ana", name="ana", roles=("developer",))


def keep(setting: Setting, scope: str, rule: Exclusion | Companion, author: Person = OPS) -> None:
    kind: Any = "exclusion" if isinstance(rule, Exclusion) else "companion"
    name = FactName.of(kind, rule.of.in_words, "")
    said = {"kind": kind, kind: rule, "value": rule.in_words}
    fact = Fact(**name.model_dump(), **said, run="r1", author=author, at=setting.clock.now())
    setting.facts.put(KeptFact.first(scope, fact))


def excluded(effect: Any, *environments: str) -> Exclusion:
    return Exclusion(of=Selector(environments=environments), when=ALWAYS, effect=effect)


@pytest.mark.parametrize("scope", [EVERYBODY, scope_of("ana")])
def test_a_standing_approval_lifts_nothing_that_is_off_limits(scope: str) -> None:
    staged = Granting()
    staged.granted()
    keep(staged.setting, scope, excluded("deny", "rehearsal"))
    view = staged.fired()
    assert "rehearsal/x" in staged.setting.on() and "trial/y" not in staged.setting.on()
    assert "changes of rehearsal are off limits, as Ops said on" in view["answer"]


def test_a_standing_approval_lifts_nothing_that_is_to_be_asked() -> None:
    staged = Granting()
    staged.granted()
    keep(staged.setting, EVERYBODY, excluded("ask", "rehearsal"))
    view = staged.fired()
    assert view["status"] == "parked" and "rehearsal/x" in staged.setting.on()
    assert [one["step"] for one in view["approval"]["calls"]] == ["stop"], "the other is done as it was granted"
    assert "trial/y" not in staged.setting.on()
    decided = {item["arguments"]["environment_id"]: item["decision"] for item in view["steps"][-1]["items"]}
    assert EXCLUSION in decided["rehearsal"]["policies"] and STANDING not in decided["rehearsal"]["policies"]
    assert STANDING in decided["trial"]["policies"]


def test_anothers_own_keeps_no_schedule_from_anything() -> None:
    staged = Granting()
    staged.granted()
    keep(staged.setting, scope_of("ops"), excluded("deny", "rehearsal"))
    assert staged.fired()["outcome"] == "succeeded" and not {"rehearsal/x", "trial/y"} & {*staged.setting.on()}


def test_who_is_told_beside_a_firing_leaves_its_standing_approval_what_it_is() -> None:
    staged = Granting()
    staged.granted()
    tell = Companion(of=Selector(environments=("rehearsal",), changes=("stop",)), tell=("#ops",))
    keep(staged.setting, scope_of("ana"), tell, ANA)
    view = staged.fired()
    assert view["outcome"] == "succeeded", view["answer"]
    assert not {"rehearsal/x", "trial/y"} & {*staged.setting.on()}
    told = list(staged.setting.notifier.sent.values())
    assert told == [("#ops", "ana had me do this: stopped rehearsal.")]
    assert "told to #ops, because you asked to, on" in view["answer"]
