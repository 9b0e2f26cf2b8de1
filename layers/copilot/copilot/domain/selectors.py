"""Which changes are meant: of what, and of which sort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from copilot.domain.classes import Kind
from copilot.domain.frozen import Frozen
from copilot.text.listing import listed
from copilot.text.outside import quoted

ChangeSort = Literal["stop", "start", "restart", "scale", "deploy", "delete"]
CHANGE_SORTS: tuple[ChangeSort, ...] = get_args(ChangeSort)
MOST_NAMES = 6
_NOUNS: dict[ChangeSort, str] = {
    "stop": "stops",
    "start": "starts",
    "restart": "restarts",
    "scale": "changes of size",
    "deploy": "deployments",
    "delete": "deletions",
}

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^#\n\r]+$")]
Names = Annotated[tuple[Name, ...], Field(max_length=MOST_NAMES)]


class Selector(Frozen):
    """What fits all that is said of it: one of the names, of the kinds, and so on. `everything` where nothing else is
    said. `changes` are the sorts of change that are meant, all where none is named.
    """

    environments: Names = Field(default=(), description="the environments")
    kinds: tuple[Kind, ...] = Field(default=(), description="the kinds")
    services: Names = Field(default=(), description="the services")
    owners: Names = Field(default=(), description="the owners")
    accounts: Names = Field(default=(), description="the accounts")
    everything: bool = Field(default=False, description="everything")
    changes: tuple[ChangeSort, ...] = Field(default=(), description="the changes")

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.everything == any((self.environments, self.kinds, self.services, self.owners, self.accounts)):
            raise PydanticCustomError("selector", "it says of what, or that it is of everything, and not both")
        return self

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


def _told(names: Sequence[str]) -> str:
    return listed(list(map(quoted, names)))
