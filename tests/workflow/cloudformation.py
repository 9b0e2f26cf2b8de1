"""CloudFormation templates as plain data: `!GetAtt Table.Arn` is {"GetAtt": "Table.Arn"}, and so on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags."""


def _tagged(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _tagged)


def read_template(path: str) -> dict[str, Any]:
    return dict(yaml.load((ROOT / path).read_text(), Loader=_Loader))


def referred(value: Any) -> Iterator[str]:
    """The logical ids that a part of a template refers to, by Ref, GetAtt or Sub."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "GetAtt":
                yield inner.partition(".")[0]
            elif key == "Sub":
                yield from (part.partition("}")[0].partition(".")[0] for part in inner.split("${")[1:])
            else:
                yield from referred(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from referred(inner)
