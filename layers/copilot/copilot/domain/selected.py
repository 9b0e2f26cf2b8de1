"""What of a change is meant. Told by a fresh preview of it, never by a plan or an inventory."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.domain.selectors import CHANGE_SORTS, ChangeSort, Selector
from copilot.domain.targets import EXCEPTION, Change, Preview, Target

_ENVIRONMENT = "environment"
_SORTS: dict[str, ChangeSort] = {**{sort: sort for sort in CHANGE_SORTS if sort != "scale"}, "resize": "scale"}


def selected(of: Selector, preview: Preview) -> tuple[list[Target], list[Change]]:
    """The targets and what is changed in them that are meant; none of both where the preview would change nothing of
    it. Of messages, schedules, facts and runbooks nothing is.
    """
    targets = [one for one in preview.targets if _fits_target(of, one)]
    changes = [one for one in preview.wanted if _fits_change(of, one)]
    return (targets, changes) if targets and changes else ([], [])


def sort_of(change: Change) -> ChangeSort | None:
    """None of what changes nothing but what the copilot notes."""
    return None if change.ref.type == EXCEPTION else _SORTS.get(change.direction or change.action)


def _fits_target(of: Selector, target: Target) -> bool:
    """What has no kind is production; whose it is has to be said by what is there."""
    return (
        target.ref.type == _ENVIRONMENT
        and _among(of.environments, target.name, target.ref.id)
        and (not of.kinds or (target.kind or "production") in of.kinds)
        and _among(of.owners, target.owner)
    )


def _fits_change(of: Selector, change: Change) -> bool:
    sort = sort_of(change)
    return (
        sort is not None
        and (not of.changes or sort in of.changes)
        and _among(of.services, change.name)
        and _among(of.accounts, change.ref.account)
    )


def _among(wanted: Sequence[str], *names: str) -> bool:
    """However letters are written; all where none is wanted."""
    return not wanted or not {one.casefold() for one in wanted}.isdisjoint(name.casefold() for name in names)
