"""Commands that a person types to see what a call found: of the AWS CLI, and of the copilot's own.

Nothing in an argument is read as anything but that argument: what begins with a dash stands behind its option's =, and
what the CLI's shorthand would take apart is written as JSON (AWS CLI User Guide, "Specifying parameter values" and
"Using shorthand syntax"; version 2).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import BaseModel, Field

from copilot.domain import Frozen, Made

NEEDED = "by_hand"
"""The field at the top of an Output that holds what its commands need and nobody else does: no model is shown it."""
FOR_COMMANDS = "what the commands need that show it by hand"
"""What is said of that field."""
_PLAIN = re.compile(r"[A-Za-z0-9/][\w./:-]*", re.ASCII)
_TIMES_AS = "%Y-%m-%dT%H:%M:%SZ"

Value = str | int | datetime | Sequence[str] | Sequence[Mapping[str, str | Sequence[str]]] | Mapping[str, object]


TOOL_RUN = "devops-copilot tool run"


class ByHand(NamedTuple):
    """A command, and the account with whose credentials it is typed: "" where that is of no account."""

    argv: tuple[str, ...]
    account: str = ""


class Place(Frozen):
    account: Made = Field(description="the account")
    region: str = Field(description="the region")


class Named(Place):
    """Several of one kind in one place."""

    names: tuple[str, ...] = Field(description="what they are called there")


def aws(place: Place, command: str, **options: Value) -> ByHand:
    """`ecs describe-services` and its options, by their names with _ for -. One without a value is left out."""
    argv = ["aws", *command.split(), f"--region={place.region}"]
    for name, value in options.items():
        argv += _option(f"--{name.replace('_', '-')}", value) if value not in ("", (), [], {}) else []
    return ByHand(tuple(argv), place.account)


def own(*words: str) -> ByHand:
    return ByHand(("devops-copilot", *words))


def tool_run(tool: str, given: object) -> ByHand:
    """The tool itself, alone."""
    plain = given.model_dump(mode="json", exclude_defaults=True) if isinstance(given, BaseModel) else given
    return own(*TOOL_RUN.split()[1:], tool, json.dumps(plain, ensure_ascii=False))


def moment(at: datetime) -> str:
    """As the CLI takes it, to the second."""
    return at.astimezone(UTC).strftime(_TIMES_AS)


def by_place(found: Iterable[tuple[str, str, str]]) -> dict[Place, list[str]]:
    """What there is of account, region and name, by place, each once."""
    places: dict[Place, dict[str, None]] = {}
    for account, region, name in found:
        places.setdefault(Place(account=account, region=region), {})[name] = None
    return {place: list(names) for place, names in places.items()}


def _option(option: str, value: Value) -> Iterator[str]:
    if isinstance(value, datetime):
        yield f"{option}={moment(value)}"
    elif isinstance(value, str | int):
        yield f"{option}={value}"
    elif isinstance(value, Mapping):
        yield f"{option}={_json(value)}"
    else:
        words = [_shorthand(one) for one in value]
        yield from (option, *filter(None, words)) if all(words) else (f"{option}={_json(list(value))}",)


def _shorthand(one: str | Mapping[str, str | Sequence[str]]) -> str:
    """One of a list, as it is written by hand; "" of what has to be written as JSON."""
    if isinstance(one, str):
        return one if _PLAIN.fullmatch(one) else ""
    parts = [(name, [value] if isinstance(value, str) else [*value]) for name, value in one.items()]
    if not all(_PLAIN.fullmatch(value) for _, values in parts for value in values):
        return ""
    return ",".join(f"{name}={','.join(values)}" for name, values in parts)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
