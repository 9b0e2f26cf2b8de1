"""Examples of known requests, with names that exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from copilot.domain import KIND_WORDS, Kind, Known
from copilot.intents.actions import Action, Intent
from copilot.text.outside import looks_like_a_name

EXAMPLE_NAMES: Mapping[str, Kind] = {
    "orders-dev": "development",
    "blue-42": "development",
    "pr-482": "preview",
    "s0123abcde": "development",
}
"""Those in the examples, for which others stand that exist; of a schedule there is none that always does."""


class Example(NamedTuple):
    """A request. What it `changes` is of these `kinds`, as far as it says so."""

    text: str
    changes: Literal["nothing", "environments", "schedules"]
    kinds: frozenset[Kind]


def examples_of(
    actions: Iterable[Action], known: Known, action: str = "", may: Callable[[Example], bool] = lambda example: True
) -> list[str]:
    """Of this action, or one of each; with names that exist, and without those for which none does, or which the person
    may not ask for.
    """
    named = _names(known)
    found: list[str] = []
    for one in actions:
        if action in {"", one.action}:
            each = [_example(one, intent, named) for intent in one.plans if not intent.asks]
            if one.examples is not None:
                each = [Example(_with_names(text, named), "nothing", frozenset()) for text in one.examples]
            found += [example.text for example in each if example.text and may(example)][: 1 if not action else None]
    return list(dict.fromkeys(found))


def _example(action: Action, intent: Intent, named: Mapping[str, str]) -> Example:
    tools = {str(step["tool"]) for step in intent.plan["steps"]}
    changed: Literal["schedules", "environments"] = (
        "schedules" if any(tool.endswith("_schedule") for tool in tools) else "environments"
    )
    kinds = [kind for name, kind in EXAMPLE_NAMES.items() if name in intent.example and name in named]
    kinds += [KIND_WORDS[word] for word in intent.example.lower().split() if word in KIND_WORDS]
    return Example(_with_names(intent.example, named), changed if action.changes else "nothing", frozenset(kinds))


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
