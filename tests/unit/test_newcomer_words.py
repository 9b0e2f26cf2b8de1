"""What somebody reads who has just begun: nothing of nothing, no sign lost, and no form in the words of a machine."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes_platform import FakePlatform, service
from pydantic import BaseModel
from test_firing import Setting

from cli.api.views import RunView
from cli.display.items import item_row
from copilot.config.configuration import Configuration
from copilot.domain import Plan
from copilot.domain.misfits import FORMS, misfit
from copilot.edges.http import BadRequest, LinkRequest, RunRequest, RunScheduleRequest, UnlinkRequest, read_body
from copilot.tools.environments.health import ClusterHealth, ClusterHealthInput
from copilot.tools.registry import Registry


@pytest.mark.parametrize(
    "text", ["Which preview environments are there?", "Which preview environments are idle?", "Stop all idle previews"]
)
def test_where_there_are_none_that_is_said_and_no_nought(text: str) -> None:
    answer = Setting().ask(text.replace("previews", "preview environments"))["answer"]
    assert answer.startswith("No preview environments were found.") and "0" not in answer.partition("Idle means")[0]


def test_a_schedule_for_what_is_not_there_says_so() -> None:
    setting = Setting()
    told = "- No preview environment was found now; those that are there at its times will be stopped."
    assert told in setting.ask("Stop all preview environments every day after 6pm")["answer"]
    assert "was found now" not in setting.ask("Stop all dev environments every day after 6pm")["answer"]


def test_a_firing_with_nothing_to_stop_says_so() -> None:
    setting = Setting()
    schedule = setting.made("Stop all preview environments every day after 6pm")
    assert setting.done(setting.fired(schedule))["answer"] == "No environment that it is for was found."
    schedule = setting.made("Stop environment red every day at 18:00")
    setting.ask("stop environment red")
    answer = setting.done(setting.fired(schedule))["answer"]
    assert answer.startswith("No environment that it is for was on.") and "0 of 0" not in answer


def test_a_channel_keeps_its_sign() -> None:
    assert "And told #platform." in Setting().ask("Stop all idle dev environments and tell #platform")["answer"]


def test_of_two_services_of_one_name_each_says_where_it_is() -> None:
    far = service("red", "web", 3).model_copy(update={"region": "us-east-1", "running": 1})
    far = far.model_copy(update={"ref": far.ref.model_copy(update={"id": "far"})})
    resources = [service("red", "web", 2), far, service("red", "api", 1)]

    class Clients:
        platform, clock = FakePlatform(resources), Setting().clock

    found = ClusterHealth(Clients()).run(ClusterHealthInput(environment_id="red"))  # type: ignore[arg-type]
    assert [one.summary for one in found.services] == [
        f"web in {resources[0].region}: 2 of 2 running",
        "web in us-east-1: 1 of 3 running",
        "api: 1 of 1 running",
    ]
    assert "failing: web in us-east-1 (1 of 3)" in found.summary


def test_a_corrected_name_is_shown_as_that_and_as_no_attempt() -> None:
    item = {"index": 0, "status": "done", "attempt": 2, "arguments": {"name": "orchard-dev"}}
    for more, told in (
        ({"mended": {"said": "orchard-dv", "meant": "orchard-dev"}}, "\u201corchard-dv\u201d read as orchard-dev"),
        ({}, "attempt 2"),
    ):
        step = {"id": "find", "tool": "find_environment@1", "status": "done", "items": [item | more]}
        view = setting_view([step])
        *_, rest = item_row(view, view.steps[0], view.steps[0].items[0], view.created_at)
        assert told in rest and ("attempt" in rest) == (told == "attempt 2")


def setting_view(steps: list[dict[str, Any]]) -> RunView:
    run = Setting().ask("Which environments are there?")
    return RunView.model_validate(run | {"steps": steps}, extra="ignore")


# --- forms ---------------------------------------------------------------------------------------


def patterns(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
        return own.union(*map(patterns, schema.values()))
    return set().union(*map(patterns, schema)) if isinstance(schema, list) else set()


def test_every_form_that_is_asked_for_has_its_words() -> None:
    models: list[type[BaseModel]] = [
        Plan,
        Configuration,
        RunRequest,
        RunScheduleRequest,
        LinkRequest,
        UnlinkRequest,
        *(Registry().find(name).Input for name in Registry().names()),
    ]
    asked = set().union(*(patterns(model.model_json_schema()) for model in models))
    assert len(asked) > 5 and asked <= FORMS.keys()


def test_a_bad_name_of_a_conversation_is_refused_in_words() -> None:
    body = {"body": json.dumps({"text": "hi", "conversation": "a b!"})}
    with pytest.raises(BadRequest, match=r"^a name has letters, digits and") as refused:
        read_body(body, RunRequest)
    assert refused.value.field == "conversation"


@pytest.mark.parametrize(
    ("body", "said"),
    [({"text": ""}, "it should have at least 1 character"), ({"text": "x", "dedupe_key": "k" * 201}, "it should have")],
)
def test_what_is_too_long_or_short_is_no_string(body: dict[str, Any], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        read_body({"body": json.dumps(body)}, RunRequest)


def test_a_form_nobody_has_words_for_shows_no_pattern() -> None:
    error = {"type": "string_pattern_mismatch", "ctx": {"pattern": "^x$"}, "msg": "String should match pattern '^x$'"}
    assert "^x$" not in misfit(error)
