"""What our buttons and lists are called in the payloads that come of them: an action, and an opaque id."""

from __future__ import annotations

import re
from typing import NamedTuple

_OURS = re.compile(r"copilot\.([a-z]{1,20})(\??):([\w./:-]{1,80})")


class CustomId(NamedTuple):
    """`asks` where it is asked in a dialog before it counts."""

    action: str
    about: str
    asks: bool


def read_custom_id(text: str) -> CustomId | None:
    """None of what is none of ours."""
    found = _OURS.fullmatch(text)
    return CustomId(found[1], found[3], bool(found[2])) if found else None


def custom_id(action: str, about: str) -> str:
    """That of what counts."""
    return f"copilot.{action}:{about}"
