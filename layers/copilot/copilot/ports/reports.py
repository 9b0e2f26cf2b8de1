"""What reports are made from, and where they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol

from copilot.domain import AnsweredRun, Link, OutputClass, ReportLink


class AnsweredRuns(NamedTuple):
    """Runs answered on one day, and whether these are all."""

    runs: Sequence[AnsweredRun]
    complete: bool = True


class Answers(Protocol):
    """Which Runs were answered, from the journal."""

    def answered(self, day: date) -> AnsweredRuns:
        """Those of a day (UTC), oldest first; of very many the first. Raises RetryableError."""


class Reports(Protocol):
    """Keeps files that were made for one Run, and says where they can be opened."""

    def put(self, name: str, content: bytes, content_type: str, about: OutputClass) -> Link:
        """Keep a file; the same name again replaces it. Raises RetryableError, PermissionDenied, FatalError."""


class ReportLinks(Protocol):
    """Short links to files, each under the hash of its token. Both raise RetryableError and FatalError."""

    def keep(self, hash: str, link: ReportLink) -> None: ...
    def find(self, hash: str) -> ReportLink | None: ...
