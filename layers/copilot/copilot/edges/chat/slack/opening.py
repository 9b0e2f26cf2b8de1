"""A payload opened: JSON or a form, as each route has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qsl

from copilot.edges.chat.opening import Payload, Unreadable, object_in

Route = Literal["events", "interactions", "commands"]
LARGEST = 200_000
"""In bytes. A message of Slack's has at most 40,000 characters, which JSON may spell in six each."""
_MOST_FIELDS = 100
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_TYPES: Mapping[Route, str] = {"events": _JSON, "interactions": _FORM, "commands": _FORM}


def is_typed(route: Route, content_type: str) -> bool:
    """Whether this route has its payloads in this type; what it says besides, such as the charset, does not matter."""
    return content_type.partition(";")[0].strip().lower() == _TYPES[route]


def opened(route: Route, body: str) -> Payload:
    """The payload in a body. Raises Unreadable."""
    if len(body) > LARGEST:
        raise Unreadable("the payload is too large")
    if route == "events":
        return object_in(body)
    try:
        form = dict(parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise Unreadable("the form has too many fields") from None
    return object_in(form.get("payload", "")) if route == "interactions" else form
