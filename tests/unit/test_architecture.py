"""Imports point downward (design section 3), and no name of the sample cloud is known to the product."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest

from copilot.intents.actions import read_yaml

ROOT = Path(__file__).parents[2]
SOURCES = {"copilot": ROOT / "layers/copilot/copilot", "cli": ROOT / "cli", "functions": ROOT / "functions"}

ROOMS: dict[str, str] = {
    "text": "",
    "domain": "text",
    "errors": "domain text",
    "reports": "domain text",
    "ports": "domain errors",
    "times": "domain errors text",
    "runbooks": "domain errors ports text times",
    "config": "domain errors ports text times",
    "intents": "domain errors runbooks text times",
    "tools": "domain errors ports text",
    "tools/environments": "domain errors ports text times tools",
    "tools/configuration": "domain errors ports text tools tools/environments",
    "tools/deployments": "domain errors ports text times tools tools/environments tools/observing",
    "tools/dockerfiles": "domain errors ports text tools",
    "tools/messages": "domain errors ports text tools",
    "tools/reports": "domain errors ports reports text tools",
    "tools/schedules": "domain errors ports runbooks text times tools tools/environments",
    "tools/watches": "domain errors ports text times tools tools/schedules",
    "tools/runbooks": "domain errors ports runbooks text tools",
    "tools/reactions": "domain errors ports text times tools",
    "tools/facts": "domain errors ports text tools",
    "tools/observing": "domain errors ports text times tools tools/environments",
    "tools/changes": "domain errors ports text times tools tools/environments tools/usage",
    "tools/usage": "domain errors ports reports text times tools tools/deployments tools/environments tools/reports",
    "plans": "domain errors ports runbooks text tools",
    "policy": "domain errors text tools",
    "spending": "config domain errors ports text",
    "memory": "domain errors plans ports text tools",
    "language_model": "config domain errors plans ports text tools",
    "triggers": "config domain errors plans policy ports runbooks text times tools",
    "running": "config domain errors plans policy ports text tools",
    "planning": "config domain errors intents language_model memory plans policy ports runbooks text times tools",
    "answering": "config domain errors language_model memory plans ports text times tools",
    "edges": "config domain errors memory plans policy ports runbooks text times tools",
    "adapters": "config domain errors ports text",
    "adapters/aws": "adapters config domain errors ports text",
    "adapters/destinations": "adapters adapters/aws config domain errors ports text",
    "adapters/dynamodb": "adapters config domain errors ports text",
    "adapters/language_models": "adapters config domain errors ports text",
    "adapters/pagers": "adapters adapters/destinations config domain errors ports text",
    "adapters/slack": "adapters config domain errors ports text",
    "adapters/discord": "adapters config domain errors ports text",
    "adapters/teams": "adapters config domain errors ports text",
    "bootstrap": "adapters adapters/aws adapters/destinations adapters/discord adapters/dynamodb"
    " adapters/language_models adapters/pagers adapters/slack adapters/teams"
    " answering config domain edges errors intents language_model planning plans policy ports running spending tools"
    " tools/environments triggers",
    "functions": "bootstrap domain edges errors",
    "cli": "config domain text times",
    "cli/laptop": "bootstrap cli config domain",
    "cli/api": "cli domain",
    "cli/display": "cli cli/api domain",
    "cli/pipeline": "cli cli/api domain",
    "cli/commands": "bootstrap cli cli/api cli/display cli/laptop cli/pipeline config domain errors plans tools",
    "cli/showing": "cli cli/api cli/commands cli/display cli/laptop",
}
"""Room -> the rooms that its modules may import; with itself. `tools` alone is what a tool is and which there are."""


def modules() -> dict[str, str]:
    """Every module's text, by its dotted name."""
    found: dict[str, str] = {}
    for name, folder in SOURCES.items():
        for path in sorted(folder.rglob("*.py")):
            dotted = ".".join((name, *path.relative_to(folder).with_suffix("").parts))
            found[dotted.removesuffix(".__init__")] = path.read_text()
    return found


TREE = modules()


def room_of(module: str) -> str:
    """The room of a module by its dotted name; "" for the package that holds them all."""
    top, *rest = module.split(".")
    if top == "functions":
        return top
    parts = rest if top == "copilot" else [top, *rest]
    return next((room for room in ("/".join(parts[:2]), *parts[:1]) if room in ROOMS), "/".join(parts[:1]))


def imported(source: str, known: Collection[str]) -> Iterator[str]:
    """The modules of ours that one imports, wherever in it, for types too; a name's own module where it is one."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom):
            assert not node.level, "an import within the package is written in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.partition(".")[0] in SOURCES:
                yield name if name in known else name.rpartition(".")[0] or name


def breaches(sources: Mapping[str, str], known: Collection[str]) -> list[str]:
    """Each import that runs against the table, in words."""
    return [
        f"{module} imports {name}: {room_of(module)} may not import {room_of(name)}"
        for module, source in sources.items()
        for name in imported(source, known)
        if room_of(name) not in {"", room_of(module), *ROOMS.get(room_of(module), "").split()}
    ]


def test_every_module_imports_only_what_its_room_may() -> None:
    assert not breaches(TREE, TREE)


def test_every_module_has_its_room() -> None:
    assert {room_of(module) for module in TREE} == {"", *ROOMS}


@pytest.mark.parametrize("room", ROOMS)
def test_an_import_that_a_room_may_not_have_is_found(room: str) -> None:
    def one_of(wanted: str) -> str:
        return next(module for module in TREE if room_of(module) == wanted)

    for other in sorted({*ROOMS} - {room, *ROOMS[room].split()}):
        for planted in (f"import {one_of(other)}", f"def late():\n    from {one_of(other)} import anything"):
            (found,) = breaches({one_of(room): planted}, TREE)
            assert found == f"{one_of(room)} imports {one_of(other)}: {room} may not import {other}"


def test_rooms_stand_above_what_they_import() -> None:
    """No circles: each is above all that it may import."""
    left = {room: {*allowed.split()} for room, allowed in ROOMS.items()}
    while left:
        ground = {room for room, allowed in left.items() if not allowed & left.keys()}
        assert ground, f"a circle among {sorted(left)}"
        left = {room: allowed for room, allowed in left.items() if room not in ground}


@pytest.mark.parametrize("path", sorted((ROOT / "functions").rglob("*.py")), ids=lambda p: p.parent.name)
def test_functions_use_the_layer_and_no_other_function(path: Path) -> None:
    text = path.read_text()
    assert "functions" not in {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    assert "boto3" not in text


def test_nothing_of_the_sample_cloud_is_known_to_the_product() -> None:
    samples = [read_yaml(ROOT / f"samplefiles/{one}.yaml") for one in ("cloud", "deployments")]
    names = {name for name in _names(samples) if len(name) > 3} - {"production", "staging", "development", "preview"}
    assert len(names) > 10
    sources = [
        path
        for folder in ("functions", "layers", "cli")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".yaml", ".json", ".cedar"}
    ]
    for path in sources:
        words = set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+|[a-z0-9]+", path.read_text().lower()))
        assert not words & names, f"{path} names {words & names}"


def _names(value: object) -> set[str]:
    """What the sample cloud calls its environments, clusters, services, instances and databases."""
    found: set[str] = set()
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in {"name", "environment", "cluster", "service", "owner"} and isinstance(inner, str):
                found.add(inner)
            found |= _names(inner)
    elif isinstance(value, list):
        for inner in value:
            found |= _names(inner)
    return found
