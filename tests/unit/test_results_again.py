"""What was read serves again: post that, chart it, only those over 50, compare it; no cloud is asked twice for it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from again_world import Again
from fakes import spoken_of
from test_heard import INTENTS, KNOWN, PRESENT

from copilot.adapters.in_memory import MemoryStore
from copilot.domain import ANSWER, Focus
from copilot.ports import ResultKey

COSTS = "what did the dev environments cost last month?"
LIST = "which environments are there?"


@pytest.fixture
def world() -> Again:
    return Again()


def read_again(world: Again, text: str, by: str = "ana") -> tuple[dict[str, Any], set[str]]:
    """What it comes to, and the steps that were called for it, without those that render or send."""
    world.reads.clear()
    view = world.said(text, by)
    return view, {*world.reads} - {"file", "tell", "tell2"}


def focus(world: Again) -> Focus:
    return world.store.focus("main", "ana/one")


# --- passed on -----------------------------------------------------------------------------------

PASSED_ON = [
    "post that to #platform",
    "Post that to #platform please",
    "can you send it to #platform?",
    "share the answer with #platform",
    "forward this to #platform",
    "drop that in #platform",
    "and put it into #platform",
    "tell #platform that",
    "let #platform know that",
    "send #platform the report",
    "#platform should see that",
    "please publish that on #platform",
    "could we share this with #platform",
    "write that to #platform",
    "now announce it in #platform",
    "post to #platform",
    "also to #platform",
]


@pytest.mark.parametrize("text", PASSED_ON)
def test_what_was_answered_is_passed_on_whole_without_a_second_read(world: Again, text: str) -> None:
    answer = world.said(COSTS)["answer"]
    view, read = read_again(world, text)
    assert view["outcome"] == "succeeded", view["answer"]
    assert not read
    assert "told #platform" in view["answer"] and "As of 12:00." in view["answer"]
    ((channel, told),) = world.told
    assert channel == "#platform"
    assert told == f"{answer}\n\nAs of Mon 2 Mar 12:00 UTC."


@pytest.mark.parametrize("text", ["tell lee that", "send that to lee", "forward it to lee please", "let lee know that"])
def test_a_person_is_told_what_was_answered(world: Again, text: str) -> None:
    world.said(LIST)
    view, read = read_again(world, text)
    assert view["outcome"] == "succeeded" and not read, view["answer"]
    ((channel, told),) = world.told
    assert channel == "person:lee" and told.startswith("Environments (4):\n- cart-dev: development")


def test_several_are_told_and_the_next_one_is_told_the_same(world: Again) -> None:
    answer = world.said(LIST)["answer"]
    world.said("post it to #platform and #ops")
    world.said("send that to #web")
    assert [*sorted(channel for channel, _ in world.told[:2]), world.told[2][0]] == ["#ops", "#platform", "#web"]
    assert all(told.startswith(answer) for _, told in world.told)


def test_a_courtesy_between_is_not_what_that_means(world: Again) -> None:
    answer = world.said(LIST)["answer"]
    world.said("thanks")
    world.said("post that to #platform")
    ((_, told),) = world.told
    assert told.startswith(answer)


def test_what_was_not_understood_since_makes_that_unclear(world: Again) -> None:
    world.said(LIST)
    world.said("frobnicate the whole thing into a hat")
    view = world.said("post that to #platform")
    assert view["outcome"] == "asked" and not world.told, view["answer"]


def test_what_nobody_was_told_cannot_be_passed_on(world: Again) -> None:
    view = world.said("post that to #platform")
    assert view["outcome"] in {"asked", "not_understood"} and not world.told


def test_a_schedule_does_not_post_what_was_answered_once(world: Again) -> None:
    world.said(LIST)
    view = world.said("post that to #platform every friday at 9am")
    assert "another time is not there" in view["answer"] and not world.schedules.schedules()


def test_it_keeps_its_links_and_nothing_else_in_it_leads_anywhere(world: Again) -> None:
    world.said("what did the dev environments cost last month? as csv")
    view, read = read_again(world, "post that to #platform")
    assert view["outcome"] == "succeeded" and not read, view["answer"]
    ((_, told),) = world.told
    assert "https://b.example/r/0000000000000000000001" in told


def test_too_old_an_answer_is_not_passed_on_as_it_was(world: Again) -> None:
    world.said(COSTS)
    world.clock.sleep(5 * 3600)
    view = world.said("post that to #platform")
    assert not world.told and "too long ago" in view["answer"] and "12:00" in view["answer"]


# --- as files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["chart it", "as a chart", "make that a chart", "draw that", "show it as a picture", "now as a chart please"],
)
def test_it_is_drawn_without_a_second_read(world: Again, text: str) -> None:
    world.said(COSTS)
    view, read = read_again(world, text)
    assert view["outcome"] == "succeeded" and not read, (view["answer"], read)
    ((name, content),) = world.reports.kept.items()
    assert name.endswith(".png") and content.startswith(b"\x89PNG") and "As of 12:00." in view["answer"]


@pytest.mark.parametrize("text", ["as csv", "export that to excel", "give me that as a csv", "as a spreadsheet"])
def test_it_is_had_as_a_table_without_a_second_read(world: Again, text: str) -> None:
    world.said(LIST)
    view, read = read_again(world, text)
    assert view["outcome"] == "succeeded" and not read, (view["answer"], read)
    ((_, content),) = world.reports.kept.items()
    heading, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    assert heading[0] == "name" and len(rows) == 4


@pytest.mark.parametrize("text", ["post that to #platform as a chart", "chart it and post it to #platform"])
def test_a_chart_of_it_is_posted(world: Again, text: str) -> None:
    world.said(COSTS)
    view, read = read_again(world, text)
    assert view["outcome"] == "succeeded" and not read, (view["answer"], read)
    ((channel, told),) = world.told
    assert channel == "#platform" and ".png: https://b.example/r/" in told and "As of Mon 2 Mar 12:00 UTC." in told


def test_what_is_stale_is_read_again_and_then_used(world: Again) -> None:
    world.said(LIST)
    world.clock.sleep(3600)
    view, read = read_again(world, "as csv")
    assert view["outcome"] == "succeeded" and read == {"envs"}
    assert "As of" not in view["answer"]


def test_what_a_narrowed_list_is_drawn_of_is_what_was_narrowed(world: Again) -> None:
    world.said(LIST)
    world.said("just the staging ones")
    view, read = read_again(world, "as csv")
    assert view["outcome"] == "succeeded" and not read, (view["answer"], read)
    ((_, content),) = world.reports.kept.items()
    _, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    assert [row[0] for row in rows] == ["uat"]


# --- narrowed, put in order, counted -------------------------------------------------------------

NARROWED = [
    ("only those over 40", 2),
    ("only those over $40", 2),
    ("just the ones above 40 dollars", 2),
    ("only those with a cost over 40", 2),
    ("which of them cost more than 40", 2),
    ("show me only the ones over 40", 2),
    ("filter by more than 40", 2),
    ("only those under 40", 0),
    ("leave out those under 40", 2),
    ("only those > 40", 2),
    ("just those that are over 1000 usd", 0),
]


@pytest.mark.parametrize(("text", "left"), NARROWED, ids=[text for text, _ in NARROWED])
def test_of_what_was_answered_only_some_is_shown(world: Again, text: str, left: int) -> None:
    world.said("what did the dev environments cost last month by environment?")
    view, read = read_again(world, text)
    assert view["outcome"] == "succeeded" and not read, (view["answer"], read)
    assert view["answer"].startswith(f"{left} of 2 with amount ") and "As of 12:00." in view["answer"]
    assert view["answer"].count("\n- ") == left


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("just the running ones", ["cart-dev", "live", "shop-dev", "uat"]),
        ("only the staging ones", ["uat"]),
        ("only the dev ones", ["cart-dev", "shop-dev"]),
        ("which of them are stopped", []),
        ("show me only those that are running", ["cart-dev", "live", "shop-dev", "uat"]),
    ],
)
def test_those_of_a_kind_or_state_are_shown_of_what_was_listed(world: Again, text: str, names: list[str]) -> None:
    world.said(LIST)
    view, read = read_again(world, text)
    assert view["outcome"] == "succeeded" and not read, (view["answer"], read)
    assert [line[2:].partition(":")[0] for line in view["answer"].splitlines() if line.startswith("- ")] == names


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("the top 1", "- shop-dev"),
        ("just the top 1", "- shop-dev"),
        ("the 1 most expensive", "- shop-dev"),
        ("the cheapest 1", "- cart-dev"),
        ("sort by cost", "- shop-dev"),
        ("sort that by cost ascending", "- cart-dev"),
        ("order them by name", "- cart-dev"),
        ("cheapest first", "- cart-dev"),
    ],
)
def test_it_is_put_in_order(world: Again, text: str, first: str) -> None:
    world.platform.billed["cart"] = None
    world.said("what did the dev environments cost last month by environment?")
    results = focus(world).results
    (costs,) = [one for one in results if one.name == "costs"]
    assert isinstance(world.store, MemoryStore)
    key = ResultKey(costs.step, 0)
    found = world.store.results("main", costs.run_id, [key])[key]
    rows: Any = found.output
    rows["rows"] = [row | {"amount": 10.0 + 5 * ("shop" in row["name"])} for row in rows["rows"]]
    world.store.put_result("main", costs.run_id, key, found.model_copy(update={"output": rows}))
    view, read = read_again(world, text)
    assert view["outcome"] == "succeeded" and not read, (view["answer"], read)
    assert view["answer"].splitlines()[1].startswith(first)


@pytest.mark.parametrize(
    "text", ["how many are there?", "how many is that", "count them", "how many are there in total"]
)
def test_they_are_counted(world: Again, text: str) -> None:
    world.said(LIST)
    view, read = read_again(world, text)
    assert view["outcome"] == "succeeded" and not read, (view["answer"], read)
    assert view["answer"] == "In the last answer there are 4.\n\nAs of 12:00."


def test_what_is_narrowed_is_what_is_counted_and_spoken_of(world: Again) -> None:
    world.said(LIST)
    world.said("only the dev ones")
    assert world.said("how many are there?")["answer"].startswith("In the last answer there are 2.")
    view = world.said("stop the second one")
    assert view["outcome"] == "succeeded" and "shop-dev" in view["answer"], view["answer"]
    assert {one.environment for one in world.platform.resources if not one.size} == {"shop-dev"}


def test_what_was_read_again_only_to_be_counted_is_still_that_list(world: Again) -> None:
    world.said(LIST)
    world.clock.sleep(3600)
    world.said("how many are there?")
    view, read = read_again(world, "how many are there?")
    assert view["answer"] == "In the last answer there are 4.\n\nAs of 13:00." and not read, view["answer"]
    view, read = read_again(world, "only the dev ones")
    assert view["answer"].startswith("2 of 4 that are dev:") and not read, view["answer"]


def test_where_several_figures_fit_it_is_asked_which(world: Again) -> None:
    world.said("how is the uat environment?")
    view = world.said("only those over 1")
    assert view["outcome"] == "asked" and "wanted, running" in view["answer"]
    view = world.said("the second")
    assert view["outcome"] == "succeeded" and "1 of 1 with running over 1" in view["answer"], view["answer"]


# --- held against another time -------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "compare with last week",
        "compare that to last week",
        "compare it with the week before",
        "how does that compare to last week?",
        "compared to last week",
        "versus last week",
        "what is the difference to last week?",
    ],
)
def test_of_two_times_only_the_other_one_is_read(world: Again, text: str) -> None:
    world.said("how much did we spend this month?")
    view, read = read_again(world, text)
    assert view["outcome"] == "succeeded" and read == {"cost"}, (view["answer"], read)
    assert sum(world.reads[step] for step in read) == 1
    assert "2026-03-01 00:00 to 2026-03-02" in view["answer"] and "As of 12:00." in view["answer"]
    assert view["answer"].count("USD by estimate") == 2


# --- whose it was, how old, what remains -------------------------------------------------------


def test_what_another_had_read_for_them_asks_before_it_is_sent(world: Again) -> None:
    """One conversation of two people: what somebody else's request chose, theirs did not."""
    world.said(LIST)
    spoken_of(world.store, focus(world), "lee/one")
    world.approves = False
    view = world.said("post that to #platform", by="lee")
    assert view["status"] == "parked" and not world.told, view["answer"]
    (call,) = view["approval"]["calls"]
    assert "memory.answer.text, of an earlier turn" in call["reason"]


