"""What is wrong with a configuration, fault by fault, in a person's words: each with its place and the nearest that is
known. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from copilot.config.configuration import Configuration
from copilot.config.places import NO_KEY_ARN
from copilot.domain import KIND_WORDS, TOLD
from copilot.domain.frozen import model_in
from copilot.domain.misfits import misfit
from copilot.text.masking import mask_text
from copilot.text.nearness import there_are

LONGEST = 60
NOUNS = {"but": "kind of event", "roles": "role", "days": "day", "kinds": "kind"}
"""What one of a list is called, by the key of the list; any other key is its own noun."""
SHOWN = 5


class Fault(NamedTuple):
    """`place` are the keys and positions that lead to it; () is the whole."""

    place: tuple[int | str, ...]
    said: str

    @property
    def where(self) -> str:
        """`people.1.roles.0`"""
        return ".".join(map(str, self.place)) or "the whole"


def faults(error: ValidationError, model: type[BaseModel] = Configuration) -> list[Fault]:
    """All of them, in a document that is to be a `model`. No value is shown that may be a secret."""
    found: list[dict[str, Any]] = [dict(each) for each in error.errors(include_url=False)]
    # A list whose only element is wrong is empty without it.
    within = {each["loc"][:-1] for each in found if each["loc"]}
    return [
        Fault(tuple(each["loc"]), _said(each, model))
        for each in found
        if each["type"] != "too_short" or each["loc"] not in within
    ]


def in_a_line(found: Sequence[Fault]) -> str:
    """The first few, one after the other."""
    more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return "; ".join(f"{fault.where}: {fault.said}" for fault in found[:SHOWN]) + more


def _said(each: dict[str, Any], model: type[BaseModel]) -> str:
    type, place, given = each["type"], each["loc"], each["input"]
    if type == "json_invalid":
        return "it is no JSON; `devops-copilot configure FILE` writes it as it has to be"
    if type == "missing":
        return "it is missing"
    if type == "extra_forbidden":
        return f"{_short(place[-1])} is no key here{there_are(str(place[-1]), _keys_at(model, place[:-1]))}"
    if type == "string_type" and isinstance(given, int | float):
        return f"{given!r} is no text; write it in quotes"
    if type in {"tuple_type", "too_short"}:
        return "it is to be a list, with a dash or [ ]" if type == "tuple_type" else "there is to be at least one"
    if type in {"model_type", "model_attributes_type"}:
        found = f", not {_short(given)}" if isinstance(given, str) else ""
        return f"it is to have keys of its own ({', '.join(_keys_at(model, place))}){found}"
    if type == "literal_error" and isinstance(given, str):
        choices = re.findall(r"'([^']*)'", each["ctx"]["expected"])
        noun = next((part for part in reversed(place) if isinstance(part, str)), "choice")
        return f"{_short(given)} is no {NOUNS.get(noun, noun)}{_nearest_choice(given, choices)}"
    if type == "string_pattern_mismatch" and each["ctx"]["pattern"] == f"^{TOLD}$":
        return f"{_short(given)} is no channel{_nearest_channel(given)}"
    said = misfit(each)
    shown = place and type != NO_KEY_ARN and isinstance(given, str | int | float) and repr(given) not in said
    return mask_text(f"{said}, not {_short(given)}" if shown else said)


def _nearest_choice(given: str, choices: Sequence[str]) -> str:
    meant = KIND_WORDS.get(given.strip().lower())
    return f"; nearest: {meant}" if meant in choices else there_are(given.lower(), choices)


def _nearest_channel(given: str) -> str:
    name = re.sub(r"[^a-z0-9_-]+", "-", given.lower()).strip("-_")[:80]
    return f"; nearest: #{name}" if name else "; a channel is like #platform"


def _short(given: object) -> str:
    text = mask_text(repr(given))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _keys_at(whole: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    """The keys there may be at a place."""
    model: Any = whole
    for part in place:
        if isinstance(part, str) and part in model.model_fields:  # else it is a name of somebody's own
            model = model_in(model.model_fields[part].annotation)
    return list(model.model_fields)
