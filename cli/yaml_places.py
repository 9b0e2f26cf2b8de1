"""Where in a YAML file something stands, and what is written in it twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import yaml


def line_of(document: yaml.Node | None, place: Sequence[int | str]) -> int:
    """The line, from 1, of what these keys and positions lead to; of what is nearest to it, where it is not there."""
    node, line = document, document.start_mark.line if document else 0
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
            if found is None:
                break
            line, node = found[0].start_mark.line, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        else:
            break
    return line + 1


def written_twice(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    """The line and the name of every key that its mapping has already: YAML itself takes the last one and is silent."""
    if isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from written_twice(value)
    elif isinstance(node, yaml.MappingNode):
        seen = set[str]()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                yield key.start_mark.line + 1, key.value
            seen.add(str(key.value))
            yield from written_twice(value)
