"""Which changes are meant: of what, and of which sort. Told by a fresh preview, never by a plan or an inventory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from copilot.domain.classes import Kind
from copilot.domain.frozen import Frozen
from copilot.domain.targets import EXCEPTION, Change, Preview, Target
from copilot.text.listing import listed
from copilot.text.outside import quoted

ChangeSort = Literal["stop", "start", "restart", "scale", "deploy", "delete"]
CHANGE_SORTS: tuple[ChangeSort, ...] = get_args(ChangeSort)
MOST_NAMES = 6
_SORTS: dict[str, ChangeSort] = {**{sort: sort for sort in CHANGE_SORTS if sort != "scale"}, "resize": "scale"}
_NOUNS: dict[ChangeSort, str] = {
    "stop": "stops",
    "start": "starts",
    "restart": "restarts",
    "scale": "changes of size",
    "deploy": "deployments",
    "delete": "deletions",
}
_ENVIRONMENT = "environment"

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^#\n\r]+$")]
Names = Annotated[tuple[Name, ...], Field(max_length=MOST_NAMES)]


class Selector(Frozen):
    """What fits all that is said of it: one of the names, of the kinds, and so on. `everything` where nothing else is
    said. `changes` are the sorts of change that are meant, all where none is named.
    """

    environments: Names = ()
    kinds: tuple[Kind, ...] = ()
    services: Names = ()
    owners: Names = ()
    accounts: Names = Field(default=(), description="ids")
    everything: bool = False
    changes: tuple[ChangeSort, ...] = Field(default=(), description="any where none is named")

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.everything == any((self.environments, self.kinds, self.services, self.owners, self.accounts)):
            raise PydanticCustomError("selector", "it says of what, or that it is of everything, and not both")
        return self

    def chosen(self, preview: Preview) -> bool:
        """Whether the preview would change any of it. Of messages, schedules, facts and runbooks nothing is."""
        return any(self._fits_target(one) for one in preview.targets) and any(map(self._fits_change, preview.wanted))

    def targets(self, preview: Preview) -> tuple[str, ...]:
        """The names of what it would change, of what is meant."""
        there = [one.name for one in preview.targets if self._fits_target(one)]
        return tuple(dict.fromkeys(there)) if any(map(self._fits_change, preview.wanted)) else ()

    def _fits_target(self, target: Target) -> bool:
        """What has no kind is production; whose it is has to be said by what is there."""
        return (
            target.ref.type == _ENVIRONMENT
            and _among(self.environments, target.name, target.ref.id)
            and (not self.kinds or (target.kind or "production") in self.kinds)
            and _among(self.owners, target.owner)
        )

    def _fits_change(self, change: Change) -> bool:
        sort = sort_of(change)
        return (
            sort is not None
            and (not self.changes or sort in self.changes)
            and _among(self.services, change.name)
            and _among(self.accounts, change.ref.account)
        )

    @property
    def in_words(self) -> str:
        """`changes of prod-eu`, `stops and restarts of api in production environments`."""
        sorts = " and ".join(_NOUNS[one] for one in CHANGE_SORTS if one in self.changes) or "changes"
        return f"{sorts} of {self._of}"

    @property
    def _of(self) -> str:
        if self.everything:
            return "everything"
        services, named = _told(self.services), _told(self.environments)
        kinds = f"{' and '.join(self.kinds)} environments" if self.kinds else ""
        owned = f"{_told(self.owners)}'s" if self.owners else ""
        whose = " ".join(filter(None, (owned, kinds or (owned and "environments"))))
        parts = [services and f"service{'s' * (len(self.services) > 1)} {services}", named, whose]
        said = " in ".join(filter(None, parts))
        accounts = f"account{'s' * (len(self.accounts) > 1)} {_told(self.accounts)}" if self.accounts else ""
        return " in ".join(filter(None, (said, accounts)))


def sort_of(change: Change) -> ChangeSort | None:
    """None of what changes nothing but what the copilot notes."""
    return None if change.ref.type == EXCEPTION else _SORTS.get(change.direction or change.action)


def _among(wanted: Sequence[str], *names: str) -> bool:
    """However letters are written; all where none is wanted."""
    return not wanted or not {one.casefold() for one in wanted}.isdisjoint(name.casefold() for name in names)


def _told(names: Sequence[str]) -> str:
    return listed(list(map(quoted, names)))
