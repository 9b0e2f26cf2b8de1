"""Conversations on the whole system: what was read serves again, and of many turns at once each has its place."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import clouds
from conftest import System

CONVERSATIONS = 5


def called(view: dict[str, Any]) -> list[str]:
    return [step["tool"].partition("@")[0] for step in view["steps"] if step["items"]]


def test_what_was_read_is_narrowed_counted_and_posted_without_another_read(system: System) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")

    def ask(text: str) -> dict[str, Any]:
        view = system.ask(text, conversation="again")
        assert view["outcome"] == "succeeded", view["answer"]
        return view

    listed = ask("which environments are there?")
    assert called(listed) == ["list_environments"]
    some = ask("only the staging ones")
    assert called(some) == [] and staging.name in some["answer"] and "As of " in some["answer"], some["answer"]
    assert [one["name"] for one in some["used_again"]] == ["environments"]
    counted = ask("how many are there?")
    assert called(counted) == [] and "there are 1." in counted["answer"]
    posted = ask("post that to #platform")
    assert called(posted) == ["notify"] and "told #platform" in posted["answer"], posted["answer"]
    text = posted["steps"][0]["items"][0]["arguments"]["text"]
    assert "there are 1." in text and "As of " in text, text


def test_twenty_turns_in_five_conversations_are_answered_in_their_order(system: System) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")
    production = clouds.of_kind(system.cloud, "production")[0]
    turns = (
        (f"how is {staging.name}", staging.name),
        (f"what about {production.name}?", production.name),
        ("how is it", production.name),
        (f"and {staging.name}?", staging.name),
    )

    def say_all(number: int) -> list[str]:
        """None waits for the answer to the one before it."""
        return [system.start(text, conversation=f"many-{number}") for text, _ in turns]

    with ThreadPoolExecutor(CONVERSATIONS) as pool:
        runs = list(pool.map(say_all, range(CONVERSATIONS)))
    for number, of_it in enumerate(runs):
        views = [system.until(run_id, "answered", seconds=120) for run_id in of_it]
        for view, (text, name) in zip(views, turns, strict=True):
            assert view["outcome"] == "succeeded" and view["answer"].startswith(name), (text, view["answer"])
        assert views == sorted(views, key=lambda view: view["answered_at"]), "in the order in which they were said"
        kept = system.http("GET", f"/v1/runs?conversation=many-{number}")[1]["runs"]
        assert [one["run_id"] for one in kept] == of_it[::-1], "none is lost, none is there twice"
