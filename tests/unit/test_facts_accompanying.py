"""Who is told because somebody asked for that: a message behind the changes, of those alone that were made."""

from __future__ import annotations

from facts_world import DEV, OPA, FactsWorld


def sent(world: FactsWorld) -> list[tuple[str, str]]:
    return [(channel, text) for channel, text, *_ in world.platform_messages]


def test_who_is_to_be_told_of_a_change_is_told_and_it_is_said_why() -> None:
    world = FactsWorld()
    answer = world.says("tell #payments whenever you stop storefront")
    assert answer == "remembered: #payments is told of stops of storefront."
    view = world.ask("stop storefront", conversation="another")
    print(view)
    assert [step["tool"] for step in view["plan"]["steps"]][-1] == "notify"
    assert 0
