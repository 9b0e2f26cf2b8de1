"""Examples of known requests, with names that exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from copilot.domain import Kind, Known
from copilot.intents.actions import Action
from copilot.text.outside import looks_like_a_name

EXAMPLE_NAMES: Mapping[str, Kind] = {
    "orders-dev": "development",
    "blue-42": "development",
    "pr-482": "preview",
    "s0123abcde": "development",
}
"""Those in the examples, for which others stand that exist; of a schedule there is none that always does."""


def examples_of(actions: Iterable[Action], known: Known, action: str = "", *, changes: bool) -> list[str]:
    """Of this action, or one of each; with names that exist, and without those for which none does. `changes` takes
    those of actions that change something, too.
    """
    named = _names(known)
    found: list[str] = []
    for one in actions:
        if one.plans and (changes or not one.changes) and action in {"", one.action}:
            said = [_with_names(intent.example, named) for intent in one.plans if not intent.asks]
            found += [example for example in said if example][: 1 if not action else None]
    return found


def _names(known: Known) -> Mapping[str, str]:
    left = {one.name: one.kind for one in known.environments if looks_like_a_name(one.name)}
    named: dict[str, str] = {}
    for example, kind in EXAMPLE_NAMES.items():
        if example.startswith("s0"):
            continue
        found = next((name for name, its in left.items() if its == kind), None)
        if found is not None:
            named[example] = found
            del left[found]
    return named


def _with_names(example: str, named: Mapping[str, str]) -> str:
    """ "" where a name in it stands for nothing that exists."""
    for name in EXAMPLE_NAMES:
        if name in example:
            if name not in named:
                return ""
            example = example.replace(name, named[name])
    return example
