"""Figures of samples: percentiles, the day on which a series rises, and whether a rise can be chance. Pure."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from math import comb

LEAST_BESIDE_A_RISE = 3
POINTS_AT_MOST = 600


def percentile(values: Sequence[float], percent: float) -> float:
    """By linear interpolation between the two nearest of the sorted values. There must be at least one."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(values: Sequence[float]) -> float:
    return percentile(values, 50)


def chance(above: int, of: int, share: float) -> float:
    """The probability that, of so many, at least `above` are, where each is with this probability."""
    return sum(comb(of, n) * share**n * (1 - share) ** (of - n) for n in range(above, of + 1))


def rise(values: Sequence[float]) -> int | None:
    """Where a series rises: the index of the first value after it, None if it nowhere does.

    Of all cuts into two parts of which the later has the higher median, the one that leaves the least distance between
    the values and the medians of their parts. A few odd values do not move it. Only the last 600 values are looked at.
    """
    first = max(0, len(values) - POINTS_AT_MOST)
    looked_at = values[first:]
    before = _medians(looked_at)
    after = _medians(looked_at[::-1])[::-1]
    best: tuple[float, int] | None = None
    for cut in range(LEAST_BESIDE_A_RISE, len(looked_at) - LEAST_BESIDE_A_RISE + 1):
        (low, cost), (high, more) = before[cut - 1], after[cut]
        if high > low and (best is None or cost + more < best[0]):
            best = (cost + more, cut)
    return first + best[1] if best else None


def _medians(values: Sequence[float]) -> list[tuple[float, float]]:
    """For each value, the median of it and all before it, and their distances to that median, added up."""
    ordered: list[float] = []
    found: list[tuple[float, float]] = []
    for value in values:
        insort(ordered, value)
        middle = ordered[len(ordered) // 2]
        found.append((middle, sum(abs(one - middle) for one in ordered)))
    return found
