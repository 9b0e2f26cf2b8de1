"""Tools as a model reads them."""

from __future__ import annotations

from types import GenericAlias
from typing import Literal

import pytest
from pydantic import Field, create_model

from copilot.domain import OUR_OWN, Frozen
from copilot.language_model.signatures import LONGEST, signature, signatures, written
from copilot.plans.tool_types import class_arguments, types_of
from copilot.text.tokens import count_tokens
from copilot.tools.by_hand import NEEDED
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, ReadTool

REGISTRY = Registry()
TOOLS = [REGISTRY.find(name) for name in REGISTRY.names()]


class Part(Frozen):
    id: str = Field(description="a very long description of something that the name says anyway " * 3)
    size: int | None = Field(description="its size")


class Given(Frozen):
    part_id: str = Field(description="the part's id")
    colours: tuple[Literal["red", "green"], ...] = Field(default=(), description="only these; none given means all")
    hours: int = Field(default=6, ge=1, le=168, description="how far to look back")


class Gives(Frozen):
    parts: tuple[Part, ...] = Field(description="the parts " * 50)
    whole: bool = Field(description="whether these are all " * 50)
    spare: Part | None = Field(description="one more")


class Look(ReadTool[Given, Gives]):
    name = "look"
    summary = "Look at parts."
    Input = Given
    Output = Gives


def test_a_signature_has_types_choices_bounds_defaults_and_what_the_name_does_not_say() -> None:
    assert signature(Look) == (
        "Part = {id, size?: int}\n"
        "look(part_id, colours?: [red|green] /*only these; none given means all*/, "
        "hours?: int 1..168 = 6 /*how far to look back*/) -> "
        "{parts: [Part], whole: bool, spare?: Part}  # Look at parts."
    )


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_the_signature_of_each_tool_is_complete_and_short(tool: AnyTool) -> None:
    """But for what code alone says of a call, and no plan, and for what is there for commands by hand alone."""
    text = signature(tool)
    own = {name for name, field in tool.Input.model_fields.items() if field.json_schema_extra == OUR_OWN}
    for name in (*tool.Input.model_fields, *tool.Output.model_fields):
        assert (name in text) != (name in {*class_arguments(tool), *own, NEEDED})
    assert text.endswith(f"# {tool.summary}" + ("" if tool.effect == "read" else f" ({tool.effect})"))
    assert count_tokens(text) <= 350


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_nor_is_what_only_commands_need_told_of_as_the_type_of_a_value(tool: AnyTool) -> None:
    assert NEEDED not in written(types_of(tool).output)


def test_an_object_of_very_many_fields_is_cut() -> None:
    wide = type("Wide", (Frozen,), {"__annotations__": {f"figure_number_{n}": int for n in range(200)}})
    tool = type("Big", (Look,), {"name": "big", "Output": wide})
    assert "figure_number_0: int" in signature(tool) and "..." in signature(tool)
    assert len(signature(tool)) < LONGEST + 400


def test_together_tools_name_once_what_they_have_in_common() -> None:
    both = signatures([REGISTRY.find("stop_environment"), REGISTRY.find("start_environment")])
    assert both.count("PowerOutput = {environment_id, name") == 1
    assert both.count("-> PowerOutput  #") == 2
    assert count_tokens(signatures(TOOLS)) < sum(count_tokens(signature(tool)) for tool in TOOLS)


def test_choices_that_occur_more_than_once_have_a_name() -> None:
    text = signatures(
        [REGISTRY.find(name) for name in ("list_environments", "stop_environment", "environment_resources")]
    )
    assert text.count("development|preview|staging|production") == 1
    assert "\nKind = development|preview|staging|production\n" in text
    assert "kinds?: [Kind]" in text and "kind: Kind, " in text
    assert "state: stopped|stopping|running|starting|partial|spared" in text, "once among these"
    assert "state?: running|stopped|troubled|unused|unconnected" in text, "begins as others do"


def test_types_of_one_name_and_two_meanings_are_written_out() -> None:
    other = create_model("Part", __base__=Frozen, weight=float)
    gives = create_model("Other", __base__=Frozen, parts=GenericAlias(tuple, (other, ...)))
    text = signatures([Look, type("Weigh", (Look,), {"name": "weigh", "Output": gives})])
    assert "Part =" not in text
    assert "{parts: [{weight: number}]}" in text and "parts: [{id, size?: int}]" in text


def test_what_being_off_saves_is_asked_for_in_a_shape_that_is_shown() -> None:
    costs = Registry().find("costs")
    assert "saving?: {stop: HH:MM, start: HH:MM, days: [MON|..|SUN], time_zone}" in signature(costs)
    off = {"stop": "20:00", "start": "07:00", "days": ["MON", "TUE"], "time_zone": "UTC"}
    assert costs.Input.model_validate({"saving": off}).model_dump()["saving"]["start"] == "07:00"
