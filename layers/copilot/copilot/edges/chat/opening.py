"""A payload of any chat platform opened: its parts by name, whatever they turn out to be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from copilot.errors import ToolInputError

Payload = Mapping[str, Any]


class Unreadable(ToolInputError):
    """It is not what the platform sends; the message says where it is not, in words of ours alone."""


def object_in(text: str) -> Payload:
    """The JSON object that a body is. Raises Unreadable."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("the payload is no JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("the payload is no JSON object")
    return value


def part(payload: Payload, *path: str) -> Payload:
    """The object at this path; an empty one where there is none, or null. Raises Unreadable."""
    for name in path:
        inner = payload.get(name)
        if inner is not None and not isinstance(inner, dict):
            raise Unreadable(f"`{name}` is no object")
        payload = inner or {}
    return payload


def parts(payload: Payload, name: str) -> tuple[Payload, ...]:
    """The objects of the list of this name; none where there is none, or null. Raises Unreadable."""
    inner = payload.get(name)
    if inner is None:
        return ()
    if not isinstance(inner, list) or not all(isinstance(one, dict) for one in inner):
        raise Unreadable(f"`{name}` is no list of objects")
    return tuple(inner)


def text(payload: Payload, name: str) -> str:
    """The string of this name; "" where there is none, or null. Raises Unreadable."""
    inner = payload.get(name)
    if inner is not None and not isinstance(inner, str):
        raise Unreadable(f"`{name}` is no string")
    return inner or ""
