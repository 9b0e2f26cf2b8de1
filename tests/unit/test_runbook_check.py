"""Whether a runbook may run, and how it is read: every fault by its place, before anything is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from copilot.domain import Plan
from copilot.errors import PlanError
from copilot.plans.check import check_plan
from copilot.plans.runbook_check import check_runbook
from copilot.runbooks.filling import plan_of
from copilot.runbooks.reading import MOST_BYTES, read_runbook
from copilot.runbooks.writing import written
from copilot.tools.registry import Registry

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "samplefiles/runbooks").glob("*.yaml"))
REGISTRY = Registry()
GOOD = """
name: idle
parameters:
  kind: {type: choice, choices: [development, preview], default: development}
  hours: {type: integer, default: 6}
  channel: {type: string, names: channel}
steps:
  - {id: envs, tool: list_environments, arguments: {kinds: [{$slot: kind}]}}
  - id: act
    tool: environment_activity
    for_each: {$ref: "envs.environments[].id"}
    arguments: {environment_id: {$item: "@"}, hours: {$slot: hours}}
  - {id: tell, tool: notify, arguments: {channel: {$slot: channel}, text: {$text: "{$hours} h: {act[].summary}"}}}
answer: {text: "{$kind}: {act[].summary}"}
"""


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_runbooks_that_come_with_it_may_run(path: Path) -> None:
    runbook = read_runbook(path.read_text())
    assert runbook.name == path.stem
    assert runbook.description and all(one.description for one in runbook.parameters.values())
    check_runbook(runbook, REGISTRY)
    needed = {"channel": "#platform", "environment": "blue"}
    plan = plan_of(runbook, {name: needed[name] for name in runbook.needed})
    check_plan(plan, REGISTRY)


def test_there_are_some() -> None:
    assert len(SAMPLES) >= 3


def test_what_is_written_is_read_as_the_same() -> None:
    runbook = read_runbook(GOOD).model_copy(update={"version": 4})
    assert read_runbook(written(runbook)) == runbook


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("list_environments", "list_enviroments", "step envs: no tool list_enviroments; nearest: list_environments"),
        ("{kinds: [", "{kind: [", "step envs: list_environments has no argument kind; nearest: kinds"),
        ("hours: {$slot: hours}", "hours: {$slot: kind}", "step act, argument hours: 'parameters.kind': found one of"),
        ("hours: {$slot: hours}", "hours: {$slot: hour}", "there is no field hour; nearest: hours"),
        ("[development, preview]", "[development, previews]", "with kind = previews: step envs, argument kinds"),
        ("default: 6", "default: 0", "with its defaults: step act, argument hours"),
        ("{$kind}: {act", "{$kid}: {act", "answer: 'parameters.kid': there is no field kid; nearest: kind"),
        ("{$hours} h", "{parameters.hours} h", "parameters is no step's id"),
        ('"{$kind}: {act[].summary}"', '"{actt[].summary}"', "answer: "),
        ("id: envs, tool", "id: parameters, tool", "parameters is no step's id"),
        ('{$ref: "envs.environments[].id"}', "{$slot: kind}", "step act, for_each: expected a list"),
    ],
)
def test_what_may_not_run_is_told_by_step_field_found_expected_and_nearest(old: str, new: str, problem: str) -> None:
    assert old in GOOD
    runbook = read_runbook(GOOD.replace(old, new))
    with pytest.raises(PlanError) as error:
        check_runbook(runbook, REGISTRY)
    assert any(problem in one for one in error.value.problems), error.value.problems


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("name: idle\n", "name: Idle One\n", "field name: "),
        ("name: idle\n", "nam: idle\n", "there is no key nam; nearest: name"),
        ("name: idle\n", "", "field name: it is missing"),
        ("name: idle\n", "name: off\n", "field name: False is no text; write it in quotes"),
        ("name: idle\n", "name: idle\nname: other\n", "it is not YAML: the key name stands twice, line 2"),
        (
            "tool: notify, arguments",
            "tool: notify, argument",
            "step tell: there is no key argument; nearest: arguments",
        ),
        ("{type: integer, default: 6}", "{type: integer, defaults: 6}", "parameter hours: there is no key defaults"),
        ("{type: integer, default: 6}", "{type: integr, default: 6}", "parameter hours, field type: "),
        ("{type: integer, default: 6}", "{type: integer, default: six}", "parameter hours: the default: found six"),
        ("{text:", "{txt:", "field answer: there is no key txt; nearest: text"),
        ("answer:", "then: {using: [act], why: x}\nanswer:", "then: a runbook runs without a model"),
        ("name: idle\n", "name: &a idle\n", "it is not YAML: anchors (& and *) are not read, line 2"),
        ("id: envs, tool", "id: Envs, tool", "step Envs, field id: "),
        ("name: idle\n", "name: [idle\n", "it is not YAML: "),
        ("name: idle\n", "name: !!python/object/apply:os.system [ls]\n", "it is not YAML: "),
        ("name: idle\n", "version: 0\nname: idle\n", "field version: "),
    ],
)
def test_what_is_no_runbook_is_told_by_its_place(old: str, new: str, problem: str) -> None:
    assert old in GOOD
    with pytest.raises(PlanError) as error:
        read_runbook(GOOD.replace(old, new, 1))
    assert any(one.startswith(problem) for one in error.value.problems), error.value.problems


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (GOOD, ""),
        (GOOD.replace("list_environments", "list_enviroments"), "step envs: no tool list_enviroments"),
        ("x: [", "it is not YAML"),
    ],
)
def test_a_plan_that_keeps_one_may_run_only_where_that_may(document: str, problem: str) -> None:
    """Whoever has written the plan: a model, too."""
    arguments = {"name": "idle", "document": document}
    step = {"id": "save", "tool": "save_runbook", "arguments": arguments}
    plan = Plan.model_validate({"steps": [step], "answer": {"text": "{save.summary}"}})
    if not problem:
        check_plan(plan, REGISTRY)
        return
    with pytest.raises(PlanError) as error:
        check_plan(plan, REGISTRY)
    assert f"step save, argument document: {problem}" in str(error.value)


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    at_most = GOOD + "#" * (MOST_BYTES - len(GOOD))
    assert read_runbook(at_most).name == "idle"
    with pytest.raises(PlanError, match=f"it has {MOST_BYTES + 1} bytes; a runbook has at most {MOST_BYTES}"):
        read_runbook(at_most + "#")


def test_what_would_grow_or_is_too_deep_is_refused() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{n}: &{n} [*{m}, *{m}]\n" for m, n in zip("abcdefg", "bcdefgh", strict=True))
    for text in (bomb, "[" * 9_000, "steps: " + "[" * 30 + "]" * 30):
        with pytest.raises(PlanError, match="it is not YAML"):
            read_runbook(text)


@pytest.mark.parametrize("text", ["", "[]", "x", "1", "null"])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(PlanError, match="a runbook is a document with keys"):
        read_runbook(text)


def test_more_steps_than_a_plan_may_have_are_refused() -> None:
    document = yaml.safe_load(GOOD)
    document["steps"] = [{"id": f"s{n}", "tool": "list_environments"} for n in range(21)]
    with pytest.raises(PlanError, match="field steps: "):
        read_runbook(yaml.safe_dump(document))


@pytest.mark.parametrize("said", ["true", "{$slot: too}"])
def test_what_only_who_asks_may_say_no_runbook_says_for_them(said: str) -> None:
    text = f"""
name: tidy
parameters:
  too: {{type: boolean, default: true}}
steps:
  - {{id: gone, tool: delete_environment, arguments: {{environment_id: pr-1, running_too: {said}}}}}
answer: {{text: "{{gone.summary}}"}}
"""
    with pytest.raises(PlanError, match="argument running_too: who asks has to say that each time"):
        check_runbook(read_runbook(text), REGISTRY)
    check_runbook(
        read_runbook(
            text.replace(f", running_too: {said}", "").replace(
                "  too: {type: boolean, default: true}", "  to: {type: string, default: x}"
            )
        ),
        REGISTRY,
    )
