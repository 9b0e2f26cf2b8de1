"""What a Conversation keeps between Turns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from copilot.domain import Focus, Item, Past, Plan, Reference, ReferenceType, Revision, StepState
from copilot.memory.showing import Shown
from copilot.plans.schema_types import ListType, Text
from copilot.plans.speaking import texts_in
from copilot.plans.tool_types import types_of
from copilot.text.outside import looks_like_a_name
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, WriteTool

MOST_NAMED, MOST_SHOWN = 5, 50
"""Of more that were shown, nobody means "the second"; and what is kept stays small."""
MOST_BYTES = 16_000
"""Of a Focus, as JSON, without its past; the oldest references go."""


class Spoken(NamedTuple):
    """What a Run leaves behind: the references, in order, and what its first plan was made by."""

    references: tuple[Reference, ...]
    revision: Revision

    @property
    def is_nothing(self) -> bool:
        revision = self.revision
        return not self.references and revision.intent is None and not revision.marked


def spoken_of(
    revision: Revision,
    steps: Mapping[str, StepState],
    steered: Collection[str],
    registry: Registry,
    shown: Mapping[str, Shown],
    without_effect: Collection[tuple[str, int]] = (),
) -> Spoken:
    """What the Conversation speaks of once this plan was done. `steered` are the steps that marked text may have led,
    `shown` what the answer shows, by type, `without_effect` the calls, by step and item, that changed nothing.
    """
    corrected = any(item.mended for step in steps.values() for item in step.items)
    found: list[Reference] = []
    for type in get_args(ReferenceType):
        named = _named(type, revision.plan, steps, registry, corrected)
        if type in shown and (shown[type].is_list or not named):
            found += _shown(type, shown[type], revision, steered)
        else:
            found += [_reference(type, name, name, revision, step in steered) for name, step in named.items()]
    changed = _changed(revision, steps, steered, registry, shown, without_effect)
    return Spoken((*found, *changed), revision)


def remembered(before: Focus, spoken: Spoken, person: str) -> Focus:
    """With this as what was spoken of last, by a person, by id."""
    revision = spoken.revision
    if revision.used and not any(one.role == "listed" for one in spoken.references):
        return _with_what_was_told(before, spoken, person)
    turn = before.turn + 1
    new = [one.model_copy(update={"turn": turn}) for one in spoken.references]
    return Focus(
        rev=before.rev,
        turn=turn,
        references=(*new, *_without(before, new)),
        intent=before.intent if revision.used else revision.intent,
        slots=before.slots if revision.used else revision.slots,
        marked=before.marked if revision.used else revision.marked,
        by=person,
        results=before.results,
        past=before.past,
    )


def _with_what_was_told(before: Focus, spoken: Spoken, person: str) -> Focus:
    """What was spoken of still is, where more was said of the same; and whom that was told."""
    new = [one.model_copy(update={"turn": before.turn}) for one in spoken.references if one.role != "listed"]
    by = before.by or person
    return before.model_copy(update={"references": (*new, *_without(before, new)), "by": by, "unsettled": False})


def also_changed(before: Focus, spoken: Spoken) -> Focus:
    """With what was changed, which is not what was spoken of last."""
    new = [one for one in spoken.references if one.role == "changed"]
    return before.model_copy(update={"references": (*new, *_without(before, new))}) if new else before


def _without(before: Focus, new: Sequence[Reference]) -> Iterator[Reference]:
    """What is still to be remembered: of each thing only the last change."""
    changed = {(one.type, one.id) for one in new if one.role == "changed"}
    return (one for one in before.references if one.role != "changed" or (one.type, one.id) not in changed)


def fitting(focus: Focus) -> Focus:
    """No more than MOST_BYTES of it: without a question that is longer than that, the results that were read first, and
    the oldest references.
    """
    if focus.open is not None and len(focus.open.model_dump_json().encode()) > MOST_BYTES // 2:
        focus = focus.model_copy(update={"open": None})
    size = 0
    for number, result in enumerate(focus.results):
        size += len(result.model_dump_json().encode()) + 1
        if size > MOST_BYTES // 2:
            focus = focus.model_copy(update={"results": focus.results[:number]})
            break
    size = len(focus.model_copy(update={"references": (), "past": Past()}).model_dump_json().encode())
    kept = []
    for one in focus.references:
        size += len(one.model_dump_json().encode()) + 1
        if size > MOST_BYTES:
            break
        kept.append(one)
    return focus.model_copy(update={"references": tuple(kept)})


def _shown(type: ReferenceType, shown: Shown, revision: Revision, steered: Collection[str]) -> list[Reference]:
    """More than can be counted are no list any more."""
    led = bool(steered)
    found = [_reference(type, id, name, revision, led) for id, name in dict(shown.things).items()][:MOST_SHOWN]
    if not shown.is_list:
        return found
    whole = len(shown.things) <= MOST_SHOWN
    places = [{"role": "listed", "ordinal": at if whole else None} for at in range(1, len(found) + 1)]
    return [one.model_copy(update=place) for one, place in zip(found, places, strict=True)]


def _reference(type: ReferenceType, id: str, name: str, revision: Revision, led: bool) -> Reference:
    trusted = not led and id not in revision.marked and looks_like_a_name(id.removeprefix("#"))
    return Reference(type=type, id=id, name=name if looks_like_a_name(name) else id, trusted=trusted)


def _changed(
    revision: Revision,
    steps: Mapping[str, StepState],
    steered: Collection[str],
    registry: Registry,
    shown: Mapping[str, Shown],
    without_effect: Collection[tuple[str, int]],
) -> Iterator[Reference]:
    """What was changed, by the calls that are done: what they were given, or what came of them."""
    for step in steps.values():
        tool = registry.find(step.tool)
        if not issubclass(tool, WriteTool):
            continue
        by = step.tool.partition("@")[0]
        done = [
            item for item in step.items if item.status == "done" and (step.step_id, item.index) not in without_effect
        ]
        for type in get_args(ReferenceType):
            given = [id for item in done for id in names_given(type, tool, item)]
            of_it = done and type in shown and step.step_id in shown[type].steps and not given
            made = [id for id, _ in shown[type].things] if of_it else []
            for id in list(dict.fromkeys([*given, *made]))[:MOST_SHOWN]:
                found = _reference(type, id, id, revision, step.step_id in steered)
                yield found.model_copy(update={"role": "changed", "by": by})


def as_written(steps: Mapping[str, StepState]) -> dict[str, StepState]:
    """The steps as if no name had been corrected: what chose a name nearly right is still what was written."""
    return {
        id: step.model_copy(update={"items": tuple(item.model_copy(update={"mended": None}) for item in step.items)})
        for id, step in steps.items()
    }


def understood(revision: Revision | None) -> bool:
    """Whether the turn came to a plan, or to an answer in words."""
    if revision is None or revision.unplanned:
        return False
    return revision.plan.ask is None and revision.plan.decline is None


def as_seen_by(person: str, focus: Focus) -> Focus:
    """What the Conversation speaks of, for a person by id: what somebody else's request chose, theirs did not."""
    results = tuple(
        one if one.by == person else one.model_copy(update={"trusted": False, "what": ""}) for one in focus.results
    )
    focus = focus.model_copy(update={"results": results, "past": focus.past.seen_by(person)})
    if focus.by in {None, person}:
        return focus
    theirs = tuple(one.model_copy(update={"trusted": False}) for one in focus.references)
    return focus.model_copy(update={"references": theirs, "marked": tuple(texts_in(focus.slots))})


