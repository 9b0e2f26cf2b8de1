"""Examples of known requests, with names that exist."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple, get_args

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
_WHOLE = r"(?<![\w-])(?:{})(?![\w-])"
EXAMPLE_SERVICES = ("checkout", "payments")
"""The same of services. Where they run is not known: an example with one in an environment is not shown."""


LAST = frozenset({"delete"})
"""Actions that are nobody's first example: nothing takes them back."""


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
    kinds = {one.kind for one in known.environments} or {*get_args(Kind)}
    found: list[str] = []
    for one in sorted(actions, key=lambda one: one.action in LAST):
        if action in {"", one.action}:
            each = [_example(one, intent, named) for intent in one.plans if not intent.asks]
            if one.examples is not None:
                each = [Example(_with_names(text, named), "nothing", frozenset()) for text in one.examples]
            there = [example for example in each if example.text and _kinds_in(example.text) <= kinds]
            found += [example.text for example in there if may(example)][: 1 if not action else None]
    return list(dict.fromkeys(found))


def _example(action: Action, intent: Intent, named: Mapping[str, str]) -> Example:
    tools = {str(step["tool"]) for step in intent.plan["steps"]}
    changed: Literal["schedules", "environments"] = (
        "schedules" if any(tool.endswith("_schedule") for tool in tools) else "environments"
    )
    kinds = [kind for name, kind in EXAMPLE_NAMES.items() if name in intent.example and name in named]
    of = _kinds_in(intent.example).union(kinds)
    return Example(_with_names(intent.example, named), changed if action.changes else "nothing", of)


def _kinds_in(text: str) -> frozenset[Kind]:
    return frozenset(KIND_WORDS[word] for word in re.findall(r"[\w-]+", text.lower()) if word in KIND_WORDS)


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
    services = [one for one in known.services if looks_like_a_name(one)]
    return {**named, **dict(zip(EXAMPLE_SERVICES, services, strict=False))}


def _with_names(example: str, named: Mapping[str, str]) -> str:
    """ "" where a name in it stands for nothing that exists, or not for what is known to go together."""
    said = [name for name in (*EXAMPLE_NAMES, *EXAMPLE_SERVICES) if re.search(_WHOLE.format(name), example)]
    if not named.keys() >= {*said} or ({*said} & EXAMPLE_NAMES.keys() and {*said}.intersection(EXAMPLE_SERVICES)):
        return ""
    both = _WHOLE.format("|".join(map(re.escape, said)))
    return re.sub(both, lambda name: named[name[0]], example) if said else example