def test_what_is_picked_out_of_what_another_had_read_is_spoken_of_untrusted(world: Again) -> None:
    world.said(LIST)
    spoken_of(world.store, focus(world), "lee/one")
    assert world.said("only the staging ones", by="lee")["outcome"] == "succeeded"
    left = world.store.focus("main", "lee/one")
    assert [(one.id, one.trusted) for one in left.spoken_of("environment")] == [("uat", False)]


def test_the_age_is_told_with_its_day_where_that_is_another(world: Again) -> None:
    world.clock.at += timedelta(hours=11, minutes=50)
    world.said(COSTS)
    world.clock.sleep(1200)
    view = world.said("chart it")
    assert "As of Mon 2 Mar 23:50." in view["answer"], view["answer"]


def test_what_is_no_longer_kept_is_said_in_words(world: Again) -> None:
    gone, results = world.said(LIST)["run_id"], world.store.results
    world.store.results = lambda tenant, run_id, keys: {} if run_id == gone else results(tenant, run_id, keys)  # type: ignore[method-assign]
    view = world.said("as csv")
    assert "no longer kept: ask for it again" in view["answer"], view["answer"]


def test_the_answer_is_kept_and_so_is_what_it_spoke_of(world: Again) -> None:
    world.said(LIST)
    answer, environments = focus(world).results
    assert (answer.name, environments.name) == (ANSWER, "environments")
    assert environments.lists == ("memory.environments.environments[]",)
    world.said(LIST)
    assert [one.name for one in focus(world).results] == [ANSWER, "environments"], "read anew, it takes its place"
    world.said("which dev environments are there?")
    assert [one.name for one in focus(world).results] == [ANSWER, "environments2", "environments"]


