"""Where in an output text is that neither our code nor the asker wrote."""

from __future__ import annotations

import pytest
from pydantic import Field, JsonValue

from copilot.domain import Frozen, Made, Untrusted
from copilot.plans.marks import marked_paths, trusted_texts, with_marks
from copilot.plans.schema_types import is_untrusted, read_schema
from copilot.tools.registry import BUILT_IN, Registry


class Inner(Frozen):
    id: str
    note: Untrusted = ""
    summary: Made = ""
    tags: dict[str, str] = {}


class Output(Frozen):
    kind: str = Field(default="a", json_schema_extra={"enum": ["a", "b c"]})
    inner: Inner | None = None
    listed: tuple[Inner, ...] = ()
    lines: tuple[Untrusted, ...] = ()
    numbers: tuple[int, ...] = ()
    anything: JsonValue = None


TYPE = read_schema(Output.model_json_schema(mode="serialization"))


def marked(value: dict[str, JsonValue]) -> set[str]:
    return set(marked_paths(value, TYPE))


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({"inner": {"id": "basket-dev", "summary": "basket-dev: 3 of 4 run, owner marta"}}, set()),
        ({"inner": {"id": "my env"}}, {"inner.id"}),
        ({"listed": [{"id": "a"}, {"id": "stop it, now"}]}, {"listed[].id"}),
        ({"inner": {"id": "a", "summary": "\u00abmy env\u00bb: running"}}, {"inner.summary"}),
        ({"inner": {"id": "a", "note": "x"}}, {"inner.note"}),
        ({"inner": {"id": "a", "note": ""}}, set()),
        ({"inner": {"id": "a", "tags": {"team": "web"}}}, set()),
        ({"inner": {"id": "a", "tags": {"team": "web and more"}}}, {"inner.tags.*"}),
        ({"inner": {"id": "a", "tags": {"stop it all": "x"}}}, {"inner.tags.*"}),
        ({"lines": ["a"]}, {"lines[]"}),
        ({"lines": []}, set()),
        ({"kind": "b c", "numbers": [1, 2]}, set()),
        ({"anything": {"deep": ["a-name"]}}, set()),
        ({"anything": {"deep": ["a sentence"]}}, {"anything"}),
        ({"anything": {"a sentence": 1}}, {"anything"}),
        ({"inner": None}, set()),
    ],
)
def test_a_field_is_marked_by_what_stands_in_it(value: dict[str, JsonValue], paths: set[str]) -> None:
    assert marked(value) == paths


def test_the_type_of_an_output_knows_the_marks_of_its_value_and_no_others() -> None:
    value: JsonValue = {"inner": {"id": "my env", "note": ""}, "listed": [], "lines": []}
    found = with_marks(TYPE, marked_paths(value, TYPE))
    assert is_untrusted(TYPE) and is_untrusted(found)
    assert not is_untrusted(with_marks(TYPE, ()))
    assert with_marks(TYPE, ("",)).untrusted


def test_what_is_trusted_is_the_rest() -> None:
    value: JsonValue = {
        "inner": {"id": "a", "summary": "a: fine", "note": "no"},
        "listed": [{"id": "b c"}],
        "anything": ["d", "e f"],
    }
    assert set(trusted_texts(value, TYPE)) == {"a", "a: fine", "d"}


def test_times_are_no_text_of_others() -> None:
    registry = Registry()
    health = read_schema(registry.find("cluster_health").Output.model_json_schema(mode="serialization"))
    since: JsonValue = {"alarms": [{"name": "cpu", "state": "ALARM", "since": "2026-03-02T12:00:00+00:00"}]}
    assert marked_paths(since, health) == ()


@pytest.mark.parametrize("reference", sorted(BUILT_IN))
def test_what_every_tool_says_of_itself_in_a_line_is_a_sentence_of_ours(reference: str) -> None:
    """Else each answer that quotes it would count as the words of others."""
    output = Registry().find(reference).Output.model_json_schema(mode="serialization")

    def look(node: object, at: str) -> None:
        if isinstance(node, dict):
            if at == "summary" and node.get("type") == "string":
                assert node.get("made") is True, f"{reference}: a summary is not marked as made"
            for name, inner in node.items():
                look(inner, name)
        elif isinstance(node, list):
            for inner in node:
                look(inner, at)

    look(output, "")
