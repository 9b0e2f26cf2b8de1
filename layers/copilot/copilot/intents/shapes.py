"""The ways to ask that many actions share: each is filled in with what an action is done to, and the forms of its verb.

A shape is a phrase in which <do>, <done> and the like are forms that an action gives, each a list of phrases; {it} in
them is what it is done to. Of a form, <do.them> speaks of that again as "it" or "them", <do.any> of anything there is,
and <do.bare> says only the verb. An action that lacks a form is not asked for with the shapes that need it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from copilot.intents.actions import Action

Shapes = Mapping[str, Sequence[str]]
_SET = re.compile(r"<([\w.]+)>")
PERHAPS = "_perhaps"
"""What the table is called whose shapes may say something else."""
_FORM = re.compile(r"<(\w+)((?:\.\w+)?)>")
_AGAIN = "(it|them|that|this|those|these)"


def forms_of(action: Action) -> dict[str, tuple[str, ...]]:
    """The forms of an action as sets of synonyms, each by a name of its own."""
    found: dict[str, tuple[str, ...]] = {}
    for table, forms in action.shaped.items():
        it = "|".join(forms.get("it", ()))
        for form, ways in forms.items():
            name = f"{action.action}.{table}.{form}"
            found[name] = tuple(way.replace("{it}", f"({it})") for way in ways)
            found[f"{name}.them"] = tuple(way.replace("{it}", _AGAIN) for way in ways)
            found[f"{name}.any"] = tuple(way.replace("{it}", "<anything>") for way in ways)
            found[f"{name}.bare"] = tuple(" ".join(way.replace("{it}", "").split()) for way in ways)
    return found


def phrases_of(action: Action, shapes: Shapes, sets: Mapping[str, object]) -> Iterator[tuple[str, bool]]:
    """Its own phrases and the shapes filled in, each with whether it is doubtful. `sets` are synonyms by name."""
    yield from ((phrase, True) for phrase in action.doubtful)
    yield from ((phrase, False) for phrase in action.phrases)
    for table, forms in action.shaped.items():
        for name in (table, f"{table}{PERHAPS}"):
            for shape in shapes.get(name, ()):
                filled = _filled(shape, f"{action.action}.{table}", forms)
                if all(used in sets for used in _SET.findall(filled)):
                    yield filled, name != table


def _filled(shape: str, prefix: str, forms: Mapping[str, object]) -> str:
    def own(found: re.Match[str]) -> str:
        return f"<{prefix}.{found[1]}{found[2]}>" if found[1] in forms else found[0]

    return _FORM.sub(own, shape)
