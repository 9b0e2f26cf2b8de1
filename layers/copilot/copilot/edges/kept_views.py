"""What is kept of a person or a Conversation, as it is handed out: a page of Runs at a time, with secrets masked."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from copilot.domain import Focus, ListedRun, Turn, Whose, scope_of
from copilot.edges import delivery_views, run_views
from copilot.edges.withholding import Seer
from copilot.errors import NotFound
from copilot.memory.remembering import as_seen_by
from copilot.ports import ChatLinks, Clock, Deliveries, Facts, KeptOf, Learned, Schedules, Store, Watches
from copilot.text.masking import mask

PAGE = 5
"""Runs: each with what a model was asked is some ten kilobytes, seldom more than a hundred."""


def view_own(
    whose: Whose, facts: Facts, learned: Learned, watches: Watches, schedules: Schedules, links: ChatLinks
) -> dict[str, JsonValue]:
    """What there is of a person beside their Runs; {} of a Conversation."""
    if whose.person is None:
        return {}
    own: dict[str, JsonValue] = {
        "facts": [one.model_dump(mode="json") for one in facts.facts(scope_of(whose.person))],
        "learned": [one.model_dump(mode="json") for one in learned.all(whose.person)],
        "watches": [one.model_dump(mode="json") for one in watches.watches() if one.owner == whose.person],
        "schedules": [one.model_dump(mode="json") for one in schedules.schedules() if one.owner == whose.person],
        "links": [one.model_dump(mode="json") for one in links.links_of(whose.person)],
    }
    return {name: mask(value) for name, value in own.items()}


def view_kept_runs(
    runs: Sequence[ListedRun], kept: KeptOf, store: Store, deliveries: Deliveries, seer: Seer, tenant: str, clock: Clock
) -> dict[str, JsonValue]:
    """The Runs with all that is kept of each and may be shown to who asks, and what was said in their Conversations."""
    conversations = list(dict.fromkeys(run.conversation for run in runs))
    said = {name: kept.turns(name) for name in conversations}
    shown: list[JsonValue] = [_run(run, store, deliveries, seer, tenant, clock, said[run.conversation]) for run in runs]
    spoken = {name: _without_others(store.focus(tenant, name), seer.person.id) for name in conversations}
    focus = {name: mask(one.model_dump(mode="json")) for name, one in spoken.items()}
    return {"runs": shown, "conversations": {name: {"focus": focus[name]} for name in conversations}}


def _without_others(focus: Focus, person: str) -> Focus:
    """Without words of others who speak in the Conversation, and of answers to them."""
    focus = as_seen_by(person, focus)
    if focus.open is not None and focus.open.asker != person:
        focus = focus.model_copy(update={"open": None})
    if focus.by in {None, person}:
        return focus
    return focus.model_copy(update={"slots": {}, "marked": ()})


def _run(
    run: ListedRun, store: Store, deliveries: Deliveries, seer: Seer, tenant: str, clock: Clock, said: Sequence[Turn]
) -> JsonValue:
    turns: list[JsonValue] = [turn.model_dump(mode="json") for turn in said if turn.run_id == run.run_id]
    try:
        shown = run_views.view_run(store, tenant, run.run_id, clock.now(), seer=seer)
    except NotFound:  # what is left of one that was deleted in part
        return {"run_id": run.run_id, "turns": mask(turns)}
    whole = not shown["withheld"]
    shown |= run_views.view_reasoning(store, tenant, run.run_id, whole=whole)
    if whole:
        record = store.load_run(tenant, run.run_id)
        shown["outputs"] = run_views.view_outputs(store, record)
        shown["attachments"] = [file.model_dump(mode="json") for file in record.run.trigger.attachments]
        shown["shown"] = delivery_views.view_left(deliveries, store, tenant, run.run_id, seer)
    own = seer.person.id == run.person
    return mask(shown | {"turns": turns if whole or own else []})