def test_it_is_not_tried_again_later(world: Again) -> None:
    world.said(LIST)
    world.unreachable = True
    view = world.said("post that to #platform")
    assert view["outcome"] == "failed" and view["answer"].startswith("Not done:"), view["answer"]
    view = world.said("retry that")
    assert "goes by what was read before it" in view["answer"], view["answer"]


def test_what_was_read_before_a_change_is_read_again_after_it(world: Again) -> None:
    world.said(COSTS)
    world.said(LIST)
    world.said("stop the uat environment")
    assert [one.name for one in focus(world).results] == [ANSWER, "costs"], "what has been is as it was"
    assert "As of" not in world.said("how many are there?")["answer"]


def test_a_change_is_not_repeated_for_its_chart(world: Again) -> None:
    world.said("stop the uat environment")
    before = world.on()
    world.said("start it again")
    view = world.said("as csv")
    assert world.on() != before and "As files" not in view["answer"], view["answer"]


# --- what is no such request ---------------------------------------------------------------------

NEAR_MISSES = [
    "post that to #platform and stop uat",
    "post that if it is over 50",
    "tell me that",
    "tell them that",
    "send it to production",
    "send it to the bin",
    "only those over 50 and stop them",
    "stop those over 50",
    "delete the top 3",
    "the top 3 and stop them",
    "only over my dead body",
    "over 50",
    "sort it out",
    "sort by the sea",
    "sort this mess",
    "how many times did you fail",
    "count on me",
    "compare uat with staging",
    "compare apples with last week",
    "post something nice to #platform",
    "post a chart of nothing to #platform",
    "post that we are down to #platform",
    "chart a course",
    "tell lee that uat is down",
    "just running late",
    "only the good ones",
    "top 3 reasons to stop uat",
]


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_says_something_else_is_none_of_these(world: Again, text: str) -> None:
    world.said("what did the dev environments cost last month by environment?")
    told, on = list(world.told), world.on()
    view = world.said(text)
    assert world.told == told and world.on() == on, view["answer"]
    assert "As of" not in view["answer"], view["answer"]


@pytest.mark.parametrize("text", [*PASSED_ON, *(text for text, _ in NARROWED), "how many are there?", "sort by cost"])
def test_without_anything_answered_nothing_of_it_is_planned(text: str) -> None:
    """As where no results are kept: by whoever hears it without them."""
    match = INTENTS.match(text, Focus(), PRESENT, KNOWN)
    assert match is None or match.plan is None or not any(one.tool == "notify" for one in match.plan.steps)
