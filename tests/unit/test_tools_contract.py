"""What every built-in tool of the registry promises."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
from pydantic import BaseModel

from copilot import tools
from copilot.plans.schema_types import ListType, ObjectType, Text, Type
from copilot.plans.tool_types import target_arguments, types_of
from copilot.tools.registry import BUILT_IN, Registry
from copilot.tools.tool import AnyTool, Tool, WriteTool

TOOLS = [Registry().find(reference) for reference in sorted(BUILT_IN)]


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """A model and all that it is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models(field.annotation)
    for inner in getattr(annotation, "__args__", ()):
        yield from models(inner)


def written() -> Iterator[str]:
    """Every tool that a module of tools/ holds, as a registry's entry has its place."""
    for found in walk_packages(tools.__path__, f"{tools.__name__}."):
        for name, one in vars(import_module(found.name)).items():
            if isinstance(one, type) and issubclass(one, Tool) and hasattr(one, "name"):
                yield f"{one.__module__}:{name}"


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_input_and_output_are_frozen_closed_and_described(tool: AnyTool) -> None:
    for model in {*models(tool.Input), *models(tool.Output)}:
        assert model.model_config.get("frozen") and model.model_config.get("extra") == "forbid", model
        for name, field in model.model_fields.items():
            assert field.description and len(field.description) <= 100, f"{model.__name__}.{name}"


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_has_a_summary_of_one_sentence(tool: AnyTool) -> None:
    assert tool.summary.endswith(".") and len(tool.summary) <= 120


@pytest.mark.parametrize("reference", sorted(BUILT_IN))
def test_a_tool_is_registered_under_its_own_name_and_version(reference: str) -> None:
    tool = Registry().find(reference)
    assert f"{tool.name}@{tool.version}" == reference


def test_every_tool_that_is_written_is_registered() -> None:
    """One that is not is there for nobody: neither a plan nor a model nor a person finds it."""
    missing = {*written()} - {entry.place for entry in BUILT_IN.values()}
    assert not missing, f"{sorted(missing)}: add these to BUILT_IN of tools/registry.py, as name@version"


@pytest.mark.parametrize("reference", sorted(BUILT_IN))
def test_what_is_known_of_a_tool_before_it_is_imported_is_so(reference: str) -> None:
    tool = Registry().find(reference)
    resource, also = (tool.resource, tool.also) if issubclass(tool, WriteTool) else (None, None)
    assert BUILT_IN[reference] == (f"{tool.__module__}:{tool.__qualname__}", tool.effect, resource, also)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_what_changes_something_runs_where_that_is_allowed(tool: AnyTool) -> None:
    allowed = (
        {("write", "write"), ("destroy", "write"), ("write", "send")}
        if issubclass(tool, WriteTool)
        else {("read", "read"), ("read", "render")}
    )
    assert (tool.effect, tool.runtime) in allowed


@pytest.mark.parametrize("tool", [one for one in TOOLS if issubclass(one, WriteTool)], ids=lambda tool: tool.name)
def test_a_write_says_which_of_its_parameters_name_what_it_changes(tool: AnyTool) -> None:
    """What a model made up must not stand there; see grounds.py."""
    assert target_arguments(tool), f"{tool.name}: json_schema_extra=TARGET on the parameters that name what it changes"


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_only_what_renders_gives_links_that_are_not_masked(tool: AnyTool) -> None:
    assert not tool.links or tool.runtime == "render"
    assert tool.links <= {name for model in models(tool.Output) for name in model.model_fields}


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_what_shows_logs_says_of_which_kind_of_environment(tool: AnyTool) -> None:
    """By that is decided whether a model may read them."""
    assert not (tool.shows == "logs" or tool.logs) or "kind" in tool.Output.model_fields
    assert all(field in tool.Output.model_fields for field in tool.logs)
    assert tool.shows != "logs" or not tool.logs, "all that it shows is"


NAMING = {
    "environment_id": "environment",
    "schedule_id": "schedule",
    "service": "service",
    "channel": "channel",
}


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_what_is_called_as_the_id_of_a_thing_says_so_by_its_type(tool: AnyTool) -> None:
    """Without that, neither "it" nor "the second one" would mean what the tool was called for, or gave."""
    types = types_of(tool)
    found = [*_fields(types.input), *_fields(types.output)]
    assert [name for name, type in found if isinstance(type, Text) and NAMING.get(name, type.names) != type.names] == []


def _fields(type: Type) -> Iterator[tuple[str, Type]]:
    if isinstance(type, ListType):
        yield from _fields(type.element)
    elif isinstance(type, ObjectType):
        for name, inner in type.fields.items():
            yield name, inner
            yield from _fields(inner)
