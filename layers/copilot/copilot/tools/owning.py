"""Whose in code is what a write would change: said in its preview, before anybody decides.

A tool says it of each change by the tags that its own look has read (`owned`). Whatever these do not tell is asked of
the cloud's records, once for a preview and of production alone (`told_whose`); what these do not tell either is not
known. That code puts back what the copilot changes is seen in what the copilot changed before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from copilot.domain import (
    CONSOLE,
    UNKNOWN,
    Change,
    LedgerEntry,
    Preview,
    Resource,
    ResourceRef,
    is_code,
    owner_by_tags,
)
from copilot.errors import CopilotError
from copilot.ports import Clients
from copilot.text.listing import listed
from copilot.text.outside import quoted

TOLD_AT = 2
"""So many times in turn that code has put something back it is told, and not again at the next: then it was."""
LOOKED_BACK = 60
"""Effects on one target that are looked through for that at most: those on its other resources are among them."""
_SIZES = frozenset({"scale", "resize"})
"""What code states, and so puts back; whether something is on it does not state, and RDS starts what is stopped."""


def owned(changes: Iterable[Change], resources: Sequence[Resource]) -> tuple[Change, ...]:
    """The changes, with whose they are by the tags of these resources."""
    tags = {one.ref.id: one.tags for one in resources}
    return tuple(
        change.model_copy(update={"owned_by": owner_by_tags(tags.get(change.ref.id, {}))}) for change in changes
    )


def told_whose(preview: Preview, clients: Clients) -> Preview:
    """The preview, in which every change of a resource of a cloud says whose it is, or that it is not known."""
    open = [one for one in preview.wanted if one.ref.account and not one.owned_by]
    live = any(target.kind in {None, "production"} for target in preview.targets)
    made_with: dict[str, str] = {}
    if open and live:
        with suppress(CopilotError):
            made_with.update(clients.trail.changed_with({one.ref: one.name for one in open}, clients.clock.now()))
    known = {one.ref.id: _owner(made_with.get(one.ref.id, "")) for one in open}
    changes = [one.model_copy(update={"owned_by": known.get(one.ref.id, one.owned_by)}) for one in preview.changes]
    whole = preview.model_copy(update={"changes": tuple(changes)})
    return whole.model_copy(update={"notes": (*preview.notes, *_put_back(whole, clients))})


def whose(preview: Preview) -> dict[str, list[str]]:
    """The names of what is to be changed by whose it is, in words: what code owns first."""
    found: dict[str, list[str]] = {}
    for change in sorted(preview.wanted, key=lambda one: not is_code(one.owned_by)):
        if change.owned_by:
            found.setdefault(in_words(change.owned_by), []).append(quoted(change.name))
    return found


def in_words(owned_by: str) -> str:
    """An owner as it stands in a sentence of ours: a stack's name is from outside."""
    kind, between, name = owned_by.partition(" ")
    return f"{kind} {quoted(name)}" if between and kind == "stack" else owned_by.replace(UNKNOWN, "not known", 1)


def _owner(made_with: str) -> str:
    if made_with == CONSOLE:
        return f"{UNKNOWN}, last changed in {CONSOLE}"
    return made_with or UNKNOWN


def _put_back(preview: Preview, clients: Clients) -> list[str]:
    """That code has put back twice what the copilot changed: said then, and not again while it goes on so."""
    sizes = [one for one in preview.wanted if one.action in _SIZES and is_code(one.owned_by)]
    if not sizes:
        return []
    before: list[LedgerEntry] = []
    with suppress(CopilotError):
        for target in preview.targets:
            before += _looked_through(clients.effects.on(target.ref), {one.ref for one in sizes})
    twice: dict[str, list[str]] = {}
    for change in sizes:
        if _times_put_back(change, before) == TOLD_AT:
            twice.setdefault(in_words(change.owned_by), []).append(quoted(change.name))
    return [
        f"{owner} has put back {listed(names)} twice after the copilot changed that, and will again unless the code "
        "ignores it"
        for owner, names in twice.items()
    ]


def _looked_through(effects: Iterator[LedgerEntry], refs: set[ResourceRef]) -> Iterator[LedgerEntry]:
    """As many as tell of each of these whether it was put back so many times, or more."""
    seen: Counter[ResourceRef] = Counter()
    for entry in islice(effects, LOOKED_BACK):
        yield entry
        seen.update(ref for ref in refs if _made(entry, ref))
        if all(seen[ref] > TOLD_AT for ref in refs):
            return


def _times_put_back(change: Change, effects: Sequence[LedgerEntry]) -> int:
    """How many of the last changes of it, one after the other, were followed by exactly what was before each."""
    times, now = 0, change.before
    for entry in effects:
        made = _made(entry, change.ref)
        if made is None:
            continue
        if _size(made.before) != _size(now) or _size(made.after) == _size(now):
            break
        times += 1
    return times


def _size(words: str) -> str:
    """The number alone: code may put that back and not the limits beside it."""
    return words.partition(" ")[0]


def _made(entry: LedgerEntry, ref: ResourceRef) -> Change | None:
    """What was done to it, where that is known."""
    if entry.state != "done":
        return None
    return next((one for one in entry.prior.wanted if one.ref == ref and one.action in _SIZES), None)
