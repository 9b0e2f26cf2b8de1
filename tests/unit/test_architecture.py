"""Imports point inward (design section 3), and no name of the sample cloud is known to the product."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/copilot/copilot"
MODULES = sorted(PACKAGE.rglob("*.py"))
CORE = {"model", "deployments", "errors", "listing", "outside", "times"}  # all of them pure
USE_CASES = {
    "advancing",
    "approving",
    "checking",
    "executing",
    "ingesting",
    "planning",
    "replying",
    "viewing",
    "outputs",
    "expanding",
    "firing",
    "opening",
    "viewing_schedules",
}


def imports(path: Path) -> set[str]:
    """What a module imports of ours, as dotted names below `copilot`; imports for types alone do not count."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            for inner in ast.walk(node):
                inner.__dict__["skip"] = True
        if "skip" in node.__dict__:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "copilot":
            inner_name = node.module.partition(".")[2]
            found |= {inner_name} if inner_name else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.partition(".")[2] for a in node.names if a.name.split(".")[0] == "copilot"}
    return found


def place(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_imports_point_inward(path: Path) -> None:
    name, used = place(path), imports(path)
    tops = {module.split(".")[0] for module in used}
    if name == "model":
        assert not tops
    elif name == "deployments":
        assert tops <= {"model"}
    elif name == "errors" or name == "ports":
        assert tops <= CORE
    elif name.startswith("tools"):
        assert tops <= CORE | {"ports", "tools"}
    elif name.startswith("adapters"):
        assert tops <= CORE | {"ports", "adapters", "config"}
    elif name != "bootstrap":
        assert not tops & {"adapters", "bootstrap"}
    if name in USE_CASES:
        assert {module for module in used if module.startswith("tools")} <= {"tools.registry", "tools.tool"}


@pytest.mark.parametrize("path", sorted((ROOT / "functions").rglob("*.py")), ids=lambda p: p.parent.name)
def test_functions_use_the_layer_and_no_other_function(path: Path) -> None:
    text = path.read_text()
    assert "functions" not in {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    assert not {module for module in imports(path) if module.startswith(("adapters", "tools"))}
    assert "boto3" not in text


def test_nothing_of_the_sample_cloud_is_known_to_the_product() -> None:
    samples = [yaml.safe_load((ROOT / f"samplefiles/{one}.yaml").read_text()) for one in ("cloud", "deployments")]
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
