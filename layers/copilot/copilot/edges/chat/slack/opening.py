"""A payload opened: JSON or a form, as each route has it, and its parts by name, whatever they turn out to be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl

from copilot.errors import ToolInputError

Route = Literal["events", "interactions", "commands"]
LARGEST = 200_000
"""In bytes. A message of Slack's has at most 40,000 characters, which JSON may spell in six each."""
_MOST_FIELDS = 100
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_TYPES: Mapping[Route, str] = {"events": _JSON, "interactions": _FORM, "commands": _FORM}
Payload = Mapping[str, Any]


class Unreadable(ToolInputError):
    """It is not what Slack sends; the message says where it is not, in words of ours alone."""


def is_typed(route: Route, content_type: str) -> bool:
    """Whether this route has its payloads in this type; what it says besides, such as the charset, does not matter."""
    return content_type.partition(";")[0].strip().lower() == _TYPES[route]


def opened(route: Route, body: str) -> Payload:
    """The payload in a body. Raises Unreadable."""
    if len(body) > LARGEST:
        raise Unreadable("the payload is too large")
    if route == "events":
        return _object(body)
    try:
        form = dict(parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise Unreadable("the form has too many fields") from None
    return _object(form.get("payload", "")) if route == "interactions" else form


def _object(text: str) -> Payload:
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
