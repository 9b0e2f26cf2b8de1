"""Learned plans: what a model planned once is planned by code for the next request of that shape, and no other."""

from __future__ import annotations

from facts_world import FactsWorld

FIND = {"id": "find", "tool": "find_environment", "arguments": {"name": "storefront"}}
STOP = {
    "id": "stop_storefront",
    "tool": "stop_environment",
    "arguments": {"environment_id": {"$ref": "find.environment.id"}},
}
PLAN = {"steps": [FIND, STOP], "answer": {"text": "Storefront was put to bed: {stop_storefront.summary}"}}
ASKED = "put storefront to bed and say how that went"


def test_the_second_request_of_a_shape_asks_no_model() -> None:
    world = FactsWorld(PLAN)
    first = world.ask("put storefront to bed and say how the stop went")
    assert first["outcome"] == "succeeded", first["answer"]
    second = world.ask("put basket to bed and say how the stop went")
    assert second["outcome"] == "succeeded", second["answer"]
    assert len(world.model.prompts) == 1
    assert world.states["basket"] == "stopped"
    assert "basket was put to bed" in second["answer"] and "Planned as on 12 Nov" in second["answer"]
