"""Rounds: what a run does between two looks of a model at what came of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from pydantic import JsonValue, ValidationError

from copilot.domain import Arguments, Revision, StepState, digest
from copilot.plans.afresh import without_afresh
from copilot.plans.templates import words
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool

_NOT_MADE = frozenset({"cancelled", "replanned"})
_SHOWN = 80


def looks(revisions: Sequence[Revision]) -> int:
    """How often a model has looked again."""
    return sum(revision.kind == "look" for revision in revisions)


def call_of(tool: AnyTool, arguments: Arguments) -> str:
    """The same for two calls that are the same: of one tool, with the same arguments, defaults included."""
    given: JsonValue = without_afresh(tool, arguments)
    with suppress(ValidationError):  # of a call that was wrong it is what it was
        given = tool.Input.model_validate(given).model_dump(mode="json")
    return digest([tool.name, given])


def made_again(revisions: Sequence[Revision], states: Mapping[str, StepState], registry: Registry) -> str:
    """A call that was made in one round and in a later one again, in words; "" where there is none.

    What is read again after something was changed may have become something else.
    """
    reads, writes = dict[str, str](), dict[str, str]()
    for ids in _by_round(revisions):
        read, written, changed = dict[str, str](), dict[str, str](), False
        for name in ids & states.keys():
            tool = registry.find(states[name].tool)
            made = written if tool.effect != "read" else read
            made |= dict(_calls(tool, states[name]))
            changed = changed or (tool.effect != "read" and any(one.status == "done" for one in states[name].items))
        again = (writes.keys() & written.keys()) or (frozenset() if changed else reads.keys() & read.keys())
        if again:
            return sorted((written | read)[one] for one in again)[0]
        reads, writes = {} if changed else reads | read, writes | written
    return ""


def _by_round(revisions: Sequence[Revision]) -> list[set[str]]:
    """The steps that are new in each round, by id."""
    rounds: list[set[str]] = [set()]
    known: set[str] = set()
    for revision in revisions:
        if revision.kind == "look":
            rounds.append(set())
        ids = {step.id for step in revision.plan.steps}
        rounds[-1] |= ids - known
        known |= ids
    return rounds


def _calls(tool: AnyTool, state: StepState) -> Iterator[tuple[str, str]]:
    for item in state.items:
        if item.status not in _NOT_MADE:
            given = words([value for value in item.arguments.values() if isinstance(value, str | int | list)])
            yield call_of(tool, item.arguments), f"{tool.name} {given}"[:_SHOWN].rstrip()
