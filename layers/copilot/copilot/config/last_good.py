"""The configuration in force: what is kept now, or, where that cannot be used, the last that could.

The versions of what is kept are there to be read again, so that a worker which has only begun finds the same as one
that has been at work for long.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from copilot.config.configuration import Configuration, checked_json
from copilot.config.faults import faults, in_a_line
from copilot.errors import CopilotError, FatalError
from copilot.ports import KeptText, VersionedText

MOST_BACK = 20
"""How many versions before the one that cannot be used are looked at, so many reads at most."""


class InForce(NamedTuple):
    """`problem` says what is wrong with what is kept, "" where nothing is; `brief` the same without what it holds."""

    configuration: Configuration
    problem: str = ""
    brief: str = ""


class _Good(NamedTuple):
    kept: KeptText
    configuration: Configuration


class LastGood:
    """One for each process: it remembers what it found."""

    def __init__(self, kept: VersionedText) -> None:
        self._kept = kept
        self._good: _Good | None = None
        self._looked_behind = 0

    def __call__(self) -> InForce:
        """Raises what reading raises where nothing was read before, and FatalError where no version can be used."""
        try:
            kept = self._kept.current()
        except CopilotError as error:
            if self._good is None:
                raise
            return _instead(self._good, "The configuration cannot be read at the moment", f": {error}")
        try:
            self._good = _Good(kept, checked_json(kept.text))
            return InForce(self._good.configuration)
        except ValidationError as error:
            wrong = in_a_line(faults(error))
        brief = f"Version {kept.version} of the configuration, written {_time(kept.written_at)}, cannot be used"
        if kept.version != self._looked_behind:
            try:
                self._look_behind(kept.version)
                self._looked_behind = kept.version
            except CopilotError:
                if self._good is None:
                    raise
        return _instead(self._good, brief, f" ({wrong})") if self._good else _all_the_same(kept, brief, wrong)

    def _look_behind(self, version: int) -> None:
        """The newest version before this one that can be used; the one that is known already is not read again."""
        known = self._good.kept.version if self._good else 0
        for number in range(version - 1, max(known, version - 1 - MOST_BACK), -1):
            kept = self._kept.version(number)
            if kept is None:
                return
            try:
                self._good = _Good(kept, checked_json(kept.text))
                return
            except ValidationError:
                continue


def _instead(good: _Good, brief: str, why: str) -> InForce:
    stays = f"Version {good.kept.version}, written {_time(good.kept.written_at)}, stays in force until it can"
    return InForce(good.configuration, f"{brief}{why}. {stays}.", f"{brief}. {stays}.")


def _all_the_same(kept: KeptText, brief: str, wrong: str) -> InForce:
    """What is kept, where it can be read, though it names what is not known: an earlier copilot took it so.

    A role or a principal that nobody knows gives nobody anything. Raises FatalError.
    """
    try:
        configuration = Configuration.model_validate_json(kept.text)
    except ValidationError:
        raise FatalError(f"{brief}, and no version before it can ({wrong})") from None
    brief = brief.replace("cannot be used", "has faults")
    stays = "It is in force all the same, as there is none before it; what of it is not known counts for nothing"
    return InForce(configuration, f"{brief} ({wrong}). {stays}.", f"{brief}. {stays}.")


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
