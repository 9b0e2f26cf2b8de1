"""An answer that a model composes of what was read before, with no step of its own."""

from __future__ import annotations

from typing import Any

from talk_world import Talk

COSTS = "costs of the dev environments last month by environment"
AGAIN = "put that in one sentence my boss understands"
PLAN: dict[str, Any] = {"answer": {"compose": "one sentence", "using": ["memory.costs"]}}


def composed(*said: Any) -> tuple[Talk, dict[str, Any]]:
    talk = Talk()
    talk.say(COSTS)
    view = talk.say(AGAIN, plans=[PLAN, *said])
    assert not talk.model.unwanted and not talk.model.answers, view["answer"]
    return talk, view


def test_it_is_made_of_that_alone_and_says_what_it_rests_on() -> None:
    talk, view = composed("Development cost {memory.costs.total} USD, most of it {memory.costs.rows[0].name}.")
    assert (view["outcome"], view["steps"]) == ("succeeded", [])
    answer = view["answer"]
    assert answer.startswith("Development cost 220.39 USD, most of it basket. [1]"), answer
    assert "[1] memory.costs.total = 220.39; memory.costs.rows[0].name = basket" in answer
    assert answer.endswith("As of 10:00.")
    asked = talk.model.prompts[1].user
    assert '"memory":{"costs":{' in asked and "Environments (" not in asked, "nothing else of the conversation"


def test_a_figure_that_was_not_read_is_not_told() -> None:
    _, view = composed(*["Development cost 999 USD, {memory.costs.total} of it in vain."] * 2)
    assert "999" not in view["answer"], view["answer"]


def test_what_is_too_old_is_not_there_to_be_composed_of() -> None:
    talk = Talk()
    talk.say(COSTS)
    talk.clock.sleep(30 * 3600)
    view = talk.say(AGAIN, plans=[PLAN] * 3)
    assert view["outcome"] == "failed" and "no step memory.costs" in view["answer"], view["answer"]
    assert "220.39" not in view["answer"]


def test_what_was_composed_is_passed_on_as_old_as_what_it_was_composed_of() -> None:
    talk, _ = composed("Development cost {memory.costs.total} USD.")
    talk.clock.sleep(3600)
    assert talk.say("post that to #payments")["outcome"] == "succeeded"
    ((_, text),) = talk.told
    assert text.startswith("Development cost 220.39 USD. [1]") and text.endswith("As of Mon 9 Nov 10:00 UTC."), text
