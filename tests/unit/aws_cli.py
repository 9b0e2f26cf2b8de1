"""What the AWS CLI makes of a command line, held against botocore's own models, which are the CLI's.

Its rules as its source has them (awscli: `clidriver`, `arguments`, `argprocess`, `shorthand`): a command is the name of
an operation in kebab case and an option that of a member of its input; a structure is JSON or shorthand, a list JSON
or several words, and what begins with a dash is an option unless it stands behind one's =.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from botocore import xform_name
from botocore.session import get_session
from botocore.validate import ParamValidator

GLOBAL = {"region", "query", "output"}


class Typed(NamedTuple):
    """`given` is the operation's input; `beside` are the options that every command has."""

    operation: Any
    given: Mapping[str, Any]
    beside: Mapping[str, str]


@cache
def _service(name: str) -> Any:
    return get_session().get_service_model(name)


def read(argv: Sequence[str]) -> Typed:
    """Raises AssertionError for what the CLI would refuse."""
    assert argv[0] == "aws"
    service = _service(argv[1])
    operations = {xform_name(name, "-"): name for name in service.operation_names}
    assert argv[2] in operations, f"{argv[1]} has no {argv[2]}"
    operation = service.operation_model(operations[argv[2]])
    members = {xform_name(name, "-"): name for name in operation.input_shape.members}
    given: dict[str, Any] = {}
    beside: dict[str, str] = {}
    for option, words in _options(argv[3:]):
        if option in GLOBAL:
            (beside[option],) = words
            continue
        assert option in members, f"{' '.join(argv[:3])} has no --{option}"
        name = members[option]
        assert name not in given, f"--{option} twice"
        given[name] = _value(operation.input_shape.members[name], words)
    report = ParamValidator().validate(given, operation.input_shape)
    assert not report.has_errors(), f"{' '.join(argv)}: {report.generate_report()}"
    return Typed(operation, given, beside)


def _options(words: Sequence[str]) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for word in words:
        if word.startswith("-"):
            assert word.startswith("--"), f"{word!r} is read as an option"
            name, is_given, value = word[2:].partition("=")
            found.append((name, [value] if is_given else []))
        else:
            assert found, f"{word!r} is of no option"
            found[-1][1].append(word)
    return found


def _value(shape: Any, words: Sequence[str]) -> Any:
    assert words, "an option without a value"
    assert not any(word.startswith(("file://", "fileb://")) for word in words), "a file would be read"
    if shape.type_name == "list":
        if len(words) == 1 and words[0].lstrip()[:1] == "[":
            return json.loads(words[0])
        return [_of_list(shape.member, word) for word in words]
    (word,) = words
    return _structure(shape, word) if shape.type_name in {"structure", "map"} else _scalar(shape, word)


def _of_list(shape: Any, word: str) -> Any:
    return _structure(shape, word) if shape.type_name == "structure" else _scalar(shape, word)


def _structure(shape: Any, word: str) -> Any:
    if word.lstrip()[:1] == "{":
        return json.loads(word)
    found: dict[str, list[str]] = {}
    name = ""
    for part in word.split(","):
        begins, is_named, value = part.partition("=")
        name = begins if is_named else name
        found.setdefault(name, []).append(value if is_named else part)
    assert found.keys() <= shape.members.keys(), f"{word!r}: a {shape.name} has {', '.join(shape.members)}"
    return {
        name: [_scalar(shape.members[name].member, one) for one in values]
        if shape.members[name].type_name == "list"
        else _scalar(shape.members[name], ",".join(values))
        for name, values in found.items()
    }


def _scalar(shape: Any, word: str) -> Any:
    match shape.type_name:
        case "integer" | "long":
            return int(word)
        case "timestamp":
            assert datetime.fromisoformat(word).tzinfo is not None, f"{word!r} is of no zone"
            return word
        case "string":
            assert word in (shape.enum or [word]), f"{word!r} is none of {', '.join(shape.enum)}"
            return word
    raise AssertionError(f"no command is given a {shape.type_name}")


def example_of(shape: Any, value: str, depth: int = 8) -> Any:
    """An output with one of everything, in which each member called `value` has that value."""
    match shape.type_name:
        case "structure":
            inner = shape.members.items() if depth else ()
            return {name: value if name == "value" else example_of(member, value, depth - 1) for name, member in inner}
        case "list":
            return [example_of(shape.member, value, depth)]
        case "map":
            return {"key": example_of(shape.value, value, depth)}
        case "string":
            return shape.name
        case "boolean":
            return True
    return 1
