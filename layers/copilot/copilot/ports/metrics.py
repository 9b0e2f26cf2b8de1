"""What is measured of what runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from copilot.domain import Fixture, Measurements, MetricTimes, MetricWord, RawMetric, Resource


class Metrics(Protocol):
    @property
    def known(self) -> Mapping[MetricWord, Collection[str]]:
        """By word, the types of resources of which there is such a figure."""

    def measured(self, word: MetricWord, of: Sequence[Resource | Fixture], times: MetricTimes) -> Measurements:
        """That figure of each of these that has it: of one of which nothing is measured there are no points.

        Raises PermissionDenied, RetryableError, FatalError where none could be read.
        """

    def raw(self, metric: RawMetric, near: Sequence[Resource | Fixture], times: MetricTimes) -> Measurements:
        """A metric by the monitor's own names, in each place where one of these is. Raises as `measured` does."""
