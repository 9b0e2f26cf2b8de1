"""What people asked to be left alone: heard, held by code over what is really there, told with who said it."""

from __future__ import annotations

from facts_world import OPA, FactsWorld


def test_what_is_off_limits_is_not_changed_and_it_is_said_who_had_that() -> None:
    world = FactsWorld()
    answer = world.says("storefront is off limits")
    assert answer.startswith("remembered: changes of storefront are off limits.")
    view = world.ask("stop storefront", conversation="another")
    assert view["outcome"] == "denied" and world.states["storefront"] == "running"
    assert "changes of storefront are off limits, as Dev said on 12 Nov 2026" in view["answer"]
    assert world.ask("stop basket")["outcome"] == "succeeded"
    assert world.ask("stop storefront", OPA)["outcome"] == "succeeded", "another's is their own"
