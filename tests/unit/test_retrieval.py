"""Whether the tools a right plan needs are among the few that are chosen."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from coming_tools import coming_tools
from distractors import distractors

from copilot.intents.actions import read_yaml
from copilot.language_model.retrieval import MOST_TOKENS, MOST_TOOLS, ToolIndex, fitting_tools, stem
from copilot.language_model.signatures import signatures
from copilot.text.tokens import count_tokens
from copilot.tools.registry import Registry

HERE = Path(__file__).parent / "planner"
REQUESTS = read_yaml(HERE / "requests.yaml")
UNSEEN = read_yaml(HERE / "unseen.yaml")
FOR_MODELS = {name for name in Registry().names() if not Registry().find(name).by_code}


COMING = [tool for tool in coming_tools() if tool.name not in Registry().names()]


@lru_cache
def index(tools: int, coming: bool = False) -> ToolIndex:
    others = distractors(tools - len(FOR_MODELS)) if tools else []
    return ToolIndex(Registry([*others, *(COMING if coming else ())]))


def chosen(text: str, among: ToolIndex, before: str = "") -> list[str]:
    return [tool.name for tool in fitting_tools(text, among, background=before)]


@pytest.mark.parametrize("coming", [False, True], ids=["", "and those that compete"])
@pytest.mark.parametrize("tools", [0, 100, 500])
def test_the_tools_that_a_right_plan_needs_are_among_those_chosen(tools: int, coming: bool) -> None:
    missed, needed = [], 0
    for request in REQUESTS:
        found = chosen(request["text"], index(tools, coming), request.get("before", ""))
        needed += len(request["needs"])
        missed += [(one, request["text"]) for one in request["needs"] if not set(one.split("|")) & set(found)]
    assert len(REQUESTS) >= 50
    assert len(index(tools, coming).entries) == (tools or len(FOR_MODELS)) + coming * len(COMING)
    assert len(missed) <= 0.02 * needed, missed
    assert len({text for _, text in missed}) <= 2, missed


@pytest.mark.parametrize("coming", [False, True], ids=["", "and those that compete"])
@pytest.mark.parametrize(("tools", "part"), [(0, 0.94), (100, 0.90)])
def test_of_requests_that_the_words_were_not_made_for_nearly_all_get_their_tools_at_once(
    tools: int, part: float, coming: bool
) -> None:
    missed, needed = [], 0
    for request in UNSEEN:
        found = set(chosen(request["text"], index(tools, coming)))
        needed += len(request["needs"])
        missed += [(one, request["text"]) for one in request["needs"] if not set(one.split("|")) & found]
    assert len(UNSEEN) >= 100 and 1 - len(missed) / needed >= part, missed


def test_what_a_period_or_a_channel_is_called_says_nothing_of_tools() -> None:
    assert index(0).wanted("in the last hour, tell #releases") == index(0).wanted("tell # in")


@pytest.mark.parametrize("tools", [0, 500])
def test_what_is_chosen_is_bounded_and_always_the_same(tools: int) -> None:
    again = ToolIndex(Registry(reversed(distractors(tools - len(FOR_MODELS)) if tools else [])))
    for request in REQUESTS[:20]:
        found = fitting_tools(request["text"], index(tools))
        assert 0 < len(found) <= MOST_TOOLS
        assert count_tokens(signatures(found)) <= MOST_TOKENS
        assert [tool.name for tool in found] == chosen(request["text"], again)
    assert len(fitting_tools("stop idle environments and tell #platform", index(tools), limit=2)) == 2


def test_what_a_chosen_tool_needs_is_chosen_with_it() -> None:
    found = chosen("render the usage report", index(500))
    assert {"render_usage_report", "usage_statistics"} <= set(found)
    assert {"pause_schedule", "list_schedules"} <= set(chosen("pause it", index(500), "the schedule of the previews"))


def test_the_tools_of_the_plan_at_hand_come_first_and_all() -> None:
    plan = ["usage_statistics@1", "cluster_health", "no_such_tool"]
    found = [tool.name for tool in fitting_tools("tell #platform", index(500), used=plan)]
    assert found[:2] == ["usage_statistics", "cluster_health"] and "notify" in found


def test_words_that_no_tool_has_choose_none() -> None:
    assert chosen("hi", index(500)) == []


@pytest.mark.parametrize("forms", ["stop stops stopped stopping", "release releases released releasing", "idle idles"])
def test_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(word) for word in forms.split()}) == 1
    assert stem("staging") != stem("stages") and stem("healthy") != stem("health")


def test_a_tool_that_the_request_is_about_comes_before_a_second_one_that_gives_what_another_takes() -> None:
    found = chosen("which tables and caches of atlas-dev has nobody touched for two weeks?", index(0))
    assert found.index("environment_resources") < found.index("list_environments")


def test_how_an_environment_is_is_not_looked_at_for_a_write_where_nothing_is_said_of_that() -> None:
    assert "alarm_background" not in chosen("restart the search service", index(0))