def _named(
    type: ReferenceType, plan: Plan, steps: Mapping[str, StepState], registry: Registry, corrected: bool
) -> dict[str, str]:
    """What calls of the last step that was made for such things were given, each with its step.

    Each was found by code: the call succeeded, or what it would change was looked at. What a call that failed was given
    is nothing but words; and of what a name was `corrected` to nobody has said that it is meant, until something was
    done with it. The reads before it speak of what was looked through to find them.
    """
    for planned in reversed(plan.steps):
        tool = registry.find(planned.tool)
        looked_at = issubclass(tool, WriteTool) and not corrected
        items = steps[planned.id].items if planned.id in steps else ()
        found = [id for item in items if _is_found(item, looked_at) for id in names_given(type, tool, item)]
        if found:
            return dict.fromkeys(list(dict.fromkeys(found))[:MOST_NAMED], planned.id)
    return {}


def names_given(type: ReferenceType, tool: AnyTool, item: Item) -> Iterator[str]:
    """The things of a type that a call was given, by id."""
    for name, found in types_of(tool).input.fields.items():
        each = found.element if isinstance(found, ListType) else found
        if isinstance(each, Text) and each.names == type:
            value = item.arguments.get(name)
            yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and one)


def _is_found(item: Item, looked_at: bool) -> bool:
    return item.status == "done" or (looked_at and item.decision is not None)
