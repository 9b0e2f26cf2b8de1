"""A runbook as people write it, in YAML, to the Runbook it is: every fault of its form by its place.

The text is from outside. What makes a small file large (an anchor that is used again and again) or deep is refused
before anything is made of it, and so is a key that stands twice.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from copilot.domain import Answer, Parameter, Runbook, Step
from copilot.domain.misfits import misfit
from copilot.errors import PlanError
from copilot.text.nearness import there_are
from copilot.text.outside import quoted

MOST_BYTES, DEEPEST = 20_000, 20
NO_THEN = "then: a runbook runs without a model that could be asked again; end it in an answer, and decide with `when`"
_MODELS: Mapping[str, type[BaseModel]] = {"steps": Step, "parameters": Parameter, "answer": Answer}


def read_runbook(text: str) -> Runbook:
    """The Runbook in a YAML or JSON text. Raises PlanError with what is wrong, a line each."""
    size = len(text.encode())
    if size > MOST_BYTES:
        raise PlanError([f"it has {size} bytes; a runbook has at most {MOST_BYTES}"])
    try:
        _forbid_what_grows(text)
        document = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise PlanError([f"it is not YAML: {_in_a_line(error)}"]) from None
    if not isinstance(document, dict):
        raise PlanError(["a runbook is a document with keys: name, parameters, steps, answer"])
    if "then" in document:
        raise PlanError([NO_THEN])
    try:
        return Runbook.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise PlanError(list(dict.fromkeys(_problem(document, dict(one)) for one in found))) from None


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"the key {key} stands twice, {_place(node.start_mark)}")
        return super().construct_mapping(node, deep)


def _forbid_what_grows(text: str) -> None:
    deep = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.YAMLError(f"anchors (& and *) are not read, {_place(event.start_mark)}")
        deep += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if deep > DEEPEST:
            raise yaml.YAMLError(f"it is deeper than {DEEPEST}, {_place(event.start_mark)}")


def _place(mark: Any) -> str:
    return f"line {mark.line + 1}"


def _in_a_line(error: yaml.YAMLError) -> str:
    return " ".join(str(error).split())[:300]


def _problem(document: Mapping[str, Any], error: Mapping[str, Any]) -> str:
    place, type = tuple(error["loc"]), error["type"]
    where = ", ".join(_named(document, place))
    lead = f"{where}: " if where else ""
    if type == "extra_forbidden":
        *above, key = place
        head = ", ".join(_named(document, above))
        return f"{head and head + ': '}there is no key {quoted(str(key))}{there_are(str(key), _keys(above))}"
    if type == "missing":
        return f"{lead}it is missing"
    if type == "string_type" and isinstance(error["input"], bool | int | float):
        return f"{lead}{error['input']!r} is no text; write it in quotes"
    return f"{lead}{misfit(error)}"


def _named(document: Mapping[str, Any], place: Sequence[int | str]) -> Iterator[str]:
    """`step tell`, `field arguments`."""
    if not place:
        return
    top, *rest = place
    if top == "steps" and rest:
        number = int(rest.pop(0))
        steps = document.get("steps")
        step = steps[number] if isinstance(steps, list) and number < len(steps) else None
        id = step.get("id") if isinstance(step, dict) else None
        yield f"step {quoted(str(id))}" if id else f"step number {number + 1}"
    elif top == "parameters" and rest:
        yield f"parameter {quoted(str(rest.pop(0)))}"
    else:
        rest = list(place)
    if rest:
        yield f"field {'.'.join(quoted(str(one)) for one in rest)}"


def _keys(place: Sequence[int | str]) -> list[str]:
    model = _MODELS.get(str(place[0]), Runbook) if place else Runbook
    return list(model.model_fields)
