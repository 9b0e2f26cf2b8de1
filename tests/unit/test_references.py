"""References and templates of the plan language."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from copilot.errors import NoData, PlanError
from copilot.plans import references
from copilot.plans.arguments import resolve
from copilot.plans.reference_types import type_of
from copilot.plans.schema_types import AnyType
from copilot.plans.templates import placeholders, render_answer, render_text

OUTPUTS: dict[str, Any] = {
    "envs": {"environments": [{"id": "a", "n": 2, "on": True}, {"id": "b", "n": 5, "on": False}]},
    "stop": [],
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("envs.environments[].id", ["a", "b"]),
        ("envs.environments[?on].id", ["a"]),
        ("envs.environments[?!on && n > `3`] | [0].id", "b"),
        ("length(stop)", 0),
        ("sum(envs.environments[].n)", 7),
        ("join(', ', envs.environments[].id)", "a, b"),
        ("max_by(envs.environments, &n).id", "b"),
        ("sort_by(envs.environments, &n)[-1].id", "b"),
    ],
)
def test_the_subset_evaluates(expression: str, value: object) -> None:
    assert references.evaluate(expression, OUTPUTS) == value
    assert references.roots(expression) <= {("envs", "environments"), ("stop",)}


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("envs.*", "value projection"),
        ("envs.environments[0:1]", "slice"),
        ("{a: envs}", "multi select"),
        ("to_string(envs)", "no function to_string"),
        ("a-b", "not a valid reference"),
        ('envs.environments[?kind != "production"].id', "write 'production'"),
        ("", "not a valid reference"),
    ],
)
def test_what_is_not_in_the_subset_is_refused(expression: str, said: str) -> None:
    with pytest.raises(PlanError, match=said):
        references.parse(expression)


def test_a_function_of_nothing_is_no_data() -> None:
    with pytest.raises(NoData):
        references.evaluate("length(envs.nothing)", OUTPUTS)


@given(st.text(min_size=1))
def test_inserted_text_is_never_rendered_again(text: str) -> None:
    outputs: dict[str, JsonValue] = {"x": {"y": text, "secret": "s3cr3t"}}
    rendered = render_text("{x.y}", outputs)
    assert "s3cr3t" not in rendered or "s3cr3t" in text
    assert resolve({"a": {"$ref": "x.y"}}, {"x": {"y": {"$ref": "x.secret"}, "secret": 1}}) == {
        "a": {"$ref": "x.secret"}
    }


@given(st.text())
def test_nothing_that_could_disguise_itself_reaches_a_person(text: str) -> None:
    rendered = render_text("{x}", {"x": text + "\x1b[2J\u202e"})
    assert not any(ord(c) < 32 and c not in "\t\n" for c in rendered)
    assert "\u202e" not in rendered


def test_a_bullet_becomes_a_line_for_each_and_an_empty_heading_goes() -> None:
    template = "Found {length(l)}.\nOn:\n- {l[?on].n}\nOff:\n- {l[?!on].n}\n\nThe end, {gone.x}."
    outputs: dict[str, JsonValue] = {"l": [{"n": "a", "on": True}, {"n": "b\nc", "on": True}]}
    assert render_answer(template, outputs) == "Found 2.\nOn:\n- a\n- b c"
    assert render_answer("Off:\n- {l[?!on].n}\n", outputs) == ""


@pytest.mark.parametrize(
    ("stopped", "said"),
    [
        ([], "0 of 2 stopped.\nLeft:\n- c"),
        (["a"], "1 of 2 stopped:\n- a\nLeft:\n- c"),
    ],
)
def test_a_line_that_announces_others_ends_where_none_come(stopped: list[JsonValue], said: str) -> None:
    template = "{length(s)} of {n} stopped:\n- {s}\n- {more}\nLeft:\n- {left}"
    assert render_answer(template, {"s": stopped, "n": 2, "more": [], "left": ["c"]}) == said


def test_a_list_of_lists_becomes_a_line_for_each_element_and_none_for_an_empty_one() -> None:
    outputs: dict[str, JsonValue] = {"s": [{"l": ["a", "b"]}, {"l": []}, {"l": ["c"]}]}
    assert render_answer("On:\n- {s[].l[]}\n- {s[*].l}", outputs) == "On:\n- a\n- b\n- c\n- a\n- b\n- c"
    assert render_answer("On:\n- {s[*].l}", {"s": [{"l": []}]}) == ""


@pytest.mark.parametrize(
    ("template", "said"),
    [("It is {why}.", "It is so."), ("{why}. And on", "so. And on"), ("{why}.5", "so..5"), ("{why}: x", "so.: x")],
)
def test_a_sentence_that_ends_in_one_has_one_full_stop(template: str, said: str) -> None:
    assert render_answer(template, {"why": "so."}) == said


def test_a_line_that_announces_text_stays() -> None:
    assert render_answer("{name} says:\n{text}\n{name}:", {"name": "a", "text": "b"}) == "a says:\nb\na:"


def test_a_required_text_needs_every_value() -> None:
    with pytest.raises(NoData):
        render_text("Stopped {stop.name}", {"stop": {}})


@pytest.mark.parametrize("template", ["{a", "a}", "{}", "{{a}}", "{a{b}}"])
def test_a_lone_brace_is_refused(template: str) -> None:
    with pytest.raises(PlanError):
        list(placeholders(template))


@pytest.mark.parametrize("expression", ["!" * 2_000 + "a", "(" * 2_000 + "a" + ")" * 2_000, "a" + "[0]" * 2_000])
def test_what_is_nested_too_deep_to_follow_is_refused_in_words(expression: str) -> None:
    with pytest.raises(PlanError, match="at most 300 characters"):
        references.parse(expression)


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        ("failures.look[0].reason", ("failures", "look")),
        ("failures.look[?item==`0`].reason | [0]", ("failures", "look")),
        ("failures.look[].reason", ("failures", "look")),
        ("a.b[0].c[1].d", ("a", "b")),
        ("a[0].b.c", ("a",)),
        ("a.b.c", ("a", "b", "c")),
    ],
)
def test_the_path_it_begins_with_ends_at_the_first_element(expression: str, path: tuple[str, ...]) -> None:
    assert references.roots(expression) == {path}


@pytest.mark.parametrize("expression", ["!" * 299 + "a", "(" * 149 + "a" + ")" * 149, "a[?" * 74 + "b" + "]" * 74])
def test_what_is_not_too_long_can_be_followed(expression: str) -> None:
    assert references.roots(expression) == {("a",)}
    type_of(expression, AnyType())
    references.evaluate(expression, {"a": []})
