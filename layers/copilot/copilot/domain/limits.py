"""How much is changed at once: what is counted of it, by account and hour."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from copilot.domain.classes import Kind
from copilot.domain.frozen import Frozen


def hour_of(at: datetime) -> str:
    """The hour (UTC) in which what begins then is counted, as 2026-11-29T21."""
    return at.astimezone(UTC).isoformat(timespec="hours")[:13]


class CountedTarget(Frozen):
    """A target with its kind as it was looked at, and the Runs that changed it or are about to."""

    kind: Kind | None = None
    run_ids: tuple[str, ...] = ()


class Counted(Frozen):
    """What was changed in an account within an hour, or is about to be, by target: each once, however often it is.

    `rev` counts how often it was kept.
    """

    account: str
    hour: str
    rev: int = 0
    targets: dict[str, CountedTarget] = {}

    def plus(self, run_id: str, targets: Mapping[str, Kind | None]) -> Counted:
        """With what this Run is about to change. Counted again it is the same."""
        added = dict(self.targets)
        for name, kind in targets.items():
            before = added.get(name, CountedTarget(kind=kind))
            added[name] = CountedTarget(kind=kind, run_ids=tuple(dict.fromkeys([*before.run_ids, run_id])))
        return self.model_copy(update={"targets": added})

    def minus(self, run_id: str, names: Collection[str]) -> Counted:
        """Without what this Run was about to change and did not; what another did still counts."""
        left = dict(self.targets)
        for name in names & left.keys():
            others = tuple(one for one in left[name].run_ids if one != run_id)
            left[name] = left[name].model_copy(update={"run_ids": others})
        return self.model_copy(update={"targets": {name: one for name, one in left.items() if one.run_ids}})


class Counting(NamedTuple):
    """What is counted as it was `seen`, None where nothing was, and as it is to be from then on."""

    seen: Counted | None
    counted: Counted

    @property
    def kept(self) -> Counted:
        """What is to be kept, as the next after what was seen."""
        return self.counted.model_copy(update={"rev": (self.seen.rev if self.seen else 0) + 1})

    @property
    def is_change(self) -> bool:
        return self.counted.targets != (self.seen.targets if self.seen else {})
