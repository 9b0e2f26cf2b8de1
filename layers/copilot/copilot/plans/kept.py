"""What was read in earlier Turns, as the references of a plan see it: memory.<name>, of its tool's type. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from copilot.domain import ANSWER, KeptResult, Revision
from copilot.errors import NotFound
from copilot.plans.marks import with_marks
from copilot.plans.schema_types import ListType, ObjectType, Text, Type
from copilot.plans.tool_types import types_of
from copilot.text.nearness import there_are
from copilot.tools.registry import Registry

Results = Mapping[str, KeptResult]
"""By name."""


@dataclass(frozen=True)
class Kept(ObjectType):
    """The type of `memory`."""

    def missing(self, name: str) -> str:
        there = there_are(name, self.fields) or "; there is none"
        return f"refers to memory.{name}, and no result is kept by that name{there}; read it in this plan"


NOTHING_KEPT = Kept()
NO_RESULTS: Results = MappingProxyType({})


def kept_type(results: Iterable[KeptResult], registry: Registry) -> Kept:
    """Without those of tools that are not there any more as they were."""
    fields = {one.name: found for one in results if (found := _type(one, registry)) is not None}
    return Kept(fields, frozenset(fields))


def used_by(revisions: Sequence[Revision]) -> Results:
    """What the plans of a Run are bound to: a name means what it meant in the first that has it."""
    found: dict[str, KeptResult] = {}
    for revision in revisions:
        for one in revision.used:
            found.setdefault(one.name, one)
    return found


def _type(result: KeptResult, registry: Registry) -> Type | None:
    """All of what marked text had chosen is untrusted; of the rest the fields that hold such text."""
    marked = not result.trusted
    if result.name == ANSWER:
        fields: dict[str, Type] = {"text": Text(untrusted=marked), "links": ListType(Text())}
        return ObjectType(fields, frozenset(fields), untrusted=marked)
    try:
        output = types_of(registry.find(result.tool)).output
    except NotFound:
        return None
    output = with_marks(output, result.marked)
    output = replace(output, untrusted=output.untrusted or marked)
    return ListType(output, untrusted=marked) if result.for_each else output
